"""What the tests of the bank of answers share."""

from __future__ import annotations

import pytest


def sample(cases, label, one_in=3):
    """Parameters of a test: one of so many cases, and the others only where slow tests are asked for.

    For what is alike for all questions, such as the form in which an answer comes.
    """
    slow = pytest.mark.slow
    return [pytest.param(case, id=label(case), marks=[slow] * (at % one_in > 0)) for at, case in enumerate(cases)]


class ByAssignment(dict):
    """What belongs to the questions of an assignment, by its name and theirs; made when first asked for."""

    def __init__(self, make):
        super().__init__()
        self._make = make

    def __missing__(self, case):
        self.update(self._make(case[0]))
        return self[case]
