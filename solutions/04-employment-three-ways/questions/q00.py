"""Open spells."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import LESSON, SPELLS_TEXT, WORK, slip

OPEN_SQL = f"""
SELECT CASE WHEN enddate = DATE '9999-12-31' THEN 1 ELSE 0 END AS still_open, COUNT(*) AS spells
FROM {WORK}
GROUP BY CASE WHEN enddate = DATE '9999-12-31' THEN 1 ELSE 0 END
"""


def open_pandas(con):
    rows = con.sql(SPELLS_TEXT).df()
    still_open = (rows["e"] == "9999-12-31").astype(int)
    return still_open.rename("still_open").value_counts().rename("spells").reset_index()


QUESTION = Question(
    name="q0",
    title="Spells that are over, and spells that go on",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"still_open": "number", "spells": "number"},
    identity=("still_open",),
    unit="group",
    lesson=LESSON,
    reference_sql=OPEN_SQL,
    reference_pandas=open_pandas,
    hints=(
        "A spell that goes on has an end in the far future.",
        "The end of an open spell is 9999-12-31.",
        "Count rows by a CASE on enddate.",
    ),
    misconceptions=(
        slip(
            "people-as-spells",
            "You counted people. Somebody who has worked twice has two spells: count rows.",
            OPEN_SQL.replace("COUNT(*)", "COUNT(DISTINCT edukey)"),
        ),
    ),
)
