"""A table for release: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, figure_question, tax_year_bounds, winter
from leocourse.authoring import Assignment, Question

slip = slips(__file__)

COHORT_LESSON = "Building a cohort"
WORK_LESSON = "Work: spells and tax years"
EARNINGS_LESSON = "Measuring earnings"
RELEASE_LESSON = "Outputs that may leave"
SPRING = 'npd_i2."2005003".spring_census_2011'


# q0: the worked example ----------------------------------------------------------------------------

GENDER_SQL = """
SELECT gender_spr10 AS gender, count(*) AS pupils
FROM npd_i2."2005003".spring_census_2010
WHERE ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100
GROUP BY gender_spr10
"""


def gender_pandas(con):
    census = con.sql("""
        SELECT gender_spr10 AS gender, ncyearactual_spr10 AS year_group, recordstatus_spr10 AS status
        FROM npd_i2."2005003".spring_census_2010
    """).df()
    main = census[(census["year_group"] == "11") & (census["status"] < 100)]
    return main.groupby("gender").size().rename("pupils").reset_index()


Q0 = Question(
    name="q0",
    title="Year 11 in 2009/10 by gender",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"gender": "text", "pupils": "number"},
    identity=("gender",),
    unit="gender",
    lesson=COHORT_LESSON,
    reference_sql=GENDER_SQL,
    reference_pandas=gender_pandas,
    hints=(
        "The academic year 2009/10 ends in 2010, and the views are named after that year.",
        "Count the main record of each pupil, not every record.",
        "Main records are those with recordstatus_spr10 below 100; then count by gender_spr10.",
    ),
    misconceptions=(
        slip(
            "every-record",
            "You counted every record. Some pupils have two: keep the main record of each, which RecordStatus tells.",
            GENDER_SQL.replace(" AND recordstatus_spr10 < 100", ""),
        ),
        slip(
            "year-it-ends",
            "You took the census of the year after. 2009/10 ends in 2010, so its January census is spring_census_2010.",
            GENDER_SQL.replace("2010", "2011").replace("spr10", "spr11"),
        ),
        slip(
            "share-not-percent",
            "You gave shares. The question asks for numbers of pupils.",
            GENDER_SQL.replace("count(*) AS", "1.0 * count(*) / sum(count(*)) OVER () AS"),
        ),
    ),
    alternatives=(
        """
        SELECT gender_spr10 AS gender, count(DISTINCT pupilmatchingrefanonymous_spr10) AS pupils
        FROM npd_i2."2005003".spring_census_2010 WHERE ncyearactual_spr10 = '11' GROUP BY 1
        """,
        """
        SELECT 'F' AS gender, sum(CASE WHEN gender_spr10 = 'F' THEN 1 ELSE 0 END) AS pupils
        FROM npd_i2."2005003".spring_census_2010 WHERE ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100
        UNION ALL
        SELECT 'M', sum(CASE WHEN gender_spr10 = 'M' THEN 1 ELSE 0 END)
        FROM npd_i2."2005003".spring_census_2010 WHERE ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100
        """,
        lambda con: (
            con.sql('FROM npd_i2."2005003".spring_census_2010')
            .filter("ncyearactual_spr10 = '11' AND recordstatus_spr10 < 100")
            .aggregate("gender_spr10 AS gender, count(*) AS pupils")
        ),
    ),
)


# q1: one row a pupil -------------------------------------------------------------------------------

COHORT_SQL = f"""
SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm
FROM {SPRING}
WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
"""


def cohort_pandas(con):
    census = con.sql(f"SELECT * FROM {SPRING}").df()
    main = census[(census["ncyearactual_spr11"] == "11") & (census["recordstatus_spr11"] < 100)]
    return main[["pupilmatchingrefanonymous_spr11", "fsmeligible_spr11"]].set_axis(
        ["pupilmatchingrefanonymous", "fsm"], axis=1
    )


COHORT_BY_PLACE = f"""
SELECT pupilmatchingrefanonymous, fsm
FROM (
    SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm,
        row_number() OVER (PARTITION BY pupilmatchingrefanonymous_spr11 ORDER BY recordstatus_spr11) AS place
    FROM {SPRING}
    WHERE ncyearactual_spr11 = '11'
) AS ranked
WHERE place = 1
"""
COHORT_BY_ABSENCE = f"""
SELECT c.pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, c.fsmeligible_spr11 AS fsm
FROM {SPRING} c
WHERE c.ncyearactual_spr11 = '11' AND NOT EXISTS (
    SELECT 1
    FROM {SPRING} o
    WHERE o.pupilmatchingrefanonymous_spr11 = c.pupilmatchingrefanonymous_spr11
      AND o.recordstatus_spr11 < c.recordstatus_spr11
)
"""


def cohort_by_sorting(con):
    census = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous, fsmeligible_spr11 AS fsm,
            ncyearactual_spr11 AS year_group, recordstatus_spr11 AS status
        FROM {SPRING}
    """).df()
    return census.query("year_group == '11'").sort_values("status").drop_duplicates("pupilmatchingrefanonymous")


Q1 = Question(
    name="q1",
    title="Year 11 in 2010/11, one row a pupil",
    answer_name="q1",
    kind="sql",
    points=2,
    columns={"pupilmatchingrefanonymous": "text", "fsm": "number"},
    identity=("pupilmatchingrefanonymous",),
    unit="pupil",
    people=True,
    lesson=COHORT_LESSON,
    reference_sql=COHORT_SQL,
    reference_pandas=cohort_pandas,
    universe=f"SELECT DISTINCT pupilmatchingrefanonymous_spr11 AS pupilmatchingrefanonymous FROM {SPRING}",
    hints=(
        "Count rows and count distinct pupils. Are the two numbers the same?",
        "RecordStatus tells the main record of a pupil from its duplicates.",
        "Main records are those with recordstatus_spr11 below 100.",
    ),
    misconceptions=(
        slip(
            "every-record",
            "You kept every record. Some pupils have two: they are registered at two schools, or a former school "
            "still returns them. Keep the main record of each, which RecordStatus tells.",
            COHORT_SQL.replace(" AND recordstatus_spr11 < 100", ""),
        ),
        slip(
            "distinct",
            "SELECT DISTINCT only drops rows that are the same in every column. The second record of a pupil who is "
            "off roll has no FSM value, so it differs and stays. Choose the main record with RecordStatus.",
            COHORT_SQL.replace("SELECT ", "SELECT DISTINCT ").replace(" AND recordstatus_spr11 < 100", ""),
        ),
        slip(
            "on-roll",
            "OnRoll = 1 drops pupils who have left, but a pupil registered at two schools is on roll at both. Choose"
            " the main record with RecordStatus.",
            COHORT_SQL.replace("recordstatus_spr11 < 100", "onroll_spr11 = 1"),
        ),
        slip(
            "year-it-begins",
            "You used the census of the year in which 2010/11 begins. spring_census_2010 is January 2010, in the "
            "academic year 2009/10; 2010/11 is spring_census_2011.",
            COHORT_SQL.replace("_spr11", "_spr10").replace("2011", "2010"),
        ),
    ),
    alternatives=(
        COHORT_BY_PLACE,
        COHORT_BY_ABSENCE,
        cohort_by_sorting,
    ),
)


# q2: how many keys to outcomes ---------------------------------------------------------------------

KEYS_SQL = f"""
WITH cohort AS ({COHORT_SQL})
SELECT c.pupilmatchingrefanonymous, count(DISTINCT e.edukey) AS edukeys
FROM cohort c
LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous
LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
GROUP BY c.pupilmatchingrefanonymous
"""


