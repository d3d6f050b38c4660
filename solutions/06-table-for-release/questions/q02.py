"""How many keys to outcomes."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO

from .q01 import QUESTION as Q1
from .q01 import cohort_sql
from .shared import COHORT_LESSON, COHORT_SQL, KEYS, SPELLS, cohort_pandas, slip


def keys_sql(count="count(DISTINCT e.edukey)", join="LEFT JOIN", cohort=COHORT_SQL,
             keys=f"{LEO}.learner_ae_id_to_edukey_lookup"):  # fmt: skip
    return f"""
WITH cohort AS ({cohort})
SELECT c.pupilmatchingrefanonymous, {count} AS edukeys
FROM cohort c
{join} {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous
{join} {keys} e ON e.ae_id = p.ae_id
GROUP BY c.pupilmatchingrefanonymous
"""


KEYS_SQL = keys_sql()


def keys_pandas(con):
    people = con.sql(f"SELECT * FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    outcomes = con.sql(f"SELECT * FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    linked = cohort_pandas(con).merge(people, how="left").merge(outcomes, how="left", on="ae_id")
    return linked.groupby("pupilmatchingrefanonymous")["edukey"].nunique().rename("edukeys").reset_index()


KEYS_THAT_ARE_THERE = f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup WHERE edukey IS NOT NULL"

KEYS_BY_SUBQUERY = f"""
SELECT c.pupilmatchingrefanonymous, (
    SELECT count(DISTINCT e.edukey)
    FROM {LEO}.learner_ae_id_to_pmr_lookup p
    JOIN {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
    WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous
) AS edukeys
FROM ({COHORT_SQL}) c
"""

KEYS_COUNTED_FIRST = f"""
WITH pairs AS (
    SELECT p.pupilmatchingrefanonymous AS pmr, e.edukey
    FROM {LEO}.learner_ae_id_to_pmr_lookup p, {LEO}.learner_ae_id_to_edukey_lookup e
    WHERE e.ae_id = p.ae_id AND e.edukey IS NOT NULL
    GROUP BY p.pupilmatchingrefanonymous, e.edukey
),
counted AS (SELECT pmr, count(*) AS edukeys FROM pairs GROUP BY pmr)
SELECT c.pupilmatchingrefanonymous, coalesce(k.edukeys, 0) AS edukeys
FROM ({COHORT_SQL}) c LEFT JOIN counted k ON k.pmr = c.pupilmatchingrefanonymous
"""


def keys_by_mapping(con):
    """A dictionary of sets, without a join of tables."""
    edukeys, found = {}, {}
    for ae_id, edukey in con.sql(KEYS_THAT_ARE_THERE).fetchall():
        edukeys.setdefault(ae_id, set()).add(edukey)
    people = con.sql(f"SELECT pupilmatchingrefanonymous, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").fetchall()
    for pmr, ae_id in people:
        found.setdefault(pmr, set()).update(edukeys.get(ae_id, ()))
    pupils = [pmr for pmr, _ in con.sql(COHORT_SQL).fetchall()]
    return pd.DataFrame({"pupilmatchingrefanonymous": pupils, "edukeys": [len(found.get(p, ())) for p in pupils]})


QUESTION = Question(
    name="q2",
    title="From pupils to keys of outcomes",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"pupilmatchingrefanonymous": "text", "edukeys": "number"},
    identity=("pupilmatchingrefanonymous",),
    unit="pupil",
    people=True,
    lesson=COHORT_LESSON,
    heading="Link to work",
    reference_sql=KEYS_SQL,
    reference_pandas=keys_pandas,
    make=keys_sql,
    universe=Q1.universe,
    hints=(
        "Every pupil of q1 should be in the answer. Does your join lose anybody?",
        "A pupil who leads to no EDUKEY has 0 of them. An inner join drops such a pupil.",
        "Some pupils have two AE_IDs that lead to the same EDUKEY: count distinct ones.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "An inner join, or a condition on the key in WHERE, drops pupils who lead to no EDUKEY. They are part of "
            "the cohort, and not a random part: keep them with a LEFT JOIN and give them 0.",
            join="JOIN",
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows. A pupil with two AE_IDs reaches the same EDUKEY along two paths, so rows "
            "outnumber keys: count distinct EDUKEYs.",
            count="count(e.edukey)",
        ),
        slip(
            "ae-ids",
            "You counted AE_IDs. An AE_ID may lead to no EDUKEY, or to two: go one lookup further, and count EDUKEYs.",
            count="count(DISTINCT p.ae_id)",
        ),
        slip("one-for-none", count="greatest(count(DISTINCT e.edukey), 1)"),
        slip(
            "keys-not-a-flag",
            "Some pupils lead to two EDUKEYs, and you gave 1. Count all the different ones, not whether there is one.",
            count="least(count(DISTINCT e.edukey), 1)",
        ),
        slip("null-for-none", count="nullif(count(DISTINCT e.edukey), 0)"),
        slip("keys-with-a-spell", keys=f"(SELECT * FROM {KEYS} WHERE edukey IN (SELECT edukey FROM {SPELLS}))"),
        slip(
            "year-it-begins",
            "These are not the pupils of question 1, who are in the census of 2011.",
            cohort=cohort_sql(year=2010),
        ),
        slip("all-year-groups", cohort=cohort_sql(group="IS NOT NULL")),
    ),
    alternatives=(
        KEYS_BY_SUBQUERY,
        KEYS_COUNTED_FIRST,
        keys_by_mapping,
    ),
)
