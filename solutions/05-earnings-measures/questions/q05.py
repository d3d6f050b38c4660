"""Annualised earnings of a person."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import certain, ended, labels, next_bounds, tax_year_bounds, varied

from .q05_alternatives import annualised_by_row, annualised_less_overlap, annualised_on_a_calendar
from .shared import FIRST_KEYS, KEYS, LESSON, PAY, SPELLS, cut, slip, spells_frame

MERGED = """SELECT ae_id, SUM(CASE WHEN so_far IS NULL OR so_far < a THEN z - a + 1
                               WHEN z > so_far THEN z - so_far ELSE 0 END) AS days
            FROM (SELECT ae_id, a, z, MAX(z) OVER (PARTITION BY ae_id ORDER BY a, z
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far FROM cut) AS reached
            GROUP BY ae_id"""
"""Different days of a person: each spell adds the days after the latest end so far."""
ADDED = "SELECT ae_id, SUM(z - a + 1) AS days FROM {cut} GROUP BY ae_id"


def annualised(con, tax_year, merged=MERGED, keys=KEYS, at_least=28, formula="365.0 * p.pay / d.days", days="d.days",
               pay="SUM(e.earnings)", spells=SPELLS, bounds=tax_year_bounds, above="> 0"):  # fmt: skip
    first, last = bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT k.ae_id, GREATEST(s.startdate, DATE '{first}') AS a, LEAST(s.enddate, DATE '{last}') AS z
            FROM {keys} AS k JOIN {spells} AS s ON s.edukey = k.edukey
            WHERE s.startdate <= '{last}' AND s.enddate >= '{first}'),
        days AS ({merged}),
        pay AS (
            SELECT k.ae_id, {pay} AS pay FROM {keys} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
            WHERE e.taxyear = {tax_year} GROUP BY k.ae_id)
        SELECT d.ae_id, {days} AS days, {formula} AS annualised
        FROM days AS d JOIN pay AS p ON p.ae_id = d.ae_id
        WHERE p.pay {above} AND d.days >= {at_least}
    """)


def annualised_pandas(con, tax_year):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    inside = keys.merge(cut(spells_frame(con), *tax_year_bounds(tax_year)), on="edukey")
    inside = inside.sort_values(["ae_id", "startdate", "enddate"])
    so_far = inside.groupby("ae_id")["enddate"].cummax().groupby(inside["ae_id"]).shift()
    begins = inside["startdate"].where(~(so_far >= inside["startdate"]), so_far + pd.Timedelta(days=1))
    days = ((inside["enddate"] - begins).dt.days + 1).clip(lower=0).groupby(inside["ae_id"]).sum().rename("days")
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").df()
    table = keys.merge(pay, on="edukey").groupby("ae_id")["earnings"].sum().to_frame().join(days, how="inner")
    table = table[(table["earnings"] > 0) & (table["days"] >= 28)]
    return table.assign(annualised=365 * table["earnings"] / table["days"])[["days", "annualised"]].reset_index()


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
    heading="From pay to annualised earnings",
    reference_sql=annualised,
    reference_pandas=annualised_pandas,
    alternatives=(annualised_less_overlap, annualised_on_a_calendar, annualised_by_row),
    make=varied(annualised),
    domain={"tax_year": labels(2008, 2019)},
    tolerance={"annualised": 0.001},
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "From keys to people first: pay is added over the keys, days are pooled.",
        "Spells of two keys can be the same, touch or overlap in part: lay them on one line, and count each day once.",
        "Cut the spells to the year. In order of start, each adds only the days after the latest end so far.",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "You gave the pay of the year. Somebody who worked for half of it looks half as well paid: divide by the "
            "days in work and multiply by 365.",
            formula="p.pay",
        ),
        slip(
            "days-added-over-keys",
            "You added up the days of both keys. A spell under both keys is one stretch of time: count its days once, "
            "or somebody works for more days than the year has.",
            merged=ADDED.format(cut="cut"),
        ),
        slip(
            "distinct-for-merged",
            "You counted distinct spells. That removes a spell which stands under both keys with the same dates, and "
            "not the days that two different spells share: merge them, or count different days.",
            merged=ADDED.format(cut="(SELECT DISTINCT * FROM cut)"),
        ),
        slip(
            "larger-of-two-keys",
            "You took the larger of the amounts under two keys. In some years part of the pay stands under each: add "
            "them up.",
            pay="MAX(e.earnings)",
        ),
        slip(
            "few-days-grossed-up",
            "You kept people with a few days in work. A week's pay grossed up to a year says little: the question asks "
            "for at least 28 days.",
            at_least=1,
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so people whose pay of this year stands under the other one are missing.",
            keys=FIRST_KEYS,
        ),
        slip(
            "rate-upside-down",
            "You multiplied by the days and divided by 365, which makes part years smaller still. Grossing up divides "
            "by the days in work.",
            formula="p.pay * d.days / 365.0",
        ),
        slip("times-366", formula="366.0 * p.pay / d.days"),
        slip("quarter-days", formula="365.25 * p.pay / d.days"),
        slip("pay-for-a-day", formula="1.0 * p.pay / d.days"),
        slip("last-day-lost", merged=MERGED.replace("z - a + 1", "z - a")),
        slip("open-spells-dropped", spells=ended(SPELLS)),
        slip("uncertain-dropped", spells=certain(SPELLS)),
        slip(
            "label-read-as-end",
            "Your days are of the tax year after. 201617 is pay of 201617, and days from April 2016.",
            bounds=next_bounds,
        ),
    ),
)
