"""The worked example."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, main_records, slip

WORKED_SQL = f"""
SELECT ncyearactual_spr19 AS year_group, COUNT(*) AS pupils
FROM {NPD}.spring_census_2019
WHERE recordstatus_spr19 < 100
GROUP BY ncyearactual_spr19
"""

QUESTION = Question(
    name="q0",
    title="A worked example: pupils by year group",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"year_group": "text", "pupils": "number"},
    identity=("year_group",),
    unit="year group",
    lesson=LESSON,
    reference_sql=WORKED_SQL,
    reference_pandas=lambda con: (
        main_records(con, 2019, "ncyearactual")
        .groupby("ncyearactual")
        .size()
        .rename_axis("year_group")
        .rename("pupils")
        .reset_index()
    ),
    hints=("Main records have a recordstatus below 100.",),
    misconceptions=(
        slip(
            "records-counted",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            WORKED_SQL.replace("WHERE recordstatus_spr19 < 100", ""),
        ),
        slip(
            "year-it-begins",
            "You used the census of the year before. January 2019 is spring_census_2019.",
            WORKED_SQL.replace("spr19", "spr18").replace("2019", "2018"),
        ),
    ),
    alternatives=(WORKED_SQL.replace("COUNT(*)", "COUNT(DISTINCT pupilmatchingrefanonymous_spr19)"),),
)
