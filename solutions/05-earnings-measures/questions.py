"""Earnings measures: the questions, their reference answers in SQL and pandas, and the slips they catch."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.catalogue import slips
from leocourse.authoring.shorthand import LEO, figure_question, tax_year_bounds, winter
from leocourse.authoring import Assignment, Question

slip = slips(__file__)

LESSON = "Measuring earnings"
WORK_LESSON = "Work: spells and tax years"
PAY = f"{LEO}.leo_earnings"
SPELLS = f"{LEO}.leo_employment"
RETURNS = f"{LEO}.leo_self_assessment"
KEYS = f"{LEO}.learner_ae_id_to_edukey_lookup"
PUPILS = f"{LEO}.learner_ae_id_to_pmr_lookup"
KS4 = 'npd_i2."2005003".ks4pupil_2002_to_2014'


def label_of(starts):
    """The label of the tax year that begins in a calendar year."""
    return starts * 100 + (starts + 1) % 100


def spells_frame(con):
    """Spells with ends that pandas can hold: those in the year 9999 end in 2100."""
    return con.sql(f"""
        SELECT edukey, startdate, least(enddate, DATE '2100-01-01') AS enddate FROM {SPELLS}
    """).df()


def cut(spells, first, last):
    """Spells cut to a period; those outside it are dropped."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    inside = spells[(spells["startdate"] <= last) & (spells["enddate"] >= first)].copy()
    inside["startdate"] = inside["startdate"].clip(lower=first)
    inside["enddate"] = inside["enddate"].clip(upper=last)
    return inside


# q0: the worked example, totals of nought -----------------------------------------------------------

ZERO_SQL = f"""
SELECT taxyear AS tax_year, COUNT(*) AS keys
FROM {PAY}
WHERE earnings = 0
GROUP BY taxyear
"""


def zero_pandas(con):
    pay = con.sql(f"SELECT taxyear, earnings FROM {PAY}").df()
    return pay[pay["earnings"] == 0].groupby("taxyear").size().rename_axis("tax_year").reset_index(name="keys")


Q0 = Question(
    name="q0",
    title="Totals of nought by tax year",
    answer_name="q0",
    kind="sql",
    points=0,
    columns={"tax_year": "number", "keys": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    reference_sql=ZERO_SQL,
    reference_pandas=zero_pandas,
    alternatives=(
        f"""
        SELECT taxyear AS tax_year, SUM(CASE WHEN earnings = 0 THEN 1 ELSE 0 END) AS keys
        FROM {PAY} GROUP BY taxyear HAVING MIN(earnings) = 0
        """,
        f"""
        SELECT DISTINCT taxyear AS tax_year, COUNT(*) OVER (PARTITION BY taxyear) AS keys
        FROM {PAY} WHERE earnings = 0
        """,
        lambda con: (
            con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY}")
            .filter("earnings = 0")
            .aggregate("taxyear AS tax_year, COUNT(DISTINCT edukey) AS keys", "taxyear")
        ),
    ),
    hints=(
        "One row of the view is one EDUKEY in one tax year.",
        "Keep the rows whose total is nought before you count.",
        "Filter on earnings = 0, then group by taxyear.",
    ),
    misconceptions=(
        slip(
            "null-is-not-zero",
            "You looked for missing totals. A total of 0 is there, as a number; where no pay was reported there is no "
            "row at all.",
            ZERO_SQL.replace("earnings = 0", "earnings IS NULL"),
        ),
        slip(
            "low-pay-as-zero",
            "You counted low totals too. A total of exactly 0 is a correction; a small one is pay.",
            ZERO_SQL.replace("earnings = 0", "earnings < 1000"),
        ),
        slip(
            "missing-pay-as-zero",
            "You counted EDUKEYs without a row in the year. They have no pay in the records: that is no total of 0.",
            f"""
            SELECT y.taxyear AS tax_year, (SELECT COUNT(DISTINCT edukey) FROM {PAY}) - COUNT(*) AS keys
            FROM {PAY} AS y GROUP BY y.taxyear
            """,
        ),
    ),
)


# q1: median pay by tax year -------------------------------------------------------------------------

MEDIAN_SQL = f"""
SELECT taxyear AS tax_year, COUNT(*) AS keys, MEDIAN(earnings) AS median_pay
FROM {PAY}
WHERE earnings > 0 AND taxyear BETWEEN 200910 AND 201920
GROUP BY taxyear
"""


def median_pandas(con):
    pay = con.sql(f"SELECT taxyear, earnings FROM {PAY} WHERE taxyear BETWEEN 200910 AND 201920").df()
    pay = pay[pay["earnings"] > 0].groupby("taxyear")["earnings"]
    return pay.agg(keys="size", median_pay="median").rename_axis("tax_year").reset_index()


def median_by_years(con):
    """One tax year at a time, the median by the statistics module of Python."""
    import statistics

    rows = []
    for starts in range(2009, 2020):
        pay = con.sql(f"SELECT earnings FROM {PAY} WHERE taxyear = {label_of(starts)} AND earnings > 0").fetchall()
        rows.append((label_of(starts), len(pay), statistics.median(value for (value,) in pay)))
    return pd.DataFrame(rows, columns=["tax_year", "keys", "median_pay"])


