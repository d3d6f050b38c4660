"""Earnings by years after key stage 4."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring import Question
from leocourse.authoring.shorthand import varied

from .shared import FIRST_KEYS, KEYS, KS4, PAY, PUPILS, WORK_LESSON, cohort_links, label_of, slip


def path(con, ks4_year, shift=0, distinct="DISTINCT", middle="MEDIAN(pay)", join="JOIN", above="pay > 0", total="SUM",
         keys=KEYS, one="pmr", from_year=1, upto=2020, cohort=0, label="years_after"):  # fmt: skip
    ks4_year += cohort
    return con.sql(f"""
        WITH links AS (
            SELECT {distinct} k.ks4_pupilmatchingrefanonymous AS pmr, e.edukey
            FROM {KS4} AS k
            JOIN {PUPILS} AS a ON a.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
            JOIN {keys} AS e ON e.ae_id = a.ae_id
            WHERE k.ks4_acadyr = '{ks4_year - 1}/{ks4_year}'),
        years AS (
            SELECT n AS years_after, ({ks4_year} + n) * 100 + ({ks4_year} + n + 1) % 100 AS tax_year
            FROM generate_series({from_year}, {upto - ks4_year}) AS t(n)),
        paid AS (
            SELECT y.years_after, y.tax_year, l.{one}, COALESCE({total}(e.earnings), 0) AS pay
            FROM years AS y CROSS JOIN links AS l
            {join} {PAY} AS e ON e.edukey = l.edukey AND e.taxyear = y.tax_year - {101 * shift}
            GROUP BY y.years_after, y.tax_year, l.{one})
        SELECT {label} AS years_after, COUNT(*) AS people, {middle} AS median_pay
        FROM paid WHERE {above} GROUP BY {label}
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


QUESTION = Question(
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
    make=varied(path),
    domain={"ks4_year": range(2004, 2015)},
    tolerance={"median_pay": 0.005},
    hints=(
        "The first full tax year after year 11 begins in the April after the summer in which it ended.",
        "Add up pay by pupil and tax year over distinct pairs of pupil and EDUKEY.",
        "A label such as 200607 begins with the year in which its April lies: what is it less the year of key stage 4?",
    ),
    misconceptions=(
        slip(
            "larger-of-two-keys",
            "You took the larger of the amounts under two keys. In some years part of the pay stands under each: "
            "add them "
            "up.",
            total="MAX",
        ),
        slip(
            "tax-year-before-leaving",
            "Your years are one too early: the tax year that begins in April of ks4_year began while these people were "
            "still in year 11. The first full one begins a year later.",
            shift=1,
        ),
        slip(
            "missing-pay-as-zero",
            "You counted pupils without pay in a year as paid nothing. The question asks for people with pay above 0.",
            join="LEFT JOIN",
            above="1 = 1",
        ),
        slip(
            "mean-not-median",
            "You gave the mean. A few very high totals pull it up; the question asks for the median.",
            middle="AVG(pay)",
        ),
        slip(
            "pay-doubled-by-join",
            "Some people's pay is doubled: a pupil with two records, or with two AE_IDs that lead to one EDUKEY, meets "
            "the same pay twice. Keep distinct pairs of pupil and EDUKEY before you add up.",
            distinct="",
        ),
        slip("zero-kept", above="pay >= 0 AND pay IS NOT NULL"),
        slip("one-key-of-two", keys=FIRST_KEYS),
        slip("keys-not-people", one="edukey"),
        slip("year-0-kept", from_year=0),
        slip("last-year-left-out", "Your last tax year is 2019/20. The path goes to 2020/21.", upto=2019),
        slip("cohort-of-another-year", cohort=1),
        slip("label-for-years", label="tax_year"),
    ),
)
