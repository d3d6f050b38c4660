"""Absence from school: sessions that pupils of years 1 to 11 could have attended and missed.

The true rate of absence of a person in a year is a median for the year and phase, raised or lowered in
steps of 0.1% by disadvantage, special needs and chance, and the sessions lost by fixed-period exclusions. So it is
skewed as the real one is: with the spread chosen, 10.2% of secondary pupils missed 15% of sessions or more in
2008/09 and 6.4% in 2012/13 (Pupil absence in schools). The total to the end of May is the true rate to the nearest
session of those that the pupil could attend; chance divides it over the terms.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.random import growth_table
from leocourse.extract.lives import schooling
from leocourse.extract.lives.care import adoption_year
from leocourse.extract.lives.establishments import PHASES
from leocourse.extract.lives.population import People
from leocourse.extract.lives.schooling import AUTUMN, SPRING, SUMMER
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.pupils import Pupils, academic_year
from leocourse.extract.records.schools import FIRST_YEAR, LAST_YEAR, year_group

YEARS = range(2006, 2022)
ABSENCE_EFFECTS = {
    "key stage 4 result for each percentage point of sessions missed in year 11": -25,
    "centre: hundredths of a per cent of sessions missed at which the effect is nothing": 600,
}
"""What absence does to attainment, in thousandths of a standard deviation. A planted effect: the result
falls with the true rate of absence in year 11, on top of what disadvantage and need do to both."""

ABSENCE_STEPS = {
    "disadvantage": 300,
    "special needs": 160,
    "lasting": 600,
    "of the year": 470,
    "primary": 800,
}
"""Steps of 0.1% of the rate of absence for a standard deviation of each; ``primary`` scales them all."""
YEAR_GROUP_STEPS = {7: -180, 8: -40, 9: 30, 10: 60, 11: 130}
SECONDARY_MEDIAN = {
    2001: 530,
    2007: 520,
    2009: 480,
    2010: 455,
    2011: 430,
    2012: 390,
    2013: 390,
    2014: 345,
    2019: 360,
    2021: 370,
}
"""Median rate of absence in secondary schools, in hundredths of a per cent (straight lines between)."""
PRIMARY_MEDIAN = {2001: 430, 2007: 400, 2009: 390, 2013: 345, 2014: 290, 2019: 295, 2021: 290}
SESSIONS = {"autumn": 142, "spring": 122, "summer": 50, "summer6th": 66}
"""Half-day sessions of the terms: 190 days. Summer ends in May; its second half counts from 2012/13."""
SPRING_2021 = 48
"""Sessions of spring 2021: schools were shut to most pupils from January to 8 March, so few were possible."""
TO_MAY = SESSIONS["autumn"] + SESSIONS["spring"] + SESSIONS["summer"]
"""Sessions of the year to the end of May."""
MOVED, LEFT = 930, 500
"""Thousandths of a term's sessions that remain to who changes school in it, and to who leaves for alternative
provision or a unit that returns no absence (design choices)."""
STANDARD_YEAR = 380
"""Sessions of a standard year. A standard number of them missed made a persistent absentee: 38 of the six half
terms are a tenth (request form); the other numbers follow from the same year."""

TRAITS = {
    "monthpartofageatstartofacademicyear": "months", "ethnicity": "ethnicity", "ethnicgroup": "ethnic_name",
    "ethnicitysource": "ethnic_source", "firstlanguage": "language_group", "language": "language",
    "languagegroup": "language_group", "languagegroupminor": "language_group", "gandtindicator": "gifted",
    "servicechild": "service_child", "servicechildsource": "service_source", "entrydate": "entry",
    "parttime": "part_time", "boarder": "boarder", "senprovisionmajor": "need_major", "primarysentype": "need",
    "secondarysentype": "second_need", "specialprovisionindicator": "special_provision", "senunitindicator": "unit",
    "resourcedprovisionindicator": "resourced", "lsoa11": "area", "idaci_s": "score", "idaci_r": "rank_2011",
    "idaci_s_home": "score", "idaci_r_home": "rank_2011", "idaci_d_home": "decile", "rurality_home": "rural",
    "idaci_s_school": "school_score", "idaci_r_school": "school_rank", "idaci_d_school": "school_decile",
    "rurality_school": "school_rural", "datacollection_1": "collection", "yssa": "consent", "modeoftravel": "travel",
    "classtype": "class_type", "typeofclass": "class_type",
}  # fmt: skip
"""Fields that hold a characteristic of the pupil, and which."""


def true_rate(people: People, i: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Share of sessions missed by these people in these academic years, in hundredths of a per cent.

    That of :func:`usual_rate`, and the sessions that fixed-period exclusions took.
    """
    history = schooling.schooling(people)
    lost = sum(history.at(history.lost, i, year - people.cohort[i] - 6, term).astype(np.int64) for term in range(3))
    possible = np.select([year == 2020, year == 2021], [SESSIONS["autumn"], TO_MAY - SESSIONS["spring"] + SPRING_2021],
                         TO_MAY)  # fmt: skip
    return np.clip(usual_rate(people, i, year) + 10_000 * lost // possible, 0, 9_000)


def usual_rate(people: People, i: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Share of sessions missed without exclusions, in hundredths of a per cent."""
    steps, person, group = ABSENCE_STEPS, people.person, year - people.cohort[i] - 6
    moved = steps["disadvantage"] * people.disadvantage + steps["special needs"] * people.need
    moved = (moved + steps["lasting"] * people.stream("absence/lasting").normal(person))[i]
    moved += steps["of the year"] * people.stream("absence/year").normal(person[i], year)
    secondary = group >= 7
    moved = np.where(secondary, moved, moved * steps["primary"] // 1000) // 1000
    moved += _GROUP_STEPS[np.clip(group, 0, len(_GROUP_STEPS) - 1)]
    median = _MEDIANS[secondary.astype(np.int64), year - FIRST_YEAR]
    scale = growth_table()[np.clip(6_000 + moved, 0, 12_000)] * 1000 // growth_table()[6_000]
    return np.clip(median * scale // 1000, 0, 9_000)


def seen(pupils: Pupils, i: np.ndarray, year: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, ...]:
    """The school that returned the absence of the year (-1 if none), and sessions to remain in each term, in parts.

    That of January if there is one, else that of the first term with one. The parts are thousandths of a term's
    sessions: all if the pupil is at a school that returns absence on census day, some if only as the term began.
    """
    history, school, parts = pupils.schooling, np.full(len(i), -1), []
    for term in (SPRING, AUTUMN, SUMMER):
        there = history.seen(i, year, group, term)
        began = history.seen_at_start(i, year, group, term)
        school = np.where(school < 0, np.where(there >= 0, there, began), school)
        parts.append(np.where(there >= 0, np.where(there == began, 1_000, MOVED), np.where(began >= 0, LEFT, 0)))
    return school.astype(np.int64), parts[1], parts[0], parts[2]


def ks4_effect(people: People, year: np.ndarray, more: int = 0) -> np.ndarray:
    """What absence in year 11 adds to the key stage 4 result, in thousandths. ``year``: of key stage 4.

    ``more`` adds to everybody's absence, in hundredths of a per cent of sessions.
    """
    slope, centre = ABSENCE_EFFECTS.values()
    return slope * (rate_in_year_11(people, year) + more - centre) // 100


def rate_in_year_11(people: People, year: np.ndarray) -> np.ndarray:
    """The true rate of absence in year 11, in hundredths of a per cent."""
    return true_rate(people, np.arange(len(people)), year)


def absence(pupils: Pupils) -> Rows:
    """Absence records: one a pupil and year, before faults. Fields by term, then sums over the year."""
    people = pupils.people
    index, years = [], []
    for each in YEARS:
        group = year_group(people, each)
        i = np.flatnonzero((group >= np.maximum(people.arrival, 1)) & (group <= 11) & ~people.independent)
        i = i[seen(pupils, i, np.full(len(i), each), group[i])[0] >= 0]
        index.append(i)
        years.append(np.full(len(i), each))
    i, year = map(np.concatenate, (index, years))
    group, person = pupils.group(i, year), people.person[i]
    school, *parts = seen(pupils, i, year, group)
    terms = _terms(pupils, i, year, group, parts)
    two = pupils.schooling.at(pupils.schooling.second, i, group) >= 0
    main = school == pupils.school(i, group)
    rows = {
        "person": person,
        "collection_year": year,
        "pupilmatchingrefanonymous": pupils.pmr(i),
        "academicyear": academic_year(year),
        "gender": pupils.sex(i),
        "yearofbirth": people.birth_year[i],
        "monthofbirth": people.birth_month[i],
        "ageatstartofacademicyear": group + 4,
        "ncyearactual": pupils.nc_year(i, year),
        "ethnicgroupminor": pupils.minor(i),
        "ethnicgroupmajor": pupils.major(i),
        "languagegroupmajor": pupils.language_major(i),
        "fsmeligible": pupils.fsm(i, year),
        "senprovision": pupils.sen_provision(i, year),
        "la_anon": pupils.authority_of(i, school),
        "laestab_anon": pupils.laestab(school, year).astype(np.int32),
        "urn_anon": pupils.urn(school, year).astype(np.int32),
        "enrolstatus": Coded(np.where(two, np.where(main, 2, 3), 0), ["C", "G", "M", "S"]),
        "mainrecord": np.ones(len(i), dtype=np.int64),
        "phase": Coded(pupils.schooling.places.phase[school], PHASES),
    }
    return rows | terms | _sums(terms, year)


def described(rows: Rows, traits: Traits, history: dict[str, np.ndarray]) -> Rows:
    """Absence records with what the census of the year says of the pupil, and how the records were collected.

    ``history``: of free school meals, from :func:`leocourse.extract.records.census.fsm_history`.
    """
    year = rows["collection_year"]
    i = np.searchsorted(traits.people.person, rows["person"])
    one, whole = np.ones(len(i), dtype=np.int16), year != 2020
    columns = traits.columns(TRAITS, i, year)
    columns["everfsm_6"] = history["everfsm_6"][year - FIRST_YEAR, i].astype(np.int16)
    adopted = adoption_year(traits.people, traits.pupils.care.periods)[i]
    columns["plaa"] = Coded(((adopted > 0) & (adopted <= year)).astype(np.int8), ["N", "A"])
    for number, term in enumerate(("spring", "summer", "autumn"), start=1):
        held = whole | (term == "autumn")
        held &= ~rows[f"sessionspossible_{term}"].missing
        columns[f"onroll_{number}"] = Nullable(one, ~held)
        columns[f"sourcetable_{number}"] = Coded(held.astype(np.int8) - 1, ["PupilsOnRoll", "PupilsNoLongerOnRoll"])
    for term in SESSIONS:
        of = Coded(-rows[f"authorisedabsence_{term}"].missing.astype(np.int8), ["Reason", "Total"])
        columns |= {f"{kind}absenceflag_{term}": of for kind in ("authorised", "unauthorised")}
    return rows | columns


def _terms(pupils: Pupils, i: np.ndarray, year: np.ndarray, group: np.ndarray, parts: list[np.ndarray]) -> Rows:
    """Sessions possible, authorised, unauthorised and missed in each term; ``parts`` of them remain to the pupil.

    A term has the sessions that exclusions took, and its share of those missed otherwise.
    """
    people, history = pupils.people, pupils.schooling
    person, rate = people.person[i], usual_rate(people, i, year)
    split, kind = people.stream("absence/term"), people.stream("absence/unauthorised")
    # About a quarter of absence is unauthorised, more of it where there is much absence (a design choice).
    share = np.clip(140 + rate // 8, 0, 550) + 60 * kind.normal(person, year) // 1000
    rows, taken, owed, possible_so_far = {}, {}, 0, 0
    for number, (term, sessions) in enumerate(SESSIONS.items()):
        possible = np.full(len(i), sessions)
        if term == "spring":
            possible = np.where(year == 2021, SPRING_2021, possible)
        held = np.ones(len(i), dtype=bool) if term != "summer6th" else (year >= 2013) & (group < 11)
        # Only autumn 2019 was collected for 2019/20: the census of May 2020 would have brought the spring.
        held &= (year != 2020) | (term == "autumn")
        held &= parts[min(number, 2)] > 0
        possible = np.where(held, possible * parts[min(number, 2)] // 1_000, 0)
        lost = history.at(history.lost, i, group, number).astype(np.int64) if number < 3 else 0
        lost = np.minimum(lost, possible)
        owed, possible_so_far = owed + rate * possible, possible_so_far + possible
        wanted = (owed + 5_000) // 10_000 - sum(
            (rows[f"overallabsence_{each}"].values - taken[each] for each in list(SESSIONS)[:number]), 0
        )
        taken[term] = lost
        swing = 0 if number > 1 else wanted * split.normal(person, year * 8 + number) // 4_000
        missed = np.clip(wanted + swing, 0, possible - lost)
        unauthorised = np.clip(missed * np.clip(share, 0, 900) // 1000, 0, missed)
        values = {"sessionspossible": possible, "authorisedabsence": missed - unauthorised + lost,
                  "unauthorisedabsence": unauthorised, "overallabsence": missed + lost}  # fmt: skip
        rows |= {f"{name}_{term}": Nullable(column, ~held) for name, column in values.items()}
    return rows


def _sums(terms: Rows, year: np.ndarray) -> Rows:
    """Sums over the year under the names of its time, and the flags of persistent absence."""
    kinds = ("sessionspossible", "authorisedabsence", "unauthorisedabsence", "overallabsence")
    to_may = {kind: sum(terms[f"{kind}_{term}"].values for term in ("autumn", "spring", "summer")) for kind in kinds}
    all_year = {kind: to_may[kind] + terms[f"{kind}_summer6th"].values for kind in kinds}
    whole = year != 2020
    rows: Rows = {}
    for kind in kinds:
        rows[f"{kind}_3term"] = to_may[kind]
        rows[f"{kind}_5halfterms"] = Nullable(to_may[kind], ~whole)
        rows[f"{kind}_6halfterms"] = Nullable(all_year[kind], ~whole)

    def flag(chosen: np.ndarray) -> np.ndarray:
        return chosen.astype(np.int16)

    for percent in (10, 15):
        for halves, sums in ((5, to_may), (6, all_year)):
            missed, possible = sums["overallabsence"], sums["sessionspossible"]
            rows[f"pa{percent}_exact_{halves}halfterms"] = flag(missed * 100 >= percent * possible)
            standard = STANDARD_YEAR * percent * halves // 600
            rows[f"pa{percent}_threshold_{halves}halfterms"] = Nullable(flag(missed >= standard), ~whole)
    missed, possible = to_may["overallabsence"], to_may["sessionspossible"]
    rows["persistentabsentee_3term"] = flag(missed * 5 >= possible)
    rows["persistentabsentee15_3term"] = rows["pa15_exact_5halfterms"]
    rows["persistentabsentee15_5halfterms"] = Nullable(rows["pa15_exact_5halfterms"], ~whole)
    rows["persistentabsentee15_6halfterms"] = rows["pa15_exact_6halfterms"]
    return rows


def _on_line(points: dict[int, int], year: int) -> int:
    known = sorted(points)
    if year in points:
        return points[year]
    after = next((each for each in known if each > year), known[-1])
    before = max((each for each in known if each < year), default=known[0])
    if after == before or year < known[0] or year > known[-1]:
        return points[after if year < known[0] else before]
    return points[before] + (points[after] - points[before]) * (year - before) // (after - before)


_MEDIANS = np.array(
    [[_on_line(line, year) for year in range(FIRST_YEAR, LAST_YEAR + 2)] for line in (PRIMARY_MEDIAN, SECONDARY_MEDIAN)]
)
_GROUP_STEPS = np.array([YEAR_GROUP_STEPS.get(group, 0) for group in range(13)])
