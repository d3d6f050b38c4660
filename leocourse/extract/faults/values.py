"""Values as people find them: untidy codes, stand-ins for what is missing, second records, and what does not count.

That codes come with blanks and in small letters, and that -10, -1 and 0 stand beside a missing value, is known from
what published code cleans, not from documentation. The outcomes that are no levels are in the code lists of the form.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Column, Nullable, Rows, append, blank, count, select
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.faults.planting import Faults, declare, plants, shows

CENSUS_ROW = ("pupilmatchingrefanonymous", "collection_year", "collection_term")
YEAR_GROUP_UNTIDY = declare(
    "year_group_untidy", 60_000,
    "A school's software fills year groups up with a blank, or writes them in small letters (to 2007).",
    shows("school_census", *CENSUS_ROW, seen="upper(trim(r.ncyearactual)) = l.original",
          breaks=("codes ncyearactual",)),
)  # fmt: skip
SEN_SMALL_LETTER = declare(
    "sen_small_letter", 60_000, "A school's software writes codes of special needs in small letters (to 2007).",
    shows("school_census", *CENSUS_ROW, seen="upper(r.senprovision) = l.original", breaks=("codes senprovision",)),
)  # fmt: skip
FSM_MISSING = declare(
    "fsm_missing", 25_000, "From 2006 to 2008 a school did not say whether a pupil is eligible for free school meals.",
    shows("school_census", *CENSUS_ROW, seen="r.fsmeligible IS NULL"),
)  # fmt: skip
NOT_NATIONAL = declare(
    "not_in_national_results", 20_000, "A key stage 4 record does not count in national results.",
    shows("ks4_pupil", "ks4_pupilmatchingrefanonymous", "ks4_acadyr", seen="r.ks4_natres = 0"),
)  # fmt: skip
KS2_TWO_RECORDS = declare(
    "ks2_two_records", 12_000,
    "A pupil has a second key stage 2 record, of another school, which does not count in national results.",
    shows("ks2_pupil", "ks2_pupilmatchingrefanonymous", rows=2, breaks=("primary key",)),
)  # fmt: skip
KS1_TWO_RECORDS = declare(
    "ks1_two_records", 12_000, "A pupil has a second key stage 1 record, of another school and not amended.",
    shows("ks1", "ks1_pupilmatchingrefanonymous", rows=2, breaks=("primary key",)),
)  # fmt: skip
KS2_NO_LEVEL = declare(
    "ks2_no_level", 25_000, "A pupil has no level in mathematics at key stage 2: absent, below the test, and the like.",
    shows("ks2_pupil", "ks2_pupilmatchingrefanonymous", "ks2_acadyr",
          seen="coalesce(r.ks2_matfine, 0) <= 0 AND coalesce(r.ks2_matscore, 0) <= 0"),
)  # fmt: skip
KS3_NO_LEVEL = declare(
    "ks3_no_level", 25_000, "A pupil has no level in a subject at key stage 3: absent, below the test, and the like.",
    shows("ks3_result", "ks3_pupilmatchingrefanonymous", "ks3_acadyr", "ks3_leapcode",
          seen="r.ks3_testlev SIMILAR TO '[A-Z]+'"),
)  # fmt: skip

LAST_UNTIDY = 2007
"""Last census with untidy codes. A design choice: nothing says in which years, or how often, they are."""
NOT_SAID = range(2006, 2009)
NATIONAL_FROM = 2004
STAND_INS = (-10, -1, 0)
"""What stands for a missing fine level or points; as often it is missing."""
NO_LEVEL = ["A", "B", "N", "T", "M", "X"]
"""Absent, below the level of the test, not assessed, and others: in the code lists of the form."""
NO_LEVEL_KS3 = [*NO_LEVEL, "V"]
NO_SCORE = ["A", "B", "M", "T", "X"]


@plants("school_census")
def year_groups(rows: Rows, faults: Faults) -> Rows:
    """Year groups of one character filled up with a blank, others in small letters, by school and year."""
    column, early = rows["ncyearactual"], rows["collection_year"] <= LAST_UNTIDY
    assert isinstance(column, Coded)
    one = np.array([len(label) == 1 for label in column.labels] + [False])[column.codes]
    letter = np.array([not label.isdigit() for label in column.labels] + [False])[column.codes]
    chosen = early & (one | letter) & faults.strikes(YEAR_GROUP_UNTIDY, rows["laestab_anon"], rows["collection_year"])
    faults.record_rows(YEAR_GROUP_UNTIDY, "school_census", rows, chosen, "ncyearactual")
    small = letter & (faults.stream(YEAR_GROUP_UNTIDY).below(2, rows["laestab_anon"], 1) == 1)
    size = len(column.labels)
    labels = [*column.labels, *(f"{label:<2}" for label in column.labels), *(label.lower() for label in column.labels)]
    codes = column.codes.astype(np.int64)
    codes = np.where(chosen, codes + np.where(small, 2 * size, size), codes)
    return rows | {"ncyearactual": Coded(codes, labels)}


@plants("school_census")
def small_letters(rows: Rows, faults: Faults) -> Rows:
    """Codes of special needs in small letters, by school and year."""
    column = rows["senprovision"]
    assert isinstance(column, Coded)
    early = (rows["collection_year"] <= LAST_UNTIDY) & (column.codes >= 0)
    chosen = early & faults.strikes(SEN_SMALL_LETTER, rows["laestab_anon"], rows["collection_year"])
    faults.record_rows(SEN_SMALL_LETTER, "school_census", rows, chosen, "senprovision")
    labels = [*column.labels, *(label.lower() for label in column.labels)]
    codes = column.codes.astype(np.int64)
    return rows | {"senprovision": Coded(np.where(chosen, codes + len(column.labels), codes), labels)}


@plants("school_census")
def fsm_not_said(rows: Rows, faults: Faults) -> Rows:
    """Free school meals missing from records of three years, in all terms of a year alike."""
    known = ~rows["fsmeligible"].missing if isinstance(rows["fsmeligible"], Nullable) else True
    chosen = np.isin(rows["collection_year"], list(NOT_SAID)) & known
    chosen &= faults.strikes(FSM_MISSING, rows["person"], rows["collection_year"])
    faults.record_rows(FSM_MISSING, "school_census", rows, chosen, "fsmeligible")
    return rows | {"fsmeligible": blank(rows["fsmeligible"], chosen)}


@plants("ks4_pupil")
def not_national(rows: Rows, faults: Faults) -> Rows:
    """Key stage 4 records that do not count in national results."""
    chosen = (rows["collection_year"] >= NATIONAL_FROM) & faults.strikes(NOT_NATIONAL, rows["person"])
    faults.record_rows(NOT_NATIONAL, "ks4_pupil", rows, chosen, "ks4_natres")
    return rows | {"ks4_natres": replace_in(rows["ks4_natres"], chosen, 0)}


@plants("ks2_pupil")
def ks2(rows: Rows, faults: Faults) -> Rows:
    """No level in mathematics for some; a second record of some, of another school, which does not count."""
    return _second_ks2(_no_level_ks2(rows, faults), faults)


def _no_level_ks2(rows: Rows, faults: Faults) -> Rows:
    chosen = faults.strikes(KS2_NO_LEVEL, rows["person"])
    faults.record_rows(KS2_NO_LEVEL, "ks2_pupil", rows, chosen, "ks2_matfine")
    person, stream, changed = rows["person"], faults.stream(KS2_NO_LEVEL), {}
    for name, column in rows.items():
        if name in ("ks2_matfine", "ks2_matpoints", "ks2_matscore"):
            changed[name] = _stand_in(column, chosen, stream.below(2 * len(STAND_INS), person, 1))
        elif name in ("ks2_matlev", "ks2_matoutcome"):
            texts = NO_LEVEL if name == "ks2_matlev" else NO_SCORE
            assert isinstance(column, Coded)
            codes = column.codes.astype(np.int64)
            code = len(column.labels) + stream.below(len(texts), person, 2)
            changed[name] = Coded(np.where(chosen & (codes >= 0), code, codes), [*column.labels, *texts])
        elif name in ("ks2_matexp", "ks2_mathigh") or (name.startswith("ks2_lev") and name.endswith("mat")):
            changed[name] = _set(column, chosen, int(name.startswith("ks2_levbx")))  # below what is expected: yes
    return rows | changed


def _second_ks2(rows: Rows, faults: Faults) -> Rows:
    chosen = (rows["collection_year"] >= NATIONAL_FROM) & faults.strikes(KS2_TWO_RECORDS, rows["person"])
    second = select(rows, chosen)
    faults.record_rows(KS2_TWO_RECORDS, "ks2_pupil", rows, chosen, "ks2_natres")
    second["ks2_natres"] = replace_in(second["ks2_natres"], np.ones(count(second), dtype=bool), 0)
    return append(rows, _elsewhere(second, "ks2"))


@plants("ks1")
def ks1(rows: Rows, faults: Faults) -> Rows:
    """A second record of some, of another school. The form has no flag of national results at key stage 1."""
    chosen = faults.strikes(KS1_TWO_RECORDS, rows["person"])
    faults.record_rows(KS1_TWO_RECORDS, "ks1", rows, chosen, "ks1_version")
    second = select(rows, chosen)
    second["ks1_version"] = replace_in(second["ks1_version"], np.ones(count(second), dtype=bool), 0)
    return append(rows, _elsewhere(second, "ks1"))


@plants("ks3_result")
def ks3(rows: Rows, faults: Faults) -> Rows:
    """No level in a subject for some: letters for the level, and a stand-in for the fine level and points."""
    person, subject = rows["person"], rows["ks3_leapcode"]
    chosen = faults.strikes(KS3_NO_LEVEL, person, subject)
    faults.record_rows(KS3_NO_LEVEL, "ks3_result", rows, chosen, "ks3_testlev")
    stream, changed = faults.stream(KS3_NO_LEVEL), {}
    for name in ("ks3_testlev", "ks3_grade"):
        column = rows[name]
        assert isinstance(column, Coded)
        code = len(column.labels) + stream.below(len(NO_LEVEL_KS3), person, 20_000 + subject)
        changed[name] = Coded(np.where(chosen, code, column.codes), [*column.labels, *NO_LEVEL_KS3])
    draw = stream.below(2 * len(STAND_INS), person, 10_000 + subject)
    for name in ("ks3_fine", "ks3_points"):
        changed[name] = _stand_in(rows[name], chosen, draw)
    return rows | changed


def _elsewhere(rows: Rows, prefix: str) -> Rows:
    """The same rows from another school."""
    return rows | {name: _plus_one(rows[name]) for name in (f"{prefix}_laestab_anon", f"{prefix}_urn_anon")
                   if name in rows}  # fmt: skip


def _plus_one(column: Column) -> Column:
    return Nullable(column.values + 1, column.missing) if isinstance(column, Nullable) else column + 1


def _stand_in(column: Column, chosen: np.ndarray, draw: np.ndarray) -> Column:
    """Values of the chosen rows that are there become -10, -1, 0 or missing."""
    values = column.values if isinstance(column, Nullable) else column
    missing = column.missing if isinstance(column, Nullable) else np.zeros(len(values), dtype=bool)
    new = np.array([*STAND_INS, 0, 0, 0])[draw]
    gone = chosen & (draw >= len(STAND_INS))
    return Nullable(np.where(chosen, new, values).astype(values.dtype), missing | gone)


def _set(column: Column, chosen: np.ndarray, value: int) -> Column:
    """The value in the chosen rows that have one."""
    if isinstance(column, Nullable):
        return Nullable(np.where(chosen, value, column.values), column.missing)
    return np.where(chosen, value, column)
