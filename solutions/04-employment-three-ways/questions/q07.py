"""Self-employment."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, certain, ended, months_of

from .q07_alternatives import FE_MONTH_FLAGS, FE_UNION, fe_merge, fe_pandas
from .shared import EDUKEYS, LESSON, WORK, month_rows, slip


def fe_sql(
    returns="self_employed = 1",
    year="= 201617",
    join="FULL JOIN",
    either="w.edukey IS NOT NULL OR r.edukey IS NOT NULL",
    shift=0,
    begins=10,
    inside="s.startdate < m.next_first AND s.enddate >= m.first_day",
    enough="COUNT(DISTINCT m.n) >= 5",
    spells=WORK,
    flag="CASE WHEN {}.edukey IS NULL THEN 0 ELSE 1 END",
):
    return f"""
WITH paid AS (
    SELECT s.edukey
    FROM {spells} AS s
    JOIN (VALUES {month_rows(months_of(201617, begins=begins, count=6, shift=shift))}) AS m (n, first_day, next_first)
        ON {inside}
    GROUP BY s.edukey
    HAVING {enough}
),
returned AS (SELECT DISTINCT edukey FROM {LEO}.leo_self_assessment WHERE taxyear {year} AND {returns})
SELECT COALESCE(w.edukey, r.edukey) AS edukey, {flag.format("w")} AS employee, {flag.format("r")} AS self_employed
FROM paid AS w
{join} returned AS r ON r.edukey = w.edukey
WHERE {either}
"""


FE_SQL = fe_sql()


QUESTION = Question(
    name="q7",
    title="Employees and the self-employed",
    answer_name="q7",
    kind="sql",
    points=3,
    columns={"edukey": "text", "employee": "number", "self_employed": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    heading="Sustained employment",
    reference_sql=FE_SQL,
    reference_pandas=fe_pandas,
    alternatives=(FE_UNION, FE_MONTH_FLAGS, fe_merge),
    make=fe_sql,
    universe=f"{EDUKEYS} UNION SELECT DISTINCT edukey FROM {LEO}.leo_self_assessment",
    hints=(
        "Make two lists: who has five of the six months, and who has a return. Then put them together.",
        "Somebody can be on either list alone. Which join keeps both sides?",
        "A FULL JOIN of the lists, COALESCE of the two keys, and a flag for each side that is not NULL.",
    ),
    misconceptions=(
        slip(
            "both-needed",
            "You asked for both. The rule of further education outcomes says or: five of six months, or a return that "
            "shows self-employment.",
            join="JOIN",
        ),
        slip(
            "self-employed-lost",
            "You began with employees, so people who are self-employed only are lost. They have no spell, but a "
            "return.",
            join="LEFT JOIN",
        ),
        slip(
            "missing-profit-dropped",
            "You asked for profit. Some returns show self-employment without an amount: self_employed = 1 is what the "
            "rule asks for.",
            returns="self_employed = 1 AND earnings_self_employment > 0",
        ),
        slip(
            "return-for-other-income",
            "You took every return of the year. Some people file one for other income: only self_employed = 1 shows "
            "self-employment.",
            returns="1 = 1",
        ),
        slip(
            "any-return",
            "You took returns of all years. Only the return for tax year 201617 counts.",
            year="IS NOT NULL",
        ),
        slip(
            "label-read-as-end",
            "You took the winter that follows the tax year. Tax year 201617 holds October 2016 to March 2017.",
            shift=1,
        ),
        slip("winter-before", shift=-1),
        slip("september-to-february", begins=9),
        slip("all-six", enough="COUNT(DISTINCT m.n) = 6"),
        slip("four-months-enough", enough="COUNT(DISTINCT m.n) >= 4"),
        slip("months-not-needed", enough="COUNT(m.n) >= 1"),
        slip("whole-months", inside="s.startdate <= m.first_day AND s.enddate >= m.next_first - 1"),
        slip("open-spells-dropped", spells=ended(WORK)),
        slip("uncertain-dropped", spells=certain(WORK)),
        slip(
            "return-of-another-year",
            "You took the returns of tax year 2017/18. 2016/17 is 201617.",
            year="= 201718",
        ),
    ),
)
