"""Match rates by group."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import LEO, NPD, varied

from .shared import LINKING_LESSON, linked_pmrs, match_rates, slip, spine


def match_rates_pandas(con, year):
    yy = f"spr{year % 100:02d}"
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
        FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
    """).df()
    pupils["found"] = pupils["pmr"].map(linked_pmrs(con).__contains__)
    table = pupils.groupby("ethnic_group", as_index=False)["found"].agg(pupils="size", linked="sum", rate="mean")
    return table.assign(rate=100 * table["rate"])


def match_rates_exists(con, year):
    """A flag for each pupil, by EXISTS, then its mean."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH flagged AS (
            SELECT c.ethnicgroupmajor_{yy} AS ethnic_group,
                   CASE WHEN EXISTS (
                       SELECT 1 FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                       JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
                       WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_{yy}
                         AND k.edukey IS NOT NULL) THEN 1 ELSE 0 END AS found
            FROM {NPD}.spring_census_{year} AS c WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
        )
        SELECT ethnic_group, COUNT(*) AS pupils, SUM(found) AS linked, 100.0 * AVG(found) AS rate
        FROM flagged GROUP BY ethnic_group
    """)


def match_rates_two_counts(con, year):
    """Pupils counted, linked pupils counted, and the two tables joined."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH c AS (
            SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
            FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
        ),
        keyed AS (
            SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr
            FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
            WHERE p.ae_id IN (SELECT ae_id FROM {LEO}.learner_ae_id_to_edukey_lookup WHERE edukey IS NOT NULL)
        ),
        every AS (SELECT ethnic_group, COUNT(*) AS pupils FROM c GROUP BY ethnic_group),
        found AS (SELECT c.ethnic_group, COUNT(*) AS linked FROM c JOIN keyed USING (pmr) GROUP BY c.ethnic_group)
        SELECT e.ethnic_group, e.pupils, COALESCE(f.linked, 0) AS linked,
               100.0 * COALESCE(f.linked, 0) / e.pupils AS rate
        FROM every AS e LEFT JOIN found AS f USING (ethnic_group)
    """)


def match_rates_merged(con, year):
    """Merged and brought back to one row a pupil."""
    yy = f"spr{year % 100:02d}"
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_{yy} AS pmr, ethnicgroupmajor_{yy} AS ethnic_group
        FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' AND recordstatus_{yy} < 100
    """).df()
    merged = pupils.merge(spine(con), how="left", on="pmr")
    each = merged.groupby(["ethnic_group", "pmr"])["edukey"].count().gt(0).groupby("ethnic_group")
    return pd.DataFrame({"pupils": each.size(), "linked": each.sum(), "rate": 100 * each.mean()})


QUESTION = Question(
    name="q10",
    title="Match rates by group",
    answer_name="match_rates",
    kind="function",
    points=4,
    columns={"ethnic_group": "text", "pupils": "number", "linked": "number", "rate": "number"},
    identity=("ethnic_group",),
    unit="ethnic group",
    lesson=LINKING_LESSON,
    heading="Who is not linked",
    reference_sql=match_rates,
    make=varied(match_rates),
    reference_pandas=match_rates_pandas,
    tolerance={"rate": 0.001},
    domain={"year": range(2006, 2022)},
    hints=(
        "Follow PMR to AE_ID to EDUKEY, with joins that keep every pupil.",
        "After the joins some pupils have several rows. Count different pupils, above and below the line.",
        "COUNT(DISTINCT ...) of a CASE that keeps the pupil's key only beside an EDUKEY leaves out the rest.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "Every rate is 100, because the inner joins dropped those who lead to no EDUKEY before you counted. Keep "
            "them with LEFT JOINs: they belong in the denominator.",
            join="JOIN",
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows. A pupil with two AE_IDs or two EDUKEYs stands there twice: count different "
            "pupils.",
            linked="COUNT(k.edukey)",
            pupils="COUNT(*)",
        ),
        slip(
            "keys-over-people",
            "You divided a number of EDUKEYs by a number of pupils. Some pupils have two EDUKEYs, so the rate is too "
            "high: count linked pupils.",
            linked="COUNT(DISTINCT k.edukey)",
        ),
        slip(
            "ae-ids",
            "You counted pupils with an AE_ID. Every pupil has one. Linked to outcomes means leading to an EDUKEY, "
            "one lookup further.",
            linked="COUNT(DISTINCT CASE WHEN p.ae_id IS NOT NULL THEN c.pmr END)",
        ),
    ),
    alternatives=(match_rates_exists, match_rates_two_counts, match_rates_merged),
)
