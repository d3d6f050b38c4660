"""Three rules."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import months_of, tax_year_bounds

from .q06_alternatives import three_rules_exists, three_rules_masks, three_rules_sets
from .shared import EDUKEYS, LESSON, WORK, month_rows, slip


def three_rules(con, tax_year, winter=5, first_winter=6, whole=False, continuous="spell", twelve=12, inner=False):
    """A flag for each rule, one row a key with a day in work in April to March or in the tax year."""
    first, last = tax_year_bounds(tax_year)
    length = {
        "spell": "MAX(CASE WHEN enddate - startdate + 1 >= 181 THEN 1 ELSE 0 END)",
        "inside": f"MAX(CASE WHEN LEAST(enddate, DATE '{last}') - GREATEST(startdate, DATE '{first}') + 1 >= 181 "
        "THEN 1 ELSE 0 END)",
        "added": f"CASE WHEN SUM(LEAST(enddate, DATE '{last}') - GREATEST(startdate, DATE '{first}') + 1) >= 181 "
        "THEN 1 ELSE 0 END",
    }[continuous]
    inside = (
        "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1"
        if whole
        else "s.startdate < m.next_first AND s.enddate >= m.first_day"
    )
    return con.sql(f"""
        WITH months AS (
            SELECT s.edukey, COUNT(DISTINCT m.n) AS months,
                COUNT(DISTINCT CASE WHEN m.n BETWEEN {first_winter} AND {first_winter + 5} THEN m.n END) AS winter
            FROM {WORK} AS s
            JOIN (VALUES {month_rows(months_of(tax_year))}) AS m (n, first_day, next_first) ON {inside}
            GROUP BY s.edukey
        ),
        lengths AS (
            SELECT edukey, {length} AS continuous FROM {WORK}
            WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}'
            GROUP BY edukey
        )
        SELECT l.edukey, CASE WHEN m.winter >= {winter} THEN 1 ELSE 0 END AS five_of_six,
            CASE WHEN m.months >= {twelve} THEN 1 ELSE 0 END AS twelve_of_twelve, l.continuous
        FROM lengths AS l {"JOIN" if inner else "LEFT JOIN"} months AS m ON m.edukey = l.edukey
    """)


def three_rules_pandas(con, tax_year):
    first, last = (str(day) for day in tax_year_bounds(tax_year))
    rows = con.sql(f"""
        SELECT edukey, startdate::VARCHAR AS s, enddate::VARCHAR AS e, enddate - startdate + 1 AS days FROM {WORK}
    """).df()
    worked = [set(rows.loc[(rows["s"] < str(b)) & (rows["e"] >= str(a)), "edukey"]) for a, b in months_of(tax_year)]
    touching = rows[(rows["s"] <= last) & (rows["e"] >= first)]
    table = (touching.groupby("edukey")["days"].max() >= 181).astype(int).rename("continuous").reset_index()
    flags = pd.DataFrame([table["edukey"].isin(keys) for keys in worked]).T
    table["five_of_six"] = (flags.iloc[:, 6:].sum(axis=1) >= 5).astype(int)
    table["twelve_of_twelve"] = flags.all(axis=1).astype(int)
    return table


QUESTION = Question(
    name="q6",
    title="Three rules for the same people",
    answer_name="three_rules",
    kind="function",
    points=3,
    columns={"edukey": "text", "five_of_six": "number", "twelve_of_twelve": "number", "continuous": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Continuous employment",
    reference_sql=three_rules,
    reference_pandas=three_rules_pandas,
    alternatives=(three_rules_masks, three_rules_sets, three_rules_exists),
    calls=({"tax_year": 201011}, {"tax_year": 201718}),
    universe=EDUKEYS,
    hints=(
        "Two of the rules count months, one looks at the length of a spell. Make them apart, then join.",
        "October to March are the last six of the twelve months. Continuous employment looks at one whole spell.",
        "The longest spell is found before anything is cut, among those that touch the year. Both its ends are days.",
    ),
    misconceptions=(
        slip(
            "all-six",
            "You asked for all six months from October to March. Five of them are enough.",
            lambda con, tax_year: three_rules(con, tax_year, winter=6),
        ),
        slip(
            "eleven-of-twelve",
            "You allowed a month without work under the rule of twelve months. Only the winter rule allows one.",
            lambda con, tax_year: three_rules(con, tax_year, twelve=11),
        ),
        slip(
            "continuous-inside",
            "You cut the spell at the tax year before measuring it. For continuous employment not all of the 181 days "
            "need lie in the year.",
            lambda con, tax_year: three_rules(con, tax_year, continuous="inside"),
        ),
        slip(
            "days-not-continuous",
            "You added up the days of several spells. Continuous employment asks for one unbroken spell of 181 days.",
            lambda con, tax_year: three_rules(con, tax_year, continuous="added"),
        ),
        slip(
            "summer-for-winter",
            "You looked at the first six months of the tax year, April to September. The rule looks at October to "
            "March.",
            lambda con, tax_year: three_rules(con, tax_year, first_winter=0),
        ),
    ),
)
