"""Write a first query on a lookup: who has two keys."""

from __future__ import annotations

from leocourse.authoring.exercise import exercise
from leocourse.authoring.shorthand import LEO

from .shared import LESSON, slip, wrong


def twice(key: str = "pupilmatchingrefanonymous", other: str = "ae_id", having: str = "> 1") -> str:
    return f"""
SELECT {key} AS pmr, COUNT(DISTINCT {other}) AS ae_ids
FROM {LEO}.learner_ae_id_to_pmr_lookup
GROUP BY {key}
HAVING COUNT(DISTINCT {other}) {having}
"""


def with_pandas(con):
    lookup = con.sql(f"SELECT * FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    counted = lookup.groupby("pupilmatchingrefanonymous")["ae_id"].nunique().rename("ae_ids")
    return counted[counted > 1].rename_axis("pmr").reset_index()


QUESTION = exercise(
    "write",
    "q6",
    title="Pupils with two AE_IDs",
    columns={"pmr": "text", "ae_ids": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="Link to work",
    reference_sql=twice(),
    reference_pandas=with_pandas,
    universe=f"SELECT pupilmatchingrefanonymous AS pmr FROM {LEO}.learner_ae_id_to_pmr_lookup",
    hints=(
        "One view is enough. Look at its name: from which key to which does it lead?",
        "Make one row of all rows that share a reference, and count what differs between them.",
        "Keep the groups with more than one, after grouping.",
    ),
    misconceptions=(
        slip("no-having", "Everybody in the lookup is there. Only those with more than one AE_ID are asked for.",
             twice(having="> 0")),
        wrong("one-ae-id", "Those with one AE_ID", "These are the pupils with a single AE_ID.",
              twice(having="= 1"), "Link to work"),
    ),
    alternatives=(
        f"SELECT pupilmatchingrefanonymous AS pmr, COUNT(*) AS ae_ids FROM {LEO}.learner_ae_id_to_pmr_lookup "
        "GROUP BY 1 HAVING COUNT(*) > 1",
        f"SELECT * FROM (SELECT pupilmatchingrefanonymous AS pmr, COUNT(ae_id) AS ae_ids "
        f"FROM {LEO}.learner_ae_id_to_pmr_lookup GROUP BY pupilmatchingrefanonymous) AS t WHERE ae_ids >= 2",
    ),
)  # fmt: skip
