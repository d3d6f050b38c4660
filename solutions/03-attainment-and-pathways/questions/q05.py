"""Level 3 by age 19."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import AFTER_LESSON, slip


def level_sql(reached="ypmad_l3_at_19", label="ypmad_base_year + 3", base="ypmad_fsmeligibilityage15 IS NOT NULL"):
    return f"""
SELECT {label} AS turned_19, 100.0 * SUM({reached}) / COUNT(*) AS percentage
FROM {NPD}.ypmad_snapshot_2021
WHERE ypmad_base_year BETWEEN 2002 AND 2009 AND {base}
GROUP BY {label}
"""


LEVEL_SQL = level_sql()

LEVEL_COLUMNS = "ypmad_base_year AS year_11, ypmad_l3_at_19 AS reached, ypmad_fsmeligibilityage15 AS fsm"


def level_rows(con):
    return con.sql(f"SELECT {LEVEL_COLUMNS} FROM {NPD}.ypmad_snapshot_2021").df()


def level_pandas(con):
    rows = level_rows(con)
    rows = rows[rows["year_11"].between(2002, 2009) & rows["fsm"].notna()]
    shares = 100 * rows.groupby("year_11")["reached"].mean()
    return (
        shares.rename("percentage")
        .rename_axis("turned_19")
        .reset_index()
        .assign(turned_19=lambda table: table["turned_19"] + 3)
    )


def level_crosstab(con):
    rows = level_rows(con)
    rows = rows[rows["year_11"].between(2002, 2009) & rows["fsm"].notna()]
    table = pd.crosstab(rows["year_11"] + 3, rows["reached"], normalize="index")
    return pd.DataFrame({"turned_19": table.index, "percentage": 100 * table[1].to_numpy()})


LEVEL_JOINED = f"""
WITH people AS (
    SELECT ypmad_base_year + 3 AS turned_19, ypmad_l3_at_19 AS reached
    FROM {NPD}.ypmad_snapshot_2021
    WHERE ypmad_base_year BETWEEN 2002 AND 2009 AND ypmad_fsmeligibilityage15 IN (0, 1)
),
everybody AS (SELECT turned_19, COUNT(*) AS n FROM people GROUP BY turned_19),
reached AS (SELECT turned_19, COUNT(*) AS n FROM people WHERE reached = 1 GROUP BY turned_19)
SELECT e.turned_19, 100.0 * COALESCE(r.n, 0) / e.n AS percentage
FROM everybody AS e LEFT JOIN reached AS r ON r.turned_19 = e.turned_19
"""

LEVEL_AVERAGE = f"""
SELECT DISTINCT ypmad_base_year + 3 AS turned_19,
    AVG(100.0 * ypmad_l3_at_19) OVER (PARTITION BY ypmad_base_year) AS percentage
FROM {NPD}.ypmad_snapshot_2021
WHERE ypmad_base_year >= 2002 AND ypmad_base_year < 2010 AND ypmad_fsmeligibilityage15 IS NOT NULL
"""

QUESTION = Question(
    name="q5",
    title="Level 3 by 19",
    answer_name="q5",
    kind="sql",
    points=2,
    columns={"turned_19": "number", "percentage": "number"},
    identity=("turned_19",),
    unit="cohort",
    lesson=AFTER_LESSON,
    reference_sql=LEVEL_SQL,
    make=level_sql,
    reference_pandas=level_pandas,
    alternatives=(LEVEL_JOINED, LEVEL_AVERAGE, level_crosstab),
    tolerance={"percentage": 0.001},
    hints=(
        "YPMAD has one row a person: no record has to be chosen here.",
        "Who was in year 11 in 2001/02 is 16 at its end, and turns 19 three years on.",
        "A mean of 0 and 1, times 100, is a percentage. Free school meals only say whose school is known.",
    ),
    misconceptions=(
        slip(
            "level-3-at-18",
            "You took level 3 at 18. Those who need a third year reach it at 19, and they are not a random part.",
            reached="ypmad_l3_at_18",
        ),
        slip(
            "level-3-ever",
            "You counted everybody who ever reached level 3 in the data. Early cohorts have had more years for that: "
            "use the flag for age 19, so that all cohorts have the same time.",
            reached="CASE WHEN ypmad_year_l3 IS NOT NULL THEN 1 ELSE 0 END",
        ),
        slip(
            "level-2-for-level-3",
            "You took level 2, five good GCSEs or their equal. Level 3 is two A levels or their equal.",
            reached="ypmad_l2_at_19",
        ),
        slip(
            "year-11-as-label",
            "You named cohorts after their year 11. Published figures name them after the year in which they turn 19, "
            "three years later.",
            label="ypmad_base_year",
        ),
        slip(
            "independent-in-the-base",
            "Your base holds pupils of independent schools, for whom the free school meals field is missing. The "
            "question asks for those at a state-funded school at 15.",
            base="1 = 1",
        ),
    ),
)
