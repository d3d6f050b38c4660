"""Planted faults of the records after year 11: UCAS ages of 0, and a caseload that contradicts the rest."""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows, text_of
from leocourse.extract.base.dates import days_of
from leocourse.extract.faults.registry import Faults, row_keys

CONTRADICTIONS = np.array([619, 330, 810])
"""Seeking work, in a job without training, unknown: what a stale entry says of somebody in education."""


def ucas(rows: Rows, faults: Faults) -> Rows:
    """The applicant's age appears as 0, in all rows of the applicant."""
    chosen = faults.strikes("ucas_age_zero", rows["person"])
    faults.record(
        "ucas_age_zero",
        "ucas",
        row_keys(rows, chosen, "unique_application_id_cycle"),
        text_of(rows["applicant_age"], chosen),
    )
    return rows | {"applicant_age": np.where(chosen, 0, rows["applicant_age"])}


def nccis(rows: Rows, faults: Faults) -> Rows:
    """The authority lost touch: a row says work, no work or unknown of somebody in education or training."""
    person, code = rows["person"], rows["nccis_current_activity_code"]
    row = 100 * rows["collection_year"] + rows["nccis_monthno"]
    chosen = faults.strikes("nccis_contradicts", person, row) & (code < 320)
    stale = CONTRADICTIONS[faults.stream("nccis_contradicts").below(3, person, 10**6 + row)]
    named = row_keys(rows, chosen, "nccis_pupilmatchingrefanonymous", "collection_year", "nccis_monthno")
    faults.record("nccis_contradicts", "nccis", named,
                  text_of(code, chosen))  # fmt: skip
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