def keys_pandas(con):
    people = con.sql(f"SELECT * FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    outcomes = con.sql(f"SELECT * FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    linked = cohort_pandas(con).merge(people, how="left").merge(outcomes, how="left", on="ae_id")
    return linked.groupby("pupilmatchingrefanonymous")["edukey"].nunique().rename("edukeys").reset_index()


KEYS_BY_SUBQUERY = f"""
SELECT c.pupilmatchingrefanonymous, (
    SELECT count(DISTINCT e.edukey)
    FROM {LEO}.learner_ae_id_to_pmr_lookup p
    JOIN {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
    WHERE p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous
) AS edukeys
FROM ({COHORT_SQL}) c
"""
KEYS_COUNTED_FIRST = f"""
WITH pairs AS (
    SELECT p.pupilmatchingrefanonymous AS pmr, e.edukey
    FROM {LEO}.learner_ae_id_to_pmr_lookup p, {LEO}.learner_ae_id_to_edukey_lookup e
    WHERE e.ae_id = p.ae_id
    GROUP BY p.pupilmatchingrefanonymous, e.edukey
),
counted AS (SELECT pmr, count(*) AS edukeys FROM pairs GROUP BY pmr)
SELECT c.pupilmatchingrefanonymous, coalesce(k.edukeys, 0) AS edukeys
FROM ({COHORT_SQL}) c LEFT JOIN counted k ON k.pmr = c.pupilmatchingrefanonymous
"""


def keys_by_mapping(con):
    """A dictionary of sets, without a join of tables."""
    edukeys, found = {}, {}
    for ae_id, edukey in con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").fetchall():
        edukeys.setdefault(ae_id, set()).add(edukey)
    people = con.sql(f"SELECT pupilmatchingrefanonymous, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").fetchall()
    for pmr, ae_id in people:
        found.setdefault(pmr, set()).update(edukeys.get(ae_id, ()))
    pupils = [pmr for pmr, _ in con.sql(COHORT_SQL).fetchall()]
    return pd.DataFrame({"pupilmatchingrefanonymous": pupils, "edukeys": [len(found.get(p, ())) for p in pupils]})


Q2 = Question(
    name="q2",
    title="From pupils to keys of outcomes",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"pupilmatchingrefanonymous": "text", "edukeys": "number"},
    identity=("pupilmatchingrefanonymous",),
    unit="pupil",
    people=True,
    lesson=COHORT_LESSON,
    reference_sql=KEYS_SQL,
    reference_pandas=keys_pandas,
    universe=Q1.universe,
    hints=(
        "Every pupil of q1 should be in the answer. Does your join lose anybody?",
        "A pupil who leads to no EDUKEY has 0 of them. An inner join drops such a pupil.",
        "Some pupils have two AE_IDs that lead to the same EDUKEY: count distinct ones.",
    ),
    misconceptions=(
        slip(
            "inner-join",
            "An inner join drops pupils who lead to no EDUKEY. They are part of the cohort, and not a random part: "
            "keep them with a LEFT JOIN and give them 0.",
            KEYS_SQL.replace("LEFT JOIN", "JOIN"),
        ),
        slip(
            "rows-not-keys",
            "You counted joined rows. A pupil with two AE_IDs reaches the same EDUKEY along two paths, so rows "
            "outnumber keys: count distinct EDUKEYs.",
            KEYS_SQL.replace("count(DISTINCT e.edukey)", "count(e.edukey)"),
        ),
        slip(
            "ae-ids",
            "You counted AE_IDs. An AE_ID may lead to no EDUKEY, or to two: go one lookup further, and count EDUKEYs.",
            KEYS_SQL.replace("count(DISTINCT e.edukey)", "count(DISTINCT p.ae_id)"),
        ),
    ),
    alternatives=(
        KEYS_BY_SUBQUERY,
        KEYS_COUNTED_FIRST,
        keys_by_mapping,
    ),
)


# q3: birth cohorts in a census ---------------------------------------------------------------------


def birth_cohorts(con, year, cohort="CASE WHEN {month} >= 9 THEN {born} ELSE {born} - 1 END", main=True):
    suffix = f"spr{year % 100:02d}"
    label = cohort.format(month=f"monthofbirth_{suffix}", born=f"yearofbirth_{suffix}")
    kept = f"recordstatus_{suffix} < 100" if main else "1 = 1"
    return con.sql(f"""
        SELECT {label} AS birth_cohort, count(*) AS pupils
        FROM npd_i2."2005003".spring_census_{year} WHERE {kept} GROUP BY 1 ORDER BY 1
    """)


def birth_cohorts_pandas(con, year):
    suffix = f"spr{year % 100:02d}"
    census = con.sql(f'SELECT * FROM npd_i2."2005003".spring_census_{year}').df()
    main = census[census[f"recordstatus_{suffix}"] < 100]
    cohort = main[f"yearofbirth_{suffix}"] - (main[f"monthofbirth_{suffix}"] < 9).astype(int)
    return cohort.rename("birth_cohort").value_counts().rename("pupils").reset_index()


def birth_cohorts_by_months(con, year):
    """Months since September of the year 0, in whole years."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT CAST(floor((12 * yearofbirth_{suffix} + monthofbirth_{suffix} - 9) / 12.0) AS int) AS birth_cohort,
            count(DISTINCT pupilmatchingrefanonymous_{suffix}) AS pupils
        FROM npd_i2."2005003".spring_census_{year}
        GROUP BY 1
    """)


def birth_cohorts_by_union(con, year):
    """The two halves of a cohort, added up."""
    suffix, view = f"spr{year % 100:02d}", f'npd_i2."2005003".spring_census_{year}'
    return con.sql(f"""
        SELECT birth_cohort, sum(pupils) AS pupils
        FROM (
            SELECT yearofbirth_{suffix} AS birth_cohort, count(*) AS pupils FROM {view}
            WHERE recordstatus_{suffix} < 100 AND monthofbirth_{suffix} BETWEEN 9 AND 12 GROUP BY 1
            UNION ALL
            SELECT yearofbirth_{suffix} - 1, count(*) FROM {view}
            WHERE recordstatus_{suffix} < 100 AND monthofbirth_{suffix} BETWEEN 1 AND 8 GROUP BY 1
        ) AS halves
        GROUP BY birth_cohort
    """)


def birth_cohorts_by_arrow(con, year):
    suffix = f"spr{year % 100:02d}"
    rows = con.sql(f'FROM npd_i2."2005003".spring_census_{year}').filter(f"recordstatus_{suffix} < 100")
    born = rows.project(f"yearofbirth_{suffix} AS born, monthofbirth_{suffix} AS month").to_arrow_table().to_pandas()
    first_of_month = pd.to_datetime(born["born"].astype(str) + "-" + born["month"].astype(str) + "-01")
    cohort = (first_of_month - pd.DateOffset(months=8)).dt.year.rename("birth_cohort")
    return cohort.to_frame().assign(pupils=1).groupby("birth_cohort").sum().reset_index()


