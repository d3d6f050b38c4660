"""Missing is not zero."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, best_results, main_records, slip


def by_fsm_sql(
    join="LEFT JOIN", missing="'not known'", main="AND c.recordstatus_spr17 < 100", place="WHERE k.place = 1"
):
    return f"""
SELECT CASE WHEN c.fsmeligible_spr17 = 1 THEN 'eligible'
            WHEN c.fsmeligible_spr17 = 0 THEN 'not eligible'
            ELSE {missing} END AS fsm, COUNT(*) AS pupils, AVG(k.points) AS mean_att8
FROM (
    SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_att8 AS points,
           ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous ORDER BY ks4_att8 DESC) AS place
    FROM {NPD}.ks4pupil_2015_to_2021
    WHERE ks4_acadyr = '2016/2017'
) AS k
{join} {NPD}.spring_census_2017 AS c ON c.pupilmatchingrefanonymous_spr17 = k.pmr {main}
{place}
GROUP BY 1
"""


def by_fsm_pandas(con):
    table = best_results(con, 2017).merge(main_records(con, 2017, "fsmeligible"), how="left", on="pmr")
    table["fsm"] = table["fsmeligible"].map({1: "eligible", 0: "not eligible"}).fillna("not known")
    return table.groupby("fsm", as_index=False)["points"].agg(pupils="size", mean_att8="mean")


def by_fsm_looked_up(con):
    """Eligibility looked up by key, a group at a time."""
    best = best_results(con, 2017).set_index("pmr")["points"].astype(float)
    fsm = main_records(con, 2017, "fsmeligible").set_index("pmr")["fsmeligible"].reindex(best.index)
    groups = {"eligible": best[(fsm == 1).fillna(False)], "not eligible": best[(fsm == 0).fillna(False)]}
    groups["not known"] = best[fsm.isna()]
    rows = [(name, len(points), points.mean()) for name, points in groups.items()]
    return pd.DataFrame(rows, columns=["fsm", "pupils", "mean_att8"])


BEST_2017 = f"""SELECT ks4_pupilmatchingrefanonymous AS pmr, MAX(ks4_att8) AS points
    FROM {NPD}.ks4pupil_2015_to_2021 WHERE ks4_acadyr = '2016/2017' GROUP BY ks4_pupilmatchingrefanonymous"""

QUESTION = Question(
    name="q6",
    title="Independent schools and missing free school meals",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"fsm": "text", "pupils": "number", "mean_att8": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    heading="Two sources, two denominators",
    reference_sql=by_fsm_sql(),
    make=by_fsm_sql,
    reference_pandas=by_fsm_pandas,
    tolerance={"mean_att8": 0.0001},
    hints=(
        "The base is the pupils with results. Who among them is in no census?",
        "Bring both sides to one row a pupil before the join: the better result, and the main record.",
        "The condition on recordstatus belongs in ON; CASE ... ELSE 'not known' takes in those without a record.",
    ),
    misconceptions=(
        slip(
            "missing-as-zero",
            "You counted pupils without a census record as not eligible. Nobody asked them: they went to independent "
            "schools. Give them a group of their own.",
            missing="'not eligible'",
        ),
        slip(
            "inner-join",
            "You lost the pupils who have results but no census record, by an inner join or by a condition on the "
            "census in WHERE. Keep them as not known.",
            join="JOIN",
        ),
        slip(
            "every-record",
            "You joined every record of the census, so pupils with a second record count twice, some of them as not "
            "known. Join main records only.",
            main="",
        ),
        slip(
            "two-results",
            "Pupils with two key stage 4 records count twice. Keep the one with more points before you join.",
            place="",
        ),
    ),
    alternatives=(
        f"""WITH k AS ({BEST_2017})
            SELECT 'not known' AS fsm, COUNT(*) AS pupils, AVG(points) AS mean_att8 FROM k WHERE NOT EXISTS (
                SELECT 1 FROM {NPD}.spring_census_2017 AS c WHERE c.pupilmatchingrefanonymous_spr17 = k.pmr)
            UNION ALL
            SELECT CASE WHEN c.fsmeligible_spr17 = 1 THEN 'eligible' ELSE 'not eligible' END, COUNT(*), AVG(k.points)
            FROM k JOIN {NPD}.spring_census_2017 AS c ON c.pupilmatchingrefanonymous_spr17 = k.pmr
            WHERE c.recordstatus_spr17 < 100 GROUP BY c.fsmeligible_spr17""",
        f"""WITH k AS ({BEST_2017}),
            labelled AS (
                SELECT k.points, COALESCE((
                    SELECT MAX(CASE WHEN c.fsmeligible_spr17 = 1 THEN 'eligible' ELSE 'not eligible' END)
                    FROM {NPD}.spring_census_2017 AS c
                    WHERE c.pupilmatchingrefanonymous_spr17 = k.pmr AND c.recordstatus_spr17 < 100), 'not known') AS fsm
                FROM k
            )
            SELECT fsm, COUNT(*) AS pupils, SUM(points) * 1.0 / COUNT(*) AS mean_att8 FROM labelled GROUP BY fsm""",
        by_fsm_looked_up,
    ),
)
