"""Cohort construction: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import ILR, LEO, NPD, figure_question
from leocourse.authoring import Assignment, Question

slip = slips(__file__)

LESSON = "Building a cohort"
LINKING_LESSON = "Who is who: linking people"


def spring(con, year, *fields):
    """Fields of a spring census, every record, without the suffix. The key comes as ``pmr``."""
    yy = f"spr{year % 100:02d}"
    names = ", ".join(f"{field}_{yy} AS {field}" for field in (*fields, "recordstatus"))
    return con.sql(f"SELECT pupilmatchingrefanonymous_{yy} AS pmr, {names} FROM {NPD}.spring_census_{year}").df()


def main_records(con, year, *fields):
    """The same, main records only."""
    census = spring(con, year, *fields)
    return census[census["recordstatus"] < 100]


# q0: the worked example ----------------------------------------------------------------------------

WORKED_SQL = f"""
SELECT ncyearactual_spr19 AS year_group, COUNT(*) AS pupils
FROM {NPD}.spring_census_2019
WHERE recordstatus_spr19 < 100
GROUP BY ncyearactual_spr19
"""

Q0 = Question(
    name="q0",
    title="A worked example: pupils by year group",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"year_group": "text", "pupils": "number"},
    identity=("year_group",),
    unit="year group",
    lesson=LESSON,
    reference_sql=WORKED_SQL,
    reference_pandas=lambda con: (
        main_records(con, 2019, "ncyearactual")
        .groupby("ncyearactual")
        .size()
        .rename_axis("year_group")
        .rename("pupils")
        .reset_index()
    ),
    hints=("Main records have a recordstatus below 100.",),
    misconceptions=(
        slip(
            "records-counted",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            WORKED_SQL.replace("WHERE recordstatus_spr19 < 100", ""),
        ),
        slip(
            "year-it-begins",
            "You used the census of the year before. January 2019 is spring_census_2019.",
            WORKED_SQL.replace("spr19", "spr18").replace("2019", "2018"),
        ),
    ),
    alternatives=(WORKED_SQL.replace("COUNT(*)", "COUNT(DISTINCT pupilmatchingrefanonymous_spr19)"),),
)


# q1: a birth cohort --------------------------------------------------------------------------------


def born_sql(
    born="(yearofbirth_spr13 = 1998 AND monthofbirth_spr13 >= 9"
    " OR yearofbirth_spr13 = 1999 AND monthofbirth_spr13 < 9)",
    main="AND recordstatus_spr13 < 100",
):
    return f"""
SELECT pupilmatchingrefanonymous_spr13 AS pmr, yearofbirth_spr13 AS birth_year, monthofbirth_spr13 AS birth_month
FROM {NPD}.spring_census_2013
WHERE {born} {main}
"""


def born_pandas(con):
    census = main_records(con, 2013, "yearofbirth", "monthofbirth")
    months = census["yearofbirth"].astype(int) * 12 + census["monthofbirth"].astype(int)
    kept = census[months.between(1998 * 12 + 9, 1999 * 12 + 8)]
    return kept.rename(columns={"yearofbirth": "birth_year", "monthofbirth": "birth_month"})


def born_by_period(con):
    """Months of birth as periods of pandas."""
    census = main_records(con, 2013, "yearofbirth", "monthofbirth")
    names = {"yearofbirth": "birth_year", "monthofbirth": "birth_month"}
    census = census.rename(columns=names).astype({"birth_year": int, "birth_month": int})
    parts = census.rename(columns={"birth_year": "year", "birth_month": "month"}).assign(day=1)
    days = pd.to_datetime(parts[["year", "month", "day"]])
    return census[(days >= "1998-09-01") & (days <= "1999-08-31")]


Q1 = Question(
    name="q1",
    title="A birth cohort in a census",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"pmr": "text", "birth_year": "number", "birth_month": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    reference_sql=born_sql(),
    reference_pandas=born_pandas,
    universe=f"SELECT DISTINCT pupilmatchingrefanonymous_spr13 AS pmr FROM {NPD}.spring_census_2013",
    hints=(
        "The cohort reaches over two calendar years: four months of the first and eight of the second.",
        "Either 1998 and month 9 or later, or 1999 and month 8 or earlier.",
        "Do not forget the main record: recordstatus_spr13 below 100.",
    ),
    misconceptions=(
        slip(
            "calendar-year-of-birth",
            "You took everybody born in the calendar year 1998. A birth cohort runs from September to August.",
            born_sql("yearofbirth_spr13 = 1998"),
        ),
        slip(
            "year-it-ends",
            "You took the cohort 1997/98. Cohort 1998/99 begins in September 1998.",
            born_sql(
                "(yearofbirth_spr13 = 1997 AND monthofbirth_spr13 >= 9"
                " OR yearofbirth_spr13 = 1998 AND monthofbirth_spr13 < 9)"
            ),
        ),
        slip(
            "october",
            "Your cohort begins with October: people born in September 1998 are missing and those born in September "
            "1999 are in it.",
            born_sql(
                "(yearofbirth_spr13 = 1998 AND monthofbirth_spr13 > 9"
                " OR yearofbirth_spr13 = 1999 AND monthofbirth_spr13 <= 9)"
            ),
        ),
        slip(
            "every-record",
            "You kept every record, so pupils with a second one stand twice. Keep main records.",
            born_sql(main=""),
        ),
    ),
    alternatives=(
        born_sql("yearofbirth_spr13 - CASE WHEN monthofbirth_spr13 < 9 THEN 1 ELSE 0 END = 1998"),
        born_sql("yearofbirth_spr13 * 12 + monthofbirth_spr13 BETWEEN 1998 * 12 + 9 AND 1999 * 12 + 8"),
        born_sql("make_date(yearofbirth_spr13, monthofbirth_spr13, 1) BETWEEN DATE '1998-09-01' AND DATE '1999-08-31'"),
        born_by_period,
    ),
)


# q2: records and pupils ----------------------------------------------------------------------------


def denominators(con, year, pupils="SUM(CASE WHEN recordstatus_{yy} < 100 THEN 1 ELSE 0 END)", where=""):
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT gender_{yy} AS sex, COUNT(*) AS records, {pupils.format(yy=yy)} AS pupils
        FROM {NPD}.spring_census_{year}
        WHERE ncyearactual_{yy} = '11' {where.format(yy=yy)}
        GROUP BY gender_{yy}
    """)


def denominators_pandas(con, year):
    census = spring(con, year, "gender", "ncyearactual")
    groups = census[census["ncyearactual"] == "11"].groupby("gender")
    table = groups.agg(records=("pmr", "size"), pupils=("pmr", "nunique"))
    return table.rename_axis("sex").reset_index()


def denominators_joined(con, year):
    """Main and other records counted apart, then added."""
    census = spring(con, year, "gender", "ncyearactual").query("ncyearactual == '11'")
    counts = pd.crosstab(census["gender"], census["recordstatus"] < 100)
    return pd.DataFrame({"sex": counts.index, "records": counts.sum(axis=1), "pupils": counts[True]})


