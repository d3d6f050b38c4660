"""AE_IDs without a link: a query of one's own."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import LESSON, wrong

HEADING = "Who is not linked"


def answer(what: str = "COUNT(DISTINCT ae_id)", where: str = "WHERE edukey IS NULL") -> str:
    return f"""
SELECT {what} AS unlinked
FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup AS lookup
{where}
"""


def with_pandas(con):
    lookup = con.sql('SELECT * FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup').df()
    keys = lookup.groupby("ae_id")["edukey"].count()
    return pd.DataFrame({"unlinked": [int((keys == 0).sum())]})


QUESTION = exercise(
    "write",
    name="q6",
    title="In the lookup and not linked",
    columns={"unlinked": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=HEADING,
    reference_sql=answer(),
    reference_pandas=with_pandas,
    hints=(
        "A blank key is NULL here.",
        "NULL is found with IS, not with an equals sign.",
        "Count AE_IDs, each once.",
    ),
    misconceptions=(
        wrong(
            "linked",
            "The linked ones",
            "You counted those that have a key.",
            answer(where="WHERE edukey IS NOT NULL"),
            HEADING,
        ),
        wrong("all", "All of them", "You counted every AE_ID of the lookup.", answer(where=""), HEADING),
        wrong(
            "equals-null",
            "Nothing equals NULL",
            "Nothing is equal to NULL, so the condition is never true.",
            answer(where="WHERE edukey = NULL"),
            HEADING,
        ),
    ),
    alternatives=(answer("COUNT(DISTINCT ae_id) - COUNT(DISTINCT CASE WHEN edukey IS NOT NULL THEN ae_id END)", ""),),
)
