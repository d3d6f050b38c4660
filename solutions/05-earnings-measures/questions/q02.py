"""Spells across pay."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import certain, ended, tax_year_bounds

from .shared import KEYS, LESSON, PAY, SPELLS, cut, slip, spells_frame


def cross_sql(join="FULL JOIN", distinct="DISTINCT", missing="missing", begun="startdate <= '2017-04-05'",
              going="enddate >= '2016-04-06'", spells=SPELLS, year="taxyear = 201617", zero="zero", where="1 = 1",
              beside=""):  # fmt: skip
    return f"""
WITH s AS (
    SELECT {distinct} edukey FROM {spells} WHERE {begun} AND {going}
),
p AS (SELECT edukey, earnings FROM {PAY} WHERE {year}),
kinds AS (
    SELECT CASE WHEN s.edukey IS NULL THEN 'no' ELSE 'yes' END AS spell,
           CASE WHEN p.edukey IS NULL THEN '{missing}' WHEN p.earnings = 0 THEN '{zero}' ELSE 'positive' END AS pay
    FROM s {join} p ON p.edukey = s.edukey
    WHERE {where}
    {beside}
)
SELECT spell, pay, COUNT(*) AS keys FROM kinds GROUP BY spell, pay
"""


def cross_pandas(con):
    in_work = cut(spells_frame(con), *tax_year_bounds(201617))[["edukey"]].drop_duplicates()
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617").df()
    both = in_work.merge(pay, on="edukey", how="outer", indicator=True)
    both["spell"] = both["_merge"].astype(str).map({"left_only": "yes", "both": "yes", "right_only": "no"})
    both["pay"] = "missing"
    both.loc[both["earnings"] > 0, "pay"] = "positive"
    both.loc[both["earnings"] == 0, "pay"] = "zero"
    return both.groupby(["spell", "pay"]).size().reset_index(name="keys")


def cross_sets(con):
    """The same with sets of keys, no join at all."""
    first, last = tax_year_bounds(201617)
    spells = {
        key
        for (key,) in con.sql(
            f"SELECT edukey FROM {SPELLS} WHERE startdate <= '{last}' AND enddate >= '{first}'"
        ).fetchall()
    }
    pay = dict(con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617").fetchall())
    positive, zero = {key for key in pay if pay[key] > 0}, {key for key in pay if pay[key] == 0}
    rows = [
        ("yes", "positive", len(spells & positive)),
        ("yes", "zero", len(spells & zero)),
        ("yes", "missing", len(spells - positive - zero)),
        ("no", "positive", len(positive - spells)),
        ("no", "zero", len(zero - spells)),
    ]
    return pd.DataFrame([row for row in rows if row[2]], columns=["spell", "pay", "keys"])


QUESTION = Question(
    name="q2",
    title="Spell or none, pay or none",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"spell": "text", "pay": "text", "keys": "number"},
    identity=("spell", "pay"),
    unit="combination",
    lesson=LESSON,
    heading="Pay: zero is not missing",
    make=cross_sql,
    reference_sql=cross_sql(),
    reference_pandas=cross_pandas,
    alternatives=(
        cross_sets,
        f"""
        WITH everybody AS (
            SELECT edukey FROM {SPELLS} WHERE startdate <= '2017-04-05' AND enddate >= '2016-04-06'
            UNION SELECT edukey FROM {PAY} WHERE taxyear = 201617)
        SELECT CASE WHEN EXISTS (SELECT 1 FROM {SPELLS} AS s WHERE s.edukey = a.edukey
                                 AND s.startdate <= '2017-04-05' AND s.enddate >= '2016-04-06')
                    THEN 'yes' ELSE 'no' END AS spell,
               CASE WHEN e.earnings > 0 THEN 'positive' WHEN e.earnings = 0 THEN 'zero' ELSE 'missing' END AS pay,
               COUNT(*) AS keys
        FROM everybody AS a LEFT JOIN {PAY} AS e ON e.edukey = a.edukey AND e.taxyear = 201617
        GROUP BY 1, 2
        """,
        f"""
        WITH stacked AS (
            SELECT edukey, 1 AS spell, NULL AS earnings FROM {SPELLS}
            WHERE startdate <= '2017-04-05' AND enddate >= '2016-04-06'
            UNION ALL SELECT edukey, 0, earnings FROM {PAY} WHERE taxyear = 201617),
        one AS (SELECT MAX(spell) AS spell, MAX(earnings) AS earnings FROM stacked GROUP BY edukey)
        SELECT IF(spell = 1, 'yes', 'no') AS spell,
               COALESCE(IF(earnings = 0, 'zero', NULLIF('positive', IF(earnings IS NULL, 'positive', ''))), 'missing')
                   AS pay, COUNT(*) AS keys
        FROM one GROUP BY ALL
        """,
    ),
    hints=(
        "First one row for each EDUKEY with a spell that touches the year, then its pay.",
        "Some EDUKEYs have pay and no spell. Which join keeps both sides?",
        "One row an EDUKEY in both lists, a join that lets either side be empty, and a name for what is empty.",
    ),
    misconceptions=(
        slip(
            "missing-pay-as-zero",
            "You turned missing pay into 0. A total of 0 is a correction that stands in the records; no row means that "
            "no pay was reported. Keep the two apart.",
            missing="zero",
        ),
        slip(
            "inner-join",
            "Your join keeps only EDUKEYs with a spell and with pay. Those with one and not the other are what the "
            "table is about.",
            join="JOIN",
        ),
        slip(
            "pay-without-spell-lost",
            "You began with the spells and lost everybody who was paid without one. Some spells were never reported: "
            "keep both sides with a full join.",
            join="LEFT JOIN",
        ),
        slip(
            "spells-not-keys",
            "You counted spells. An EDUKEY with two spells in the year counts twice: make one row of it first.",
            distinct="",
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start in the tax year, so people who have been in work since before 6 April "
            "2016 seem to have none.",
            begun="startdate BETWEEN '2016-04-06' AND '2017-04-05'",
        ),
        slip(
            "null-is-not-zero", "You took a total of 0 for missing. A row with 0 is a row: it is zero.", zero="missing"
        ),
        slip(
            "where-after-left-join",
            "Your condition on the tax year in WHERE throws out EDUKEYs without a row of pay. Put it into ON, or "
            "filter the pay before you join it.",
            join="RIGHT JOIN",
        ),
        slip("spells-of-any-time", begun="1 = 1", going="1 = 1"),
        slip("tax-year-as-calendar-year", begun="startdate <= '2016-12-31'", going="enddate >= '2016-01-01'"),
        slip(
            "pay-of-another-year", "You took the pay of 2017/18. Tax year 2016/17 is 201617.", year="taxyear = 201718"
        ),
        slip("open-spells-dropped", spells=ended(SPELLS)),
        slip("uncertain-dropped", spells=certain(SPELLS)),
        slip(
            "everybody-in-the-lookup",
            "You kept EDUKEYs with neither a spell nor pay in the year. Only those with one or the other are "
            "asked for.",
            beside=f"UNION ALL SELECT 'no', 'missing' FROM {KEYS} AS k WHERE edukey NOT IN (SELECT edukey FROM s) "
            "AND edukey NOT IN (SELECT edukey FROM p)",
        ),
    ),
)
