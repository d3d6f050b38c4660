"""The higher of two records: mend a mean."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "One row a pupil, all years"


def answer(each: str = "MAX(points)", group: str = "GROUP BY pmr") -> str:
    return f"""
SELECT AVG(points) AS mean_points
FROM (SELECT {each} AS points
      FROM (VALUES ('P1', 40.0), ('P1', 12.0), ('P2', 55.0), ('P3', 31.0), ('P3', 30.0))
           AS results (pmr, points)
      {group}) AS pupils
"""


GIVEN = """
SELECT AVG(points) AS mean_points
FROM (VALUES ('P1', 40.0), ('P1', 12.0), ('P2', 55.0), ('P3', 31.0), ('P3', 30.0))
     AS results (pmr, points)
"""


def with_pandas(con):
    return pd.DataFrame({"mean_points": [(40 + 55 + 31) / 3]})


QUESTION = exercise(
    "mend",
    name="q3",
    title="The mean over pupils",
    columns={"mean_points": "number"},
    identity=(),
    unit="mean",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "Make one row a pupil first, then take the mean.",
        "A query inside the brackets of FROM can group by pupil.",
        "Of two records the higher one is kept.",
    ),
    misconceptions=(
        wrong(
            "records",
            "The mean over records",
            "You took the mean over records: P1 and P3 count twice, and their lower records count.",
            GIVEN,
            HEADING,
        ),
        wrong(
            "mean-of-both",
            "The mean of both records",
            "Each pupil counts once now, with the mean of the two records. The higher record alone is asked for.",
            answer("AVG(points)"),
            HEADING,
        ),
        wrong("lower", "The lower record", "You kept the lower record of each pupil.", answer("MIN(points)"), HEADING),
        wrong(
            "both-added", "Both records added", "You added the two records of a pupil.", answer("SUM(points)"), HEADING
        ),
    ),
    alternatives=(answer("QUANTILE_CONT(points, 1)"),),
)
