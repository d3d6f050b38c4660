"""Faults of the school tables: two records where there should be one, dates, and free school meals."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows, append, blank, count, select
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.base.dates import days_of
from leocourse.extract.faults.planting import Faults, declare, plants, shows
from leocourse.extract.lives import areas
from leocourse.extract.lives.population import People
from leocourse.extract.lives.schooling import AUTUMN, SPRING, SUMMER
from leocourse.extract.records.absence import seen
from leocourse.extract.records.census import ENROLMENT, SCHOOL_TERMS
from leocourse.extract.records.pupils import Pupils
from leocourse.extract.records.reasons import AUTHORISED, PRESENT, PRESENT_IN_SUMMER, UNAUTHORISED

PUPIL_AND_YEAR = ("pupilmatchingrefanonymous", "collection_year")
PUPIL_AND_TERM = (*PUPIL_AND_YEAR, "collection_term")
DUAL_REGISTRATION = declare(
    "census_dual_registration", 950_000,
    "A pupil is registered at two schools and both return the pupil: two census records.",
    shows("school_census", *PUPIL_AND_TERM, seen="r.recordstatus = 103", breaks=("primary key",)),
)  # fmt: skip
DUAL_FSM_DIFFERS = declare(
    "dual_fsm_differs", 600_000, "The second school of a pupil says something else of free school meals.",
    shows("school_census", *PUPIL_AND_YEAR, seen="r.recordstatus = 103"),
)  # fmt: skip
OFF_ROLL = declare(
    "census_off_roll", 800_000,
    "The school that a pupil left since autumn returns the pupil too, off roll and without FSM, SEN or area.",
    shows("school_census", *PUPIL_AND_YEAR, match="r.collection_term = 'spr'",
          seen="r.recordstatus = 101 AND r.onroll = 0", breaks=("primary key",)),
)  # fmt: skip
KS4_TWO_RECORDS = declare(
    "ks4_two_records", 25_000,
    "A pupil has a second key stage 4 record, with part of the results; some say: not at the end of the stage.",
    shows("ks4_pupil", "ks4_pupilmatchingrefanonymous", "ks4_acadyr", rows=2, breaks=("primary key",)),
)  # fmt: skip
LEFT_BEFORE_ENTRY = declare(
    "census_left_before_entry", 250_000, "A record off roll has a leaving date before its entry date.",
    shows("school_census", *PUPIL_AND_TERM, seen="r.leavingdate < r.entrydate",
          breaks=("dates entrydate, leavingdate",)),
)  # fmt: skip
FSM_UNDER_RECORDED = declare(
    "fsm_under_recorded", 500_000,
    "One local authority never recorded half of its pupils eligible for free meals.",
    shows("absence", *PUPIL_AND_YEAR, seen="r.fsmeligible = 0"),
    shows("exclusions", "pupilmatchingrefanonymous", "startdate", seen="r.fsmeligible = 0"),
    shows("ks2_pupil", "ks2_pupilmatchingrefanonymous", "ks2_acadyr", seen="r.ks2_fsm = 0"),
    shows("ks4_pupil", "ks4_pupilmatchingrefanonymous", "ks4_acadyr", seen="r.ks4_fsm = 0"),
    shows("school_census", *PUPIL_AND_TERM, seen="r.fsmeligible = 0"),
)  # fmt: skip
PERMANENT_TWICE = declare(
    "permanent_exclusion_twice", 350_000,
    "A school reports a permanent exclusion again on another day; the second record is marked as a duplicate.",
    shows("exclusions", *PUPIL_AND_YEAR, seen="r.perm_duplicate = 1"),
)  # fmt: skip
ABSENCE_TWO_RECORDS = declare(
    "absence_two_records", 350_000,
    "A pupil at two schools in a year has a second absence record, not the main one.",
    shows("absence", *PUPIL_AND_YEAR, seen="r.mainrecord = 0", breaks=("primary key",)),
)  # fmt: skip

FSM_COLUMNS = {
    "school_census": ("fsmeligible", "everfsm_3", "everfsm_6", "everfsm_6_p", "everfsm_all"),
    "ks4_pupil": ("ks4_fsm", "ks4_fsm6", "ks4_fsm6_p"), "ks2_pupil": ("ks2_fsm", "ks2_fsm6", "ks2_fsm6_p"),
    "absence": ("fsmeligible", "everfsm_6"), "exclusions": ("fsmeligible",),
}  # fmt: skip
"""Columns that an authority's record of eligibility goes into, the one that the ledger tells first."""
AUTHORITY = {
    "school_census": "la_anon", "ks4_pupil": "ks4_la_anon", "ks2_pupil": "ks2_la_anon", "absence": "la_anon",
    "exclusions": "la_anon",
}  # fmt: skip
"""Column that names the authority of the school: a school elsewhere records what is so."""
NOT_AT_END = 330_000
"""Share of second records at key stage 4 that say the pupil was not at its end, in millionths (a design choice)."""
COLLECTED_FROM = {"ks2_pupil": 2007, "ks4_pupil": 2007}
"""First year of eligibility in the tables that did not have it from the start."""

