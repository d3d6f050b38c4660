/*---
title = "Months not in education, employment or training, as unbroken runs"
definition = """Months for which the local authority's caseload says that a young person was not in education, employment or training.
An entry holds from its month until the next entry for the person, at most to the end of August."""
grain = "one row per person and unbroken run of months"
key = ["ae_id", "first_month"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "first_month", type = "int", unit = "months", description = "First month: twelve times the calendar year, plus the month, less one." },
  { name = "last_month", type = "int", unit = "months", description = "Last month, counted in the same way." },
]
source = "NCCIS of the LEO variable request form v2.3: activity codes 600 to 699."
years = "2010/11 to 2020/21, ages 16 to 18 (19 up to 2015/16)"
lost = "Changes between two returns, and everybody whom the authority does not follow."
traps = [
  "The caseload contradicts school, learner and employment records: measures by month use it only where those are silent.",
  "Code 8xx means that nobody knows, not that the person does nothing.",
]
---*/
WITH entries AS (
    SELECT
        k.ae_id,
        MAX(CAST(SUBSTRING(n.nccis_acadyr, 6, 4) AS int)) AS academic_year,
        CAST(YEAR(n.nccis_current_activity_start_date) * 12 + MONTH(n.nccis_current_activity_start_date) - 1 AS int)
            AS first_month,
        MAX(CASE WHEN n.nccis_current_activity_code BETWEEN 600 AND 699 THEN 1 ELSE 0 END) AS neet
    FROM npd_i2."2005003".nccis_2011_to_2021 AS n
    JOIN measures.pmr_person AS k ON k.pmr = n.nccis_pupilmatchingrefanonymous
    GROUP BY
        k.ae_id,
        CAST(YEAR(n.nccis_current_activity_start_date) * 12 + MONTH(n.nccis_current_activity_start_date) - 1 AS int)
),
next_entry AS (
    SELECT *, LEAD(first_month) OVER (PARTITION BY ae_id ORDER BY first_month) AS next_month
    FROM entries
),
neet AS (
    -- August of the academic year is month 12 * year + 7.
    SELECT
        ae_id,
        first_month,
        CASE
            WHEN next_month <= academic_year * 12 + 8 THEN next_month - 1 ELSE academic_year * 12 + 7
        END AS last_month
    FROM next_entry
    WHERE neet = 1
),
before AS (
    SELECT *, LAG(last_month) OVER (PARTITION BY ae_id ORDER BY first_month) AS month_before
    FROM neet
    WHERE first_month <= last_month
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN first_month <= month_before + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id ORDER BY first_month ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM before
)
SELECT ae_id, MIN(first_month) AS first_month, MAX(last_month) AS last_month
FROM numbered
GROUP BY ae_id, run
