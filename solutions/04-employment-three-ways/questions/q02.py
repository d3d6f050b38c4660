"""Uncertain dates by tax year."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ended

from .shared import LESSON, WORK, slip

TAX_LABEL = (
    "(YEAR(startdate) - CASE WHEN MONTH(startdate) < 4 OR (MONTH(startdate) = 4 AND DAY(startdate) < 6) "
    "THEN 1 ELSE 0 END)"
)


def uncertain_sql(year=TAX_LABEL, uncertain="uncertainstartdate = 1", label="{year} * 100 + ({year} + 1) % 100",
                  spells="COUNT(*)", base="COUNT(*)", spell_table=WORK):  # fmt: skip
    label = label.format(year=year)
    return f"""
SELECT {label} AS tax_year, {spells} AS spells,
    100.0 * SUM(CASE WHEN {uncertain} THEN 1 ELSE 0 END) / {base} AS percentage
FROM {spell_table}
WHERE startdate BETWEEN DATE '2008-04-06' AND DATE '2018-04-05'
GROUP BY {label}
"""


UNCERTAIN_SQL = uncertain_sql()

STARTS_DECADE = f"""
    SELECT startdate, uncertainstartdate FROM {WORK} WHERE startdate BETWEEN DATE '2008-04-06' AND DATE '2018-04-05'
"""


def uncertain_pandas(con):
    rows = con.sql(STARTS_DECADE).df()
    # 5 days and 3 months back, 6 April is 1 January
    year = (rows["startdate"] - pd.Timedelta(days=5) - pd.DateOffset(months=3)).dt.year
    table = rows.assign(tax_year=year * 100 + (year + 1) % 100).groupby("tax_year")["uncertainstartdate"]
    return pd.DataFrame({"spells": table.size(), "percentage": 100 * table.mean()}).reset_index()


UNCERTAIN_JOINED = f"""
WITH years AS (
    SELECT range * 100 + (range + 1) % 100 AS tax_year, make_date(range, 4, 6) AS first_day,
        make_date(range + 1, 4, 5) AS last_day
    FROM range(2008, 2018)
)
SELECT y.tax_year, COUNT(*) AS spells, AVG(100.0 * s.uncertainstartdate) AS percentage
FROM years AS y JOIN {WORK} AS s ON s.startdate BETWEEN y.first_day AND y.last_day
GROUP BY y.tax_year
"""

UNCERTAIN_TEXT = f"""
SELECT CASE WHEN strftime(startdate, '%m%d') >= '0406' THEN YEAR(startdate) * 100 + (YEAR(startdate) + 1) % 100
        ELSE (YEAR(startdate) - 1) * 100 + YEAR(startdate) % 100 END AS tax_year,
    COUNT(*) AS spells, 100.0 * COUNT(*) FILTER (WHERE uncertainstartdate = 1) / COUNT(*) AS percentage
FROM {WORK}
WHERE startdate >= DATE '2008-04-06' AND startdate < DATE '2018-04-06'
GROUP BY 1
"""


def uncertain_cut(con):
    rows = con.sql(STARTS_DECADE).df()
    edges = pd.to_datetime([f"{year}-04-06" for year in range(2008, 2019)])
    labels = [year * 100 + (year + 1) % 100 for year in range(2008, 2018)]
    rows["tax_year"] = pd.cut(rows["startdate"], edges, right=False, labels=labels).astype(int)
    table = rows.groupby("tax_year").agg(spells=("startdate", "size"), percentage=("uncertainstartdate", "mean"))
    return table.assign(percentage=100 * table["percentage"]).reset_index()


QUESTION = Question(
    name="q2",
    title="Uncertain starts",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"tax_year": "number", "spells": "number", "percentage": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    heading="Uncertain dates",
    reference_sql=UNCERTAIN_SQL,
    reference_pandas=uncertain_pandas,
    alternatives=(UNCERTAIN_JOINED, UNCERTAIN_TEXT, uncertain_cut),
    make=uncertain_sql,
    tolerance={"percentage": 0.0005},
    hints=(
        "A start from 1 January to 5 April belongs to the tax year that began in the April before.",
        "6 April is the default for a start that is not known, but some spells really start on it.",
        "Make the label with a CASE on month and day, then average uncertainstartdate times 100 by it.",
    ),
    misconceptions=(
        slip(
            "calendar-year-of-start-date",
            "You took the calendar year of the start. A start in February 2010 is in tax year 200910, which began in "
            "April 2009.",
            year="YEAR(startdate)",
        ),
        slip(
            "default-date-as-flag",
            "You took every start on 6 April for uncertain. Some spells really start on that day: the flag "
            "uncertainstartdate tells.",
            uncertain="MONTH(startdate) = 4 AND DAY(startdate) = 6",
        ),
        slip(
            "end-flag-for-start",
            "You took the flag of the end. Start and end have a flag each: use uncertainstartdate.",
            uncertain="uncertainenddate = 1",
        ),
        slip(
            "label-read-as-end",
            "Your labels are one year too late. 200809 begins on 6 April 2008.",
            label="({year} + 1) * 100 + ({year} + 2) % 100",
        ),
        slip(
            "april-to-march",
            "Your tax years begin on 1 April. A start from 1 to 5 April belongs to the tax year before.",
            year="(YEAR(startdate) - CASE WHEN MONTH(startdate) < 4 THEN 1 ELSE 0 END)",
        ),
        slip(
            "default-day-before",
            "You put starts on 6 April into the tax year before. 6 April is its first day, and most uncertain "
            "starts lie on it.",
            year=TAX_LABEL.replace("DAY(startdate) < 6", "DAY(startdate) <= 6"),
        ),
        slip(
            "odds-not-share",
            "You divided by the spells whose start is certain. A percentage is of all spells that start in the year.",
            base="SUM(1 - uncertainstartdate)",
        ),
        slip(
            "people-as-spells",
            "You counted EDUKEYs. One of them can start more than one spell in a year: count spells.",
            spells="COUNT(DISTINCT edukey)",
            base="COUNT(DISTINCT edukey)",
        ),
        slip(
            "either-flag",
            "You counted spells with an uncertain end as well. The question asks for uncertain starts.",
            uncertain="uncertainstartdate = 1 OR uncertainenddate = 1",
        ),
        slip(
            "open-spells-dropped", "You dropped spells that go on. They start in a year, too.", spell_table=ended(WORK)
        ),
    ),
)
