"""Do records disagree?."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import ILR, LEO

from .shared import LESSON, slip

OLD_LIST = {"Asian": (11, 12, 13, 14), "Black": (15, 16, 17), "Chinese": (18,), "Mixed": (19, 20, 21, 22)}

OLD_LIST |= {"White": (23, 24, 25)}

NEW_LIST = {"White": (31, 32, 33, 34), "Mixed": (35, 36, 37, 38), "Asian": (39, 40, 41, 43), "Chinese": (42,)}

NEW_LIST |= {"Black": (44, 45, 46)}


def grouped(*lists, otherwise="'Other'"):
    """SQL that puts codes of ethnic group into main groups."""
    cases = " ".join(
        f"WHEN l.ethnicity IN ({', '.join(map(str, codes))}) THEN '{group}'"
        for each in lists
        for group, codes in each.items()
    )
    return f"CASE {cases} ELSE {otherwise} END"


def disagreement_sql(codes="NULLIF(l.ethnicity, 99)", main_groups=None, when="l.ethnicity <> 99"):
    group = main_groups or f"CASE WHEN {when} THEN {grouped(OLD_LIST, NEW_LIST)} END"
    return f"""
SELECT r.ae_id, COUNT(DISTINCT {codes}) AS codes, COUNT(DISTINCT {group}) AS main_groups
FROM {ILR}.learners AS l
JOIN {LEO}.education_records_lookup AS r ON r.recordid = l.recordid
WHERE l.year IN ('2010', '2011')
GROUP BY r.ae_id
"""


def learner_codes(con):
    """The code of ethnic group of each learner record in two academic years, with the person."""
    return con.sql(f"""
        SELECT r.ae_id, l.ethnicity FROM {ILR}.learners AS l
        JOIN {LEO}.education_records_lookup AS r ON r.recordid = l.recordid WHERE l.year IN ('2010', '2011')
    """).df()


GROUP_OF = {code: group for each in (OLD_LIST, NEW_LIST) for group, codes in each.items() for code in codes}

GROUP_OF |= {47: "Other", 98: "Other"}


def disagreement_pandas(con):
    records = learner_codes(con)
    records["known"] = records["ethnicity"].where(records["ethnicity"] != 99)
    records["group"] = records["ethnicity"].map(GROUP_OF)
    return records.groupby("ae_id", as_index=False).agg(codes=("known", "nunique"), main_groups=("group", "nunique"))


def disagreement_counted(con):
    """Pairs of person and code, and of person and group, counted after dropping the repeated."""
    records = learner_codes(con)
    known = records[records["ethnicity"] != 99].assign(group=lambda t: t["ethnicity"].map(GROUP_OF))
    people = pd.DataFrame({"ae_id": records["ae_id"].unique()})
    for name, column in {"codes": "ethnicity", "main_groups": "group"}.items():
        counts = known[["ae_id", column]].drop_duplicates()["ae_id"].value_counts()
        people[name] = people["ae_id"].map(counts).fillna(0)
    return people


LIST_ROWS = ", ".join(f"({code}, '{group}')" for code, group in GROUP_OF.items())

QUESTION = Question(
    name="q8",
    title="Does the ethnic group change, or its code?",
    answer_name="q8",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "codes": "number", "main_groups": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    reference_sql=disagreement_sql(),
    make=disagreement_sql,
    reference_pandas=disagreement_pandas,
    universe=f"SELECT DISTINCT ae_id FROM {LEO}.education_records_lookup",
    hints=(
        "Put each code into its main group first, with both code lists. Then count different ones for each person.",
        "Code 99 is no answer: it must be missing before you count, and COUNT(DISTINCT ...) leaves missing values out.",
        "Both columns are a COUNT(DISTINCT ...): one of a CASE on year and code, one of the code without 99.",
    ),
    misconceptions=(
        slip(
            "codes-as-groups",
            "You counted codes as main groups. The code list changed between the two years, so nearly everybody with "
            "records in both has two codes for one group: decode first, then count.",
            main_groups="NULLIF(l.ethnicity, 99)",
        ),
        slip(
            "one-code-list",
            "You decoded all years with the newer list, so the older codes have no group, and people with older "
            "records only have 0. Use the list of the year.",
            main_groups=grouped(NEW_LIST | {"Other": (47, 98)}, otherwise="NULL"),
        ),
        slip(
            "not-provided-counted",
            "You counted code 99 as an ethnic group. It says that no answer was given: somebody with no other code "
            "has 0 groups.",
            codes="l.ethnicity",
            when="1 = 1",
        ),
    ),
    alternatives=(
        f"""SELECT p.ae_id, COUNT(DISTINCT g.code) AS codes, COUNT(DISTINCT g.label) AS main_groups
            FROM (SELECT DISTINCT r.ae_id, l.ethnicity FROM {LEO}.education_records_lookup AS r
                  JOIN {ILR}.learners AS l ON l.recordid = r.recordid
                  WHERE l.academicyear IN ('2010/2011', '2011/2012')) AS p
            LEFT JOIN (VALUES {LIST_ROWS}) AS g(code, label) ON g.code = p.ethnicity
            GROUP BY p.ae_id""",
        f"""WITH records AS (
                SELECT r.ae_id, NULLIF(l.ethnicity, 99) AS code, CASE WHEN l.ethnicity <> 99
                       THEN {grouped(OLD_LIST, NEW_LIST)} END AS label
                FROM {LEO}.education_records_lookup AS r JOIN {ILR}.learners AS l ON l.recordid = r.recordid
                WHERE l.year IN ('2010', '2011')),
            placed AS (
                SELECT ae_id, CASE WHEN code IS NULL THEN 0 ELSE DENSE_RANK() OVER (
                                   PARTITION BY ae_id ORDER BY code NULLS LAST) END AS nth_code,
                       CASE WHEN label IS NULL THEN 0 ELSE DENSE_RANK() OVER (
                                   PARTITION BY ae_id ORDER BY label NULLS LAST) END AS nth_label
                FROM records)
            SELECT ae_id, MAX(nth_code) AS codes, MAX(nth_label) AS main_groups FROM placed GROUP BY ae_id""",
        disagreement_counted,
    ),
)
