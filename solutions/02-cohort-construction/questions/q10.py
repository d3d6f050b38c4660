"""Keys and a flag."""

from __future__ import annotations

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, NPD

from .shared import LINKING_LESSON, lookups, main_records, slip


def keys_sql(join="LEFT JOIN", linked="MAX(CASE WHEN k.edukey IS NULL THEN 0 ELSE 1 END)", group="c.pmr",
             ae_id="MIN(p.ae_id)"):  # fmt: skip
    return f"""
SELECT c.pmr, {ae_id} AS ae_id, {linked} AS linked
FROM (
    SELECT pupilmatchingrefanonymous_spr14 AS pmr FROM {NPD}.spring_census_2014
    WHERE ncyearactual_spr14 IN ('10', '11') AND recordstatus_spr14 < 100
) AS c
{join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
{join} {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
GROUP BY {group}
"""


def keys_pandas(con):
    people, outcomes = lookups(con)
    census = main_records(con, 2014, "ncyearactual")
    pupils = census.loc[census["ncyearactual"].isin(["10", "11"]), ["pmr"]]
    linked = pupils.merge(people, how="left", on="pmr").merge(outcomes, how="left", on="ae_id")
    table = linked.groupby("pmr", as_index=False).agg(ae_id=("ae_id", "min"), linked=("edukey", "count"))
    return table.assign(linked=(table["linked"] > 0).astype(int))


def keys_looked_up(con):
    """Sets of keys, without a merge."""
    people, outcomes = lookups(con)
    census = main_records(con, 2014, "ncyearactual").query("ncyearactual in ('10', '11')")
    keyed = set(outcomes["ae_id"])
    found = set(people.loc[people["ae_id"].map(keyed.__contains__), "pmr"])
    table = census[["pmr"]].assign(ae_id=census["pmr"].map(people.groupby("pmr")["ae_id"].min()))
    return table.assign(linked=[int(pmr in found) for pmr in table["pmr"]])


QUESTION = Question(
    name="q10",
    title="A cohort with keys and a flag",
    answer_name="q10",
    kind="sql",
    points=2,
    columns={"pmr": "text", "ae_id": "number", "linked": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LINKING_LESSON,
    heading="Two AE_IDs: one person twice",
    reference_sql=keys_sql(),
    make=keys_sql,
    reference_pandas=keys_pandas,
    universe=f"SELECT DISTINCT pupilmatchingrefanonymous_spr14 AS pmr FROM {NPD}.spring_census_2014",
    hints=(
        "Every pupil of the cohort is in the answer, linked or not, and each once.",
        "Some pupils have two AE_IDs: group by the pupil, and take the lowest.",
        "The flag is 1 if any of the joined rows has an EDUKEY: MAX of a CASE that gives 1 or 0.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "You lost the pupils who lead to no EDUKEY. The flag is there for them: keep them with LEFT JOINs, and "
            "give them 0.",
            join="JOIN",
        ),
        slip(
            "rows-not-keys",
            "Pupils with two AE_IDs have two rows. Bring each pupil to one row, with the lowest AE_ID.",
            group="c.pmr, p.ae_id",
        ),
        slip(
            "ae-ids",
            "You called pupils linked who have an AE_ID. Every pupil has one: linked means leading to an EDUKEY.",
            linked="MAX(CASE WHEN p.ae_id IS NULL THEN 0 ELSE 1 END)",
        ),
        slip(
            "blank-as-key",
            "You took a row in the lookup for a link. Some people stand there with a blank EDUKEY: they lead to no "
            "outcomes, so their flag is 0.",
            linked="MAX(CASE WHEN k.ae_id IS NULL THEN 0 ELSE 1 END)",
        ),
        slip(
            "highest-ae-id",
            "Where a pupil has two AE_IDs you took the higher one. The question asks for the lowest: everybody who "
            "takes the same one can join the results.",
            ae_id="MAX(p.ae_id)",
        ),
        slip(
            "keys-not-a-flag",
            "You gave the number of joined rows with an EDUKEY. A flag is 1 or 0, however many keys there are.",
            linked="COUNT(k.edukey)",
        ),
    ),
    alternatives=(
        f"""SELECT c.pupilmatchingrefanonymous_spr14 AS pmr,
                   (SELECT MIN(p.ae_id) FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                    WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr14) AS ae_id,
                   CASE WHEN EXISTS (
                       SELECT 1 FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                       JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
                       WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr14
                         AND k.edukey IS NOT NULL) THEN 1 ELSE 0 END
                   AS linked
            FROM {NPD}.spring_census_2014 AS c
            WHERE c.ncyearactual_spr14 IN ('10', '11') AND c.recordstatus_spr14 < 100""",
        f"""SELECT pmr, ae_id, linked
            FROM (SELECT c.pupilmatchingrefanonymous_spr14 AS pmr, p.ae_id,
                         ROW_NUMBER() OVER (PARTITION BY c.pupilmatchingrefanonymous_spr14 ORDER BY p.ae_id) AS place,
                         MAX(CASE WHEN p.ae_id IN (SELECT ae_id FROM {LEO}.learner_ae_id_to_edukey_lookup
                                                WHERE edukey IS NOT NULL)
                                  THEN 1 ELSE 0 END)
                             OVER (PARTITION BY c.pupilmatchingrefanonymous_spr14) AS linked
                  FROM {NPD}.spring_census_2014 AS c
                  LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p
                    ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr14
                  WHERE c.ncyearactual_spr14 IN ('10', '11') AND c.recordstatus_spr14 < 100) AS t
            WHERE place = 1""",
        keys_looked_up,
    ),
)
