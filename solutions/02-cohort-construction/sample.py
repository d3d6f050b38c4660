"""A submission with slips, as a learner might hand it in: some answers right, some misconceived."""

from __future__ import annotations

SLIPS = {
    "q1": '''q1 = """
SELECT pupilmatchingrefanonymous_spr13 AS pmr, yearofbirth_spr13 AS birth_year, monthofbirth_spr13 AS birth_month
FROM npd_i2."2005003".spring_census_2013
WHERE yearofbirth_spr13 = 1998 AND recordstatus_spr13 < 100
"""''',
    "q2": '''def denominators(con, year):
    yy = f"spr{year % 100:02d}"
    return con.sql(f"""
        SELECT gender_{yy} AS sex, COUNT(*) AS records, SUM(onroll_{yy}) AS pupils
        FROM npd_i2."2005003".spring_census_{year}
        WHERE ncyearactual_{yy} = '11'
        GROUP BY gender_{yy}
    """)''',
    "q4": '''q4 = """
SELECT ks4_pupilmatchingrefanonymous AS pmr, COUNT(*) AS records, AVG(ks4_att8) AS points,
       CASE WHEN COUNT(*) = 1 THEN 'only record' ELSE 'more points' END AS kept_because
FROM npd_i2."2005003".ks4pupil_2015_to_2021
WHERE ks4_acadyr = '2015/2016'
GROUP BY ks4_pupilmatchingrefanonymous
"""''',
    "q5": '''def ks4_cohort(con, year):
    return con.sql(f"""
        SELECT pmr, level2
        FROM (SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_level2_em AS level2,
                     ROW_NUMBER() OVER (PARTITION BY ks4_pupilmatchingrefanonymous
                                        ORDER BY ks4_ptscnewe DESC) AS place
              FROM npd_i2."2005003".ks4pupil_2002_to_2014
              WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_natres = 1 AND ks4_new_type <> 5) AS ranked
        WHERE place = 1
    """)''',
    "q9": '''def persistent(con, year):
    yy = f"ab{year % 100:02d}"
    absence = con.sql(f"""
        SELECT gender_{yy} AS sex, CAST(overallabsence_6halfterms_{yy} AS int) AS missed,
               CAST(sessionspossible_6halfterms_{yy} AS int) AS possible
        FROM npd_i2."2005003".absence_{year}_3term
        WHERE mainrecord_{yy} = 1 AND ageatstartofacademicyear_{yy} BETWEEN 11 AND 14
          AND sessionspossible_6halfterms_{yy} > 0
    """).df()
    absence["persistent"] = 100 * absence["missed"] >= 10 * absence["possible"]
    table = absence.groupby("sex", as_index=False)["persistent"].agg(pupils="size", persistent="sum", percent="mean")
    return table.assign(percent=100 * table["percent"])''',
    "q10": '''q10 = """
SELECT c.pupilmatchingrefanonymous_spr14 AS pmr, MIN(p.ae_id) AS ae_id, COUNT(k.edukey) AS linked
FROM npd_i2."2005003".spring_census_2014 AS c
LEFT JOIN leo_i2."2005003".learner_ae_id_to_pmr_lookup AS p
  ON p.pupilmatchingrefanonymous = c.pupilmatchingrefanonymous_spr14
LEFT JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
WHERE c.ncyearactual_spr14 IN ('10', '11') AND c.recordstatus_spr14 < 100
GROUP BY c.pupilmatchingrefanonymous_spr14
"""''',
    "q13": "Everybody in England who was 16.",
}


def answers(con) -> dict[str, str]:
    """The answers by grade id. They need nothing from the extract, and each holds a slip that has a name."""
    return dict(SLIPS)
