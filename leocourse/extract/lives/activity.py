"""What people do month by month after year 11: paid work, out-of-work benefits, self-employment, or gone.

Two processes run side by side. A person works or not; whoever neither works nor studies may claim an
out-of-work benefit. Each process has a target (the share of months in the long run, in millionths)
and a pace, so a month's draw depends on the month before. Targets rise with a person's attachment to
work, or hardship. Their levels by year after year 11 and by group are tuned so that main activities
come near those published for the key stage 4 cohorts 2001/02 to 2006/07 (``data/reference/published.csv``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leocourse.extract.base.dates import NEVER, month_of
from leocourse.extract.base.random import draw, scaled
from leocourse.extract.lives import adult_learning, areas, results, school_effects
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.population import MINORS, People

FIRST_MONTH, LAST_MONTH = month_of(2002, 8), month_of(2021, 3)
APRIL_2002 = month_of(2002, 4)  # the first month of the tax year 2002/03
YEARS_AFTER = 19
"""Years after year 11 that can be observed: 0 to 18."""
GROUPS = [
    "SEN without a statement",
    "SEN with a statement",
    "eligible for FSM",
    "women",
    "Asian",
    "Black",
    "Chinese",
    "Mixed",
]

# By year after year 11: what share of months a person with no particular attachment works, in thousandths.
WORK_LEVEL = [338, 722, 899, 615, 700, 873, 760, 898, 874, 927, 940, 997, 950, 1_018, 1_022, 1_064, 1_034, 1_034, 1_034]
STUDENT_WORK_LEVEL = [120, 328, 332, 502, 403, 206]
WORK_SPREAD, EARLY_WORK_SPREAD, STUDENT_SPREAD = 273, 367, 80
"""Thousandths that a standard deviation of attachment adds to the target."""
WORK_EFFECTS = {
    "SEN without a statement": -246,
    "SEN with a statement": -656,
    "eligible for FSM": -242,
    "women": -387,
    "Asian": -345,
    "Black": -688,
    "Chinese": -330,
    "Mixed": -390,
}
"""What a group adds to attachment, in thousandths of a standard deviation. Planted effects."""

WORK_EARLY_AND_LATE = {
    "women": (378, -79),
    "SEN without a statement": (-75, -73),
    "SEN with a statement": (-102, -75),
    "Mixed": (-47, -50),
    "Chinese": (-450, -20),
    "Asian": (-60, 0),
}
"""Added to the attachment of some groups up to the fifth year after year 11, and from the tenth on; between
them the one turns into the other."""

CLAIM_LEVEL = [-16, 62, 850, 287, 153, 106, 197, 106, 167, 118, 128, 145, 125, 170, 240, 188, 173, 168, 168]
CLAIM_SPREAD, CLAIM_SPREAD_AT_16 = 309, 50
SOONEST = 3_000_000
"""Hardship far beyond what makes a claim near certain makes it begin sooner, up to so many millionths."""
CLAIMS_FROM = 18
"""Months after the August of year 11 from which more people can claim: most are 18 then."""
CLAIM_EFFECTS = {
    "SEN without a statement": 789,
    "SEN with a statement": 3_310,
    "eligible for FSM": 1_540,
    "women": 2_360,
    "Asian": -631,
    "Black": -116,
    "Chinese": -2_700,
    "Mixed": 276,
}
"""The same for hardship, which decides on claims of out-of-work benefits."""
CLAIM_EARLY_AND_LATE = {"SEN with a statement": (-1_870, 3_110), "eligible for FSM": (-116, -170)}
"""The same for hardship, up to the third year and from the seventh on."""
WORK_SHIFTS, CLAIM_SHIFTS = (5, 10), (3, 7)
"""Those years."""

LEVELS = ["below level 3", "level 3", "degree"]
"""What somebody has reached by a month: level 3 from the age of 18 on, or from entry to university; a degree from the
end of university."""
WORK_BY_LEVEL, CLAIMS_BY_LEVEL = [-100, 500, 480], [250, -1_150, -1_150]
"""What it adds to attachment and to hardship, in thousandths. Planted effects."""
LEFT_OF_GROUPS = {"work": [1_000, 790, 1_000], "claims": [1_000, 570, 800], "claims of women": [1_000, 369, 714]}
"""Thousandths of what a group adds that are left at each level: where people come from counts less for claims among
those who have reached something. Published activities of women and men by level show it."""

LABOUR_MARKET = {"work": -60, "claims": 90}
"""What a standard deviation of local unemployment (of the authority in which people grew up) adds to attachment and
to hardship, in thousandths. Planted: ``data/reference/authorities.csv`` has the unemployment."""

GONE_BY = [10, 36, 40, 40, 54, 54, 54, 54, 57, 75, 78, 88, 96, 109, 119, 138, 146, 154, 161]
"""Share of people who have left every record (abroad, mostly) by each year after year 11, per thousand."""
GONE_FACTORS = {
    "SEN without a statement": 895,
    "SEN with a statement": 572,
    "eligible for FSM": 981,
    "women": 1_050,
    "Asian": 1_110,
    "Black": 740,
    "Chinese": 830,
    "Mixed": 918,
}
"""How much likelier a group is to be gone, in thousandths."""

GONE_AFTER_COLLEGE = 28_800
"""Chance of being in no record from two years after year 11 on, in millionths, of those who were at school or college
until then, and go on to no further study, apprenticeship or university: many of them are abroad."""

EARLY_GONE = {"": 132_000, "Asian": 190_000, "Black": 275_000, "Chinese": 508_000, "SEN with a statement": 305_000}
"""Chance of being in no record from the start, in millionths, of those neither at school or college in the
second year after year 11, nor apprentices, nor at university later. Some of them were never matched. Where
two lines hold, the last counts."""

GONE_AFTER_UNIVERSITY = {"Chinese": 210_000}
"""Chance of being in no record from the end of university on, in millionths, of those who go on to no
postgraduate study: work or study abroad, mostly."""

AWAY = 103_000
AWAY_MONTHS = 32, 56
"""Chance of two tax years in no record but that of study, in millionths, and when after the August of year 11:
a year out, or work that no record sees. Whoever claims stays until the claim ends."""

PACE = {
    "student": 140,
    "first year after study": 340,
    "work, first two years": 130,
    "work, third year": 65,
    "leaving a job, first year after study": 60,
    "work": 45,
    "claim begins": 110,
    "claim begins, first year after study": 340,
    "claim ends": 60,
}
"""Thousandths of the distance to the target that a month covers."""
PANDEMIC_CLAIMS = {month_of(2020, 3): 25, month_of(2020, 4): 60, month_of(2020, 5): 30, month_of(2020, 6): 15}
"""What multiplies the chance that a claim begins from that month on, in tenths: claims rose several times over from
the middle of March to May 2020 (general knowledge, not verified)."""
SELF_EMPLOYED_CLAIMS = 250
"""Thousandths of the wish to claim that is left to the self-employed: they are not out of work. A design choice."""
SELF_EMPLOYED = {"begins": 14_000, "ends": 170_000, "only": 700_000, "before": 70_000}
"""A year's chance to begin and to end self-employment, the share of self-employed with no job besides, and the share
of adults without a school record who were self-employed before the first tax year."""


@dataclass(frozen=True)
class Activity:
    """The true activities of a block. Months run from August 2002 to March 2021."""

    works: np.ndarray
    """In a job as an employee, shape (months, people)."""
    claims: np.ndarray
    """On an out-of-work benefit, shape (months, people)."""
    self_employed: np.ndarray
    """Shape (tax years 2003 to 2021, people)."""
    gone: np.ndarray
    """Month in which the person left every record; far ahead for those who stay."""
    hardship: np.ndarray
    """What decides on claims at the level that the person reaches in the end, in thousandths."""


def groups(people: People) -> dict[str, np.ndarray]:
    """Who belongs to each group of :data:`GROUPS`. FSM and SEN are those of year 11."""
    sen = people.sen_in_year_11
    letter = np.array([code[0] for code in MINORS])[people.minor]
    return {
        "SEN without a statement": (sen > 0) & (sen < 3),
        "SEN with a statement": sen == 3,
        "eligible for FSM": people.fsm_in_year_11,
        "women": ~people.male,
        "Asian": letter == "A",
        "Black": letter == "B",
        "Chinese": letter == "C",
        "Mixed": letter == "M",
    }


def activities(people: People, paths: Pathways, *, stay: bool = False) -> Activity:
    """Draw the activities of every month from the August after year 11 to March 2021.

    ``stay``: as they would be if nobody left the records for good. All other draws are the same.
    """
    person, member = people.person, groups(people)
    attachment = (600 * people.stream("work/attachment").normal(person) + 300 * results.result(people)) // 1000
    jobless = areas.joblessness()[people.authority]
    attachment += LABOUR_MARKET["work"] * jobless // 1000 + school_effects.attachment_adds(people)
    grouped = _sum(WORK_EFFECTS, member)
    hardship = (700 * people.stream("activity/hardship").normal(person) - 300 * (attachment + grouped)) // 1000
    hardship += LABOUR_MARKET["claims"] * jobless // 1000 + school_effects.hardship_adds(people)
    attachment = attachment + grouped * np.array(LEFT_OF_GROUPS["work"])[:, None] // 1000
    attachment += np.array(WORK_BY_LEVEL)[:, None]
    women, grouped = CLAIM_EFFECTS["women"] * member["women"], _sum(CLAIM_EFFECTS, member)
    hardship = hardship + (grouped - women) * np.array(LEFT_OF_GROUPS["claims"])[:, None] // 1000
    hardship += women * np.array(LEFT_OF_GROUPS["claims of women"])[:, None] // 1000
    hardship += np.array(CLAIMS_BY_LEVEL)[:, None]
    gone = np.minimum(_gone(people, member), np.where(people.adult, NEVER, _early_gone(people, paths, member)))
    gone = np.minimum(gone, _gone_after_university(people, paths, member))
    gone = np.full_like(gone, NEVER) if stay else _after_courses(people, paths, gone)
    here = gone > np.array([[month_of(year - 1, 4)] for year in range(2003, 2022)])
    alone = _self_employed(people) & here
    only = alone & people.stream("activity/self-employed/only").chance(SELF_EMPLOYED["only"], person)
    worked, claimed = _months(people, paths, _Leanings(attachment, hardship, member, gone, only, alone))
    reached = np.where(paths.graduated, 2, (_level_three_from(paths) < NEVER).astype(np.int64))
    return Activity(worked, claimed, alone, gone, hardship[reached, np.arange(len(people))])


@dataclass(frozen=True)
class _Leanings:
    """What decides on a person's months beside the path after year 11.

    The first two are in thousandths and have a row for each of :data:`LEVELS`.
    """

    attachment: np.ndarray
    hardship: np.ndarray
    member: dict[str, np.ndarray]
    """Who belongs to each group."""
    gone: np.ndarray
    """The month in which the person leaves every record."""
    only: np.ndarray
    """Self-employed without a job, shape (tax years, people)."""
    alone: np.ndarray
    """Self-employed, of the same shape."""


@dataclass(frozen=True)
class _Leavers:
    """The same people in the order in which they leave year 11, as narrow as their numbers allow.

    So those who have left are the first so many in every month. ``*_draws`` are what a month's draws come from,
    ``*_shifts`` what is added to attachment or hardship by ``*_kind`` of person and year after year 11.
    """

    leaves: np.ndarray
    gone: np.ndarray
    only: np.ndarray
    alone: np.ndarray
    attachment: np.ndarray
    hardship: np.ndarray
    """Both with a row for each of :data:`LEVELS`."""
    level_three: np.ndarray
    degree: np.ndarray
    """Months from which those levels are reached."""
    away: np.ndarray
    """Who spends some months in no record."""
    study: list[tuple[np.ndarray, np.ndarray]]
    apprenticeships: list[tuple[np.ndarray, np.ndarray]]
    """First and last month of the first and the second, breaks included: the job goes on."""
    work_draws: np.ndarray
    work_shifts: np.ndarray
    work_kind: np.ndarray
    claim_draws: np.ndarray
    claim_shifts: np.ndarray
    claim_kind: np.ndarray
    learning: np.ndarray
    """Thousandths of attachment that adult courses take and add, shape (tax years, people)."""


@dataclass(frozen=True)
class _Month:
    """A month of those who have left year 11: where they stand before work and claims are drawn."""

    month: int
    left: slice
    after: np.ndarray
    """Months since the August of year 11."""
    since: np.ndarray
    """Years since then."""
    here: np.ndarray
    """Neither gone nor away."""
    studying: np.ndarray
    recent: np.ndarray
    """In the first year after study."""
    level: np.ndarray
    """Index into :data:`LEVELS`."""


_TARGETS = 1000 * np.array(
    [WORK_LEVEL, STUDENT_WORK_LEVEL + [STUDENT_WORK_LEVEL[-1]] * (YEARS_AFTER - len(STUDENT_WORK_LEVEL)), CLAIM_LEVEL],
    dtype=np.int32,
)
_WORK_TARGETS, _CLAIM_TARGETS = _TARGETS[:2].ravel(), _TARGETS[2]
"""By year after year 11, in millionths; those of students in work follow those of everybody else."""
_SETTLED = np.array(
    [PACE["work, first two years"]] * 2 + [PACE["work, third year"]] + [PACE["work"]] * (YEARS_AFTER - 3),
    dtype=np.int32,
)
"""The pace of work by year after year 11."""


def _months(people: People, paths: Pathways, leanings: _Leanings) -> tuple[np.ndarray, np.ndarray]:
    """In work and on a benefit, month by month, both of shape (months, people)."""
    order = np.argsort(paths.leaves, kind="stable")
    who = _leavers(people, paths, leanings, order)
    works, claims = _before(people, leanings, order), np.zeros(len(people), dtype=bool)
    out_of_study = np.where(who.leaves < FIRST_MONTH, 13, 0).astype(np.int32)
    shape = (LAST_MONTH - FIRST_MONTH + 1, len(people))
    worked, claimed = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for month in range(FIRST_MONTH, LAST_MONTH + 1):
        now = _month(who, month, out_of_study, claims)
        in_work = _in_work(who, now, works[now.left])
        works[now.left] = worked[month - FIRST_MONTH, now.left] = in_work
        i = np.flatnonzero(now.here & ~in_work & ~now.studying)
        on_benefit = _on_benefit(who, now, i, claims[i])
        claims[now.left] = False
        claims[i] = claimed[month - FIRST_MONTH, i] = on_benefit
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return worked[:, place], claimed[:, place]


def _leavers(people: People, paths: Pathways, leanings: _Leanings, order: np.ndarray) -> _Leavers:
    def sorted_(values: np.ndarray, kind: type = np.int32) -> np.ndarray:
        return values[..., order].astype(kind)

    work_shifts, work_kind = _shifts(WORK_EARLY_AND_LATE, WORK_SHIFTS, leanings.member, order)
    claim_shifts, claim_kind = _shifts(CLAIM_EARLY_AND_LATE, CLAIM_SHIFTS, leanings.member, order)
    return _Leavers(
        leaves=sorted_(paths.leaves),
        gone=sorted_(leanings.gone),
        only=sorted_(leanings.only, bool),
        alone=sorted_(leanings.alone, bool),
        attachment=sorted_(leanings.attachment),
        hardship=sorted_(leanings.hardship),
        level_three=sorted_(_level_three_from(paths)),
        degree=sorted_(np.where(paths.graduated, paths.study[2][1], NEVER)),
        away=people.stream("activity/away").chance(AWAY, people.person)[order],
        study=[(sorted_(begin), sorted_(end)) for begin, end in paths.study],
        apprenticeships=[
            (sorted_(paths.apprenticeships.start[each]), sorted_(paths.apprenticeships.end[each])) for each in (0, 1)
        ],
        work_draws=people.stream("work/entry").of(people.person)[order],
        work_shifts=work_shifts,
        work_kind=work_kind,
        claim_draws=people.stream("activity/claim").of(people.person)[order],
        claim_shifts=claim_shifts,
        claim_kind=claim_kind,
        learning=sorted_(adult_learning.work_shift(people, paths.courses).T, np.int16),
    )


def _before(people: People, leanings: _Leanings, order: np.ndarray) -> np.ndarray:
    """Who, in this order, is in work before the first month: some of those who left school before that."""
    wanted = _WORK_TARGETS[YEARS_AFTER - 1] + WORK_SPREAD * leanings.attachment[0]
    worked = people.stream("work/before").chance(np.clip(wanted, 5_000, 985_000), people.person)
    return (worked & ~leanings.only[0] & people.adult)[order]


def _month(who: _Leavers, month: int, out_of_study: np.ndarray, claims: np.ndarray) -> _Month:
    """Where people stand in a month. ``out_of_study``, months since study, is counted on; ``claims``: those before."""
    left = slice(0, int(np.searchsorted(who.leaves, month, side="right")))
    after = month - who.leaves[left]
    here = who.gone[left] > month
    here &= ~(who.away[left] & ~claims[left] & (after >= AWAY_MONTHS[0]) & (after < AWAY_MONTHS[1]))
    studying = who.study[0][1][left] > month  # school begins before everything else
    for begin, end in who.study[1:]:
        studying |= (begin[left] <= month) & (end[left] > month)
    out = out_of_study[left]
    out += 1
    out[studying] = 0
    level = (who.level_three[left] <= month).astype(np.int8) + (who.degree[left] <= month)
    return _Month(month, left, after, np.minimum(after // 12, YEARS_AFTER - 1), here, studying, out <= 12, level)


def _in_work(who: _Leavers, now: _Month, works: np.ndarray) -> np.ndarray:
    """Who is in work in a month, out of who was in the month before."""
    left, since, studying = now.left, now.since, now.studying
    slope = np.where((since > 0) & (since < 4), EARLY_WORK_SPREAD, WORK_SPREAD).astype(np.int32)
    slope[studying] = STUDENT_SPREAD
    shifted = who.attachment[now.level, np.arange(len(since))] + who.work_shifts[who.work_kind[left], since]
    shifted += who.learning[(now.month - APRIL_2002) // 12, left]
    target = _WORK_TARGETS[since + YEARS_AFTER * studying] + slope * shifted
    target[who.only[(now.month - APRIL_2002) // 12, left]] = 0
    np.clip(target, 5_000, 985_000, out=target)
    pace = np.where(now.recent, PACE["first year after study"], _SETTLED[since])
    pace = np.where(studying, PACE["student"], pace)
    drawn = scaled(draw(who.work_draws[left], now.month), 1_000_000).astype(np.int32)
    lets_go = np.where(now.recent & ~studying, PACE["leaving a job, first year after study"], pace)
    leaves = (1_000_000 - target) * np.minimum(lets_go, PACE["student"]) // 1000
    in_work = np.where(works, drawn >= leaves, drawn < target * pace // 1000)
    for first, last in who.apprenticeships:
        in_work |= (now.month >= first[left]) & (now.month <= last[left])
    return in_work & now.here


def _on_benefit(who: _Leavers, now: _Month, i: np.ndarray, claims: np.ndarray) -> np.ndarray:
    """Which of the people ``i``, who neither work nor study, are on a benefit, out of who was in the month before."""
    slope = np.where(now.after[i] < CLAIMS_FROM, CLAIM_SPREAD_AT_16, CLAIM_SPREAD).astype(np.int32)
    shifted = who.hardship[now.level[i], i] + who.claim_shifts[who.claim_kind[i], now.since[i]]
    wanted = np.clip(_CLAIM_TARGETS[now.since[i]] + slope * shifted, 3_000, SOONEST)
    alone = who.alone[(now.month - APRIL_2002) // 12, i]
    wanted = np.where(alone, wanted * SELF_EMPLOYED_CLAIMS // 1000, wanted)
    aim = np.minimum(wanted, 970_000)
    drawn = scaled(draw(who.claim_draws[i], now.month), 1_000_000)
    rush = next((PANDEMIC_CLAIMS[month] for month in sorted(PANDEMIC_CLAIMS)[::-1] if month <= now.month), 10)
    pace = np.where(now.recent[i], PACE["claim begins, first year after study"], PACE["claim begins"]).astype(np.int32)
    begins, ends = wanted * pace // 1000 * rush // 10, (1_000_000 - aim) * PACE["claim ends"] // 1000
    return np.where(claims, drawn >= ends, drawn < begins)


def runs(history: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unbroken runs of True by person: index of the person, first month and last month of each.

    ``history`` has shape (months, people); months count from August 2002. Sorted by person and month.
    """
    by_person = np.zeros((history.shape[1], len(history) + 2), dtype=bool)  # nobody works before or after
    by_person[:, 1:-1] = history.T
    changes = np.flatnonzero(by_person.ravel()[1:] != by_person.ravel()[:-1])
    i, month = np.divmod(changes, by_person.shape[1])
    return i[::2], month[::2] + FIRST_MONTH, month[1::2] + FIRST_MONTH - 1