def denominators_two_steps(con, year):
    """One row a pupil first, then pupils and their records added up."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT sex, SUM(records) AS records, COUNT(*) AS pupils
        FROM (SELECT gender_{yy} AS sex, pupilmatchingrefanonymous_{yy} AS pmr, COUNT(*) AS records
              FROM {NPD}.spring_census_{year} WHERE ncyearactual_{yy} = '11' GROUP BY 1, 2) AS each
        GROUP BY sex
    """)


Q2 = Question(
    name="q2",
    title="Records and pupils of year 11, as a function of the year",
    answer_name="denominators",
    kind="function",
    points=2,
    columns={"sex": "text", "records": "number", "pupils": "number"},
    identity=("sex",),
    unit="sex",
    lesson=LESSON,
    reference_sql=denominators,
    reference_pandas=denominators_pandas,
    calls=({"year": 2010}, {"year": 2014}),
    hints=(
        "Both numbers come from the same records: all of them, and the main ones among them.",
        "Count a condition with SUM(CASE WHEN ... THEN 1 ELSE 0 END).",
        "Pupils are records with a recordstatus below 100, and these are as many as different keys.",
    ),
    misconceptions=(
        slip(
            "records-counted",
            "Your number of pupils counts records: pupils with a second one count twice.",
            lambda con, year: denominators(con, year, pupils="COUNT(*)"),
        ),
        slip(
            "on-roll",
            "OnRoll = 1 drops pupils who have left, but a pupil registered at two schools is on roll at both. Count "
            "main records.",
            lambda con, year: denominators(con, year, pupils="SUM(onroll_{yy})"),
        ),
        slip(
            "filtered-too-early",
            "You kept main records before you counted, so records and pupils are the same number. Count all records "
            "of year 11, and the main ones among them.",
            lambda con, year: denominators(con, year, where="AND recordstatus_{yy} < 100"),
        ),
        slip(
            "year-it-begins",
            "You used the census of the year before. The argument is the year in the name of the view.",
            lambda con, year: denominators(con, year - 1),
        ),
    ),
    alternatives=(
        lambda con, year: denominators(con, year, pupils="COUNT(DISTINCT pupilmatchingrefanonymous_{yy})"),
        denominators_joined,
        denominators_two_steps,
    ),
)


# q3: coverage --------------------------------------------------------------------------------------


def coverage(con, first, last, cohort="{born} - CASE WHEN {month} < 9 THEN 1 ELSE 0 END", sixth_form=False, short=0):
    groups = ", ".join(f"'{group}'" for group in range(1, 14 if sixth_form else 12))
    stacked = " UNION ALL ".join(
        f"""SELECT DISTINCT {year} AS census,
                   {cohort.format(born=f"yearofbirth_spr{year % 100:02d}", month=f"monthofbirth_spr{year % 100:02d}")}
                   AS birth_cohort
            FROM {NPD}.spring_census_{year}
            WHERE recordstatus_spr{year % 100:02d} < 100 AND ncyearactual_spr{year % 100:02d} IN ({groups})"""
        for year in range(first, last + 1 - short)
    )
    return con.sql(f"""
        SELECT birth_cohort, COUNT(*) AS censuses, MIN(census) AS first_census, MAX(census) AS last_census
        FROM ({stacked}) AS t GROUP BY birth_cohort
    """)


def seen(con, first, last):
    """One row for each pupil and census, in years 1 to 11, with the birth cohort."""
    tables = []
    for year in range(first, last + 1):
        census = main_records(con, year, "yearofbirth", "monthofbirth", "ncyearactual").assign(census=year)
        tables.append(census[census["ncyearactual"].isin([str(group) for group in range(1, 12)])])
    stacked = pd.concat(tables, ignore_index=True)
    return stacked.assign(birth_cohort=stacked["yearofbirth"].astype(int) - (stacked["monthofbirth"] < 9).astype(int))


def coverage_pandas(con, first, last):
    groups = seen(con, first, last).groupby("birth_cohort")["census"]
    table = groups.agg(censuses="nunique", first_census="min", last_census="max")
    return table.reset_index()


def coverage_grid(con, first, last):
    """A grid of cohorts by censuses, read row by row."""
    stacked = seen(con, first, last)
    grid = pd.crosstab(stacked["birth_cohort"], stacked["census"]) > 0
    return pd.DataFrame(
        {
            "birth_cohort": grid.index,
            "censuses": grid.sum(axis=1).to_numpy(),
            "first_census": grid.idxmax(axis=1).to_numpy(),
            "last_census": grid.iloc[:, ::-1].idxmax(axis=1).to_numpy(),
        }
    )


def coverage_distinct(con, first, last):
    """Pupils stacked, and different censuses counted, with the cohort by integer division of months."""
    stacked = " UNION ALL ".join(
        f"""SELECT {year} AS census, (yearofbirth_spr{year % 100:02d} * 12 + monthofbirth_spr{year % 100:02d} - 9) // 12
                   AS birth_cohort
            FROM {NPD}.spring_census_{year}
            WHERE recordstatus_spr{year % 100:02d} < 100
              AND TRY_CAST(ncyearactual_spr{year % 100:02d} AS INTEGER) BETWEEN 1 AND 11"""
        for year in range(first, last + 1)
    )
    return con.sql(f"""
        SELECT birth_cohort, COUNT(DISTINCT census) AS censuses, MIN(census) AS first_census, MAX(census) AS last_census
        FROM ({stacked}) AS t GROUP BY birth_cohort
    """)


def coverage_loop(con, first, last):
    """One census at a time, kept in a dictionary."""
    found = {}
    for year in range(first, last + 1):
        for cohort in seen(con, year, year)["birth_cohort"].unique():
            found.setdefault(int(cohort), []).append(year)
    rows = [(cohort, len(years), min(years), max(years)) for cohort, years in found.items()]
    return pd.DataFrame(rows, columns=["birth_cohort", "censuses", "first_census", "last_census"])


Q3 = Question(
    name="q3",
    title="Coverage of birth cohorts, as a function of the years",
    answer_name="coverage",
    kind="function",
    points=3,
    columns={"birth_cohort": "number", "censuses": "number", "first_census": "number", "last_census": "number"},
    identity=("birth_cohort",),
    unit="birth cohort",
    lesson=LESSON,
    reference_sql=coverage,
    reference_pandas=coverage_pandas,
    calls=({"first": 2008, "last": 2012}, {"first": 2014, "last": 2019}),
    hints=(
        "Write the query for one census, then build one for each year and join them with UNION ALL.",
        "The range of Python stops before its second number.",
        "First one row for each census and cohort, then count, first and last of the censuses of each cohort.",
    ),
    misconceptions=(
        slip(
            "range-stops-short",
            "The last census is missing. range(first, last) stops before its second number: write last + 1.",
            lambda con, first, last: coverage(con, first, last, short=1),
        ),
        slip(
            "sixth-form-kept",
            "You counted years 12 and 13 too. There the census sees only those who stay at a school with a sixth "
            "form, so a cohort is not covered as a whole: keep year groups 1 to 11.",
            lambda con, first, last: coverage(con, first, last, sixth_form=True),
        ),
        slip(
            "calendar-year-of-birth",
            "You grouped by the calendar year of birth. A birth cohort runs from September to August.",
            lambda con, first, last: coverage(con, first, last, cohort="{born}"),
        ),
        slip(
            "year-it-ends",
            "You named cohorts after the year in which they end. The question calls 1998/99 by its first year, 1998.",
            lambda con, first, last: coverage(
                con, first, last, cohort="{born} + CASE WHEN {month} >= 9 THEN 1 ELSE 0 END"
            ),
        ),
    ),
    alternatives=(coverage_grid, coverage_distinct, coverage_loop),
)


