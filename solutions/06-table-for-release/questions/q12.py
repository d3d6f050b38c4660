"""A table cleared for release."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, winter

from .q12_alternatives import RELEASE_BY_FLAGS, _release_counts, one_place, release_by_mask, release_in_python
from .shared import KEYS, RELEASE_LESSON, SPRING, slip


def release_sql(
    people="people >= 10",
    in_work="in_work >= 10 AND people - in_work >= 10",
    percent="round(100.0 * shown_in_work / shown_people, 1)",
    step="5 * floor({} / 5.0 + 0.5)",
    joined="JOIN",
    one="pmr",
    at_least=5,
    label=201819,
    group="ethnicgroupminor_spr11",
    shown="1 = 1",
    hidden="",
):
    months = ", ".join(f"(DATE '{first}', DATE '{after}')" for first, after in winter(label))
    return f"""
WITH person AS (
    SELECT DISTINCT c.pupilmatchingrefanonymous_spr11 AS pmr, c.{group} AS ethnic_group,
        c.gender_spr11 AS gender, e.edukey
    FROM {SPRING} c
    {joined} {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr11
    {joined} {KEYS} e ON e.ae_id = p.ae_id
    WHERE c.ncyearactual_spr11 = '11' AND c.recordstatus_spr11 < 100
),
working AS (
    SELECT p.{one}
    FROM person p
    JOIN {LEO}.leo_employment s ON s.edukey = p.edukey
    JOIN (VALUES {months}) m(first_day, next_first) ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY p.{one}
    HAVING count(DISTINCT m.first_day) >= {at_least}
),
counted AS (
    SELECT p.ethnic_group, p.gender, count(DISTINCT p.{one}) AS people, count(DISTINCT w.{one}) AS in_work
    FROM person p LEFT JOIN working w ON w.{one} = p.{one}
    GROUP BY p.ethnic_group, p.gender
),
safe AS (
    SELECT ethnic_group, gender, people, in_work,
        CASE WHEN {people} THEN {step.format("people")} {hidden} END AS shown_people,
        CASE WHEN {in_work} THEN {step.format("in_work")} {hidden} END AS shown_in_work
    FROM counted
)
SELECT ethnic_group, gender, shown_people AS people, shown_in_work AS in_work, {percent} AS in_work_percent
FROM safe WHERE {shown}
"""


def release_pandas(con):
    table = _release_counts(con).groupby(["ethnic_group", "gender"])["in_work"].agg(people="size", in_work="sum")
    rest = table["people"] - table["in_work"]
    rounded = 5 * np.floor(table / 5 + 0.5)
    people = rounded["people"].where(table["people"] >= 10)
    in_work = rounded["in_work"].where((table["in_work"] >= 10) & (rest >= 10))
    percent = one_place(100 * in_work / people)
    return pd.DataFrame({"people": people, "in_work": in_work, "in_work_percent": percent}).reset_index()


QUESTION = Question(
    name="q12",
    title="A table cleared for release",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={
        "ethnic_group": "text",
        "gender": "text",
        "people": "number",
        "in_work": "number",
        "in_work_percent": "number",
    },
    identity=("ethnic_group", "gender"),
    unit="group",
    lesson=RELEASE_LESSON,
    heading="The second cell",
    reference_sql=release_sql(),
    reference_pandas=release_pandas,
    make=release_sql,
    tolerance={"in_work_percent": 0.001},
    hints=(
        "Go in steps: linked people, who of them is in sustained employment, exact counts, then what may be shown.",
        "With people and in_work shown, everybody also knows how many are not in work.",
        "in_work needs 10 people and 10 others; the percentage is made from the two rounded numbers.",
    ),
    misconceptions=(
        slip(
            "exact-percentage",
            "Your percentages come from exact numbers. With the rounded base beside it, such a percentage gives the "
            "exact numbers back: divide the rounded ones.",
            percent="CASE WHEN shown_in_work IS NOT NULL THEN round(100.0 * in_work / people, 1) END",
        ),
        slip(
            "percentage-left-standing",
            "You suppressed in_work and left its percentage. Percentage times people is the number again: suppress "
            "both.",
            percent="round(100.0 * 5 * floor(in_work / 5.0 + 0.5) / shown_people, 1)",
        ),
        slip(
            "not-rounded",
            "Your numbers are suppressed, but exact. Round people and in_work to the nearest 5, and make the "
            "percentage from them.",
            step="{}",
        ),
        slip(
            "unmatched-in-denominator",
            "Your base holds pupils who lead to no EDUKEY. Nothing is known about their work: leave them out.",
            joined="LEFT JOIN",
        ),
        slip("keys-not-people", one="edukey"),
        slip(
            "percentage-not-rounded",
            "Your percentages are not rounded. They are asked for with one decimal place.",
            percent="100.0 * shown_in_work / shown_people",
        ),
        slip("all-six", at_least=6),
        slip("tax-year-early", label=201718),
        slip("major-for-minor", group="ethnicgroupmajor_spr11"),
        slip(
            "small-rows-dropped",
            "Rows of small groups are gone. Each combination keeps its row, with NULL in it.",
            shown="shown_people IS NOT NULL",
        ),
        slip(
            "suppressed-as-zero",
            "You wrote 0 for a suppressed number, which is a false statement: it is NULL.",
            hidden="ELSE 0",
        ),
        slip(
            "rounded-first",
            "You rounded first. 8 and 9 round to 10 and slip through: the exact number decides.",
            people="people >= 8",
            in_work="in_work >= 8 AND people - in_work >= 8",
        ),
    ),
    alternatives=(release_in_python, release_by_mask, RELEASE_BY_FLAGS),
)
