"""Policies that keep people in education after 16, and what the years there are worth.

The participation age was raised to 17 for people born from 1 September 1996 and to 18 for those born from 1 September
1997. An allowance for families with low incomes was first paid in pilot areas, from September 2004 everywhere, and was
closed to new applicants from 1 January 2011, so people who left year 11 in 2011 could not get it. All sizes and the
choice of pilot areas (:func:`leocourse.extract.lives.areas.allowance_since`) are design choices.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.lives import areas
from leocourse.extract.lives.population import People

RAISED_AGE = {
    "to 17: stays on after year 11": 140,  # added to the share, per thousand, of those who begin no course at level 3
    "to 18: stays a second year in college": 750,  # per thousand of those below level 2 who would leave after one
}
"""Planted effects of the participation age."""
TO_17, TO_18 = 1996, 1997
"""First birth cohorts (born from 1 September of the year) of the two."""
ALLOWANCE = {"stays on after year 11": 150}
"""Planted: what the allowance adds to the share, per thousand, of those eligible who begin no course at level 3."""
LAST_ALLOWANCE = 1993
"""Birth cohort that left year 11 in 2010, the last that could apply in time."""
LOW_INCOME = 100
"""Poverty, in thousandths, above which a family is eligible: somewhat under half. Nearly everybody with free school
meals is eligible, and about a third of the others: no table has income."""
STAYING_PAY = {"a year of full-time study right after year 11": 25}
"""Planted: steps of pay for each of the first two years in full-time education after year 11."""
USUAL_PAY = 41
"""Steps of everybody's pay that this comes to on average, taken off again."""
POLICIES = ("to 17", "to 18", "allowance")


def has_allowance(people: People) -> np.ndarray:
    """Who is paid the allowance if they stay on after year 11."""
    return (people.poverty > LOW_INCOME) & allowance_there(people)


def allowance_there(people: People) -> np.ndarray:
    """Whether the authority of the home pays the allowance to people who leave year 11 when these do."""
    return (people.cohort + 18 >= areas.allowance_since()[people.authority]) & (people.cohort <= LAST_ALLOWANCE)


def stays_more(people: People, policies: tuple[str, ...]) -> np.ndarray:
    """What policies and place add to the share that goes to college below level 3, per thousand."""
    more = areas.staying_of_place()[people.authority]
    if "to 17" in policies:
        more = more + RAISED_AGE["to 17: stays on after year 11"] * (people.cohort >= TO_17)
    if "allowance" in policies:
        more = more + ALLOWANCE["stays on after year 11"] * has_allowance(people)
    return more


def second_year(people: People, policies: tuple[str, ...]) -> np.ndarray:
    """Chance in thousandths that the participation age keeps somebody for a second year in college."""
    kept = RAISED_AGE["to 18: stays a second year in college"] * (people.cohort >= TO_18)
    return kept if "to 18" in policies else np.zeros_like(kept)


def pay_steps(years_after: np.ndarray) -> np.ndarray:
    """Steps of pay for years of full-time study right after year 11, about nothing on average."""
    return STAYING_PAY["a year of full-time study right after year 11"] * np.minimum(years_after, 2) - USUAL_PAY


def parameters() -> list[dict]:
    """The planted parameters of this part."""
    tables = (
        (
            "participation age",
            RAISED_AGE,
            "per thousand of those who begin no course at level 3, or leave after a year",
        ),
        ("allowance", ALLOWANCE, "per thousand of those eligible who begin no course at level 3"),
        ("pay", STAYING_PAY, "steps of 0.1% of the yearly rate of pay"),
    )
    return [{"parameter": f"{about}: {name}", "value": value, "unit": unit}
            for about, table, unit in tables for name, value in table.items()]  # fmt: skip
