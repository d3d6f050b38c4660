"""What people achieve at 16, before it is divided into grades: what later life asks for.

Sixth forms, employers and universities see results and not ability, so what somebody's results open or close follows
:func:`result`; a researcher has it, but for chance in single subjects, as points of key stage 4.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import attendance, school_effects, schooling
from leocourse.extract.lives.population import MINORS, People, drawn_once

WEIGHT, ERROR = 900, 350
"""Weight of lasting attainment, and chance in the result as a whole, in thousandths. With what
schools add, the chance in the result is 430: schools shift nobody's expected result by group."""

SINCE_11 = {"W": -45, "M": -10, "A": 210, "B": 270, "C": 150, "O": 60}
"""What pupils of a major ethnic group add from 11 to 16, in thousandths of a standard deviation, so that Attainment 8
is above that of White pupils among Asian pupils and near it among Black ones. The mean over all is about nothing."""
YEAR_OF_AGE = 130
"""What the oldest of a year are ahead of the youngest at 16, in thousandths (a design choice)."""


@drawn_once
def result(people: People, more_absence: int = 0) -> np.ndarray:
    """The result of everybody at key stage 4, in thousandths, before it is divided into grades.

    ``more_absence`` adds to the absence in year 11, in hundredths of a per cent of sessions.
    """
    drawn = WEIGHT * people.attainment + ERROR * people.stream("schools/ks4").normal(people.person)
    added = schooling.secondary_adds(people) + since_11(people) + school_effects.result_adds(people)
    return drawn // 1000 + added + attendance.ks4_effect(people, people.cohort + 17, more_absence)


def since_11(people: People) -> np.ndarray:
    """What ethnic group and month of birth add to the result at 16, beside lasting attainment, in thousandths."""
    by_minor = np.array([SINCE_11.get(code[0], SINCE_11["W"]) for code in MINORS])
    return by_minor[people.minor] + of_age(people.birth_month)


def of_age(birth_month: np.ndarray) -> np.ndarray:
    """What the month of birth adds to the result at 16: the oldest of a year are born in September."""
    months = (8 - birth_month) % 12  # past the birthday on 31 August
    return YEAR_OF_AGE * (2_000 * months // 11 - 1_000) // 2_000
