"""A join that keeps everybody."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO

from .shared import SQL_LESSON, slip


def london_sql(join="LEFT JOIN", on="e.edukey = g.edukey AND e.taxyear = g.taxyear", where="", pay="e.earnings"):
    return f"""
SELECT g.edukey, {pay} AS earnings
FROM {LEO}.leo_geography AS g
{join} {LEO}.leo_earnings AS e ON {on}
WHERE g.taxyear = 201617 AND g.gornm = 'London' {where}
"""


def london_pandas(con):
    homes = con.sql(f"SELECT edukey, taxyear, gornm FROM {LEO}.leo_geography").df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    homes = homes[(homes["taxyear"] == 201617) & (homes["gornm"] == "London")]
    return homes.merge(pay, how="left", on=["edukey", "taxyear"])[["edukey", "earnings"]]


def london_mapped(con):
    """Pay looked up by key, without a merge."""
    homes = con.sql(f"SELECT edukey FROM {LEO}.leo_geography WHERE taxyear = 201617 AND gornm = 'London'").df()
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201617").df()
    return homes.assign(earnings=homes["edukey"].map(pay.set_index("edukey")["earnings"]))


QUESTION = Question(
    name="q5",
    title="A join that keeps everybody",
    answer_name="q5",
    kind="sql",
    points=2,
    columns={"edukey": "text", "earnings": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=SQL_LESSON,
    heading="The join that loses people",
    reference_sql=london_sql(),
    make=london_sql,
    reference_pandas=london_pandas,
    universe=f"SELECT edukey FROM {LEO}.leo_geography WHERE taxyear = 201617 AND gornm = 'London'",
    hints=(
        "The base is the addresses. Which kind of join keeps an address to which no pay belongs?",
        "Two tables have a row a year here. What must be equal in both, besides the person?",
        "A condition on the right-hand table belongs in ON: in WHERE it drops the rows that found nothing.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "You lost those without pay in the year. An inner join drops them, and so does a condition on the pay in "
            "WHERE after a LEFT JOIN. Use a LEFT JOIN, with the year of the pay in ON.",
            join="JOIN",
        ),
        slip(
            "where-after-left-join",
            "You joined on the key alone and chose the year of pay in WHERE, but kept rows without any pay with "
            "OR ... IS NULL. People with pay in other years only are lost: put the year of the pay in ON.",
            on="e.edukey = g.edukey",
            where="AND (e.taxyear = 201617 OR e.taxyear IS NULL)",
        ),
        slip(
            "half-a-key",
            "You joined on the EDUKEY alone, so each address met the pay of every year. A row of pay is an EDUKEY "
            "in a tax year: join on both.",
            on="e.edukey = g.edukey",
        ),
        slip(
            "missing-as-zero",
            "You turned missing pay into 0. No row and a row of 0 are different things: leave it missing.",
            pay="COALESCE(e.earnings, 0)",
        ),
    ),
    alternatives=(
        f"""SELECT g.edukey, (SELECT MAX(e.earnings) FROM {LEO}.leo_earnings AS e
                              WHERE e.edukey = g.edukey AND e.taxyear = 201617) AS earnings
            FROM {LEO}.leo_geography AS g WHERE g.taxyear = 201617 AND g.gornm = 'London'""",
        f"""WITH home AS (SELECT edukey FROM {LEO}.leo_geography WHERE taxyear = 201617 AND gornm = 'London'),
                 pay AS (SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201617)
            SELECT h.edukey, p.earnings FROM home AS h JOIN pay AS p ON p.edukey = h.edukey
            UNION ALL
            SELECT h.edukey, NULL FROM home AS h WHERE NOT EXISTS (SELECT 1 FROM pay AS p WHERE p.edukey = h.edukey)""",
        f"""SELECT edukey, MAX(earnings) AS earnings
            FROM (SELECT edukey, NULL AS earnings, 1 AS home FROM {LEO}.leo_geography
                  WHERE taxyear = 201617 AND gornm = 'London'
                  UNION ALL SELECT edukey, earnings, 0 FROM {LEO}.leo_earnings WHERE taxyear = 201617) AS t
            GROUP BY edukey HAVING MAX(home) = 1""",
        london_mapped,
    ),
)
