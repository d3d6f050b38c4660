"""A table cleared for release."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, winter

from .shared import RELEASE_LESSON, SPRING, _months_of_people, slip


def release_sql(
    people="people >= 10",
    in_work="in_work >= 10 AND people - in_work >= 10",
    percent="round(100.0 * shown_in_work / shown_people, 1)",
    step="5 * floor({} / 5.0 + 0.5)",
    joined="JOIN",
):
    months = ", ".join(f"(DATE '{first}', DATE '{after}')" for first, after in winter(201819))
    return f"""
WITH person AS (
    SELECT DISTINCT c.pupilmatchingrefanonymous_spr11 AS pmr, c.ethnicgroupminor_spr11 AS ethnic_group,
        c.gender_spr11 AS gender, e.edukey
    FROM {SPRING} c
    {joined} {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr11
    {joined} {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
    WHERE c.ncyearactual_spr11 = '11' AND c.recordstatus_spr11 < 100
),
working AS (
    SELECT p.pmr
    FROM person p
    JOIN {LEO}.leo_employment s ON s.edukey = p.edukey
    JOIN (VALUES {months}) m(first_day, next_first) ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY p.pmr
    HAVING count(DISTINCT m.first_day) >= 5
),
counted AS (
    SELECT p.ethnic_group, p.gender, count(DISTINCT p.pmr) AS people, count(DISTINCT w.pmr) AS in_work
    FROM person p LEFT JOIN working w ON w.pmr = p.pmr
    GROUP BY p.ethnic_group, p.gender
),
safe AS (
    SELECT ethnic_group, gender, people, in_work, CASE WHEN {people} THEN {step.format("people")} END AS shown_people,
        CASE WHEN {in_work} THEN {step.format("in_work")} END AS shown_in_work
    FROM counted
)
SELECT ethnic_group, gender, shown_people AS people, shown_in_work AS in_work, {percent} AS in_work_percent
FROM safe
"""


def _release_counts(con):
    """Exact numbers of linked pupils and of those in sustained employment, by ethnic group and gender."""
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr11 AS pmr, ethnicgroupminor_spr11 AS ethnic_group, gender_spr11 AS gender
        FROM {SPRING} WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
    """).df()
    people = con.sql(f"SELECT pupilmatchingrefanonymous AS pmr, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    outcomes = con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    linked = pupils.merge(people, on="pmr").merge(outcomes, on="ae_id")[["pmr", "edukey"]].drop_duplicates()
    months = pd.concat(_months_of_people(con, linked, 2019)).value_counts()
    base = pupils[pupils["pmr"].isin(linked["pmr"])]
    return base.assign(in_work=base["pmr"].isin(months.index[months >= 5]))


def release_pandas(con):
    table = _release_counts(con).groupby(["ethnic_group", "gender"])["in_work"].agg(people="size", in_work="sum")
    rest = table["people"] - table["in_work"]
    rounded = 5 * np.floor(table / 5 + 0.5)
    people = rounded["people"].where(table["people"] >= 10)
    in_work = rounded["in_work"].where((table["in_work"] >= 10) & (rest >= 10))
    percent = (100 * in_work / people).round(1)
    return pd.DataFrame({"people": people, "in_work": in_work, "in_work_percent": percent}).reset_index()


def release_in_python(con):
    """Counted in plain Python."""
    counts: dict[tuple, list[int]] = {}
    for row in _release_counts(con).itertuples():
        tally = counts.setdefault((row.ethnic_group, row.gender), [0, 0])
        tally[0] += 1
        tally[1] += row.in_work
    rows = []
    for key, (people, in_work) in counts.items():
        base = (people + 2) // 5 * 5 if people >= 10 else None
        part = (in_work + 2) // 5 * 5 if min(in_work, people - in_work) >= 10 else None
        rows.append((*key, base, part, round(100 * part / base, 1) if part else None))
    return pd.DataFrame(rows, columns=["ethnic_group", "gender", "people", "in_work", "in_work_percent"])


def release_by_mask(con):
    """The whole table rounded, and then masked."""
    counts = _release_counts(con)
    table = counts.pivot_table(index=["ethnic_group", "gender"], columns="in_work", aggfunc="size", fill_value=0)
    table = pd.DataFrame({"people": table.sum(axis=1), "in_work": table.get(True, 0), "rest": table.get(False, 0)})
    small = table < 10
    made = ((table + 2) // 5 * 5).mask(small)
    made["in_work"] = made["in_work"].mask(small["rest"])
    made["in_work_percent"] = (made["in_work"] * 100).div(made["people"]).round(1)
    return made.drop(columns="rest").reset_index()


RELEASE_BY_FLAGS = f"""
WITH key_months AS (
    SELECT edukey, {
    ", ".join(
        f"max(CASE WHEN startdate < DATE '{after}' AND enddate >= DATE '{first}' THEN 1 ELSE 0 END) AS m{number}"
        for number, (first, after) in enumerate(winter(201819))
    )
}
    FROM {LEO}.leo_employment GROUP BY edukey
),
person AS (
    SELECT c.pupilmatchingrefanonymous_spr11 AS pmr, any_value(c.ethnicgroupminor_spr11) AS ethnic_group,
        any_value(c.gender_spr11) AS gender,
        CASE WHEN {" + ".join(f"coalesce(max(m{number}), 0)" for number in range(6))} >= 5 THEN 1 ELSE 0 END AS works
    FROM {SPRING} c
    JOIN {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr11
    JOIN {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
    LEFT JOIN key_months k ON k.edukey = e.edukey
    WHERE c.ncyearactual_spr11 = '11' AND c.recordstatus_spr11 < 100
    GROUP BY c.pupilmatchingrefanonymous_spr11
),
shown AS (
    SELECT ethnic_group, gender, CASE WHEN count(*) >= 10 THEN (count(*) + 2) // 5 * 5 END AS people,
        CASE WHEN least(sum(works), count(*) - sum(works)) >= 10 THEN (sum(works) + 2) // 5 * 5 END AS in_work
    FROM person GROUP BY ethnic_group, gender
)
SELECT *, round(in_work * 100.0 / people, 1) AS in_work_percent FROM shown
"""

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
    reference_sql=release_sql(),
    reference_pandas=release_pandas,
    tolerance={"in_work_percent": 0.051},
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
            release_sql(percent="CASE WHEN shown_in_work IS NOT NULL THEN round(100.0 * in_work / people, 1) END"),
        ),
        slip(
            "percentage-left-standing",
            "You suppressed in_work and left its percentage. Percentage times people is the number again: suppress "
            "both.",
            release_sql(percent="round(100.0 * 5 * floor(in_work / 5.0 + 0.5) / shown_people, 1)"),
        ),
        slip(
            "not-rounded",
            "Your numbers are suppressed, but exact. Round people and in_work to the nearest 5, and make the "
            "percentage from them.",
            release_sql(step="{}"),
        ),
        slip(
            "unmatched-in-denominator",
            "Your base holds pupils who lead to no EDUKEY. Nothing is known about their work: leave them out.",
            release_sql(joined="LEFT JOIN"),
        ),
    ),
    alternatives=(release_in_python, release_by_mask, RELEASE_BY_FLAGS),
)
