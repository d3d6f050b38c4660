"""Employment three ways: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, figure_question, months_of, tax_year_bounds, winter
from leocourse.authoring import Assignment, Question

slip = slips(__file__)

LESSON = "Work: spells and tax years"
WORK = f"{LEO}.leo_employment"
KEYS = f"{LEO}.learner_ae_id_to_edukey_lookup"
PMR = "pupilmatchingrefanonymous"
EDUKEYS = f"SELECT DISTINCT edukey FROM {WORK}"
SPELLS_TEXT = f"SELECT edukey, CAST(startdate AS VARCHAR) AS s, CAST(enddate AS VARCHAR) AS e FROM {WORK}"
"""Dates as text: 9999-12-31 is beyond the dates of pandas, and text of this form sorts as dates do."""


def month_rows(months):
    return ", ".join(f"({n}, DATE '{first}', DATE '{after}')" for n, (first, after) in enumerate(months))


# q0: open spells -----------------------------------------------------------------------------------

OPEN_SQL = f"""
SELECT CASE WHEN enddate = DATE '9999-12-31' THEN 1 ELSE 0 END AS still_open, COUNT(*) AS spells
FROM {WORK}
GROUP BY CASE WHEN enddate = DATE '9999-12-31' THEN 1 ELSE 0 END
"""


def open_pandas(con):
    rows = con.sql(SPELLS_TEXT).df()
    still_open = (rows["e"] == "9999-12-31").astype(int)
    return still_open.rename("still_open").value_counts().rename("spells").reset_index()


Q0 = Question(
    name="q0",
    title="Spells that are over, and spells that go on",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"still_open": "number", "spells": "number"},
    identity=("still_open",),
    unit="group",
    lesson=LESSON,
    reference_sql=OPEN_SQL,
    reference_pandas=open_pandas,
    hints=(
        "A spell that goes on has an end in the far future.",
        "The end of an open spell is 9999-12-31.",
        "Count rows by a CASE on enddate.",
    ),
    misconceptions=(
        slip(
            "people-as-spells",
            "You counted people. Somebody who has worked twice has two spells: count rows.",
            OPEN_SQL.replace("COUNT(*)", "COUNT(DISTINCT edukey)"),
        ),
    ),
)


# q1: in work on a day ------------------------------------------------------------------------------


def on_day_sql(where="startdate <= DATE '2018-04-06' AND enddate >= DATE '2018-04-06'", extra="+ 1"):
    return f"""
SELECT edukey, DATE '2018-04-06' - startdate {extra} AS days_so_far
FROM {WORK}
WHERE {where}
"""


ON_DAY_SQL = on_day_sql()


def on_day_pandas(con):
    rows = con.sql(f"SELECT edukey, startdate, CAST(enddate AS VARCHAR) AS e FROM {WORK}").df()
    mine = rows[(rows["startdate"] <= "2018-04-06") & (rows["e"] >= "2018-04-06")]
    days = (pd.Timestamp("2018-04-06") - mine["startdate"]).dt.days + 1
    return pd.DataFrame({"edukey": mine["edukey"], "days_so_far": days})


ON_DAY_BETWEEN = f"""
SELECT edukey, CAST(DATE '2018-04-07' - startdate AS INT) AS days_so_far
FROM {WORK}
WHERE DATE '2018-04-06' BETWEEN startdate AND enddate
"""
ON_DAY_LATEST = f"""
WITH begun AS (
    SELECT edukey, startdate, enddate, ROW_NUMBER() OVER (PARTITION BY edukey ORDER BY startdate DESC) AS place
    FROM {WORK} WHERE startdate < DATE '2018-04-07'
)
SELECT edukey, date_diff('day', startdate, DATE '2018-04-06') + 1 AS days_so_far
FROM begun WHERE place = 1 AND NOT enddate < DATE '2018-04-06'
"""


def on_day_loop(con):
    day, rows = date(2018, 4, 6), []
    for key, start, end in con.sql(f"SELECT edukey, startdate, CAST(enddate AS VARCHAR) FROM {WORK}").fetchall():
        if start <= day and end >= day.isoformat():
            rows.append({"edukey": key, "days_so_far": (day - start).days + 1})
    return rows


Q1 = Question(
    name="q1",
    title="In work on 6 April 2018",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"edukey": "text", "days_so_far": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    reference_sql=ON_DAY_SQL,
    reference_pandas=on_day_pandas,
    alternatives=(ON_DAY_BETWEEN, ON_DAY_LATEST, on_day_loop),
    universe=EDUKEYS,
    hints=(
        "A spell covers a day if it starts on it or before, and ends on it or after.",
        "Many spells start on 6 April, the first day of the tax year. They cover it.",
        "startdate <= the day AND enddate >= the day; the difference of the dates, plus 1.",
    ),
    misconceptions=(
        slip(
            "end-forgotten",
            "You kept every spell that had begun, also those that were over long before. A spell covers the day only "
            "if it has not ended before it.",
            on_day_sql("startdate <= DATE '2018-04-06'"),
        ),
        slip(
            "open-spells-dropped",
            "You dropped spells whose end is 9999-12-31. They have no end because they go on: these "
            "people are in work.",
            ON_DAY_SQL + "AND enddate < DATE '9999-12-31'",
        ),
        slip(
            "first-day-lost",
            "You lost spells that start on the day itself. The first day of a spell is a day in work, and many start "
            "on 6 April.",
            on_day_sql("startdate < DATE '2018-04-06' AND enddate >= DATE '2018-04-06'"),
        ),
        slip(
            "last-day-lost",
            "You are a day short: from 6 April to 6 April is one day in work, but the difference of the dates is 0.",
            on_day_sql(extra=""),
        ),
    ),
)


# q2: uncertain dates by tax year -------------------------------------------------------------------

TAX_LABEL = (
    "(YEAR(startdate) - CASE WHEN MONTH(startdate) < 4 OR (MONTH(startdate) = 4 AND DAY(startdate) < 6) "
    "THEN 1 ELSE 0 END)"
)


def uncertain_sql(year=TAX_LABEL, uncertain="uncertainstartdate = 1", label="{year} * 100 + ({year} + 1) % 100"):
    label = label.format(year=year)
    return f"""
SELECT {label} AS tax_year, COUNT(*) AS spells,
    100.0 * SUM(CASE WHEN {uncertain} THEN 1 ELSE 0 END) / COUNT(*) AS percentage
FROM {WORK}
WHERE startdate BETWEEN DATE '2008-04-06' AND DATE '2018-04-05'
GROUP BY {label}
"""


UNCERTAIN_SQL = uncertain_sql()
STARTS_DECADE = f"""
    SELECT startdate, uncertainstartdate FROM {WORK} WHERE startdate BETWEEN DATE '2008-04-06' AND DATE '2018-04-05'
"""


def uncertain_pandas(con):
    rows = con.sql(STARTS_DECADE).df()
    # 5 days and 3 months back, 6 April is 1 January
    year = (rows["startdate"] - pd.Timedelta(days=5) - pd.DateOffset(months=3)).dt.year
    table = rows.assign(tax_year=year * 100 + (year + 1) % 100).groupby("tax_year")["uncertainstartdate"]
    return pd.DataFrame({"spells": table.size(), "percentage": 100 * table.mean()}).reset_index()


UNCERTAIN_JOINED = f"""
WITH years AS (
    SELECT range * 100 + (range + 1) % 100 AS tax_year, make_date(range, 4, 6) AS first_day,
        make_date(range + 1, 4, 5) AS last_day
    FROM range(2008, 2018)
)
SELECT y.tax_year, COUNT(*) AS spells, AVG(100.0 * s.uncertainstartdate) AS percentage
FROM years AS y JOIN {WORK} AS s ON s.startdate BETWEEN y.first_day AND y.last_day
GROUP BY y.tax_year
"""
UNCERTAIN_TEXT = f"""
SELECT CASE WHEN strftime(startdate, '%m%d') >= '0406' THEN YEAR(startdate) * 100 + (YEAR(startdate) + 1) % 100
        ELSE (YEAR(startdate) - 1) * 100 + YEAR(startdate) % 100 END AS tax_year,
    COUNT(*) AS spells, 100.0 * COUNT(*) FILTER (WHERE uncertainstartdate = 1) / COUNT(*) AS percentage
