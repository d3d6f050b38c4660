"""The worked example."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import COHORT_LESSON, slip

GENDER_SQL = """
SELECT gender_spr10 AS gender, count(*) AS pupils
FROM npd_i2."2005003".spring_census_2010
WHERE ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100
GROUP BY gender_spr10
"""


def gender_pandas(con):
    census = con.sql("""
        SELECT gender_spr10 AS gender, ncyearactual_spr10 AS year_group, recordstatus_spr10 AS status
        FROM npd_i2."2005003".spring_census_2010
    """).df()
    main = census[(census["year_group"] == "11") & (census["status"] < 100)]
    return main.groupby("gender").size().rename("pupils").reset_index()


QUESTION = Question(
    name="q0",
    title="Year 11 in 2009/10 by gender",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"gender": "text", "pupils": "number"},
    identity=("gender",),
    unit="gender",
    lesson=COHORT_LESSON,
    reference_sql=GENDER_SQL,
    reference_pandas=gender_pandas,
    hints=(
        "The academic year 2009/10 ends in 2010, and the views are named after that year.",
        "Count the main record of each pupil, not every record.",
        "Main records are those with recordstatus_spr10 below 100; then count by gender_spr10.",
    ),
    misconceptions=(
        slip(
            "every-record",
            "You counted every record. Some pupils have two: keep the main record of each, which RecordStatus tells.",
            GENDER_SQL.replace(" AND recordstatus_spr10 < 100", ""),
        ),
        slip(
            "year-it-ends",
            "You took the census of the year after. 2009/10 ends in 2010, so its January census is spring_census_2010.",
            GENDER_SQL.replace("2010", "2011").replace("spr10", "spr11"),
        ),
        slip(
            "share-not-percent",
            "You gave shares. The question asks for numbers of pupils.",
            GENDER_SQL.replace("count(*) AS", "1.0 * count(*) / sum(count(*)) OVER () AS"),
        ),
    ),
    alternatives=(
        """
        SELECT gender_spr10 AS gender, count(DISTINCT pupilmatchingrefanonymous_spr10) AS pupils
        FROM npd_i2."2005003".spring_census_2010 WHERE ncyearactual_spr10 = '11' GROUP BY 1
        """,
        """
        SELECT 'F' AS gender, sum(CASE WHEN gender_spr10 = 'F' THEN 1 ELSE 0 END) AS pupils
        FROM npd_i2."2005003".spring_census_2010 WHERE ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100
        UNION ALL
        SELECT 'M', sum(CASE WHEN gender_spr10 = 'M' THEN 1 ELSE 0 END)
        FROM npd_i2."2005003".spring_census_2010 WHERE ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100
        """,
        lambda con: (
            con.sql('FROM npd_i2."2005003".spring_census_2010')
            .filter("ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100")
            .aggregate("gender_spr10 AS gender, count(*) AS pupils")
        ),
    ),
)
