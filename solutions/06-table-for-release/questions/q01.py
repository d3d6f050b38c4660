"""One row a pupil."""

from __future__ import annotations

from leocourse.authoring import Question

from .shared import COHORT_LESSON, COHORT_SQL, SPRING, cohort_pandas, slip

COHORT_BY_PLACE = f"""
SELECT pupilmatchingrefanonymous, fsm
FROM (
    SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm,
        row_number() OVER (PARTITION BY pupilmatchingrefanonymous_spr11 ORDER BY recordstatus_spr11) AS place
    FROM {SPRING}
    WHERE ncyearactual_spr11 = '11'
) AS ranked
WHERE place = 1
"""

COHORT_BY_ABSENCE = f"""
SELECT c.pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, c.fsmeligible_spr11 AS fsm
FROM {SPRING} c
WHERE c.ncyearactual_spr11 = '11' AND NOT EXISTS (
    SELECT 1
    FROM {SPRING} o
    WHERE o.pupilmatchingrefanonymous_spr11 = c.pupilmatchingrefanonymous_spr11
      AND o.recordstatus_spr11 < c.recordstatus_spr11
)
"""


COHORT_OF_ALL_RECORDS = f"""
SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, MAX(fsmeligible_spr11) AS fsm
FROM {SPRING} WHERE ncyearactual_spr11 = '11' GROUP BY pupilmatchingrefanonymous_spr11
"""


def cohort_by_sorting(con):
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm,
            ncyearactual_spr11 AS year_group, recordstatus_spr11 AS status
        FROM {SPRING}
    """).df()
    return census.query("year_group == '11'").sort_values("status").drop_duplicates("pupilmatchingrefanonymous")


def cohort_sql(year=2011, group="= '11'", kept="recordstatus_{yy} < 100", distinct=""):
    yy = f"spr{year % 100:02d}"
    return f"""
SELECT {distinct} pupilmatchingrefanonymous_{yy} AS pupilmatchingrefanonymous, fsmeligible_{yy} AS fsm
FROM npd_i2."2005003".spring_census_{year}
WHERE ncyearactual_{yy} {group} AND {kept.format(yy=yy)}
"""


QUESTION = Question(
    name="q1",
    title="One row a pupil",
    answer_name="q1",
    kind="sql",
    points=2,
    columns={"pupilmatchingrefanonymous": "text", "fsm": "number"},
    identity=("pupilmatchingrefanonymous",),
    unit="pupil",
    people=True,
    lesson=COHORT_LESSON,
    heading="One row a person",
    reference_sql=COHORT_SQL,
    reference_pandas=cohort_pandas,
    make=cohort_sql,
    universe=f"SELECT DISTINCT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous FROM {SPRING}",
    hints=(
        "Count rows and count distinct pupils. Are the two numbers the same?",
        "RecordStatus tells the main record of a pupil from its duplicates.",
        "Records from 100 up are duplicates. The year group is text, and the census of 2010/11 is named after 2011.",
    ),
    misconceptions=(
        slip(
            "max-of-each-column",
            "You took the largest value over all records of a pupil. The second school can say something else of "
            "free school "
            "meals: take what the main record says.",
            COHORT_OF_ALL_RECORDS,
        ),
        slip(
            "every-record",
            "You kept every record. Some pupils have two: they are registered at two schools, or a former school "
            "still returns them. Keep the main record of each, which RecordStatus tells.",
            kept="1 = 1",
        ),
        slip(
            "distinct",
            "SELECT DISTINCT only drops rows that are the same in every column. The second record of a pupil who is "
            "off roll has no FSM value, so it differs and stays. Choose the main record with RecordStatus.",
            distinct="DISTINCT",
            kept="1 = 1",
        ),
        slip(
            "on-roll",
            "OnRoll = 1 drops pupils who have left, but a pupil registered at two schools is on roll at both. Choose"
            " the main record with RecordStatus.",
            kept="onroll_{yy} = 1",
        ),
        slip(
            "year-it-begins",
            "You used the census of the year in which 2010/11 begins. spring_census_2010 is January 2010, in the "
            "academic year 2009/10; 2010/11 is spring_census_2011.",
            year=2010,
        ),
        slip("year-after", year=2012),
        slip("all-year-groups", group="IS NOT NULL"),
        slip("single-records-only", kept="recordstatus_{yy} = 0"),
        slip("second-for-main", kept="recordstatus_{yy} >= 100"),
        slip("eligible-only", kept="recordstatus_{yy} < 100 AND fsmeligible_{yy} = 1"),
    ),
    alternatives=(
        COHORT_BY_PLACE,
        COHORT_BY_ABSENCE,
        cohort_by_sorting,
    ),
)
