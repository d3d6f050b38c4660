"""Faults of the records after year 11: aims without an end, UCAS ages of 0, a caseload that contradicts the rest."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Coded, Nullable, Rows
from leocourse.extract.base.columns import replace as replace_in
from leocourse.extract.base.dates import day, days_of
from leocourse.extract.faults.planting import Faults, declare, plants, shows

AIM_END_MISSING = declare(
    "aim_end_missing", 20_000, "An aim's end date was lost and appears as 1900-01-01.",
    shows("aims", "external_id", "sequence_index", seen="r.end_date = DATE '1900-01-01'",
          breaks=("dates start_date, end_date",)),
)  # fmt: skip
UCAS_AGE_ZERO = declare(
    "ucas_age_zero", 8_000, "An applicant's age appears as 0.",
    shows("ucas", "unique_application_id_cycle", seen="r.applicant_age = 0", breaks=("the age is known",)),
)  # fmt: skip
NCCIS_CONTRADICTS = declare(
    "nccis_contradicts", 25_000,
    "The caseload is out of date: it says work or unknown of somebody in education.",
    shows("nccis", "nccis_pupilmatchingrefanonymous", "collection_year", "nccis_monthno",
          seen="r.nccis_current_activity_code IN (619, 330, 810) "
          "AND r.nccis_current_activity_code <> CAST(l.original AS INTEGER)"),
)  # fmt: skip

ILR_AGE_DIFFERS = declare(
    "ilr_age_differs", 800_000, "A second provider worked a learner's age out on another day: it is a year higher.",
    shows("learners", "recordid", seen="r.acage = CAST(l.original AS INTEGER) + 1"),
)  # fmt: skip

CONTRADICTIONS = np.array([619, 330, 810])
"""Seeking work, in a job without training, unknown: what a stale entry says of somebody in education."""


@plants("learners")
def learners(rows: Rows, faults: Faults) -> Rows:
    """The age in the second record of a learner in a year."""
    year = rows["year"]
    number = year.codes.astype(np.int64) if isinstance(year, Coded) else year.astype(np.int64)
    of_year = rows["person"] * 10_000 + number
    order = np.argsort(of_year, kind="stable")
    again = np.zeros(len(order), dtype=bool)
    again[order[1:]] = of_year[order[1:]] == of_year[order[:-1]]
    chosen = again & faults.strikes(ILR_AGE_DIFFERS, rows["person"], number)
    faults.record_rows(ILR_AGE_DIFFERS, "learners", rows, chosen, "acage")
    return rows | {"acage": replace_in(rows["acage"], chosen, _values(rows["acage"])[chosen] + 1)}


def _values(column: np.ndarray | Nullable) -> np.ndarray:
    return column.values if isinstance(column, Nullable) else column


@plants("aims")
def aims(rows: Rows, faults: Faults) -> Rows:
    """Lost end dates appear as 1900-01-01."""
    ends = rows["end_date"]
    chosen = faults.strikes(AIM_END_MISSING, rows["person"], rows["start_date"]) & ~ends.missing
    faults.record_rows(AIM_END_MISSING, "aims", rows, chosen, "end_date")
    return rows | {"end_date": replace_in(ends, chosen, day(1900, 1, 1))}


@plants("ucas")
def ucas(rows: Rows, faults: Faults) -> Rows:
    """The applicant's age appears as 0, in all rows of the applicant."""
    chosen = faults.strikes(UCAS_AGE_ZERO, rows["person"])
    faults.record_rows(UCAS_AGE_ZERO, "ucas", rows, chosen, "applicant_age")
    return rows | {"applicant_age": np.where(chosen, 0, rows["applicant_age"])}


def nccis(rows: Rows, faults: Faults) -> Rows:
    """The authority lost touch: a row says work, no work or unknown of somebody in education or training."""
    person, code = rows["person"], rows["nccis_current_activity_code"]
    row = 100 * rows["collection_year"] + rows["nccis_monthno"]
    chosen = faults.strikes(NCCIS_CONTRADICTS, person, row) & (code < 320)
    stale = CONTRADICTIONS[faults.stream(NCCIS_CONTRADICTS).below(3, person, 10**6 + row)]
    faults.record_rows(NCCIS_CONTRADICTS, "nccis", rows, chosen, "nccis_current_activity_code")
    code = np.where(chosen, stale, code)
    since = rows["nccis_neet_start_date"]
    first = rows["nccis_current_activity_start_date"]
    neet = Nullable(np.where(chosen, first, since.values), np.where(chosen, stale != 619, since.missing))
    # A stale entry was confirmed no later than the September before.
    recorded = np.where(chosen, days_of(rows["collection_year"] - 1, 8, 28), rows["nccis_current_activity_recorded"])
    recorded = np.maximum(recorded, np.where(chosen, first, recorded))
    return rows | {
        "nccis_current_activity_code": code,
        "nccis_neet_start_date": neet,
        "nccis_current_activity_recorded": recorded,
    }
