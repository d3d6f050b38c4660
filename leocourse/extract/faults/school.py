"""Faults of the school tables. The list of all faults stands in :mod:`leocourse.extract.faults.registry`."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base import codes
from leocourse.extract.base.columns import Coded, Nullable, Rows, append, blank, count, select, text_of
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.faults.registry import Faults, row_keys
from leocourse.extract.lives.population import People
from leocourse.extract.records.reasons import AUTHORISED, PRESENT, PRESENT_IN_SUMMER, UNAUTHORISED

FSM_COLUMNS = {
    "school_census": ("fsmeligible", "everfsm_3", "everfsm_6", "everfsm_6_p", "everfsm_all"),
    "ks4_pupil": ("ks4_fsm", "ks4_fsm6", "ks4_fsm6_p"), "ks2_pupil": ("ks2_fsm", "ks2_fsm6", "ks2_fsm6_p"),
    "absence": ("fsmeligible", "everfsm_6"), "exclusions": ("fsmeligible",),
}  # fmt: skip
"""Columns that an authority's record of eligibility goes into, the one that the ledger tells first."""
COLLECTED_FROM = {"ks2_pupil": 2007, "ks4_pupil": 2007}
"""First year of eligibility in the tables that did not have it from the start."""
KEY_COLUMNS = {
    "school_census": ("pupilmatchingrefanonymous", "collection_year", "collection_term"),
    "ks4_pupil": ("ks4_pupilmatchingrefanonymous", "ks4_acadyr"),
    "ks2_pupil": ("ks2_pupilmatchingrefanonymous", "ks2_acadyr"),
    "absence": ("pupilmatchingrefanonymous", "collection_year"),
    "exclusions": ("pupilmatchingrefanonymous", "startdate"),
}  # fmt: skip

SESSIONS = ("sessionspossible", "authorisedabsence", "unauthorisedabsence", "overallabsence", "termlyreason")
"""How the names of fields of sessions begin."""
REASONS = [
    ("authorisedabsence", AUTHORISED, "i"),
    ("unauthorisedabsence", UNAUTHORISED, "o"),
    ("attended", (*PRESENT, *PRESENT_IN_SUMMER), "pm"),
]
"""A total, the reasons that add up to it, and the one that takes what rounding leaves."""


def under_recording_authority(faults: Faults) -> int:
    """The one authority whose schools record only a part of the pupils eligible for free school meals."""
    return int(faults.stream("fsm_under_recorded").below(codes.AUTHORITIES, np.zeros(1, dtype=np.int64), 1)[0])


def fsm_under_recorded(tables: dict[str, Rows], people: People, faults: Faults) -> dict[str, Rows]:
    """Free school meals that one authority did not record, in every table that its schools fill."""
    name = "fsm_under_recorded"
    struck = faults.strikes(name, people.person) & (people.authority == under_recording_authority(faults))
    hidden = people.person[struck]
    changed = {}
    for table, columns in FSM_COLUMNS.items():
        rows = dict(tables[table])
        theirs = np.isin(rows["person"], hidden)
        for column in columns:
            chosen = theirs & _true(rows[column]) & (rows["collection_year"] >= COLLECTED_FROM.get(table, 0))
            if column == columns[0]:
                faults.record(name, table, row_keys(rows, chosen, *KEY_COLUMNS[table]), text_of(rows[column], chosen))
            rows[column] = replace_in(rows[column], chosen, 0)
        changed[table] = rows
    return changed


def left_before_entry(rows: Rows, faults: Faults) -> Rows:
    """Records off roll whose leaving date lies before the entry date (spring census)."""
    name = "census_left_before_entry"
    off_roll = rows["onroll"] == 0
    chosen = off_roll & faults.strikes(name, rows["person"], rows["collection_year"])
    faults.record(
        name,
        "school_census",
        row_keys(rows, chosen, *KEY_COLUMNS["school_census"]),
        text_of(rows["leavingdate"], chosen),
    )
    earlier = rows["entrydate"] - 45
    return rows | {"leavingdate": replace_in(rows["leavingdate"], chosen, earlier[chosen])}


def ks4(rows: Rows, faults: Faults, whole_only: frozenset[str] = frozenset()) -> Rows:
    """A second key stage 4 record with part of the results: a third of the points, nothing in English.

    Columns named in ``whole_only`` were worked out for whole records only: the second has none of them.
    """
    chosen = faults.strikes("ks4_two_records", rows["person"])
    faults.record(
        "ks4_two_records",
        "ks4_pupil",
        row_keys(rows, chosen, *KEY_COLUMNS["ks4_pupil"]),
        text_of(rows["ks4_ptscnewe"], chosen),
    )
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
    return append(rows, second)


def absence(rows: Rows, faults: Faults) -> Rows:
    """A second absence record of a pupil at two schools, with few sessions; not the main one."""
    name = "absence_two_records"
    chosen = faults.strikes(name, rows["person"], rows["collection_year"])
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
    second |= part | {
        "mainrecord": np.zeros(size, dtype=np.int64),
        "enrolstatus": replace_in(second["enrolstatus"], np.ones(size, dtype=bool), 3),
        "laestab_anon": second["laestab_anon"] + 2,
    }
    faults.record(name, "absence", row_keys(rows, chosen, *KEY_COLUMNS["absence"]), text_of(rows["mainrecord"], chosen))
    rows = rows | {"enrolstatus": replace_in(rows["enrolstatus"], chosen, 2)}
    return append(rows, second)


def _like(column: np.ndarray | Nullable, values: np.ndarray) -> np.ndarray | Nullable:
    """Other values, missing where the column's are, in the column's type."""
    values = values.astype(_values(column).dtype)
    return Nullable(values, column.missing) if isinstance(column, Nullable) else values


def _values(column: np.ndarray | Nullable) -> np.ndarray:
    return column.values if isinstance(column, Nullable) else column


def _true(column: np.ndarray | Nullable | Coded) -> np.ndarray:
    if isinstance(column, Nullable):
        return (column.values == 1) & ~column.missing
    return column == 1
