"""Cohort and earnings: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pandas as pd

from leocourse.checks import Assignment, Misconception, Question

COHORT_LESSON = "Building a cohort"
EARNINGS_LESSON = "Measuring earnings"
SPRING = 'npd_i2."2005003".spring_census_2011'
LEO = 'leo_i2."2005003"'


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
        Misconception(
            "every-record",
            "A census record is not a pupil",
            "You kept every record. Some pupils have two: they are registered at two schools, or a former school "
            "still returns them. Keep the main record of each, which RecordStatus tells.",
            COHORT_LESSON,
            COHORT_SQL.replace(" AND recordstatus_spr11 < 100", ""),
        ),
        Misconception(
            "distinct",
            "DISTINCT removes equal rows, not second records",
            "SELECT DISTINCT only drops rows that are the same in every column. The second record of a pupil who is "
            "off roll has no FSM value, so it differs and stays. Choose the main record with RecordStatus.",
            COHORT_LESSON,
            COHORT_SQL.replace("SELECT ", "SELECT DISTINCT ").replace(" AND recordstatus_spr11 < 100", ""),
        ),
        Misconception(
            "on-roll",
            "On roll is not the same as main record",
            "OnRoll = 1 drops pupils who have left, but a pupil registered at two schools is on roll at both. Choose"
            " the main record with RecordStatus.",
            COHORT_LESSON,
            COHORT_SQL.replace("recordstatus_spr11 < 100", "onroll_spr11 = 1"),
        ),
        Misconception(
            "year-it-begins",
            "A view is named after the year in which the academic year ends",
            "You used the census of the year in which 2010/11 begins. spring_census_2010 is January 2010, in the "
            "academic year 2009/10; 2010/11 is spring_census_2011.",
            COHORT_LESSON,
            COHORT_SQL.replace("_spr11", "_spr10").replace("2011", "2010"),
        ),
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
        Misconception(
            "inner-join",
            "The join that loses people",
            "An inner join drops pupils who lead to no EDUKEY. They are part of the cohort, and not a random part: "
            "keep them with a LEFT JOIN and give them 0.",
            COHORT_LESSON,
            KEYS_SQL.replace("LEFT JOIN", "JOIN"),
        ),
        Misconception(
            "rows-not-keys",
            "The join that multiplies",
            "You counted joined rows. A pupil with two AE_IDs reaches the same EDUKEY along two paths, so rows "
            "outnumber keys: count distinct EDUKEYs.",
            COHORT_LESSON,
            KEYS_SQL.replace("count(DISTINCT e.edukey)", "count(e.edukey)"),
        ),
        Misconception(
            "ae-ids",
            "AE_ID is the person; EDUKEY is the key to outcomes",
            "You counted AE_IDs. An AE_ID may lead to no EDUKEY, or to two: go one lookup further, and count EDUKEYs.",
            COHORT_LESSON,
            KEYS_SQL.replace("count(DISTINCT e.edukey)", "count(DISTINCT p.ae_id)"),
        ),
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
        Misconception(
            "calendar-year",
            "A birth cohort is an academic year, not a calendar year",
            "You grouped by the calendar year of birth. School years run from September: somebody born in March 1995"
            " is in the same cohort as somebody born in October 1994.",
            COHORT_LESSON,
            lambda con, year: birth_cohorts(con, year, cohort="{born}"),
        ),
        Misconception(
            "year-it-ends",
            "The cohort is named after the year in which it begins",
            "You named cohorts after the year in which they end. The question calls 1994/95 by its first year, 1994.",
            COHORT_LESSON,
            lambda con, year: birth_cohorts(con, year, cohort="CASE WHEN {month} >= 9 THEN {born} + 1 ELSE {born} END"),
        ),
        Misconception(
            "october",
            "The academic year of birth begins on 1 September",
            "People born in September are one cohort too early: the cohort begins with September, so test for month "
            "9 and later.",
            COHORT_LESSON,
            lambda con, year: birth_cohorts(con, year, cohort="CASE WHEN {month} > 9 THEN {born} ELSE {born} - 1 END"),
        ),
        Misconception(
            "records-counted",
            "Records were counted, not pupils",
            "Your numbers count duplicate records too. Keep the main record of each pupil before counting.",
            COHORT_LESSON,
            lambda con, year: birth_cohorts(con, year, main=False),
        ),
    ),
)


# q4: days in work in a tax year --------------------------------------------------------------------


def bounds(label):
    """First and last day of a tax year from its label: 201213 is 6 April 2012 to 5 April 2013."""
    return date(label // 100, 4, 6), date(label // 100 + 1, 4, 5)


def days_in_work(con, tax_year, first=None, last=None, clip_end=True, inclusive=True, starts_inside=False):
    first, last = (first, last) if first else bounds(tax_year)
    end = f"least(enddate, DATE '{last}')" if clip_end else "enddate"
    begun = f"AND startdate >= DATE '{first}'" if starts_inside else ""
    return con.sql(f"""
        SELECT edukey, sum({end} - greatest(startdate, DATE '{first}') + {int(inclusive)}) AS days
        FROM {LEO}.leo_employment
        WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}' {begun}
        GROUP BY edukey
    """)


def days_in_work_pandas(con, tax_year):
    first, last = bounds(tax_year)
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
    lesson=EARNINGS_LESSON,
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
        Misconception(
            "open-spells",
            "9999-12-31 means that the spell goes on",
            "Some people have far more days than a year has. An end of 9999-12-31 marks a spell that goes on, and "
            "others end after the year: cut every spell at 5 April.",
            EARNINGS_LESSON,
            lambda con, tax_year: days_in_work(con, tax_year, clip_end=False),
        ),
        Misconception(
            "last-day-lost",
            "The last day counts",
            "You lose a day in each spell: from Monday to Friday are five days, but the difference of the dates is 4.",
            EARNINGS_LESSON,
            lambda con, tax_year: days_in_work(con, tax_year, inclusive=False),
        ),
        Misconception(
            "academic-year",
            "A tax year is not an academic year",
            "You counted from 1 August to 31 July. A tax year runs from 6 April to 5 April, and pay is totalled by "
            "tax year.",
            EARNINGS_LESSON,
            lambda con, tax_year: days_in_work(
                con, tax_year, date(tax_year // 100, 8, 1), date(tax_year // 100 + 1, 7, 31)
            ),
        ),
        Misconception(
            "calendar-year",
            "A tax year is not a calendar year",
            "You counted from 1 January to 31 December. Tax year 201213 runs from 6 April 2012 to 5 April 2013.",
            EARNINGS_LESSON,
            lambda con, tax_year: days_in_work(
                con, tax_year, date(tax_year // 100, 1, 1), date(tax_year // 100, 12, 31)
            ),
        ),
        Misconception(
            "label-read-as-end",
            "201213 begins in 2012",
            "You took the tax year that begins in the second year of the label. "
            "201213 is 6 April 2012 to 5 April 2013.",
            EARNINGS_LESSON,
            lambda con, tax_year: days_in_work(con, tax_year + 101),
        ),
        Misconception(
            "spells-that-start",
            "A spell that began earlier still counts",
            "You kept only spells that start in the tax year, so you lose people who have been in the same work "
            "since before 6 April.",
            EARNINGS_LESSON,
            lambda con, tax_year: days_in_work(con, tax_year, starts_inside=True),
        ),
    ),
)


# q5: sustained employment --------------------------------------------------------------------------


def winter(label, shift=0):
    """The months October to March of a tax year as (first day, first day of the next month)."""
    year = label // 100 + shift
    firsts = [date(year, 10, 1), date(year, 11, 1), date(year, 12, 1), date(year + 1, 1, 1)]
    firsts += [date(year + 1, 2, 1), date(year + 1, 3, 1), date(year + 1, 4, 1)]
    return list(pairwise(firsts))


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
    lesson=EARNINGS_LESSON,
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
        Misconception(
            "all-six",
            "Five of the six months are enough",
            "You asked for work in all six months. The published rule is at least one day in five of the six months "
            "from October to March.",
            EARNINGS_LESSON,
            lambda con, tax_year: sustained(con, tax_year, at_least=6),
        ),
        Misconception(
            "whole-months",
            "One day in a month is enough",
            "You counted only months that a spell covers from the first day to the last. One day in work makes a "
            "month count.",
            EARNINGS_LESSON,
            lambda con, tax_year: sustained(con, tax_year, whole=True),
        ),
        Misconception(
            "any-five-months",
            "The rule looks at October to March only",
            "You looked at all months of the year. Summer months do not count: a person in work from April to "
            "September is not in sustained employment.",
            EARNINGS_LESSON,
            lambda con, tax_year: sustained(con, tax_year, months=all_months(tax_year)),
        ),
        Misconception(
            "wrong-winter",
            "The winter inside the tax year",
            "You took the October to March that comes after the tax year ends. Tax year 201213 contains October 2012"
            " to March 2013.",
            EARNINGS_LESSON,
            lambda con, tax_year: sustained(con, tax_year, months=winter(tax_year, shift=1)),
        ),
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
        Misconception(
            "not-annualised",
            "Pay for part of a year is not a yearly rate",
            "You gave the total for the year. Somebody who worked for half of it looks half as well paid: divide by "
            "the days in work and multiply by 365.",
            EARNINGS_LESSON,
            annualised_sql(pay="e.earnings"),
        ),
        Misconception(
            "zero-kept",
            "A total of 0 is not a wage",
            "You kept totals of 0. They arise when a correction makes the sum negative, and they pull averages down:"
            " keep earnings above 0.",
            EARNINGS_LESSON,
            annualised_sql(positive=""),
        ),
        Misconception(
            "everybody-with-pay",
            "Annualised earnings are for people in sustained employment",
            "You kept everybody with pay and a spell. A fortnight's work grossed up to a year says little: the "
            "measure is for people in sustained employment.",
            EARNINGS_LESSON,
            annualised_sql(only_sustained=False),
        ),
        Misconception(
            "days-beyond-the-year",
            "Days were counted past the end of the year",
            "Pay is for the tax year, so its days must be too: cut spells at 5 April, above all those that end on "
            "9999-12-31.",
            EARNINGS_LESSON,
            annualised_sql(clip=False),
        ),
        Misconception(
            "per-month",
            "Twelve times a month's pay is not the rate",
            "You divided by the months of the rule and multiplied by 12. The measure uses days: pay divided by days "
            "in work, times 365.",
            EARNINGS_LESSON,
            annualised_sql(pay="e.earnings * 12.0 / 6"),
        ),
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
    points = []
    for year in FIGURE_YEARS:
        label = (year - 1) * 100 + year % 100
        # a person's months are pooled over all their keys
        months = winter(label)
        spells = con.sql(f"SELECT edukey, startdate::VARCHAR s, enddate::VARCHAR e FROM {LEO}.leo_employment").df()
        mine = links.dropna().merge(spells, on="edukey")
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
            first, last = bounds(label)
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


Q7 = Question(
    name="q7",
    title="Sustained employment of one cohort over time, as a figure",
    answer_name="draw",
    kind="figure",
    points=3,
    columns={"x": "number", "y": "number"},
    identity=("x",),
    unit="point",
    lesson=EARNINGS_LESSON,
    reference_sql=employment_rates_sql,
    reference_pandas=employment_rates,
    tolerance={"y": 0.05},
    labels={"title": "simulated|synthetic", "x label": "tax year", "y label": "%|per cent|percent"},
    hints=(
        "Compute the eleven percentages first, as a table. Draw when they look right.",
        "A person counts once, even with two EDUKEYs: pool the months of all of a person's keys.",
        "The denominator is everybody in the cohort who leads to an EDUKEY, in work or not.",
    ),
    misconceptions=(
        Misconception(
            "unmatched-in-denominator",
            "People who could not be linked are not out of work",
            "Your denominator holds pupils who lead to no EDUKEY. Nothing is known about their work, so the "
            "published percentages leave them out (and report how many they are).",
            EARNINGS_LESSON,
            lambda con: employment_rates(con, denominator="all"),
        ),
        Misconception(
            "only-people-with-work",
            "Not working is an outcome, too",
            "Your denominator holds only people with some work in the year, so the rate is far too high. Everybody "
            "in the cohort who could be linked belongs in it.",
            EARNINGS_LESSON,
            lambda con: employment_rates(con, denominator="any work"),
        ),
        Misconception(
            "share-not-percent",
            "The axis says per cent",
            "Your values are shares between 0 and 1: multiply by 100.",
            EARNINGS_LESSON,
            lambda con: employment_rates(con, scale=1.0),
        ),
        Misconception(
            "keys-not-people",
            "An EDUKEY is not a person",
            "You counted EDUKEYs. A person with two of them counts twice, and has half a history under each: go from"
            " keys to people first.",
            EARNINGS_LESSON,
            lambda con: employment_rates(con, by_key=True),
        ),
    ),
)

ASSIGNMENT = Assignment(
    name="01-cohort-and-earnings",
    title="Cohort and earnings",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7),
    written={"q8": 4},
)
