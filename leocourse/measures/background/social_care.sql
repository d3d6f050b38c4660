/*---
title = "In care and in need"
definition = """Whether a person was ever looked after by a local authority, and whether ever a child in need, with the first and last year.
A year runs to 31 March."""
grain = "one row per person with a PMR"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ever_in_care", type = "int", description = "1 if in the return of children looked after of any year." },
  { name = "care_first_year", type = "int", unit = "year", description = "First year with a record, by the March in which it ends." },
  { name = "care_last_year", type = "int", unit = "year", description = "Last such year." },
  { name = "care_years", type = "int", unit = "years", description = "Years with a record." },
  { name = "ever_in_need", type = "int", description = "1 if in the census of children in need of any year." },
  { name = "need_first_year", type = "int", unit = "year", description = "First year with a record, by the March in which it ends." },
  { name = "need_last_year", type = "int", unit = "year", description = "Last such year." },
  { name = "need_years", type = "int", unit = "years", description = "Years with a record." },
  { name = "ever_protection_plan", type = "int", description = "1 if any record has the start of a child protection plan." },
]
parameters = [
  { name = "referrals", values = ["with action", "all"], default = "with action", description = "Whether a referral that led to no further action makes a child in need.", unverified = true },
]
source = "CLA 2005/06 to 2020/21 and CIN 2008/09 to 2020/21 of the LEO variable request form v2.3."
years = "care from 2005/06, need from 2008/09"
lost = "Care before April 2005 and need before April 2008: for older cohorts a 0 is not known."
traps = [
  "A 0 for somebody born before 1988 says little: care was recorded from their late teens only.",
  "The year of these returns ends on 31 March and not in summer.",
  "Children under school age have records without a PMR, which cannot be joined.",
  "The records of 2008/09 do not say which referrals led to no further action: there they all count as need.",
]
other_rule = { parameter = "referrals", value = "all" }
group_by = ["ever_in_care", "ever_in_need"]
---*/
WITH care AS (
    SELECT p.ae_id, MIN(c.cla_processing_year) AS first_year, MAX(c.cla_processing_year) AS last_year,
        COUNT(DISTINCT c.cla_processing_year) AS years
    FROM npd_i2."2005003".cla_2006_to_2021 AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.cla_pupilmatchingrefanonymous
    GROUP BY p.ae_id
),
need AS (
    SELECT p.ae_id, MIN(CAST(SUBSTRING(c.cin_acadyr, 6, 4) AS int)) AS first_year,
        MAX(CAST(SUBSTRING(c.cin_acadyr, 6, 4) AS int)) AS last_year,
        COUNT(DISTINCT SUBSTRING(c.cin_acadyr, 6, 4)) AS years,
        MAX(CASE WHEN c.cin_cppstartdate IS NULL THEN 0 ELSE 1 END) AS protection_plan
    FROM npd_i2."2005003".cin_2009_to_2021 AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.cin_pupilmatchingrefanonymous
    WHERE $referrals = 'all' OR COALESCE(c.cin_referralnfa, 0) = 0
    GROUP BY p.ae_id
)
SELECT
    p.ae_id,
    CASE WHEN care.ae_id IS NULL THEN 0 ELSE 1 END AS ever_in_care,
    CAST(care.first_year AS int) AS care_first_year,
    CAST(care.last_year AS int) AS care_last_year,
    CAST(COALESCE(care.years, 0) AS int) AS care_years,
    CASE WHEN need.ae_id IS NULL THEN 0 ELSE 1 END AS ever_in_need,
    CAST(need.first_year AS int) AS need_first_year,
    CAST(need.last_year AS int) AS need_last_year,
    CAST(COALESCE(need.years, 0) AS int) AS need_years,
    COALESCE(need.protection_plan, 0) AS ever_protection_plan
FROM (SELECT DISTINCT ae_id FROM measures.pmr_person) AS p
LEFT JOIN care ON care.ae_id = p.ae_id
LEFT JOIN need ON need.ae_id = p.ae_id
