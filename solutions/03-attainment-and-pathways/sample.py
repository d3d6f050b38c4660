"""A submission with slips, as a learner might hand it in: some answers right, some misconceived."""

from __future__ import annotations

SLIPS = {
    "q1": '''q1 = """
SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, ks4_ptscnewe AS points
FROM npd_i2."2005003".ks4pupil_2002_to_2014
WHERE ks4_acadyr BETWEEN '2008/2009' AND '2012/2013'
"""''',
    "q3": '''def standardised(con, year):
    return con.sql(f"""
        SELECT ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous,
            MAX(ks4_att8) - (
                SELECT AVG(att8) FROM (
                    SELECT MAX(ks4_att8) AS att8 FROM npd_i2."2005003".ks4pupil_2015_to_2021
                    WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_new_type <> 5
                    GROUP BY ks4_pupilmatchingrefanonymous
                )
            ) AS z
        FROM npd_i2."2005003".ks4pupil_2015_to_2021
        WHERE ks4_acadyr = '{year - 1}/{year}' AND ks4_new_type <> 5
        GROUP BY ks4_pupilmatchingrefanonymous
    """)''',
    "q6": '''def learners(con, year):
    return con.sql(f"""
        SELECT e.ae_id, COUNT(*) AS aims, MAX(a.notional_level_v2) AS highest_level
        FROM lilr_i2."2005003".aims AS a
        JOIN leo_i2."2005003".education_records_lookup AS e ON e.recordid = a.recordid
        WHERE a.year = {year - 1}
        GROUP BY e.ae_id
    """)''',
    "q8": '''def entered(con, year):
    return con.sql(f"""
        SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pupilmatchingrefanonymous, 1 AS entered
        FROM npd_i2."2005003".ks4pupil_2002_to_2014 AS k
        JOIN (
            SELECT he_pupilmatchingrefanonymous AS pmr FROM hesa_i2."2005003".hesa_{year + 3} WHERE he_xlev501 = '3'
            UNION ALL
            SELECT he_pupilmatchingrefanonymous FROM hesa_i2."2005003".hesa_{year + 4} WHERE he_xlev501 = '3'
        ) AS s ON s.pmr = k.ks4_pupilmatchingrefanonymous
        WHERE k.ks4_acadyr = '{year - 1}/{year}'
    """)''',
    "q10": '''q10 = """
SELECT nccis_acadyr AS academic_year, COUNT(DISTINCT nccis_pupilmatchingrefanonymous) AS people,
    100.0 * COUNT(DISTINCT CASE WHEN nccis_current_activity_code >= 600 THEN nccis_pupilmatchingrefanonymous END)
        / COUNT(DISTINCT nccis_pupilmatchingrefanonymous) AS percentage
FROM npd_i2."2005003".nccis_2011_to_2021
WHERE nccis_acadyr <= '2015/2016'
GROUP BY nccis_acadyr
"""''',
    "q13": "The examinations got harder in 2014 and easier in 2020.",
}


def answers(con) -> dict[str, str]:
    """The answers by grade id. None copies numbers from the extract, so the connection is not needed."""
    return SLIPS
