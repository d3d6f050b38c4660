"""People, not rows: mend a count."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise

from .shared import FIND, LEO, LESSON, wrong


def people(what: str = "COUNT(DISTINCT edukey)") -> str:
    return f"""
SELECT {what} AS people
FROM {LEO}.leo_employment
"""


def with_pandas(con):
    spells = con.sql(f"SELECT edukey FROM {LEO}.leo_employment").df()
    return pd.DataFrame({"people": [spells["edukey"].nunique()]})


QUESTION = exercise(
    "mend",
    "q3",
    title="People with a job",
    columns={"people": "number"},
    identity=(),
    unit="number",
    lesson=LESSON,
    heading=FIND,
    reference_sql=people(),
    reference_pandas=with_pandas,
    hints=(
        "COUNT counts every row in which the key is there.",
        "Each key has to be counted once.",
        "One word goes in front of the name of the column.",
    ),
    misconceptions=(
        wrong("every-row", "Rows are no people", "You counted every row, and somebody with five jobs five times. "
              "DISTINCT belongs inside the brackets, in front of the key.",
              people("COUNT(edukey)"), FIND),
        wrong("start-days", "Days are no people", "You counted the different days on which a job began.",
              people("COUNT(DISTINCT startdate)"), FIND),
        wrong("end-days", "Last days are no people", "You counted the different days on which a job ended.",
              people("COUNT(DISTINCT enddate)"), FIND),
    ),
    alternatives=(people("COUNT(DISTINCT edukey || '')"),
                  f"SELECT COUNT(*) AS people FROM (SELECT DISTINCT edukey FROM {LEO}.leo_employment) AS keys"),
)  # fmt: skip
