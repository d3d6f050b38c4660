"""Faults of the geography table."""

from __future__ import annotations

from leocourse.extract.base.columns import Rows, select
from leocourse.extract.faults.planting import Faults, declare, plants, shows

ADDRESS_MISSING = declare(
    "address_missing", 30_000, "No address is known in a tax year.",
    shows("leo_geography", "edukey", "taxyear", rows=0, breaks=("no tax year is left out",)),
)  # fmt: skip


@plants("leo_geography")
def geography(rows: Rows, faults: Faults) -> Rows:
    """Years without an address have no row."""
    missing = faults.strikes(ADDRESS_MISSING, rows["person"], rows["taxyear"])
    faults.record_rows(ADDRESS_MISSING, "leo_geography", rows, missing, "coa_2011")
    return select(rows, ~missing)
