"""Three rules."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import (
    certain,
    ended,
    labels,
    months_of,
    next_bounds,
    tax_year_bounds,
    varied,
)

from .q06_alternatives import three_rules_exists, three_rules_masks, three_rules_sets
from .shared import EDUKEYS, LESSON, WORK, month_rows, slip


def three_rules(con, tax_year, winter=5, first_winter=6, whole=False, continuous="spell", twelve=12, inner=False,
                months=months_of, bounds=tax_year_bounds, spells=WORK, kept="1 = 1", some=False):  # fmt: skip
    """A flag for each rule, one row a key with a day in work in April to March or in the tax year."""
    first, last = bounds(tax_year)
    length = {
        "spell": "MAX(CASE WHEN enddate - startdate + 1 >= 181 THEN 1 ELSE 0 END)",
        "ended": f"MAX(CASE WHEN LEAST(enddate, DATE '{last}') - startdate + 1 >= 181 THEN 1 ELSE 0 END)",
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
            FROM {spells} AS s
            JOIN (VALUES {month_rows(months(tax_year))}) AS m (n, first_day, next_first) ON {inside}
            GROUP BY s.edukey
        ),
        lengths AS (
            SELECT edukey, {length} AS continuous FROM {spells}
            WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}' AND {kept.format(first=first, last=last)}
            GROUP BY edukey
        )
        SELECT l.edukey, CASE WHEN m.winter >= {winter} THEN 1 ELSE 0 END AS five_of_six,
            CASE WHEN m.months >= {twelve} THEN 1 ELSE 0 END AS twelve_of_twelve, l.continuous
        FROM lengths AS l {"JOIN" if inner else "LEFT JOIN"} months AS m ON m.edukey = l.edukey
        {"WHERE m.winter >= 5 OR m.months = 12 OR l.continuous = 1" if some else ""}
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
    make=varied(three_rules),
    domain={"tax_year": labels(2008, 2020)},
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
            winter=6,
        ),
        slip(
            "eleven-of-twelve",
            "You allowed a month without work under the rule of twelve months. Only the winter rule allows one.",
            twelve=11,
        ),
        slip(
            "continuous-inside",
            "You cut the spell at the tax year before measuring it. For continuous employment not all of the 181 days "
            "need lie in the year.",
            continuous="inside",
        ),
        slip(
            "days-not-continuous",
            "You added up the days of several spells. Continuous employment asks for one unbroken spell of 181 days.",
            continuous="added",
        ),
        slip(
            "summer-for-winter",
            "You looked at the first six months of the tax year, April to September. The rule looks at October to "
            "March.",
            first_winter=0,
        ),
        slip(
            "continuous-cut-at-the-end",
            "You cut the spell at 5 April before measuring it. The whole spell counts, also what lies after the "
            "tax year.",
            continuous="ended",
        ),
        slip("september-to-february", first_winter=5),
        slip("whole-months", whole=True),
        slip("label-read-as-end", bounds=next_bounds, months=lambda label: months_of(label, shift=1)),
        slip("spells-inside", kept="startdate >= DATE '{first}' AND enddate <= DATE '{last}'"),
        slip("open-spells-dropped", spells=ended(WORK)),
        slip("uncertain-dropped", spells=certain(WORK)),
        slip(
            "only-who-meets-a-rule",
            "You left out EDUKEYs that meet none of the rules. Everybody with a spell that touches the tax year "
            "gets a row.",
            some=True,
        ),
    ),
)
