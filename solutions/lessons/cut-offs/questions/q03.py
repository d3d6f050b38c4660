"""The two ends of the year alone: mend a comparison of the calendar."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, OLDEST, wrong

CELLS = """(VALUES (8, -0.05), (9, 0.06), (10, 0.04), (11, 0.03), (12, 0.02), (1, 0.01), (7, -0.04))
     AS cells (month, points)"""


def sides(case: str = "CASE WHEN month >= 9 THEN 'oldest' ELSE 'youngest' END",
          where: str = "WHERE month IN (8, 9)") -> str:  # fmt: skip
    return f"SELECT {case} AS side, AVG(points) AS points\nFROM {CELLS}\n{where}\nGROUP BY {case}"


def with_pandas(con):
    return pd.DataFrame({"side": ["oldest", "youngest"], "points": [0.06, -0.05]})


QUESTION = exercise(
    "mend",
    "q3",
    title="The two ends alone",
    columns={"side": "text", "points": "number"},
    identity=("side",),
    unit="side",
    lesson=LESSON,
    heading=OLDEST,
    reference_sql=sides(),
    reference_pandas=with_pandas,
    hints=(
        "Which month is next to the line on each side?",
        "One condition leaves two rows of the cells.",
        "The names of the sides are right: filter the rows before they are grouped.",
    ),
    misconceptions=(
        wrong("calendar", "All months of the calendar year", "January and July are among the youngest here, though "
              "January is seven months past the line. Keep the two months next to it.", sides(where=""), OLDEST),
        wrong("turned", "The sides are exchanged", "September is the oldest of its year, and August the youngest.",
              sides("CASE WHEN month = 8 THEN 'oldest' ELSE 'youngest' END"), OLDEST),
        wrong("two-each", "Two months on each side", "That is a wider window: two months on each side. The oldest and "
              "the youngest month alone are asked for.", sides(where="WHERE month IN (7, 8, 9, 10)"), OLDEST),
    ),
    alternatives=(sides("CASE WHEN month = 9 THEN 'oldest' ELSE 'youngest' END"),
                  "SELECT CASE month WHEN 9 THEN 'oldest' WHEN 8 THEN 'youngest' END AS side, points "
                  f"FROM {CELLS} WHERE month BETWEEN 8 AND 9"),
)  # fmt: skip
