"""Other right answers to question 12, written differently, and the counts that they begin with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leocourse.authoring.shorthand import LEO, winter

from .shared import KEYS, SPRING, _months_of_people


def _release_counts(con):
    """Exact numbers of linked pupils and of those in sustained employment, by ethnic group and gender."""
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr11 AS pmr, ethnicgroupminor_spr11 AS ethnic_group, gender_spr11 AS gender
        FROM {SPRING} WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
    """).df()
    people = con.sql(f"SELECT pupilmatchingrefanonymous AS pmr, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    outcomes = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    linked = pupils.merge(people, on="pmr").merge(outcomes, on="ae_id")[["pmr", "edukey"]].drop_duplicates()
    months = pd.concat(_months_of_people(con, linked, 2019)).value_counts()
    base = pupils[pupils["pmr"].isin(linked["pmr"])]
    return base.assign(in_work=base["pmr"].isin(months.index[months >= 5]))


def one_place(values):
    """To one decimal place, a half up: pandas and Python would round it to the even neighbour."""
    return np.floor(10 * values + 0.5) / 10


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
        rows.append((*key, base, part, float(one_place(100 * part / base)) if part else None))
    return pd.DataFrame(rows, columns=["ethnic_group", "gender", "people", "in_work", "in_work_percent"])


def release_by_mask(con):
    """The whole table rounded, and then masked."""
    counts = _release_counts(con)
    table = counts.pivot_table(index=["ethnic_group", "gender"], columns="in_work", aggfunc="size", fill_value=0)
    table = pd.DataFrame({"people": table.sum(axis=1), "in_work": table.get(True, 0), "rest": table.get(False, 0)})
    small = table < 10
    made = ((table + 2) // 5 * 5).mask(small)
    made["in_work"] = made["in_work"].mask(small["rest"])
    made["in_work_percent"] = one_place(made["in_work"] * 100 / made["people"])
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
    JOIN {KEYS} e ON e.ae_id = p.ae_id
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
