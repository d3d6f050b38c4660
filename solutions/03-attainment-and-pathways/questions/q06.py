"""Learners and aims."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ILR, LEO, varied

from .shared import AFTER_LESSON, slip


def learners(con, year, counted="a.aimtype <> 1", who="e.ae_id", where="", begins=1):
    return con.sql(f"""
        SELECT
            MIN(e.ae_id) AS ae_id,
            SUM(CASE WHEN {counted} THEN 1 ELSE 0 END) AS aims,
            MAX(a.notional_level_v2) AS highest_level
        FROM {ILR}.aims AS a
        JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
        WHERE a.year = {year - begins} {where}
        GROUP BY {who}
    """)


def aims_of(year):
    return f"""
        SELECT e.ae_id, a.aimtype, a.notional_level_v2 AS level
        FROM {ILR}.aims AS a JOIN {LEO}.education_records_lookup AS e ON e.recordid = a.recordid
        WHERE a.year = {year - 1}
    """


def learners_pandas(con, year):
    aims = con.sql(f"SELECT recordid, year, aimtype, notional_level_v2 FROM {ILR}.aims").df()
    people = con.sql(f"SELECT recordid, ae_id FROM {LEO}.education_records_lookup").df()
    mine = aims[aims["year"] == year - 1].merge(people, on="recordid")
    mine["counts"] = (mine["aimtype"] != 1).astype(int)
    table = mine.groupby("ae_id").agg(aims=("counts", "sum"), highest_level=("notional_level_v2", "max"))
    return table.reset_index()


def learners_joined_frames(con, year):
    rows = con.sql(aims_of(year)).df()
    counted = rows[rows["aimtype"].isin([3, 4])].groupby("ae_id").size().rename("aims")
    highest = rows.sort_values("level").drop_duplicates("ae_id", keep="last").set_index("ae_id")["level"]
    table = highest.rename("highest_level").to_frame().join(counted).fillna({"aims": 0})
    return table.astype({"aims": int}).reset_index()


def learners_by_record(con, year):
    """Learner records first, then people; the label of the academic year instead of its number."""
    return con.sql(f"""
        WITH records AS (
            SELECT recordid, COUNT(*) FILTER (WHERE aimtype <> 1) AS aims, MAX(notional_level_v2) AS level
            FROM {ILR}.aims WHERE academicyear = '{year - 1}/{year}' GROUP BY recordid
        )
        SELECT e.ae_id, SUM(r.aims) AS aims, MAX(r.level) AS highest_level
        FROM records AS r JOIN {LEO}.education_records_lookup AS e ON e.recordid = r.recordid GROUP BY e.ae_id
    """)


def learners_window(con, year):
    return con.sql(f"""
        SELECT ae_id, aims, level AS highest_level
        FROM (
            SELECT ae_id, level,
                SUM(CASE WHEN aimtype = 1 THEN 0 ELSE 1 END) OVER (PARTITION BY ae_id) AS aims,
                ROW_NUMBER() OVER (PARTITION BY ae_id ORDER BY level DESC) AS place
            FROM ({aims_of(year)}) AS rows_of_the_year
        ) AS ranked
        WHERE place = 1
    """)


QUESTION = Question(
    name="q6",
    title="Learners and their aims",
    answer_name="learners",
    kind="function",
    points=2,
    columns={"ae_id": "number", "aims": "number", "highest_level": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=AFTER_LESSON,
    heading="Colleges: learners and aims",
    reference_sql=learners,
    make=varied(learners),
    reference_pandas=learners_pandas,
    alternatives=(learners_by_record, learners_window, learners_joined_frames),
    domain={"year": range(2010, 2021)},
    universe=f"SELECT DISTINCT ae_id FROM {LEO}.education_records_lookup",
    hints=(
        "A person has a learner record at each provider and in each year, and each record has several aims.",
        "The view aims has RECORDID; education_records_lookup leads from it to the person.",
        "Programme aims stay, because of the highest level: leave them out of the count alone, with a CASE.",
    ),
    misconceptions=(
        slip(
            "programme-aim-as-course",
            "You counted programme aims too. A programme aim stands for the whole apprenticeship or traineeship, "
            "whose courses are in the component aims: leave out aimtype 1.",
            counted="1 = 1",
        ),
        slip(
            "ilr-year-begins",
            "In the individualised learner record, year is the calendar year in which the academic year begins: "
            "2013/14 is 2013. You took the year after.",
            begins=0,
        ),
        slip(
            "achieved-only",
            "You kept only aims that were achieved in the year, so people who withdrew or go on are missing or have "
            "too few aims.",
            where="AND a.achievement = 1",
        ),
        slip(
            "learner-record-not-person",
            "You made one row for each learner record. Somebody at two providers has two: group by the person.",
            who="a.recordid",
        ),
    ),
)
