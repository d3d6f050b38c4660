"""Lines with one gap: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "The second cell"


def answer(having: str = "COUNT(*) - COUNT(people) = 1") -> str:
    return f"""
SELECT ethnic
FROM (VALUES ('A', 'eligible', NULL), ('A', 'not eligible', 43), ('B', 'eligible', NULL), ('B', 'not eligible', NULL),
             ('C', 'eligible', 15), ('C', 'not eligible', 80)) AS cells (ethnic, meals, people)
GROUP BY ethnic
HAVING {having}
"""


def with_pandas(con):
    return pd.DataFrame({"ethnic": ["A"]})


QUESTION = exercise(
    "write",
    name="q6",
    title="Find lines that give a gap away",
    columns={"ethnic": "text"},
    identity=("ethnic",),
    unit="line",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Group the cells of a line.",
        "How many are missing is the number of cells less the number of values.",
        "A condition on a group is HAVING.",
    ),
    misconceptions=(
        wrong(
            "any-gap",
            "Lines with two gaps too",
            "A line with two gaps gives neither of them away by itself.",
            answer("COUNT(*) > COUNT(people)"),
            HEADING,
        ),
        wrong("two", "Two gaps", "That is the line with two gaps.", answer("COUNT(*) - COUNT(people) = 2"), HEADING),
        wrong("none", "Lines without a gap", "These have no gap.", answer("COUNT(*) = COUNT(people)"), HEADING),
    ),
    alternatives=(answer("SUM(CASE WHEN people IS NULL THEN 1 ELSE 0 END) = 1"),),
)
