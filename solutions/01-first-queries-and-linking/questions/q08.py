"""Keys that lead to two people."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO

from .shared import LINKING_LESSON, slip, spine


def shared_sql(pmrs="COUNT(DISTINCT p.pupilmatchingrefanonymous)", least=2, having="k.edukey",
               kept="k.edukey IS NOT NULL"):  # fmt: skip
    return f"""
SELECT k.edukey, COUNT(DISTINCT k.ae_id) AS ae_ids, {pmrs} AS pmrs
FROM {LEO}.learner_ae_id_to_edukey_lookup AS k
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = k.ae_id
WHERE {kept}
GROUP BY {having}
HAVING COUNT(DISTINCT k.ae_id) >= {least}
"""


SHARED_BACKWARDS_SQL = f"""
SELECT k.edukey, COUNT(DISTINCT k.ae_id) AS ae_ids, COUNT(DISTINCT p.pupilmatchingrefanonymous) AS pmrs
FROM {LEO}.learner_ae_id_to_edukey_lookup AS k
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = k.ae_id
WHERE k.ae_id IN (SELECT ae_id FROM {LEO}.learner_ae_id_to_edukey_lookup GROUP BY ae_id HAVING COUNT(*) > 1)
GROUP BY k.edukey
"""


def shared_pandas(con):
    table = spine(con).groupby("edukey").agg(ae_ids=("ae_id", "nunique"), pmrs=("pmr", "nunique")).reset_index()
    return table[table["ae_ids"] > 1]


def shared_duplicated(con):
    """Only the keys that are repeated in the lookup, then counted by dropping duplicates."""
    keys = con.sql(f"SELECT DISTINCT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df().dropna()
    twice = keys[keys["edukey"].duplicated(keep=False)]
    paths = spine(con)
    pmrs = paths[["edukey", "pmr"]].dropna().drop_duplicates()["edukey"].value_counts()
    ae_ids = twice["edukey"].value_counts()
    return pd.DataFrame({"edukey": ae_ids.index, "ae_ids": ae_ids.to_numpy(), "pmrs": ae_ids.index.map(pmrs)})


QUESTION = Question(
    name="q8",
    title="EDUKEYs with more than one AE_ID",
    answer_name="q8",
    kind="sql",
    points=2,
    columns={"edukey": "text", "ae_ids": "number", "pmrs": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LINKING_LESSON,
    heading="How many to how many?",
    reference_sql=shared_sql(),
    make=shared_sql,
    reference_pandas=shared_pandas,
    universe=f"SELECT DISTINCT edukey FROM {LEO}.learner_ae_id_to_edukey_lookup",
    hints=(
        "Which lookup holds both keys? Group it by the key that the rows of the answer are about.",
        "A condition on a count stands in HAVING, not in WHERE.",
        "Join the other lookup on ae_id, and count different PMRs, not rows.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "An AE_ID need not lead to a PMR, and your inner join drops those that do not: so an EDUKEY loses "
            "one of its "
            "AE_IDs, or the whole row. Keep them with a LEFT JOIN.",
            shared_sql().replace("LEFT JOIN", "JOIN"),
        ),
        slip(
            "lookup-read-backwards",
            "You looked for AE_IDs with more than one EDUKEY. The question goes the other way: group by EDUKEY and "
            "count AE_IDs.",
            SHARED_BACKWARDS_SQL,
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows as PMRs. Two AE_IDs can lead to one and the same PMR: count different ones.",
            pmrs="COUNT(p.pupilmatchingrefanonymous)",
        ),
        slip(
            "blank-as-key",
            "You have a row for the blank: people who were not linked stand in the lookup with no EDUKEY, and they are "
            "not one group of AE_IDs under one key. Leave out rows in which edukey is missing.",
            kept="1 = 1",
        ),
        slip(
            "no-having",
            "You kept EDUKEYs with a single AE_ID. A condition on a group stands in HAVING: more than one.",
            least=1,
        ),
    ),
    alternatives=(
        f"""SELECT a.edukey, COUNT(DISTINCT a.ae_id) AS ae_ids, COUNT(DISTINCT p.pupilmatchingrefanonymous) AS pmrs
            FROM {LEO}.learner_ae_id_to_edukey_lookup AS a
            LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = a.ae_id
            WHERE EXISTS (SELECT 1 FROM {LEO}.learner_ae_id_to_edukey_lookup AS b
                          WHERE b.edukey = a.edukey AND b.ae_id <> a.ae_id)
            GROUP BY a.edukey""",
        f"""SELECT edukey, MAX(nth) AS ae_ids, COUNT(DISTINCT pmr) AS pmrs
            FROM (SELECT k.edukey, p.pupilmatchingrefanonymous AS pmr,
                         DENSE_RANK() OVER (PARTITION BY k.edukey ORDER BY k.ae_id) AS nth
                  FROM {LEO}.learner_ae_id_to_edukey_lookup AS k
                  LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.ae_id = k.ae_id
                  WHERE k.edukey IS NOT NULL) AS t
            GROUP BY edukey HAVING MAX(nth) > 1""",
        shared_duplicated,
    ),
)