SESSIONS = ("sessionspossible", "authorisedabsence", "unauthorisedabsence", "overallabsence", "termlyreason")
"""How the names of fields of sessions begin."""
REASONS = [
    ("authorisedabsence", AUTHORISED, "i"),
    ("unauthorisedabsence", UNAUTHORISED, "o"),
    ("attended", (*PRESENT, *PRESENT_IN_SUMMER), "pm"),
]
"""A total, the reasons that add up to it, and the one that takes what rounding leaves."""


def census(rows: Rows, pupils: Pupils, faults: Faults) -> Rows:
    """Dual registration, in all terms, and pupils whom a former school still returns, in the spring."""
    history, person, year = pupils.schooling, rows["person"], rows["collection_year"]
    i, group = np.searchsorted(pupils.people.person, person), rows["ncyearactual"].codes.astype(np.int64)
    of = np.array([SCHOOL_TERMS[term] for term in rows["collection_term"].labels])[rows["collection_term"].codes]
    main, other = (history.at(what, i, group, of).astype(np.int64) for what in (history.school, history.second))
    dual = (other >= 0) & (rows["enrolstatus"].codes == ENROLMENT.index("M"))
    dual &= faults.strikes(DUAL_REGISTRATION, person, year)
    before = history.seen(i, year, group, AUTUMN).astype(np.int64)
    left = (of == SPRING) & (before >= 0) & (before != main) & (before != other) & (year >= 2009) & ~dual
    left &= faults.strikes(OFF_ROLL, person, year)
    second, former = select(rows, dual), select(rows, left)
    second |= _at_school(pupils, second, other[dual]) | {
        "entrydate": history.at(history.second_entry, i, group, of)[dual].astype(np.int32),
        "recordstatus": np.full(count(second), 103, dtype=np.int16),
        "enrolstatus": replace_in(second["enrolstatus"], np.ones(count(second), dtype=bool), 3),
    }
    differs = faults.strikes(DUAL_FSM_DIFFERS, second["person"], second["collection_year"]) & ~_missing(
        second["fsmeligible"]
    )
    faults.record_rows(DUAL_FSM_DIFFERS, "school_census", second, differs, "fsmeligible")
    flipped = 1 - _values(second["fsmeligible"])[differs]
    second["fsmeligible"] = replace_in(second["fsmeligible"], differs, flipped)
    every = np.ones(count(former), dtype=bool)
    joined = history.seen_entry(i, year, group, AUTUMN)[left].astype(np.int32)
    former |= (
        _at_school(pupils, former, before[left])
        | {
            "entrydate": joined,
            "recordstatus": np.full(count(former), 101, dtype=np.int16),
            "enrolstatus": replace_in(former["enrolstatus"], every, 0),
            "onroll": np.zeros(count(former), dtype=np.int16),
            "leavingdate": replace_in(former["leavingdate"], every, _left(former, joined)),
        }
        | {name: blank(former[name], every) for name in ("fsmeligible", "senprovision", "lsoa01", "lsoa11")}
    )
    for fault, chosen in ((DUAL_REGISTRATION, dual), (OFF_ROLL, left)):
        faults.record_rows(fault, "school_census", rows, chosen, "recordstatus")
    rows = rows | {"recordstatus": np.where(dual, 3, np.where(left, 1, 0)).astype(np.int16)}
    return append(append(rows, second), former)