Q1 = Question(
    name="q1",
    title="Median pay by tax year",
    answer_name="q1",
    kind="sql",
    points=1,
    columns={"tax_year": "number", "keys": "number", "median_pay": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    reference_sql=MEDIAN_SQL,
    reference_pandas=median_pandas,
    alternatives=(
        MEDIAN_SQL.replace("MEDIAN(earnings)", "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY earnings)"),
        f"""
        WITH placed AS (
            SELECT taxyear, earnings, COUNT(*) OVER (PARTITION BY taxyear) AS n,
                   ROW_NUMBER() OVER (PARTITION BY taxyear ORDER BY earnings, edukey) AS place
            FROM {PAY} WHERE earnings > 0 AND taxyear BETWEEN 200910 AND 201920)
        SELECT taxyear AS tax_year, MAX(n) AS keys, AVG(earnings) AS median_pay
        FROM placed WHERE place BETWEEN n / 2.0 AND n / 2.0 + 1 GROUP BY taxyear
        """,
        median_by_years,
    ),
    tolerance={"median_pay": 0.01},
    hints=(
        "A total of 0 is a correction, not a year's pay.",
        "Keep totals above 0 of the eleven tax years, then group.",
        "MEDIAN(earnings) with COUNT(*), grouped by taxyear, where earnings > 0.",
    ),
    misconceptions=(
        slip(
            "zero-kept",
            "You kept totals of 0. They arise when a correction makes the sum negative: leave them out of the count "
            "and of the median.",
            MEDIAN_SQL.replace("earnings > 0 AND ", ""),
        ),
        slip(
            "mean-not-median",
            "You gave the mean. A few very high totals pull it up; the question asks for the median.",
            MEDIAN_SQL.replace("MEDIAN(", "AVG("),
        ),
        slip(
            "lower-of-the-middle-two",
            "With an even number of totals the median lies half way between the middle two; you took the lower one, "
            "as PERCENTILE_DISC does.",
            MEDIAN_SQL.replace("MEDIAN(earnings)", "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY earnings)"),
        ),
    ),
)


# q2: spells across pay ------------------------------------------------------------------------------


def cross_sql(join="FULL JOIN", distinct="DISTINCT", missing="missing", begun="startdate <= '2017-04-05'"):
    return f"""
WITH s AS (
    SELECT {distinct} edukey FROM {SPELLS} WHERE {begun} AND enddate >= '2016-04-06'
),
p AS (SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617),
kinds AS (
    SELECT CASE WHEN s.edukey IS NULL THEN 'no' ELSE 'yes' END AS spell,
           CASE WHEN p.edukey IS NULL THEN '{missing}' WHEN p.earnings = 0 THEN 'zero' ELSE 'positive' END AS pay
    FROM s {join} p ON p.edukey = s.edukey
)
SELECT spell, pay, COUNT(*) AS keys FROM kinds GROUP BY spell, pay
"""


def cross_pandas(con):
    in_work = cut(spells_frame(con), *tax_year_bounds(201617))[["edukey"]].drop_duplicates()
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617").df()
    both = in_work.merge(pay, on="edukey", how="outer", indicator=True)
    both["spell"] = both["_merge"].astype(str).map({"left_only": "yes", "both": "yes", "right_only": "no"})
    both["pay"] = "missing"
    both.loc[both["earnings"] > 0, "pay"] = "positive"
    both.loc[both["earnings"] == 0, "pay"] = "zero"
    return both.groupby(["spell", "pay"]).size().reset_index(name="keys")


def cross_sets(con):
    """The same with sets of keys, no join at all."""
    first, last = tax_year_bounds(201617)
    spells = {
        key
        for (key,) in con.sql(
            f"SELECT edukey FROM {SPELLS} WHERE startdate <= '{last}' AND enddate >= '{first}'"
        ).fetchall()
    }
    pay = dict(con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617").fetchall())
    positive, zero = {key for key in pay if pay[key] > 0}, {key for key in pay if pay[key] == 0}
    rows = [
        ("yes", "positive", len(spells & positive)),
        ("yes", "zero", len(spells & zero)),
        ("yes", "missing", len(spells - positive - zero)),
        ("no", "positive", len(positive - spells)),
        ("no", "zero", len(zero - spells)),
    ]
    return pd.DataFrame([row for row in rows if row[2]], columns=["spell", "pay", "keys"])


Q2 = Question(
    name="q2",
    title="Spell or none, pay or none",
    answer_name="q2",
    kind="sql",
    points=2,
    columns={"spell": "text", "pay": "text", "keys": "number"},
    identity=("spell", "pay"),
    unit="combination",
    lesson=LESSON,
    reference_sql=cross_sql(),
    reference_pandas=cross_pandas,
    alternatives=(
        cross_sets,
        f"""
        WITH everybody AS (
            SELECT edukey FROM {SPELLS} WHERE startdate <= '2017-04-05' AND enddate >= '2016-04-06'
            UNION SELECT edukey FROM {PAY} WHERE taxyear = 201617)
        SELECT CASE WHEN EXISTS (SELECT 1 FROM {SPELLS} AS s WHERE s.edukey = a.edukey
                                 AND s.startdate <= '2017-04-05' AND s.enddate >= '2016-04-06')
                    THEN 'yes' ELSE 'no' END AS spell,
               CASE WHEN e.earnings > 0 THEN 'positive' WHEN e.earnings = 0 THEN 'zero' ELSE 'missing' END AS pay,
               COUNT(*) AS keys
        FROM everybody AS a LEFT JOIN {PAY} AS e ON e.edukey = a.edukey AND e.taxyear = 201617
        GROUP BY 1, 2
        """,
        f"""
        WITH stacked AS (
            SELECT edukey, 1 AS spell, NULL AS earnings FROM {SPELLS}
            WHERE startdate <= '2017-04-05' AND enddate >= '2016-04-06'
            UNION ALL SELECT edukey, 0, earnings FROM {PAY} WHERE taxyear = 201617),
        one AS (SELECT MAX(spell) AS spell, MAX(earnings) AS earnings FROM stacked GROUP BY edukey)
        SELECT IF(spell = 1, 'yes', 'no') AS spell,
               COALESCE(IF(earnings = 0, 'zero', NULLIF('positive', IF(earnings IS NULL, 'positive', ''))), 'missing')
                   AS pay, COUNT(*) AS keys
        FROM one GROUP BY ALL
        """,
    ),
    hints=(
        "First one row for each EDUKEY with a spell that touches the year, then its pay.",
        "Some EDUKEYs have pay and no spell. Which join keeps both sides?",
        "Use a full join of distinct EDUKEYs in work with the rows of taxyear 201617.",
    ),
    misconceptions=(
        slip(
            "missing-pay-as-zero",
            "You turned missing pay into 0. A total of 0 is a correction that stands in the records; no row means that "
            "no pay was reported. Keep the two apart.",
            cross_sql(missing="zero"),
        ),
        slip(
            "inner-join",
            "Your join keeps only EDUKEYs with a spell and with pay. Those with one and not the other are what the "
            "table is about.",
            cross_sql(join="JOIN"),
        ),
        slip(
            "pay-without-spell-lost",
            "You began with the spells and lost everybody who was paid without one. Some spells were never reported: "
            "keep both sides with a full join.",
            cross_sql(join="LEFT JOIN"),
        ),
        slip(
            "spells-not-keys",
            "You counted spells. An EDUKEY with two spells in the year counts twice: make one row of it first.",
            cross_sql(distinct=""),
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start in the tax year, so people who have been in work since before 6 April "
            "2016 seem to have none.",
            cross_sql(begun="startdate BETWEEN '2016-04-06' AND '2017-04-05'"),
        ),
    ),
)


# q3: pay for each day in work -----------------------------------------------------------------------


def daily(con, tax_year, positive="AND e.earnings > 0", divisor="d.days", extra=1, clip_end=True, begun=""):
    first, last = tax_year_bounds(tax_year)
    end = f"CASE WHEN enddate > '{last}' THEN DATE '{last}' ELSE enddate END" if clip_end else "enddate"
    return con.sql(f"""
        WITH days AS (
            SELECT edukey,
                   SUM(DATEDIFF('day', CASE WHEN startdate < '{first}' THEN DATE '{first}' ELSE startdate END, {end})
                       + {extra}) AS days
            FROM {SPELLS} WHERE startdate <= '{last}' AND enddate >= '{first}' {begun.format(first=first)}
            GROUP BY edukey)
        SELECT d.edukey, d.days, 1.0 * e.earnings / NULLIF({divisor}, 0) AS daily
        FROM days AS d JOIN {PAY} AS e ON e.edukey = d.edukey
        WHERE e.taxyear = {tax_year} {positive}
    """)


def daily_pandas(con, tax_year):
    inside = cut(spells_frame(con), *tax_year_bounds(tax_year))
    inside["days"] = (inside["enddate"] - inside["startdate"]).dt.days + 1
    days = inside.groupby("edukey", as_index=False)["days"].sum()
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year} AND earnings > 0").df()
    table = days.merge(pay, on="edukey")
    return table.assign(daily=table["earnings"] / table["days"])[["edukey", "days", "daily"]]


def daily_by_calendar(con, tax_year):
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        SELECT s.edukey, COUNT(*) AS days, MAX(e.earnings) / COUNT(*) AS daily
        FROM {SPELLS} AS s
        JOIN generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY) AS t(d)
          ON CAST(d AS date) BETWEEN s.startdate AND s.enddate
        JOIN {PAY} AS e ON e.edukey = s.edukey AND e.taxyear = {tax_year} AND e.earnings > 0
        GROUP BY s.edukey
    """)


def daily_outside(con, tax_year):
    """Days of the year, less those before, between and after the spells."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT edukey, greatest(startdate, DATE '{first}') AS a, least(enddate, DATE '{last}') AS z
            FROM {SPELLS} WHERE startdate <= DATE '{last}' AND enddate >= DATE '{first}'),
        gaps AS (
            SELECT edukey, a, z, COALESCE(a - LAG(z) OVER w - 1, a - DATE '{first}') AS idle_before,
                   CASE WHEN LEAD(a) OVER w IS NULL THEN DATE '{last}' - z ELSE 0 END AS idle_after
            FROM cut WINDOW w AS (PARTITION BY edukey ORDER BY a))
        SELECT g.edukey, DATE '{last}' - DATE '{first}' + 1 - SUM(idle_before + idle_after) AS days,
               CAST(ANY_VALUE(e.earnings) AS double)
                   / (DATE '{last}' - DATE '{first}' + 1 - SUM(idle_before + idle_after)) AS daily
        FROM gaps AS g JOIN {PAY} AS e ON e.edukey = g.edukey
        WHERE e.taxyear = {tax_year} AND e.earnings > 0 GROUP BY g.edukey
    """)


def daily_by_row(con, tax_year):
    """Day numbers and a dictionary, no data frame arithmetic."""
    first, last = (day.toordinal() for day in tax_year_bounds(tax_year))
    days: dict[str, int] = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {SPELLS}").fetchall():
        overlap = min(end.toordinal(), last) - max(start.toordinal(), first) + 1
        if overlap > 0:
            days[edukey] = days.get(edukey, 0) + overlap
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year} AND earnings > 0").fetchall()
    rows = [(key, days[key], earned / days[key]) for key, earned in pay if key in days]
    return pd.DataFrame(rows, columns=["edukey", "days", "daily"])


PAID_KEYS = f"SELECT DISTINCT edukey FROM {PAY}"

Q3 = Question(
    name="q3",
    title="Pay for each day in work",
    answer_name="daily_pay",
    kind="function",
    points=3,
    columns={"edukey": "text", "days": "number", "daily": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=WORK_LESSON,
    reference_sql=daily,
    reference_pandas=daily_pandas,
    alternatives=(daily_by_calendar, daily_outside, daily_by_row),
    calls=({"tax_year": 201415}, {"tax_year": 201617}),
    tolerance={"daily": 0.01},
    universe=PAID_KEYS,
    hints=(
        "Two tables come together: days in the year by EDUKEY, and pay in the year by EDUKEY.",
        "Cut each spell to the tax year: the later start, the earlier end, and both days count.",
        "Divide earnings by the sum of DATEDIFF('day', later start, earlier end) + 1.",
    ),
    misconceptions=(
        slip(
            "days-beyond-the-year",
            "Pay is for the tax year, so its days must be too: cut spells at 5 April, above all those that end on "
            "9999-12-31.",
            lambda con, tax_year: daily(con, tax_year, clip_end=False),
        ),
        slip(
            "last-day-lost",
            "You lose a day in each spell: from Monday to Friday are five days, but the difference of the dates is 4.",
            lambda con, tax_year: daily(con, tax_year, extra=0),
        ),
        slip(
            "divided-by-365",
            "You divided by 365 for everybody. Pay for a day in work is pay divided by the days that this EDUKEY was "
            "in work.",
            lambda con, tax_year: daily(con, tax_year, divisor="365"),
        ),
        slip(
            "zero-kept",
            "You kept totals of 0, which are corrections: nobody was paid nothing for a day's work. Keep pay above 0.",
            lambda con, tax_year: daily(con, tax_year, positive=""),
        ),
        slip(
            "spells-that-start",
            "You kept only spells that start in the tax year, so those in work since before 6 April are missing or "
            "have too few days.",
            lambda con, tax_year: daily(con, tax_year, begun="AND startdate >= '{first}'"),
        ),
    ),
)


# q4: two keys of one person -------------------------------------------------------------------------


def two_keys_sql(join="LEFT JOIN", pay="SUM(e.earnings)", keys="k.edukey = k.edukey", group="t.ae_id"):
    return f"""
