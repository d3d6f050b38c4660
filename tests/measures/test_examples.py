"""The examples beside the measures: a few rows in, the rows that the definition asks for out."""

from __future__ import annotations

import pytest

from leocourse.core.errors import LeoError
from leocourse.measures import names
from leocourse.measures.example import cases, difference


def every_case() -> list:
    """Each case of each measure; where the file cannot be read, the measure's test says why."""
    found = []
    for name in names():
        try:
            found += [pytest.param(case, id=f"{name}: {case.title}") for case in cases(name)]
        except LeoError:
            continue
    return found


def test_every_measure_has_an_example():
    wrong = []
    for name in names():
        try:
            cases(name)
        except LeoError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("case", every_case())
def test_the_rows_that_come_out_are_those_of_the_example(case):
    if different := difference(case):
        pytest.fail(different, pytrace=False)
