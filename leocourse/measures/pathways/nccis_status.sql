/*---
title = "Status in the authority's caseload"
definition = """What the caseload of a local authority (NCCIS) says that a young person did in a month of an academic year: the latest activity that had begun by the end of that month.
Beside it, whether the caseload says at any time of the year that the person was not in education, employment or training."""
grain = "one row per person and academic year in the caseload by that month"
key = ["ae_id", "academic_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "academic_year", type = "int", unit = "year", description = "Academic year, by the year in which it ends." },
  { name = "activity_code", type = "int", description = "Code of the activity in the month." },
  { name = "status", type = "varchar(14)", description = "education; apprenticeship; employment; training; NEET; not known; other." },
  { name = "neet", type = "int", description = "1 if the code is from 610 to 699; missing if the activity is not known." },
  { name = "since", type = "date", description = "Day on which that activity began." },
  { name = "recorded", type = "date", description = "Day on which it was recorded." },
  { name = "lapsed", type = "int", description = "1 if the entry is too old to rely on; from 2015/16, missing before." },
  { name = "ever_neet", type = "int", description = "1 if any entry of the academic year, at any time, has such a code." },
  { name = "entries", type = "int", unit = "entries", description = "Entries of the academic year." },
]
parameters = [
  { name = "month", type = "int", default = 12, minimum = 1, maximum = 12, description = "Calendar month in which the status is taken: 12 is the December of the academic year, 3 its March." },
]
source = "NCCIS 2010/11 to 2020/21, LEO variable request form v2.3: code lists of its fields; 810 (not known) is of the caseload guidance, beyond the end of the form's list."
years = "2010/11 to 2020/21"
lost = "Activities before the month that a later one has replaced. Young people beyond 18 (19 to 2015/16), and those whom no authority follows."
traps = [
  "Not known is not NEET: published shares give both, and authorities with few NEET can have many not known.",
  "An entry can be stale: the caseload says work, or not known, of some who are at college (compare learning_months and employment_months).",
  "Waiting for an agreed start (615, 616) counts as NEET, as in published shares.",
  "Published annual figures are averages over the turn of the year, not those of one month.",
  "Re-engagement provision and work without pay (5xx) and custody are neither NEET nor education: other here.",
]
other_rule = { parameter = "month", value = 3 }
group_by = ["academic_year", "status"]
---*/
WITH entries AS (
    SELECT p.ae_id, CAST(SUBSTRING(n.nccis_acadyr, 6, 4) AS int) AS academic_year,
        n.nccis_current_activity_code AS code, n.nccis_current_activity_start_date AS since,
        n.nccis_current_activity_recorded AS recorded, n.nccis_currency_lapsed_indicator AS lapsed, n.nccis_pupilmatchingrefanonymous AS pmr
    FROM npd_i2."2005003".nccis_2011_to_2021 AS n
    JOIN measures.pmr_person AS p ON p.pmr = n.nccis_pupilmatchingrefanonymous
),
ranked AS (
    SELECT
        entries.*,
        CASE WHEN YEAR(since) * 12 + MONTH(since) <= (academic_year - CASE WHEN $month > 8 THEN 1 ELSE 0 END) * 12 + $month THEN 1 ELSE 0 END
            AS begun,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id, academic_year
            ORDER BY
                CASE
                    WHEN YEAR(since) * 12 + MONTH(since) <= (academic_year - CASE WHEN $month > 8 THEN 1 ELSE 0 END) * 12 + $month THEN 0
                    ELSE 1
                END,
                since DESC, recorded DESC, code, pmr
        ) AS place,
        MAX(CASE WHEN code BETWEEN 610 AND 699 THEN 1 ELSE 0 END) OVER (PARTITION BY ae_id, academic_year) AS ever_neet,
        COUNT(*) OVER (PARTITION BY ae_id, academic_year) AS entries
    FROM entries
)
SELECT
    ae_id,
    academic_year,
    CAST(code AS int) AS activity_code,
    CAST(CASE
        WHEN code = 310 THEN 'apprenticeship'
        WHEN code BETWEEN 210 AND 289 THEN 'education'
        WHEN code BETWEEN 320 AND 399 THEN 'employment'
        WHEN code BETWEEN 400 AND 499 THEN 'training'
        WHEN code BETWEEN 610 AND 699 THEN 'NEET'
        WHEN code >= 800 OR code = 150 OR code IS NULL THEN 'not known'
        ELSE 'other'
    END AS varchar(14)) AS status,
    CASE WHEN code >= 800 OR code = 150 OR code IS NULL THEN NULL WHEN code BETWEEN 610 AND 699 THEN 1 ELSE 0 END AS neet,
    since,
    recorded,
    CASE lapsed WHEN 'Y' THEN 1 WHEN 'N' THEN 0 END AS lapsed,
    ever_neet,
    CAST(entries AS int) AS entries
FROM ranked
WHERE place = 1 AND begun = 1
