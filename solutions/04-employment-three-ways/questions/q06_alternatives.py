"""Other right answers to question 6, written differently."""

from __future__ import annotations

from leocourse.authoring.shorthand import months_of, tax_year_bounds

from .shared import WORK, month_rows


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
