"""Absence from school as it is lived: the share of sessions that somebody misses in a year, and what it does.

The true rate of absence of a person in a year is a median for the year and phase, raised or lowered in
steps of 0.1% by disadvantage, special needs and chance, and the sessions lost by fixed-period exclusions. So it is
skewed as the real one is: with the spread chosen, 10.2% of secondary pupils missed 15% of sessions or more in
2008/09 and 6.4% in 2012/13 (Pupil absence in schools).
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.random import growth_table
from leocourse.extract.lives import schooling
from leocourse.extract.lives.population import People

FIRST_YEAR, LAST_YEAR = 1996, 2021
ABSENCE_EFFECTS = {
    "key stage 4 result for each percentage point of sessions missed in year 11": -25,
    "centre: hundredths of a per cent of sessions missed at which the effect is nothing": 600,
}
"""What absence does to attainment, in thousandths of a standard deviation. A planted effect: the result
falls with the true rate of absence in year 11, on top of what disadvantage and need do to both."""

ABSENCE_STEPS = {
    "disadvantage": 300,
    "special needs": 160,
    "lasting": 600,
    "of the year": 470,
    "primary": 800,
}
"""Steps of 0.1% of the rate of absence for a standard deviation of each; ``primary`` scales them all."""
YEAR_GROUP_STEPS = {7: -180, 8: -40, 9: 30, 10: 60, 11: 130}
SECONDARY_MEDIAN = {
    2001: 530,
    2007: 520,
    2009: 480,
    2010: 455,
    2011: 430,
    2012: 390,
    2013: 390,
    2014: 345,
    2019: 360,
    2021: 370,
}
"""Median rate of absence in secondary schools, in hundredths of a per cent (straight lines between)."""
PRIMARY_MEDIAN = {2001: 430, 2007: 400, 2009: 390, 2013: 345, 2014: 290, 2019: 295, 2021: 290}
SESSIONS = {"autumn": 142, "spring": 122, "summer": 50, "summer6th": 66}
"""Half-day sessions of the terms: 190 days. Summer ends in May; its second half counts from 2012/13."""
SPRING_2021 = 48
"""Sessions of spring 2021: schools were shut to most pupils from January to 8 March, so few were possible."""
TO_MAY = SESSIONS["autumn"] + SESSIONS["spring"] + SESSIONS["summer"]
"""Sessions of the year to the end of May."""


def true_rate(people: People, i: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Share of sessions missed by these people in these academic years, in hundredths of a per cent.

    That of :func:`usual_rate`, and the sessions that fixed-period exclusions took.
    """
    history = schooling.schooling(people)
    lost = sum(history.at(history.lost, i, year - people.cohort[i] - 6, term).astype(np.int64) for term in range(3))
    possible = np.select([year == 2020, year == 2021], [SESSIONS["autumn"], TO_MAY - SESSIONS["spring"] + SPRING_2021],
                         TO_MAY)  # fmt: skip
    return np.clip(usual_rate(people, i, year) + 10_000 * lost // possible, 0, 9_000)


def usual_rate(people: People, i: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Share of sessions missed without exclusions, in hundredths of a per cent."""
    steps, person, group = ABSENCE_STEPS, people.person, year - people.cohort[i] - 6
    moved = steps["disadvantage"] * people.disadvantage + steps["special needs"] * people.need
    moved = (moved + steps["lasting"] * people.stream("absence/lasting").normal(person))[i]
    moved += steps["of the year"] * people.stream("absence/year").normal(person[i], year)
    secondary = group >= 7
    moved = np.where(secondary, moved, moved * steps["primary"] // 1000) // 1000
    moved += _GROUP_STEPS[np.clip(group, 0, len(_GROUP_STEPS) - 1)]
    median = _MEDIANS[secondary.astype(np.int64), year - FIRST_YEAR]
    scale = growth_table()[np.clip(6_000 + moved, 0, 12_000)] * 1000 // growth_table()[6_000]
    return np.clip(median * scale // 1000, 0, 9_000)


def ks4_effect(people: People, year: np.ndarray, more: int = 0) -> np.ndarray:
    """What absence in year 11 adds to the key stage 4 result, in thousandths. ``year``: of key stage 4.

    ``more`` adds to everybody's absence, in hundredths of a per cent of sessions.
    """
    slope, centre = ABSENCE_EFFECTS.values()
    return slope * (rate_in_year_11(people, year) + more - centre) // 100


def rate_in_year_11(people: People, year: np.ndarray) -> np.ndarray:
    """The true rate of absence in year 11, in hundredths of a per cent."""
    return true_rate(people, np.arange(len(people)), year)


def _on_line(points: dict[int, int], year: int) -> int:
    known = sorted(points)
    if year in points:
        return points[year]
    after = next((each for each in known if each > year), known[-1])
    before = max((each for each in known if each < year), default=known[0])
    if after == before or year < known[0] or year > known[-1]:
        return points[after if year < known[0] else before]
    return points[before] + (points[after] - points[before]) * (year - before) // (after - before)


_MEDIANS = np.array(
    [[_on_line(line, year) for year in range(FIRST_YEAR, LAST_YEAR + 2)] for line in (PRIMARY_MEDIAN, SECONDARY_MEDIAN)]
)
_GROUP_STEPS = np.array([YEAR_GROUP_STEPS.get(group, 0) for group in range(13)])
