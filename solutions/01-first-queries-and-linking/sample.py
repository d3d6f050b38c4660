"""A submission with slips, as a learner might hand it in: some answers right, some misconceived."""

from __future__ import annotations

SLIPS = {
    "q1": '''q1 = """
SELECT recordid, acage
FROM lilr_i2."2005003".learners
WHERE year = '2013' AND lldd = 1
"""''',
    "q2": '''q2 = """
SELECT pupilmatchingrefanonymous_spr14 AS pmr, recordstatus_spr14 AS recordstatus,
       CASE WHEN senprovision_spr14 IS NULL THEN 1 ELSE 0 END AS missing
FROM npd_i2."2005003".spring_census_2014
WHERE ncyearactual_spr14 IN ('9', '10') AND senprovision_spr14 <> 'N'
"""''',
    "q5": '''q5 = """
SELECT g.edukey, e.earnings
FROM leo_i2."2005003".leo_geography AS g
JOIN leo_i2."2005003".leo_earnings AS e ON e.edukey = g.edukey AND e.taxyear = g.taxyear
WHERE g.taxyear = 201617 AND g.gornm = 'London'
"""''',
    "q6": '''q6 = """
SELECT s.edukey, COUNT(DISTINCT s.startdate) AS spells, COUNT(DISTINCT e.taxyear) AS paid_years,
       COALESCE(SUM(e.earnings), 0) AS total
FROM leo_i2."2005003".leo_employment AS s
LEFT JOIN leo_i2."2005003".leo_earnings AS e ON e.edukey = s.edukey AND e.earnings > 0
WHERE s.edukey < 'EK4'
GROUP BY s.edukey
"""''',
    "q7": '''q7 = """
SELECT edukey, MAX(taxyear) AS taxyear, MAX(num_employments) AS num_employments, MAX(earnings) AS earnings
FROM leo_i2."2005003".leo_earnings
WHERE num_employments IS NOT NULL AND edukey < 'EK4'
GROUP BY edukey
"""''',
    "q9": """def learners_of(con, year):
    learners = con.sql('SELECT recordid, acage, year FROM lilr_i2."2005003".learners').df()
    people = con.sql('SELECT recordid, ae_id FROM leo_i2."2005003".education_records_lookup').df()
    learners = learners[learners["year"] == str(year)].merge(people, on="recordid")
    return learners.groupby("ae_id", as_index=False).agg(records=("recordid", "size"), age=("acage", "min"))""",
    "q10": '''def match_rates(con, year):
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT c.ethnicgroupmajor_{yy} AS ethnic_group, COUNT(*) AS pupils, COUNT(k.edukey) AS linked,
               100.0 * COUNT(k.edukey) / COUNT(*) AS rate
        FROM npd_i2."2005003".spring_census_{year} AS c
        LEFT JOIN leo_i2."2005003".learner_ae_id_to_pmr_lookup AS p
          ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_{yy}
        LEFT JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
        WHERE c.ncyearactual_{yy} = '11' AND c.recordstatus_{yy} < 100
        GROUP BY 1
    """)''',
    "q13": "The number of rows is the same, so the join is right.",
}


def answers(con) -> dict[str, str]:
    """The answers by grade id. They need nothing from the extract, and each holds a slip that has a name."""
    return dict(SLIPS)
