"""The whole pipeline."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import tax_year_bounds, winter

from .q12_alternatives import outcomes_by_calendar, outcomes_by_hand, outcomes_months_as_numbers
from .shared import FIRST_KEYS, INDEX, KEYS, KS4, LESSON, PAY, PUPILS, SPELLS, cohort_links, cut, slip, spells_frame


def outcomes(
    con, ks4_from, ks4_to, tax_year, distinct="DISTINCT", at_least=5, formula="365.0 * y.pay / d.days", factor=None,
    keys=KEYS, linked="l.pmr IS NOT NULL",
):  # fmt: skip
    first, last = tax_year_bounds(tax_year)
    factor = INDEX[201516] / INDEX[tax_year] if factor is None else factor
    months = ", ".join(f"(DATE '{a}', DATE '{z}')" for a, z in winter(tax_year))
    return con.sql(f"""
        WITH pupils AS (
            SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr, ks4_gender AS gender FROM {KS4}
            WHERE ks4_acadyr BETWEEN '{ks4_from - 1}/{ks4_from}' AND '{ks4_to - 1}/{ks4_to}'),
        links AS (
            SELECT DISTINCT p.pmr, k.edukey FROM pupils AS p
            JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = p.pmr JOIN {keys} AS k ON k.ae_id = a.ae_id),
        spells AS (
            SELECT {distinct} l.pmr,
                   CASE WHEN s.startdate < '{first}' THEN DATE '{first}' ELSE s.startdate END AS first_day,
                   CASE WHEN s.enddate > '{last}' THEN DATE '{last}' ELSE s.enddate END AS last_day
            FROM links AS l JOIN {SPELLS} AS s ON s.edukey = l.edukey
            WHERE s.startdate <= '{last}' AND s.enddate >= '{first}'),
        reached AS (
            SELECT *, MAX(last_day) OVER (PARTITION BY pmr ORDER BY first_day, last_day
                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far FROM spells),
        days AS (
            SELECT pmr, SUM(CASE WHEN so_far >= last_day THEN 0
                                 WHEN so_far >= first_day THEN DATEDIFF('day', so_far, last_day)
                                 ELSE DATEDIFF('day', first_day, last_day) + 1 END) AS days
            FROM reached GROUP BY pmr),
        sustained AS (
            SELECT s.pmr FROM spells AS s
            LEFT JOIN (VALUES {months}) AS m (a, z) ON s.first_day < m.z AND s.last_day >= m.a
            GROUP BY s.pmr HAVING COUNT(DISTINCT m.a) >= {at_least}),
        pay AS (SELECT l.pmr, SUM(e.earnings) AS pay FROM links AS l JOIN {PAY} AS e ON e.edukey = l.edukey
                WHERE e.taxyear = {tax_year} GROUP BY l.pmr)
        SELECT p.gender, SUM(CASE WHEN {linked} THEN 1 ELSE 0 END) AS linked, COUNT(w.pmr) AS sustained,
               MEDIAN(CASE WHEN w.pmr IS NOT NULL AND y.pay > 0 THEN CAST({factor} AS double) * {formula} END)
                   AS median_real
        FROM pupils AS p
        LEFT JOIN (SELECT DISTINCT pmr FROM links) AS l ON l.pmr = p.pmr
        LEFT JOIN sustained AS w ON w.pmr = p.pmr
        LEFT JOIN days AS d ON d.pmr = p.pmr
        LEFT JOIN pay AS y ON y.pmr = p.pmr
        GROUP BY p.gender
    """)


def outcomes_pandas(con, ks4_from, ks4_to, tax_year):
    links = cohort_links(con, ks4_from, ks4_to)
    everybody = links.drop_duplicates("pmr").groupby("gender")["pmr"].size().rename("linked")
    inside = links.merge(cut(spells_frame(con), *tax_year_bounds(tax_year)), on="edukey")
    inside = inside.sort_values(["pmr", "startdate", "enddate"])
    so_far = inside.groupby("pmr")["enddate"].cummax().groupby(inside["pmr"]).shift()
    begins = inside["startdate"].where(~(so_far >= inside["startdate"]), so_far + pd.Timedelta(days=1))
    days = ((inside["enddate"] - begins).dt.days + 1).clip(lower=0).groupby(inside["pmr"]).sum().rename("days")
    worked = [
        inside.loc[(inside["startdate"] < pd.Timestamp(z)) & (inside["enddate"] >= pd.Timestamp(a)), "pmr"]
        .drop_duplicates()
        for a, z in winter(tax_year)
    ]  # fmt: skip
    months = pd.concat(worked).value_counts()
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").df()
    pay = links.merge(pay, on="edukey").groupby("pmr")["earnings"].sum()
    table = links.drop_duplicates("pmr").set_index("pmr")[["gender"]].join(days).join(pay)
    table = table[table.index.isin(months.index[months >= 5])]
    sustained = table.groupby("gender").size().rename("sustained")
    paid = table[table["earnings"] > 0]
    real = 365 * paid["earnings"] / paid["days"] * INDEX[201516] / INDEX[tax_year]
    median = real.groupby(paid["gender"]).median().rename("median_real")
    return pd.concat([everybody, sustained, median], axis=1).reset_index()


QUESTION = Question(
    name="q12",
    title="From school to real earnings",
    answer_name="outcomes",
    kind="function",
    points=4,
    columns={"gender": "text", "linked": "number", "sustained": "number", "median_real": "number"},
    identity=("gender",),
    unit="group",
    lesson=LESSON,
    heading="From pay to annualised earnings",
    reference_sql=outcomes,
    reference_pandas=outcomes_pandas,
    alternatives=(outcomes_by_calendar, outcomes_by_hand, outcomes_months_as_numbers),
    calls=(
        {"ks4_from": 2004, "ks4_to": 2008, "tax_year": 201415},
        {"ks4_from": 2007, "ks4_to": 2011, "tax_year": 201819},
    ),
    tolerance={"median_real": 0.05},
    hints=(
        "Work in steps: pupils, pairs of pupil and EDUKEY, distinct spells, days, months, pay. Check each.",
        "A pupil counts as sustained with a day in work in five of the six months, over all keys together.",
        "Pay over different days, a year of it, then prices: which of the two indexes do you divide by?",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "Your median is of pay, not of annualised earnings: divide each person's pay by their days in work and "
            "multiply by 365 before you take the median.",
            lambda con, **call: outcomes(con, **call, formula="y.pay"),
        ),
        slip(
            "money-of-the-year",
            "Your median is in money of the year. State it at the prices of 2015/16: multiply by 100.175 and divide by "
            "the index of the tax year.",
            lambda con, **call: outcomes(con, **call, factor=1),
        ),
        slip(
            "everybody-with-pay",
            "You took everybody with a day in work. The question asks for sustained employment: a day in work in at "
            "least five of the six months from October to March.",
            lambda con, **call: outcomes(con, **call, at_least=0),
        ),
        slip(
            "all-six",
            "You asked for work in all six months. The rule is at least one day in five of the six months.",
            lambda con, **call: outcomes(con, **call, at_least=6),
        ),
        slip(
            "unmatched-in-denominator",
            "Your linked holds pupils who lead to no EDUKEY. Nothing is known about their work: count those who lead "
            "to at least one.",
            lambda con, **call: outcomes(con, **call, linked="1 = 1"),
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so part of these people's work and pay is missing. Pool both keys.",
            lambda con, **call: outcomes(con, **call, keys=FIRST_KEYS),
        ),
    ),
)
