"""The whole pipeline."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import tax_year_bounds, varied, winter

from .q12_alternatives import outcomes_by_calendar, outcomes_by_hand, outcomes_months_as_numbers, outcomes_pandas
from .shared import (
    FIRST_KEYS,
    INDEX,
    KEYS,
    KS4,
    LESSON,
    LOOKUP,
    PAY,
    PUPILS,
    SPELLS,
    slip,
)


def outcomes(
    con, ks4_from, ks4_to, tax_year, distinct="DISTINCT", at_least=5, formula="365.0 * y.pay / d.days",
    factor="{base} / {own}", keys=KEYS, linked="l.pmr IS NOT NULL", merged=True, earlier=0, upto=0,
    in_median="w.pmr IS NOT NULL", paid="y.pay > 0", sustained="w.pmr",
):  # fmt: skip
    first, last = tax_year_bounds(tax_year)
    factor = factor.format(base=INDEX[201516], own=INDEX[tax_year])
    months = ", ".join(f"(DATE '{a}', DATE '{z}')" for a, z in winter(tax_year))
    ks4_from, ks4_to = ks4_from + earlier, ks4_to + earlier + upto
    so_far = "so_far" if merged else "CAST(NULL AS date)"
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
            SELECT pmr, SUM(CASE WHEN {so_far} >= last_day THEN 0
                                 WHEN {so_far} >= first_day THEN DATEDIFF('day', so_far, last_day)
                                 ELSE DATEDIFF('day', first_day, last_day) + 1 END) AS days
            FROM reached GROUP BY pmr),
        sustained AS (
            SELECT s.pmr FROM spells AS s
            LEFT JOIN (VALUES {months}) AS m (a, z) ON s.first_day < m.z AND s.last_day >= m.a
            GROUP BY s.pmr HAVING COUNT(DISTINCT m.a) >= {at_least}),
        pay AS (SELECT l.pmr, SUM(e.earnings) AS pay FROM links AS l JOIN {PAY} AS e ON e.edukey = l.edukey
                WHERE e.taxyear = {tax_year} GROUP BY l.pmr)
        SELECT p.gender, SUM(CASE WHEN {linked} THEN 1 ELSE 0 END) AS linked, COUNT({sustained}) AS sustained,
               MEDIAN(CASE WHEN {in_median} AND {paid} THEN ({factor}) * {formula} END)
                   AS median_real
        FROM pupils AS p
        LEFT JOIN (SELECT DISTINCT pmr FROM links) AS l ON l.pmr = p.pmr
        LEFT JOIN sustained AS w ON w.pmr = p.pmr
        LEFT JOIN days AS d ON d.pmr = p.pmr
        LEFT JOIN pay AS y ON y.pmr = p.pmr
        GROUP BY p.gender
    """)


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
    make=varied(outcomes),
    domain={
        "ks4_from": range(2004, 2008),
        "ks4_to": range(2008, 2012),
        "tax_year": (201415, 201516, 201617, 201718, 201819),
    },
    tolerance={"median_real": 0.001},
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
            formula="y.pay",
        ),
        slip(
            "money-of-the-year",
            "Your median is in money of the year. State it at the prices of 2015/16: multiply by 100.175 and divide by "
            "the index of the tax year.",
            factor="1.0",
        ),
        slip(
            "everybody-with-pay",
            "You took everybody with a day in work. The question asks for sustained employment: a day in work in at "
            "least five of the six months from October to March.",
            at_least=0,
        ),
        slip(
            "all-six",
            "You asked for work in all six months. The rule is at least one day in five of the six months.",
            at_least=6,
        ),
        slip(
            "unmatched-in-denominator",
            "Your linked holds pupils who lead to no EDUKEY. Nothing is known about their work: count those who lead "
            "to at least one.",
            linked="1 = 1",
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so part of these people's work and pay is missing. Pool both keys.",
            keys=FIRST_KEYS,
        ),
        slip(
            "price-ratio-upside-down",
            "Your price ratio is upside down: multiply by 100.175 and divide by the year's own index.",
            factor="{own} / {base}",
        ),
        slip(
            "prices-of-the-index-year",
            "Your median is at the prices where the index is 100. State it at those of 2015/16.",
            factor="100.0 / {own}",
        ),
        slip(
            "days-added-over-keys",
            "You added up the days of both keys. Each day counts once.",
            merged=False,
            distinct="",
        ),
        slip("last-year-left-out", "ks4_to is included: your pupils stop a year before it.", upto=-1),
        slip("cohort-of-another-year", earlier=1),
        slip("blank-as-key", keys=LOOKUP),
        slip("zero-kept", "Only pupils with pay above 0 are in the median.", paid="y.pay >= 0"),
        slip("sustained-and-paid", sustained="CASE WHEN y.pay > 0 THEN w.pmr END"),
        slip("median-over-everybody", in_median="1 = 1"),
    ),
)
