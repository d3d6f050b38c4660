"""The pipeline."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, months_of

from .q10_alternatives import GROUPS_STACKED, groups_flags, groups_pandas, groups_sets
from .shared import KEYS, LESSON, LOOKUP, LOWEST_KEYS, WORK, month_rows, slip


def groups_sql(
    label=201819,
    join="JOIN",
    person="c.pmr",
    record="recordstatus_spr08 < 100",
    scale="100.0",
    base="linked",
    fsm="fsmeligible_spr08",
    known="fsmeligible_spr08 IS NOT NULL",
    keys=KEYS,
    groups="'10', '11'",
    winter="m.winter >= 5",
    either="m.winter >= 5 OR r.pmr IS NOT NULL",
    returns="AND r.self_employed = 1",
    returned_in=0,
):
    """Share under each rule by free school meals, for years 10 and 11 of 2007/08 in a tax year."""
    people = f"linked_to {'WHERE pmr IN (SELECT pmr FROM any_work)' if base == 'workers' else ''}"
    return f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, {fsm} AS fsm
    FROM npd_i2."2005003".spring_census_2008
    WHERE ncyearactual_spr08 IN ({groups}) AND {record} AND {known}
),
linked_to AS (
    SELECT DISTINCT {person} AS pmr, c.fsm, k.edukey
    FROM cohort AS c
    {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    {join} {keys} AS k ON k.ae_id = p.ae_id
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
    WHERE r.taxyear = {returned_in or label} {returns}
)
SELECT p.fsm, COUNT(*) AS people,
    {scale} * AVG(CASE WHEN {winter} THEN 1.0 ELSE 0 END) AS five_of_six,
    {scale} * AVG(CASE WHEN {either.replace("m.winter >= 5", winter)} THEN 1.0 ELSE 0 END) AS or_self_employed,
    {scale} * AVG(CASE WHEN m.months = 12 THEN 1.0 ELSE 0 END) AS twelve_of_twelve
FROM (SELECT DISTINCT pmr, fsm FROM {people}) AS p
LEFT JOIN months AS m ON m.pmr = p.pmr
LEFT JOIN returned AS r ON r.pmr = p.pmr
GROUP BY p.fsm
"""


GROUPS_SQL = groups_sql()


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
    make=groups_sql,
    tolerance={"five_of_six": 0.0005, "or_self_employed": 0.0005, "twelve_of_twelve": 0.0005},
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
            fsm="COALESCE(fsmeligible_spr08, 0)",
            known="1 = 1",
        ),
        slip(
            "unmatched-in-denominator",
            "Your base holds pupils who lead to no EDUKEY. Nothing is known about their work, so published "
            "percentages leave them out.",
            join="LEFT JOIN",
        ),
        slip(
            "only-people-with-work",
            "Your base holds only pupils with a day in work in the year. Not working is an outcome, too.",
            base="workers",
        ),
        slip(
            "keys-not-people",
            "You counted EDUKEYs. A pupil with two of them counts twice, each time with part of a history.",
            person="k.edukey",
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in 2019. 201819 is 6 April 2018 to 5 April 2019.",
            label=201920,
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            scale="1.0",
        ),
        slip(
            "blank-as-key",
            "You took a row in the lookup for a link. Some pupils stand there with a blank EDUKEY, which is "
            "none: your base "
            "is too large.",
            keys=LOOKUP,
        ),
        slip("one-key-kept", "You kept one EDUKEY of two. Part of a history stands under the other.", keys=LOWEST_KEYS),
        slip("year-10-forgotten", "You took year 11 only. The cohort is years 10 and 11.", groups="'11'"),
        slip(
            "not-provided-counted",
            "You kept a group of pupils whose eligibility is missing: leave them out.",
            known="1 = 1",
        ),
        slip("all-six", winter="m.winter = 6"),
        slip(
            "both-needed",
            "Your or_self_employed asks for both. One of the two is enough.",
            either="m.winter >= 5 AND r.pmr IS NOT NULL",
        ),
        slip(
            "only-self-employed",
            "Your or_self_employed holds the self-employed alone. Who meets five of six counts, too.",
            either="r.pmr IS NOT NULL",
        ),
        slip(
            "return-of-another-year", "You took the returns of another tax year. 2018/19 is 201819.", returned_in=201718
        ),
        slip("tax-year-early", label=201718),
    ),
)