WITH two AS (
    SELECT ae_id, MIN(edukey) AS first_key FROM {KEYS} GROUP BY ae_id HAVING COUNT(DISTINCT edukey) = 2
)
SELECT t.ae_id, COUNT(e.taxyear) AS years, {pay} AS pay
FROM two AS t
JOIN {KEYS} AS k ON k.ae_id = t.ae_id AND {keys}
{join} {PAY} AS e ON e.edukey = k.edukey
GROUP BY {group}
"""


def two_keys_pandas(con):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY}").df()
    two = keys[keys.groupby("ae_id")["edukey"].transform("nunique") == 2]
    people = two.merge(pay, on="edukey", how="left").groupby("ae_id")
    return pd.DataFrame({"years": people["taxyear"].count(), "pay": people["earnings"].sum(min_count=1)}).reset_index()


Q4 = Question(
    name="q4",
    title="One person, two EDUKEYs",
    answer_name="q4",
    kind="sql",
    points=2,
    columns={"ae_id": "number", "years": "number", "pay": "number"},
    identity=("ae_id",),
    unit="AE_ID",
    people=True,
    lesson=LESSON,
    reference_sql=two_keys_sql(),
    reference_pandas=two_keys_pandas,
    alternatives=(
        f"""
        WITH by_key AS (SELECT edukey, COUNT(*) AS years, SUM(earnings) AS pay FROM {PAY} GROUP BY edukey)
        SELECT a.ae_id, COALESCE(x.years, 0) + COALESCE(y.years, 0) AS years,
               CASE WHEN x.pay IS NULL THEN y.pay WHEN y.pay IS NULL THEN x.pay ELSE x.pay + y.pay END AS pay
        FROM {KEYS} AS a JOIN {KEYS} AS b ON b.ae_id = a.ae_id AND b.edukey > a.edukey
        LEFT JOIN by_key AS x ON x.edukey = a.edukey LEFT JOIN by_key AS y ON y.edukey = b.edukey
        """,
        f"""
        SELECT ae_id, years, pay
        FROM (SELECT k.ae_id, COUNT(DISTINCT k.edukey) AS n, COUNT(e.taxyear) AS years, SUM(e.earnings) AS pay
              FROM {KEYS} AS k LEFT JOIN {PAY} AS e ON e.edukey = k.edukey GROUP BY k.ae_id) AS t
        WHERE n = 2
        """,
        f"""
        SELECT ae_id, SUM(n) AS years, SUM(paid) AS pay
        FROM (SELECT ae_id, 0 AS n, NULL AS paid FROM {KEYS} GROUP BY ae_id HAVING MIN(edukey) < MAX(edukey)
              UNION ALL
              SELECT k.ae_id, 1, e.earnings FROM {PAY} AS e JOIN {KEYS} AS k USING (edukey)
              WHERE EXISTS (SELECT 1 FROM {KEYS} AS o WHERE o.ae_id = k.ae_id AND o.edukey <> k.edukey)) AS t
        GROUP BY ae_id
        """,
    ),
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "Find the AE_IDs with two EDUKEYs in the lookup first.",
        "Earlier years stand under one of the keys and later years under the other: take both.",
        "Join both keys to the pay with a left join, then add up by ae_id.",
    ),
    misconceptions=(
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so you lose the years that stand under the other. Take both and add up.",
            two_keys_sql(keys="k.edukey = t.first_key"),
        ),
        slip(
            "inner-join",
            "People without any pay under either key dropped out. They belong in the table: keep them with a left "
            "join, with 0 years and missing pay.",
            two_keys_sql(join="JOIN"),
        ),
        slip(
            "missing-pay-as-zero",
            "You gave people without any pay in the records a pay of 0. Nothing is known about their pay: leave it "
            "missing.",
            two_keys_sql(pay="COALESCE(SUM(e.earnings), 0)"),
        ),
        slip(
            "averaged-over-keys",
            "You averaged over the keys. The two keys are two parts of one history: add them up.",
            two_keys_sql(pay="SUM(e.earnings) / 2.0"),
        ),
        slip(
            "keys-kept-apart",
            "You have a row for each key. The question asks for one row a person, over both keys.",
            two_keys_sql(group="t.ae_id, k.edukey"),
        ),
    ),
)


# q5: annualised earnings of a person ----------------------------------------------------------------


def annualised(
    con, tax_year, distinct="DISTINCT", keys=KEYS, at_least=28, formula="365.0 * p.pay / d.days", days="d.days"
):
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT {distinct} k.ae_id,
                   CASE WHEN s.startdate < '{first}' THEN DATE '{first}' ELSE s.startdate END AS first_day,
                   CASE WHEN s.enddate > '{last}' THEN DATE '{last}' ELSE s.enddate END AS last_day
            FROM {keys} AS k JOIN {SPELLS} AS s ON s.edukey = k.edukey
            WHERE s.startdate <= '{last}' AND s.enddate >= '{first}'),
        days AS (SELECT ae_id, SUM(DATEDIFF('day', first_day, last_day) + 1) AS days FROM cut GROUP BY ae_id),
        pay AS (
            SELECT k.ae_id, SUM(e.earnings) AS pay FROM {keys} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
            WHERE e.taxyear = {tax_year} GROUP BY k.ae_id)
        SELECT d.ae_id, {days} AS days, {formula} AS annualised
        FROM days AS d JOIN pay AS p ON p.ae_id = d.ae_id
        WHERE p.pay > 0 AND d.days >= {at_least}
    """)


def annualised_pandas(con, tax_year):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    inside = keys.merge(cut(spells_frame(con), *tax_year_bounds(tax_year)), on="edukey")
    inside = inside.drop_duplicates(["ae_id", "startdate", "enddate"])
    days = ((inside["enddate"] - inside["startdate"]).dt.days + 1).groupby(inside["ae_id"]).sum().rename("days")
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").df()
    table = keys.merge(pay, on="edukey").groupby("ae_id")["earnings"].sum().to_frame().join(days, how="inner")
    table = table[(table["earnings"] > 0) & (table["days"] >= 28)]
    return table.assign(annualised=365 * table["earnings"] / table["days"])[["days", "annualised"]].reset_index()


def annualised_less_overlap(con, tax_year):
    """Days of each key added up, less the days that two keys of one person share."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH cut AS (
            SELECT k.ae_id, k.edukey, greatest(s.startdate, DATE '{first}') AS a, least(s.enddate, DATE '{last}') AS z
            FROM {KEYS} AS k JOIN {SPELLS} AS s USING (edukey)
            WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'),
        shared AS (
            SELECT x.ae_id, SUM(least(x.z, y.z) - greatest(x.a, y.a) + 1) AS days
            FROM cut AS x JOIN cut AS y ON y.ae_id = x.ae_id AND y.edukey > x.edukey AND y.a <= x.z AND y.z >= x.a
            GROUP BY x.ae_id),
        days AS (SELECT ae_id, SUM(z - a + 1) AS days FROM cut GROUP BY ae_id),
        pay AS (SELECT k.ae_id, SUM(e.earnings) AS pay FROM {KEYS} AS k JOIN {PAY} AS e USING (edukey)
                WHERE e.taxyear = {tax_year} GROUP BY k.ae_id HAVING SUM(e.earnings) > 0)
        SELECT ae_id, d.days - COALESCE(h.days, 0) AS days, 365 * p.pay / (d.days - COALESCE(h.days, 0)) AS annualised
        FROM days AS d JOIN pay AS p USING (ae_id) LEFT JOIN shared AS h USING (ae_id)
        WHERE d.days - COALESCE(h.days, 0) >= 28
    """)


def annualised_merged(con, tax_year):
    """Spells of a person that overlap made one with a window, as the measures of the course do."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH mine AS (
            SELECT k.ae_id, greatest(s.startdate, DATE '{first}') AS a, least(s.enddate, DATE '{last}') AS z
            FROM {KEYS} AS k JOIN {SPELLS} AS s ON s.edukey = k.edukey
            WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'),
        reached AS (
            SELECT ae_id, a, z, MAX(z) OVER (PARTITION BY ae_id ORDER BY a, z
                                             ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS so_far FROM mine),
        days AS (
            SELECT ae_id, SUM(CASE WHEN so_far IS NULL OR so_far < a THEN z - a + 1
                                   WHEN z > so_far THEN z - so_far ELSE 0 END) AS days FROM reached GROUP BY ae_id)
        SELECT ae_id, days, 365.0 * (SELECT SUM(e.earnings) FROM {PAY} AS e JOIN {KEYS} AS k ON k.edukey = e.edukey
                                     WHERE k.ae_id = days.ae_id AND e.taxyear = {tax_year}) / days AS annualised
        FROM days WHERE days >= 28 AND annualised > 0
    """)


def annualised_by_row(con, tax_year):
    """Sets of days in Python."""
    first, last = (day.toordinal() for day in tax_year_bounds(tax_year))
    holders: dict[str, list[int]] = {}
    for ae_id, edukey in con.sql(f"SELECT ae_id, edukey FROM {KEYS}").fetchall():
        holders.setdefault(edukey, []).append(ae_id)
    spells: dict[int, set[tuple[int, int]]] = {}
    pay: dict[int, int] = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {SPELLS}").fetchall():
        part = (max(start.toordinal(), first), min(end.toordinal(), last))
        for ae_id in holders.get(edukey, []) if part[0] <= part[1] else []:
            spells.setdefault(ae_id, set()).add(part)
    for edukey, earned in con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").fetchall():
        for ae_id in holders.get(edukey, []):
            pay[ae_id] = pay.get(ae_id, 0) + earned
    days = {ae_id: len({day for a, z in parts for day in range(a, z + 1)}) for ae_id, parts in spells.items()}
    rows = [(ae_id, n, 365 * pay[ae_id] / n) for ae_id, n in days.items() if n >= 28 and pay.get(ae_id, 0) > 0]
    return pd.DataFrame(rows, columns=["ae_id", "days", "annualised"])


FIRST_KEYS = f"(SELECT ae_id, MIN(edukey) AS edukey FROM {KEYS} GROUP BY ae_id)"

Q5 = Question(
    name="q5",
    title="Annualised earnings of a person, over all keys",
    answer_name="annualised",
    kind="function",
    points=3,
    columns={"ae_id": "number", "days": "number", "annualised": "number"},
    identity=("ae_id",),
    unit="AE_ID",
    people=True,
    lesson=LESSON,
    reference_sql=annualised,
    reference_pandas=annualised_pandas,
    alternatives=(annualised_less_overlap, annualised_merged, annualised_by_row),
    calls=({"tax_year": 201617}, {"tax_year": 201920}),
    tolerance={"annualised": 0.5},
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "From keys to people first: pay is added over the keys, days are pooled.",
        "A spell that spans the change of key stands under both keys with the same dates: count its days once.",
        "Cut the spells, keep distinct ones by ae_id, add up their days; annualised is 365 * pay / days.",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "You gave the pay of the year. Somebody who worked for half of it looks half as well paid: divide by the "
            "days in work and multiply by 365.",
            lambda con, tax_year: annualised(con, tax_year, formula="p.pay"),
        ),
        slip(
            "days-added-over-keys",
            "You added up the days of both keys. A spell under both keys is one stretch of time: count its days once, "
            "or somebody works for more days than the year has.",
            lambda con, tax_year: annualised(con, tax_year, distinct=""),
        ),
        slip(
            "few-days-grossed-up",
            "You kept people with a few days in work. A week's pay grossed up to a year says little: the question asks "
            "for at least 28 days.",
            lambda con, tax_year: annualised(con, tax_year, at_least=1),
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so people whose pay of this year stands under the other one are missing.",
            lambda con, tax_year: annualised(con, tax_year, keys=FIRST_KEYS),
        ),
        slip(
            "rate-upside-down",
            "You multiplied by the days and divided by 365, which makes part years smaller still. Grossing up divides "
            "by the days in work.",
            lambda con, tax_year: annualised(con, tax_year, formula="p.pay * d.days / 365.0"),
        ),
    ),
)


