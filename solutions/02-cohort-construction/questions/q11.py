"""The whole table."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, NPD

from .q11_alternatives import TABLE_FIELDS, TABLE_GROUPED_SQL, TABLE_SCALAR_SQL, table_indexed
from .shared import LESSON, best_results, lookups, main_records, slip


def table_sql(
    place="WHERE place = 1",
    join="LEFT JOIN",
    main="AND c.recordstatus_spr18 < 100",
    fsm="c.fsmeligible_spr18",
    cohort="k.born - CASE WHEN k.month < 9 THEN 1 ELSE 0 END",
    edukeys="COUNT(DISTINCT e.edukey)",
):
    return f"""
WITH ranked AS (
    SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_yearofbirth AS born, ks4_monthofbirth AS month,
           CASE WHEN ks4_gender = 'F' THEN 1 ELSE 0 END AS female, ks4_new_type AS school_type, ks4_att8 AS att8,
           ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous ORDER BY ks4_att8 DESC) AS place
    FROM {NPD}.ks4pupil_2015_to_2021
    WHERE ks4_acadyr = '2017/2018'
),
keys AS (
    SELECT k.pmr, k.place, {edukeys} AS edukeys
    FROM ranked AS k
    LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.pmr
    LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
    GROUP BY k.pmr, k.place
)
SELECT k.pmr, {cohort} AS birth_cohort, k.female, CASE WHEN k.school_type = 5 THEN 0 ELSE 1 END AS state_funded,
       {fsm} AS fsm, k.att8, keys.edukeys, CASE WHEN keys.edukeys > 0 THEN 1 ELSE 0 END AS linked
FROM (SELECT * FROM ranked {place}) AS k
JOIN keys ON keys.pmr = k.pmr AND keys.place = k.place
{join} {NPD}.spring_census_2018 AS c ON c.pupilmatchingrefanonymous_spr18 = k.pmr {main}
"""


def table_pandas(con):
    people, outcomes = lookups(con)
    keys = people.merge(outcomes, on="ae_id").groupby("pmr")["edukey"].nunique()
    table = best_results(con, 2018, *TABLE_FIELDS).rename(columns={"points": "att8"})
    table = table.merge(main_records(con, 2018, "fsmeligible"), how="left", on="pmr")
    table = table.rename(columns={"fsmeligible": "fsm"})
    table["birth_cohort"] = table["born"].astype(int) - (table["month"] < 9).astype(int)
    table["state_funded"] = (table["type"] != 5).astype(int)
    table["female"] = (table["sex"] == "F").astype(int)
    table["edukeys"] = table["pmr"].map(keys).fillna(0).astype(int)
    return table.assign(linked=(table["edukeys"] > 0).astype(int))


QUESTION = Question(
    name="q11",
    title="The cohort as one table",
    answer_name="q11",
    kind="sql",
    points=4,
    columns={
        "pmr": "text",
        "birth_cohort": "number",
        "female": "number",
        "state_funded": "number",
        "fsm": "number",
        "att8": "number",
        "edukeys": "number",
        "linked": "number",
    },
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="Link to work",
    reference_sql=table_sql(),
    make=table_sql,
    reference_pandas=table_pandas,
    tolerance={"att8": 0.001},
    universe=f"""SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2015_to_2021
                 WHERE ks4_acadyr = '2017/2018'""",
    hints=(
        "Start from the key stage 4 records, one a pupil. Every join after that must keep that number of rows.",
        "Bring the keys to one row a pupil in a common table expression before you join them.",
        "LEFT JOIN the main records of the census, and leave FSM missing where there is none.",
    ),
    misconceptions=(
        slip(
            "two-results",
            "Pupils with two key stage 4 records have two rows. Keep the one with more points before you join.",
            place="",
        ),
        slip(
            "inner-join",
            "You lost the pupils without a census record, those of independent schools. Join the census with a LEFT "
            "JOIN and leave their FSM missing.",
            join="JOIN",
        ),
        slip(
            "every-record",
            "You joined every record of the census, so pupils with a second record have two rows. Join main records.",
            main="",
        ),
        slip(
            "missing-as-zero",
            "You turned missing FSM into 0. Pupils of independent schools were never asked: leave it missing.",
            fsm="COALESCE(c.fsmeligible_spr18, 0)",
        ),
        slip(
            "calendar-year-of-birth",
            "Your birth cohort is the calendar year of birth. Somebody born before September belongs to the cohort "
            "that began the year before.",
            cohort="k.born",
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows as EDUKEYs. Two AE_IDs can lead to one EDUKEY: count different ones.",
            edukeys="COUNT(e.edukey)",
        ),
    ),
    alternatives=(TABLE_SCALAR_SQL, TABLE_GROUPED_SQL, table_indexed),
)