# q4: the key stage 4 record that is kept -----------------------------------------------------------


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


def results(con, year, *fields):
    """Key stage 4 records of one year, from 2014/15 on. The key comes as ``pmr``."""
    names = ", ".join(("ks4_att8 AS points", *fields))
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, {names} FROM {NPD}.ks4pupil_2015_to_2021
        WHERE ks4_acadyr = '{year - 1}/{year}'
    """).df()


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


Q4 = Question(
    name="q4",
    title="One key stage 4 record a pupil, and why",
    answer_name="q4",
    kind="sql",
    points=2,
    columns={"pmr": "text", "records": "number", "points": "number", "kept_because": "text"},
    identity=("pmr", "kept_because"),
    unit="pupil",
    people=True,
    lesson=LESSON,
    reference_sql=kept_sql(),
    reference_pandas=kept_pandas,
    tolerance={"points": 0.001},
    universe=f"""SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr, why.kept_because
                 FROM {NPD}.ks4pupil_2015_to_2021
                 CROSS JOIN (VALUES ('only record'), ('more points')) AS why(kept_because)
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
            kept_sql(having="HAVING COUNT(*) = 1"),
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


# q5: the cohort of published figures ---------------------------------------------------------------


def ks4_cohort(con, year, state="by year", order="DESC", first=True):
    yy = f"spr{year % 100:02d}"
    in_census = f"""EXISTS (
        SELECT 1 FROM {NPD}.spring_census_{year} AS s
        WHERE s.pupilmatchingrefanonymous_{yy} = k.ks4_pupilmatchingrefanonymous
          AND s.recordstatus_{yy} < 100 AND s.ageatstartofacademicyear_{yy} = 15)"""
    rule = {
        "by year": "k.ks4_new_type <> 5" if year >= 2009 else in_census,
        "type": "k.ks4_new_type <> 5",
        "all": "1 = 1",
    }[state]
    return con.sql(f"""
        SELECT pmr, level2 FROM (
            SELECT k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_level2_em AS level2,
                   ROW_NUMBER() OVER (PARTITION BY k.ks4_pupilmatchingrefanonymous
                                      ORDER BY k.ks4_ptscnewe {order}) AS place
            FROM {NPD}.ks4pupil_2002_to_2014 AS k
            WHERE k.ks4_acadyr = '{year - 1}/{year}' AND k.ks4_natres = 1 AND {rule}
        ) AS ranked
        WHERE place = 1 {"" if first else "OR place > 1"}
    """)


def old_results(con, year):
    """Key stage 4 records of one year to 2013/14 that count in national results."""
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_ptscnewe AS points, ks4_level2_em AS level2,
               ks4_new_type AS school_type
        FROM {NPD}.ks4pupil_2002_to_2014 WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_natres = 1
    """).df()


def ks4_cohort_pandas(con, year):
    records = old_results(con, year)
    if year >= 2009:
        records = records[records["school_type"] != 5]
    else:
        census = main_records(con, year, "ageatstartofacademicyear")
        at_school = set(census.loc[census["ageatstartofacademicyear"] == 15, "pmr"])
        records = records[records["pmr"].map(at_school.__contains__)]
    return records.sort_values("points", ascending=False).drop_duplicates("pmr")[["pmr", "level2"]]


def ks4_cohort_by_index(con, year):
    """The record with most points by its label, and state schools by a merge."""
    records = old_results(con, year)
    best = records.loc[records.groupby("pmr")["points"].idxmax()]
    if year >= 2009:
        return best.query("school_type != 5")[["pmr", "level2"]]
    census = main_records(con, year, "ageatstartofacademicyear").query("ageatstartofacademicyear == 15")
    return best.merge(census[["pmr"]], on="pmr")[["pmr", "level2"]]


def ks4_cohort_joined(con, year):
    """A left join to the census, and a CASE that says which source decides."""
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH placed AS (
            SELECT k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_level2_em AS level2, k.ks4_ptscnewe AS points,
                   CASE WHEN k.ks4_new_type = 5 THEN 0
                        WHEN k.ks4_new_type IS NULL AND s.pmr IS NULL THEN 0 ELSE 1 END AS state_funded
            FROM {NPD}.ks4pupil_2002_to_2014 AS k
            LEFT JOIN (SELECT DISTINCT pupilmatchingrefanonymous_{yy} AS pmr FROM {NPD}.spring_census_{year}
                       WHERE recordstatus_{yy} < 100 AND ageatstartofacademicyear_{yy} = 15) AS s
              ON s.pmr = k.ks4_pupilmatchingrefanonymous
            WHERE k.ks4_acadyr = '{year - 1}/{year}' AND k.ks4_natres = 1
        )
        SELECT DISTINCT pmr, FIRST_VALUE(level2) OVER (PARTITION BY pmr ORDER BY points DESC) AS level2
        FROM placed WHERE state_funded = 1
    """)


def ks4_cohort_arg_max(con, year):
    """The cohort by INTERSECT of keys, the record by arg_max."""
    yy = f"spr{year % 100:02d}"
    state = (
        f"SELECT ks4_pupilmatchingrefanonymous FROM {NPD}.ks4pupil_2002_to_2014 WHERE ks4_new_type IN (0, 1, 2, 3, 4)"
        if year >= 2009
        else f"SELECT pupilmatchingrefanonymous_{yy} FROM {NPD}.spring_census_{year} "
        f"WHERE ageatstartofacademicyear_{yy} = 15 AND recordstatus_{yy} < 100"
    )
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pmr, arg_max(ks4_level2_em, ks4_ptscnewe) AS level2
        FROM {NPD}.ks4pupil_2002_to_2014
        WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_natres = 1 AND ks4_pupilmatchingrefanonymous IN ({state})
        GROUP BY 1
    """)


Q5 = Question(
    name="q5",
    title="The key stage 4 cohort of published figures",
    answer_name="ks4_cohort",
    kind="function",
    points=3,
    columns={"pmr": "text", "level2": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    reference_sql=ks4_cohort,
    reference_pandas=ks4_cohort_pandas,
    calls=({"year": 2008}, {"year": 2010}, {"year": 2013}),
    universe=f"SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2002_to_2014",
    hints=(
        "Two rules say who went to a state-funded school, one for each half of the years: use if in Python.",
        "KS4_NEW_TYPE is missing before 2008/09, and a missing value is not unequal to 5.",
        "Choose the state-funded, then number each pupil's records by KS4_PTSCNEWE, most points first, and keep 1.",
    ),
    misconceptions=(
        slip(
            "independent-kept",
            "Pupils of independent schools are in your cohort. The published rule is state-funded schools only.",
            lambda con, year: ks4_cohort(con, year, state="all"),
        ),
        slip(
            "null-not-unequal",
            "Before 2008/09 the school type is missing, and a missing value is not unequal to 5, so nobody is left. "
            "In those years a main record in the spring census stands for a state-funded school.",
            lambda con, year: ks4_cohort(con, year, state="type"),
        ),
        slip(
            "lower-record",
            "You kept the record with fewer points. An order is ascending unless you write DESC.",
            lambda con, year: ks4_cohort(con, year, order="ASC"),
        ),
        slip(
            "every-record",
            "Pupils with two results stand twice. Keep the record with more points.",
            lambda con, year: ks4_cohort(con, year, first=False),
        ),
    ),
    alternatives=(ks4_cohort_by_index, ks4_cohort_joined, ks4_cohort_arg_max),
)


# q6: missing is not zero ---------------------------------------------------------------------------


def by_fsm_sql(
    join="LEFT JOIN", missing="'not known'", main="AND c.recordstatus_spr17 < 100", place="WHERE k.place = 1"
):
    return f"""