def _left(former: Rows, joined: np.ndarray) -> np.ndarray:
    """When pupils left the school that they had ``joined``: before they came to the new one, if they did so later."""
    new = former["entrydate"]
    at_christmas = days_of(former["collection_year"] - 1, 12, 17).astype(np.int32)  # back at a school that kept them
    return np.where(new > joined, np.maximum(joined + 1, new - 3), at_christmas)


def _at_school(pupils: Pupils, rows: Rows, school: np.ndarray) -> Rows:
    """The columns that name a school, of rows whose school is another one."""
    year = rows["collection_year"]
    return {
        "laestab_anon": pupils.laestab(school, year).astype(np.int32),
        "la_anon": (school % codes.AUTHORITIES + 1000).astype(np.int16),
        "urn_anon": pupils.urn(school, year).astype(np.int32),
    }


def under_recording_authority(faults: Faults) -> int:
    """The authority that does not record free school meals: one of the more deprived half, where it matters."""
    draw = faults.stream(FSM_UNDER_RECORDED).below(codes.AUTHORITIES // 2, np.zeros(1, dtype=np.int64), 1)[0]
    return int(areas.most_deprived_authorities()[draw])


def fsm_under_recorded(tables: dict[str, Rows], people: People, faults: Faults) -> dict[str, Rows]:
    """Free school meals that one authority did not record, in every table that its schools fill."""
    authority = under_recording_authority(faults)
    struck = faults.strikes(FSM_UNDER_RECORDED, people.person) & (people.authority == authority)
    hidden = people.person[struck]
    changed = {}
    for table, columns in FSM_COLUMNS.items():
        rows = dict(tables[table])
        theirs = np.isin(rows["person"], hidden) & (_values(rows[AUTHORITY[table]]) == authority + 1000)
        for column in columns:
            chosen = theirs & _true(rows[column]) & (rows["collection_year"] >= COLLECTED_FROM.get(table, 0))
            if column == columns[0]:
                faults.record_rows(FSM_UNDER_RECORDED, table, rows, chosen, column)
            rows[column] = replace_in(rows[column], chosen, 0)
        changed[table] = rows
    return changed


def left_before_entry(rows: Rows, faults: Faults) -> Rows:
    """Records off roll whose leaving date lies before the entry date (spring census)."""
    off_roll = rows["onroll"] == 0
    chosen = off_roll & faults.strikes(LEFT_BEFORE_ENTRY, rows["person"], rows["collection_year"])
    faults.record_rows(LEFT_BEFORE_ENTRY, "school_census", rows, chosen, "leavingdate")
    earlier = rows["entrydate"] - 45
    return rows | {"leavingdate": replace_in(rows["leavingdate"], chosen, earlier[chosen])}


def ks4(rows: Rows, faults: Faults, whole_only: frozenset[str] = frozenset()) -> Rows:
    """A second key stage 4 record with part of the results: a third of the points, nothing in English.

    Columns named in ``whole_only`` were worked out for whole records only: the second has none of them.
    """
    chosen = faults.strikes(KS4_TWO_RECORDS, rows["person"])
    faults.record_rows(KS4_TWO_RECORDS, "ks4_pupil", rows, chosen, "ks4_ptscnewe")
    second = select(rows, chosen)
    every = np.ones(count(second), dtype=bool)
    for name, column in second.items():
        if name in whole_only:
            second[name] = blank(column, every)
        elif (
            name.startswith(("ks4_pts", "ks4_att8", "ks4_entry_g", "ks4_gcse_ac", "ks4_ebaccaps"))
            and name != "ks4_att8_pred"
        ):
            second[name] = column // 3
        elif name.startswith(("ks4_level2", "ks4_level1", "ks4_l2basics", "ks4_ebacc")):
            second[name] = column * 0
        elif name.startswith(("ks4_apeng", "ks4_p8", "ks4_att8_pred")):
            second[name] = blank(column, every)
    stream = faults.stream(KS4_TWO_RECORDS)
    other = (second["collection_year"] >= COLLECTED_FROM["ks4_pupil"]) & stream.chance(NOT_AT_END, second["person"], 1)
    second["ks4_endks"] = replace_in(second["ks4_endks"], other, 0)
    return append(rows, second)


def absence(rows: Rows, pupils: Pupils, faults: Faults) -> Rows:
    """A second absence record of a pupil at two schools in a year, with few sessions; not the main one.

    The other school is the second of two registrations, or one before or after a move within the year.
    """
    other = _other_school(rows, pupils)
    chosen = (other >= 0) & faults.strikes(ABSENCE_TWO_RECORDS, rows["person"], rows["collection_year"])
    second = select(rows, chosen)
    part = {}
    for column, values in second.items():
        if column.startswith(SESSIONS) and not isinstance(values, Coded):
            part[column] = _like(values, _values(values) // 5)
    for column in [each for each in part if each.startswith("overallabsence")]:
        end = column.removeprefix("overallabsence")
        of = {kind: _values(part[f"{kind}{end}"]) for kind in SESSIONS if f"{kind}{end}" in part}
        of["overallabsence"] = of["authorisedabsence"] + of["unauthorisedabsence"]
        of["attended"] = of["sessionspossible"] - of["overallabsence"]
        part[column] = _like(part[column], of["overallabsence"])
        # What rounding down leaves of a total goes to one of its reasons, so that they add up here too.
        for kind, letters, rest in REASONS:
            names = [f"termlyreason{letter}{end}" for letter in letters]
            names = [each for each in names if each in part]
            if names:
                left = f"termlyreason{rest}{end}"
                others = sum(_values(part[each]) for each in names if each != left)
                part[left] = _like(part[left], of[kind] - others)
    size = count(second)
    second |= part | _at_school(pupils, second, other[chosen]) | {"mainrecord": np.zeros(size, dtype=np.int64)}
    subsidiary = np.where(
        second["enrolstatus"].codes == ENROLMENT.index("M"), ENROLMENT.index("S"), ENROLMENT.index("C")
    )
    second["enrolstatus"] = Coded(subsidiary, second["enrolstatus"].labels)
    faults.record_rows(ABSENCE_TWO_RECORDS, "absence", rows, chosen, "mainrecord")
    return append(rows, second)


@plants("exclusions")
def permanent_twice(rows: Rows, faults: Faults) -> Rows:
    """A second record of a permanent exclusion, a week later or two; only table 1 of the collection has it."""
    permanent = rows["category"].codes == 1
    chosen = permanent & faults.strikes(PERMANENT_TWICE, rows["person"], rows["collection_year"])
    second = select(rows, chosen)
    later = 7 * (1 + faults.stream(PERMANENT_TWICE).below(2, second["person"], 1))
    second |= {"startdate": second["startdate"] + later, "perm_duplicate": np.ones(count(second), dtype=np.int64)}
    faults.record_rows(PERMANENT_TWICE, "exclusions", rows, chosen, "startdate")
    return append(rows, second)


def _other_school(rows: Rows, pupils: Pupils) -> np.ndarray:
    """Another school of the year that could return a pupil's absence, or -1."""
    history, year = pupils.schooling, rows["collection_year"]
    i, group = np.searchsorted(pupils.people.person, rows["person"]), rows["ncyearactual"].codes.astype(np.int64)
    own, other = seen(pupils, i, year, group)[0], np.full(len(i), -1)
    second = history.at(history.second, i, group).astype(np.int64)
    places = [np.where(rows["enrolstatus"].codes == ENROLMENT.index("M"), second, -1)]
    places += [history.seen(i, year, group, term) for term in (AUTUMN, SUMMER)]
    for place in places:
        other = np.where((other < 0) & (place >= 0) & (place != own), place, other)
    return other


def _like(column: np.ndarray | Nullable, values: np.ndarray) -> np.ndarray | Nullable:
    """Other values, missing where the column's are, in the column's type."""
    values = values.astype(_values(column).dtype)
    return Nullable(values, column.missing) if isinstance(column, Nullable) else values


def _values(column: np.ndarray | Nullable) -> np.ndarray:
    return column.values if isinstance(column, Nullable) else column


def _missing(column: np.ndarray | Nullable) -> np.ndarray:
    return column.missing if isinstance(column, Nullable) else np.zeros(len(column), dtype=bool)


def _true(column: np.ndarray | Nullable | Coded) -> np.ndarray:
    if isinstance(column, Nullable):
        return (column.values == 1) & ~column.missing
    return column == 1
