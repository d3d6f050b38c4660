"""Not in education, employment or training."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import NPD

from .shared import AFTER_LESSON, slip

NCCIS = f"{NPD}.nccis_2011_to_2021"


def neet_sql(
    code="nccis_current_activity_code BETWEEN 600 AND 699", person="nccis_pupilmatchingrefanonymous", where=""
):
    return f"""
SELECT nccis_acadyr AS academic_year, COUNT(DISTINCT {person}) AS people,
    100.0 * COUNT(DISTINCT CASE WHEN {code} THEN {person} END) / COUNT(DISTINCT {person}) AS percentage
FROM {NCCIS}
WHERE nccis_acadyr <= '2015/2016' {where}
GROUP BY nccis_acadyr
"""


NEET_SQL = neet_sql()

NEET_ENTRIES = f"""
SELECT nccis_acadyr AS academic_year, COUNT(*) AS people,
    100.0 * SUM(CASE WHEN nccis_current_activity_code BETWEEN 600 AND 699 THEN 1 ELSE 0 END) / COUNT(*) AS percentage
FROM {NCCIS}
WHERE nccis_acadyr <= '2015/2016'
GROUP BY nccis_acadyr
"""

NEET_COLUMNS = f"""
    SELECT nccis_acadyr AS academic_year, nccis_pupilmatchingrefanonymous AS pmr, nccis_current_activity_code AS code
    FROM {NCCIS} WHERE nccis_acadyr <= '2015/2016'
"""


def neet_pandas(con):
    rows = con.sql(NEET_COLUMNS).df()
    rows["neet"] = rows["code"].between(600, 699)
    people = rows.groupby(["academic_year", "pmr"])["neet"].any().groupby("academic_year")
    return pd.DataFrame({"people": people.size(), "percentage": 100 * people.mean()}).reset_index()


def neet_sets(con):
    everybody, neet = {}, {}
    for year, pupil, code in con.sql(NEET_COLUMNS).fetchall():
        everybody.setdefault(year, set()).add(pupil)
        if code // 100 == 6:
            neet.setdefault(year, set()).add(pupil)
    return [
        {"academic_year": year, "people": len(all_), "percentage": 100 * len(neet.get(year, ())) / len(all_)}
        for year, all_ in everybody.items()
    ]


NEET_TWO_STEPS = f"""
WITH person AS (
    SELECT nccis_acadyr, nccis_pupilmatchingrefanonymous,
        MAX(CASE WHEN nccis_current_activity_code / 100 >= 6 AND nccis_current_activity_code < 700 THEN 1 ELSE 0 END)
            AS neet
    FROM {NCCIS} WHERE nccis_acadyr <= '2015/2016' GROUP BY nccis_acadyr, nccis_pupilmatchingrefanonymous
)
SELECT nccis_acadyr AS academic_year, COUNT(*) AS people, 100.0 * AVG(neet) AS percentage
FROM person GROUP BY nccis_acadyr
"""

NEET_JOINED = f"""
WITH everybody AS (
    SELECT DISTINCT nccis_acadyr AS academic_year, nccis_pupilmatchingrefanonymous AS pmr
    FROM {NCCIS} WHERE nccis_acadyr <= '2015/2016'
),
neet AS (
    SELECT DISTINCT nccis_acadyr AS academic_year, nccis_pupilmatchingrefanonymous AS pmr
    FROM {NCCIS} WHERE CAST(nccis_current_activity_code AS VARCHAR) LIKE '6__'
)
SELECT e.academic_year, COUNT(*) AS people, 100.0 * COUNT(n.pmr) / COUNT(*) AS percentage
FROM everybody AS e LEFT JOIN neet AS n ON n.academic_year = e.academic_year AND n.pmr = e.pmr
GROUP BY e.academic_year
"""

QUESTION = Question(
    name="q10",
    title="Not in education, employment or training",
    answer_name="q10",
    kind="sql",
    points=2,
    columns={"academic_year": "text", "people": "number", "percentage": "number"},
    identity=("academic_year",),
    unit="academic year",
    lesson=AFTER_LESSON,
    heading="The caseload",
    reference_sql=NEET_SQL,
    make=neet_sql,
    reference_pandas=neet_pandas,
    alternatives=(NEET_TWO_STEPS, NEET_JOINED, neet_sets),
    tolerance={"percentage": 0.001},
    hints=(
        "A young person has an entry for each change of activity: rows are not people.",
        "One person can have several codes in a year. Which count does not rise with the number of entries?",
        "Count distinct people with such a code, over distinct people, by nccis_acadyr.",
    ),
    misconceptions=(
        slip(
            "entries-not-people",
            "You counted entries. Somebody whose activity changes has several in a year: count people.",
            NEET_ENTRIES,
        ),
        slip(
            "unknown-as-neet",
            "You counted everybody with a code of 600 or more. Codes from 800 mean that the local authority does not "
            "know, not that the person does nothing.",
            code="nccis_current_activity_code >= 600",
        ),
        slip(
            "seeking-work-only",
            "You counted code 619 alone, those who look for work. Carers, parents and people who are ill are not in "
            "education, employment or training either: the codes run from 600 to 699.",
            code="nccis_current_activity_code = 619",
        ),
        slip(
            "untrained-work-as-neet",
            "You counted jobs without training. Code 330 is employment, so such a person is not NEET.",
            code="nccis_current_activity_code BETWEEN 600 AND 699 OR nccis_current_activity_code = 330",
        ),
        slip(
            "unknown-out-of-the-base",
            "You left people out whose activity was not known at some time. They belong to the caseload of the year, "
            "so they stay in the base here.",
            where=f"""AND nccis_pupilmatchingrefanonymous NOT IN (
                    SELECT nccis_pupilmatchingrefanonymous FROM {NCCIS} WHERE nccis_current_activity_code >= 800
                )""",
        ),
    ),
)
