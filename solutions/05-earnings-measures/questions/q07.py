"""Real terms."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import labels, varied

from .shared import LESSON, PAY, label_of, slip

CPI = {
    2009: 86.6, 2010: 89.4, 2011: 93.4, 2012: 96.1, 2013: 98.5, 2014: 100.0,
    2015: 100.0, 2016: 100.7, 2017: 103.4, 2018: 105.9, 2019: 107.8, 2020: 108.7,
}  # fmt: skip

CPI_ROWS = ", ".join(f"({year}, {index})" for year, index in CPI.items())


def real_medians(con, prices_of, factor="b.price_index / p.price_index", index="(3 * this.cpi + later.cpi) / 4",
                 middle="MEDIAN", above="> 0", last=201920, base="{}"):  # fmt: skip
    return con.sql(f"""
        WITH consumer_prices AS (SELECT year, cpi FROM (VALUES {CPI_ROWS}) AS v (year, cpi)),
        prices AS (
            SELECT this.year * 100 + later.year % 100 AS tax_year, this.cpi AS first_cpi, {index} AS price_index
            FROM consumer_prices AS this JOIN consumer_prices AS later ON later.year = this.year + 1),
        medians AS (
            SELECT taxyear AS tax_year, {middle}(earnings) AS median_pay FROM {PAY}
            WHERE earnings {above} AND taxyear <= {last} GROUP BY taxyear)
        SELECT m.tax_year, m.median_pay, m.median_pay * {factor} AS median_real
        FROM medians AS m
        JOIN prices AS p ON p.tax_year = m.tax_year
        JOIN prices AS b ON b.tax_year = {base.format(prices_of)}
    """)


def tax_year_index():
    """Price index of each tax year from 2009/10 to 2019/20."""
    cpi = pd.Series(CPI, dtype=float)
    index = (3 * cpi + cpi.shift(-1)) / 4
    return index.dropna().rename(label_of)


def real_medians_pandas(con, prices_of):
    index = tax_year_index()
    pay = con.sql(f"SELECT taxyear AS tax_year, earnings FROM {PAY} WHERE earnings > 0").df()
    medians = pay[pay["tax_year"].isin(index.index)].groupby("tax_year")["earnings"].median().rename("median_pay")
    real = medians * index[prices_of] / index.reindex(medians.index)
    return pd.DataFrame({"median_pay": medians, "median_real": real}).reset_index()


def real_before_median(con, prices_of):
    """Every total restated first, the median last: it comes to the same."""
    index = tax_year_index()
    pay = con.sql(f"SELECT taxyear AS tax_year, earnings FROM {PAY} WHERE earnings > 0").df()
    pay = pay[pay["tax_year"].isin(index.index)]
    pay["real"] = pay["earnings"] * index[prices_of] / pay["tax_year"].map(index)
    return pay.groupby("tax_year", as_index=False).agg(
        median_pay=("earnings", "median"), median_real=("real", "median")
    )


def real_by_window(con, prices_of):
    return con.sql(f"""
        WITH prices AS (
            SELECT year * 100 + (year + 1) % 100 AS tax_year,
                   0.75 * cpi + 0.25 * LEAD(cpi) OVER (ORDER BY year) AS price_index
            FROM (VALUES {CPI_ROWS}) AS v (year, cpi))
        SELECT e.taxyear AS tax_year, MEDIAN(e.earnings) AS median_pay,
               MEDIAN(e.earnings * (SELECT price_index FROM prices WHERE tax_year = {prices_of}) / p.price_index)
                   AS median_real
        FROM {PAY} AS e JOIN prices AS p ON p.tax_year = e.taxyear
        WHERE e.earnings > 0 AND p.price_index IS NOT NULL GROUP BY e.taxyear
    """)


def real_by_case(con, prices_of):
    """The factors typed into one expression, year by year."""
    index = tax_year_index()
    cases = " ".join(f"WHEN {year} THEN {float(index[prices_of] / value)}" for year, value in index.items())
    return con.sql(f"""
        SELECT taxyear AS tax_year, median_pay, median_pay * CASE taxyear {cases} END AS median_real
        FROM (SELECT taxyear, QUANTILE_CONT(earnings, 0.5) AS median_pay FROM {PAY}
              WHERE earnings > 0 AND taxyear BETWEEN 200910 AND 201920 GROUP BY taxyear) AS t
    """)


QUESTION = Question(
    name="q7",
    title="Median pay in real terms",
    answer_name="real_medians",
    kind="function",
    points=3,
    columns={"tax_year": "number", "median_pay": "number", "median_real": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    heading="Real terms",
    reference_sql=real_medians,
    reference_pandas=real_medians_pandas,
    alternatives=(real_before_median, real_by_window, real_by_case),
    make=varied(real_medians),
    domain={"prices_of": labels(2009, 2019)},
    tolerance={"median_pay": 0.005, "median_real": 0.001},
    hints=(
        "First the index by tax year: three parts of the year in which it begins, one part of the next.",
        "Old pay becomes more at later prices. Does your factor do that?",
        "The factor has two indexes: of prices_of, and of the row's year. Which on top makes old pay more?",
    ),
    misconceptions=(
        slip(
            "money-of-the-year",
            "median_real is still in money of the year. State it at the prices of one tax year: multiply by the index "
            "of that year and divide by the index of the row's own.",
            factor="1",
        ),
        slip(
            "price-ratio-upside-down",
            "Your ratio is upside down: prices rose, so pay of an earlier year must become more at later prices. "
            "Multiply by index of the base year, divide by index of the year of the pay.",
            factor="p.price_index / b.price_index",
        ),
        slip(
            "calendar-year-prices",
            "You took the index of the calendar year in which the tax year begins. Three months of a tax year lie in "
            "the next: use three parts of the one and one part of the other.",
            index="this.cpi",
        ),
        slip(
            "prices-of-the-index-year",
            "Your values are at the prices of 2015, the year in which the index is 100. Multiply by the index of "
            "prices_of, not by 100.",
            factor="100.0 / p.price_index",
        ),
        slip("parts-exchanged", index="(this.cpi + 3 * later.cpi) / 4"),
        slip("plain-mean-of-prices", index="(this.cpi + later.cpi) / 2"),
        slip("calendar-year-base", factor="b.first_cpi / p.price_index"),
        slip("only-times-the-base", factor="b.price_index / 100"),
        slip("always-the-last-base", base="201920 + 0 * {}"),
        slip("mean-not-median", middle="AVG"),
        slip("zero-kept", above=">= 0"),
        slip("last-year-left-out", last=201819),
        slip(
            "label-read-as-end",
            "You took the prices of the tax year after. 201213 begins in April 2012.",
            base="least({} + 101, 201920)",
        ),
    ),
)
