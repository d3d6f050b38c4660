/*---
title = "Furlough by month"
definition = """The months in which a person was furloughed (Coronavirus Job Retention Scheme) at any time, over all keys, and whether still at the end of the month."""
grain = "one row per person and month with furlough"
key = ["ae_id", "month"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "month", type = "date", description = "First day of the month: March 2020 to March 2021." },
  { name = "tax_year", type = "int", description = "201920 or 202021." },
  { name = "at_end", type = "int", description = "1 if furloughed at the end of the month too." },
  { name = "first", type = "int", description = "1 if the month before has no furlough: a spell begins." },
]
source = "CJRS table of the LEO variable request form v2.3: the twelve digits of CJRS_DTM_IND and CJRS_EOM_IND."
years = "March 2020 to March 2021"
lost = "Days and weeks within a month (the measure furlough has weeks of a tax year), the job and the employer, and furlough after March 2021, which the scheme had to September 2021."
traps = [
  "The first digit is taken to be April, the tax year's first month: the request form does not say so.",
  "Who was furloughed at any time in a month is more than who was at its end: published counts of jobs furloughed are of days, often the last of the month.",
  "A person without a row may be at work, out of work or not linked: take the base from employment_months.",
  "People are counted here and jobs in published figures.",
  "Figures on the scheme may be published only in consultation with HMRC.",
]
group_by = ["month"]
---*/
WITH months AS (
    SELECT k.ae_id, c.taxyear AS tax_year, n.place,
        CAST(FLOOR(c.taxyear / 100.0) AS int) * 12 + 2 + n.place AS month_number,
        CASE WHEN SUBSTRING(c.cjrs_eom_ind, n.place, 1) = '1' THEN 1 ELSE 0 END AS at_end
    FROM leo_i2."2005003".leo_cjrs AS c
    JOIN measures.edukey_person AS k ON k.edukey = c.edukey
    JOIN (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)) AS n (place)
        ON SUBSTRING(c.cjrs_dtm_ind, n.place, 1) = '1'
),
together AS (
    SELECT ae_id, tax_year, month_number, MAX(at_end) AS at_end FROM months GROUP BY ae_id, tax_year, month_number
),
before AS (
    SELECT together.*, LAG(month_number) OVER (PARTITION BY ae_id ORDER BY month_number) AS month_before FROM together
)
SELECT
    ae_id,
    make_date(CAST((month_number - month_number % 12) / 12 AS int), CAST(month_number % 12 + 1 AS int), 1) AS month,
    tax_year,
    at_end,
    CASE WHEN month_before = month_number - 1 THEN 0 ELSE 1 END AS first
FROM before
