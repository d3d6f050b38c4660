"""The key stage 4 record that is kept."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import LESSON, results, slip


def kept_sql(points="MAX(ks4_att8)", having=""):
    return f"""
SELECT ks4_pupilmatchingrefanonymous AS pmr, COUNT(*) AS records, {points} AS points,
       CASE WHEN COUNT(*) = 1 THEN 'only record' ELSE 'more points' END AS kept_because
FROM {NPD}.ks4pupil_2015_to_2021
WHERE ks4_acadyr = '2015/2016'
GROUP BY ks4_pupilmatchingrefanonymous
{having}
"""


KEPT_WINDOW_SQL = f"""
SELECT pmr, records, points, CASE WHEN records = 1 THEN 'only record' ELSE 'more points' END AS kept_because
FROM (
    SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_att8 AS points,
           COUNT(*) OVER (PARTITION BY ks4_pupilmatchingrefanonymous) AS records,
           ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous ORDER BY ks4_att8 DESC) AS place
    FROM {NPD}.ks4pupil_2015_to_2021
    WHERE ks4_acadyr = '2015/2016'
) AS ranked
WHERE place = 1
"""


def kept_pandas(con):
    records = results(con, 2016)
    table = records.sort_values("points", ascending=False).drop_duplicates("pmr")
    table["records"] = table["pmr"].map(records["pmr"].value_counts())
    return table.assign(kept_because=["only record" if n == 1 else "more points" for n in table["records"]])


def kept_concat(con):
    """Pupils with one record and pupils with more apart."""
    records = results(con, 2016)
    twice = records["pmr"].duplicated(keep=False)
    best = records[twice].groupby("pmr", as_index=False).agg(points=("points", "max"), records=("points", "size"))
    single = records[~twice].assign(records=1, kept_because="only record")
    return pd.concat([single, best.assign(kept_because="more points")])


QUESTION = Question(
    name="q4",
    title="One key stage 4 record a pupil, and why",
    answer_name="q4",
    kind="sql",
    points=2,
    columns={"pmr": "text", "records": "number", "points": "number", "kept_because": "text"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    heading="Add the results of key stage 4",
    reference_sql=kept_sql(),
    make=kept_sql,
    reference_pandas=kept_pandas,
    tolerance={"points": 0.001},
    universe=f"""SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr
                 FROM {NPD}.ks4pupil_2015_to_2021
                 WHERE ks4_acadyr = '2015/2016'""",
    hints=(
        "Count records and different pupils first. Some pupils have two records.",
        "One row a pupil comes from GROUP BY, or from a window that numbers the records of each.",
        "The reason follows from the number of records: one, or more than one.",
    ),
    misconceptions=(
        slip(
            "lower-record",
            "You kept the record with fewer points. It holds only part of the pupil's results.",
            kept_sql("MIN(ks4_att8)"),
        ),
        slip(
            "every-record",
            "You kept every record, so pupils with two results stand twice. Keep the one with more points.",
            KEPT_WINDOW_SQL.replace("WHERE place = 1", ""),
        ),
        slip(
            "average-of-records",
            "You averaged two records. The second holds part of the same results, so the average is nobody's result.",
            kept_sql("AVG(ks4_att8)"),
        ),
        slip(
            "twice-means-out",
            "You left out pupils with two records. They sat their examinations like all others: keep them, with one "
            "record.",
            having="HAVING COUNT(*) = 1",
        ),
    ),
    alternatives=(
        KEPT_WINDOW_SQL,
        f"""SELECT k.ks4_pupilmatchingrefanonymous AS pmr,
                   CASE WHEN MAX(other.ks4_att8) IS NULL THEN 1 ELSE 2 END AS records, k.ks4_att8 AS points,
                   CASE WHEN MAX(other.ks4_att8) IS NULL THEN 'only record' ELSE 'more points' END AS kept_because
            FROM {NPD}.ks4pupil_2015_to_2021 AS k
            LEFT JOIN {NPD}.ks4pupil_2015_to_2021 AS other
              ON other.ks4_pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
             AND other.ks4_acadyr = k.ks4_acadyr AND other.ks4_att8 <> k.ks4_att8
            WHERE k.ks4_acadyr = '2015/2016'
            GROUP BY k.ks4_pupilmatchingrefanonymous, k.ks4_att8
            HAVING MAX(other.ks4_att8) IS NULL OR MAX(other.ks4_att8) < k.ks4_att8""",
        kept_concat,
    ),
)
