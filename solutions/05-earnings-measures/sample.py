"""A submission with slips, as a learner might hand it in: some answers right, some misconceived."""

from __future__ import annotations

SLIPS = {
    "q1": '''q1 = """
SELECT taxyear AS tax_year, COUNT(*) AS keys, AVG(earnings) AS median_pay
FROM leo_i2."2005003".leo_earnings
WHERE earnings > 0 AND taxyear BETWEEN 200910 AND 201920
GROUP BY taxyear
"""''',
    "q3": '''def daily_pay(con, tax_year):
    first, last = f"{tax_year // 100}-04-06", f"{tax_year // 100 + 1}-04-05"
    return con.sql(f"""
        SELECT s.edukey, s.days, e.earnings / 365 AS daily
        FROM (SELECT edukey, SUM(least(enddate, DATE '{last}') - greatest(startdate, DATE '{first}') + 1) AS days
              FROM leo_i2."2005003".leo_employment
              WHERE startdate <= '{last}' AND enddate >= '{first}' GROUP BY edukey) AS s
        JOIN leo_i2."2005003".leo_earnings AS e ON e.edukey = s.edukey
        WHERE e.taxyear = {tax_year} AND e.earnings > 0
    """)''',
    "q4": '''q4 = """
SELECT k.ae_id, COUNT(e.taxyear) AS years, SUM(e.earnings) AS pay
FROM (SELECT ae_id, MIN(edukey) AS edukey FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup
      GROUP BY ae_id HAVING COUNT(DISTINCT edukey) = 2) AS k
LEFT JOIN leo_i2."2005003".leo_earnings AS e ON e.edukey = k.edukey
GROUP BY k.ae_id
"""''',
    "q8": '''q8 = """
SELECT e.edukey, e.earnings AS pay, COALESCE(s.earnings_self_employment, 0) AS profit,
       e.earnings + COALESCE(s.earnings_self_employment, 0) AS combined
FROM leo_i2."2005003".leo_earnings AS e
LEFT JOIN leo_i2."2005003".leo_self_assessment AS s ON s.edukey = e.edukey AND s.taxyear = e.taxyear
WHERE e.taxyear = 201718
"""''',
    "q10": '''q10 = """
SELECT a.ae_id, 100.0 * (b.pay - a.pay) / a.pay AS growth
FROM (SELECT k.ae_id, SUM(e.earnings) AS pay FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup AS k
      JOIN leo_i2."2005003".leo_earnings AS e ON e.edukey = k.edukey
      WHERE e.taxyear = 201314 GROUP BY k.ae_id) AS a
JOIN (SELECT k.ae_id, SUM(e.earnings) AS pay FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup AS k
      JOIN leo_i2."2005003".leo_earnings AS e ON e.edukey = k.edukey
      WHERE e.taxyear = 201819 GROUP BY k.ae_id) AS b ON b.ae_id = a.ae_id
WHERE a.pay > 0 AND b.pay > 0
"""''',
    "q13": "People were paid less.",
}


def answers(con) -> dict[str, str]:
    """The answers by grade id."""
    return dict(SLIPS)
