"""Self-assessment: income from self-employment by tax year, from 2013/14.

People were self-employed before, too, but the table begins there: a trend across 2013/14 is an artefact.
Some have a job as an employee in the same year. A missing amount means none, not nought; a loss is below 0. Some file
a return for other income: they are not self-employed. The request form says neither how a loss appears nor whether
``self_employed`` is ever 0: both are design choices.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows
from leocourse.extract.base.dates import tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import TAX_YEARS, Work

FIRST_RECORDED = 2014
PARTNERS = 120_000


def self_assessment_rows(people: People, keys: Keys, life: Work, copy: np.ndarray) -> Rows:
    """The self-assessment table: one row a person and tax year. ``copy``: shape (people, tax years)."""
    alone = life.activity.self_employed.T
    i, column = np.nonzero(alone | life.trade.other_return)
    kept = column + TAX_YEARS[0] >= FIRST_RECORDED
    i, column = i[kept], column[kept]
    year, person, pounds = column + TAX_YEARS[0], people.person[i], life.trade.profit[i, column]
    stream = people.stream("self-employment/partner")
    partner = stream.chance(PARTNERS, person)
    both = partner & stream.chance(150_000, person, year)
    part = np.where(both, pounds // 3, np.where(partner, pounds, 0))
    sole = pounds - part
    return {
        "person": person,
        "edukey": keys.edukey(person, copy[i, column]),
        "taxyear": tax_year_label(year),
        "self_employed": alone[i, column].astype(np.int64),
        "earnings_ptr": Nullable(part, part == 0),
        "earnings_sole": Nullable(sole, sole == 0),
        "earnings_self_employment": Nullable(pounds, pounds == 0),
    }
