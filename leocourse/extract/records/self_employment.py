"""Self-assessment: income from self-employment by tax year, from 2013/14.

People were self-employed before, too, but the table begins there: a trend across 2013/14 is an artefact.
Some have a job as an employee in the same year. A missing amount means none, not nought.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows
from leocourse.extract.base.dates import tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.base.random import growth_table
from leocourse.extract.lives.activity import Activity
from leocourse.extract.lives.population import People

TAX_YEARS = range(2003, 2022)
FIRST_RECORDED = 2014
PROFIT_START, PROFIT_SPREAD, PROFIT_GROWTH = 9_120, 750, 20
"""Steps: about 9,000 pounds, less than half of what employees earn (SFR 76/2017), widely spread."""
PARTNERS, NO_PROFIT, PANDEMIC = 120_000, 60_000, -220


def profits(people: People, activity: Activity) -> np.ndarray:
    """Pounds of profit in each tax year from 2002/03, shape (people, tax years); 0 for none."""
    lasting = people.stream("self-employment/profit").normal(people.person)
    stream, out = people.stream("self-employment/year"), []
    for column, year in enumerate(TAX_YEARS):
        steps = PROFIT_START + (650 * lasting + 760 * stream.normal(people.person, year)) * PROFIT_SPREAD // 1_000_000
        steps += PROFIT_GROWTH * (year - 2018) + 12 * np.clip(year - people.cohort - 20, 0, 15)
        steps += np.where(people.male, 0, -150) + 50 * people.attainment // 1000 + (PANDEMIC if year == 2021 else 0)
        none = stream.chance(NO_PROFIT, people.person, 100 + year)
        pounds = growth_table()[np.clip(steps, 5_500, 12_000)] // 1000
        out.append(np.where(activity.self_employed[column] & ~none, pounds, 0))
    return np.array(out).T


def self_assessment_rows(people: People, keys: Keys, activity: Activity, profit: np.ndarray, copy: np.ndarray) -> Rows:
    """The self-assessment table: one row a person and tax year. ``copy``: shape (people, tax years)."""
    i, column = np.nonzero(activity.self_employed.T)
    kept = column + TAX_YEARS[0] >= FIRST_RECORDED
    i, column = i[kept], column[kept]
    year, person, pounds = column + TAX_YEARS[0], people.person[i], profit[i, column]
    stream = people.stream("self-employment/partner")
    partner = stream.chance(PARTNERS, person)
    both = partner & stream.chance(150_000, person, year)
    part = np.where(both, pounds // 3, np.where(partner, pounds, 0))
    sole = pounds - part
    return {
        "person": person,
        "edukey": keys.edukey(person, copy[i, column]),
        "taxyear": tax_year_label(year),
        "self_employed": np.ones(len(i), dtype=np.int64),
        "earnings_ptr": Nullable(part, part == 0),
        "earnings_sole": Nullable(sole, sole == 0),
        "earnings_self_employment": Nullable(pounds, pounds == 0),
    }
