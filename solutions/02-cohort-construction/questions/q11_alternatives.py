"""Other right answers to question 11, written differently, and the columns that they keep."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import LEO, NPD

from .shared import best_results, lookups, main_records

TABLE_FIELDS = ("ks4_yearofbirth AS born", "ks4_monthofbirth AS month", "ks4_gender AS sex", "ks4_new_type AS type")


def table_indexed(con):
    """Column by column, each looked up by key."""
    best = best_results(con, 2018, *TABLE_FIELDS).set_index("pmr")
    people, outcomes = lookups(con)
    pairs = people.merge(outcomes, on="ae_id")[["pmr", "edukey"]].drop_duplicates()
    fsm = main_records(con, 2018, "fsmeligible").set_index("pmr")["fsmeligible"]
    edukeys = pairs["pmr"].value_counts().reindex(best.index, fill_value=0)
    return pd.DataFrame(
        {
            "pmr": best.index,
            "birth_cohort": ((best["born"].astype(int) * 12 + best["month"].astype(int) - 9) // 12).to_numpy(),
            "female": [int(sex == "F") for sex in best["sex"]],
            "state_funded": [int(kind != 5) for kind in best["type"]],
            "fsm": fsm.reindex(best.index).astype(float).to_numpy(),
            "att8": best["points"].astype(float).to_numpy(),
            "edukeys": edukeys.to_numpy(),
            "linked": edukeys.clip(upper=1).to_numpy(),
        }
    )


TABLE_SCALAR_SQL = f"""
SELECT t.*, CASE WHEN t.edukeys = 0 THEN 0 ELSE 1 END AS linked
FROM (
    SELECT k.ks4_pupilmatchingrefanonymous AS pmr,
           MAX(CASE WHEN k.ks4_monthofbirth >= 9 THEN k.ks4_yearofbirth ELSE k.ks4_yearofbirth - 1 END) AS birth_cohort,
           MAX(CASE k.ks4_gender WHEN 'F' THEN 1 ELSE 0 END) AS female,
           MAX(CASE WHEN k.ks4_new_type = 5 THEN 0 ELSE 1 END) AS state_funded,
           (SELECT MAX(c.fsmeligible_spr18) FROM {NPD}.spring_census_2018 AS c
            WHERE c.pupilmatchingrefanonymous_spr18 = k.ks4_pupilmatchingrefanonymous AND c.recordstatus_spr18 < 100)
           AS fsm,
           MAX(k.ks4_att8) AS att8,
           (SELECT COUNT(DISTINCT e.edukey) FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
            JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
            WHERE p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous) AS edukeys
    FROM {NPD}.ks4pupil_2015_to_2021 AS k
    WHERE k.ks4_acadyr = '2017/2018'
    GROUP BY k.ks4_pupilmatchingrefanonymous
) AS t
"""


TABLE_GROUPED_SQL = f"""
SELECT k.ks4_pupilmatchingrefanonymous AS pmr,
       MIN(k.ks4_yearofbirth - CASE WHEN k.ks4_monthofbirth < 9 THEN 1 ELSE 0 END) AS birth_cohort,
       COUNT(DISTINCT CASE WHEN k.ks4_gender = 'F' THEN 1 END) AS female,
       MIN(CASE WHEN k.ks4_new_type = 5 THEN 0 ELSE 1 END) AS state_funded,
       MAX(c.fsmeligible_spr18) AS fsm, MAX(k.ks4_att8) AS att8, COUNT(DISTINCT e.edukey) AS edukeys,
       MAX(CASE WHEN e.edukey IS NULL THEN 0 ELSE 1 END) AS linked
FROM {NPD}.ks4pupil_2015_to_2021 AS k
LEFT JOIN {NPD}.spring_census_2018 AS c
  ON c.pupilmatchingrefanonymous_spr18 = k.ks4_pupilmatchingrefanonymous AND c.recordstatus_spr18 < 100
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
WHERE k.ks4_acadyr = '2017/2018'
GROUP BY k.ks4_pupilmatchingrefanonymous
"""
