"""Benefit spells by type. Spells of one type that overlap or abut are merged; some types may overlap.

Out-of-work claims come from the months of :mod:`leocourse.extract.lives.activity`: one at a time. Their type follows
from the reason for the claim, the date and the home: universal credit takes the place of the older benefits on the
dates of the authority in which the person lives (``data/reference/authorities.csv``), and incapacity benefit gives
way to employment and support allowance in October 2008. Nobody has universal credit beside an older benefit that it
replaced, and who is out of work and has once had it claims it again. Universal credit of people in work lies within a
spell of employment, but for some self-employed people in 2020/21. Beside all of them there may be carer's allowance,
disability living allowance or (from June 2013) personal independence payment. The types and the flag are those of
published analysis code (codes seen in published code for LEO): the request form has no list. All shares and lengths
are design choices.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Rows
from leocourse.extract.base.dates import OPEN_END, TAX_YEARS, day, month_of
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives import areas
from leocourse.extract.lives.activity import FIRST_MONTH, LAST_MONTH, runs
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import Spells, Work, merge

TYPES = ["DLA", "ESA", "IB", "ICA", "IS", "JSA", "PIP", "UAA", "UAB", "UBC", "UBD", "UCE", "UDF", "UNA"]
OUT_OF_WORK = {"ESA", "IB", "ICA", "IS", "JSA", "UAA", "UBC", "UCE", "UDF"}
REPLACED = {"ESA", "IB", "IS", "JSA"}
"""Benefits that universal credit takes the place of."""
ESA_FROM, PIP_FROM = month_of(2008, 10), month_of(2013, 6)
CARERS_ALLOWANCE, GROUP_UNKNOWN = 250_000, 12_000
LIVE_SERVICE_CLAIMS = 350_000
"""Of claims of jobseekers between the two dates of an authority, how many are for universal credit: only people who
lived alone and had no children could claim it then (not verified)."""
UNDER_18 = 40_000
"""Of claims of jobseekers under 18, how many are for jobseeker's allowance; the others draw income support till 18."""
DISABLED = 1_900
"""Need (thousandths) above which a person draws a disability benefit."""
NOT_AWARDED, ENDS, AGAIN = 220_000, 330_000, 300_000
"""Of those with disability living allowance, who gets no personal independence payment; whose payment ends, and
who of those gets it again. In millionths."""

STAYS_ON = 600_000
"""Who keeps universal credit when a job begins, in millionths."""
LOW_PAY = {"base": 90_000, "a unit of hardship": 60_000, "most": 600_000, "pay below": 19_000}
"""Who begins to claim it in a job at low pay (pounds a year), once it is everybody's: chance a spell, in millionths."""
FURLOUGHED, SELF_EMPLOYED = 130_000, 220_000
"""Who begins to claim it in work, if furloughed in April or May 2020, and if self-employed in 2020/21."""
NO_REQUIREMENTS, IN_WORK_UNKNOWN = 400, 20
"""Of claims in work per thousand, those without requirements, and those whose group is not known."""

