"""Write the whole way: from a census to those who could be linked."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import LEO, NPD

from .shared import LESSON, slip


def linked(join: str = "LEFT JOIN", pupils: str = "COUNT(DISTINCT c.pmr)", found: str = "COUNT(DISTINCT l.pmr)") -> str:
    return f"""
SELECT c.fsm, {pupils} AS pupils, {found} AS linked
FROM (SELECT pupilmatchingrefanonymous_spr12 AS pmr, fsmeligible_spr12 AS fsm
      FROM {NPD}.spring_census_2012
      WHERE ncyearactual_spr12 = '11' AND recordstatus_spr12 < 100) AS c
{join} (SELECT a.pupilmatchingrefanonymous AS pmr, e.edukey
        FROM {LEO}.learner_ae_id_to_pmr_lookup AS a
        JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = a.ae_id
        WHERE e.edukey IS NOT NULL) AS l ON l.pmr = c.pmr
GROUP BY c.fsm
"""


def with_pandas(con):
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr12 AS pmr, fsmeligible_spr12 AS fsm FROM {NPD}.spring_census_2012
        WHERE ncyearactual_spr12 = '11' AND recordstatus_spr12 < 100
    """).df()
    first = con.sql(f"SELECT ae_id, pupilmatchingrefanonymous AS pmr FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    second = con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df().dropna()
    who = set(pd.merge(first, second, on="ae_id")["pmr"])
    census["linked"] = census["pmr"].isin(who)
    return census.groupby("fsm", as_index=False).agg(pupils=("pmr", "size"), linked=("linked", "sum"))


QUESTION = exercise(
    "write",
    "q7",
    title="Who could be linked?",
    columns={"fsm": "number", "pupils": "number", "linked": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    heading="Link to work",
    reference_sql=linked(),
    reference_pandas=with_pandas,
    hints=(
        "Begin with one row a pupil, as under the heading One row a person.",
        "The two lookups together say who has an EDUKEY. A pupil who is in neither must stay in the first count.",
        "Count people, not rows, in both columns: a pupil with two keys is one pupil.",
    ),
    misconceptions=(
        slip("inner-join", "Those who could not be linked are missing from the number of pupils too: an inner join "
             "drops them. Keep every pupil, and count the linked among them.", linked("JOIN")),
        slip("rows-not-keys", "You counted rows after the joins. A pupil with two keys has several.",
             linked(pupils="COUNT(*)", found="COUNT(l.edukey)")),
        slip("keys-over-people", "You counted EDUKEYs, and a person can have two: count pupils who have any.",
             linked(found="COUNT(DISTINCT l.edukey)")),
    ),
    alternatives=(f"""
        WITH c AS (
            SELECT DISTINCT pupilmatchingrefanonymous_spr12 AS pmr, fsmeligible_spr12 AS fsm
            FROM {NPD}.spring_census_2012 WHERE ncyearactual_spr12 = '11' AND recordstatus_spr12 < 100)
        SELECT fsm, COUNT(*) AS pupils,
               SUM(CASE WHEN EXISTS (
                   SELECT * FROM {LEO}.learner_ae_id_to_pmr_lookup AS a
                   JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = a.ae_id
                   WHERE a.pupilmatchingrefanonymous = c.pmr AND e.edukey IS NOT NULL) THEN 1 ELSE 0 END) AS linked
        FROM c GROUP BY fsm""",),
)  # fmt: skip
