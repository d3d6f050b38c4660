"""A submission with slips, as a learner might hand it in: some answers right, some misconceived."""

from __future__ import annotations

SLIPS = {
    "q1": '''q1 = """
SELECT edukey, DATE '2018-04-06' - startdate + 1 AS days_so_far
FROM leo_i2."2005003".leo_employment
WHERE startdate <= DATE '2018-04-06' AND enddate >= DATE '2018-04-06' AND enddate < DATE '9999-12-31'
"""''',
    "q3": '''def person_days(con, year):
    first, last = f"DATE '{year - 1}-08-01'", f"DATE '{year}-07-31'"
    return con.sql(f"""
        SELECT k.ae_id, SUM(LEAST(s.enddate, {last}) - GREATEST(s.startdate, {first}) + 1) AS days
        FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup AS k
        JOIN leo_i2."2005003".leo_employment AS s ON s.edukey = k.edukey
        WHERE s.startdate <= {last} AND s.enddate >= {first}
        GROUP BY k.ae_id
    """)''',
    "q7": '''q7 = """
WITH paid AS (
    SELECT edukey FROM (
        SELECT s.edukey, COUNT(DISTINCT m.first_day) AS months
        FROM leo_i2."2005003".leo_employment AS s
        JOIN (VALUES
            (DATE '2016-10-01', DATE '2016-11-01'), (DATE '2016-11-01', DATE '2016-12-01'),
            (DATE '2016-12-01', DATE '2017-01-01'), (DATE '2017-01-01', DATE '2017-02-01'),
            (DATE '2017-02-01', DATE '2017-03-01'), (DATE '2017-03-01', DATE '2017-04-01')
        ) AS m (first_day, next_first) ON s.startdate < m.next_first AND s.enddate >= m.first_day
        GROUP BY s.edukey
    ) AS counted
    WHERE months >= 5
)
SELECT p.edukey, 1 AS employee, COALESCE(r.self_employed, 0) AS self_employed
FROM paid AS p
LEFT JOIN leo_i2."2005003".leo_self_assessment AS r ON r.edukey = p.edukey AND r.taxyear = 201617
"""''',
    "q8": '''def benefit_days(con, tax_year):
    first, last = f"DATE '{tax_year // 100}-04-06'", f"DATE '{tax_year // 100 + 1}-04-05'"
    return con.sql(f"""
        SELECT edukey, SUM(LEAST(enddate, {last}) - GREATEST(startdate, {first}) + 1) AS days
        FROM leo_i2."2005003".leo_benefit
        WHERE out_of_work_benefit = 1 AND startdate <= {last} AND enddate >= {first}
        GROUP BY edukey
    """)''',
    "q11": "One of them has made a mistake.",
}


def answers(con) -> dict[str, str]:
    """The answers by grade id. None copies numbers from the extract, so the connection is not needed."""
    return SLIPS