Months = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Person (index), first month, last month, type of spells."""


def benefit_spells(people: People, life: Work) -> tuple[Spells, np.ndarray]:
    """The true benefit spells to 5 April 2021, merged within type, and each one's type (index)."""
    person = people.person
    i, first, last = runs(life.activity.claims)
    reason = _reasons(people, i, first, life.activity.hardship)
    universal = _universal(people, life, i, first, reason)
    parts = [_out_of_work(people, i, first, last, reason=reason, universal=universal)]
    cares = (reason == 2) & people.stream("benefits/carer").chance(CARERS_ALLOWANCE, person[i])
    parts.append((i[cares], first[cares], last[cares], np.full(int(cares.sum()), TYPES.index("ICA"))))
    parts.append(_disability(people, life))
    dated, kind = _days(people, *map(np.concatenate, zip(*parts, strict=True)))
    working, of_working = _in_work(people, life, i[universal], last[universal])
    both = [np.concatenate([getattr(dated, name), getattr(working, name)]) for name in Spells.__dataclass_fields__]
    kind = np.concatenate([kind, of_working])
    joined = merge(Spells(both[0] * len(TYPES) + kind, *both[1:]))
    spells = Spells(joined.i // len(TYPES), joined.start, joined.end, joined.uncertain_start, joined.uncertain_end)
    return spells, joined.i % len(TYPES)


def counts_as_out_of_work(kind: np.ndarray) -> np.ndarray:
    """Whether each type is paid to people out of work. A group that is not known (UNA) does not count."""
    return np.array([each in OUT_OF_WORK for each in TYPES])[kind]


def only(spells: Spells, chosen: np.ndarray) -> Spells:
    """The chosen spells."""
    return Spells(*(getattr(spells, name)[chosen] for name in Spells.__dataclass_fields__))


def benefit_rows(people: People, keys: Keys, spells: Spells, kind: np.ndarray, copy: np.ndarray) -> Rows:
    """The benefit table. ``copy`` says on which EDUKEY of the person a spell stands."""
    person = people.person[spells.i]
    return {
        "person": person,
        "edukey": keys.edukey(person, copy),
        "startdate": spells.start,
        "enddate": spells.end,
        "benefit_type": Coded(kind, TYPES),
        "out_of_work_benefit": counts_as_out_of_work(kind).astype(np.int64),
    }


def authority_in(life: Work, i: np.ndarray, month: np.ndarray) -> np.ndarray:
    """Authority in which each person lives in the tax year of a month."""
    column = np.clip((month - month_of(TAX_YEARS[0] - 1, 4)) // 12, 0, len(TAX_YEARS) - 1)
    return areas.authority_of(life.homes.area[i, column])


def _reasons(people: People, i: np.ndarray, first: np.ndarray, hardship: np.ndarray) -> np.ndarray:
    """Why a person claims: 0 seeks work, 1 ill health, 2 cares for a child or another."""
    draw = people.stream("benefits/reason").below(1000, people.person[i], first)
    ill = 90 + np.clip(people.need[i], 0, 2_500) * 280 // 1000 + np.clip(hardship[i], 0, 2_000) * 80 // 1000
    since = (first - month_of(people.cohort[i] + 17, 8)) // 12
    cares = np.where(people.male[i], 15, np.clip(60 * since, 0, 420))
    return np.where(draw < ill, 1, np.where(draw < ill + cares, 2, 0))


def _universal(people: People, life: Work, i: np.ndarray, first: np.ndarray, reason: np.ndarray) -> np.ndarray:
    """Which claims, sorted by person and month, are for universal credit: by the dates where the person lives.

    Whoever has had it once goes on with it.
    """
    live, full = areas.universal_credit()
    here = authority_in(life, i, first)
    simple = (reason == 0) & people.stream("benefits/live service").chance(LIVE_SERVICE_CLAIMS, people.person[i], first)
    universal = (first >= full[here]) | simple & (first >= live[here])
    number = np.arange(len(i))
    earlier = np.maximum.accumulate(np.where(universal, number, -1)) if len(i) else number
    return earlier >= np.searchsorted(i, i, side="left")


def _out_of_work(
    people: People, i: np.ndarray, first: np.ndarray, last: np.ndarray, *, reason: np.ndarray, universal: np.ndarray
) -> Months:
    """Out-of-work claims by type. A claim for incapacity that lasts beyond 2011 becomes one for ESA."""
    unknown = people.stream("benefits/unknown").chance(GROUP_UNKNOWN, people.person[i], first)
    prepares = people.stream("benefits/prepares").chance(500_000, people.person[i], first)
    old = np.where(reason == 0, TYPES.index("JSA"), np.where(reason == 2, TYPES.index("IS"), TYPES.index("ESA")))
    old = np.where((reason == 1) & (first < ESA_FROM), TYPES.index("IB"), old)
    carer = np.where(prepares, TYPES.index("UCE"), TYPES.index("UDF"))
    new = np.where(reason == 0, TYPES.index("UAA"), np.where(reason == 2, carer, TYPES.index("UBC")))
    new = np.where(unknown, TYPES.index("UNA"), new)
    eighteen = month_of(people.birth_year + 18, people.birth_month)[i]
    young = ~universal & (reason == 0) & (first < eighteen)
    young &= ~people.stream("benefits/under 18").chance(UNDER_18, people.person[i])
    kind = np.where(universal, new, np.where(young, TYPES.index("IS"), old))
    moved = month_of(2011, 4) + people.stream("benefits/moved").below(30, people.person[i])
    moved = np.where(young, eighteen, moved)
    later = np.where(young, TYPES.index("JSA"), TYPES.index("ESA"))
    split = (young | (kind == TYPES.index("IB"))) & (last >= moved) & (first < moved)
    return (
        np.concatenate([i, i[split]]), np.concatenate([first, moved[split]]),
        np.concatenate([np.where(split, moved - 1, last), last[split]]), np.concatenate([kind, later[split]]),
    )  # fmt: skip


def _disability(people: People, life: Work) -> Months:
    """Disability living allowance from 16, personal independence payment from some time after June 2013."""
    draws = people.need + 300 * people.stream("benefits/disabled").normal(people.person) // 1000 > DISABLED
    i = np.flatnonzero(draws)
    person = people.person[i]
    begin = np.maximum(month_of(people.cohort[i] + 17, 8), FIRST_MONTH)
    begin = begin + np.where(people.stream("benefits/later").chance(350_000, person), 12, 0)
    end = np.minimum(life.activity.gone[i] - 1, LAST_MONTH)
    change = PIP_FROM + people.stream("benefits/reassessed").below(54, person)
    stream = people.stream("benefits/independence")
    begins = np.maximum(begin, change)
    refused = (begin < change) & stream.chance(NOT_AWARDED, person)
    until = begins + 18 + stream.below(60, person, 1)
    until = np.where(refused, 0, np.where(stream.chance(ENDS, person, 2), np.minimum(end, until), end))
    again = until + 6 + stream.below(14, person, 3)
    back = (until < end) & ~refused & stream.chance(AGAIN, person, 4)
    old, new = np.full(len(i), TYPES.index("DLA")), np.full(len(i), TYPES.index("PIP"))
    return (
        np.concatenate([i, i, i[back]]), np.concatenate([begin, begins, again[back]]),
        np.concatenate([np.minimum(end, change - 1), until, end[back]]), np.concatenate([old, new, new[back]]),
    )  # fmt: skip


def _days(
    people: People, i: np.ndarray, first: np.ndarray, last: np.ndarray, kind: np.ndarray
) -> tuple[Spells, np.ndarray]:
    """Spells in days, and their types, of claims in months: they begin early in a month and end late."""
    kept = last >= first
    i, first, last, kind = i[kept], first[kept], last[kept], kind[kept]
    starts = _month_starts()
    person = people.person[i]
    start = starts[first - FIRST_MONTH] + people.stream("benefits/start").below(14, person, first * 16 + kind)
    end = starts[last - FIRST_MONTH] + 14 + people.stream("benefits/end").below(14, person, last * 16 + kind)
    end = np.where(last == LAST_MONTH, OPEN_END, end)
    false = np.zeros(len(i), dtype=bool)
    return Spells(i, start, end, false, false), kind


def _month_starts() -> np.ndarray:
    """The first day of each month from the first to two after the last."""
    return np.array([day(2000 + m // 12, m % 12 + 1, 1) for m in range(FIRST_MONTH, LAST_MONTH + 3)])


# Universal credit in work


def _in_work(people: People, life: Work, i: np.ndarray, last: np.ndarray) -> tuple[Spells, np.ndarray]:
    """Spells of universal credit in work, and their types. ``i``, ``last``: claims for it out of work that ended."""
    parts = [_stays_on(people, life, i, last), _low_pay(people, life), _furloughed(people, life)]
    parts.append(_self_employed(people, life))
    i, start, end = map(np.concatenate, zip(*parts, strict=True))
    kept = end >= start
    false = np.zeros(int(kept.sum()), dtype=bool)
    spells = merge(Spells(i[kept], start[kept], end[kept], false, false))
    draw = people.stream("benefits/working/kind").below(1000, people.person[spells.i], spells.start)
    unknown, free = draw < IN_WORK_UNKNOWN, draw < IN_WORK_UNKNOWN + NO_REQUIREMENTS
    kind = np.where(unknown, TYPES.index("UNA"), np.where(free, TYPES.index("UBD"), TYPES.index("UAB")))
    end = np.where(spells.end >= day(2021, 4, 5), OPEN_END, spells.end)
    return Spells(spells.i, spells.start, end, spells.uncertain_start, spells.uncertain_end), kind


Dated = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Person (index), first and last day."""


def _stays_on(people: People, life: Work, i: np.ndarray, last: np.ndarray) -> Dated:
    """Who works in the month after a claim for universal credit goes on with it for a while."""
    starts, jobs = _month_starts(), life.spells
    begins = last + 1 - FIRST_MONTH
    far = np.int64(10**6)
    at = np.searchsorted(jobs.i * far + jobs.start, i * far + starts[begins])
    at = np.minimum(at, max(len(jobs.i) - 1, 0))
    found = (last < LAST_MONTH) & (jobs.i[at] == i)
    found &= (jobs.start[at] >= starts[begins]) & (jobs.start[at] < starts[begins + 1])
    found &= people.stream("benefits/working").chance(STAYS_ON, people.person[i], last)
    i, at = i[found], at[found]
    length = 60 + people.stream("benefits/working/length").below(900, people.person[i], last[found])
    return i, jobs.start[at], np.minimum(jobs.end[at], jobs.start[at] + length)


def _low_pay(people: People, life: Work) -> Dated:
    """Who works at low pay and begins to claim, once everybody's new claims are for universal credit."""
    jobs, stream = life.spells, people.stream("benefits/low pay")
    late = np.flatnonzero(jobs.end >= day(2015, 5, 1))
    i = jobs.i[late]
    month = 12 * (TAX_YEARS[-4] - 2000)  # homes of 2017/18, in the middle of the roll-out
    full = areas.universal_credit()[1][authority_in(life, i, np.full(len(i), month))]
    start = np.maximum(jobs.start[late], _month_starts()[full - FIRST_MONTH])
    start = start + stream.below(700, people.person[i], jobs.start[late])
    column = np.clip((start - day(2002, 4, 6)) * 4 // 1461, 0, len(TAX_YEARS) - 1)
    chance = LOW_PAY["base"] + LOW_PAY["a unit of hardship"] * life.activity.hardship[i] // 1000
    chance = np.where(life.rate[i, column] < LOW_PAY["pay below"], np.clip(chance, 0, LOW_PAY["most"]), 0)
    claims = (start < jobs.end[late]) & stream.chance(chance, people.person[i], jobs.start[late] + 10**6)
    i, start, job = i[claims], start[claims], late[claims]
    length = 90 + stream.below(1_000, people.person[i], jobs.start[job] + 2 * 10**6)
    return i, start, np.minimum(jobs.end[job], start + length)


def _furloughed(people: People, life: Work) -> Dated:
    """Who is furloughed in April or May 2020 and begins to claim."""
    jobs, stream = life.spells, people.stream("benefits/furlough")
    here = np.flatnonzero((jobs.start <= day(2020, 3, 20)) & (jobs.end >= day(2020, 5, 31)))
    claims = life.furlough.any_time[:, 1:3].any(axis=1) & stream.chance(FURLOUGHED, people.person)
    here = here[claims[jobs.i[here]]]
    i = jobs.i[here]
    start = day(2020, 3, 20) + stream.below(70, people.person[i], 1)
    return i, start, np.minimum(jobs.end[here], start + 60 + stream.below(400, people.person[i], 2))


def _self_employed(people: People, life: Work) -> Dated:
    """Who is self-employed in 2020/21, without a job or another benefit, and begins to claim."""
    stream = people.stream("benefits/self-employed")
    others = life.activity.claims[month_of(2020, 3) - FIRST_MONTH :].any(axis=0)
    i = np.flatnonzero(life.activity.self_employed[-1] & ~others & stream.chance(SELF_EMPLOYED, people.person))
    i = i[(life.activity.gone[i] > LAST_MONTH) & (life.days[i, -1] == 0)]
    start = day(2020, 4, 7) + stream.below(50, people.person[i], 1)
    return i, start, np.minimum(day(2021, 4, 5), start + 60 + stream.below(400, people.person[i], 2))
