"""Records of the pandemic schemes: furlough of employees (CJRS) and grants to the self-employed (SEISS).

The tables are personal, not by job: one row a person and tax year with any support.
"""

from __future__ import annotations

import numpy as np

from leocourse.extract.base.columns import Nullable, Rows
from leocourse.extract.base.dates import tax_year_label
from leocourse.extract.base.keys import Keys
from leocourse.extract.lives.activity import Activity
from leocourse.extract.lives.pandemic import Furlough
from leocourse.extract.lives.population import People

SEISS_TAKES = 750_000
SEISS_GRANTS = [  # first and last month (1 is April 2020), thousandths of monthly profit, cap in pounds
    (1, 2, 800, 7_500), (3, 5, 700, 6_570), (8, 10, 800, 7_500),
]  # fmt: skip
PROFIT_LIMIT = 50_000


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
            1,
            (months + ends) * 13 // 6 + people.stream("pandemic/weeks").below(3, people.person[i]),
        )
        most = np.where(year == 2020, 2, months * 13 // 3)
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


def seiss_rows(people: People, keys: Keys, activity: Activity, profit: np.ndarray, copy: np.ndarray) -> Rows:
    """The grants of 2020/21: to those self-employed in 2018/19 to 2020/21, from the profit of 2018/19.

    ``profit``: pounds from self-employment, shape (people, tax years).
    """
    alone, basis = activity.self_employed.T, profit[:, -3]
    able = alone[:, -3] & alone[:, -2] & alone[:, -1] & (basis > 0) & (basis < PROFIT_LIMIT)
    stream = people.stream("pandemic/seiss")
    takes = np.stack([stream.chance(SEISS_TAKES, people.person, n) for n in range(len(SEISS_GRANTS))], axis=1)
    i = np.flatnonzero(able & takes.any(axis=1))
    months, amount = np.zeros((len(i), 12), dtype=bool), np.zeros(len(i), dtype=np.int64)
    for n, (first, last, part, cap) in enumerate(SEISS_GRANTS):
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
