"""Other right answers to question 10, written differently, and what they read."""

from __future__ import annotations

import pandas as pd

from leocourse.authoring.shorthand import LEO, months_of

from .shared import KEYS, SPELLS_TEXT, WORK

GROUP_KEYS = f"""
    SELECT DISTINCT c.pupilmatchingrefanonymous_spr08 AS pmr, c.fsmeligible_spr08 AS fsm, k.edukey
    FROM npd_i2."2005003".spring_census_2008 AS c
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p
        ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr08
    JOIN {KEYS} AS k ON k.ae_id = p.ae_id
    WHERE c.ncyearactual_spr08 IN ('10', '11') AND c.recordstatus_spr08 < 100 AND c.fsmeligible_spr08 IS NOT NULL
"""


GROUP_RETURNS = f"SELECT edukey FROM {LEO}.leo_self_assessment WHERE taxyear = 201819 AND self_employed = 1"


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
