"""Records of the pandemic schemes: furlough of employees (CJRS) and grants to the self-employed (SEISS).

The tables are personal, not by job: one row a person and tax year with any support.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows
from leocourse.extract.base.dates import tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.pandemic import Furlough
from leocourse.extract.lives.population import People
from leocourse.extract.lives.work import TAX_YEARS, Work

MARCH_WEEKS = [25, 52, 13, 6, 4]
"""Weeks of furlough up to 5 April 2020, 1 to 5, as weights: claims went back to 1 March 2020. A design choice."""
GRANTS = [  # first and last month (1 is April 2020), thousandths of monthly profit, cap in pounds, share who take it
    (1, 3, 800, 7_500, 960_000), (4, 6, 700, 6_570, 860_000), (8, 10, 800, 7_500, 810_000),
]  # fmt: skip
"""The grants paid in 2020/21, three months of profit each: the first for trade harmed up to 13 July 2020, the second
from 14 July, the third for November 2020 to January 2021 (published guidance; that the first covers April to June and
the second July to September is a design choice). The fourth was claimed from late April 2021 (not verified), so it is
not in this tax year."""
HARMED = 800_000
"""Chance that the trade of somebody eligible was harmed; with the shares above about 77, 69 and 65 in a hundred of
those eligible take each grant: a design choice near the 2.6 and 2.35 million claims of 3.4 million eligible."""
PROFIT_LIMIT = 50_000
BASIS_YEARS = 3
"""Profit is averaged over up to three tax years to 2018/19."""


def cjrs_rows(people: People, keys: Keys, furlough: Furlough, copy: np.ndarray) -> Rows:
    """The furlough table: one row a person and tax year. ``copy``: shape (people, tax years to 2021)."""
    parts = []
    for year in (2020, 2021):
        i = np.flatnonzero(furlough.in_tax_year(year))
        strings = []
        for history in (furlough.any_time, furlough.at_end):
            twelve = np.zeros((len(i), 12), dtype=bool)
            if year == 2020:
                twelve[:, 11] = history[i, 0]
            else:
                twelve = history[i, 1:]
            strings.append(_digits(twelve))
        months = (strings[0] == "1").sum(axis=1)
        ends = (strings[1] == "1").sum(axis=1)
        weeks = np.where(
            year == 2020,
            1 + people.stream("pandemic/first weeks").pick(MARCH_WEEKS, people.person[i]),
            (months + ends) * 13 // 6 + people.stream("pandemic/weeks").below(3, people.person[i]),
        )
        most = months * 13 // 3
        parts.append((i, np.full(len(i), year), *map(_joined, strings), np.minimum(weeks, most), weeks > most))
    i, year, any_time, at_end, weeks, capped = map(np.concatenate, zip(*parts, strict=True))
    return {
        "person": people.person[i],
        "edukey": keys.edukey(people.person[i], copy[i, year - 2003]),
        "taxyear": tax_year_label(year),
        "cjrs_eom_ind": at_end,
        "cjrs_dtm_ind": any_time,
        "cjrs_wks_capped": Nullable(capped.astype(np.int64), ~capped),
        "cjrs_tot_wks": np.maximum(weeks, 1),
    }


def eligible_for_grants(life: Work) -> tuple[np.ndarray, np.ndarray]:
    """Who may claim the grants of 2020/21, and the yearly profit in pounds on which they rest.

    Self-employed in 2018/19 to 2020/21, with profit up to 50,000 pounds that is at least half of all income: in
    2018/19, or on average over the tax years to 2018/19 in which they were self-employed, up to three (published rules;
    income is taken to be pay and profit).
    """
    column = 2019 - TAX_YEARS[0]
    alone, profit = life.activity.self_employed.T, life.trade.profit
    years = slice(column + 1 - BASIS_YEARS, column + 1)
    trades = np.logical_and.accumulate(alone[:, years][:, ::-1], axis=1)[:, ::-1]  # without a break up to 2018/19
    count = np.maximum(trades.sum(axis=1), 1)
    average = (profit[:, years] * trades).sum(axis=1) // count
    pay = (life.earnings[:, years] * trades).sum(axis=1) // count
    now, other = profit[:, column], life.earnings[:, column]
    passes = (now > 0) & (now <= PROFIT_LIMIT) & (now >= other)
    passes |= (average > 0) & (average <= PROFIT_LIMIT) & (average >= pay)
    return alone[:, column : column + 3].all(axis=1) & passes & (average > 0), average


def seiss_rows(people: People, keys: Keys, life: Work, copy: np.ndarray) -> Rows:
    """The grants of 2020/21, to those whose trade was harmed: one row a person with a grant."""
    able, basis = eligible_for_grants(life)
    stream = people.stream("pandemic/seiss")
    able &= stream.chance(HARMED, people.person, 100)
    shares = [share for *_, share in GRANTS]
    takes = np.stack([stream.chance(share, people.person, n) for n, share in enumerate(shares)], axis=1)
    i = np.flatnonzero(able & takes.any(axis=1))
    months, amount = np.zeros((len(i), 12), dtype=bool), np.zeros(len(i), dtype=np.int64)
    for n, (first, last, part, cap, _) in enumerate(GRANTS):
        months[:, first - 1 : last] |= takes[i, n][:, None]
        amount += np.where(takes[i, n], np.minimum(basis[i] * part // 4_000, cap), 0)
    strings = _joined(_digits(months))
    return {
        "person": people.person[i],
        "edukey": keys.edukey(people.person[i], copy[i, -1]),
        "taxyear": np.full(len(i), 202021),
        "seiss_tot_wks": 13 * takes[i].sum(axis=1),
        "seiss_tot_amt": amount,
        "seiss_eom_ind": strings,
        "seiss_dtm_ind": strings,
    }


def _digits(months: np.ndarray) -> np.ndarray:
    return np.where(months, "1", "0").astype("U1")


def _joined(digits: np.ndarray) -> np.ndarray:
    """Twelve digits a row as one string each (bytes)."""
    return np.ascontiguousarray(digits.astype("S1")).view("S12").reshape(-1)
