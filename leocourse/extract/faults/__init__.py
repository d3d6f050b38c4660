"""The faults: what goes wrong between a life and its record, and the ledger of every row that it struck.

To plant a fault, declare it in the module of its tables (:func:`leocourse.extract.faults.planting.declare`) above the
function that plants it, and mark that function with :func:`leocourse.extract.faults.planting.plants`. The declaration
says all that anything else needs to know: rate, words, and how the fault shows in a table, for ``leo validate``.
"""

from leocourse.extract.faults import school, linkage, work, post16, addresses, values  # isort: skip
from leocourse.extract.faults.planting import FAULTS, Faults, Shows, shown_in

GROUPS = (school, linkage, work, post16, addresses, values)
"""The modules in the order in which their faults are listed. It decides no draw: each fault has its own stream."""

__all__ = ["FAULTS", "GROUPS", "Faults", "Shows", "shown_in"]
