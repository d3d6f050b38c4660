"""Pupils in the key stage 4 table."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import ATTAINMENT_LESSON, NEW_KS4, slip

PUPILS_SQL = f"""
SELECT ks4_acadyr AS academic_year, COUNT(DISTINCT ks4_pupilmatchingrefanonymous) AS pupils
FROM {NEW_KS4}
GROUP BY ks4_acadyr
"""


def pupils_pandas(con):
    rows = con.sql(f"SELECT ks4_acadyr AS academic_year, ks4_pupilmatchingrefanonymous AS pupil FROM {NEW_KS4}").df()
    return rows.groupby("academic_year")["pupil"].nunique().rename("pupils").reset_index()


QUESTION = Question(
    name="q0",
    title="Pupils in the key stage 4 table, year by year",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"academic_year": "text", "pupils": "number"},
    identity=("academic_year",),
    unit="academic year",
    lesson=ATTAINMENT_LESSON,
    reference_sql=PUPILS_SQL,
    reference_pandas=pupils_pandas,
    hints=(
        "One view holds several academic years: which column tells them apart?",
        "Some pupils have two records in a year.",
        "Group by ks4_acadyr and count distinct pupils.",
    ),
    misconceptions=(
        slip(
            "records-counted",
            "You counted records. Some pupils have two results records in a year: count distinct pupils.",
            PUPILS_SQL.replace("COUNT(DISTINCT ks4_pupilmatchingrefanonymous)", "COUNT(*)"),
        ),
    ),
)
