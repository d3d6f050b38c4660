"""The autumn and summer school censuses, and the history of free school meals in the spring census.

The spring census is the first (see :mod:`leocourse.extract.records.schools`): the other two hold the same
pupils of the same academic year, with the date and the eligibility for free school meals of their
own day, and without the fields that only the spring census collects (request form v2.3, terms).
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows, append, blank, count, select
from leocourse.extract.base.dates import days_of
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.ks4 import EARLY, ENGLISH, LETTERS, MATHS, Results
from leocourse.extract.records.pupils import FIRST_YEAR, SEN_MAJORS, Pupils
from leocourse.extract.records.schools import in_census
from leocourse.extract.records.sixth_forms import FIRST_LINEAR_YEAR
from leocourse.schema import Field, load_schema

TERMS = ["spr", "aut", "sum"]
TERM_NAMES = ["Spring", "Autumn", "Summer"]
FIRST_CENSUS = 2002
FIRST_AUTUMN, FIRST_SUMMER = 2007, 2006
NO_SUMMER = 2020
"""The census of May 2020 was cancelled."""
HISTORY = {  # field: years looked back on, this one included; whether all three terms count
    "everfsm_3": (3, True), "everfsm_6": (6, True), "everfsm_6_p": (6, True), "everfsm_all": (20, False),
}  # fmt: skip

TRAITS = {
    "ethnicity": "ethnicity", "ethnicgroup": "ethnic_name", "ethnicitysource": "ethnic_source", "language": "language",
    "languagegroup": "language_group", "languagegroupminor": "language_group", "gandtindicator": "gifted",
    "servicechild": "service_child", "servicechildsource": "service_source", "parttime": "part_time",
    "boarder": "boarder", "primarysentype": "need", "secondarysentype": "second_need",
    "specialprovisionindicator": "special_provision", "senunitindicator": "unit",
    "resourcedprovisionindicator": "resourced", "topupfunding": "top_up", "distcurrsch": "distance",
    "idacirank": "rank_home", "homela_anon": "authority", "datacollection": "collection", "phase": "phase",
    "yssa": "consent", "modeoftravel": "travel", "typeofclass": "class_type",
}  # fmt: skip
"""Fields that hold a characteristic of the pupil, and which."""
OFF_ROLL = (
    "primarysentype", "secondarysentype", "specialprovisionindicator", "senunitindicator", "topupfunding",
    "resourcedprovisionindicator", "distcurrsch", "mobilityind",
)  # fmt: skip
"""Fields that a record off roll lacks, besides those that the fault itself takes away."""
GCSE_GRADES = [*LETTERS, *map(str, range(1, 10))]
KNOWN_LEAVERS = {"spr": 20_000, "aut": 5_000, "sum": 300_000}
"""Share of those who leave at the end of the year, in millionths, whose day is known on census day: design choices."""
HOURS_OF_A_COURSE = 160
"""Planned hours a year of an AS or A level."""


def fsm_change(pupils: Pupils, year: int | np.ndarray, i: np.ndarray) -> np.ndarray:
    """Before which census a change since the last January came: 0 summer, 1 autumn, 2 this January.

    Eligibility changes at most once between two spring censuses.
    """
    return pupils.people.stream("census/fsm change").below(3, pupils.people.person[i], year)


def fsm_in_term(pupils: Pupils, i: np.ndarray, year: np.ndarray, term: str) -> np.ndarray:
    """Eligible for free school meals on census day of a term of the academic year, 0 or 1."""
    if term == "spr":
        return pupils.fsm(i, year)
    if term == "aut":
        return np.where(fsm_change(pupils, year, i) < 2, pupils.fsm(i, year), pupils.fsm(i, year - 1))
    return np.where(fsm_change(pupils, year + 1, i) == 0, pupils.fsm(i, year + 1), pupils.fsm(i, year))


def fsm_history(pupils: Pupils, sixth_form: np.ndarray) -> dict[str, np.ndarray]:
    """Recorded as eligible by the spring census of a year: fields of shape (years from 1996, people), 0 or 1.

    Only censuses in which the pupil stood count, so none before January 2002 and none in an
    independent school. The fields over three and six years use every census up to January,
    ``everfsm_all`` uses spring censuses alone (the schema's descriptions).
    """
    everyone = np.arange(len(pupils))
    shape = (len(range(FIRST_YEAR, 2022)), len(pupils))
    spring, termly = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for year in range(FIRST_CENSUS, 2022):
        present = in_census(pupils.people, year, sixth_form)
        spring[year - FIRST_YEAR] = present & pupils.fsm_by_year[year - FIRST_YEAR]
        termly[year - FIRST_YEAR] |= spring[year - FIRST_YEAR]
        if year >= FIRST_AUTUMN:
            termly[year - FIRST_YEAR] |= present & (
                fsm_in_term(pupils, everyone, np.full(len(pupils), year), "aut") == 1
            )
        if year >= FIRST_SUMMER and year not in (
            NO_SUMMER,
            2021,
        ):  # a summer is first looked back on a year later
            summer = fsm_in_term(pupils, everyone, np.full(len(pupils), year), "sum") == 1
            termly[year - FIRST_YEAR + 1] |= present & summer
    fields = {}
    for name, (years, every_term) in HISTORY.items():
        source = termly if every_term else spring
        ever = np.zeros(shape, dtype=bool)
        for back in range(min(years, shape[0])):
            ever[back:] |= source[: shape[0] - back]
        fields[name] = ever.astype(np.int16)
    return fields


def with_history(spring: Rows, pupils: Pupils, history: dict[str, np.ndarray]) -> Rows:
    """Spring census records with the history of free school meals and the broad groups of special needs."""
    year = spring["collection_year"]
    i = np.searchsorted(pupils.people.person, spring["person"])
    level = pupils.sen(i, year)
    fields = {name: values[year - FIRST_YEAR, i] for name, values in history.items()}
    return spring | fields | {"senprovisionmajor": Coded((level > 0).astype(np.int64) + (level > 2), SEN_MAJORS)}


def all_terms(spring: Rows, pupils: Pupils) -> Rows:
    """Spring records followed by those of autumn and summer.

    A second registration lasts all year. A record of a former school stands in the spring census alone:
    the pupil had not left it by October, and it no longer returns the pupil in May.
    """
    spring = spring | {"collection_term": Coded(spring["collection_term"].codes, TERMS),
                       "censusterm": Coded(spring["censusterm"].codes, TERM_NAMES)}  # fmt: skip
    rows = spring
    for term in ("aut", "sum"):
        rows = append(rows, _term(spring, pupils, term))
    return rows


def _term(spring: Rows, pupils: Pupils, term: str) -> Rows:
    year, status = spring["collection_year"], spring["recordstatus"]
    held = (year >= FIRST_AUTUMN) if term == "aut" else (year >= FIRST_SUMMER) & (year != NO_SUMMER)
    rows = select(spring, held & (status != 101))
    year, status = rows["collection_year"], rows["recordstatus"]
    i = np.searchsorted(pupils.people.person, rows["person"])
    size, number = count(rows), TERMS.index(term)
    date = days_of(year - 1, 10, 4) if term == "aut" else days_of(year, 5, 18)
    rows |= {
        "collection_term": Coded(np.full(size, number, dtype=np.int8), TERMS),
        "censusterm": Coded(np.full(size, number, dtype=np.int8), TERM_NAMES),
        "censusdate": date.astype(np.int32),
        "recordstatus": np.where(status == 1, np.int16(0), status),
        "fsmeligible": Nullable(fsm_in_term(pupils, i, year, term).astype(np.int16), np.zeros(size, dtype=bool)),
    }
    return rows | _in_their_terms(rows, {name: rows[name] for name in _spring_only() & set(rows)})


def described(rows: Rows, traits: Traits) -> Rows:
    """Records of all terms with the characteristics of the pupils.

    A record off roll has no special needs and no area, as in the fault that makes it.
    """
    year, off_roll = rows["collection_year"], rows["onroll"] == 0
    i = np.searchsorted(traits.people.person, rows["person"])
    columns = traits.columns(TRAITS, i, year)
    columns["mobilityind"] = np.where(_is_first(traits.pupils, i, year), np.int16(2), np.int16(0))
    columns["sourcetable"] = Coded(off_roll.astype(np.int8), ["PupilsOnRoll", "PupilsNoLongerOnRoll"])
    for name in OFF_ROLL:
        columns[name] = blank(columns[name], off_roll)
    return rows | _in_their_terms(rows, columns)


def leaving_days(rows: Rows, pupils: Pupils, sixth_form: np.ndarray) -> Rows:
    """Records with the day on which a pupil on roll leaves, where the school knows it on census day.

    Those leave who are in the last year of a school: years 6 and 13, and year 11 without a place in the sixth form.
    """
    year, known = rows["collection_year"], rows["leavingdate"]
    i = np.searchsorted(pupils.people.person, rows["person"])
    group = pupils.group(i, year)
    leaves = (group == 6) | (group == 13) | (group == 11) & ~sixth_form[i]
    of_term = np.array([KNOWN_LEAVERS[term] for term in TERMS])[rows["collection_term"].codes]
    told = pupils.people.stream("census/leaving").chance(of_term, pupils.people.person[i], year)
    chosen = leaves & told & (rows["onroll"] == 1) & known.missing
    day = np.select([group == 6, group == 11], [days_of(year, 7, 21), days_of(year, 6, 27)], days_of(year, 7, 5))
    day = np.where(chosen, day, known.values).astype(np.int32)
    return rows | {"leavingdate": Nullable(day, known.missing & ~chosen)}


def sixth_form_study(rows: Rows, pupils: Pupils, paths: Pathways, results: Results) -> Rows:
    """Records with courses, hours and earlier grades of pupils in school sixth forms; missing for all others."""
    people, year = pupils.people, rows["collection_year"]
    i = np.searchsorted(people.person, rows["person"])
    group = pupils.group(i, year)
    sixth, second = group >= 12, group == 13
    not_sixth, not_second = ~sixth, ~second
    courses = paths.level_three
    to_the_end = (courses.subject >= 0).sum(axis=1).astype(np.int16)
    begun = np.where(people.cohort + 18 < FIRST_LINEAR_YEAR, courses.course.shape[1], to_the_end).astype(np.int16)
    number = np.where(second, to_the_end[i], begun[i])
    other = (20 + 10 * people.stream("census/other hours").below(11, people.person)).astype(np.int16)

    def flag(value: int) -> Nullable:
        return Nullable(np.full(len(i), value, dtype=np.int16), not_sixth)

    hours, earlier = HOURS_OF_A_COURSE * number, Nullable(HOURS_OF_A_COURSE * begun[i], not_second)
    besides, besides_earlier = Nullable(other[i], not_sixth), Nullable(other[i], not_second)
    columns: Rows = {
        "postadvanced": flag(0),
        "alevel": Nullable(number, not_sixth),
        "gcse": flag(0),
        "gnvq": flag(0),
        "pregnvq": flag(0),
        "nvq": flag(0),
        "other": Coded(sixth.astype(np.int8) - 1, ["N", "O", "B"]),
        "ftemp": flag(0),
        "qualhrs": Nullable(hours, not_sixth),
        "qualhrsprev": earlier,
        "qualhrspreviousyear": earlier,
        "nonqualhrs": besides,
        "nonqualhrsprev": besides_earlier,
        "non_qualhrspreviousyear": besides_earlier,
    }
    for name, units in (("maths", (MATHS, EARLY)), ("english", (ENGLISH,))):
        best, good = _best(results, units, len(pupils))
        grades = Coded(np.where(sixth, best[i], np.int8(-1)), GCSE_GRADES)
        columns[f"{name}gcsehighestpriorattainmentpreviousyear"] = grades
        reached = Nullable(np.where(good, np.int16(1), np.int16(3))[i], not_sixth | (best < 0)[i])
        columns[f"{name}gcsepriorattainmentyear11"] = reached
    return rows | _in_their_terms(rows, columns)


def _best(results: Results, units: tuple[int, ...], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Best grade of everybody in some units, an index into :data:`GCSE_GRADES` or -1, and whether it is C or 4."""
    best, good = np.full(size, -1, dtype=np.int8), np.zeros(size, dtype=bool)
    for unit in units:
        grade = results.grade[:, unit]
        number = np.where(results.numbered[:, unit] & (grade > 0), len(LETTERS) - 1 + grade, grade)
        found = np.where(results.entered[:, unit], number, -1)
        best[results.i] = np.maximum(best[results.i], found)
        good[results.i] |= results.good[:, unit]
    return best, good


def _is_first(pupils: Pupils, i: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Whether the pupil stood in no census of the year before, so that no address can be compared."""
    return pupils.group(i, year) == pupils.people.arrival[i]


def _in_their_terms(rows: Rows, columns: Rows) -> Rows:
    """The columns, missing in the terms in which the census does not have them."""
    here, outside = (rows["collection_term"].codes, rows["collection_year"] - FIRST_CENSUS), {}
    for item in load_schema()["school_census"].fields:
        if item.name not in columns or not item.terms or len(item.terms) == len(TERMS):
            continue
        there = _there(item)
        if there not in outside:
            outside[there] = ~np.array(there)[here]
        columns[item.name] = blank(columns[item.name], outside[there])
    return columns


def _there(item: Field) -> tuple[tuple[bool, ...], ...]:
    """Whether a field is in the census of each term and year: the schema says it of its views."""
    years = range(FIRST_CENSUS, 2022)
    return tuple(tuple(term in item.terms or item.available(year, year, term) for year in years) for term in TERMS)


def _spring_only() -> set[str]:
    """Fields that some terms do not collect, from the schema."""
    return {item.name for item in load_schema()["school_census"].fields if item.terms}