def _shifts(
    table: dict[str, tuple[int, int]], years: tuple[int, int], member: dict[str, np.ndarray], order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a table such as :data:`WORK_EARLY_AND_LATE` adds by kind of person and year, and the kinds in an order."""
    early, width = years[0], years[1] - years[0]
    over = np.clip(np.arange(YEARS_AFTER) - early, 0, width)
    rows = [np.zeros(YEARS_AFTER, dtype=np.int64)]
    for at_first, later in table.values():
        rows += [row + (at_first * (width - over) + later * over) // width for row in rows]
    return np.array(rows, dtype=np.int32), sum(member[name][order] << at for at, name in enumerate(table))


def _sum(effects: dict[str, int], member: dict[str, np.ndarray]) -> np.ndarray:
    return sum(effects[name] * member[name] for name in GROUPS)


def _gone(people: People, member: dict[str, np.ndarray]) -> np.ndarray:
    """The month in which a person leaves every record: a place on the curve, scaled by group."""
    draw = people.stream("work/gone").below(1_000_000, people.person)
    for name in GROUPS:
        draw = np.where(member[name], draw * 1000 // GONE_FACTORS[name], draw)
    level = 1000 * np.array([0, *GONE_BY])
    months = 12 * (len(level) - 1)
    curve = np.array(
        [level[m // 12] + (level[m // 12 + 1] - level[m // 12]) * (m % 12 + 1) // 12 for m in range(months)]
    )
    when = np.searchsorted(curve, draw, side="right")
    begins = np.maximum(month_of(people.cohort + 17, 8), FIRST_MONTH)  # of adults, whoever was gone before is not here
    return np.where(when < months, begins + when, 10**6)


def _level_three_from(paths: Pathways) -> np.ndarray:
    """The month from which people have something at level 3, at 18 or as they enter university; NEVER for others."""
    enters = np.where(paths.university_year < NEVER, month_of(paths.university_year - 1, 10), NEVER)
    return np.where(paths.some_level_three, np.minimum(paths.leaves + 24, enters), enters)


def _early_gone(people: People, paths: Pathways, member: dict[str, np.ndarray]) -> np.ndarray:
    """The month from which some early leavers are in no record; far ahead for all others."""
    goes_on = (paths.apprenticeship > 0) | (paths.university_years > 0) | (paths.further_years > 0)
    leaver, later = ~goes_on & (paths.years_after < 2), ~goes_on & (paths.years_after >= 2)
    chance = np.full(len(people), EARLY_GONE[""])
    for name in list(EARLY_GONE)[1:]:
        chance[member[name]] = EARLY_GONE[name]
    missing = people.stream("activity/early gone").chance(np.where(later, GONE_AFTER_COLLEGE, chance), people.person)
    begins = month_of(people.cohort + 17, 8) + np.where(later, 24, 0)
    return np.where((leaver | later) & missing, begins, 10**6)


def _gone_after_university(people: People, paths: Pathways, member: dict[str, np.ndarray]) -> np.ndarray:
    """The month from which some are in no record once they have left university; far ahead for all others."""
    goes = (paths.university_years > 0) & (paths.postgraduate == 0)
    ends = paths.study[2][1]
    stream, gone = people.stream("activity/gone after university"), np.full(len(people), 10**6)
    for name, chance in GONE_AFTER_UNIVERSITY.items():
        leaves = member[name] & goes & stream.chance(chance, people.person)
        gone[leaves] = ends[leaves]
    return gone


def _after_courses(people: People, paths: Pathways, gone: np.ndarray) -> np.ndarray:
    """Nobody is gone before a course or an apprenticeship of theirs has ended: other tables have it."""
    beside_work = month_of(paths.part_time_year - 1, 10), month_of(paths.part_time_year + 1, 7)
    trained = zip(paths.apprenticeships.start, paths.apprenticeships.end + 1, strict=True)
    at_university = -NEVER, paths.study[2][1]  # a degree beside work has an end too
    again = month_of(paths.postgraduate_year - 1, 10)
    further = again, again + 12 * paths.postgraduate_years - 2
    courses = paths.courses
    last = np.full(len(gone), -NEVER)
    of_adults = courses.year <= np.where(people.adult, 2021, 0)[courses.i]
    np.maximum.at(last, courses.i[of_adults], courses.end[of_adults] + 1)
    for begin, end in [*paths.study, *trained, beside_work, at_university, further, (last - 1, last)]:
        gone = np.where((end > begin) & (end < NEVER), np.maximum(gone, end), gone)
    return gone


def _self_employed(people: People) -> np.ndarray:
    """Self-employed in each tax year from 2003 to 2021, shape (tax years, people)."""
    begins, ends = (
        people.stream("activity/self-employed/begins"),
        people.stream("activity/self-employed/ends"),
    )
    before = people.stream("activity/self-employed/before").chance(SELF_EMPLOYED["before"], people.person)
    now, years = before & people.adult, []
    for year in range(2003, 2022):
        age = year - 1 - people.cohort
        rate = SELF_EMPLOYED["begins"] * np.where(people.male, 13, 7) // 10 * np.clip(age - 16, 0, 8) // 6
        now = np.where(
            now,
            ~ends.chance(SELF_EMPLOYED["ends"], people.person, year),
            begins.chance(rate, people.person, year),
        )
        years.append(now & (age >= 17))
    return np.array(years)
