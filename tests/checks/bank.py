"""What the tests of the bank of answers share."""

from __future__ import annotations


class ByAssignment(dict):
    """What belongs to the questions of an assignment, by its name and theirs; made when first asked for."""

    def __init__(self, make):
        super().__init__()
        self._make = make

    def __missing__(self, case):
        self.update(self._make(case[0]))
        return self[case]