Q3 = Question(
    name="q3",
    title="Birth cohorts in a census, as a function of the year",
    answer_name="birth_cohorts",
    kind="function",
    points=3,
    columns={"birth_cohort": "number", "pupils": "number"},
    identity=("birth_cohort",),
    unit="birth cohort",
    lesson=COHORT_LESSON,
    reference_sql=birth_cohorts,
    reference_pandas=birth_cohorts_pandas,
    calls=({"year": 2009}, {"year": 2012}),
    hints=(
        "An academic year of birth runs from September to August.",
        "Somebody born in March 1995 belongs to 1994/95, so to birth cohort 1994.",
        "The view and its columns carry the year: build their names from the argument with an f-string.",
    ),
    misconceptions=(
        slip(
            "calendar-year-of-birth",
            "You grouped by the calendar year of birth. School years run from September: somebody born in March 1995"
            " is in the same cohort as somebody born in October 1994.",
            lambda con, year: birth_cohorts(con, year, cohort="{born}"),
        ),
        slip(
            "year-it-ends",
            "You named cohorts after the year in which they end. The question calls 1994/95 by its first year, 1994.",
            lambda con, year: birth_cohorts(con, year, cohort="CASE WHEN {month} >= 9 THEN {born} + 1 ELSE {born} END"),
        ),
        slip(
            "october",
            "People born in September are one cohort too early: the cohort begins with September, so test for month "
            "9 and later.",
            lambda con, year: birth_cohorts(con, year, cohort="CASE WHEN {month} > 9 THEN {born} ELSE {born} - 1 END"),
        ),
        slip(
            "records-counted",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            lambda con, year: birth_cohorts(con, year, main=False),
        ),
    ),
    alternatives=(
        birth_cohorts_by_months,
        birth_cohorts_by_union,
        birth_cohorts_by_arrow,
    ),
)


# q4: days in work in a tax year --------------------------------------------------------------------


def days_in_work(con, tax_year, first=None, last=None, clip_end=True, inclusive=True, starts_inside=False):
    first, last = (first, last) if first else tax_year_bounds(tax_year)
    end = f"least(enddate, DATE '{last}')" if clip_end else "enddate"
    begun = f"AND startdate >= DATE '{first}'" if starts_inside else ""
    return con.sql(f"""
        SELECT edukey, sum({end} - greatest(startdate, DATE '{first}') + {int(inclusive)}) AS days
        FROM {LEO}.leo_employment
        WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}' {begun}
        GROUP BY edukey
    """)


def days_in_work_pandas(con, tax_year):
    first, last = tax_year_bounds(tax_year)
    spells = con.sql(f"""
        SELECT edukey, startdate, least(enddate, DATE '2100-01-01') AS enddate
        FROM {LEO}.leo_employment
    """).df()
    start = spells["startdate"].clip(lower=pd.Timestamp(first))
    end = spells["enddate"].clip(upper=pd.Timestamp(last))
    spells["days"] = (end - start).dt.days + 1
    return spells[spells["days"] > 0].groupby("edukey")["days"].sum().reset_index()


TAX_YEAR_CALLS = ({"tax_year": 201213}, {"tax_year": 201516})
EDUKEYS = f"SELECT DISTINCT edukey FROM {LEO}.leo_employment"


def days_by_calendar(con, tax_year):
    """One row a day."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        SELECT s.edukey, count(*) AS days
        FROM {LEO}.leo_employment s
        JOIN (SELECT CAST(d AS date) AS d FROM generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY) t(d)) c
          ON c.d BETWEEN s.startdate AND s.enddate
        GROUP BY s.edukey
    """)


def days_by_subtraction(con, tax_year):
    """All days up to the end of the year less those before it began."""
    first, last = tax_year_bounds(tax_year)
    before = (
        f"CASE WHEN startdate < DATE '{first}' THEN date_diff('day', startdate, least(enddate + 1, DATE '{first}'))"
    )
    upto = f"CASE WHEN startdate <= DATE '{last}' THEN date_diff('day', startdate, least(enddate, DATE '{last}')) + 1"
    return con.sql(f"""
        SELECT edukey, sum({upto} ELSE 0 END) - sum({before} ELSE 0 END) AS days
        FROM {LEO}.leo_employment
        GROUP BY edukey
        HAVING sum({upto} ELSE 0 END) > sum({before} ELSE 0 END)
    """)


def days_by_loop(con, tax_year):
    """In plain Python."""
    first, last = tax_year_bounds(tax_year)
    days = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {LEO}.leo_employment").fetchall():
        inside = (min(end, last) - max(start, first)).days + 1
        if inside > 0:
            days[edukey] = days.get(edukey, 0) + inside
    return pd.DataFrame({"edukey": list(days), "days": list(days.values())})


