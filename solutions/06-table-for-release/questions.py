"""A table for release: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pandas as pd

from leocourse.checks import Assignment, Question
from leocourse.checks.catalogue import slips

slip = slips(__file__)

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
)

ASSIGNMENT = Assignment(
    name="06-table-for-release",
    title="A table for release",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7),
    written={"q8": 4},
)
