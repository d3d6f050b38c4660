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

from leocourse.extract.base.random import draw, scaled
from leocourse.extract.lives.pathways import Pathways, month_of
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
WORK_LEVEL = [380, 767, 890, 560, 700, 880, 831, 881, 906, 933, 952, 962, 986, 1006, 996, 1015, 1025, 1025, 1025]
STUDENT_WORK_LEVEL = [130, 330, 340, 330, 350, 350]
WORK_SPREAD, EARLY_WORK_SPREAD, STUDENT_SPREAD = 260, 420, 60
"""Thousandths that a standard deviation of attachment adds to the target."""
WORK_EFFECTS = {
    "SEN without a statement": -410,
    "SEN with a statement": -1020,
    "eligible for FSM": -459,
    "women": -181,
    "Asian": -160,
    "Black": -433,
    "Chinese": -290,
    "Mixed": -440,
}
"""What a group adds to attachment, in thousandths of a standard deviation. Planted effects."""

WORK_EARLY_AND_LATE = {
    "women": (130, 0),
    "SEN without a statement": (0, -80),
    "SEN with a statement": (60, -40),
    "Mixed": (0, -70),
}
"""Added to the attachment of some groups up to the fifth year after year 11, and from the tenth on; between
them the one turns into the other."""

CLAIM_LEVEL = [-80, 105, 940, 420, 192, 81, 216, 198, 162, 176, 164, 159, 121, 177, 226, 216, 201, 196, 196]
CLAIM_SPREAD, CLAIM_SPREAD_AT_16 = 330, 50
SOONEST = 3_000_000
"""Hardship far beyond what makes a claim near certain makes it begin sooner, up to so many millionths."""
CLAIMS_FROM = 18
"""Months after the August of year 11 from which more people can claim: most are 18 then."""
CLAIM_EFFECTS = {
    "SEN without a statement": 1080,
    "SEN with a statement": 3550,
    "eligible for FSM": 1700,
    "women": 1557,
    "Asian": -989,
    "Black": -267,
    "Chinese": -3000,
    "Mixed": 348,
}
"""The same for hardship, which decides on claims of out-of-work benefits."""
CLAIM_EARLY_AND_LATE = {"SEN with a statement": (-1700, 3000), "eligible for FSM": (-250, 0)}
"""The same for hardship, up to the third year and from the seventh on."""
WORK_SHIFTS, CLAIM_SHIFTS = (5, 10), (3, 7)
"""Those years."""

GONE_BY = [10, 13, 40, 54, 54, 54, 54, 54, 57, 67, 78, 88, 98, 109, 119, 130, 140, 150, 161]
"""Share of people who have left every record (abroad, mostly) by each year after year 11, per thousand."""
GONE_FACTORS = {
    "SEN without a statement": 890,
    "SEN with a statement": 420,
    "eligible for FSM": 949,
    "women": 1207,
    "Asian": 1250,
    "Black": 1030,
    "Chinese": 580,
    "Mixed": 1010,
}
"""How much likelier a group is to be gone, in thousandths."""

EARLY_GONE = {"": 187_000, "Black": 230_000, "Chinese": 450_000, "SEN with a statement": 360_000}
"""Chance of being in no record from the start, in millionths, of those neither at school or college in the
second year after year 11, nor apprentices, nor at university later. Some of them were never matched. Where
two lines hold, the last counts."""

GONE_AFTER_UNIVERSITY = {"Chinese": 270_000}
"""Chance of being in no record from the end of university on, in millionths, of those who go on to no
postgraduate study: work or study abroad, mostly."""

AWAY = 78_000
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
PANDEMIC_CLAIMS = 1_700
"""What multiplies the chance that a claim begins from April 2020, in thousandths."""
SELF_EMPLOYED = {"begins": 14_000, "ends": 170_000, "only": 700_000}
"""A year's chance to begin and to end self-employment, and the share of self-employed with no job besides."""


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