# q6: quartiles by group -----------------------------------------------------------------------------


def quartiles_sql(
    distinct="DISTINCT", join="JOIN", pay="SUM(e.earnings)", above="pay > 0", percentile="PERCENTILE_CONT", middle=None
):
    middle = middle or f"{percentile}(0.5) WITHIN GROUP (ORDER BY pay)"
    return f"""
WITH links AS (
    SELECT {distinct} k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_gender AS gender, e.edukey
    FROM {KS4} AS k
    JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
    JOIN {KEYS} AS e ON e.ae_id = a.ae_id
    WHERE k.ks4_acadyr BETWEEN '2003/2004' AND '2008/2009'
),
paid AS (
    SELECT l.pmr, l.gender, {pay} AS pay
    FROM links AS l {join} {PAY} AS e ON e.edukey = l.edukey AND e.taxyear = 201617
    GROUP BY l.pmr, l.gender
)
SELECT gender, COUNT(*) AS people,
       {percentile}(0.25) WITHIN GROUP (ORDER BY pay) AS p25,
       {middle} AS p50,
       {percentile}(0.75) WITHIN GROUP (ORDER BY pay) AS p75
FROM paid WHERE {above} GROUP BY gender
"""


def cohort_links(con, first_year, last_year):
    """Pairs of pupil and EDUKEY, with gender, of those whose key stage 4 ended in these academic years."""
    pupils = con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_gender AS gender
        FROM {KS4} WHERE ks4_acadyr BETWEEN '{first_year - 1}/{first_year}' AND '{last_year - 1}/{last_year}'
    """).df()
    people = con.sql(f"SELECT pupilmatchingrefanonymous, ae_id FROM {PUPILS}").df()
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    linked = pupils.drop_duplicates().merge(people, on="pupilmatchingrefanonymous").merge(keys, on="ae_id")
    linked = linked.rename(columns={"pupilmatchingrefanonymous": "pmr"})
    return linked[["pmr", "gender", "edukey"]].drop_duplicates()


def quartiles_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = 201617").df()
    paid = cohort_links(con, 2004, 2009).merge(pay, on="edukey")
    paid = paid.groupby(["pmr", "gender"], as_index=False)["earnings"].sum()
    paid = paid[paid["earnings"] > 0].groupby("gender")["earnings"]
    table = paid.quantile([0.25, 0.5, 0.75]).unstack().set_axis(["p25", "p50", "p75"], axis=1)
    return table.assign(people=paid.size()).reset_index()


def quartiles_by_numpy(con):
    import numpy as np

    rows = []
    for gender in ("F", "M"):
        values = con.sql(f"""
            SELECT SUM(e.earnings) FROM {PAY} AS e
            JOIN (SELECT pmr, edukey FROM (SELECT p.pupilmatchingrefanonymous AS pmr, l.edukey FROM {PUPILS} AS p
                  JOIN {KEYS} AS l USING (ae_id)) GROUP BY ALL) AS k ON k.edukey = e.edukey
            WHERE e.taxyear = 201617 AND k.pmr IN (
                SELECT ks4_pupilmatchingrefanonymous FROM {KS4}
                WHERE ks4_acadyr BETWEEN '2003/2004' AND '2008/2009' AND ks4_gender = '{gender}')
            GROUP BY k.pmr HAVING SUM(e.earnings) > 0
        """).fetchall()
        values = np.array([total for (total,) in values], dtype=float)
        rows.append((gender, len(values), *np.percentile(values, [25, 50, 75])))
    return pd.DataFrame(rows, columns=["gender", "people", "p25", "p50", "p75"])


QUARTILES_BY_PLACE = f"""
WITH pupils AS (SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr, ks4_gender AS gender
                FROM {KS4} WHERE ks4_acadyr BETWEEN '2003/2004' AND '2008/2009'),
reached AS (SELECT q.pmr, q.gender, k.edukey FROM pupils AS q
            JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = q.pmr JOIN {KEYS} AS k ON k.ae_id = a.ae_id
            GROUP BY q.pmr, q.gender, k.edukey),
paid AS (SELECT r.gender, SUM(e.earnings) AS pay FROM reached AS r JOIN {PAY} AS e ON e.edukey = r.edukey
         WHERE e.taxyear = 201617 GROUP BY r.pmr, r.gender),
placed AS (SELECT gender, pay, COUNT(*) OVER (PARTITION BY gender) AS n,
                  ROW_NUMBER() OVER (PARTITION BY gender ORDER BY pay) - 1 AS place FROM paid WHERE pay > 0),
wanted AS (SELECT *, (n - 1) * 0.25 AS a, (n - 1) * 0.5 AS b, (n - 1) * 0.75 AS c FROM placed)
SELECT gender, MAX(n) AS people,
       SUM(CASE WHEN ABS(place - a) < 1 THEN pay * (1 - ABS(place - a)) END) AS p25,
       SUM(CASE WHEN ABS(place - b) < 1 THEN pay * (1 - ABS(place - b)) END) AS p50,
       SUM(CASE WHEN ABS(place - c) < 1 THEN pay * (1 - ABS(place - c)) END) AS p75
