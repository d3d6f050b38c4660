"""The LEO course: a synthetic extract with the real names, and checks that say what went wrong.

In a notebook: ``import leocourse as leo``, then ``con = leo.connect()``.
"""

from leocourse import disclosure
from leocourse.checks import assignment
from leocourse.connect import attach_truth, connect
from leocourse.errors import LeoError
from leocourse.measures import measure, measures

__all__ = ["LeoError", "assignment", "attach_truth", "connect", "disclosure", "measure", "measures"]
__version__ = "0.1.0"
