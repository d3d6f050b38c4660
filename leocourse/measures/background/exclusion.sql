/*---
title = "Ever suspended or excluded"
definition = """Whether a person was ever suspended (excluded for a fixed period) and whether ever permanently excluded from school, with how often and when first.
Suspensions are recorded from 2005/06, permanent exclusions from 2001/02."""
grain = "one row per person with a PMR"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ever_suspended", type = "int", description = "1 if any suspension is recorded." },
  { name = "suspensions", type = "int", unit = "suspensions", description = "Suspensions recorded." },
  { name = "sessions_suspended", type = "int", unit = "half days", description = "Half-day sessions of all suspensions." },
  { name = "first_suspension_year", type = "int", unit = "year", description = "School year of the first suspension, by the year in which it ends." },
  { name = "ever_permanently_excluded", type = "int", description = "1 if a permanent exclusion is recorded." },
  { name = "permanent_exclusion_year", type = "int", unit = "year", description = "School year of the first permanent exclusion, by the year in which it ends." },
]
source = "Exclusions 2001/02 to 2004/05 and table 1 of exclusions 2005/06 to 2020/21, LEO variable request form v2.3."
years = "2001/02 to 2020/21"
lost = "Reasons. Suspensions before 2005/06: for cohorts who left school by then a 0 is not known."
traps = [
  "The official word has changed from fixed-period exclusion to suspension.",
  "PERM_DUPLICATE marks permanent exclusions reported twice, which are left out here.",
  "A permanent exclusion may be withdrawn on review, which the tables do not show.",
]
group_by = ["ever_suspended"]
---*/
WITH stacked AS (
--| for year 2002 to 2005
    SELECT e.pupilmatchingrefanonymous_ex{yy} AS pmr, {yyyy} AS exclusion_year, 'PERM' AS category, 0 AS sessions
    FROM npd_i2."2005003".exclusions_{yyyy} AS e
    WHERE e.permanentexclusionind_ex{yy} = 1
--| end
    UNION ALL
--| for year 2006 to 2021
    SELECT e.pupilmatchingrefanonymous_ex{yy}, {yyyy}, e.category_ex{yy}, e.sessions_ex{yy}
    FROM npd_i2."2005003".exclusions_table_1_{yyyy} AS e
    WHERE COALESCE(e.perm_duplicate_ex{yy}, 0) = 0
--| end
),
by_person AS (
    SELECT p.ae_id,
        SUM(CASE WHEN s.category = 'PERM' THEN 0 ELSE 1 END) AS suspensions,
        SUM(CASE WHEN s.category = 'PERM' THEN 0 ELSE s.sessions END) AS sessions,
        SUM(CASE WHEN s.category = 'PERM' THEN 1 ELSE 0 END) AS permanent,
        MIN(CASE WHEN s.category = 'PERM' THEN NULL ELSE s.exclusion_year END) AS first_suspension,
        MIN(CASE WHEN s.category = 'PERM' THEN s.exclusion_year END) AS first_permanent
    FROM stacked AS s
    JOIN measures.pmr_person AS p ON p.pmr = s.pmr
    GROUP BY p.ae_id
)
SELECT
    p.ae_id,
    CASE WHEN b.suspensions > 0 THEN 1 ELSE 0 END AS ever_suspended,
    CAST(COALESCE(b.suspensions, 0) AS int) AS suspensions,
    CAST(COALESCE(b.sessions, 0) AS int) AS sessions_suspended,
    CAST(b.first_suspension AS int) AS first_suspension_year,
    CASE WHEN b.permanent > 0 THEN 1 ELSE 0 END AS ever_permanently_excluded,
    CAST(b.first_permanent AS int) AS permanent_exclusion_year
FROM (SELECT DISTINCT ae_id FROM measures.pmr_person) AS p
LEFT JOIN by_person AS b ON b.ae_id = p.ae_id
