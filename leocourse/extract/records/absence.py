"""Absence from school: sessions that pupils of years 1 to 11 could have attended and missed.

How often somebody is away is decided in the life (:mod:`leocourse.extract.lives.attendance`). The total to the end of
May is the true rate to the nearest session of those that the pupil could attend; chance divides it over the terms.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.lives.attendance import SESSIONS, SPRING_2021, usual_rate
from leocourse.extract.lives.care import adoption_year
from leocourse.extract.lives.establishments import PHASES
from leocourse.extract.lives.schooling import AUTUMN, SPRING, SUMMER
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.pupils import Pupils, academic_year
from leocourse.extract.records.schools import FIRST_YEAR, year_group

YEARS = range(2006, 2022)
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