FROM wanted GROUP BY gender
"""

Q6 = Question(
    name="q6",
    title="Quartiles of pay by gender",
    answer_name="q6",
    kind="sql",
    points=3,
    columns={"gender": "text", "people": "number", "p25": "number", "p50": "number", "p75": "number"},
    identity=("gender",),
    unit="group",
    lesson=LESSON,
    reference_sql=quartiles_sql(),
    reference_pandas=quartiles_pandas,
    alternatives=(
        quartiles_by_numpy,
        QUARTILES_BY_PLACE,
        quartiles_sql()
        .replace("PERCENTILE_CONT", "QUANTILE_CONT")
        .replace(") WITHIN GROUP (ORDER BY pay)", ", pay)")
        # QUANTILE_CONT takes the value first
        .replace("(0.25, pay)", "(pay, 0.25)")
        .replace("(0.5, pay)", "(pay, 0.5)")
        .replace("(0.75, pay)", "(pay, 0.75)"),
    ),
    tolerance={"p25": 0.01, "p50": 0.01, "p75": 0.01},
    hints=(
        "Build pairs of pupil and EDUKEY first. A pupil can have two records and two AE_IDs: keep distinct pairs.",
        "Add up pay by pupil before you look at percentiles.",
        "PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY pay), grouped by gender, where pay > 0.",
    ),
    misconceptions=(
        slip(
            "pay-doubled-by-join",
            "Some people's pay is doubled: a pupil with two records, or with two AE_IDs that lead to one EDUKEY, meets "
            "the same pay twice. Keep distinct pairs of pupil and EDUKEY before you add up.",
            quartiles_sql(distinct=""),
        ),
        slip(
            "missing-pay-as-zero",
            "You counted people without pay in the records as paid nothing. They belong in a statement about who is "
            "in work, not in percentiles of pay.",
            quartiles_sql(join="LEFT JOIN", pay="COALESCE(SUM(e.earnings), 0)", above="1 = 1"),
        ),
        slip(
            "zero-kept",
            "You kept totals of 0, which are corrections. Leave them out of the count and of the percentiles.",
            quartiles_sql(above="pay >= 0"),
        ),
        slip(
            "lower-of-the-middle-two",
            "PERCENTILE_DISC picks a person; the question asks for percentiles that may lie between two people, "
            "as PERCENTILE_CONT and pandas give them.",
            quartiles_sql(percentile="PERCENTILE_DISC"),
        ),
        slip(
            "mean-not-median",
            "The middle column holds the mean. A few very high totals pull it up: the 50th percentile is the median.",
            quartiles_sql(middle="AVG(pay)"),
        ),
    ),
)


# q7: real terms -------------------------------------------------------------------------------------

CPI = {
    2009: 86.6, 2010: 89.4, 2011: 93.4, 2012: 96.1, 2013: 98.5, 2014: 100.0,
    2015: 100.0, 2016: 100.7, 2017: 103.4, 2018: 105.9, 2019: 107.8, 2020: 108.7,
}  # fmt: skip
CPI_ROWS = ", ".join(f"({year}, {index})" for year, index in CPI.items())


def real_medians(con, prices_of, factor="b.price_index / p.price_index", index="(3 * this.cpi + later.cpi) / 4"):
    return con.sql(f"""
        WITH consumer_prices AS (SELECT year, cpi FROM (VALUES {CPI_ROWS}) AS v (year, cpi)),
        prices AS (
            SELECT this.year * 100 + later.year % 100 AS tax_year, {index} AS price_index
            FROM consumer_prices AS this JOIN consumer_prices AS later ON later.year = this.year + 1),
        medians AS (
            SELECT taxyear AS tax_year, MEDIAN(earnings) AS median_pay FROM {PAY} WHERE earnings > 0 GROUP BY taxyear)
        SELECT m.tax_year, m.median_pay, m.median_pay * {factor} AS median_real
        FROM medians AS m
        JOIN prices AS p ON p.tax_year = m.tax_year
        JOIN prices AS b ON b.tax_year = {prices_of}
    """)


def tax_year_index():
    """Price index of each tax year from 2009/10 to 2019/20."""
    cpi = pd.Series(CPI, dtype=float)
    index = (3 * cpi + cpi.shift(-1)) / 4
    return index.dropna().rename(label_of)


def real_medians_pandas(con, prices_of):
    index = tax_year_index()
    pay = con.sql(f"SELECT taxyear AS tax_year, earnings FROM {PAY} WHERE earnings > 0").df()
    medians = pay[pay["tax_year"].isin(index.index)].groupby("tax_year")["earnings"].median().rename("median_pay")
    real = medians * index[prices_of] / index.reindex(medians.index)
    return pd.DataFrame({"median_pay": medians, "median_real": real}).reset_index()


def real_before_median(con, prices_of):
    """Every total restated first, the median last: it comes to the same."""
    index = tax_year_index()
    pay = con.sql(f"SELECT taxyear AS tax_year, earnings FROM {PAY} WHERE earnings > 0").df()
    pay = pay[pay["tax_year"].isin(index.index)]
    pay["real"] = pay["earnings"] * index[prices_of] / pay["tax_year"].map(index)
    return pay.groupby("tax_year", as_index=False).agg(
        median_pay=("earnings", "median"), median_real=("real", "median")
    )


def real_by_window(con, prices_of):
    return con.sql(f"""
        WITH prices AS (
            SELECT year * 100 + (year + 1) % 100 AS tax_year,
                   0.75 * cpi + 0.25 * LEAD(cpi) OVER (ORDER BY year) AS price_index
            FROM (VALUES {CPI_ROWS}) AS v (year, cpi))
        SELECT e.taxyear AS tax_year, MEDIAN(e.earnings) AS median_pay,
               MEDIAN(e.earnings * (SELECT price_index FROM prices WHERE tax_year = {prices_of}) / p.price_index)
                   AS median_real
        FROM {PAY} AS e JOIN prices AS p ON p.tax_year = e.taxyear
        WHERE e.earnings > 0 AND p.price_index IS NOT NULL GROUP BY e.taxyear
    """)


def real_by_case(con, prices_of):
    """The factors typed into one expression, year by year."""
    index = tax_year_index()
    cases = " ".join(f"WHEN {year} THEN {float(index[prices_of] / value)}" for year, value in index.items())
    return con.sql(f"""
        SELECT taxyear AS tax_year, median_pay, median_pay * CASE taxyear {cases} END AS median_real
        FROM (SELECT taxyear, QUANTILE_CONT(earnings, 0.5) AS median_pay FROM {PAY}
              WHERE earnings > 0 AND taxyear BETWEEN 200910 AND 201920 GROUP BY taxyear) AS t
    """)


Q7 = Question(
    name="q7",
    title="Median pay in real terms",
    answer_name="real_medians",
    kind="function",
    points=3,
    columns={"tax_year": "number", "median_pay": "number", "median_real": "number"},
    identity=("tax_year",),
    unit="tax year",
    lesson=LESSON,
    reference_sql=real_medians,
    reference_pandas=real_medians_pandas,
    alternatives=(real_before_median, real_by_window, real_by_case),
    calls=({"prices_of": 201112}, {"prices_of": 201920}),
    tolerance={"median_pay": 0.01, "median_real": 0.01},
    hints=(
        "First the index by tax year: three parts of the year in which it begins, one part of the next.",
        "Old pay becomes more at later prices. Does your factor do that?",
        "median_real is median_pay * index of prices_of / index of the row's own tax year.",
    ),
    misconceptions=(
        slip(
            "money-of-the-year",
            "median_real is still in money of the year. State it at the prices of one tax year: multiply by the index "
            "of that year and divide by the index of the row's own.",
            lambda con, prices_of: real_medians(con, prices_of, factor="1"),
        ),
        slip(
            "price-ratio-upside-down",
            "Your ratio is upside down: prices rose, so pay of an earlier year must become more at later prices. "
            "Multiply by index of the base year, divide by index of the year of the pay.",
            lambda con, prices_of: real_medians(con, prices_of, factor="p.price_index / b.price_index"),
        ),
        slip(
            "calendar-year-prices",
            "You took the index of the calendar year in which the tax year begins. Three months of a tax year lie in "
            "the next: use three parts of the one and one part of the other.",
            lambda con, prices_of: real_medians(con, prices_of, index="this.cpi"),
        ),
        slip(
            "prices-of-the-index-year",
            "Your values are at the prices of 2015, the year in which the index is 100. Multiply by the index of "
            "prices_of, not by 100.",
            lambda con, prices_of: real_medians(con, prices_of, factor="100.0 / p.price_index"),
        ),
    ),
)


# q8: pay and profit ---------------------------------------------------------------------------------


def combined_sql(
    join="FULL JOIN", zero="COALESCE({}, 0)", total="COALESCE(e.pay, 0) + COALESCE(s.profit, 0)",
    profit="earnings_self_employment",
):  # fmt: skip
    return f"""
WITH e AS (SELECT edukey, earnings AS pay FROM {PAY} WHERE taxyear = 201718),
s AS (SELECT edukey, COALESCE({profit}, 0) AS profit FROM {RETURNS} WHERE taxyear = 201718)
SELECT COALESCE(e.edukey, s.edukey) AS edukey, {zero.format("e.pay")} AS pay, {zero.format("s.profit")} AS profit,
       {total} AS combined
