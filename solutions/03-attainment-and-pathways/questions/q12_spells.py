"""What people did, as spells: study, benefits and work, and the people of question 12."""

from __future__ import annotations

from leocourse.authoring.shorthand import ILR, LEO

from .shared import OLD_KS4


def activity_cohort(linked="e.edukey IS NOT NULL"):
    """Pupils who lead to an EDUKEY, with all of their AE_IDs: one without an EDUKEY has records of study, too."""
    return f"""
    SELECT DISTINCT k.ks4_pupilmatchingrefanonymous AS pmr, p.ae_id, e.edukey
    FROM {OLD_KS4} AS k
    JOIN {LEO}.learner_ae_id_to_pmr_lookup AS p ON p.pupilmatchingrefanonymous = k.ks4_pupilmatchingrefanonymous
    LEFT JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = p.ae_id
    WHERE k.ks4_acadyr BETWEEN '2010/2011' AND '2012/2013' AND p.pupilmatchingrefanonymous IN (
        SELECT o.pupilmatchingrefanonymous FROM {LEO}.learner_ae_id_to_pmr_lookup AS o
        JOIN {LEO}.learner_ae_id_to_edukey_lookup AS e ON e.ae_id = o.ae_id WHERE {linked})
    """


ACTIVITY_COHORT = activity_cohort()


HE_SPELLS = " UNION ALL ".join(
    f"""
    SELECT c.pmr, 1 AS kind, h.he_comdate AS first_day,
        COALESCE(h.he_enddate, DATE '{year}-07-31') AS last_day
    FROM cohort AS c JOIN hesa_i2."2005003".hesa_{year} AS h ON h.he_pupilmatchingrefanonymous = c.pmr
    """
    for year in (2018, 2019)
)


FE_SPELLS = f"""
    SELECT c.pmr, 2 AS kind, a.start_date AS first_day,
        CASE
            WHEN a.end_date IS NULL THEN make_date(a.year + 1, 7, 31)
            WHEN a.end_date = DATE '1900-01-01' THEN a.end_date_expected
            ELSE a.end_date
        END AS last_day
    FROM cohort AS c
    JOIN {LEO}.education_records_lookup AS r ON r.ae_id = c.ae_id
    JOIN {ILR}.aims AS a ON a.recordid = r.recordid
    WHERE a.year IN (2017, 2018)
"""


def benefit_spells(condition="b.out_of_work_benefit = 1"):
    return f"""
    SELECT c.pmr, 3 AS kind, b.startdate AS first_day, b.enddate AS last_day
    FROM cohort AS c JOIN {LEO}.leo_benefit AS b ON b.edukey = c.edukey WHERE {condition}
    """


WORK_SPELLS = f"""
    SELECT c.pmr, 4 AS kind, s.startdate AS first_day, s.enddate AS last_day
    FROM cohort AS c JOIN {LEO}.leo_employment AS s ON s.edukey = c.edukey
"""


ACTIVITY_SPELLS = f"""
    cohort AS ({ACTIVITY_COHORT}),
    every_spell AS ({HE_SPELLS} UNION ALL {FE_SPELLS} UNION ALL {benefit_spells()} UNION ALL {WORK_SPELLS}),
    people AS (SELECT DISTINCT pmr FROM cohort),
    spells AS (
        SELECT pmr, kind, GREATEST((YEAR(first_day) - 2018) * 12 + MONTH(first_day) - 4, 0) AS first_month,
            LEAST((YEAR(last_day) - 2018) * 12 + MONTH(last_day) - 4, 11) AS last_month
        FROM every_spell
        WHERE first_day <= last_day AND first_day < DATE '2019-04-01' AND last_day >= DATE '2018-04-01'
    )
"""
"""The people, and their spells as first and last month counted from April 2018."""


def activity_spells(con):
    return con.sql(f"WITH {ACTIVITY_SPELLS} SELECT pmr, kind, first_month, last_month FROM spells")


def activity_people(con):
    return sorted({row[0] for row in con.sql(ACTIVITY_COHORT).fetchall()})
