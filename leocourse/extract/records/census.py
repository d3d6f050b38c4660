"""The three school censuses of a year, and the history of free school meals in the spring census.

What a year's censuses share is in :mod:`leocourse.extract.records.schools`. Each has the pupils of its own day,
with the school, the date and the eligibility for free school meals of that day; autumn and summer lack the fields
that only the spring census collects (request form v2.3, terms).
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.codes import AUTHORITIES
from leocourse.extract.base.columns import Coded, Nullable, Rows, append, blank, select
from leocourse.extract.base.dates import days_of
from leocourse.extract.lives import establishments
from leocourse.extract.lives.pathways import Pathways
from leocourse.extract.lives.schooling import AUTUMN, CENSUS_DAYS, SPRING, SUMMER
from leocourse.extract.records.characteristics import Traits
from leocourse.extract.records.ks4 import EARLY, ENGLISH, LETTERS, MATHS, Results
from leocourse.extract.records.pupils import FIRST_YEAR, SEN_MAJORS, Pupils
from leocourse.extract.records.schools import in_census
from leocourse.extract.records.sixth_forms import taken
from leocourse.schema import Field, load_schema

TERMS = ["spr", "aut", "sum"]
TERM_NAMES = ["Spring", "Autumn", "Summer"]
SCHOOL_TERMS = {"spr": SPRING, "aut": AUTUMN, "sum": SUMMER}
"""The terms as the history of schooling numbers them."""
ENROLMENT = ["C", "G", "M", "S", "F", "O"]
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


def fsm_history(pupils: Pupils, sixth_form_years: np.ndarray) -> dict[str, np.ndarray]:
    """Recorded as eligible by the spring census of a year: fields of shape (years from 1996, people), 0 or 1.

    Only censuses in which the pupil stood count, so none before January 2002 and none in an
    independent school. The fields over three and six years use every census up to January,
    ``everfsm_all`` uses spring censuses alone (the schema's descriptions).
    """
    everyone = np.arange(len(pupils))
    shape = (len(range(FIRST_YEAR, 2022)), len(pupils))
    spring, termly = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for year in range(FIRST_CENSUS, 2022):
        there = {term: in_census(pupils.people, year, sixth_form_years, of) for term, of in SCHOOL_TERMS.items()}
        present = there["spr"]
        spring[year - FIRST_YEAR] = present & pupils.fsm_by_year[year - FIRST_YEAR]
        termly[year - FIRST_YEAR] |= spring[year - FIRST_YEAR]
        if year >= FIRST_AUTUMN:
            termly[year - FIRST_YEAR] |= there["aut"] & (
                fsm_in_term(pupils, everyone, np.full(len(pupils), year), "aut") == 1
            )
        if year >= FIRST_SUMMER and year not in (
            NO_SUMMER,
            2021,
        ):  # a summer is first looked back on a year later
            summer = fsm_in_term(pupils, everyone, np.full(len(pupils), year), "sum") == 1
            termly[year - FIRST_YEAR + 1] |= there["sum"] & summer
    fields = {}
    for name, (years, every_term) in HISTORY.items():
        source = termly if every_term else spring
        ever = np.zeros(shape, dtype=bool)
        for back in range(min(years, shape[0])):
            ever[back:] |= source[: shape[0] - back]
        fields[name] = ever.astype(np.int16)
    return fields


def with_history(rows: Rows, pupils: Pupils, history: dict[str, np.ndarray]) -> Rows:
    """Rows of pupils and years with the history of free school meals and the broad groups of special needs."""
    year = rows["collection_year"]
    i = np.searchsorted(pupils.people.person, rows["person"])
    level = pupils.sen(i, year)
    fields = {name: values[year - FIRST_YEAR, i] for name, values in history.items()}
    return rows | fields | {"senprovisionmajor": Coded((level > 0).astype(np.int64) + (level > 2), SEN_MAJORS)}


def all_terms(rows: Rows, pupils: Pupils) -> Rows:
    """Census records from one row a pupil and year: a row for each census on which the pupil is.

    A pupil of two schools has the record of the main one here; the other's is planted, as are records off roll.
    """
    found = _term(rows, pupils, TERMS[0])
    for term in TERMS[1:]:
        found = append(found, _term(rows, pupils, term))
    return found


def _term(rows: Rows, pupils: Pupils, term: str) -> Rows:
    year, of = rows["collection_year"], SCHOOL_TERMS[term]
    held = {"spr": year >= FIRST_CENSUS, "aut": year >= FIRST_AUTUMN}.get(
        term, (year >= FIRST_SUMMER) & (year != NO_SUMMER)
    )
    history, i = pupils.schooling, np.searchsorted(pupils.people.person, rows["person"])
    group = rows["ncyearactual"].codes.astype(np.int64)
    seen = history.seen(i, year, group, of)
    there = np.flatnonzero(held & (seen >= 0))
    rows, i, year, group, school = (
        select(rows, there),
        i[there],
        year[there],
        group[there],
        seen[there].astype(np.int64),
    )
    size, number = len(there), TERMS.index(term)
    main = school == history.at(history.school, i, group, of)
    two = history.at(history.second, i, group, of) >= 0
    rows |= {
        "collection_term": Coded(np.full(size, number, dtype=np.int8), TERMS),
        "censusterm": Coded(np.full(size, number, dtype=np.int8), TERM_NAMES),
        "censusdate": days_of(year - (term == "aut"), *CENSUS_DAYS[of]).astype(np.int32),
        "recordstatus": np.zeros(size, dtype=np.int16),
        "enrolstatus": Coded(np.where(two, np.where(main, 2, 3), 0), ENROLMENT),
        "entrydate": history.seen_entry(i, year, group, of).astype(np.int32),
        "laestab_anon": pupils.laestab(school, year).astype(np.int32),
        "la_anon": (school % AUTHORITIES + 1000).astype(np.int16),
        "urn_anon": pupils.urn(school, year).astype(np.int32),
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
    columns["phase"] = phase_of(traits.pupils, rows["laestab_anon"])
    columns["mobilityind"] = np.where(_is_first(traits.pupils, i, year), np.int16(2), np.int16(0))
    columns["sourcetable"] = Coded(off_roll.astype(np.int8), ["PupilsOnRoll", "PupilsNoLongerOnRoll"])
    for name in OFF_ROLL:
        columns[name] = blank(columns[name], off_roll)
    return rows | _in_their_terms(rows, columns)


def phase_of(pupils: Pupils, laestab: np.ndarray) -> Coded:
    """Phase of the schools with these pseudonyms."""
    number = (laestab - establishments.LAESTAB) % establishments.AS_ACADEMY
    return Coded(pupils.schooling.places.phase.astype(np.int8)[number], establishments.PHASES)


def leaving_days(rows: Rows, pupils: Pupils, sixth_form_years: np.ndarray) -> Rows:
    """Records with the day on which a pupil on roll leaves, where the school knows it on census day.

    They end a school: in year 6 if it has no year 7, in year 11 without a sixth form, or at the end of that.
    """
    year, known = rows["collection_year"], rows["leavingdate"]
    i = np.searchsorted(pupils.people.person, rows["person"])
    group = pupils.group(i, year)
    everybody, six = np.arange(len(pupils)), np.full(len(pupils), 6)
    changes = pupils.school(everybody, six, SUMMER) != pupils.school(everybody, six + 1, AUTUMN)
    leaves = (group == 6) & changes[i] | (group > 10) & (group == 11 + sixth_form_years[i])
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
    sixth, second = group >= 12, group >= 13
    not_sixth, not_second = ~sixth, ~second
    of = paths.level_three
    begun, to_the_end = (taken(people, paths, each).sum(axis=1).astype(np.int16) for each in (12, 13))
    number = np.where(second, to_the_end[i], begun[i])
    other = (20 + 10 * people.stream("census/other hours").below(11, people.person)).astype(np.int16)

    def flag(value: int) -> Nullable:
        return Nullable(np.full(len(i), value, dtype=np.int16), not_sixth)

    before = begun + of.begun_vocational.astype(np.int16)
    now = np.where(second, number + of.vocational.astype(np.int16)[i], before[i])
    hours, earlier = HOURS_OF_A_COURSE * now, Nullable(HOURS_OF_A_COURSE * before[i], not_second)
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
