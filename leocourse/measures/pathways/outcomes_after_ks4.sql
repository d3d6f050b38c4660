/*---
title = "Outcomes so many years after key stage 4"
definition = """Main activity, work, pay, self-employment, study and benefits of everybody in a key stage 4 cohort in the tax years so many years after it, side by side in one table.
Days, months and pounds are 0 where a linked person has no record of them, and missing where the person has no link to tax and benefit records."""
grain = "one row per person and year after key stage 4 that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends." },
  { name = "years_after", type = "int", unit = "years", description = "Years after key stage 4; year 1 begins in the April after the first academic year that follows it." },
  { name = "tax_year", type = "int", description = "The tax year that this is." },
  { name = "activity", type = "varchar(21)", description = "Main activity: see main_activity." },
  { name = "captured", type = "int", description = "0 if the person was matched and nothing is recorded in the tax year (Activity not captured), missing if the person was not matched and no learning is recorded (Unmatched), else 1." },
  { name = "linked", type = "int", description = "1 if the person has a key to tax and benefit records." },
  { name = "days_in_work", type = "int", unit = "days", description = "Days in employment in the tax year." },
  { name = "pay", type = "int", unit = "pounds", description = "Pay as an employee in the tax year, in prices of the year." },
  { name = "pay_real", type = "float", unit = "pounds", description = "The same in prices of `prices_of`." },
  { name = "profit", type = "int", unit = "pounds", description = "Profit from self-employment; missing before 2013/14, when there are no returns." },
  { name = "study_months", type = "int", unit = "months", description = "Months of the tax year with a day in learning of any kind." },
  { name = "higher_education", type = "int", description = "1 if any of these is in higher education." },
  { name = "apprenticeship", type = "int", description = "1 if any of these is in an apprenticeship." },
  { name = "days_on_benefits", type = "int", unit = "days", description = "Days on an out-of-work benefit in the tax year." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 5, 10], minimum = 1, maximum = 18, description = "Years after key stage 4." },
  { name = "hierarchy", values = ["published", "employment first"], default = "published", description = "Order of main activities: see main_activity." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
  { name = "prices_of", type = "int", values = [200304, 200405, 200506, 200607, 200708, 200809, 200910, 201011, 201112, 201213, 201314, 201415, 201516, 201617, 201718, 201819, 201920, 202021], default = 201718, description = "Tax year at whose prices real pay is stated." },
]
source = "Measures main_activity, days_in_employment, earnings, self_employment, learning_months and days_on_benefits, with the sources that they name."
years = "tax years to 2020/21"
lost = "Dates within the year: see the measures that this one puts side by side."
traps = [
  "0 pounds are not missing pay: averages of pay are usually of those with pay, and shares in work of everybody.",
  "Activity not captured is emigration, caring and private study as well as doing nothing: it grows with years and differs between groups. The unmatched are apart: leave them out of shares, and say how many they are.",
  "A cohort reaches fewer years than an older one: compare years after key stage 4 within the cohorts that all reach them.",
  "Pay of a part of a year (who began in January) stands beside that of a whole one: use earnings per day of the measure earnings, or full years.",
  "Higher education records end with 2019/20: study in 2020/21 is further education and school only.",
]
other_rule = { parameter = "hierarchy", value = "employment first" }
group_by = ["years_after", "activity"]
---*/
WITH base AS (
    SELECT m.ae_id, m.ks4_year, m.years_after, m.tax_year, m.activity, t.first_month, t.last_month
    FROM measures.main_activity AS m
    JOIN measures.tax_years AS t ON t.tax_year = m.tax_year
),
keyed AS (
    SELECT DISTINCT ae_id FROM measures.edukey_person
),
study AS (
    SELECT
        b.ae_id,
        b.years_after,
        CASE WHEN l.kind LIKE '%apprenticeship' THEN 1 ELSE 0 END AS apprenticeship,
        CASE WHEN l.kind = 'higher education' THEN 1 ELSE 0 END AS higher_education,
        CASE WHEN l.first_month > b.first_month THEN l.first_month ELSE b.first_month END AS first_month,
        CASE WHEN l.last_month < b.last_month THEN l.last_month ELSE b.last_month END AS last_month
    FROM base AS b
    JOIN measures.learning_months AS l ON l.ae_id = b.ae_id AND l.first_month <= b.last_month AND l.last_month >= b.first_month
),
once AS (
    -- One row a start: runs of two kinds can begin together.
    SELECT ae_id, years_after, first_month, MAX(last_month) AS last_month, MAX(apprenticeship) AS apprenticeship,
        MAX(higher_education) AS higher_education
    FROM study
    GROUP BY ae_id, years_after, first_month
),
reached AS (
    SELECT
        once.*,
        MAX(last_month) OVER (
            PARTITION BY ae_id, years_after ORDER BY first_month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS month_so_far
    FROM once
),
learned AS (
    -- A month in which two kinds of learning overlap counts once.
    SELECT
        ae_id,
        years_after,
        SUM(CASE
            WHEN month_so_far IS NULL OR month_so_far < first_month THEN last_month - first_month + 1
            WHEN last_month > month_so_far THEN last_month - month_so_far
            ELSE 0
        END) AS months,
        MAX(apprenticeship) AS apprenticeship,
        MAX(higher_education) AS higher_education
    FROM reached
    GROUP BY ae_id, years_after
)
SELECT
    b.ae_id,
    b.ks4_year,
    b.years_after,
    b.tax_year,
    b.activity,
    CASE b.activity WHEN 'Activity not captured' THEN 0 WHEN 'Unmatched' THEN NULL ELSE 1 END AS captured,
    CASE WHEN k.ae_id IS NULL THEN 0 ELSE 1 END AS linked,
    CASE WHEN k.ae_id IS NULL THEN NULL ELSE COALESCE(d.days, 0) END AS days_in_work,
    CASE WHEN k.ae_id IS NULL THEN NULL ELSE COALESCE(e.earnings, 0) END AS pay,
    CAST(CASE WHEN k.ae_id IS NULL THEN NULL ELSE COALESCE(e.earnings_real, 0) END AS double precision) AS pay_real,
    CASE WHEN k.ae_id IS NULL OR b.tax_year < 201314 THEN NULL ELSE COALESCE(s.profit, 0) END AS profit,
    CAST(COALESCE(l.months, 0) AS int) AS study_months,
    COALESCE(l.higher_education, 0) AS higher_education,
    COALESCE(l.apprenticeship, 0) AS apprenticeship,
    CASE WHEN k.ae_id IS NULL THEN NULL ELSE COALESCE(f.days, 0) END AS days_on_benefits
FROM base AS b
LEFT JOIN keyed AS k ON k.ae_id = b.ae_id
LEFT JOIN measures.days_in_employment AS d ON d.ae_id = b.ae_id AND d.tax_year = b.tax_year
LEFT JOIN measures.earnings AS e ON e.ae_id = b.ae_id AND e.tax_year = b.tax_year
LEFT JOIN measures.self_employment AS s ON s.ae_id = b.ae_id AND s.tax_year = b.tax_year
LEFT JOIN measures.days_on_benefits AS f ON f.ae_id = b.ae_id AND f.tax_year = b.tax_year
LEFT JOIN learned AS l ON l.ae_id = b.ae_id AND l.years_after = b.years_after