FROM {WORK}
WHERE startdate >= DATE '2008-04-06' AND startdate < DATE '2018-04-06'
GROUP BY 1
"""


def uncertain_cut(con):
    rows = con.sql(STARTS_DECADE).df()
    edges = pd.to_datetime([f"{year}-04-06" for year in range(2008, 2019)])
    labels = [year * 100 + (year + 1) % 100 for year in range(2008, 2018)]
    rows["tax_year"] = pd.cut(rows["startdate"], edges, right=False, labels=labels).astype(int)
    table = rows.groupby("tax_year").agg(spells=("startdate", "size"), percentage=("uncertainstartdate", "mean"))
    return table.assign(percentage=100 * table["percentage"]).reset_index()


Q2 = Question(
    name="q2",
    title="Starts that are not certain, by tax year",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"tax_year": "number", "spells": "number", "percentage": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    reference_sql=UNCERTAIN_SQL,
    reference_pandas=uncertain_pandas,
    alternatives=(UNCERTAIN_JOINED, UNCERTAIN_TEXT, uncertain_cut),
    tolerance={"percentage": 0.005},
    hints=(
        "A start from 1 January to 5 April belongs to the tax year that began in the April before.",
        "6 April is the default for a start that is not known, but some spells really start on it.",
        "Make the label with a CASE on month and day, then average uncertainstartdate times 100 by it.",
    ),
    misconceptions=(
        slip(
            "calendar-year-of-start-date",
            "You took the calendar year of the start. A start in February 2010 is in tax year 200910, which began in "
            "April 2009.",
            uncertain_sql(year="YEAR(startdate)"),
        ),
        slip(
            "default-date-as-flag",
            "You took every start on 6 April for uncertain. Some spells really start on that day: the flag "
            "uncertainstartdate tells.",
            uncertain_sql(uncertain="MONTH(startdate) = 4 AND DAY(startdate) = 6"),
        ),
        slip(
            "end-flag-for-start",
            "You took the flag of the end. Start and end have a flag each: use uncertainstartdate.",
            uncertain_sql(uncertain="uncertainenddate = 1"),
        ),
        slip(
            "label-read-as-end",
            "Your labels are one year too late. 200809 begins on 6 April 2008.",
            uncertain_sql(label="({year} + 1) * 100 + ({year} + 2) % 100"),
        ),
    ),
)


# q3: days in work of a person ----------------------------------------------------------------------


def person_days(con, year, first=None, last=None, key="k.edukey", merged=True, inclusive=1, cut=True):
    """Days in work in the academic year that ends in ``year``, over all keys of an AE_ID."""
    first, last = first or date(year - 1, 8, 1), last or date(year, 7, 31)
    keys = f"(SELECT ae_id, MIN(edukey) AS edukey FROM {KEYS} GROUP BY ae_id)" if key == "one" else KEYS
    end = f"LEAST(s.enddate, DATE '{last}')" if cut else "s.enddate"
    spells = f"""
        SELECT {"DISTINCT" if merged else ""} k.ae_id, GREATEST(s.startdate, DATE '{first}') AS first_day,
            {end} AS last_day
        FROM {keys} AS k JOIN {WORK} AS s ON s.edukey = k.edukey
        WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'
    """
    if not merged:
        return con.sql(f"SELECT ae_id, SUM(last_day - first_day + {inclusive}) AS days FROM ({spells}) GROUP BY ae_id")
    return con.sql(f"""
        WITH spells AS ({spells}),
        reached AS (
            SELECT *, MAX(last_day) OVER (
                PARTITION BY ae_id ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS so_far
            FROM spells
        ),
        fresh AS (
            SELECT ae_id, last_day,
                CASE WHEN so_far >= first_day THEN so_far + {inclusive} ELSE first_day END AS first_day
            FROM reached
        )
        SELECT ae_id, SUM(CASE WHEN last_day >= first_day THEN last_day - first_day + {inclusive} ELSE 0 END) AS days
        FROM fresh GROUP BY ae_id
    """)


def person_spells(year):
    """Spells cut to the academic year, one row a person, key and spell."""
    first, last = date(year - 1, 8, 1), date(year, 7, 31)
    return f"""
        SELECT k.ae_id, GREATEST(s.startdate, DATE '{first}') AS first_day, LEAST(s.enddate, DATE '{last}') AS last_day
        FROM {KEYS} AS k JOIN {WORK} AS s ON s.edukey = k.edukey
        WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'
    """


def person_days_pandas(con, year):
    """In order of start, each spell adds the days after the latest end so far."""
    rows = con.sql(person_spells(year)).df().sort_values(["ae_id", "first_day", "last_day"])
    so_far = rows.groupby("ae_id")["last_day"].cummax().groupby(rows["ae_id"]).shift()
    begins = rows["first_day"].where(~(so_far >= rows["first_day"]), so_far + pd.Timedelta(days=1))
    rows["days"] = ((rows["last_day"] - begins).dt.days + 1).clip(lower=0)
    return rows.groupby("ae_id")["days"].sum().reset_index()


def person_days_calendar(con, year):
    """A calendar of the year, joined to the spells, and distinct days counted."""
    return con.sql(f"""
        WITH spells AS ({person_spells(year)}),
        calendar AS (SELECT DATE '{year - 1}-08-01' + range::INT AS day FROM range(366))
        SELECT s.ae_id, COUNT(DISTINCT c.day) AS days
        FROM spells AS s JOIN calendar AS c ON c.day BETWEEN s.first_day AND s.last_day
        GROUP BY s.ae_id
    """)


def person_days_sets(con, year):
    covered = {}
    for person, first, last in con.sql(person_spells(year)).fetchall():
        covered.setdefault(person, set()).update(range(first.toordinal(), last.toordinal() + 1))
    return [{"ae_id": person, "days": len(days)} for person, days in covered.items()]


def person_days_islands(con, year):
    """Overlapping spells joined to islands first, then the islands added up."""
    return con.sql(f"""
        WITH spells AS (SELECT DISTINCT * FROM ({person_spells(year)})),
        marked AS (
            SELECT *, CASE WHEN first_day <= MAX(last_day) OVER (
                PARTITION BY ae_id ORDER BY first_day, last_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) THEN 0 ELSE 1 END AS fresh
            FROM spells
        ),
        numbered AS (
            SELECT *, SUM(fresh) OVER (PARTITION BY ae_id ORDER BY first_day, last_day) AS island FROM marked
        ),
        islands AS (
            SELECT ae_id, MIN(first_day) AS first_day, MAX(last_day) AS last_day
            FROM numbered GROUP BY ae_id, island
        )
        SELECT ae_id, SUM(date_diff('day', first_day, last_day) + 1) AS days FROM islands GROUP BY ae_id
    """)


Q3 = Question(
    name="q3",
    title="Days in work of a person in an academic year",
    answer_name="person_days",
    kind="function",
    points=3,
    columns={"ae_id": "number", "days": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    reference_sql=person_days,
    reference_pandas=person_days_pandas,
    alternatives=(person_days_calendar, person_days_sets, person_days_islands),
    calls=({"year": 2012}, {"year": 2019}),
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Cut every spell at 1 August and 31 July first. What is left lies inside the academic year.",
        "A person with two EDUKEYs can have the same spell under both: its days count once.",
        "Join the spells to a calendar of the days of the year, and count distinct days by ae_id.",
    ),
    misconceptions=(
        slip(
            "keys-added-up",
            "You added up the days under both EDUKEYs of a person. The same spell can stand under both: a day in work "
            "is one day.",
            lambda con, year: person_days(con, year, merged=False),
        ),
        slip(
            "one-key-kept",
            "You kept one EDUKEY a person. What stands under the other one is lost, so people with two keys have too "
            "few days or are missing.",
            lambda con, year: person_days(con, year, key="one"),
        ),
        slip(
            "tax-year-for-academic",
            "You counted from 6 April to 5 April. The question asks for the academic year, 1 August to 31 July.",
            lambda con, year: person_days(con, year, date(year - 1, 4, 6), date(year, 4, 5)),
        ),
        slip(
            "open-spells",
            "Some people have far more days than a year has. An end of 9999-12-31 marks a spell that goes on: cut "
            "every spell at 31 July.",
            lambda con, year: person_days(con, year, cut=False),
        ),
        slip(
            "last-day-lost",
            "You lose the last day of each spell: from Monday to Friday are five days, but the difference is 4.",
            lambda con, year: person_days(con, year, merged=True, inclusive=0),
        ),
    ),
)


# q4: spells of people with two keys ----------------------------------------------------------------

TWO_KEYS = f"""
    SELECT k.ae_id, k.edukey FROM {KEYS} AS k
    WHERE k.ae_id IN (SELECT ae_id FROM {KEYS} GROUP BY ae_id HAVING COUNT(DISTINCT edukey) = 2)
"""
TWO_SPELLS = f"""
    SELECT t.ae_id, s.startdate AS first_day, LEAST(s.enddate, DATE '2021-04-05') AS last_day
    FROM ({TWO_KEYS}) AS t JOIN {WORK} AS s ON s.edukey = t.edukey
"""


def merged_sql(spells=TWO_SPELLS, gap=1, longest="MAX(last_day - first_day + 1)"):
    return f"""
WITH once AS (
    SELECT ae_id, first_day, MAX(last_day) AS last_day FROM ({spells}) AS spells GROUP BY ae_id, first_day
),
reached AS (
    SELECT *, MAX(last_day) OVER (
        PARTITION BY ae_id ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS so_far
    FROM once
),
numbered AS (
    SELECT *, SUM(CASE WHEN first_day <= so_far + {gap} THEN 0 ELSE 1 END) OVER (
        PARTITION BY ae_id ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS spell
    FROM reached
),
unbroken AS (
    SELECT ae_id, spell, MIN(first_day) AS first_day, MAX(last_day) AS last_day FROM numbered GROUP BY ae_id, spell
)
SELECT ae_id, COUNT(*) AS spells, {longest} AS longest
FROM unbroken
GROUP BY ae_id
"""


MERGED_SQL = merged_sql()


def merged_pandas(con):
    rows = con.sql(TWO_SPELLS).df().sort_values(["ae_id", "first_day", "last_day"]).reset_index(drop=True)
    so_far = rows.groupby("ae_id")["last_day"].cummax().groupby(rows["ae_id"]).shift()
    rows["spell"] = (~(rows["first_day"] <= so_far + pd.Timedelta(days=1))).groupby(rows["ae_id"]).cumsum()
    unbroken = rows.groupby(["ae_id", "spell"]).agg(first=("first_day", "min"), last=("last_day", "max"))
    days = (unbroken["last"] - unbroken["first"]).dt.days + 1
    return days.groupby("ae_id").agg(spells="size", longest="max").reset_index()


def merged_loop(con):
    people = {}
    for person, first, last in con.sql(f"SELECT * FROM ({TWO_SPELLS}) ORDER BY 1, 2, 3").fetchall():
        spells = people.setdefault(person, [])
        if spells and first <= spells[-1][1] + timedelta(days=1):
            spells[-1][1] = max(spells[-1][1], last)
        else:
            spells.append([first, last])
    return [
        {"ae_id": person, "spells": len(spells), "longest": max((last - first).days + 1 for first, last in spells)}
        for person, spells in people.items()
    ]


def merged_days(con):
    """All days in work as numbers; days in a row share a value of day less rank."""
    return con.sql(f"""
        WITH days AS (
            SELECT DISTINCT ae_id, UNNEST(range(first_day - DATE '2000-01-01', last_day - DATE '2000-01-01' + 1)) AS day
            FROM ({TWO_SPELLS}) AS spells
        ),
        runs AS (
            SELECT ae_id, day - ROW_NUMBER() OVER (PARTITION BY ae_id ORDER BY day) AS run FROM days
        ),
        lengths AS (SELECT ae_id, run, COUNT(*) AS days FROM runs GROUP BY ae_id, run)
        SELECT ae_id, COUNT(*) AS spells, MAX(days) AS longest FROM lengths GROUP BY ae_id
    """)


MERGED_EDGES = f"""
WITH spells AS ({TWO_SPELLS}),
starts AS (
    SELECT DISTINCT a.ae_id, a.first_day FROM spells AS a
    WHERE NOT EXISTS (
        SELECT 1 FROM spells AS b
        WHERE b.ae_id = a.ae_id AND b.first_day < a.first_day AND b.last_day >= a.first_day - 1
    )
),
ends AS (
    SELECT DISTINCT a.ae_id, a.last_day FROM spells AS a
    WHERE NOT EXISTS (
        SELECT 1 FROM spells AS b
        WHERE b.ae_id = a.ae_id AND b.last_day > a.last_day AND b.first_day <= a.last_day + 1
    )
),
paired AS (
    SELECT s.ae_id, s.first_day, MIN(e.last_day) AS last_day
    FROM starts AS s JOIN ends AS e ON e.ae_id = s.ae_id AND e.last_day >= s.first_day
    GROUP BY s.ae_id, s.first_day
)
SELECT ae_id, COUNT(*) AS spells, MAX(last_day - first_day + 1) AS longest FROM paired GROUP BY ae_id
"""

Q4 = Question(
    name="q4",
    title="Unbroken spells of people with two EDUKEYs",
    answer_name="q4",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "spells": "number", "longest": "number"},
    identity=("ae_id",),
    unit="person",
    people=True,
    lesson=LESSON,
    reference_sql=MERGED_SQL,
    reference_pandas=merged_pandas,
    alternatives=(merged_loop, merged_days, MERGED_EDGES),
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Cut open ends at 5 April 2021, put the spells of both keys together, and sort them by start.",
        "A spell begins something new if it starts more than a day after the latest end so far.",
        "MAX(last_day) OVER the rows before, a 0 or 1 for each start, and a running SUM of it numbers the spells.",
    ),
    misconceptions=(
        slip(
            "records-as-spells",
            "You counted rows. The same spell can stand under both keys, and then it is one spell of the person: "
            "join what overlaps or touches.",
            f"""
            SELECT ae_id, COUNT(*) AS spells, MAX(last_day - first_day + 1) AS longest
            FROM ({TWO_SPELLS}) AS spells GROUP BY ae_id
            """,
        ),
        slip(
            "one-key-kept",
            "You kept the lower EDUKEY of each person. Spells under the other key are lost, and some people with them.",
            merged_sql(
                f"""
                SELECT t.ae_id, s.startdate AS first_day, LEAST(s.enddate, DATE '2021-04-05') AS last_day
                FROM (SELECT ae_id, MIN(edukey) AS edukey FROM ({TWO_KEYS}) AS two GROUP BY ae_id) AS t
                JOIN {WORK} AS s ON s.edukey = t.edukey
                """
            ),
        ),
        slip(
            "open-spells",
            "Some spells last for thousands of years. 9999-12-31 marks a spell that goes on: the data end on "
            "5 April 2021, so cut it there.",
            merged_sql(TWO_SPELLS.replace("LEAST(s.enddate, DATE '2021-04-05')", "s.enddate")),
        ),
        slip(
            "last-day-lost",
            "Your longest spells are a day short: the last day counts, too.",
            merged_sql(longest="MAX(last_day - first_day)"),
        ),
    ),
)


# q5: months in work --------------------------------------------------------------------------------


def months_worked(con, tax_year, months=None, whole=False, certain="uncertainstartdate = 0 AND uncertainenddate = 0"):
    months = months or months_of(tax_year)
    inside = (
        "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1"
        if whole
        else "s.startdate < m.next_first AND s.enddate >= m.first_day"
    )
    return con.sql(f"""
        SELECT s.edukey, COUNT(DISTINCT m.n) AS months, COUNT(DISTINCT CASE WHEN {certain} THEN m.n END) AS certain
        FROM {WORK} AS s
        JOIN (VALUES {month_rows(months)}) AS m (n, first_day, next_first) ON {inside}
        GROUP BY s.edukey
    """)


def months_pandas(con, tax_year):
    rows = con.sql(
        f"SELECT edukey, startdate::VARCHAR s, enddate::VARCHAR e, "
        f"uncertainstartdate + uncertainenddate AS unsure FROM {WORK}"
    ).df()
    found = pd.concat(
        rows.loc[(rows["s"] < str(after)) & (rows["e"] >= str(first)), ["edukey", "unsure"]].assign(month=first)
        for first, after in months_of(tax_year)
    )
    table = found.groupby("edukey")["month"].nunique().rename("months").to_frame()
    table["certain"] = found[found["unsure"] == 0].groupby("edukey")["month"].nunique()
    return table.fillna(0).astype(int).reset_index()


def months_numbers(con, tax_year):
    """Months as numbers, so that a spell gives a first and a last one; spells of a key may share a month."""
    first = tax_year // 100 * 12 + 3
    return con.sql(f"""
        WITH spells AS (
            SELECT edukey, uncertainstartdate + uncertainenddate AS unsure,
                GREATEST(YEAR(startdate) * 12 + MONTH(startdate) - 1, {first}) AS a,
                LEAST(YEAR(enddate) * 12 + MONTH(enddate) - 1, {first + 11}) AS b
            FROM {WORK}
        ),
        months AS (SELECT edukey, unsure, UNNEST(range(a, b + 1)) AS month FROM spells WHERE a <= b)
        SELECT edukey, COUNT(DISTINCT month) AS months,
            COUNT(DISTINCT month) FILTER (WHERE unsure = 0) AS certain
        FROM months GROUP BY edukey
    """)


def months_flags(con, tax_year):
    """A flag for each month and key, then a sum of flags."""
    rows = month_rows(months_of(tax_year))
    return con.sql(f"""
        WITH grid AS (
            SELECT s.edukey, m.n, MIN(GREATEST(s.uncertainstartdate, s.uncertainenddate)) AS unsure
            FROM {WORK} AS s, (VALUES {rows}) AS m (n, first_day, next_first)
            WHERE s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY s.edukey, m.n
        )
        SELECT edukey, COUNT(*) AS months, COUNT(*) - SUM(unsure) AS certain FROM grid GROUP BY edukey
    """)


def months_loop(con, tax_year):
    first, every, sure = tax_year // 100 * 12 + 3, {}, {}
    rows = con.sql(f"""
        SELECT edukey, YEAR(startdate) * 12 + MONTH(startdate) - 1, YEAR(enddate) * 12 + MONTH(enddate) - 1,
            uncertainstartdate + uncertainenddate
        FROM {WORK}
    """)
    for key, begins, ends, unsure in rows.fetchall():
        months = range(max(begins, first), min(ends, first + 11) + 1)
        if months:
            every.setdefault(key, set()).update(months)
            sure.setdefault(key, set()).update(() if unsure else months)
    return [{"edukey": key, "months": len(months), "certain": len(sure[key])} for key, months in every.items()]


MONTH_CALLS = ({"tax_year": 200910}, {"tax_year": 201718})

Q5 = Question(
    name="q5",
    title="Months in work in a tax year",
    answer_name="months_worked",
    kind="function",
    points=3,
    columns={"edukey": "text", "months": "number", "certain": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    reference_sql=months_worked,
    reference_pandas=months_pandas,
    alternatives=(months_numbers, months_flags, months_loop),
    calls=MONTH_CALLS,
    universe=EDUKEYS,
    hints=(
        "Write the twelve months as rows with their first day and the first day of the next month.",
        "Join spells to months on a shared day, and count distinct months: two spells can touch one month.",
        "For certain, count a month only where both flags of the spell are 0: COUNT(DISTINCT CASE ... END).",
    ),
    misconceptions=(
        slip(
            "whole-months",
            "You counted only months that a spell covers from the first day to the last. One day in work makes a month "
            "count.",
            lambda con, tax_year: months_worked(con, tax_year, whole=True),
        ),
        slip(
            "calendar-months-of-the-year",
            "You counted January to December. The months of a tax year are April to March.",
            lambda con, tax_year: months_worked(con, tax_year, months=months_of(tax_year, begins=1)),
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in the second year of the label. 201718 begins in April 2017.",
            lambda con, tax_year: months_worked(con, tax_year, months=months_of(tax_year, shift=1)),
        ),
        slip(
            "end-flag-forgotten",
            "You dropped spells with an uncertain start only. A spell has a flag for its end, too.",
            lambda con, tax_year: months_worked(con, tax_year, certain="uncertainstartdate = 0"),
        ),
        slip(
            "thirteen-months",
            "You counted the April in which the tax year ends, so some people have thirteen months. The rules look at "
            "twelve calendar months, April to March.",
            lambda con, tax_year: months_worked(con, tax_year, months=months_of(tax_year, count=13)),
        ),
    ),
)


# q6: three rules -----------------------------------------------------------------------------------


def three_rules(con, tax_year, winter=5, first_winter=6, whole=False, continuous="spell", twelve=12, inner=False):
    """A flag for each rule, one row a key with a day in work in April to March or in the tax year."""
    first, last = tax_year_bounds(tax_year)
    length = {
        "spell": "MAX(CASE WHEN enddate - startdate + 1 >= 181 THEN 1 ELSE 0 END)",
        "inside": f"MAX(CASE WHEN LEAST(enddate, DATE '{last}') - GREATEST(startdate, DATE '{first}') + 1 >= 181 "
        "THEN 1 ELSE 0 END)",
        "added": f"CASE WHEN SUM(LEAST(enddate, DATE '{last}') - GREATEST(startdate, DATE '{first}') + 1) >= 181 "
        "THEN 1 ELSE 0 END",
    }[continuous]
    inside = (
        "s.startdate <= m.first_day AND s.enddate >= m.next_first - 1"
        if whole
        else "s.startdate < m.next_first AND s.enddate >= m.first_day"
    )
    return con.sql(f"""
        WITH months AS (
            SELECT s.edukey, COUNT(DISTINCT m.n) AS months,
                COUNT(DISTINCT CASE WHEN m.n BETWEEN {first_winter} AND {first_winter + 5} THEN m.n END) AS winter
            FROM {WORK} AS s
            JOIN (VALUES {month_rows(months_of(tax_year))}) AS m (n, first_day, next_first) ON {inside}
            GROUP BY s.edukey
        ),
        lengths AS (
            SELECT edukey, {length} AS continuous FROM {WORK}
            WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}'
            GROUP BY edukey
        )
        SELECT l.edukey, CASE WHEN m.winter >= {winter} THEN 1 ELSE 0 END AS five_of_six,
            CASE WHEN m.months >= {twelve} THEN 1 ELSE 0 END AS twelve_of_twelve, l.continuous
        FROM lengths AS l {"JOIN" if inner else "LEFT JOIN"} months AS m ON m.edukey = l.edukey
    """)


def three_rules_pandas(con, tax_year):
    first, last = (str(day) for day in tax_year_bounds(tax_year))
    rows = con.sql(f"""
        SELECT edukey, startdate::VARCHAR AS s, enddate::VARCHAR AS e, enddate - startdate + 1 AS days FROM {WORK}
    """).df()
    worked = [set(rows.loc[(rows["s"] < str(b)) & (rows["e"] >= str(a)), "edukey"]) for a, b in months_of(tax_year)]
    touching = rows[(rows["s"] <= last) & (rows["e"] >= first)]
    table = (touching.groupby("edukey")["days"].max() >= 181).astype(int).rename("continuous").reset_index()
    flags = pd.DataFrame([table["edukey"].isin(keys) for keys in worked]).T
    table["five_of_six"] = (flags.iloc[:, 6:].sum(axis=1) >= 5).astype(int)
    table["twelve_of_twelve"] = flags.all(axis=1).astype(int)
    return table


def three_rules_masks(con, tax_year):
    """Twelve bits a key, of which the upper six are October to March."""
    first, last = tax_year_bounds(tax_year)
    april = tax_year // 100 * 12 + 3
    return con.sql(f"""
        WITH spells AS (
            SELECT edukey, startdate, enddate,
                LEAST(GREATEST(YEAR(startdate) * 12 + MONTH(startdate) - 1 - {april}, 0), 12)::INT AS a,
                GREATEST(LEAST(YEAR(enddate) * 12 + MONTH(enddate) - {april}, 12), 0)::INT AS b
            FROM {WORK}
        ),
        masks AS (
            SELECT edukey, BIT_OR(CASE WHEN b > a THEN (1 << b) - (1 << a) ELSE 0 END) AS bits,
                MAX(CASE WHEN startdate <= DATE '{last}' AND enddate >= DATE '{first}'
                    THEN CASE WHEN startdate + 180 <= enddate THEN 1 ELSE 0 END END) AS continuous
            FROM spells GROUP BY edukey
        )
        SELECT edukey, CASE WHEN BIT_COUNT(bits & 4032) >= 5 THEN 1 ELSE 0 END AS five_of_six,
            CASE WHEN bits & 4095 = 4095 THEN 1 ELSE 0 END AS twelve_of_twelve, continuous
        FROM masks WHERE continuous IS NOT NULL
    """)


def three_rules_sets(con, tax_year):
    first, last = tax_year_bounds(tax_year)
    april, months, longest = tax_year // 100 * 12 + 3, {}, {}
    rows = con.sql(f"""
        SELECT edukey, CAST(startdate AS VARCHAR), CAST(enddate AS VARCHAR), enddate - startdate + 1 FROM {WORK}
    """)
    for key, start, end, days in rows.fetchall():
        a, b = int(start[:4]) * 12 + int(start[5:7]) - 1, int(end[:4]) * 12 + int(end[5:7]) - 1
        months.setdefault(key, set()).update(range(max(a - april, 0), min(b - april, 11) + 1))
        if start <= str(last) and end >= str(first):
            longest[key] = max(days, longest.get(key, 0))
    return [
        {
            "edukey": key,
            "five_of_six": int(len(months[key] & set(range(6, 12))) >= 5),
            "twelve_of_twelve": int(len(months[key]) == 12),
            "continuous": int(days >= 181),
        }
        for key, days in longest.items()
    ]


def three_rules_exists(con, tax_year):
    """Each rule as a list of keys of its own."""
    first, last = tax_year_bounds(tax_year)

    def lists(months, at_least):
        return f"""SELECT s.edukey FROM {WORK} AS s
            JOIN (VALUES {month_rows(months)}) AS m (n, a, b) ON s.startdate < m.b AND s.enddate >= m.a
            GROUP BY s.edukey HAVING COUNT(DISTINCT m.n) >= {at_least}"""

    five, twelve = lists(months_of(tax_year, begins=10, count=6), 5), lists(months_of(tax_year), 12)
    return con.sql(f"""
        WITH people AS (
            SELECT DISTINCT edukey FROM {WORK} WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}'
        )
        SELECT p.edukey,
            CASE WHEN p.edukey IN ({five}) THEN 1 ELSE 0 END AS five_of_six,
            CASE WHEN p.edukey IN ({twelve}) THEN 1 ELSE 0 END AS twelve_of_twelve,
            CASE WHEN EXISTS (
                SELECT 1 FROM {WORK} AS s WHERE s.edukey = p.edukey AND s.startdate <= DATE '{last}'
                    AND s.enddate >= DATE '{first}' AND date_diff('day', s.startdate, s.enddate) >= 180
            ) THEN 1 ELSE 0 END AS continuous
        FROM people AS p
    """)


Q6 = Question(
    name="q6",
    title="Three rules for the same people",
    answer_name="three_rules",
    kind="function",
    points=3,
    columns={"edukey": "text", "five_of_six": "number", "twelve_of_twelve": "number", "continuous": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    reference_sql=three_rules,
    reference_pandas=three_rules_pandas,
    alternatives=(three_rules_masks, three_rules_sets, three_rules_exists),
    calls=({"tax_year": 201011}, {"tax_year": 201718}),
    universe=EDUKEYS,
    hints=(
        "Two of the rules count months, one looks at the length of a spell. Make them apart, then join.",
        "October to March are the last six of the twelve months. Continuous employment looks at one whole spell.",
        "MAX over spells that touch the tax year of a flag for enddate - startdate + 1 >= 181, not cut at 5 April.",
    ),
    misconceptions=(
        slip(
            "all-six",
            "You asked for all six months from October to March. Five of them are enough.",
            lambda con, tax_year: three_rules(con, tax_year, winter=6),
        ),
        slip(
            "eleven-of-twelve",
            "You allowed a month without work under the rule of twelve months. Only the winter rule allows one.",
            lambda con, tax_year: three_rules(con, tax_year, twelve=11),
        ),
        slip(
            "continuous-inside",
            "You cut the spell at the tax year before measuring it. For continuous employment not all of the 181 days "
            "need lie in the year.",
            lambda con, tax_year: three_rules(con, tax_year, continuous="inside"),
        ),
        slip(
            "days-not-continuous",
            "You added up the days of several spells. Continuous employment asks for one unbroken spell of 181 days.",
            lambda con, tax_year: three_rules(con, tax_year, continuous="added"),
        ),
        slip(
            "summer-for-winter",
            "You looked at the first six months of the tax year, April to September. The rule looks at October to "
            "March.",
            lambda con, tax_year: three_rules(con, tax_year, first_winter=0),
        ),
    ),
)


# q7: self-employment -------------------------------------------------------------------------------


def winter_rows(label):
    return month_rows(winter(label))


def fe_sql(
    returns="self_employed = 1",
    year=201617,
    join="FULL JOIN",
    either="w.edukey IS NOT NULL OR r.edukey IS NOT NULL",
    rows=None,
):
    return f"""
WITH paid AS (
    SELECT s.edukey
    FROM {WORK} AS s
    JOIN (VALUES {rows or winter_rows(201617)}) AS m (n, first_day, next_first)
        ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY s.edukey
    HAVING COUNT(DISTINCT m.n) >= 5
),
returned AS (SELECT DISTINCT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = {year} AND {returns})
SELECT COALESCE(w.edukey, r.edukey) AS edukey,
    CASE WHEN w.edukey IS NULL THEN 0 ELSE 1 END AS employee,
    CASE WHEN r.edukey IS NULL THEN 0 ELSE 1 END AS self_employed
FROM paid AS w
{join} returned AS r ON r.edukey = w.edukey
WHERE {either}
"""


FE_SQL = fe_sql()
RETURNS = f"SELECT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = 201617 AND self_employed = 1"


def fe_pandas(con):
    rows = con.sql(SPELLS_TEXT).df()
    worked = pd.concat(
        rows.loc[(rows["s"] < str(b)) & (rows["e"] >= str(a)), "edukey"].drop_duplicates()
        for a, b in months_of(201617, begins=10, count=6)
    ).value_counts()
    paid, returned = set(worked[worked >= 5].index), set(con.sql(RETURNS).df()["edukey"])
    keys = sorted(paid | returned)
    return pd.DataFrame(
        {
            "edukey": keys,
            "employee": [int(k in paid) for k in keys],
            "self_employed": [int(k in returned) for k in keys],
        }
    )


FE_PAID = f"""
    SELECT s.edukey FROM {WORK} AS s
    JOIN (VALUES {winter_rows(201617)}) AS m (n, first_day, next_first)
        ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY s.edukey HAVING COUNT(DISTINCT m.n) >= 5
"""
FE_UNION = f"""
SELECT edukey, MAX(employee) AS employee, MAX(self_employed) AS self_employed
FROM (
    SELECT edukey, 1 AS employee, 0 AS self_employed FROM ({FE_PAID}) AS paid
    UNION ALL
    SELECT edukey, 0, 1 FROM ({RETURNS}) AS returned
) AS stacked
GROUP BY edukey
"""
FE_MONTH_FLAGS = f"""
WITH counted AS (
    SELECT edukey,
        {
    " + ".join(
        f"MAX(CASE WHEN startdate < DATE '{b}' AND enddate >= DATE '{a}' THEN 1 ELSE 0 END)"
        for a, b in months_of(201617, begins=10, count=6)
    )
} AS months
    FROM {WORK} GROUP BY edukey
),
keys AS (SELECT edukey FROM counted WHERE months >= 5 UNION ({RETURNS}))
SELECT k.edukey, CASE WHEN k.edukey IN (SELECT edukey FROM counted WHERE months >= 5) THEN 1 ELSE 0 END AS employee,
    CASE WHEN k.edukey IN ({RETURNS}) THEN 1 ELSE 0 END AS self_employed
FROM keys AS k
"""


def fe_merge(con):
    paid, returned = con.sql(FE_PAID).df(), con.sql(RETURNS).df()
    both = paid.merge(returned, how="outer", on="edukey", indicator=True)
    return pd.DataFrame(
        {
            "edukey": both["edukey"],
            "employee": (both["_merge"] != "right_only").astype(int),
            "self_employed": (both["_merge"] != "left_only").astype(int),
        }
    )


Q7 = Question(
    name="q7",
    title="Employees and the self-employed",
    answer_name="q7",
    kind="sql",
    points=3,
    columns={"edukey": "text", "employee": "number", "self_employed": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    reference_sql=FE_SQL,
    reference_pandas=fe_pandas,
    alternatives=(FE_UNION, FE_MONTH_FLAGS, fe_merge),
    universe=f"{EDUKEYS} UNION SELECT DISTINCT edukey FROM {LEO}.leo_self_assessment",
    hints=(
        "Make two lists: who has five of the six months, and who has a return. Then put them together.",
        "Somebody can be on either list alone. Which join keeps both sides?",
        "A FULL JOIN of the lists, COALESCE of the two keys, and a flag for each side that is not NULL.",
    ),
    misconceptions=(
        slip(
            "both-needed",
            "You asked for both. The rule of further education outcomes says or: five of six months, or a return that "
            "shows self-employment.",
            fe_sql(join="JOIN"),
        ),
        slip(
            "self-employed-lost",
            "You began with employees, so people who are self-employed only are lost. They have no spell, but a "
            "return.",
            fe_sql(join="LEFT JOIN"),
        ),
        slip(
            "missing-profit-dropped",
            "You asked for profit. Some returns show self-employment without an amount: self_employed = 1 is what the "
            "rule asks for.",
            fe_sql(returns="self_employed = 1 AND earnings_self_employment > 0"),
        ),
        slip(
            "any-return",
            "You took returns of all years. Only the return for tax year 201617 counts.",
            FE_SQL.replace("taxyear = 201617 AND ", ""),
        ),
        slip(
            "label-read-as-end",
            "You took the winter that follows the tax year. Tax year 201617 holds October 2016 to March 2017.",
            fe_sql(rows=month_rows(months_of(201617, begins=10, count=6, shift=1))),
        ),
    ),
)


# q8: days on out-of-work benefits ------------------------------------------------------------------


def benefit_days(con, tax_year, which="out_of_work_benefit = 1", first=None, last=None, merged=True, plus=1, cut=True):
    first, last = (first, last) if first else tax_year_bounds(tax_year)
    end = f"LEAST(enddate, DATE '{last}')" if cut else "enddate"
    spells = f"""
        SELECT edukey, GREATEST(startdate, DATE '{first}') AS first_day, {end} AS last_day
        FROM {LEO}.leo_benefit WHERE {which} AND startdate <= DATE '{last}' AND enddate >= DATE '{first}'
    """
    if not merged:
        return con.sql(f"SELECT edukey, SUM(last_day - first_day + 1) AS days FROM ({spells}) GROUP BY edukey")
    return con.sql(f"""
        WITH once AS (SELECT edukey, first_day, MAX(last_day) AS last_day FROM ({spells}) GROUP BY ALL),
        spells AS (SELECT edukey, first_day, MAX(last_day) AS last_day FROM once GROUP BY edukey, first_day),
        reached AS (
            SELECT *, MAX(last_day) OVER (
                PARTITION BY edukey ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS so_far
            FROM spells
        ),
        marked AS (
            SELECT *, SUM(CASE WHEN first_day <= so_far THEN 0 ELSE 1 END) OVER (
                PARTITION BY edukey ORDER BY first_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS island
            FROM reached
        ),
        islands AS (
            SELECT edukey, MIN(first_day) AS first_day, MAX(last_day) AS last_day FROM marked GROUP BY edukey, island
        )
        SELECT edukey, SUM(last_day - first_day + {plus}) AS days FROM islands GROUP BY edukey
    """)


def benefit_rows(tax_year):
    first, last = tax_year_bounds(tax_year)
    return f"""
        SELECT edukey, GREATEST(startdate, DATE '{first}') AS first_day, LEAST(enddate, DATE '{last}') AS last_day
        FROM {LEO}.leo_benefit
        WHERE out_of_work_benefit = 1 AND startdate <= DATE '{last}' AND enddate >= DATE '{first}'
    """


def benefit_pandas(con, tax_year):
    """In order of start, each spell adds the days after the latest end so far."""
    rows = con.sql(benefit_rows(tax_year)).df().sort_values(["edukey", "first_day", "last_day"])
    so_far = rows.groupby("edukey")["last_day"].cummax().groupby(rows["edukey"]).shift()
    begins = rows["first_day"].where(~(so_far >= rows["first_day"]), so_far + pd.Timedelta(days=1))
    rows["days"] = ((rows["last_day"] - begins).dt.days + 1).clip(lower=0)
    return rows.groupby("edukey")["days"].sum().reset_index()


def benefit_calendar(con, tax_year):
    first, _ = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH spells AS ({benefit_rows(tax_year)}),
        calendar AS (SELECT DATE '{first}' + range::INT AS day FROM range(366))
        SELECT s.edukey, COUNT(DISTINCT c.day) AS days
        FROM spells AS s JOIN calendar AS c ON c.day BETWEEN s.first_day AND s.last_day
        GROUP BY s.edukey
    """)


def benefit_sets(con, tax_year):
    covered = {}
    for key, first, last in con.sql(benefit_rows(tax_year)).fetchall():
        covered.setdefault(key, set()).update(range(first.toordinal(), last.toordinal() + 1))
    return [{"edukey": key, "days": len(days)} for key, days in covered.items()]


def benefit_unnest(con, tax_year):
    return con.sql(f"""
        WITH days AS (
            SELECT edukey, UNNEST(range(first_day - DATE '2000-01-01', last_day - DATE '2000-01-01' + 1)) AS day
            FROM ({benefit_rows(tax_year)}) AS spells
        )
        SELECT edukey, COUNT(*) AS days FROM (SELECT DISTINCT edukey, day FROM days) AS once GROUP BY edukey
    """)


Q8 = Question(
    name="q8",
    title="Days on out-of-work benefits",
    answer_name="benefit_days",
    kind="function",
    points=3,
    columns={"edukey": "text", "days": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    reference_sql=benefit_days,
    reference_pandas=benefit_pandas,
    alternatives=(benefit_calendar, benefit_sets, benefit_unnest),
    calls=({"tax_year": 201011}, {"tax_year": 201819}),
    universe=f"SELECT DISTINCT edukey FROM {LEO}.leo_benefit",
    hints=(
        "Spells of one benefit type are merged in the data. Spells of two types are not, and they overlap.",
        "A day on two benefits is one day. Join what overlaps, or count distinct days.",
        "Cut the spells at 6 April and 5 April, join them to a calendar of the year, count distinct days.",
    ),
    misconceptions=(
        slip(
            "types-added-up",
            "You added up the days of all types. Somebody on two benefits at once has each day twice: a day counts "
            "once, however many benefits cover it.",
            lambda con, tax_year: benefit_days(con, tax_year, merged=False),
        ),
        slip(
            "any-benefit",
            "You counted every benefit. Disability benefits and universal credit while working are not out-of-work "
            "benefits: out_of_work_benefit = 1 tells.",
            lambda con, tax_year: benefit_days(con, tax_year, which="1 = 1"),
        ),
        slip(
            "jobseekers-only",
            "You counted jobseeker's allowance only. Other benefits are paid to people out of work, too: the flag "
            "covers all of them.",
            lambda con, tax_year: benefit_days(con, tax_year, which="benefit_type = 'JSA'"),
        ),
        slip(
            "open-spells",
            "Some people have far more days than a year has. 9999-12-31 marks a claim that goes on: cut it at 5 April.",
            lambda con, tax_year: benefit_days(con, tax_year, cut=False),
        ),
        slip(
            "last-day-lost",
            "You lose the last day of each stretch: from Monday to Friday are five days, but the difference is 4.",
            lambda con, tax_year: benefit_days(con, tax_year, plus=0),
        ),
    ),
)


# q9: a figure --------------------------------------------------------------------------------------

GAP_YEARS = range(2006, 2021)
COHORT = """
    SELECT pupilmatchingrefanonymous_spr06 AS pmr FROM npd_i2."2005003".spring_census_2006
    WHERE ncyearactual_spr06 = '11' AND recordstatus_spr06 < 100
"""
LINKED = f"""
    SELECT DISTINCT c.pmr, k.edukey
    FROM ({COHORT}) AS c
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    JOIN {KEYS} AS k ON k.ae_id = p.ae_id
"""


def gap(con, rule="gap", base="(SELECT COUNT(DISTINCT pmr) FROM linked)", scale=100.0, person="pmr"):
    """Percentage points between five of six and twelve of twelve, by the year in which a tax year begins."""
    months = ", ".join(
        f"({year}, {n}, DATE '{first}', DATE '{after}')"
        for year in GAP_YEARS
        for n, (first, after) in enumerate(months_of(year * 100))
    )
    value = {
        "gap": "SUM(CASE WHEN winter >= 5 THEN 1 ELSE 0 END) - SUM(CASE WHEN months = 12 THEN 1 ELSE 0 END)",
        "six": "SUM(CASE WHEN winter = 6 THEN 1 ELSE 0 END) - SUM(CASE WHEN months = 12 THEN 1 ELSE 0 END)",
        "five": "SUM(CASE WHEN winter >= 5 THEN 1 ELSE 0 END)",
        "turned": "SUM(CASE WHEN months = 12 THEN 1 ELSE 0 END) - SUM(CASE WHEN winter >= 5 THEN 1 ELSE 0 END)",
    }[rule]
    return con.sql(f"""
        WITH linked AS ({LINKED}),
        worked AS (
            SELECT m.x, l.{person} AS person, COUNT(DISTINCT m.n) AS months,
                COUNT(DISTINCT CASE WHEN m.n >= 6 THEN m.n END) AS winter
            FROM linked AS l
            JOIN {WORK} AS s ON s.edukey = l.edukey
            JOIN (VALUES {months}) AS m (x, n, first_day, next_first)
                ON s.startdate < m.next_first AND s.enddate >= m.first_day
            GROUP BY m.x, l.{person}
        )
        SELECT x, {scale} * ({value}) / {base} AS y FROM worked GROUP BY x ORDER BY x
    """)


def gap_spells(con):
    return con.sql(f"""
        SELECT l.pmr, YEAR(s.startdate) * 12 + MONTH(s.startdate) - 1 AS a,
            YEAR(s.enddate) * 12 + MONTH(s.enddate) - 1 AS b
        FROM ({LINKED}) AS l LEFT JOIN {WORK} AS s ON s.edukey = l.edukey
    """)


def gap_pandas(con):
    rows = gap_spells(con).df()
    people, points = rows["pmr"].nunique(), []
    for year in GAP_YEARS:
        april = year * 12 + 3
        worked = [set(rows.loc[(rows["a"] <= m) & (rows["b"] >= m), "pmr"]) for m in range(april, april + 12)]
        counts = pd.Series([pupil for month in worked[6:] for pupil in month]).value_counts()
        points.append({"x": year, "y": 100 * (int((counts >= 5).sum()) - len(set.intersection(*worked))) / people})
    return pd.DataFrame(points)


def gap_sets(con):
    months = {}
    for pupil, a, b in gap_spells(con).fetchall():
        mine = months.setdefault(pupil, set())
        if a is not None:
            mine.update(range(max(a, 2006 * 12), min(b, 2021 * 12 + 3) + 1))
    points = []
    for year in GAP_YEARS:
        april = year * 12 + 3
        winter, whole = set(range(april + 6, april + 12)), set(range(april, april + 12))
        five = sum(len(mine & winter) >= 5 for mine in months.values())
        points.append({"x": year, "y": 100 * (five - sum(whole <= mine for mine in months.values())) / len(months)})
    return pd.DataFrame(points)


def gap_averages(con):
    """Every linked pupil in every year, with or without work, and the mean of a difference of flags."""
    return con.sql(f"""
        WITH spells AS (SELECT * FROM ({gap_spells(con).sql_query()}) AS found),
        people AS (SELECT DISTINCT pmr FROM spells),
        months AS (
            SELECT DISTINCT pmr, UNNEST(range(GREATEST(a, 24072), LEAST(b, 24254) + 1)) AS month
            FROM spells WHERE a IS NOT NULL
        ),
        counted AS (
            SELECT pmr, (month - 3) // 12 AS x, COUNT(*) AS months,
                COUNT(*) FILTER (WHERE (month - 3) % 12 >= 6) AS winter
            FROM months GROUP BY ALL
        )
        SELECT y.range AS x,
            AVG(100.0 * ((COALESCE(c.winter, 0) >= 5)::INT - (COALESCE(c.months, 0) = 12)::INT)) AS y
        FROM range(2006, 2021) AS y CROSS JOIN people AS p
        LEFT JOIN counted AS c ON c.pmr = p.pmr AND c.x = y.range
        GROUP BY y.range
    """)


def gap_by_year(con):
    """One small query a year and rule."""

    def count(months, at_least):
        return con.sql(f"""
            SELECT COUNT(*) FROM (
                SELECT l.pmr FROM ({LINKED}) AS l JOIN {WORK} AS s ON s.edukey = l.edukey
                JOIN (VALUES {month_rows(months)}) AS m (n, a, b) ON s.startdate < m.b AND s.enddate >= m.a
                GROUP BY l.pmr HAVING COUNT(DISTINCT m.n) >= {at_least}
            )
        """).fetchone()[0]

    people = con.sql(f"SELECT COUNT(DISTINCT pmr) FROM ({LINKED})").fetchone()[0]
    return pd.DataFrame(
        {
            "x": year,
            "y": 100
            * (count(months_of(year * 100, begins=10, count=6), 5) - count(months_of(year * 100), 12))
            / people,
        }
        for year in GAP_YEARS
    )


Q9 = figure_question(
    name="q9",
    title="How far two rules are apart, as a figure",
    points=3,
    lesson=LESSON,
    reference_sql=gap,
    reference_pandas=gap_pandas,
    alternatives=(gap_sets, gap_averages, gap_by_year),
    x_label="tax year",
    y_label="percentage point|%|per cent",
    hints=(
        "Make a table of pupil, tax year, months and winter months first. Both rules come from it.",
        "Pool the months of all keys of a pupil; the base is every pupil who leads to an EDUKEY.",
        "100 times (pupils with winter >= 5, less pupils with months = 12), over all linked pupils, by tax year.",
    ),
    misconceptions=(
        slip(
            "one-rule-only",
            "You drew the share under one rule. The question asks for the difference between the two.",
            lambda con: gap(con, rule="five"),
        ),
        slip(
            "sign-turned",
            "Your difference is turned round. Take the share under five of six, less the share under twelve of twelve.",
            lambda con: gap(con, rule="turned"),
        ),
        slip(
            "all-six",
            "You asked for all six months from October to March. Five of them are enough.",
            lambda con: gap(con, rule="six"),
        ),
        slip(
            "only-people-with-work",
            "Your base holds only pupils with some work in the year. Everybody in the cohort who could be linked "
            "belongs in it.",
            lambda con: gap(con, base="COUNT(*)"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: gap(con, scale=1.0),
        ),
    ),
)


# q10: the pipeline ---------------------------------------------------------------------------------


def groups_sql(
    label=201819,
    join="JOIN",
    person="c.pmr",
    record="recordstatus_spr08 < 100",
    scale="100.0",
    base="linked",
):
    """Share under each rule by free school meals, for years 10 and 11 of 2007/08 in a tax year."""
    people = f"linked_to {'WHERE pmr IN (SELECT pmr FROM any_work)' if base == 'workers' else ''}"
    return f"""
WITH cohort AS (
    SELECT pupilmatchingrefanonymous_spr08 AS pmr, fsmeligible_spr08 AS fsm
    FROM npd_i2."2005003".spring_census_2008
    WHERE ncyearactual_spr08 IN ('10', '11') AND {record} AND fsmeligible_spr08 IS NOT NULL
),
linked_to AS (
    SELECT DISTINCT {person} AS pmr, c.fsm, k.edukey
    FROM cohort AS c
    {join} {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = c.pmr
    {join} {KEYS} AS k ON k.ae_id = p.ae_id
),
months AS (
    SELECT l.pmr, COUNT(DISTINCT m.n) AS months, COUNT(DISTINCT CASE WHEN m.n >= 6 THEN m.n END) AS winter
    FROM linked_to AS l
    JOIN {WORK} AS s ON s.edukey = l.edukey
    JOIN (VALUES {month_rows(months_of(label))}) AS m (n, first_day, next_first)
        ON s.startdate < m.next_first AND s.enddate >= m.first_day
    GROUP BY l.pmr
),
any_work AS (SELECT pmr FROM months),
returned AS (
    SELECT DISTINCT l.pmr
    FROM linked_to AS l
    JOIN {LEO}.leo_self_assessment AS r ON r.edukey = l.edukey
    WHERE r.taxyear = {label} AND r.self_employed = 1
)
SELECT p.fsm, COUNT(*) AS people,
    {scale} * AVG(CASE WHEN m.winter >= 5 THEN 1.0 ELSE 0 END) AS five_of_six,
    {scale} * AVG(CASE WHEN m.winter >= 5 OR r.pmr IS NOT NULL THEN 1.0 ELSE 0 END) AS or_self_employed,
    {scale} * AVG(CASE WHEN m.months = 12 THEN 1.0 ELSE 0 END) AS twelve_of_twelve
FROM (SELECT DISTINCT pmr, fsm FROM {people}) AS p
LEFT JOIN months AS m ON m.pmr = p.pmr
LEFT JOIN returned AS r ON r.pmr = p.pmr
GROUP BY p.fsm
"""


GROUPS_SQL = groups_sql()
GROUP_KEYS = f"""
    SELECT DISTINCT c.pupilmatchingrefanonymous_spr08 AS pmr, c.fsmeligible_spr08 AS fsm, k.edukey
    FROM npd_i2."2005003".spring_census_2008 AS c
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p
        ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr08
    JOIN {KEYS} AS k ON k.ae_id = p.ae_id
    WHERE c.ncyearactual_spr08 IN ('10', '11') AND c.recordstatus_spr08 < 100 AND c.fsmeligible_spr08 IS NOT NULL
"""
GROUP_RETURNS = f"SELECT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = 201819 AND self_employed = 1"


def groups_pandas(con):
    keys, rows = con.sql(GROUP_KEYS).df(), con.sql(SPELLS_TEXT).df()
    mine = keys.merge(rows, on="edukey")
    people = keys[["pmr", "fsm"]].drop_duplicates().reset_index(drop=True)
    worked = pd.DataFrame(
        people["pmr"].isin(mine.loc[(mine["s"] < str(b)) & (mine["e"] >= str(a)), "pmr"]) for a, b in months_of(201819)
    ).T
    returned = keys.loc[keys["edukey"].isin(con.sql(GROUP_RETURNS).df()["edukey"]), "pmr"]
    people["five_of_six"] = worked.iloc[:, 6:].sum(axis=1) >= 5
    people["or_self_employed"] = people["five_of_six"] | people["pmr"].isin(returned)
    people["twelve_of_twelve"] = worked.all(axis=1)
    grouped = people.groupby("fsm")
    rates = 100 * grouped[["five_of_six", "or_self_employed", "twelve_of_twelve"]].mean()
    return rates.assign(people=grouped.size()).reset_index()


def groups_sets(con):
    months, fsm, returned = {}, {}, set()
    found = con.sql(f"""
        SELECT k.pmr, k.fsm, k.edukey IN ({GROUP_RETURNS}), CAST(s.startdate AS VARCHAR), CAST(s.enddate AS VARCHAR)
        FROM ({GROUP_KEYS}) AS k LEFT JOIN {WORK} AS s ON s.edukey = k.edukey
    """)
    periods = [(str(a), str(b)) for a, b in months_of(201819)]
    for pupil, free, tax_return, start, end in found.fetchall():
        fsm[pupil] = free
        returned |= {pupil} if tax_return else set()
        mine = months.setdefault(pupil, set())
        mine |= {n for n, (a, b) in enumerate(periods) if start and start < b and end >= a}
    rows = []
    for free in sorted(set(fsm.values())):
        people = [pupil for pupil in fsm if fsm[pupil] == free]
        five = {pupil for pupil in people if len(months[pupil] & set(range(6, 12))) >= 5}
        twelve = sum(len(months[pupil]) == 12 for pupil in people)
        either = len(five | (returned & set(people)))
        shares = [100 * n / len(people) for n in (len(five), either, twelve)]
        rows.append((free, len(people), *shares))
    return pd.DataFrame(rows, columns=["fsm", "people", "five_of_six", "or_self_employed", "twelve_of_twelve"])


GROUPS_STACKED = f"""
WITH keys AS ({GROUP_KEYS}),
people AS (SELECT DISTINCT pmr, fsm FROM keys),
months AS (
    SELECT DISTINCT k.pmr, UNNEST(range(
        GREATEST(YEAR(s.startdate) * 12 + MONTH(s.startdate) - 1, 24219),
        LEAST(YEAR(s.enddate) * 12 + MONTH(s.enddate), 24231)
    )) AS month
    FROM keys AS k JOIN {WORK} AS s ON s.edukey = k.edukey
    WHERE s.enddate >= DATE '2018-04-01' AND s.startdate < DATE '2019-04-01'
),
flags AS (
    SELECT pmr, 1 AS rule FROM months WHERE month >= 24225 GROUP BY pmr HAVING COUNT(*) >= 5
    UNION SELECT pmr, 2 FROM months WHERE month >= 24225 GROUP BY pmr HAVING COUNT(*) >= 5
    UNION SELECT k.pmr, 2 FROM keys AS k WHERE k.edukey IN ({GROUP_RETURNS})
    UNION SELECT pmr, 3 FROM months GROUP BY pmr HAVING COUNT(*) = 12
),
counted AS (
    SELECT p.fsm, f.rule, COUNT(*) AS n FROM people AS p JOIN flags AS f ON f.pmr = p.pmr GROUP BY p.fsm, f.rule
),
base AS (SELECT fsm, COUNT(*) AS people FROM people GROUP BY fsm)
SELECT b.fsm, b.people, SUM(CASE WHEN c.rule = 1 THEN 100.0 * c.n ELSE 0 END) / b.people AS five_of_six,
    SUM(CASE WHEN c.rule = 2 THEN 100.0 * c.n ELSE 0 END) / b.people AS or_self_employed,
    SUM(CASE WHEN c.rule = 3 THEN 100.0 * c.n ELSE 0 END) / b.people AS twelve_of_twelve
FROM base AS b LEFT JOIN counted AS c ON c.fsm = b.fsm
GROUP BY b.fsm, b.people
"""


def groups_flags(con):
    """A flag for each month by pupil with EXISTS-like joins, then means by group."""
    flags = ", ".join(
        f"MAX(CASE WHEN s.startdate < DATE '{b}' AND s.enddate >= DATE '{a}' THEN 1 ELSE 0 END) AS m{n}"
        for n, (a, b) in enumerate(months_of(201819))
    )
    table = con.sql(f"""
        SELECT k.pmr, k.fsm, MAX(CASE WHEN r.edukey IS NULL THEN 0 ELSE 1 END) AS returned, {flags}
        FROM ({GROUP_KEYS}) AS k
        LEFT JOIN {WORK} AS s ON s.edukey = k.edukey
        LEFT JOIN ({GROUP_RETURNS}) AS r ON r.edukey = k.edukey
        GROUP BY k.pmr, k.fsm
    """).df()
    table["five"] = table[[f"m{n}" for n in range(6, 12)]].sum(axis=1).ge(5).astype(int)
    table["either"] = table[["five", "returned"]].max(axis=1)
    table["twelve"] = table[[f"m{n}" for n in range(12)]].min(axis=1)
    rates = table.groupby("fsm").agg(
        people=("pmr", "size"), five_of_six=("five", "mean"), or_self_employed=("either", "mean"),
        twelve_of_twelve=("twelve", "mean"),
    )  # fmt: skip
    rates.iloc[:, 1:] *= 100
    return rates.reset_index()


Q10 = Question(
    name="q10",
    title="Three rules by group",
    answer_name="q10",
    kind="sql",
    points=4,
    columns={
        "fsm": "number",
        "people": "number",
        "five_of_six": "number",
        "or_self_employed": "number",
        "twelve_of_twelve": "number",
    },
    identity=("fsm",),
    unit="group",
    lesson=LESSON,
    reference_sql=GROUPS_SQL,
    reference_pandas=groups_pandas,
    alternatives=(GROUPS_STACKED, groups_sets, groups_flags),
    tolerance={"five_of_six": 0.01, "or_self_employed": 0.01, "twelve_of_twelve": 0.01},
    hints=(
        "Build it step by step: cohort, keys, months by pupil, returns by pupil, then everybody with LEFT JOINs.",
        "Group months and returns by pupil, not by EDUKEY, before you compare them with a rule.",
        "The base is one row for each linked pupil; AVG of a CASE over it, times 100, by fsm.",
    ),
    misconceptions=(
        slip(
            "unmatched-in-denominator",
            "Your base holds pupils who lead to no EDUKEY. Nothing is known about their work, so published "
            "percentages leave them out.",
            groups_sql(join="LEFT JOIN"),
        ),
        slip(
            "only-people-with-work",
            "Your base holds only pupils with a day in work in the year. Not working is an outcome, too.",
            groups_sql(base="workers"),
        ),
        slip(
            "keys-not-people",
            "You counted EDUKEYs. A pupil with two of them counts twice, each time with part of a history.",
            groups_sql(person="k.edukey"),
        ),
        slip(
            "label-read-as-end",
            "You took the tax year that begins in 2019. 201819 is 6 April 2018 to 5 April 2019.",
            groups_sql(label=201920),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            groups_sql(scale="1.0"),
        ),
    ),
)

ASSIGNMENT = Assignment(
    name="04-employment-three-ways",
    title="Employment three ways",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9, Q10),
    written={"q11": 4},
    worked=Q0,
)
