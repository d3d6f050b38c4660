"""A threshold."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question

from .shared import RELEASE_LESSON, SPRING, slip


def threshold_sql(pupils="CASE WHEN count(*) >= 10 THEN count(*) END", kept="AND recordstatus_spr11 < 100", having="",
                  view=SPRING, group="ethnicgroupminor", year_group="= '11'"):  # fmt: skip
    query = f"""
SELECT {group}_spr11 AS ethnic_group, {pupils} AS pupils
FROM {view}
WHERE ncyearactual_spr11 {year_group} {kept}
GROUP BY {group}_spr11
{having}
"""
    return query if view == SPRING else query.replace("_spr11", f"_spr{view[-2:]}")


def threshold_pandas(con):
    census = con.sql(f"""
        SELECT ethnicgroupminor_spr11 AS ethnic_group, ncyearactual_spr11 AS year_group, recordstatus_spr11 AS status
        FROM {SPRING}
    """).df()
    main = census[(census["year_group"] == "11") & (census["status"] < 100)]
    pupils = main.groupby("ethnic_group").size().rename("pupils").reset_index()
    return pupils.assign(pupils=pupils["pupils"].where(pupils["pupils"] >= 10))


def threshold_in_python(con):
    """Counted in plain Python."""
    rows = con.sql(f"""
        SELECT ethnicgroupminor_spr11 FROM {SPRING} WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
    """).fetchall()
    groups = sorted({group for (group,) in rows})
    counts = [rows.count((group,)) for group in groups]
    return pd.DataFrame({"ethnic_group": groups, "pupils": [n if n > 9 else None for n in counts]})


QUESTION = Question(
    name="q9",
    title="A threshold",
    answer_name="q9",
    kind="sql",
    points=3,
    columns={"ethnic_group": "text", "pupils": "number"},
    identity=("ethnic_group",),
    unit="ethnic group",
    lesson=RELEASE_LESSON,
    heading="A threshold",
    reference_sql=threshold_sql(),
    reference_pandas=threshold_pandas,
    make=threshold_sql,
    universe=f"SELECT DISTINCT ethnicgroupminor_spr11 AS ethnic_group FROM {SPRING} WHERE ncyearactual_spr11 = '11'",
    hints=(
        "Count first. Then ask of each count whether it may be shown.",
        "The row of a small group stays; only its number goes.",
        "A CASE without ELSE gives NULL where its condition is not met: which condition keeps the number?",
    ),
    misconceptions=(
        slip(
            "nothing-suppressed",
            "Some of your numbers are below 10. No number of people below the threshold may leave: put NULL in its "
            "place.",
            pupils="count(*)",
        ),
        slip(
            "small-rows-dropped",
            "You left out the rows of small groups. A reader should see that the group exists and that its number is "
            "suppressed: keep the row, with NULL.",
            having="HAVING count(*) >= 10",
        ),
        slip(
            "suppressed-as-zero",
            "You wrote 0 for a suppressed number. That is a false statement, and sums and means will use it: "
            "a suppressed number is NULL.",
            pupils="CASE WHEN count(*) >= 10 THEN count(*) ELSE 0 END",
        ),
        slip(
            "raised-to-the-threshold",
            "You wrote 10 for numbers below 10. That reads as a count of ten people: a suppressed number is NULL.",
            pupils="greatest(count(*), 10)",
        ),
        slip(
            "every-record",
            "You counted every record. Some pupils have two, and a second record can lift a small group over the "
            "threshold: keep the main record of each first.",
            kept="",
        ),
        slip("threshold-of-five", pupils="CASE WHEN count(*) >= 5 THEN count(*) END"),
        slip("rounded-here", pupils="CASE WHEN count(*) >= 10 THEN 5 * floor(count(*) / 5.0 + 0.5) END"),
        slip("major-for-minor", group="ethnicgroupmajor"),
        slip("all-year-groups", year_group="IS NOT NULL"),
        slip(
            "year-it-begins",
            "You used the census of 2010. The question asks for that of 2011.",
            view=SPRING.replace("2011", "2010"),
        ),
    ),
    alternatives=(
        f"""
        SELECT ethnic_group, CASE WHEN pupils < 10 THEN NULL ELSE pupils END AS pupils
        FROM (
            SELECT ethnicgroupminor_spr11 AS ethnic_group, count(DISTINCT pupilmatchingrefanonymous_spr11) AS pupils
            FROM {SPRING} WHERE ncyearactual_spr11 = '11' GROUP BY ethnicgroupminor_spr11
        ) AS counted
        """,
        f"""
        WITH counted AS (
            SELECT DISTINCT ethnicgroupminor_spr11 AS ethnic_group,
                count(*) OVER (PARTITION BY ethnicgroupminor_spr11) AS pupils
            FROM {SPRING} WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
        )
        SELECT ethnic_group, pupils FROM counted WHERE pupils >= 10
        UNION ALL
        SELECT ethnic_group, NULL FROM counted WHERE pupils < 10
        """,
        threshold_in_python,
    ),
)
