"""The worked example, totals of nought."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import LESSON, PAY, slip

ZERO_SQL = f"""
SELECT taxyear AS tax_year, COUNT(*) AS keys
FROM {PAY}
WHERE earnings = 0
GROUP BY taxyear
"""


def zero_pandas(con):
    pay = con.sql(f"SELECT taxyear, earnings FROM {PAY}").df()
    return pay[pay["earnings"] == 0].groupby("taxyear").size().rename_axis("tax_year").reset_index(name="keys")


QUESTION = Question(
    name="q0",
    title="Totals of nought by tax year",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"tax_year": "number", "keys": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    reference_sql=ZERO_SQL,
    reference_pandas=zero_pandas,
    alternatives=(
        f"""
        SELECT taxyear AS tax_year, SUM(CASE WHEN earnings = 0 THEN 1 ELSE 0 END) AS keys
        FROM {PAY} GROUP BY taxyear HAVING MIN(earnings) = 0
        """,
        f"""
        SELECT DISTINCT taxyear AS tax_year, COUNT(*) OVER (PARTITION BY taxyear) AS keys
        FROM {PAY} WHERE earnings = 0
        """,
        lambda con: (
            con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY}")
            .filter("earnings = 0")
            .aggregate("taxyear AS tax_year, COUNT(DISTINCT edukey) AS keys", "taxyear")
        ),
    ),
    hints=(
        "One row of the view is one EDUKEY in one tax year.",
        "Keep the rows whose total is nought before you count.",
        "Filter on earnings = 0, then group by taxyear.",
    ),
    misconceptions=(
        slip(
            "null-is-not-zero",
            "You looked for missing totals. A total of 0 is there, as a number; where no pay was reported there is no "
            "row at all.",
            ZERO_SQL.replace("earnings = 0", "earnings IS NULL"),
        ),
        slip(
            "low-pay-as-zero",
            "You counted low totals too. A total of exactly 0 is a correction; a small one is pay.",
            ZERO_SQL.replace("earnings = 0", "earnings < 1000"),
        ),
        slip(
            "missing-pay-as-zero",
            "You counted EDUKEYs without a row in the year. They have no pay in the records: that is no total of 0.",
            f"""
            SELECT y.taxyear AS tax_year, (SELECT COUNT(DISTINCT edukey) FROM {PAY}) - COUNT(*) AS keys
            FROM {PAY} AS y GROUP BY y.taxyear
            """,
        ),
    ),
)
