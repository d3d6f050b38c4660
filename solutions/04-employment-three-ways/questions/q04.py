"""Spells of people with two keys."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import certain, ended

from .q04_alternatives import MERGED_EDGES, TWO_KEYS, TWO_SPELLS, merged_days, merged_loop, merged_pandas, two_spells
from .shared import KEYS, LESSON, WORK, slip

ONE_KEY = f"SELECT ae_id, MIN(edukey) AS edukey FROM ({TWO_KEYS}) AS two GROUP BY ae_id"


def merged_sql(gap=1, longest="MAX(last_day - first_day + 1)", **changes):
    spells = two_spells(**changes)
    return f"""
WITH once AS (
    SELECT ae_id, first_day, MAX(last_day) AS last_day FROM ({spells}) AS spells GROUP BY ae_id, first_day
),
reached AS (
    SELECT *, MAX(last_day) OVER (
        PARTITION BY ae_id ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS so_far
    FROM once
),
numbered AS (
    SELECT *, SUM(CASE WHEN first_day <= so_far + {gap} THEN 0 ELSE 1 END) OVER (
        PARTITION BY ae_id ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS spell
    FROM reached
),
unbroken AS (
    SELECT ae_id, spell, MIN(first_day) AS first_day, MAX(last_day) AS last_day FROM numbered GROUP BY ae_id, spell
)
SELECT ae_id, COUNT(*) AS spells, {longest} AS longest
FROM unbroken
GROUP BY ae_id
"""


MERGED_SQL = merged_sql()


QUESTION = Question(
    name="q4",
    title="Unbroken spells",
    answer_name="q4",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "spells": "number", "longest": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    heading="Spells are not jobs",
    reference_sql=MERGED_SQL,
    reference_pandas=merged_pandas,
    alternatives=(merged_loop, merged_days, MERGED_EDGES),
    make=merged_sql,
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Cut open ends at 5 April 2021, put the spells of both keys together, and sort them by start.",
        "A spell begins something new if it starts more than a day after the latest end so far.",
        "MAX(last_day) OVER the rows before, a 0 or 1 for each start, and a running SUM of it numbers the spells.",
    ),
    misconceptions=(
        slip(
            "records-as-spells",
            "You counted rows. The same spell can stand under both keys, and then it is one spell of the person: "
            "join what overlaps or touches.",
            f"""
            SELECT ae_id, COUNT(*) AS spells, MAX(last_day - first_day + 1) AS longest
            FROM ({TWO_SPELLS}) AS spells GROUP BY ae_id
            """,
        ),
        slip(
            "one-key-kept",
            "You kept the lower EDUKEY of each person. Spells under the other key are lost, and some people with them.",
            people=ONE_KEY,
        ),
        slip(
            "open-spells",
            "Some spells last for thousands of years. 9999-12-31 marks a spell that goes on: the data end on "
            "5 April 2021, so cut it there.",
            last="s.enddate",
        ),
        slip(
            "last-day-lost",
            "Your longest spells are a day short: the last day counts, too.",
            longest="MAX(last_day - first_day)",
        ),
        slip(
            "touching-apart",
            "You joined only spells that overlap. One that starts on the day after another ends continues it.",
            gap=0,
        ),
        slip(
            "gap-bridged",
            "You joined spells with some days between them. A spell continues another if it starts on the day "
            "after its end, "
            "or before.",
            gap=8,
        ),
        slip("open-spells-dropped", work=ended(WORK)),
        slip("uncertain-dropped", work=certain(WORK)),
        slip(
            "total-for-longest",
            "You added the spells up. The longest is the one with the most days.",
            longest="SUM(last_day - first_day + 1)",
        ),
        slip(
            "mean-for-longest",
            "You took the mean length. The longest is the one with the most days.",
            longest="AVG(last_day - first_day + 1)",
        ),
        slip(
            "everybody-with-keys",
            "You took everybody with an EDUKEY. The question is about persons who lead to two of them.",
            people=f"SELECT ae_id, edukey FROM {KEYS}",
        ),
        slip(
            "data-end-early",
            "You ended the data a year early. Their last day is 5 April 2021.",
            last="LEAST(s.enddate, DATE '2020-04-05')",
        ),
    ),
)