Q4 = Question(
    name="q4",
    title="Days in work in a tax year",
    answer_name="days_in_work",
    kind="function",
    points=3,
    columns={"edukey": "text", "days": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=WORK_LESSON,
    reference_sql=days_in_work,
    reference_pandas=days_in_work_pandas,
    calls=TAX_YEAR_CALLS,
    universe=EDUKEYS,
    hints=(
        "A spell can begin before the tax year and end after it. Only the part inside counts.",
        "Take the later of the two starts and the earlier of the two ends.",
        "Both the first and the last day of a spell are days in work, so add 1 to their difference.",
    ),
    misconceptions=(
        slip(
            "open-spells",
            "Some people have far more days than a year has. An end of 9999-12-31 marks a spell that goes on, and "
            "others end after the year: cut every spell at 5 April.",
            lambda con, tax_year: days_in_work(con, tax_year, clip_end=False),
        ),
        slip(
            "last-day-lost",
            "You lose a day in each spell: from Monday to Friday are five days, but the difference of the dates is 4.",
            lambda con, tax_year: days_in_work(con, tax_year, inclusive=False),
        ),
        slip(
            "academic-year",
            "You counted from 1 August to 31 July. A tax year runs from 6 April to 5 April, and pay is totalled by "
            "tax year.",
            lambda con, tax_year: days_in_work(
                con, tax_year, date(tax_year // 100, 8, 1), date(tax_year // 100 + 1, 7, 31)
            ),
        ),
        slip(
            "tax-year-as-calendar-year",
            "You counted from 1 January to 31 December. Tax year 201213 runs from 6 April 2012 to 5 April 2013.",
            lambda con, tax_year: days_in_work(
                con, tax_year, date(tax_year // 100, 1, 1), date(tax_year // 100, 12, 31)
            ),
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in the second year of the label. "
            "201213 is 6 April 2012 to 5 April 2013.",
            lambda con, tax_year: days_in_work(con, tax_year + 101),
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start in the tax year, so you lose people who have been in the same work "
            "since before 6 April.",
            lambda con, tax_year: days_in_work(con, tax_year, starts_inside=True),
        ),
    ),
    alternatives=(
        days_by_calendar,
        days_by_subtraction,
        days_by_loop,
    ),
)


# q5: sustained employment --------------------------------------------------------------------------


def sustained(con, tax_year, months=None, at_least=5, whole=False):
    months = months or winter(tax_year)
    rows = ", ".join(f"(DATE '{first}', DATE '{after}')" for first, after in months)
    inside = (
        "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1"
        if whole
        else "s.startdate < m.next_first AND s.enddate >= m.first_day"
    )
    return con.sql(f"""
        SELECT s.edukey, count(DISTINCT m.first_day) AS months
        FROM {LEO}.leo_employment s
        JOIN (VALUES {rows}) m(first_day, next_first) ON {inside}
        GROUP BY s.edukey
        HAVING count(DISTINCT m.first_day) >= {at_least}
    """)


def sustained_pandas(con, tax_year):
    spells = con.sql(f"SELECT edukey, startdate::VARCHAR AS s, enddate::VARCHAR AS e FROM {LEO}.leo_employment").df()
    worked = [
        spells.loc[(spells["s"] < str(after)) & (spells["e"] >= str(first)), "edukey"].drop_duplicates()
        for first, after in winter(tax_year)
    ]
    months = pd.concat(worked).value_counts().rename("months").reset_index()
    return months[months["months"] >= 5]


def all_months(label):
    """The twelve months that begin in a tax year, May to April."""
    year = label // 100
    firsts = [date(year + (m > 12), (m - 1) % 12 + 1, 1) for m in range(5, 18)]
    return list(pairwise(firsts))


def sustained_by_flags(con, tax_year):
    """A flag for each month, added up."""
    flags = " + ".join(
        f"max(CASE WHEN startdate < DATE '{after}' AND enddate >= DATE '{first}' THEN 1 ELSE 0 END)"
        for first, after in winter(tax_year)
    )
    return con.sql(f"""
        SELECT edukey, months FROM (SELECT edukey, {flags} AS months FROM {LEO}.leo_employment GROUP BY edukey) AS t
        WHERE months > 4
    """)


def sustained_by_union(con, tax_year):
    """The people of each month, one below the other."""
    spells = f"SELECT DISTINCT edukey FROM {LEO}.leo_employment"
    months = " UNION ALL ".join(
        f"{spells} WHERE startdate < DATE '{after}' AND enddate >= DATE '{first}'" for first, after in winter(tax_year)
    )
    return con.sql(f"SELECT edukey, count(*) AS months FROM ({months}) AS t GROUP BY edukey HAVING count(*) >= 5")


def sustained_by_sets(con, tax_year):
    """In plain Python: the months of each key as a set."""
    worked = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {LEO}.leo_employment").fetchall():
        months = {number for number, (first, after) in enumerate(winter(tax_year)) if start < after and end >= first}
        worked.setdefault(edukey, set()).update(months)
    return [{"edukey": edukey, "months": len(months)} for edukey, months in worked.items() if len(months) >= 5]


Q5 = Question(
    name="q5",
    title="Who is in sustained employment",
    answer_name="sustained",
    kind="function",
    points=3,
    columns={"edukey": "text", "months": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=WORK_LESSON,
    reference_sql=sustained,
    reference_pandas=sustained_pandas,
    calls=TAX_YEAR_CALLS,
    universe=EDUKEYS,
    hints=(
        "The rule looks at six months only: October to March of the tax year.",
        "One day in work is enough for a month to count.",
        "Five of the six months are enough.",
    ),
    misconceptions=(
        slip(
            "all-six",
            "You asked for work in all six months. The published rule is at least one day in five of the six months "
            "from October to March.",
            lambda con, tax_year: sustained(con, tax_year, at_least=6),
        ),
        slip(
            "whole-months",
            "You counted only months that a spell covers from the first day to the last. One day in work makes a "
            "month count.",
            lambda con, tax_year: sustained(con, tax_year, whole=True),
        ),
        slip(
            "any-five-months",
            "You looked at all months of the year. Summer months do not count: a person in work from April to "
            "September is not in sustained employment.",
            lambda con, tax_year: sustained(con, tax_year, months=all_months(tax_year)),
        ),
        slip(
            "wrong-winter",
            "You took the October to March that comes after the tax year ends. Tax year 201213 contains October 2012"
            " to March 2013.",
            lambda con, tax_year: sustained(con, tax_year, months=winter(tax_year, shift=1)),
        ),
    ),
    alternatives=(
        sustained_by_flags,
        sustained_by_union,
        sustained_by_sets,
    ),
)


# q6: annualised earnings ---------------------------------------------------------------------------


def annualised_sql(pay="e.earnings * 365.0 / d.days", positive="AND e.earnings > 0", only_sustained=True, clip=True):
    end = "least(enddate, DATE '2013-04-05')" if clip else "enddate"
    months = ", ".join(f"(DATE '{first}', DATE '{after}')" for first, after in winter(201213))
    joined = "JOIN sustained s ON s.edukey = e.edukey" if only_sustained else ""
    return f"""
WITH days AS (
    SELECT edukey, sum({end} - greatest(startdate, DATE '2012-04-06') + 1) AS days
    FROM {LEO}.leo_employment
    WHERE startdate <= DATE '2013-04-05' AND enddate >= DATE '2012-04-06'
    GROUP BY edukey
),
sustained AS (
    SELECT s.edukey
    FROM {LEO}.leo_employment s
    JOIN (VALUES {months}) m(first_day, next_first)
      ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY s.edukey
    HAVING count(DISTINCT m.first_day) >= 5
)
SELECT e.edukey, {pay} AS annualised
FROM {LEO}.leo_earnings e
JOIN days d ON d.edukey = e.edukey
{joined}
WHERE e.taxyear = 201213 {positive}
"""


def annualised_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201213").df()
    table = pay.merge(days_in_work_pandas(con, 201213), on="edukey").merge(sustained_pandas(con, 201213), on="edukey")
    table = table[table["earnings"] > 0]
    return table.assign(annualised=table["earnings"] * 365 / table["days"])[["edukey", "annualised"]]


def annualised_by_parts(con):
    """From the two functions of the questions before."""
    days, winters = days_in_work(con, 201213).df(), sustained(con, 201213).df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {LEO}.leo_earnings").df()
    pay = pay[(pay["taxyear"] == 201213) & (pay["earnings"] > 0) & pay["edukey"].isin(winters["edukey"])]
    pay = pay.set_index("edukey")["earnings"]
    return (365 * pay / days.set_index("edukey")["days"]).dropna().rename("annualised").reset_index()


ANNUALISED_BY_CALENDAR = f"""
WITH worked AS (
    SELECT s.edukey, count(*) AS days, count(DISTINCT CASE WHEN month(c.d) IN (10, 11, 12, 1, 2, 3) THEN month(c.d) END)
        AS winter
    FROM {LEO}.leo_employment s
    JOIN (SELECT CAST(d AS date) AS d FROM generate_series(DATE '2012-04-06', DATE '2013-04-05', INTERVAL 1 DAY) t(d)) c
      ON c.d BETWEEN s.startdate AND s.enddate
    GROUP BY s.edukey
)
SELECT w.edukey, e.earnings / (w.days / 365.0) AS annualised
FROM worked w, {LEO}.leo_earnings e
WHERE e.edukey = w.edukey AND e.taxyear = 201213 AND e.earnings > 0 AND w.winter IN (5, 6)
"""


def annualised_by_rows(con):
    """In plain Python, from dictionaries."""
    pay = dict(con.sql(f"SELECT edukey, earnings FROM {LEO}.leo_earnings WHERE taxyear = 201213").fetchall())
    days = dict(days_by_loop(con, 201213).itertuples(index=False))
    keys = [row["edukey"] for row in sustained_by_sets(con, 201213) if pay.get(row["edukey"], 0) > 0]
    return pd.DataFrame([(key, 365 * pay[key] / days[key]) for key in keys], columns=["edukey", "annualised"])


Q6 = Question(
    name="q6",
    title="Annualised earnings in 2012/13",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"edukey": "text", "annualised": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=EARNINGS_LESSON,
    reference_sql=annualised_sql(),
    reference_pandas=annualised_pandas,
    tolerance={"annualised": 1.0},
    universe=f"SELECT edukey FROM {LEO}.leo_earnings WHERE taxyear = 201213",
    hints=(
        "Three things are joined here: pay, days in work, and who is in sustained employment.",
        "Pay for part of a year is grossed up to a whole one: pay for a day, times 365.",
        "A total of 0 stands for a correction, not for a year's work without pay: leave it out.",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "You gave the total for the year. Somebody who worked for half of it looks half as well paid: divide by "
            "the days in work and multiply by 365.",
            annualised_sql(pay="e.earnings"),
        ),
        slip(
            "zero-kept",
            "You kept totals of 0. They arise when a correction makes the sum negative, and they pull averages down:"
            " keep earnings above 0.",
            annualised_sql(positive=""),
        ),
        slip(
            "everybody-with-pay",
            "You kept everybody with pay and a spell. A fortnight's work grossed up to a year says little: the "
            "measure is for people in sustained employment.",
            annualised_sql(only_sustained=False),
        ),
        slip(
            "days-beyond-the-year",
            "Pay is for the tax year, so its days must be too: cut spells at 5 April, above all those that end on "
            "9999-12-31.",
            annualised_sql(clip=False),
        ),
        slip(
            "per-month",
            "You divided by the months of the rule and multiplied by 12. The measure uses days: pay divided by days "
            "in work, times 365.",
            annualised_sql(pay="e.earnings * 12.0 / 6"),
        ),
    ),
    alternatives=(
        annualised_by_parts,
        ANNUALISED_BY_CALENDAR,
        annualised_by_rows,
    ),
)


# q7: a figure --------------------------------------------------------------------------------------

FIGURE_YEARS = range(2009, 2020)


def employment_rates(con, denominator="linked", scale=100.0, by_key=False):
    """Share of the year 11 cohort of 2006/07 in sustained employment, by tax year."""
    person = "k.edukey" if by_key else "c.pmr"
    table = f"""
        WITH cohort AS (
            SELECT pupilmatchingrefanonymous_spr07 AS pmr FROM npd_i2."2005003".spring_census_2007
            WHERE ncyearactual_spr07 = '11' AND recordstatus_spr07 < 100
        ),
        linked AS (
            SELECT DISTINCT c.pmr, k.edukey FROM cohort c
            LEFT JOIN {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pmr
            LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
        )
        SELECT {person.replace("c.pmr", "k.pmr")} AS person, k.edukey FROM linked k
    """
    links = con.sql(table).df()
    mine = links.dropna().merge(_spells(con), on="edukey")
    points = []
    for year in FIGURE_YEARS:
        label = (year - 1) * 100 + year % 100
        # a person's months are pooled over all their keys
        months = winter(label)
        worked = pd.concat(
            mine.loc[(mine["s"] < str(after)) & (mine["e"] >= str(first)), "person"].drop_duplicates()
            for first, after in months
        ).value_counts()
        in_work = int((worked >= 5).sum())
        if denominator == "linked":
            total = links.dropna()["person"].nunique()
        elif denominator == "all":
            total = links["person"].nunique()
        else:
            first, last = tax_year_bounds(label)
            total = mine.loc[(mine["s"] <= str(last)) & (mine["e"] >= str(first)), "person"].nunique()
        points.append({"x": year, "y": scale * in_work / total})
    return pd.DataFrame(points)


def employment_rates_sql(con):
    """The same points, computed in SQL."""
    months = ", ".join(
        f"({year}, DATE '{first}', DATE '{after}')"
        for year in FIGURE_YEARS
        for first, after in winter((year - 1) * 100 + year % 100)
    )
    return con.sql(f"""
        WITH linked AS (
            SELECT DISTINCT c.pupilmatchingrefanonymous_spr07 AS pmr, k.edukey
            FROM npd_i2."2005003".spring_census_2007 c
            JOIN {LEO}.learner_ae_id_to_pmr_lookup p
              ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr07
            JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
            WHERE c.ncyearactual_spr07 = '11' AND c.recordstatus_spr07 < 100
        ),
        worked AS (
            SELECT m.x, l.pmr
            FROM linked l
            JOIN {LEO}.leo_employment s ON s.edukey = l.edukey
            JOIN (VALUES {months}) m(x, first_day, next_first)
              ON s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY m.x, l.pmr
            HAVING count(DISTINCT m.first_day) >= 5
        )
        SELECT x, 100.0 * count(*) / (SELECT count(DISTINCT pmr) FROM linked) AS y
        FROM worked GROUP BY x ORDER BY x
    """)


def figure_of_bars(con):
    """Bars, from flags of months."""
    keys = con.sql(f"""
        SELECT DISTINCT p.pupilmatchingrefanonymous AS pmr, k.edukey
        FROM {LEO}.learner_ae_id_to_pmr_lookup p JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
        WHERE p.pupilmatchingrefanonymous IN (
            SELECT pupilmatchingrefanonymous_spr07 FROM npd_i2."2005003".spring_census_2007
            WHERE ncyearactual_spr07 = '11' AND recordstatus_spr07 < 100)
    """).df()
    worked = {year: pd.concat(_months_of_people(con, keys, year)).value_counts() for year in FIGURE_YEARS}
    _, axes = plt.subplots()
    axes.bar(list(worked), [100 * (months >= 5).sum() / keys["pmr"].nunique() for months in worked.values()])
    axes.set_xticks(list(worked))
    return axes


def _months_of_people(con, keys, year):
    """For each month of a winter, everybody with a day in work."""
    mine = keys.merge(_spells(con), on="edukey")
    for first, after in winter((year - 1) * 100 + year % 100):
        yield mine.loc[(mine["s"] < str(after)) & (mine["e"] >= str(first)), "pmr"].drop_duplicates()


def _spells(con):
    return con.sql(f"SELECT edukey, startdate::VARCHAR AS s, enddate::VARCHAR AS e FROM {LEO}.leo_employment").df()


def figure_of_a_line(con):
    """A line with markers, from the points in SQL."""
    points = employment_rates_sql(con).df()
    _, axes = plt.subplots()
    axes.plot(points["x"], points["y"], marker="o")
    return axes


def figure_of_points(con):
    """Points, from flags of months by person in SQL."""
    rates = []
    for year in FIGURE_YEARS:
        flags = " + ".join(
            f"max(CASE WHEN s.startdate < DATE '{after}' AND s.enddate >= DATE '{first}' THEN 1 ELSE 0 END)"
            for first, after in winter((year - 1) * 100 + year % 100)
        )
        people = con.sql(f"""
            SELECT c.pupilmatchingrefanonymous_spr07 AS pmr, coalesce({flags}, 0) AS months
            FROM npd_i2."2005003".spring_census_2007 c
            JOIN {LEO}.learner_ae_id_to_pmr_lookup p
              ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr07
            JOIN {LEO}.learner_ae_id_to_edukey_lookup k ON k.ae_id = p.ae_id
            LEFT JOIN {LEO}.leo_employment s ON s.edukey = k.edukey
            WHERE c.ncyearactual_spr07 = '11' AND c.recordstatus_spr07 < 100
            GROUP BY 1
        """).df()
        rates.append(100 * (people["months"] >= 5).mean())
    _, axes = plt.subplots()
    axes.scatter(list(FIGURE_YEARS), rates)
    return axes


Q7 = figure_question(
    name="q7",
    title="Sustained employment of one cohort over time, as a figure",
    points=3,
    lesson=WORK_LESSON,
    reference_sql=employment_rates_sql,
    reference_pandas=employment_rates,
    x_label="tax year",
    y_label="%|per cent|percent",
    tolerance=0.05,
    hints=(
        "Compute the eleven percentages first, as a table. Draw when they look right.",
        "A person counts once, even with two EDUKEYs: pool the months of all of a person's keys.",
        "The denominator is everybody in the cohort who leads to an EDUKEY, in work or not.",
    ),
    misconceptions=(
        slip(
            "unmatched-in-denominator",
            "Your denominator holds pupils who lead to no EDUKEY. Nothing is known about their work, so the "
            "published percentages leave them out (and report how many they are).",
            lambda con: employment_rates(con, denominator="all"),
        ),
        slip(
            "only-people-with-work",
            "Your denominator holds only people with some work in the year, so the rate is far too high. Everybody "
            "in the cohort who could be linked belongs in it.",
            lambda con: employment_rates(con, denominator="any work"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: employment_rates(con, scale=1.0),
        ),
        slip(
            "keys-not-people",
            "You counted EDUKEYs. A person with two of them counts twice, and has half a history under each: go from"
            " keys to people first.",
            lambda con: employment_rates(con, by_key=True),
        ),
    ),
    alternatives=(
        figure_of_bars,
        figure_of_a_line,
        figure_of_points,
    ),
)

# q9: a threshold -----------------------------------------------------------------------------------


def threshold_sql(pupils="CASE WHEN count(*) >= 10 THEN count(*) END", kept="AND recordstatus_spr11 < 100", having=""):
    return f"""
SELECT ethnicgroupminor_spr11 AS ethnic_group, {pupils} AS pupils
FROM {SPRING}
WHERE ncyearactual_spr11 = '11' {kept}
GROUP BY ethnicgroupminor_spr11
{having}
"""


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


Q9 = Question(
    name="q9",
    title="Counts with a threshold",
    answer_name="q9",
    kind="sql",
    points=3,
    columns={"ethnic_group": "text", "pupils": "number"},
    identity=("ethnic_group",),
    unit="ethnic group",
    lesson=RELEASE_LESSON,
    reference_sql=threshold_sql(),
    reference_pandas=threshold_pandas,
    universe=f"SELECT DISTINCT ethnicgroupminor_spr11 AS ethnic_group FROM {SPRING} WHERE ncyearactual_spr11 = '11'",
    hints=(
        "Count first. Then ask of each count whether it may be shown.",
        "The row of a small group stays; only its number goes.",
        "A CASE without ELSE gives NULL: CASE WHEN count(*) >= 10 THEN count(*) END.",
    ),
    misconceptions=(
        slip(
            "nothing-suppressed",
            "Some of your numbers are below 10. No number of people below the threshold may leave: put NULL in its "
            "place.",
            threshold_sql(pupils="count(*)"),
        ),
        slip(
            "small-rows-dropped",
            "You left out the rows of small groups. A reader should see that the group exists and that its number is "
            "suppressed: keep the row, with NULL.",
            threshold_sql(having="HAVING count(*) >= 10"),
        ),
        slip(
            "suppressed-as-zero",
            "You wrote 0 for a suppressed number. That is a false statement, and sums and means will use it: "
            "a suppressed number is NULL.",
            threshold_sql(pupils="CASE WHEN count(*) >= 10 THEN count(*) ELSE 0 END"),
        ),
        slip(
            "raised-to-the-threshold",
            "You wrote 10 for numbers below 10. That reads as a count of ten people: a suppressed number is NULL.",
            threshold_sql(pupils="greatest(count(*), 10)"),
        ),
        slip(
            "every-record",
            "You counted every record. Some pupils have two, and a second record can lift a small group over the "
            "threshold: keep the main record of each first.",
            threshold_sql(kept=""),
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


# q10: rounding -------------------------------------------------------------------------------------

ROUNDED = "CASE WHEN count(*) >= 10 THEN 5 * floor(count(*) / 5.0 + 0.5) END"


def rounded_counts(con, year, pupils=ROUNDED, main=True):
    suffix = f"spr{year % 100:02d}"
    kept = f"recordstatus_{suffix} < 100" if main else "1 = 1"
    return con.sql(f"""
        SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group, gender_{suffix} AS gender,
            {pupils} AS pupils
        FROM npd_i2."2005003".spring_census_{year}
        WHERE {kept}
        GROUP BY 1, 2, 3
    """)


def _main_records(con, year):
    """Ethnic group, year group and gender of each pupil in a spring census."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group, gender_{suffix} AS gender
        FROM npd_i2."2005003".spring_census_{year} WHERE recordstatus_{suffix} < 100
    """).df()


def rounded_counts_pandas(con, year):
    counts = _main_records(con, year).groupby(["ethnic", "year_group", "gender"]).size().rename("pupils").reset_index()
    rounded = 5 * np.floor(counts["pupils"] / 5 + 0.5)
    return counts.assign(pupils=rounded.where(counts["pupils"] >= 10))


def rounded_by_integers(con, year):
    """Whole numbers only: two more, and down to a multiple of 5."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH counted AS (
            SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group,
                gender_{suffix} AS gender, count(DISTINCT pupilmatchingrefanonymous_{suffix}) AS pupils
            FROM npd_i2."2005003".spring_census_{year} GROUP BY ALL
        )
        SELECT ethnic, year_group, gender, CASE pupils >= 10 WHEN true THEN (pupils + 2) // 5 * 5 END AS pupils
        FROM counted
    """)


def rounded_by_remainder(con, year):
    """What is over the last multiple of 5 decides."""
    counts = _main_records(con, year).value_counts().rename("exact").reset_index()
    over = counts["exact"] % 5
    counts["pupils"] = (counts["exact"] - over + 5 * (over >= 3)).mask(counts["exact"] < 10)
    return counts[["ethnic", "year_group", "gender", "pupils"]]


def rounded_in_python(con, year):
    """Counted in plain Python, from Arrow."""
    counts: dict[tuple, int] = {}
    for row in con.from_df(_main_records(con, year)).to_arrow_table().to_pylist():
        key = (row["ethnic"], row["year_group"], row["gender"])
        counts[key] = counts.get(key, 0) + 1
    return [
        {"ethnic": key[0], "year_group": key[1], "gender": key[2], "pupils": 5 * round(n / 5) if n >= 10 else None}
        for key, n in counts.items()
    ]


Q10 = Question(
    name="q10",
    title="Suppressed and rounded, as a function of the year",
    answer_name="rounded_counts",
    kind="function",
    points=3,
    columns={"ethnic": "text", "year_group": "text", "gender": "text", "pupils": "number"},
    identity=("ethnic", "year_group", "gender"),
    unit="group",
    lesson=RELEASE_LESSON,
    reference_sql=rounded_counts,
    reference_pandas=rounded_counts_pandas,
    calls=({"year": 2009}, {"year": 2012}),
    hints=(
        "Two steps in one order: what is small goes first, what is left is rounded.",
        "Decide on the exact number whether it is below 10. A rounded 10 may stand for 8.",
        "To the nearest 5: divide by 5.0, add 0.5, take floor, multiply by 5.",
    ),
    misconceptions=(
        slip(
            "rounded-first",
            "You rounded first and suppressed after. 8 and 9 round to 10 and slip through: decide on the exact "
            "number, then round.",
            lambda con, year: rounded_counts(
                con, year, ROUNDED.replace("WHEN count(*)", "WHEN 5 * floor(count(*) / 5.0 + 0.5)")
            ),
        ),
        slip(
            "rounded-not-suppressed",
            "You rounded and suppressed nothing. A 5 in a table says that there are three to seven people: numbers "
            "below 10 are NULL.",
            lambda con, year: rounded_counts(con, year, "5 * floor(count(*) / 5.0 + 0.5)"),
        ),
        slip(
            "rounded-down",
            "You cut down to a multiple of 5. 14 then shows as 10, and every total is too low: round to the nearest 5.",
            lambda con, year: rounded_counts(con, year, ROUNDED.replace(" + 0.5", "")),
        ),
        slip(
            "rounded-to-ten",
            "You rounded to the nearest 10, as to one place before the point. The question asks for the nearest 5.",
            lambda con, year: rounded_counts(
                con, year, ROUNDED.replace("5 * floor(count(*) / 5.0", "10 * floor(count(*) / 10.0")
            ),
        ),
        slip(
            "not-rounded",
            "Your numbers are suppressed, but exact. Exact numbers of two tables can be subtracted: round to the "
            "nearest 5.",
            lambda con, year: rounded_counts(con, year, "CASE WHEN count(*) >= 10 THEN count(*) END"),
        ),
        slip(
            "records-counted",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            lambda con, year: rounded_counts(con, year, main=False),
        ),
    ),
    alternatives=(rounded_by_integers, rounded_by_remainder, rounded_in_python),
)


# q11: a second cell --------------------------------------------------------------------------------


def counts_by_gender(con, year, hidden="girls < 10 OR boys < 10", girls="", boys="", total="pupils >= 10"):
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT ethnic, year_group, CASE WHEN {girls or hidden} THEN NULL ELSE girls END AS girls,
            CASE WHEN {boys or hidden} THEN NULL ELSE boys END AS boys, CASE WHEN {total} THEN pupils END AS pupils
        FROM (
            SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group,
                sum(CASE WHEN gender_{suffix} = 'F' THEN 1 ELSE 0 END) AS girls,
                sum(CASE WHEN gender_{suffix} = 'M' THEN 1 ELSE 0 END) AS boys, count(*) AS pupils
            FROM npd_i2."2005003".spring_census_{year} WHERE recordstatus_{suffix} < 100 GROUP BY 1, 2
        ) AS counted
    """)


def counts_by_gender_pandas(con, year):
    wide = _main_records(con, year).groupby(["ethnic", "year_group", "gender"]).size().unstack(fill_value=0)
    pupils, small = wide.sum(axis=1), (wide < 10).any(axis=1)
    shown = wide.mask(small).rename(columns={"F": "girls", "M": "boys"})
    return shown.assign(pupils=pupils.where(pupils >= 10)).reset_index()


def gender_by_least(con, year):
    """The smaller of the two decides for both."""
    suffix = f"spr{year % 100:02d}"
    return con.sql(f"""
        WITH counted AS (
            SELECT ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group,
                count(*) FILTER (gender_{suffix} = 'F') AS girls, count(*) FILTER (gender_{suffix} = 'M') AS boys
            FROM npd_i2."2005003".spring_census_{year} WHERE recordstatus_{suffix} < 100 GROUP BY ALL
        )
        SELECT ethnic, year_group, CASE WHEN least(girls, boys) >= 10 THEN girls END AS girls,
            CASE WHEN least(girls, boys) >= 10 THEN boys END AS boys,
            CASE WHEN girls + boys >= 10 THEN girls + boys END AS pupils
        FROM counted
    """)


def gender_by_join(con, year):
    """Totals of large groups, and beside them the rows in which both numbers may be shown."""
    suffix, view = f"spr{year % 100:02d}", f'npd_i2."2005003".spring_census_{year}'
    keys = f"ethnicgroupmajor_{suffix} AS ethnic, ncyearactual_{suffix} AS year_group"
    main, large = f"FROM {view} WHERE recordstatus_{suffix} < 100", "GROUP BY 1, 2 HAVING count(*) >= 10"
    return con.sql(f"""
        WITH girls AS (SELECT {keys}, count(*) AS n {main} AND gender_{suffix} = 'F' {large}),
        boys AS (SELECT {keys}, count(*) AS n {main} AND gender_{suffix} = 'M' {large}),
        everybody AS (SELECT {keys}, count(*) AS n {main} GROUP BY 1, 2)
        SELECT e.ethnic, e.year_group, g.n AS girls, b.n AS boys, CASE WHEN e.n >= 10 THEN e.n END AS pupils
        FROM everybody e
        LEFT JOIN (girls g JOIN boys b ON b.ethnic = g.ethnic AND b.year_group = g.year_group)
          ON g.ethnic = e.ethnic AND g.year_group = e.year_group
    """)


def gender_in_python(con, year):
    """Counted in plain Python."""
    counts: dict[tuple, list[int]] = {}
    for ethnic, year_group, gender in _main_records(con, year).itertuples(index=False):
        counts.setdefault((ethnic, year_group), [0, 0])[gender == "M"] += 1
    rows = []
    for (ethnic, year_group), (girls, boys) in counts.items():
        shown = (girls, boys) if min(girls, boys) >= 10 else (None, None)
        rows.append((ethnic, year_group, *shown, girls + boys if girls + boys >= 10 else None))
    return pd.DataFrame(rows, columns=["ethnic", "year_group", "girls", "boys", "pupils"])


Q11 = Question(
    name="q11",
    title="A second cell, so that the total gives nothing away",
    answer_name="counts_by_gender",
    kind="function",
    points=4,
    columns={"ethnic": "text", "year_group": "text", "girls": "number", "boys": "number", "pupils": "number"},
    identity=("ethnic", "year_group"),
    unit="group",
    lesson=RELEASE_LESSON,
    reference_sql=counts_by_gender,
    reference_pandas=counts_by_gender_pandas,
    calls=({"year": 2009}, {"year": 2012}),
    hints=(
        "With girls suppressed, boys shown and the total shown, what is the number of girls?",
        "If one of the two is below 10, neither may be shown. A 0 is below 10.",
        "Count in a subquery, then test girls < 10 OR boys < 10 in the CASE of both columns.",
    ),
    misconceptions=(
        slip(
            "primary-only",
            "You suppressed small numbers only. Where one of girls and boys is missing, the total less the other "
            "gives it back: suppress both.",
            lambda con, year: counts_by_gender(con, year, girls="girls < 10", boys="boys < 10"),
        ),
        slip(
            "both-must-be-small",
            "You suppressed only where girls and boys are both below 10. One small number is enough: use OR.",
            lambda con, year: counts_by_gender(con, year, hidden="girls < 10 AND boys < 10"),
        ),
        slip(
            "threshold-on-the-total",
            "You asked only whether the total is below 10. A large total can have a small part: ask of girls and of "
            "boys.",
            lambda con, year: counts_by_gender(con, year, hidden="pupils < 10"),
        ),
        slip(
            "zero-is-safe",
            "You let zeros stand. No girls in a group says of each of its pupils that it is a boy: a zero is "
            "suppressed like any other number below 10.",
            lambda con, year: counts_by_gender(
                con,
                year,
                girls="girls > 0 AND (girls < 10 OR boys < 10)",
                boys="boys > 0 AND (girls < 10 OR boys < 10)",
            ),
        ),
    ),
    alternatives=(gender_by_least, gender_by_join, gender_in_python),
)


# q12: a table cleared for release ------------------------------------------------------------------


def release_sql(
    people="people >= 10",
    in_work="in_work >= 10 AND people - in_work >= 10",
    percent="round(100.0 * shown_in_work / shown_people, 1)",
    step="5 * floor({} / 5.0 + 0.5)",
    joined="JOIN",
):
    months = ", ".join(f"(DATE '{first}', DATE '{after}')" for first, after in winter(201819))
    return f"""
WITH person AS (
    SELECT DISTINCT c.pupilmatchingrefanonymous_spr11 AS pmr, c.ethnicgroupminor_spr11 AS ethnic_group,
        c.gender_spr11 AS gender, e.edukey
    FROM {SPRING} c
    {joined} {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr11
    {joined} {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
    WHERE c.ncyearactual_spr11 = '11' AND c.recordstatus_spr11 < 100
),
working AS (
    SELECT p.pmr
    FROM person p
    JOIN {LEO}.leo_employment s ON s.edukey = p.edukey
    JOIN (VALUES {months}) m(first_day, next_first) ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY p.pmr
    HAVING count(DISTINCT m.first_day) >= 5
),
counted AS (
    SELECT p.ethnic_group, p.gender, count(DISTINCT p.pmr) AS people, count(DISTINCT w.pmr) AS in_work
    FROM person p LEFT JOIN working w ON w.pmr = p.pmr
    GROUP BY p.ethnic_group, p.gender
),
safe AS (
    SELECT ethnic_group, gender, people, in_work, CASE WHEN {people} THEN {step.format("people")} END AS shown_people,
        CASE WHEN {in_work} THEN {step.format("in_work")} END AS shown_in_work
    FROM counted
)
SELECT ethnic_group, gender, shown_people AS people, shown_in_work AS in_work, {percent} AS in_work_percent
FROM safe
"""


def _release_counts(con):
    """Exact numbers of linked pupils and of those in sustained employment, by ethnic group and gender."""
    pupils = con.sql(f"""
        SELECT pupilmatchingrefanonymous_spr11 AS pmr, ethnicgroupminor_spr11 AS ethnic_group, gender_spr11 AS gender
        FROM {SPRING} WHERE ncyearactual_spr11 = '11' AND recordstatus_spr11 < 100
    """).df()
    people = con.sql(f"SELECT pupilmatchingrefanonymous AS pmr, ae_id FROM {LEO}.learner_ae_id_to_pmr_lookup").df()
    outcomes = con.sql(f"SELECT ae_id, edukey FROM {LEO}.learner_ae_id_to_edukey_lookup").df()
    linked = pupils.merge(people, on="pmr").merge(outcomes, on="ae_id")[["pmr", "edukey"]].drop_duplicates()
    months = pd.concat(_months_of_people(con, linked, 2019)).value_counts()
    base = pupils[pupils["pmr"].isin(linked["pmr"])]
    return base.assign(in_work=base["pmr"].isin(months.index[months >= 5]))


def release_pandas(con):
    table = _release_counts(con).groupby(["ethnic_group", "gender"])["in_work"].agg(people="size", in_work="sum")
    rest = table["people"] - table["in_work"]
    rounded = 5 * np.floor(table / 5 + 0.5)
    people = rounded["people"].where(table["people"] >= 10)
    in_work = rounded["in_work"].where((table["in_work"] >= 10) & (rest >= 10))
    percent = (100 * in_work / people).round(1)
    return pd.DataFrame({"people": people, "in_work": in_work, "in_work_percent": percent}).reset_index()


def release_in_python(con):
    """Counted in plain Python."""
    counts: dict[tuple, list[int]] = {}
    for row in _release_counts(con).itertuples():
        tally = counts.setdefault((row.ethnic_group, row.gender), [0, 0])
        tally[0] += 1
        tally[1] += row.in_work
    rows = []
    for key, (people, in_work) in counts.items():
        base = (people + 2) // 5 * 5 if people >= 10 else None
        part = (in_work + 2) // 5 * 5 if min(in_work, people - in_work) >= 10 else None
        rows.append((*key, base, part, round(100 * part / base, 1) if part else None))
    return pd.DataFrame(rows, columns=["ethnic_group", "gender", "people", "in_work", "in_work_percent"])


def release_by_mask(con):
    """The whole table rounded, and then masked."""
    counts = _release_counts(con)
    table = counts.pivot_table(index=["ethnic_group", "gender"], columns="in_work", aggfunc="size", fill_value=0)
    table = pd.DataFrame({"people": table.sum(axis=1), "in_work": table.get(True, 0), "rest": table.get(False, 0)})
    small = table < 10
    made = ((table + 2) // 5 * 5).mask(small)
    made["in_work"] = made["in_work"].mask(small["rest"])
    made["in_work_percent"] = (made["in_work"] * 100).div(made["people"]).round(1)
    return made.drop(columns="rest").reset_index()


RELEASE_BY_FLAGS = f"""
WITH key_months AS (
    SELECT edukey, {
    ", ".join(
        f"max(CASE WHEN startdate < DATE '{after}' AND enddate >= DATE '{first}' THEN 1 ELSE 0 END) AS m{number}"
        for number, (first, after) in enumerate(winter(201819))
    )
}
    FROM {LEO}.leo_employment GROUP BY edukey
),
person AS (
    SELECT c.pupilmatchingrefanonymous_spr11 AS pmr, any_value(c.ethnicgroupminor_spr11) AS ethnic_group,
        any_value(c.gender_spr11) AS gender,
        CASE WHEN {" + ".join(f"coalesce(max(m{number}), 0)" for number in range(6))} >= 5 THEN 1 ELSE 0 END AS works
    FROM {SPRING} c
    JOIN {LEO}.learner_ae_id_to_pmr_lookup p ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr11
    JOIN {LEO}.learner_ae_id_to_edukey_lookup e ON e.ae_id = p.ae_id
    LEFT JOIN key_months k ON k.edukey = e.edukey
    WHERE c.ncyearactual_spr11 = '11' AND c.recordstatus_spr11 < 100
    GROUP BY c.pupilmatchingrefanonymous_spr11
),
shown AS (
    SELECT ethnic_group, gender, CASE WHEN count(*) >= 10 THEN (count(*) + 2) // 5 * 5 END AS people,
        CASE WHEN least(sum(works), count(*) - sum(works)) >= 10 THEN (sum(works) + 2) // 5 * 5 END AS in_work
    FROM person GROUP BY ethnic_group, gender
)
SELECT *, round(in_work * 100.0 / people, 1) AS in_work_percent FROM shown
"""

Q12 = Question(
    name="q12",
    title="A table cleared for release",
    answer_name="q12",
    kind="sql",
    points=4,
    columns={
        "ethnic_group": "text",
        "gender": "text",
        "people": "number",
        "in_work": "number",
        "in_work_percent": "number",
    },
    identity=("ethnic_group", "gender"),
    unit="group",
    lesson=RELEASE_LESSON,
    reference_sql=release_sql(),
    reference_pandas=release_pandas,
    tolerance={"in_work_percent": 0.051},
    hints=(
        "Go in steps: linked people, who of them is in sustained employment, exact counts, then what may be shown.",
        "With people and in_work shown, everybody also knows how many are not in work.",
        "in_work needs 10 people and 10 others; the percentage is made from the two rounded numbers.",
    ),
    misconceptions=(
        slip(
            "exact-percentage",
            "Your percentages come from exact numbers. With the rounded base beside it, such a percentage gives the "
            "exact numbers back: divide the rounded ones.",
            release_sql(percent="CASE WHEN shown_in_work IS NOT NULL THEN round(100.0 * in_work / people, 1) END"),
        ),
        slip(
            "percentage-left-standing",
            "You suppressed in_work and left its percentage. Percentage times people is the number again: suppress "
            "both.",
            release_sql(percent="round(100.0 * 5 * floor(in_work / 5.0 + 0.5) / shown_people, 1)"),
        ),
        slip(
            "not-rounded",
            "Your numbers are suppressed, but exact. Round people and in_work to the nearest 5, and make the "
            "percentage from them.",
            release_sql(step="{}"),
        ),
        slip(
            "unmatched-in-denominator",
            "Your base holds pupils who lead to no EDUKEY. Nothing is known about their work: leave them out.",
            release_sql(joined="LEFT JOIN"),
        ),
    ),
    alternatives=(release_in_python, release_by_mask, RELEASE_BY_FLAGS),
)

ASSIGNMENT = Assignment(
    name="06-table-for-release",
    title="A table for release",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q9, Q10, Q11, Q12),
    written={"q8": 4},
    worked=Q0,
    people=10_000,  # cells must be large enough that some, and not all, may leave
)