FROM e {join} s ON s.edukey = e.edukey
"""


def combined_pandas(con):
    pay = con.sql(f"SELECT edukey, earnings AS pay FROM {PAY} WHERE taxyear = 201718").df()
    returns = con.sql(f"""
        SELECT edukey, earnings_self_employment AS profit FROM {RETURNS} WHERE taxyear = 201718
    """).df()
    both = pay.merge(returns, on="edukey", how="outer").fillna({"pay": 0, "profit": 0})
    return both.assign(combined=both["pay"] + both["profit"])


Q8 = Question(
    name="q8",
    title="Pay and profit together",
    answer_name="q8",
    kind="sql",
    points=3,
    columns={"edukey": "text", "pay": "number", "profit": "number", "combined": "number"},
    identity=("edukey",),
    unit="EDUKEY",
    people=True,
    lesson=LESSON,
    reference_sql=combined_sql(),
    reference_pandas=combined_pandas,
    alternatives=(
        f"""
        SELECT edukey, SUM(pay) AS pay, SUM(profit) AS profit, SUM(pay + profit) AS combined
        FROM (SELECT edukey, earnings AS pay, 0 AS profit FROM {PAY} WHERE taxyear = 201718
              UNION ALL
              SELECT edukey, 0, COALESCE(earnings_self_employment, 0) FROM {RETURNS} WHERE taxyear = 201718) AS t
        GROUP BY edukey
        """,
        f"""
        WITH everybody AS (SELECT edukey FROM {PAY} WHERE taxyear = 201718
                           UNION SELECT edukey FROM {RETURNS} WHERE taxyear = 201718)
        SELECT a.edukey, COALESCE(e.earnings, 0) AS pay,
               COALESCE(s.earnings_sole, 0) + COALESCE(s.earnings_ptr, 0) AS profit,
               COALESCE(e.earnings, 0) + COALESCE(s.earnings_sole, 0) + COALESCE(s.earnings_ptr, 0) AS combined
        FROM everybody AS a
        LEFT JOIN {PAY} AS e ON e.edukey = a.edukey AND e.taxyear = 201718
        LEFT JOIN {RETURNS} AS s ON s.edukey = a.edukey AND s.taxyear = 201718
        """,
        lambda con: (
            pd.concat(
                [
                    con.sql(f"SELECT edukey, 'pay' AS k, earnings AS v FROM {PAY} WHERE taxyear = 201718").df(),
                    con.sql(f"""SELECT edukey, 'profit' AS k, COALESCE(earnings_self_employment, 0) AS v
                                FROM {RETURNS} WHERE taxyear = 201718""").df(),
                ]
            )
            .pivot_table(index="edukey", columns="k", values="v", aggfunc="sum", fill_value=0)
            .assign(combined=lambda t: t["pay"] + t["profit"])
            .reset_index()
        ),
    ),
    universe=f"""
        SELECT edukey FROM {PAY} WHERE taxyear = 201718
        UNION SELECT edukey FROM {RETURNS} WHERE taxyear = 201718
    """,
    hints=(
        "Some have pay only, some a return only, some both. Which join keeps all three?",
        "Anything plus a missing value is missing.",
        "Full join the two views on edukey for 201718, and wrap both amounts in COALESCE(…, 0).",
    ),
    misconceptions=(
        slip(
            "sum-with-missing",
            "Pay plus a missing profit is missing, so combined is empty for all who have only one of the two. Say "
            "what missing means here, none, with COALESCE before you add.",
            combined_sql(total="e.pay + s.profit"),
        ),
        slip(
            "self-employed-only-lost",
            "You began with pay, and people who were only self-employed are gone. Keep both sides with a full join.",
            combined_sql(join="LEFT JOIN"),
        ),
        slip(
            "inner-join",
            "An inner join keeps only those with pay and a return. Most people have pay alone, and some a return "
            "alone: all of them belong here.",
            combined_sql(join="JOIN"),
        ),
        slip(
            "sole-trader-only",
            "You took profit as a sole trader only. Partners have profit too: EARNINGS_SELF_EMPLOYMENT holds both.",
            combined_sql(profit="earnings_sole"),
        ),
    ),
)


# q9: earnings by years after key stage 4 ------------------------------------------------------------


def path(con, ks4_year, shift=0, distinct="DISTINCT", middle="MEDIAN(pay)", join="JOIN", above="pay > 0"):
    return con.sql(f"""
        WITH links AS (
            SELECT {distinct} k.ks4_pupilmatchingrefanonymous AS pmr, e.edukey
            FROM {KS4} AS k
            JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
            JOIN {KEYS} AS e ON e.ae_id = a.ae_id
            WHERE k.ks4_acadyr = '{ks4_year - 1}/{ks4_year}'),
        years AS (
            SELECT n AS years_after, ({ks4_year} + n) * 100 + ({ks4_year} + n + 1) % 100 AS tax_year
            FROM generate_series(1, {2020 - ks4_year}) AS t(n)),
        paid AS (
            SELECT y.years_after, l.pmr, COALESCE(SUM(e.earnings), 0) AS pay
            FROM years AS y CROSS JOIN links AS l
            {join} {PAY} AS e ON e.edukey = l.edukey AND e.taxyear = y.tax_year - {101 * shift}
            GROUP BY y.years_after, l.pmr)
        SELECT years_after, COUNT(*) AS people, {middle} AS median_pay
        FROM paid WHERE {above} GROUP BY years_after
    """)


def path_pandas(con, ks4_year):
    links = cohort_links(con, ks4_year, ks4_year)
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY} WHERE taxyear > {label_of(ks4_year)}").df()
    paid = links.merge(pay, on="edukey").groupby(["pmr", "taxyear"], as_index=False)["earnings"].sum()
    paid = paid[paid["earnings"] > 0]
    paid["years_after"] = paid["taxyear"] // 100 - ks4_year
    return paid.groupby("years_after", as_index=False).agg(people=("pmr", "size"), median_pay=("earnings", "median"))


def path_by_years(con, ks4_year):
    """One tax year at a time, with the pay of each key looked up."""
    keys_of = cohort_links(con, ks4_year, ks4_year).groupby("pmr")["edukey"].agg(list)
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY}").df().set_index("edukey")
    rows = []
    for years_after in range(1, 2021 - ks4_year):
        this_year = pay.loc[pay["taxyear"] == label_of(ks4_year + years_after), "earnings"].to_dict()
        paid = [total for keys in keys_of if (total := sum(this_year.get(key, 0) for key in keys)) > 0]
        rows.append((years_after, len(paid), pd.Series(paid).median()))
    return pd.DataFrame(rows, columns=["years_after", "people", "median_pay"])


def path_exists(con, ks4_year):
    """A pupil of the cohort is looked up with EXISTS, pay is added by pupil and year."""
    return con.sql(f"""
        SELECT taxyear // 100 - {ks4_year} AS years_after, COUNT(*) AS people, QUANTILE_CONT(pay, 0.5) AS median_pay
        FROM (SELECT k.pmr, e.taxyear, SUM(e.earnings) AS pay
              FROM (SELECT DISTINCT a.pupilmatchingrefanonymous AS pmr, l.edukey
                    FROM {PUPILS} AS a JOIN {KEYS} AS l ON l.ae_id = a.ae_id) AS k
              JOIN {PAY} AS e ON e.edukey = k.edukey
              WHERE e.taxyear // 100 > {ks4_year} AND EXISTS (
                  SELECT 1 FROM {KS4} AS x WHERE x.ks4_pupilmatchingrefanonymous = k.pmr
                  AND x.ks4_acadyr = '{ks4_year - 1}/{ks4_year}')
              GROUP BY k.pmr, e.taxyear) AS t
        WHERE pay > 0 GROUP BY taxyear
    """)


def path_by_window(con, ks4_year):
    """A row of each pair first chosen with a window, in place of DISTINCT."""
    return con.sql(f"""
        WITH pairs AS (
            SELECT k.ks4_pupilmatchingrefanonymous AS pmr, e.edukey,
                   ROW_NUMBER() OVER (PARTITION BY k.ks4_pupilmatchingrefanonymous, e.edukey ORDER BY a.ae_id) AS place
            FROM {KS4} AS k JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
            JOIN {KEYS} AS e ON e.ae_id = a.ae_id WHERE k.ks4_acadyr = '{ks4_year - 1}/{ks4_year}'),
        paid AS (SELECT p.pmr, e.taxyear, SUM(e.earnings) AS pay FROM pairs AS p JOIN {PAY} AS e USING (edukey)
                 WHERE p.place = 1 AND e.taxyear >= {label_of(ks4_year + 1)} GROUP BY ALL HAVING SUM(e.earnings) > 0)
        SELECT CAST(LEFT(CAST(taxyear AS varchar), 4) AS int) - {ks4_year} AS years_after, COUNT(*) AS people,
               PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY pay) AS median_pay
        FROM paid GROUP BY 1
    """)


Q9 = Question(
    name="q9",
    title="Pay by years after key stage 4",
    answer_name="path",
    kind="function",
    points=3,
    columns={"years_after": "number", "people": "number", "median_pay": "number"},
    identity=("years_after",),
    unit="year",
    lesson=WORK_LESSON,
    reference_sql=path,
    reference_pandas=path_pandas,
    alternatives=(path_by_years, path_exists, path_by_window),
    calls=({"ks4_year": 2005}, {"ks4_year": 2010}),
    tolerance={"median_pay": 0.01},
    hints=(
        "The first full tax year after year 11 begins in the April after the summer in which it ended.",
        "Add up pay by pupil and tax year over distinct pairs of pupil and EDUKEY.",
        "years_after is taxyear // 100 - ks4_year; keep values of 1 and more.",
    ),
    misconceptions=(
        slip(
            "tax-year-before-leaving",
            "Your years are one too early: the tax year that begins in April of ks4_year began while these people were "
            "still in year 11. The first full one begins a year later.",
            lambda con, ks4_year: path(con, ks4_year, shift=1),
        ),
        slip(
            "missing-pay-as-zero",
            "You counted pupils without pay in a year as paid nothing. The question asks for people with pay above 0.",
            lambda con, ks4_year: path(con, ks4_year, join="LEFT JOIN", above="1 = 1"),
        ),
        slip(
            "mean-not-median",
            "You gave the mean. A few very high totals pull it up; the question asks for the median.",
            lambda con, ks4_year: path(con, ks4_year, middle="AVG(pay)"),
        ),
        slip(
            "pay-doubled-by-join",
            "Some people's pay is doubled: a pupil with two records, or with two AE_IDs that lead to one EDUKEY, meets "
            "the same pay twice. Keep distinct pairs of pupil and EDUKEY before you add up.",
            lambda con, ks4_year: path(con, ks4_year, distinct=""),
        ),
    ),
)


# q10: growth ----------------------------------------------------------------------------------------


def growth_sql(change="100 * (b.pay * 98.875 / 106.375 / a.pay - 1)", join="JOIN", above="b.pay > 0"):
    return f"""
