"""Pupils with two AE_IDs: complete a count."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "How many to how many?"


def answer(having: str = "COUNT(DISTINCT ae_id) > 1") -> str:
    return f"""
SELECT COUNT(*) AS pupils
FROM (SELECT pupilmatchingrefanonymous FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup
      WHERE pupilmatchingrefanonymous IS NOT NULL
      GROUP BY pupilmatchingrefanonymous
      HAVING {having}) AS several
"""


def with_pandas(con):
    lookup = con.sql('SELECT * FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup').df()
    partners = lookup.groupby("pupilmatchingrefanonymous")["ae_id"].nunique()
    return pd.DataFrame({"pupils": [int((partners > 1).sum())]})


QUESTION = exercise(
    "complete",
    name="q2",
    title="Resolved twice",
    columns={"pupils": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "The rows of a pupil are in one group. Of what should there be several in it?",
        "The other column of the lookup is the one to count.",
        "It is the key in the middle.",
    ),
    misconceptions=(
        wrong(
            "own-key",
            "Always one",
            "Within a group of a PMR there is one PMR, so no group has more than one.",
            answer("COUNT(DISTINCT pupilmatchingrefanonymous) > 1"),
            HEADING,
        ),
        wrong(
            "any",
            "One is enough",
            "You counted every PMR in the lookup. More than one AE_ID is asked for.",
            answer("COUNT(DISTINCT ae_id) >= 1"),
            HEADING,
        ),
    ),
    alternatives=(answer("MIN(ae_id) <> MAX(ae_id)"),),
)
