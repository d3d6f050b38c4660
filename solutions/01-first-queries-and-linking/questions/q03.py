"""A code list and a count."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import DATABASE_LESSON, slip


def provision_sql(support="'A', 'P', 'K'", plan="'S', 'E'", otherwise="'not known'", counted="*"):
    return " UNION ALL ".join(
        f"""
SELECT {year} AS census, provision, COUNT({counted}) AS records
FROM (
    SELECT senprovision_spr{year % 100} AS code, CASE WHEN senprovision_spr{year % 100} = 'N' THEN 'none'
                WHEN senprovision_spr{year % 100} IN ({support}) THEN 'support'
                WHEN senprovision_spr{year % 100} IN ({plan}) THEN 'statement or plan'
                ELSE {otherwise} END AS provision
    FROM {NPD}.spring_census_{year}
) AS t
GROUP BY provision
"""
        for year in (2015, 2016)
    )


PROVISION_NAMES = {"N": "none", "A": "support", "P": "support", "K": "support"}

PROVISION_NAMES |= {"S": "statement or plan", "E": "statement or plan"}

BOTH_CENSUSES = f"""
    SELECT 2015 AS census, senprovision_spr15 AS code FROM {NPD}.spring_census_2015
    UNION ALL SELECT 2016, senprovision_spr16 FROM {NPD}.spring_census_2016
"""


def provision_pandas(con):
    census = con.sql(BOTH_CENSUSES).df()
    census["provision"] = census["code"].map(PROVISION_NAMES).fillna("not known")
    return census.groupby(["census", "provision"]).size().rename("records").reset_index()


def provision_crossed(con):
    """A cross table of census by code, its columns added up by group."""
    census = con.sql(BOTH_CENSUSES).df()
    table = pd.crosstab(census["census"], census["code"].fillna("?"))
    table = table.T.groupby(lambda code: PROVISION_NAMES.get(code, "not known")).sum().T
    table = table.melt(var_name="provision", value_name="records", ignore_index=False).reset_index()
    return table[table["records"] > 0]


PROVISION_CODES = """(VALUES ('N', 'none'), ('A', 'support'), ('P', 'support'), ('K', 'support'),
                             ('S', 'statement or plan'), ('E', 'statement or plan')) AS l(code, label)"""

QUESTION = Question(
    name="q3",
    title="Decode and count",
    answer_name="q3",
    kind="sql",
    points=2,
    columns={"census": "number", "provision": "text", "records": "number"},
    identity=("census", "provision"),
    unit="group",
    lesson=DATABASE_LESSON,
    heading="Codes and code lists",
    reference_sql=provision_sql(),
    make=provision_sql,
    reference_pandas=provision_pandas,
    hints=(
        "Look at all codes that occur in both censuses, the missing value included, before you write the groups.",
        "CASE WHEN gives each code its group. What falls into ELSE?",
        "Count rows with COUNT(*), once in each census, and put the two results together with UNION ALL.",
    ),
    misconceptions=(
        slip(
            "old-codes-only",
            "You used the codes A, P and S only. From one census to the next, K takes the place of A and P, and E "
            "appears: look at the codes of both years.",
            support="'A', 'P'",
            plan="'S'",
        ),
        slip(
            "else-takes-the-missing",
            "Your ELSE turned missing values into 'none'. A missing value does not say that a pupil has no special "
            "educational needs: give it a group of its own.",
            otherwise="'none'",
        ),
        slip(
            "count-of-a-column",
            "COUNT of a column counts the values that are there, so the group of missing values has 0. COUNT(*) "
            "counts rows.",
            counted="code",
        ),
    ),
    alternatives=(
        f"""SELECT c.census, COALESCE(l.label, 'not known') AS provision, COUNT(*) AS records
            FROM ({BOTH_CENSUSES}) AS c LEFT JOIN {PROVISION_CODES} ON l.code = c.code
            GROUP BY c.census, COALESCE(l.label, 'not known')""",
        f"""WITH c AS ({BOTH_CENSUSES})
            SELECT census, 'none' AS provision, COUNT(*) AS records FROM c WHERE code = 'N' GROUP BY census
            UNION ALL SELECT census, 'support', COUNT(*) FROM c WHERE code IN ('A', 'P', 'K') GROUP BY census
            UNION ALL SELECT census, 'statement or plan', COUNT(*) FROM c WHERE code IN ('S', 'E') GROUP BY census
            UNION ALL SELECT census, 'not known', COUNT(*) FROM c WHERE code IS NULL GROUP BY census""",
        provision_crossed,
    ),
)