WITH pay AS (
    SELECT k.ae_id, e.taxyear, SUM(e.earnings) AS pay
    FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
    WHERE e.taxyear IN (201314, 201819)
    GROUP BY k.ae_id, e.taxyear
),
b AS (SELECT ae_id, pay FROM pay WHERE taxyear = 201819)
SELECT a.ae_id, {change} AS growth
FROM pay AS a {join} b ON b.ae_id = a.ae_id
WHERE a.taxyear = 201314 AND a.pay > 0 AND {above}
"""


def growth_pandas(con):
    keys = con.sql(f"SELECT ae_id, edukey FROM {KEYS}").df()
    pay = con.sql(f"SELECT edukey, taxyear, earnings FROM {PAY} WHERE taxyear IN (201314, 201819)").df()
    wide = keys.merge(pay, on="edukey").pivot_table(index="ae_id", columns="taxyear", values="earnings", aggfunc="sum")
    wide = wide[(wide[201314] > 0) & (wide[201819] > 0)]
    growth = 100 * ((wide[201819] / 106.375) / (wide[201314] / 98.875) - 1)
    return growth.rename("growth").reset_index()


Q10 = Question(
    name="q10",
    title="Growth of pay in real terms",
    answer_name="q10",
    kind="sql",
    points=3,
    columns={"ae_id": "number", "growth": "number"},
    identity=("ae_id",),
    unit="AE_ID",
    people=True,
    lesson=LESSON,
    reference_sql=growth_sql(),
    reference_pandas=growth_pandas,
    alternatives=(
        f"""
        SELECT k.ae_id, 100.0 * (SUM(CASE WHEN e.taxyear = 201819 THEN e.earnings END) / 106.375)
               / (SUM(CASE WHEN e.taxyear = 201314 THEN e.earnings END) / 98.875) - 100 AS growth
        FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
        GROUP BY k.ae_id
        HAVING SUM(CASE WHEN e.taxyear = 201819 THEN e.earnings END) > 0
           AND SUM(CASE WHEN e.taxyear = 201314 THEN e.earnings END) > 0
        """,
        f"""
        WITH paid AS (
            SELECT k.ae_id, e.taxyear, SUM(e.earnings / CASE e.taxyear WHEN 201314 THEN 98.875 ELSE 106.375 END) AS pay
            FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
            WHERE e.taxyear IN (201314, 201819) GROUP BY k.ae_id, e.taxyear HAVING SUM(e.earnings) > 0),
        beside AS (SELECT ae_id, taxyear, pay, LAG(pay) OVER (PARTITION BY ae_id ORDER BY taxyear) AS before FROM paid)
        SELECT ae_id, 100 * (pay - before) / before AS growth FROM beside WHERE before IS NOT NULL
        """,
        f"""
        SELECT ae_id, 100 * ((SELECT SUM(e.earnings) FROM {PAY} AS e JOIN {KEYS} AS k ON k.edukey = e.edukey
                              WHERE k.ae_id = people.ae_id AND e.taxyear = 201819) * 98.875
                           / ((SELECT SUM(e.earnings) FROM {PAY} AS e JOIN {KEYS} AS k ON k.edukey = e.edukey
                              WHERE k.ae_id = people.ae_id AND e.taxyear = 201314) * 106.375) - 1) AS growth
        FROM (SELECT k.ae_id FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
              WHERE e.taxyear = 201314 AND e.earnings > 0
              INTERSECT
              SELECT k.ae_id FROM {KEYS} AS k JOIN {PAY} AS e ON e.edukey = k.edukey
              WHERE e.taxyear = 201819 AND e.earnings > 0) AS people
        """,
    ),
    tolerance={"growth": 0.01},
    universe=f"SELECT DISTINCT ae_id FROM {KEYS}",
    hints=(
        "One row a person and year first, over all keys, then the two years side by side.",
        "Put both years at the same prices before you compare them.",
        "100 * (later pay * 98.875 / 106.375 / earlier pay - 1), for those with pay above 0 in both.",
    ),
    misconceptions=(
        slip(
            "money-of-the-year",
            "You compared money of two years. Part of the growth is a rise of prices: put both at the same prices "
            "first.",
            growth_sql(change="100 * (1.0 * b.pay / a.pay - 1)"),
        ),
        slip(
            "price-ratio-upside-down",
            "Your price ratio is upside down, so prices count twice. Growth in real terms is less than growth in money "
            "while prices rise.",
            growth_sql(change="100 * (b.pay * 106.375 / 98.875 / a.pay - 1)"),
        ),
        slip(
            "later-year-as-base",
            "You divided the change by the later pay. Growth is in per cent of where it started: divide by the pay of "
            "2013/14.",
            growth_sql(change="100 * (1 - a.pay * 106.375 / 98.875 / b.pay)"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares: multiply by 100.",
            growth_sql(change="b.pay * 98.875 / 106.375 / a.pay - 1"),
        ),
        slip(
            "missing-pay-as-zero",
            "People without pay in 2018/19 have a growth of minus 100 per cent in your answer. Their pay is missing, "
            "not nought: leave them out.",
            growth_sql(
                change="100 * (COALESCE(b.pay, 0) * 98.875 / 106.375 / a.pay - 1)", join="LEFT JOIN", above="1 = 1"
            ),
        ),
    ),
)


# q11: a figure of self-employment -------------------------------------------------------------------


def self_employed(
    con, flag="s.self_employed = 1", base="1 = 1", counted="s.edukey IS NOT NULL", scale="100.0",
):  # fmt: skip
    return con.sql(f"""
        WITH e AS (SELECT edukey, taxyear FROM {PAY} WHERE earnings > 0 AND taxyear >= 201314),
        s AS (SELECT edukey, taxyear FROM {RETURNS} AS s WHERE {flag})
        SELECT COALESCE(e.taxyear, s.taxyear) // 100 + 1 AS x,
               {scale} * SUM(CASE WHEN {counted} THEN 1 ELSE 0 END) / COUNT(*) AS y
        FROM e FULL JOIN s ON s.edukey = e.edukey AND s.taxyear = e.taxyear
        WHERE {base}
        GROUP BY COALESCE(e.taxyear, s.taxyear)
    """).df()


def self_employed_pandas(con):
    pay = con.sql(f"SELECT edukey, taxyear FROM {PAY} WHERE earnings > 0 AND taxyear >= 201314").df()
    returns = con.sql(f"SELECT edukey, taxyear FROM {RETURNS} WHERE self_employed = 1").df()
    both = pay.merge(returns, on=["edukey", "taxyear"], how="outer", indicator=True)
    share = 100 * (both["_merge"] != "left_only").groupby(both["taxyear"]).mean()
    return pd.DataFrame({"x": share.index // 100 + 1, "y": share.to_numpy()})


def self_employed_stacked(con):
    """One row an EDUKEY and year from a union, then the mean of a flag."""
    return con.sql(f"""
        SELECT taxyear // 100 + 1 AS x, 100 * AVG(own) AS y
        FROM (SELECT edukey, taxyear, MAX(own) AS own
              FROM (SELECT edukey, taxyear, 0 AS own FROM {PAY} WHERE earnings > 0 AND taxyear >= 201314
                    UNION ALL SELECT edukey, taxyear, 1 FROM {RETURNS} WHERE self_employed = 1) AS t
              GROUP BY edukey, taxyear) AS u
        GROUP BY taxyear
    """).df()


def self_employed_sets(con):
    """Sets of EDUKEYs, a year at a time."""
    points = []
    for starts in range(2013, 2021):
        paid = f"SELECT edukey FROM {PAY} WHERE taxyear = {label_of(starts)} AND earnings > 0"
        own = f"SELECT edukey FROM {RETURNS} WHERE taxyear = {label_of(starts)} AND self_employed = 1"
        paid, own = (set(con.sql(query).df()["edukey"]) for query in (paid, own))
        points.append((starts + 1, 100 * len(own) / len(paid | own)))
    return pd.DataFrame(points, columns=["x", "y"])


def self_employed_counts(con):
    """Three counts a year: both together are paid, plus own, less those who are both."""
    return con.sql(f"""
        WITH paid AS (SELECT taxyear, COUNT(*) AS n FROM {PAY} WHERE earnings > 0 GROUP BY taxyear),
        own AS (SELECT taxyear, COUNT(*) AS n FROM {RETURNS} WHERE self_employed = 1 GROUP BY taxyear),
        twice AS (SELECT s.taxyear, COUNT(*) AS n FROM {RETURNS} AS s JOIN {PAY} AS e USING (edukey, taxyear)
                 WHERE s.self_employed = 1 AND e.earnings > 0 GROUP BY s.taxyear)
        SELECT own.taxyear // 100 + 1 AS x, 100.0 * own.n / (paid.n + own.n - twice.n) AS y
        FROM own JOIN paid USING (taxyear) JOIN twice USING (taxyear)
    """).df()


Q11 = figure_question(
    name="q11",
    title="The self-employed among those with income from work, as a figure",
    points=3,
    lesson=LESSON,
    reference_sql=self_employed,
    reference_pandas=self_employed_pandas,
    alternatives=(self_employed_stacked, self_employed_sets, self_employed_counts),
    x_label="tax year",
    y_label="%|per cent|percent",
    tolerance=0.005,
    hints=(
        "Compute the eight percentages first, as a table. Draw when they look right.",
        "The base is everybody with pay above 0 or with self_employed = 1, each EDUKEY once.",
        "Full join pay and returns on edukey and taxyear; self-employed is where the return is not missing.",
    ),
    misconceptions=(
        slip(
            "self-employed-only-lost",
            "Your base holds only EDUKEYs with pay, so those who are only self-employed are missing from above and "
            "below the line.",
            lambda con: self_employed(con, base="e.edukey IS NOT NULL"),
        ),
        slip(
            "only-self-employed",
            "You counted only those without pay as self-employed. Many have both: a return with self_employed = 1 "
            "counts, whatever else there is.",
            lambda con: self_employed(con, counted="e.edukey IS NULL"),
        ),
        slip(
            "profit-missing",
            "You took profit above 0 for self-employment. Some returns show self-employment and no amount: use "
            "self_employed = 1.",
            lambda con: self_employed(con, flag="s.earnings_self_employment > 0"),
        ),
        slip(
            "share-not-percent",
            "Your values are shares between 0 and 1: multiply by 100.",
            lambda con: self_employed(con, scale="1.0"),
        ),
    ),
)


# q12: the whole pipeline ----------------------------------------------------------------------------

INDEX = {201415: 100.0, 201516: 100.175, 201617: 101.375, 201718: 104.025, 201819: 106.375}


def outcomes(
    con, ks4_from, ks4_to, tax_year, distinct="DISTINCT", at_least=5, formula="365.0 * y.pay / d.days", factor=None,
    keys=KEYS, linked="l.pmr IS NOT NULL",
):  # fmt: skip
    first, last = tax_year_bounds(tax_year)
    factor = INDEX[201516] / INDEX[tax_year] if factor is None else factor
    months = ", ".join(f"(DATE '{a}', DATE '{z}')" for a, z in winter(tax_year))
    return con.sql(f"""
        WITH pupils AS (
            SELECT DISTINCT ks4_pupilmatchingrefanonymous AS pmr, ks4_gender AS gender FROM {KS4}
            WHERE ks4_acadyr BETWEEN '{ks4_from - 1}/{ks4_from}' AND '{ks4_to - 1}/{ks4_to}'),
        links AS (
            SELECT DISTINCT p.pmr, k.edukey FROM pupils AS p
            JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = p.pmr JOIN {keys} AS k ON k.ae_id = a.ae_id),
        spells AS (
            SELECT {distinct} l.pmr,
                   CASE WHEN s.startdate < '{first}' THEN DATE '{first}' ELSE s.startdate END AS first_day,
                   CASE WHEN s.enddate > '{last}' THEN DATE '{last}' ELSE s.enddate END AS last_day
            FROM links AS l JOIN {SPELLS} AS s ON s.edukey = l.edukey
            WHERE s.startdate <= '{last}' AND s.enddate >= '{first}'),
        days AS (SELECT pmr, SUM(DATEDIFF('day', first_day, last_day) + 1) AS days FROM spells GROUP BY pmr),
        sustained AS (
            SELECT s.pmr FROM spells AS s
            LEFT JOIN (VALUES {months}) AS m (a, z) ON s.first_day < m.z AND s.last_day >= m.a
            GROUP BY s.pmr HAVING COUNT(DISTINCT m.a) >= {at_least}),
        pay AS (SELECT l.pmr, SUM(e.earnings) AS pay FROM links AS l JOIN {PAY} AS e ON e.edukey = l.edukey
                WHERE e.taxyear = {tax_year} GROUP BY l.pmr)
        SELECT p.gender, SUM(CASE WHEN {linked} THEN 1 ELSE 0 END) AS linked, COUNT(w.pmr) AS sustained,
               MEDIAN(CASE WHEN w.pmr IS NOT NULL AND y.pay > 0 THEN CAST({factor} AS double) * {formula} END)
                   AS median_real
        FROM pupils AS p
        LEFT JOIN (SELECT DISTINCT pmr FROM links) AS l ON l.pmr = p.pmr
        LEFT JOIN sustained AS w ON w.pmr = p.pmr
        LEFT JOIN days AS d ON d.pmr = p.pmr
        LEFT JOIN pay AS y ON y.pmr = p.pmr
        GROUP BY p.gender
    """)


def outcomes_pandas(con, ks4_from, ks4_to, tax_year):
    links = cohort_links(con, ks4_from, ks4_to)
    everybody = links.drop_duplicates("pmr").groupby("gender")["pmr"].size().rename("linked")
    inside = links.merge(cut(spells_frame(con), *tax_year_bounds(tax_year)), on="edukey")
    inside = inside.drop_duplicates(["pmr", "startdate", "enddate"])
    days = ((inside["enddate"] - inside["startdate"]).dt.days + 1).groupby(inside["pmr"]).sum().rename("days")
    worked = [
        inside.loc[(inside["startdate"] < pd.Timestamp(z)) & (inside["enddate"] >= pd.Timestamp(a)), "pmr"]
        .drop_duplicates()
        for a, z in winter(tax_year)
    ]  # fmt: skip
    months = pd.concat(worked).value_counts()
    pay = con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").df()
    pay = links.merge(pay, on="edukey").groupby("pmr")["earnings"].sum()
    table = links.drop_duplicates("pmr").set_index("pmr")[["gender"]].join(days).join(pay)
    table = table[table.index.isin(months.index[months >= 5])]
    sustained = table.groupby("gender").size().rename("sustained")
    paid = table[table["earnings"] > 0]
    real = 365 * paid["earnings"] / paid["days"] * INDEX[201516] / INDEX[tax_year]
    median = real.groupby(paid["gender"]).median().rename("median_real")
    return pd.concat([everybody, sustained, median], axis=1).reset_index()


def outcomes_by_calendar(con, ks4_from, ks4_to, tax_year):
    """Days and months both from one calendar, people by person."""
    first, last = tax_year_bounds(tax_year)
    return con.sql(f"""
        WITH links AS (
            SELECT k.ks4_pupilmatchingrefanonymous AS pmr, MAX(k.ks4_gender) AS gender, e.edukey
            FROM {KS4} AS k JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
            JOIN {KEYS} AS e ON e.ae_id = a.ae_id
            WHERE k.ks4_acadyr BETWEEN '{ks4_from - 1}/{ks4_from}' AND '{ks4_to - 1}/{ks4_to}'
            GROUP BY ALL),
        work AS (
            SELECT l.pmr, COUNT(DISTINCT d) AS days,
                   COUNT(DISTINCT MONTH(d)) FILTER (WHERE MONTH(d) NOT BETWEEN 4 AND 9) AS months
            FROM links AS l JOIN {SPELLS} AS s ON s.edukey = l.edukey
            JOIN generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 DAY) AS t(d)
              ON CAST(d AS date) BETWEEN s.startdate AND s.enddate GROUP BY l.pmr),
        paid AS (SELECT l.pmr, SUM(e.earnings) AS pay FROM links AS l JOIN {PAY} AS e ON e.edukey = l.edukey
                 WHERE e.taxyear = {tax_year} GROUP BY l.pmr),
        people AS (SELECT DISTINCT pmr, gender FROM links)
        SELECT gender, COUNT(*) AS linked, COUNT(*) FILTER (WHERE months >= 5) AS sustained,
               MEDIAN(365.0 * pay / days * {INDEX[201516]} / {INDEX[tax_year]}) FILTER (WHERE months >= 5 AND pay > 0)
                   AS median_real
        FROM people LEFT JOIN work USING (pmr) LEFT JOIN paid USING (pmr) GROUP BY gender
    """)


def outcomes_by_hand(con, ks4_from, ks4_to, tax_year):
    """Dictionaries of sets, one person after the other."""
    import statistics

    first, last = (day.toordinal() for day in tax_year_bounds(tax_year))
    gender, keys_of = {}, {}
    for row in cohort_links(con, ks4_from, ks4_to).itertuples():
        gender[row.pmr] = row.gender
        keys_of.setdefault(row.pmr, set()).add(row.edukey)
    spells: dict[str, list[tuple[int, int]]] = {}
    for edukey, start, end in con.sql(f"SELECT edukey, startdate, enddate FROM {SPELLS}").fetchall():
        spells.setdefault(edukey, []).append((max(start.toordinal(), first), min(end.toordinal(), last)))
    pay = dict(con.sql(f"SELECT edukey, earnings FROM {PAY} WHERE taxyear = {tax_year}").fetchall())
    months = [(a.toordinal(), z.toordinal()) for a, z in winter(tax_year)]
    linked, sustained, rates = dict.fromkeys("FM", 0), dict.fromkeys("FM", 0), {"F": [], "M": []}
    for pmr, keys in keys_of.items():
        linked[gender[pmr]] += 1
        mine = {part for key in keys for part in spells.get(key, []) if part[0] <= part[1]}
        if sum(any(a < after and z >= first_of for a, z in mine) for first_of, after in months) < 5:
            continue
        days = {day for a, z in mine for day in range(a, z + 1)}
        sustained[gender[pmr]] += 1
        total = sum(pay.get(key, 0) for key in keys)
        if total > 0:
            rates[gender[pmr]].append(365 * total / len(days) * INDEX[201516] / INDEX[tax_year])
    rows = [(g, linked[g], sustained[g], statistics.median(rates[g])) for g in "FM"]
    return pd.DataFrame(rows, columns=["gender", "linked", "sustained", "median_real"])


def outcomes_months_as_numbers(con, ks4_from, ks4_to, tax_year):
    """Months of the winter from six flags, days from merged spells, in place of a join to months."""
    first, last = tax_year_bounds(tax_year)
    flags = " + ".join(
        f"MAX(CASE WHEN a < DATE '{z}' AND z >= DATE '{a}' THEN 1 ELSE 0 END)" for a, z in winter(tax_year)
    )
    return con.sql(f"""
        WITH links AS (
            SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pmr, k.ks4_gender AS gender, e.edukey
            FROM {KS4} AS k JOIN {PUPILS} AS p ON p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
            JOIN {KEYS} AS e ON e.ae_id = p.ae_id
            WHERE k.ks4_acadyr BETWEEN '{ks4_from - 1}/{ks4_from}' AND '{ks4_to - 1}/{ks4_to}'),
        mine AS (
            SELECT l.pmr, greatest(s.startdate, DATE '{first}') AS a, least(s.enddate, DATE '{last}') AS z
            FROM links AS l JOIN {SPELLS} AS s ON s.edukey = l.edukey
            WHERE s.startdate <= DATE '{last}' AND s.enddate >= DATE '{first}'
            GROUP BY ALL),
        work AS (SELECT pmr, SUM(z - a + 1) AS days, {flags} AS months FROM mine GROUP BY pmr),
        paid AS (SELECT l.pmr, SUM(e.earnings) AS pay FROM links AS l JOIN {PAY} AS e ON e.edukey = l.edukey
                 WHERE e.taxyear = {tax_year} GROUP BY l.pmr)
        SELECT l.gender, COUNT(DISTINCT l.pmr) AS linked,
               COUNT(DISTINCT CASE WHEN w.months >= 5 THEN l.pmr END) AS sustained,
               (SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY 365.0 * y.pay / v.days)
                FROM (SELECT DISTINCT pmr, gender FROM links) AS g JOIN work AS v ON v.pmr = g.pmr
                JOIN paid AS y ON y.pmr = g.pmr WHERE g.gender = l.gender AND v.months >= 5 AND y.pay > 0)
               * {INDEX[201516]} / {INDEX[tax_year]} AS median_real
        FROM links AS l LEFT JOIN work AS w ON w.pmr = l.pmr GROUP BY l.gender
    """)


Q12 = Question(
    name="q12",
    title="From school to real earnings",
    answer_name="outcomes",
    kind="function",
    points=4,
    columns={"gender": "text", "linked": "number", "sustained": "number", "median_real": "number"},
    identity=("gender",),
    unit="group",
    lesson=LESSON,
    reference_sql=outcomes,
    reference_pandas=outcomes_pandas,
    alternatives=(outcomes_by_calendar, outcomes_by_hand, outcomes_months_as_numbers),
    calls=(
        {"ks4_from": 2004, "ks4_to": 2008, "tax_year": 201415},
        {"ks4_from": 2007, "ks4_to": 2011, "tax_year": 201819},
    ),
    tolerance={"median_real": 0.05},
    hints=(
        "Work in steps: pupils, pairs of pupil and EDUKEY, distinct spells, days, months, pay. Check each.",
        "A pupil counts as sustained with a day in work in five of the six months, over all keys together.",
        "median_real is the median of 365 * pay / days * 100.175 / index, over sustained people with pay above 0.",
    ),
    misconceptions=(
        slip(
            "not-annualised",
            "Your median is of pay, not of annualised earnings: divide each person's pay by their days in work and "
            "multiply by 365 before you take the median.",
            lambda con, **call: outcomes(con, **call, formula="y.pay"),
        ),
        slip(
            "money-of-the-year",
            "Your median is in money of the year. State it at the prices of 2015/16: multiply by 100.175 and divide by "
            "the index of the tax year.",
            lambda con, **call: outcomes(con, **call, factor=1),
        ),
        slip(
            "everybody-with-pay",
            "You took everybody with a day in work. The question asks for sustained employment: a day in work in at "
            "least five of the six months from October to March.",
            lambda con, **call: outcomes(con, **call, at_least=0),
        ),
        slip(
            "all-six",
            "You asked for work in all six months. The rule is at least one day in five of the six months.",
            lambda con, **call: outcomes(con, **call, at_least=6),
        ),
        slip(
            "unmatched-in-denominator",
            "Your linked holds pupils who lead to no EDUKEY. Nothing is known about their work: count those who lead "
            "to at least one.",
            lambda con, **call: outcomes(con, **call, linked="1 = 1"),
        ),
        slip(
            "one-key-of-two",
            "You kept one EDUKEY of two, so part of these people's work and pay is missing. Pool both keys.",
            lambda con, **call: outcomes(con, **call, keys=FIRST_KEYS),
        ),
    ),
)

ASSIGNMENT = Assignment(
    name="05-earnings-measures",
    title="Earnings measures",
    questions=(Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8, Q9, Q10, Q11, Q12),
    written={"q13": 4},
    worked=Q0,
)
