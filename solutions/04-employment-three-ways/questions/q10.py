"""The pipeline."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, months_of

from .q10_alternatives import GROUP_KEYS, GROUP_RETURNS, GROUPS_STACKED, groups_flags, groups_sets
from .shared import KEYS, LESSON, SPELLS_TEXT, WORK, month_rows, slip


def groups_sql(
    label=201819,
    join="JOIN",
    person="c.pmr",
    record="recordstatus_spr08 < 100",
    scale="100.0",
    base="linked",
    fsm="fsmeligible_spr08",
    known="fsmeligible_spr08 IS NOT NULL",
):
    """Share under each rule by free school meals, for years 10 and 11 of 2007/08 in a tax year."""
    people = f"linked_to {'WHERE pmr IN (SELECT pmr FROM any_work)' if base == 'workers' else ''}"
    return f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, {fsm} AS fsm
    FROM npd_i2."2005003".spring_census_2008
    WHERE ncyearactual_spr08 IN ('10', '11') AND {record} AND {known}
),
linked_to AS (
    SELECT DISTINCT {person} AS pmr, c.fsm, k.edukey
    FROM cohort AS c
    {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    {join} {KEYS} AS k ON k.ae_id = p.ae_id
),
months AS (
    SELECT l.pmr, COUNT(DISTINCT m.n) AS months, COUNT(DISTINCT CASE WHEN m.n >= 6 THEN m.n END) AS winter
    FROM linked_to AS l
    JOIN {WORK} AS s ON s.edukey = l.edukey
    JOIN (VALUES {month_rows(months_of(label))}) AS m (n, first_day, next_first)
        ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY l.pmr
),
any_work AS (SELECT pmr FROM months),
returned AS (
    SELECT DISTINCT l.pmr
    FROM linked_to AS l
    JOIN {LEO}.leo_self_assessment AS r ON r.edukey = l.edukey
    WHERE r.taxyear = {label} AND r.self_employed = 1
)
SELECT p.fsm, COUNT(*) AS people,
    {scale} * AVG(CASE WHEN m.winter >= 5 THEN 1.0 ELSE 0 END) AS five_of_six,
    {scale} * AVG(CASE WHEN m.winter >= 5 OR r.pmr IS NOT NULL THEN 1.0 ELSE 0 END) AS or_self_employed,
    {scale} * AVG(CASE WHEN m.months = 12 THEN 1.0 ELSE 0 END) AS twelve_of_twelve
FROM (SELECT DISTINCT pmr, fsm FROM {people}) AS p
LEFT JOIN months AS m ON m.pmr = p.pmr
LEFT JOIN returned AS r ON r.pmr = p.pmr
GROUP BY p.fsm
"""


GROUPS_SQL = groups_sql()


def groups_pandas(con):
    keys, rows = con.sql(GROUP_KEYS).df(), con.sql(SPELLS_TEXT).df()
    mine = keys.merge(rows, on="edukey")
    people = keys[["pmr", "fsm"]].drop_duplicates().reset_index(drop=True)
    worked = pd.DataFrame(
        people["pmr"].isin(mine.loc[(mine["s"] < str(b)) & (mine["e"] >= str(a)), "pmr"]) for a, b in months_of(201819)
    ).T
    returned = keys.loc[keys["edukey"].isin(con.sql(GROUP_RETURNS).df()["edukey"]), "pmr"]
    people["five_of_six"] = worked.iloc[:, 6:].sum(axis=1) >= 5
    people["or_self_employed"] = people["five_of_six"] | people["pmr"].isin(returned)
    people["twelve_of_twelve"] = worked.all(axis=1)
    grouped = people.groupby("fsm")
    rates = 100 * grouped[["five_of_six", "or_self_employed", "twelve_of_twelve"]].mean()
    return rates.assign(people=grouped.size()).reset_index()


QUESTION = Question(
    name="q10",
    title="Three rules by group",
    answer_name="q10",
    kind="sql",
    points=4,
    columns={
        "fsm": "number",
        "people": "number",
        "five_of_six": "number",
        "or_self_employed": "number",
        "twelve_of_twelve": "number",
    },
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    heading="Sustained employment",
    reference_sql=GROUPS_SQL,
    reference_pandas=groups_pandas,
    alternatives=(GROUPS_STACKED, groups_sets, groups_flags),
    tolerance={"five_of_six": 0.01, "or_self_employed": 0.01, "twelve_of_twelve": 0.01},
    hints=(
        "Build it step by step: cohort, keys, months by pupil, returns by pupil, then everybody with LEFT JOINs.",
        "Group months and returns by pupil, not by EDUKEY, before you compare them with a rule.",
        "The base is one row for each linked pupil; AVG of a CASE over it, times 100, by fsm.",
    ),
    misconceptions=(
        slip(
            "missing-as-zero",
            "You counted pupils about whom nothing is recorded as not eligible. A missing value is no 0: leave "
            "these pupils "
            "out, as the question says.",
            groups_sql(fsm="COALESCE(fsmeligible_spr08, 0)", known="1 = 1"),
        ),
        slip(
            "unmatched-in-denominator",
            "Your base holds pupils who lead to no EDUKEY. Nothing is known about their work, so published "
            "percentages leave them out.",
            groups_sql(join="LEFT JOIN"),
        ),
        slip(
            "only-people-with-work",
            "Your base holds only pupils with a day in work in the year. Not working is an outcome, too.",
            groups_sql(base="workers"),
        ),
        slip(
            "keys-not-people",
            "You counted EDUKEYs. A pupil with two of them counts twice, each time with part of a history.",
            groups_sql(person="k.edukey"),
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in 2019. 201819 is 6 April 2018 to 5 April 2019.",
            groups_sql(label=201920),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            groups_sql(scale="1.0"),
        ),
    ),
)
