"""Other right answers to question 12, written differently."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import tax_year_bounds, winter

from .shared import INDEX, KEYS, KS4, PAY, PUPILS, SPELLS, cohort_links, cut, spells_frame


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
        fresh AS (
            SELECT pmr, a, z, greatest(a, coalesce(MAX(z) OVER (
                PARTITION BY pmr ORDER BY a, z ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + 1, a)) AS since
            FROM mine),
        work AS (SELECT pmr, SUM(greatest(z - since + 1, 0)) AS days, {flags} AS months FROM fresh GROUP BY pmr),
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


def outcomes_pandas(con, ks4_from, ks4_to, tax_year):
    links = cohort_links(con, ks4_from, ks4_to)
    everybody = links.drop_duplicates("pmr").groupby("gender")["pmr"].size().rename("linked")
    inside = links.merge(cut(spells_frame(con), *tax_year_bounds(tax_year)), on="edukey")
    inside = inside.sort_values(["pmr", "startdate", "enddate"])
    so_far = inside.groupby("pmr")["enddate"].cummax().groupby(inside["pmr"]).shift()
    begins = inside["startdate"].where(~(so_far >= inside["startdate"]), so_far + pd.Timedelta(days=1))
    days = ((inside["enddate"] - begins).dt.days + 1).clip(lower=0).groupby(inside["pmr"]).sum().rename("days")
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
