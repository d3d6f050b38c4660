"""Annualised earnings of a person."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import tax_year_bounds

from .shared import FIRST_KEYS, KEYS, LESSON, PAY, SPELLS, cut, slip, spells_frame


def annualised(
    con, tax_year, distinct="DISTINCT", keys=KEYS, at_least=28, formula="365.0 * p.pay / d.days", days="d.days"
):
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT {distinct} k.ae_id,
                   CASE WHEN s.startdate < '{first}' THEN DATE '{first}' ELSE s.startdate END AS first_day,
                   CASE WHEN s.enddate > '{last}' THEN DATE '{last}' ELSE s.enddate END AS last_day
            FROM {keys} AS k JOIN {SPELLS} AS s ON s.edukey = k.edukey
            WHERE s.startdate <= '{last}' AND s.enddate >= '{first}'),
        days AS (SELECT ae_id, SUM(DATEDIFF('day', first_day, last_day) + 1) AS days FROM cut GROUP BY ae_id),
        pay AS (
            SELECT k.ae_id, SUM(e.earnings) AS pay FROM {keys} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
            WHERE e.taxyear = {tax_year} GROUP BY k.ae_id)
        SELECT d.ae_id, {days} AS days, {formula} AS annualised
        FROM days AS d JOIN pay AS p ON p.ae_id = d.ae_id
        WHERE p.pay > 0 AND d.days >= {at_least}
    """)


def annualised_pandas(con, tax_year):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    inside = keys.merge(cut(spells_frame(con), *tax_year_bounds(tax_year)), on="edukey")
    inside = inside.drop_duplicates(["ae_id", "startdate", "enddate"])
    days = ((inside["enddate"] - inside["startdate"]).dt.days + 1).groupby(inside["ae_id"]).sum().rename("days")
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").df()
    table = keys.merge(pay, on="edukey").groupby("ae_id")["earnings"].sum().to_frame().join(days, how="inner")
    table = table[(table["earnings"] > 0) & (table["days"] >= 28)]
    return table.assign(annualised=365 * table["earnings"] / table["days"])[["days", "annualised"]].reset_index()


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


def annualised_merged(con, tax_year):
    """Spells of a person that overlap made one with a window, as the measures of the course do."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH mine AS (
            SELECT k.ae_id, greatest(s.startdate, DATE '{first}') AS a, least(s.enddate, DATE '{last}') AS z
            FROM {KEYS} AS k JOIN {SPELLS} AS s ON s.edukey = k.edukey
            WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'),
        reached AS (
            SELECT ae_id, a, z, MAX(z) OVER (PARTITION BY ae_id ORDER BY a, z
                                             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far FROM mine),
        days AS (
            SELECT ae_id, SUM(CASE WHEN so_far IS NULL OR so_far < a THEN z - a + 1
                                   WHEN z > so_far THEN z - so_far ELSE 0 END) AS days FROM reached GROUP BY ae_id)
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


QUESTION = Question(
    name="q5",
    title="Annualised earnings of a person",
    answer_name="annualised",
    kind="function",
    points=3,
    columns={"ae_id": "number", "days": "number", "annualised": "number"},
    identity=("ae_id",),
    unit="AE_ID",
    people=True,
    lesson=LESSON,
    reference_sql=annualised,
    reference_pandas=annualised_pandas,
    alternatives=(annualised_less_overlap, annualised_merged, annualised_by_row),
    calls=({"tax_year": 201617}, {"tax_year": 201920}),
    tolerance={"annualised": 0.5},
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "From keys to people first: pay is added over the keys, days are pooled.",
        "A spell that spans the change of key stands under both keys with the same dates: count its days once.",
        "Cut the spells, keep distinct ones by ae_id, add up their days; annualised is 365 * pay / days.",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "You gave the pay of the year. Somebody who worked for half of it looks half as well paid: divide by the "
            "days in work and multiply by 365.",
            lambda con, tax_year: annualised(con, tax_year, formula="p.pay"),
        ),
        slip(
            "days-added-over-keys",
            "You added up the days of both keys. A spell under both keys is one stretch of time: count its days once, "
            "or somebody works for more days than the year has.",
            lambda con, tax_year: annualised(con, tax_year, distinct=""),
        ),
        slip(
            "few-days-grossed-up",
            "You kept people with a few days in work. A week's pay grossed up to a year says little: the question asks "
            "for at least 28 days.",
            lambda con, tax_year: annualised(con, tax_year, at_least=1),
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so people whose pay of this year stands under the other one are missing.",
            lambda con, tax_year: annualised(con, tax_year, keys=FIRST_KEYS),
        ),
        slip(
            "rate-upside-down",
            "You multiplied by the days and divided by 365, which makes part years smaller still. Grossing up divides "
            "by the days in work.",
            lambda con, tax_year: annualised(con, tax_year, formula="p.pay * d.days / 365.0"),
        ),
    ),
)