SELECT CASE WHEN c.fsmeligible_spr17 = 1 THEN 'eligible'
            WHEN c.fsmeligible_spr17 = 0 THEN 'not eligible'
            ELSE {missing} END AS fsm, COUNT(*) AS pupils, AVG(k.points) AS mean_att8
FROM (
    SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_att8 AS points,
           ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous ORDER BY ks4_att8 DESC) AS place
    FROM {NPD}.ks4pupil_2015_to_2021
    WHERE ks4_acadyr = '2016/2017'
) AS k
{join} {NPD}.spring_census_2017 AS c ON c.pupilmatchingrefanonymous_spr17 = k.pmr {main}
{place}
GROUP BY 1
"""


def best_results(con, year, *fields):
    return results(con, year, *fields).sort_values("points", ascending=False).drop_duplicates("pmr")


def by_fsm_pandas(con):
    table = best_results(con, 2017).merge(main_records(con, 2017, "fsmeligible"), how="left", on="pmr")
    table["fsm"] = table["fsmeligible"].map({1: "eligible", 0: "not eligible"}).fillna("not known")
    return table.groupby("fsm", as_index=False)["points"].agg(pupils="size", mean_att8="mean")


def by_fsm_looked_up(con):
    """Eligibility looked up by key, a group at a time."""
    best = best_results(con, 2017).set_index("pmr")["points"].astype(float)
    fsm = main_records(con, 2017, "fsmeligible").set_index("pmr")["fsmeligible"].reindex(best.index)
    groups = {"eligible": best[(fsm == 1).fillna(False)], "not eligible": best[(fsm == 0).fillna(False)]}
    groups["not known"] = best[fsm.isna()]
    rows = [(name, len(points), points.mean()) for name, points in groups.items()]
    return pd.DataFrame(rows, columns=["fsm", "pupils", "mean_att8"])


BEST_2017 = f"""SELECT ks4_pupilmatchingrefanonymous AS pmr, MAX(ks4_att8) AS points
    FROM {NPD}.ks4pupil_2015_to_2021 WHERE ks4_acadyr = '2016/2017' GROUP BY ks4_pupilmatchingrefanonymous"""

Q6 = Question(
    name="q6",
    title="Independent schools and missing free school meals",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"fsm": "text", "pupils": "number", "mean_att8": "number"},
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    reference_sql=by_fsm_sql(),
    reference_pandas=by_fsm_pandas,
    tolerance={"mean_att8": 0.01},
    hints=(
        "The base is the pupils with results. Who among them is in no census?",
        "Bring both sides to one row a pupil before the join: the better result, and the main record.",
        "The condition on recordstatus belongs in ON; CASE ... ELSE 'not known' takes in those without a record.",
    ),
    misconceptions=(
        slip(
            "missing-as-zero",
            "You counted pupils without a census record as not eligible. Nobody asked them: they went to independent "
            "schools. Give them a group of their own.",
            by_fsm_sql(missing="'not eligible'"),
        ),
        slip(
            "inner-join",
            "You lost the pupils who have results but no census record, by an inner join or by a condition on the "
            "census in WHERE. Keep them as not known.",
            by_fsm_sql(join="JOIN"),
        ),
        slip(
            "every-record",
            "You joined every record of the census, so pupils with a second record count twice, some of them as not "
            "known. Join main records only.",
            by_fsm_sql(main=""),
        ),
        slip(
            "two-results",
            "Pupils with two key stage 4 records count twice. Keep the one with more points before you join.",
            by_fsm_sql(place=""),
        ),
    ),
    alternatives=(
        f"""WITH k AS ({BEST_2017})
            SELECT 'not known' AS fsm, COUNT(*) AS pupils, AVG(points) AS mean_att8 FROM k WHERE NOT EXISTS (
                SELECT 1 FROM {NPD}.spring_census_2017 AS c WHERE c.pupilmatchingrefanonymous_spr17 = k.pmr)
            UNION ALL
            SELECT CASE WHEN c.fsmeligible_spr17 = 1 THEN 'eligible' ELSE 'not eligible' END, COUNT(*), AVG(k.points)
            FROM k JOIN {NPD}.spring_census_2017 AS c ON c.pupilmatchingrefanonymous_spr17 = k.pmr
            WHERE c.recordstatus_spr17 < 100 GROUP BY c.fsmeligible_spr17""",
        f"""WITH k AS ({BEST_2017}),
            labelled AS (
                SELECT k.points, COALESCE((
                    SELECT MAX(CASE WHEN c.fsmeligible_spr17 = 1 THEN 'eligible' ELSE 'not eligible' END)
                    FROM {NPD}.spring_census_2017 AS c
                    WHERE c.pupilmatchingrefanonymous_spr17 = k.pmr AND c.recordstatus_spr17 < 100), 'not known') AS fsm
                FROM k
            )
            SELECT fsm, COUNT(*) AS pupils, SUM(points) * 1.0 / COUNT(*) AS mean_att8 FROM labelled GROUP BY fsm""",
        by_fsm_looked_up,
    ),
)


# q7: ever eligible ---------------------------------------------------------------------------------


def ever_fsm(con, year, back=5, short=0, ever="MAX(h.fsm)", where=""):
    yy = f"spr{year % 100:02d}"
    stacked = " UNION ALL ".join(
        f"""SELECT {each} AS census, pupilmatchingrefanonymous_spr{each % 100:02d} AS pmr,
                   fsmeligible_spr{each % 100:02d} AS fsm
            FROM {NPD}.spring_census_{each} WHERE recordstatus_spr{each % 100:02d} < 100"""
        for each in range(year - back, year + 1 - short)
    )
    return con.sql(f"""
        SELECT c.pupilmatchingrefanonymous_{yy} AS pmr, c.fsmeligible_{yy} AS fsm, {ever} AS ever,
               COUNT(h.census) AS censuses
        FROM {NPD}.spring_census_{year} AS c
        LEFT JOIN ({stacked}) AS h ON h.pmr = c.pupilmatchingrefanonymous_{yy}
        WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
        GROUP BY c.pupilmatchingrefanonymous_{yy}, c.fsmeligible_{yy}
        {where}
    """)


def histories(con, year):
    """The main records of six censuses for the pupils in year 11 of the last, with the census."""
    now = main_records(con, year, "fsmeligible", "ncyearactual")
    now = now.loc[now["ncyearactual"] == "11", ["pmr", "fsmeligible"]].rename(columns={"fsmeligible": "fsm"})
    past = pd.concat(main_records(con, each, "fsmeligible").assign(census=each) for each in range(year - 5, year + 1))
    return now, now[["pmr"]].merge(past, on="pmr")


def ever_fsm_pandas(con, year):
    now, past = histories(con, year)
    return now.merge(
        past.groupby("pmr", as_index=False).agg(ever=("fsmeligible", "max"), censuses=("census", "size")), on="pmr"
    )


def ever_fsm_pivoted(con, year):
    """One column for each census."""
    now, past = histories(con, year)
    wide = past.pivot(index="pmr", columns="census", values="fsmeligible").reindex(now["pmr"]).astype(float)
    ever, censuses = wide.max(axis=1).to_numpy(), wide.notna().sum(axis=1).to_numpy()
    return now.assign(ever=ever, censuses=censuses)


def ever_fsm_exists(con, year):
    """A condition for each census, without stacking."""
    yy = f"spr{year % 100:02d}"
    found = [
        f"""(SELECT {what.format(f"{each % 100:02d}")} FROM {NPD}.spring_census_{each} AS h
             WHERE h.recordstatus_spr{each % 100:02d} < 100
               AND h.pupilmatchingrefanonymous_spr{each % 100:02d} = c.pupilmatchingrefanonymous_{yy})"""
        for what in ("MAX(h.fsmeligible_spr{})", "COUNT(*)")
        for each in range(year - 5, year + 1)
    ]
    return con.sql(f"""
        SELECT c.pupilmatchingrefanonymous_{yy} AS pmr, c.fsmeligible_{yy} AS fsm,
               GREATEST({", ".join(found[:6])}) AS ever, {" + ".join(found[6:])} AS censuses
        FROM {NPD}.spring_census_{year} AS c
        WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
    """)


def ever_fsm_windowed(con, year):
    """Windows over the stacked censuses, then the record of the last."""
    stacked = " UNION ALL ".join(
        f"""SELECT {each} AS census, pupilmatchingrefanonymous_spr{each % 100:02d} AS pmr,
                   fsmeligible_spr{each % 100:02d} AS fsm, ncyearactual_spr{each % 100:02d} AS year_group
            FROM {NPD}.spring_census_{each} WHERE recordstatus_spr{each % 100:02d} < 100"""
        for each in range(year - 5, year + 1)
    )
    return con.sql(f"""
        SELECT pmr, fsm, ever, censuses
        FROM (SELECT *, MAX(fsm) OVER (PARTITION BY pmr) AS ever, COUNT(*) OVER (PARTITION BY pmr) AS censuses
              FROM ({stacked}) AS h) AS t
        WHERE census = {year} AND year_group = '11'
    """)


Q7 = Question(
    name="q7",
    title="Ever eligible for free school meals in six years",
    answer_name="ever_fsm",
    kind="function",
    points=3,
    columns={"pmr": "text", "fsm": "number", "ever": "number", "censuses": "number"},
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    reference_sql=ever_fsm,
    reference_pandas=ever_fsm_pandas,
    calls=({"year": 2014}, {"year": 2018}),
    universe=" UNION ".join(
        f"""SELECT pupilmatchingrefanonymous_spr{yy} AS pmr FROM {NPD}.spring_census_20{yy}
            WHERE ncyearactual_spr{yy} = '11'"""
        for yy in (14, 18)
    ),
    hints=(
        "Six censuses: that of the year itself and the five before. Check that your range holds six numbers.",
        "Stack the main records of the six censuses, and join them to the pupils of year 11 by their key.",
        "Ever eligible is the largest of a pupil's values, MAX; the number of joined rows is the number of censuses.",
    ),
    misconceptions=(
        slip(
            "range-stops-short",
            "Your censuses stop one year early: the year itself is missing. range(year - 5, year) holds five numbers.",
            lambda con, year: ever_fsm(con, year, short=1),
        ),
        slip(
            "now-is-not-ever",
            "You gave the eligibility of year 11 as ever. A pupil who was eligible before and is not now counts as "
            "ever eligible.",
            lambda con, year: ever_fsm(con, year, ever=f"c.fsmeligible_spr{year % 100:02d}"),
        ),
        slip(
            "always-not-ever",
            "You took the smallest value, which says that a pupil was eligible in every census. Ever is the largest.",
            lambda con, year: ever_fsm(con, year, ever="MIN(h.fsm)"),
        ),
        slip(
            "complete-histories-only",
            "You kept only pupils who stand in all six censuses. Those who came later are pupils of year 11, too: "
            "keep them, and let censuses say how much is known.",
            lambda con, year: ever_fsm(con, year, where="HAVING COUNT(h.census) = 6"),
        ),
    ),
    alternatives=(ever_fsm_pivoted, ever_fsm_exists, ever_fsm_windowed),
)


# q8: do records disagree? --------------------------------------------------------------------------

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

Q8 = Question(
    name="q8",
    title="Does a person's ethnic group change, or its code?",
    answer_name="q8",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "codes": "number", "main_groups": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    reference_sql=disagreement_sql(),
    reference_pandas=disagreement_pandas,
    universe=f"SELECT DISTINCT ae_id FROM {LEO}.education_records_lookup",
    hints=(
        "Put each code into its main group first, with both code lists. Then count different ones for each person.",
        "Code 99 is no answer: it must be missing before you count, and COUNT(DISTINCT ...) leaves missing values out.",
        "COUNT(DISTINCT CASE WHEN ... END) for the groups, COUNT(DISTINCT NULLIF(ethnicity, 99)) for the codes.",
    ),
    misconceptions=(
        slip(
            "codes-as-groups",
            "You counted codes as main groups. The code list changed between the two years, so nearly everybody with "
            "records in both has two codes for one group: decode first, then count.",
            disagreement_sql(main_groups="NULLIF(l.ethnicity, 99)"),
        ),
        slip(
            "one-code-list",
            "You decoded all years with the newer list, so the older codes have no group, and people with older "
            "records only have 0. Use the list of the year.",
            disagreement_sql(main_groups=grouped(NEW_LIST | {"Other": (47, 98)}, otherwise="NULL")),
        ),
        slip(
            "not-provided-counted",
            "You counted code 99 as an ethnic group. It says that no answer was given: somebody with no other code "
            "has 0 groups.",
            disagreement_sql(codes="l.ethnicity", when="1 = 1"),
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


# q9: persistent absence ----------------------------------------------------------------------------


def persistent(con, year, threshold=None, compare=">=", absence="overallabsence", main="AND mainrecord_{yy} = 1"):
    yy = f"ab{year % 100:02d}"
    threshold = threshold or (15 if year <= 2015 else 10)
    flag = f"""SUM(CASE WHEN 100 * {absence}_6halfterms_{yy} {compare} {threshold} * sessionspossible_6halfterms_{yy}
                        THEN 1 ELSE 0 END)"""
    return con.sql(f"""
        SELECT gender_{yy} AS sex, COUNT(*) AS pupils, {flag} AS persistent, 100.0 * {flag} / COUNT(*) AS percent
        FROM (SELECT gender_{yy}, CAST({absence}_6halfterms_{yy} AS int) AS {absence}_6halfterms_{yy},
                     CAST(sessionspossible_6halfterms_{yy} AS int) AS sessionspossible_6halfterms_{yy}
              FROM {NPD}.absence_{year}_3term
              WHERE ageatstartofacademicyear_{yy} BETWEEN 11 AND 14 AND sessionspossible_6halfterms_{yy} > 0
                    {main.format(yy=yy)}) AS t
        GROUP BY gender_{yy}
    """)


def absences(con, year):
    """Main records of pupils aged 11 to 14 with sessions, names without the year."""
    yy = f"ab{year % 100:02d}"
    return con.sql(f"""
        SELECT gender_{yy} AS sex, CAST(overallabsence_6halfterms_{yy} AS int) AS missed,
               CAST(sessionspossible_6halfterms_{yy} AS int) AS possible
        FROM {NPD}.absence_{year}_3term
        WHERE mainrecord_{yy} = 1 AND ageatstartofacademicyear_{yy} IN (11, 12, 13, 14)
          AND sessionspossible_6halfterms_{yy} > 0
    """).df()


def persistent_pandas(con, year):
    table = absences(con, year)
    table["persistent"] = 100 * table["missed"] >= (15 if year <= 2015 else 10) * table["possible"]
    table = table.groupby("sex", as_index=False)["persistent"].agg(pupils="size", persistent="sum", percent="mean")
    return table.assign(percent=100 * table["percent"])


def persistent_filtered(con, year):
    """Two counts looked up by sex."""
    table = absences(con, year)
    pupils = table["sex"].value_counts()
    enough = (
        table[table["missed"] * (100 / 15 if year <= 2015 else 10) >= table["possible"]]["sex"]
        .value_counts()
        .reindex(pupils.index)
    )
    return pd.DataFrame(
        {"sex": pupils.index, "pupils": pupils, "persistent": enough, "percent": 100 * enough / pupils}
    ).reset_index(drop=True)


def persistent_average(con, year):
    """A flag for each pupil, and its mean, with the threshold in the SQL."""
    yy = f"ab{year % 100:02d}"
    return con.sql(f"""
        WITH pupils AS (
            SELECT gender_{yy} AS sex,
                   CASE WHEN overallabsence_6halfterms_{yy} * 1000
                             >= sessionspossible_6halfterms_{yy} * CASE WHEN {year} <= 2015 THEN 150 ELSE 100 END
                        THEN 1 ELSE 0 END AS flag
            FROM (SELECT gender_{yy}, mainrecord_{yy}, ageatstartofacademicyear_{yy},
                         overallabsence_6halfterms_{yy}::INT AS overallabsence_6halfterms_{yy},
                         sessionspossible_6halfterms_{yy}::INT AS sessionspossible_6halfterms_{yy}
                  FROM {NPD}.absence_{year}_3term) AS a
            WHERE mainrecord_{yy} = 1 AND ageatstartofacademicyear_{yy} BETWEEN 11 AND 14
              AND sessionspossible_6halfterms_{yy} > 0
        )
        SELECT sex, COUNT(*) AS pupils, SUM(flag) AS persistent, AVG(flag) * 100 AS percent FROM pupils GROUP BY sex
    """)


def persistent_united(con, year):
    """The persistent and the others apart, then added up."""
    table = absences(con, year)
    enough = table["missed"] * 100 - table["possible"] * (15 if year <= 2015 else 10) >= 0
    counts = pd.crosstab(table["sex"], enough)
    return pd.DataFrame(
        {
            "sex": counts.index,
            "pupils": counts.sum(axis=1).to_numpy(),
            "persistent": counts[True].to_numpy(),
            "percent": (100 * counts[True] / counts.sum(axis=1)).to_numpy(),
        }
    )


Q9 = Question(
    name="q9",
    title="Persistent absence and its base",
    answer_name="persistent",
    kind="function",
    points=3,
    columns={"sex": "text", "pupils": "number", "persistent": "number", "percent": "number"},
    identity=("sex",),
    unit="sex",
    lesson=LESSON,
    reference_sql=persistent,
    reference_pandas=persistent_pandas,
    tolerance={"percent": 0.01},
    calls=({"year": 2014}, {"year": 2018}),
    hints=(
        "The threshold depends on the year: 15 per cent to 2014/15, 10 per cent from 2015/16.",
        "Compare whole numbers: 100 times the sessions missed with the threshold times the sessions possible.",
        "Reaching the threshold is enough: use >=. And keep main records, with mainrecord = 1.",
    ),
    misconceptions=(
        slip(
            "one-threshold",
            "You used 10 per cent in every year. To 2014/15 the threshold was 15 per cent.",
            lambda con, year: persistent(con, year, threshold=10),
        ),
        slip(
            "above-not-at",
            "You asked for more than the threshold. Absence is persistent when it reaches the threshold: >=.",
            lambda con, year: persistent(con, year, compare=">"),
        ),
        slip(
            "unauthorised-only",
            "You counted unauthorised absence only. Overall absence counts every session missed, with or without "
            "leave.",
            lambda con, year: persistent(con, year, absence="unauthorisedabsence"),
        ),
        slip(
            "every-record",
            "You kept every record, so pupils with a second one count twice. Keep mainrecord = 1.",
            lambda con, year: persistent(con, year, main=""),
        ),
    ),
    alternatives=(persistent_filtered, persistent_average, persistent_united),
)


# q10: keys and a flag ------------------------------------------------------------------------------


def keys_sql(join="LEFT JOIN", linked="MAX(CASE WHEN k.edukey IS NULL THEN 0 ELSE 1 END)", group="c.pmr"):
    return f"""
