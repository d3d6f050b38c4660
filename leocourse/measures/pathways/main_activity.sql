/*---
title = "Main activity in a tax year after key stage 4"
definition = """The one activity in which the publication on post-16 activities counts each person in each tax year after key stage 4: the first that applies of education, out-of-work benefits and employment.
Education and out-of-work benefits need a day in each of six months in a row, employment a day in each of the twelve months."""
grain = "one row per person and year after key stage 4 that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends." },
  { name = "years_after", type = "int", unit = "years", description = "Years after key stage 4; year 1 begins in the April after the first academic year that follows it." },
  { name = "tax_year", type = "int", description = "The tax year that this is." },
  { name = "activity", type = "varchar(21)", description = "Higher education; KS5; Other Education (years 1 and 2) or Adult FE (later years); Out of work benefits; Employment; No sustained activity; Activity not captured." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 5, 10], minimum = 1, maximum = 18, description = "Years after key stage 4." },
  { name = "hierarchy", values = ["published", "employment first"], default = "published", description = "published: education, then out-of-work benefits, then employment. employment first: who works in all twelve months is employed, whatever else." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "Post-16 education and labour market activities, pathways and outcomes (LEO): definitions as its dashboard states them. It does not state the order within education; higher education, school, further education is ours."
years = "tax years to 2020/21"
lost = "Everything but the main activity: a student who works all year is in education."
traps = [
  "KS5 is published for those entered for level 3 at 16 to 18; here it is six months in a row at a school sixth form.",
  "An apprenticeship is education here, though it is paid.",
  "A tax year after college has four months of it at most, so leavers move to other activities a year before they seem to.",
  "Activity not captured rises with years after key stage 4: emigration and lost links, not unemployment.",
]
published = "metric=activity_pct;breakdown=All;column=activity"
other_rule = { parameter = "hierarchy", value = "employment first" }
group_by = ["years_after", "activity"]
---*/
WITH runs AS (
    SELECT ae_id, CASE WHEN kind LIKE '%apprenticeship' THEN 'further education' ELSE kind END AS kind,
        first_month, last_month
    FROM measures.learning_months
    UNION ALL
    SELECT ae_id, 'benefits' AS kind, first_month, last_month FROM measures.benefit_months
    UNION ALL
    SELECT ae_id, 'employment' AS kind, first_month, last_month FROM measures.employment_months
),
numbers AS (
    SELECT starts_in - 2002 AS years_after FROM measures.tax_years WHERE starts_in - 2002 IN ($years)
),
cut AS (
    -- April of the tax year is month 12 * (ks4_year + years_after) + 3.
    SELECT
        r.ae_id,
        n.years_after,
        r.kind,
        (CASE WHEN r.last_month < (c.ks4_year + n.years_after) * 12 + 14
            THEN r.last_month ELSE (c.ks4_year + n.years_after) * 12 + 14 END)
        - (CASE WHEN r.first_month > (c.ks4_year + n.years_after) * 12 + 3
            THEN r.first_month ELSE (c.ks4_year + n.years_after) * 12 + 3 END) + 1 AS months
    FROM runs AS r
    JOIN measures.ks4_cohort AS c ON c.ae_id = r.ae_id
    JOIN numbers AS n
        ON r.first_month <= (c.ks4_year + n.years_after) * 12 + 14
        AND r.last_month >= (c.ks4_year + n.years_after) * 12 + 3
),
longest AS (
    SELECT
        ae_id,
        years_after,
        MAX(CASE WHEN kind = 'higher education' THEN months ELSE 0 END) AS higher,
        MAX(CASE WHEN kind = 'school' THEN months ELSE 0 END) AS school,
        MAX(CASE WHEN kind = 'further education' THEN months ELSE 0 END) AS further,
        MAX(CASE WHEN kind = 'benefits' THEN months ELSE 0 END) AS benefits,
        MAX(CASE WHEN kind = 'employment' THEN months ELSE 0 END) AS employment
    FROM cut
    GROUP BY ae_id, years_after
)
SELECT
    c.ae_id,
    c.ks4_year,
    n.years_after,
    t.tax_year,
    CASE
        WHEN l.ae_id IS NULL THEN 'Activity not captured'
        WHEN $hierarchy = 'employment first' AND l.employment = 12 THEN 'Employment'
        WHEN l.higher >= 6 THEN 'Higher education'
        WHEN l.school >= 6 THEN 'KS5'
        WHEN l.further >= 6 AND n.years_after <= 2 THEN 'Other Education'
        WHEN l.further >= 6 THEN 'Adult FE'
        WHEN l.benefits >= 6 THEN 'Out of work benefits'
        WHEN l.employment = 12 THEN 'Employment'
        ELSE 'No sustained activity'
    END AS activity
FROM measures.ks4_cohort AS c
CROSS JOIN numbers AS n
JOIN measures.tax_years AS t ON t.starts_in = c.ks4_year + n.years_after
LEFT JOIN longest AS l ON l.ae_id = c.ae_id AND l.years_after = n.years_after