def activities(people: People, paths: Pathways) -> Activity:
    """Draw the activities of every month from the August after year 11 to March 2021."""
    person, member = people.person, groups(people)
    attachment = (600 * people.stream("work/attachment").normal(person) + 300 * people.attainment) // 1000
    attachment += _sum(WORK_EFFECTS, member)
    hardship = (700 * people.stream("activity/hardship").normal(person) - 300 * attachment) // 1000
    hardship += _sum(CLAIM_EFFECTS, member)
    gone = np.minimum(_gone(people, member), _early_gone(people, paths, member))
    gone = np.minimum(gone, _gone_after_university(people, paths, member))
    alone = _self_employed(people)
    only = alone & people.stream("activity/self-employed/only").chance(SELF_EMPLOYED["only"], person)
    worked, claimed = _months(
        people, paths, attachment=attachment, hardship=hardship, member=member, gone=gone, only=only
    )
    return Activity(worked, claimed, alone, gone, hardship)


def _months(
    people: People,
    paths: Pathways,
    *,
    attachment: np.ndarray,
    hardship: np.ndarray,
    member: dict[str, np.ndarray],
    gone: np.ndarray,
    only: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """In work and on a benefit, month by month, both of shape (months, people).

    People are taken in the order in which they leave year 11, so those who have left are the first so many
    in every month. ``only``: self-employed without a job, shape (tax years, people).
    """
    order = np.argsort(paths.leaves, kind="stable")

    def sorted_(values: np.ndarray, kind: type = np.int32) -> np.ndarray:
        return values[..., order].astype(kind)

    work, claim = (people.stream(name).of(people.person)[order] for name in ("work/entry", "activity/claim"))
    away = people.stream("activity/away").chance(AWAY, people.person)[order]
    after, gone, only = sorted_(paths.leaves), sorted_(gone), sorted_(only, bool)
    attachment, hardship = sorted_(attachment), sorted_(hardship)
    work_shifts, work_kind = _shifts(WORK_EARLY_AND_LATE, WORK_SHIFTS, member, order)
    claim_shifts, claim_kind = _shifts(CLAIM_EARLY_AND_LATE, CLAIM_SHIFTS, member, order)
    study = [(sorted_(begin), sorted_(end)) for begin, end in paths.study]
    first_apprentice, last_apprentice = sorted_(paths.apprenticeship_start), sorted_(paths.apprenticeship_end)
    works, claims = np.zeros(len(people), dtype=bool), np.zeros(len(people), dtype=bool)
    out_of_study = np.zeros(len(people), dtype=np.int32)
    shape = (LAST_MONTH - FIRST_MONTH + 1, len(people))
    worked, claimed = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    student_level = STUDENT_WORK_LEVEL + [STUDENT_WORK_LEVEL[-1]] * 13
    levels = 1000 * np.array([WORK_LEVEL, student_level, CLAIM_LEVEL], dtype=np.int32)
    work_level = levels[:2].ravel()
    settling = [PACE["work, first two years"]] * 2 + [PACE["work, third year"]]
    settled = np.array(settling + [PACE["work"]] * (YEARS_AFTER - 3), dtype=np.int32)
    for month in range(FIRST_MONTH, LAST_MONTH + 1):
        left = int(np.searchsorted(after, month, side="right"))  # so many have left year 11
        part = slice(0, left)
        months = month - after[part]
        here, worker = gone[part] > month, works[part]
        here &= ~(away[part] & ~claims[part] & (months >= AWAY_MONTHS[0]) & (months < AWAY_MONTHS[1]))
        studying = study[0][1][part] > month  # school begins before everything else
        for begin, end in study[1:]:
            studying |= (begin[part] <= month) & (end[part] > month)
        out = out_of_study[part]
        out += 1
        out[studying] = 0
        recent = out <= 12
        since = np.minimum(months // 12, YEARS_AFTER - 1)
        slope = np.where((since > 0) & (since < 4), EARLY_WORK_SPREAD, WORK_SPREAD).astype(np.int32)
        slope[studying] = STUDENT_SPREAD
        shifted = attachment[part] + work_shifts[work_kind[part], since]
        target = work_level[since + YEARS_AFTER * studying] + slope * shifted
        target[only[(month - APRIL_2002) // 12, part]] = 0
        np.clip(target, 5_000, 985_000, out=target)
        pace = np.where(recent, PACE["first year after study"], settled[since])
        pace = np.where(studying, PACE["student"], pace)
        drawn = scaled(draw(work[part], month), 1_000_000).astype(np.int32)
        lets_go = np.where(recent & ~studying, PACE["leaving a job, first year after study"], pace)
        leaves = (1_000_000 - target) * np.minimum(lets_go, PACE["student"]) // 1000
        in_work = np.where(worker, drawn >= leaves, drawn < target * pace // 1000)
        in_work |= (month >= first_apprentice[part]) & (month <= last_apprentice[part])
        in_work &= here
        works[part] = worked[month - FIRST_MONTH, part] = in_work
        i = np.flatnonzero(here & ~in_work & ~studying)
        slope = np.where(months[i] < CLAIMS_FROM, CLAIM_SPREAD_AT_16, CLAIM_SPREAD).astype(np.int32)
        shifted = hardship[i] + claim_shifts[claim_kind[i], since[i]]
        wanted = np.clip(levels[2][since[i]] + slope * shifted, 3_000, SOONEST)
        aim = np.minimum(wanted, 970_000)
        drawn = scaled(draw(claim[i], month), 1_000_000)
        rush = PANDEMIC_CLAIMS if month >= month_of(2020, 4) else 1000
        pace = np.where(recent[i], PACE["claim begins, first year after study"], PACE["claim begins"]).astype(np.int32)
        begins, ends = wanted * pace // 1000 * rush // 1000, (1_000_000 - aim) * PACE["claim ends"] // 1000
        goes_on = np.where(claims[i], drawn >= ends, drawn < begins)
        claims[part] = False
        claims[i] = claimed[month - FIRST_MONTH, i] = goes_on
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return worked[:, place], claimed[:, place]


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
    return np.where(when < months, month_of(people.cohort + 17, 8) + when, 10**6)


def _early_gone(people: People, paths: Pathways, member: dict[str, np.ndarray]) -> np.ndarray:
    """The month from which some early leavers are in no record; far ahead for all others."""
    leaver = ~paths.sixth_form & ~paths.private_sixth_form & (paths.college_years < 2)
    leaver &= (paths.apprenticeship == 0) & (paths.university_years == 0) & (paths.further_years == 0)
    chance = np.full(len(people), EARLY_GONE[""])
    for name in list(EARLY_GONE)[1:]:
        chance[member[name]] = EARLY_GONE[name]
    missing = people.stream("activity/early gone").chance(chance, people.person)
    return np.where(leaver & missing, month_of(people.cohort + 17, 8), 10**6)


def _gone_after_university(people: People, paths: Pathways, member: dict[str, np.ndarray]) -> np.ndarray:
    """The month from which some are in no record once they have left university; far ahead for all others."""
    goes = (paths.university_years > 0) & (paths.postgraduate == 0)
    ends = paths.study[2][1]
    stream, gone = people.stream("activity/gone after university"), np.full(len(people), 10**6)
    for name, chance in GONE_AFTER_UNIVERSITY.items():
        leaves = member[name] & goes & stream.chance(chance, people.person)
        gone[leaves] = ends[leaves]
    return gone


def _self_employed(people: People) -> np.ndarray:
    """Self-employed in each tax year from 2003 to 2021, shape (tax years, people)."""
    begins, ends = (
        people.stream("activity/self-employed/begins"),
        people.stream("activity/self-employed/ends"),
    )
    now, years = np.zeros(len(people), dtype=bool), []
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
