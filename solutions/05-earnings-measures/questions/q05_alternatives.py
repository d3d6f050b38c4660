"""Other right answers to question 5, written differently."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import tax_year_bounds

from .shared import KEYS, PAY, SPELLS


def annualised_less_overlap(con, tax_year):
    """Days of each key added up, less the days that two keys of one person share."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT k.ae_id, k.edukey, greatest(s.startdate, DATE '{first}') AS a, least(s.enddate, DATE '{last}') AS z
            FROM {KEYS} AS k JOIN {SPELLS} AS s USING (edukey)
            WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'),
        shared AS (
            SELECT x.ae_id, SUM(least(x.z, y.z) - greatest(x.a, y.a) + 1) AS days
            FROM cut AS x JOIN cut AS y ON y.ae_id = x.ae_id AND y.edukey > x.edukey AND y.a <= x.z AND y.z >= x.a
            GROUP BY x.ae_id),
        days AS (SELECT ae_id, SUM(z - a + 1) AS days FROM cut GROUP BY ae_id),
        pay AS (SELECT k.ae_id, SUM(e.earnings) AS pay FROM {KEYS} AS k JOIN {PAY} AS e USING (edukey)
                WHERE e.taxyear = {tax_year} GROUP BY k.ae_id HAVING SUM(e.earnings) > 0)
        SELECT ae_id, d.days - COALESCE(h.days, 0) AS days, 365 * p.pay / (d.days - COALESCE(h.days, 0)) AS annualised
        FROM days AS d JOIN pay AS p USING (ae_id) LEFT JOIN shared AS h USING (ae_id)
        WHERE d.days - COALESCE(h.days, 0) >= 28
    """)


def annualised_on_a_calendar(con, tax_year):
    """Days of the year joined to the spells, and distinct ones counted."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH mine AS (
            SELECT k.ae_id, c.day FROM {KEYS} AS k JOIN {SPELLS} AS s ON s.edukey = k.edukey
            JOIN (SELECT DATE '{first}' + range::INT AS day FROM range(366)) AS c
              ON c.day BETWEEN s.startdate AND s.enddate AND c.day <= DATE '{last}'),
        days AS (SELECT ae_id, COUNT(DISTINCT day) AS days FROM mine GROUP BY ae_id)
        SELECT ae_id, days, 365.0 * (SELECT SUM(e.earnings) FROM {PAY} AS e JOIN {KEYS} AS k ON k.edukey = e.edukey
                                     WHERE k.ae_id = days.ae_id AND e.taxyear = {tax_year}) / days AS annualised
        FROM days WHERE days >= 28 AND annualised > 0
    """)


def annualised_by_row(con, tax_year):
    """Sets of days in Python."""
    first, last = (day.toordinal() for day in tax_year_bounds(tax_year))
    holders: dict[str, list[int]] = {}
    for ae_id, edukey in con.sql(f"SELECT ae_id, edukey FROM {KEYS}").fetchall():
        holders.setdefault(edukey, []).append(ae_id)
    spells: dict[int, set[tuple[int, int]]] = {}
    pay: dict[int, int] = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {SPELLS}").fetchall():
        part = (max(start.toordinal(), first), min(end.toordinal(), last))
        for ae_id in holders.get(edukey, []) if part[0] <= part[1] else []:
            spells.setdefault(ae_id, set()).add(part)
    for edukey, earned in con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").fetchall():
        for ae_id in holders.get(edukey, []):
            pay[ae_id] = pay.get(ae_id, 0) + earned
    days = {ae_id: len({day for a, z in parts for day in range(a, z + 1)}) for ae_id, parts in spells.items()}
    rows = [(ae_id, n, 365 * pay[ae_id] / n) for ae_id, n in days.items() if n >= 28 and pay.get(ae_id, 0) > 0]
    return pd.DataFrame(rows, columns=["ae_id", "days", "annualised"])