SELECT c.pmr, MIN(p.ae_id) AS ae_id, {linked} AS linked
FROM (
    SELECT pupilmatchingrefanonymous_spr14 AS pmr FROM {NPD}.spring_census_2014
    WHERE ncyearactual_spr14 IN ('10', '11') AND recordstatus_spr14 < 100
) AS c
{join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
{join} {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
GROUP BY {group}
"""


def lookups(con):
    """The two lookups: PMR to AE_ID, and AE_ID to EDUKEY."""
    people = con.sql(f"SELECT pupilmatchingrefanonymous AS pmr, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    return people, con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df()


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


Q10 = Question(
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
    reference_sql=keys_sql(),
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
            keys_sql(join="JOIN"),
        ),
        slip(
            "rows-not-keys",
            "Pupils with two AE_IDs have two rows. Bring each pupil to one row, with the lowest AE_ID.",
            keys_sql(group="c.pmr, p.ae_id"),
        ),
        slip(
            "ae-ids",
            "You called pupils linked who have an AE_ID. Every pupil has one: linked means leading to an EDUKEY.",
            keys_sql(linked="MAX(CASE WHEN p.ae_id IS NULL THEN 0 ELSE 1 END)"),
        ),
        slip(
            "keys-not-a-flag",
            "You gave the number of joined rows with an EDUKEY. A flag is 1 or 0, however many keys there are.",
            keys_sql(linked="COUNT(k.edukey)"),
        ),
    ),
    alternatives=(
        f"""SELECT c.pupilmatchingrefanonymous_spr14 AS pmr,
                   (SELECT MIN(p.ae_id) FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                    WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr14) AS ae_id,
                   CASE WHEN EXISTS (
                       SELECT 1 FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
                       JOIN {LEO}.learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
                       WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr14) THEN 1 ELSE 0 END
                   AS linked
            FROM {NPD}.spring_census_2014 AS c
            WHERE c.ncyearactual_spr14 IN ('10', '11') AND c.recordstatus_spr14 < 100""",
        f"""SELECT pmr, ae_id, linked
            FROM (SELECT c.pupilmatchingrefanonymous_spr14 AS pmr, p.ae_id,
                         ROW_NUMBER() OVER (PARTITION BY c.pupilmatchingrefanonymous_spr14 ORDER BY p.ae_id) AS place,
                         MAX(CASE WHEN p.ae_id IN (SELECT ae_id FROM {LEO}.learner_ae_id_to_edukey_lookup)
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


# q11: the whole table ------------------------------------------------------------------------------


def table_sql(
    place="WHERE place = 1",
    join="LEFT JOIN",
    main="AND c.recordstatus_spr18 < 100",
    fsm="c.fsmeligible_spr18",
    cohort="k.born - CASE WHEN k.month < 9 THEN 1 ELSE 0 END",
    edukeys="COUNT(DISTINCT e.edukey)",
):
    return f"""
WITH ranked AS (
    SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_yearofbirth AS born, ks4_monthofbirth AS month,
           CASE WHEN ks4_gender = 'F' THEN 1 ELSE 0 END AS female, ks4_new_type AS school_type, ks4_att8 AS att8,
           ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous ORDER BY ks4_att8 DESC) AS place
    FROM {NPD}.ks4pupil_2015_to_2021
    WHERE ks4_acadyr = '2017/2018'
),
keys AS (
    SELECT k.pmr, k.place, {edukeys} AS edukeys
    FROM ranked AS k
    LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.pmr
    LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
    GROUP BY k.pmr, k.place
)
SELECT k.pmr, {cohort} AS birth_cohort, k.female, CASE WHEN k.school_type = 5 THEN 0 ELSE 1 END AS state_funded,
       {fsm} AS fsm, k.att8, keys.edukeys, CASE WHEN keys.edukeys > 0 THEN 1 ELSE 0 END AS linked
FROM (SELECT * FROM ranked {place}) AS k
JOIN keys ON keys.pmr = k.pmr AND keys.place = k.place
{join} {NPD}.spring_census_2018 AS c ON c.pupilmatchingrefanonymous_spr18 = k.pmr {main}
"""


TABLE_FIELDS = ("ks4_yearofbirth AS born", "ks4_monthofbirth AS month", "ks4_gender AS sex", "ks4_new_type AS type")


def table_pandas(con):
    people, outcomes = lookups(con)
    keys = people.merge(outcomes, on="ae_id").groupby("pmr")["edukey"].nunique()
    table = best_results(con, 2018, *TABLE_FIELDS).rename(columns={"points": "att8"})
    table = table.merge(main_records(con, 2018, "fsmeligible"), how="left", on="pmr")
    table = table.rename(columns={"fsmeligible": "fsm"})
    table["birth_cohort"] = table["born"].astype(int) - (table["month"] < 9).astype(int)
    table["state_funded"] = (table["type"] != 5).astype(int)
    table["female"] = (table["sex"] == "F").astype(int)
    table["edukeys"] = table["pmr"].map(keys).fillna(0).astype(int)
    return table.assign(linked=(table["edukeys"] > 0).astype(int))


def table_indexed(con):
    """Column by column, each looked up by key."""
    best = best_results(con, 2018, *TABLE_FIELDS).set_index("pmr")
    people, outcomes = lookups(con)
    pairs = people.merge(outcomes, on="ae_id")[["pmr", "edukey"]].drop_duplicates()
    fsm = main_records(con, 2018, "fsmeligible").set_index("pmr")["fsmeligible"]
    edukeys = pairs["pmr"].value_counts().reindex(best.index, fill_value=0)
    return pd.DataFrame(
        {
            "pmr": best.index,
            "birth_cohort": ((best["born"].astype(int) * 12 + best["month"].astype(int) - 9) // 12).to_numpy(),
            "female": [int(sex == "F") for sex in best["sex"]],
            "state_funded": [int(kind != 5) for kind in best["type"]],
            "fsm": fsm.reindex(best.index).astype(float).to_numpy(),
            "att8": best["points"].astype(float).to_numpy(),
            "edukeys": edukeys.to_numpy(),
            "linked": edukeys.clip(upper=1).to_numpy(),
        }
    )


TABLE_SCALAR_SQL = f"""
SELECT t.*, CASE WHEN t.edukeys = 0 THEN 0 ELSE 1 END AS linked
FROM (
    SELECT k.ks4_pupilmatchingrefanonymous AS pmr,
           MAX(CASE WHEN k.ks4_monthofbirth >= 9 THEN k.ks4_yearofbirth ELSE k.ks4_yearofbirth - 1 END) AS birth_cohort,
           MAX(CASE k.ks4_gender WHEN 'F' THEN 1 ELSE 0 END) AS female,
           MAX(CASE WHEN k.ks4_new_type = 5 THEN 0 ELSE 1 END) AS state_funded,
           (SELECT MAX(c.fsmeligible_spr18) FROM {NPD}.spring_census_2018 AS c
            WHERE c.pupilmatchingrefanonymous_spr18 = k.ks4_pupilmatchingrefanonymous AND c.recordstatus_spr18 < 100)
           AS fsm,
           MAX(k.ks4_att8) AS att8,
           (SELECT COUNT(DISTINCT e.edukey) FROM {LEO}.learner_ae_id_to_pmr_lookup AS p
            JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
            WHERE p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous) AS edukeys
    FROM {NPD}.ks4pupil_2015_to_2021 AS k
    WHERE k.ks4_acadyr = '2017/2018'
    GROUP BY k.ks4_pupilmatchingrefanonymous
) AS t
"""

TABLE_GROUPED_SQL = f"""
SELECT k.ks4_pupilmatchingrefanonymous AS pmr,
       MIN(k.ks4_yearofbirth - CASE WHEN k.ks4_monthofbirth < 9 THEN 1 ELSE 0 END) AS birth_cohort,
       COUNT(DISTINCT CASE WHEN k.ks4_gender = 'F' THEN 1 END) AS female,
       MIN(CASE WHEN k.ks4_new_type = 5 THEN 0 ELSE 1 END) AS state_funded,
       MAX(c.fsmeligible_spr18) AS fsm, MAX(k.ks4_att8) AS att8, COUNT(DISTINCT e.edukey) AS edukeys,
       MAX(CASE WHEN e.edukey IS NULL THEN 0 ELSE 1 END) AS linked
FROM {NPD}.ks4pupil_2015_to_2021 AS k
LEFT JOIN {NPD}.spring_census_2018 AS c
  ON c.pupilmatchingrefanonymous_spr18 = k.ks4_pupilmatchingrefanonymous AND c.recordstatus_spr18 < 100
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
WHERE k.ks4_acadyr = '2017/2018'
GROUP BY k.ks4_pupilmatchingrefanonymous
"""

Q11 = Question(
    name="q11",
    title="The cohort as one table",
    answer_name="q11",
    kind="sql",
    points=4,
    columns={
        "pmr": "text",
        "birth_cohort": "number",
        "female": "number",
        "state_funded": "number",
        "fsm": "number",
        "att8": "number",
        "edukeys": "number",
        "linked": "number",
    },
    identity=("pmr",),
    unit="pupil",
    people=True,
    lesson=LESSON,
    reference_sql=table_sql(),
    reference_pandas=table_pandas,
    tolerance={"att8": 0.001},
    universe=f"""SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr FROM {NPD}.ks4pupil_2015_to_2021
                 WHERE ks4_acadyr = '2017/2018'""",
    hints=(
        "Start from the key stage 4 records, one a pupil. Every join after that must keep that number of rows.",
        "Bring the keys to one row a pupil in a common table expression before you join them.",
        "LEFT JOIN the main records of the census, and leave FSM missing where there is none.",
    ),
    misconceptions=(
        slip(
            "two-results",
            "Pupils with two key stage 4 records have two rows. Keep the one with more points before you join.",
            table_sql(place=""),
        ),
        slip(
            "inner-join",
            "You lost the pupils without a census record, those of independent schools. Join the census with a LEFT "
            "JOIN and leave their FSM missing.",
            table_sql(join="JOIN"),
        ),
        slip(
            "every-record",
            "You joined every record of the census, so pupils with a second record have two rows. Join main records.",
            table_sql(main=""),
        ),
        slip(
            "missing-as-zero",
            "You turned missing FSM into 0. Pupils of independent schools were never asked: leave it missing.",
            table_sql(fsm="COALESCE(c.fsmeligible_spr18, 0)"),
        ),
        slip(
            "calendar-year-of-birth",
            "Your birth cohort is the calendar year of birth. Somebody born before September belongs to the cohort "
            "that began the year before.",
            table_sql(cohort="k.born"),
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows as EDUKEYs. Two AE_IDs can lead to one EDUKEY: count different ones.",
            table_sql(edukeys="COUNT(e.edukey)"),
        ),
    ),
    alternatives=(TABLE_SCALAR_SQL, TABLE_GROUPED_SQL, table_indexed),
)


# q12: a figure -------------------------------------------------------------------------------------

FIGURE_YEARS = range(2015, 2021)


def fsm_points(con, base="main", scale=100.0, groups=("11",)):
    """Percentage of year 11 eligible for free school meals, by year of the census."""
    points = []
    for year in FIGURE_YEARS:
        census = spring(con, year, "fsmeligible", "ncyearactual")
        census = census[census["ncyearactual"].isin(groups)] if groups else census
        census = census if base == "records" else census[census["recordstatus"] < 100]
        people = results(con, year)["pmr"].nunique() if base == "results" else len(census)
        points.append({"x": year, "y": scale * float(census["fsmeligible"].sum()) / people})
    return pd.DataFrame(points)


def fsm_sql(con):
    return con.sql(
        " UNION ALL ".join(
            f"""SELECT {year} AS x, 100.0 * SUM(fsmeligible_spr{year % 100}) / COUNT(*) AS y
                FROM {NPD}.spring_census_{year}
                WHERE ncyearactual_spr{year % 100} = '11' AND recordstatus_spr{year % 100} < 100"""
            for year in FIGURE_YEARS
        )
    )


def fsm_grouped(con):
    """All censuses stacked, then grouped."""
    stacked = pd.concat(main_records(con, year, "fsmeligible", "ncyearactual").assign(x=year) for year in FIGURE_YEARS)
    stacked = stacked[stacked["ncyearactual"] == "11"].astype({"fsmeligible": float})
    return (100 * stacked.groupby("x")["fsmeligible"].mean()).rename("y").reset_index()


def fsm_averaged(con):
    """A flag and its mean, in SQL, over pupils told apart by a window."""
    stacked = " UNION ALL ".join(
        f"""SELECT {year} AS x, fsmeligible_spr{year % 100} AS fsm,
                   ROW_NUMBER() OVER (PARTITION BY pupilmatchingrefanonymous_spr{year % 100}
                                      ORDER BY recordstatus_spr{year % 100}) AS place
            FROM {NPD}.spring_census_{year} WHERE ncyearactual_spr{year % 100} = '11'"""
        for year in FIGURE_YEARS
    )
    return con.sql(f"SELECT x, 100 * AVG(fsm) AS y FROM ({stacked}) AS t WHERE place = 1 GROUP BY x")


def fsm_drawn(con):
    """Drawn as a line."""
    import matplotlib.pyplot as plt

    table = fsm_sql(con).df().sort_values("x")
    _, axes = plt.subplots()
    axes.plot(table["x"], table["y"], marker="o")
    axes.set(xlabel="Census year", ylabel="Eligible (%)", title="Year 11 (simulated data)")
    return axes


Q12 = figure_question(
    name="q12",
    title="Free school meals in year 11, as a figure",
    points=3,
    lesson=LESSON,
    reference_sql=fsm_sql,
    reference_pandas=fsm_points,
    x_label="year|census",
    y_label="%|per cent|percent",
    hints=(
        "Compute the six percentages first, as a table. Draw when they look right.",
        "Numerator and denominator come from the same rows: main records of year 11.",
        "100.0 * SUM(fsmeligible) / COUNT(*) over main records, for each census.",
    ),
    misconceptions=(
        slip(
            "records-counted",
            "You counted records. Pupils registered twice count twice, and records of pupils who left have no FSM: "
            "keep main records.",
            lambda con: fsm_points(con, base="records"),
        ),
        slip(
            "missing-as-zero",
            "Your denominator is the pupils with results. Those of independent schools are in no census, so they "
            "count as not eligible, though nobody asked.",
            lambda con: fsm_points(con, base="results"),
        ),
        slip(
            "all-year-groups",
            "You took all pupils of the census. The question asks for those in year 11.",
            lambda con: fsm_points(con, groups=()),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: fsm_points(con, scale=1.0),
        ),
    ),
    alternatives=(fsm_grouped, fsm_averaged, fsm_drawn),
)

ASSIGNMENT = Assignment(
    name="02-cohort-construction",
    title="Cohort construction",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9, Q10, Q11, Q12),
    written={"q13": 4},
    worked=Q0,
)
