/*---
title = "Main activity in a tax year after key stage 4"
definition = """The one activity in which the publication on post-16 activities counts each person in each tax year after key stage 4: the first that applies of education, out-of-work benefits and employment.
Education and out-of-work benefits need a day in each of six months in a row, employment a day in each of the twelve months.
Activity not captured are people who were matched to tax and benefit records and of whom nothing is recorded in the year: no learning, no employment, no pay, no self-assessment return and no claim of any kind. Those who were not matched and of whom no learning is recorded are unmatched."""
grain = "one row per person and year after key stage 4 that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends." },
  { name = "years_after", type = "int", unit = "years", description = "Years after key stage 4; year 1 begins in the April after the first academic year that follows it." },
  { name = "tax_year", type = "int", description = "The tax year that this is." },
  { name = "activity", type = "varchar(21)", description = "Higher education; KS5; Other Education (years 1 and 2) or Adult FE (later years); Out of work benefits; Employment; No sustained activity; Activity not captured; Unmatched." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 5, 10], minimum = 1, maximum = 18, description = "Years after key stage 4." },
  { name = "hierarchy", values = ["published", "employment first"], default = "published", description = "published: education, then out-of-work benefits, then employment. employment first: who works in all twelve months is employed, whatever else." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "Post-16 education and labour market activities, pathways and outcomes (LEO): definitions as its dashboard states them. That not captured means matched with nothing recorded is taken from graduate outcomes (LEO); where the dashboard counts the unmatched and the self-employed could not be verified. It does not state the order within education; higher education, school, further education is ours."
years = "tax years to 2020/21"
lost = "Everything but the main activity: a student who works all year is in education."
traps = [
  "KS5 is published for those entered for level 3 at 16 to 18; here it is six months in a row at a school sixth form.",
  "An apprenticeship is education here, though it is paid.",
  "A tax year after college has four months of it at most, so leavers move to other activities a year before they seem to.",
  "Activity not captured rises with years after key stage 4. It is not unemployment: abroad, caring or not claiming, for instance.",
  "Unmatched people are no activity at all: leave them out of percentages, and say how many they are.",
  "A self-assessment return is a record of the year, but says nothing of its months, so the self-employed are in no sustained activity unless something else is; before 2013/14, when there are no returns, many of them are not captured.",
]
published = "metric=activity_pct;breakdown=All;column=activity"
other_rule = { parameter = "hierarchy", value = "employment first" }
group_by = ["years_after", "activity"]
---*/
WITH study AS (
    -- The place of each kind in the published hierarchy.
    SELECT
        ae_id,
        CASE WHEN kind = 'higher education' THEN 1 WHEN kind = 'school' THEN 2 ELSE 3 END AS place,
        first_month, last_month
    FROM measures.learning_months
),
reached AS (
    -- A course and then an apprenticeship, or a lower and then a higher one, are further education without a gap.
    SELECT
        *,
        MAX(last_month) OVER (
            PARTITION BY ae_id, place ORDER BY first_month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS month_so_far
    FROM study
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN first_month <= month_so_far + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id, place ORDER BY first_month ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM reached
),
runs AS (
    SELECT ae_id, place, MIN(first_month) AS first_month, MAX(last_month) AS last_month
    FROM numbered
    GROUP BY ae_id, place, run
    UNION ALL
    SELECT ae_id, 4 AS place, first_month, last_month FROM measures.benefit_months
    UNION ALL
    SELECT ae_id, 5 AS place, first_month, last_month FROM measures.employment_months
),
years AS (
    -- The tax years of each cohort, from April (month 12 * year + 3) to March.
    SELECT
        k.ks4_year,
        t.starts_in - k.ks4_year AS years_after,
        t.tax_year,
        t.starts_in * 12 + 3 AS april,
        t.starts_in * 12 + 14 AS march
    FROM (SELECT DISTINCT ks4_year FROM measures.ks4_cohort) AS k
    JOIN measures.tax_years AS t ON t.starts_in - k.ks4_year IN ($years)
),
cut AS (
    SELECT
        r.ae_id,
        y.years_after,
        r.place,
        (CASE WHEN r.last_month < y.march THEN r.last_month ELSE y.march END)
        - (CASE WHEN r.first_month > y.april THEN r.first_month ELSE y.april END) + 1 AS months
    FROM runs AS r
    JOIN measures.ks4_cohort AS c ON c.ae_id = r.ae_id
    JOIN years AS y
        ON y.ks4_year = c.ks4_year
        AND r.first_month <= y.march
        AND r.last_month >= y.april
),
recorded AS (
    -- Pay without a spell, a return and a claim of any type are records, if not of anything sustained.
    SELECT ae_id, tax_year FROM measures.earnings
    UNION
    SELECT ae_id, tax_year FROM measures.self_employment
    UNION
    SELECT k.ae_id, t.tax_year
    FROM leo_i2."2005003".leo_benefit AS b
    JOIN measures.edukey_person AS k ON k.edukey = b.edukey
    JOIN measures.tax_years AS t ON b.startdate <= t.last_day AND b.enddate >= t.first_day
),
linked AS (
    SELECT DISTINCT ae_id FROM measures.edukey_person
),
best AS (
    -- The first in the hierarchy that lasts long enough; 6 if none does.
    SELECT
        ae_id,
        years_after,
        MIN(CASE
            WHEN place = 5 AND months = 12 THEN CASE WHEN $hierarchy = 'employment first' THEN 0 ELSE 5 END
            WHEN place < 5 AND months >= 6 THEN place
            ELSE 6
        END) AS place
    FROM cut
    GROUP BY ae_id, years_after
)
SELECT
    c.ae_id,
    c.ks4_year,
    y.years_after,
    y.tax_year,
    CASE
        WHEN b.place IS NULL AND l.ae_id IS NULL THEN 'Unmatched'
        WHEN b.place IS NULL AND r.ae_id IS NULL THEN 'Activity not captured'
        WHEN b.place IN (0, 5) THEN 'Employment'
        WHEN b.place = 1 THEN 'Higher education'
        WHEN b.place = 2 THEN 'KS5'
        WHEN b.place = 3 AND y.years_after <= 2 THEN 'Other Education'
        WHEN b.place = 3 THEN 'Adult FE'
        WHEN b.place = 4 THEN 'Out of work benefits'
        ELSE 'No sustained activity'
    END AS activity
FROM measures.ks4_cohort AS c
JOIN years AS y ON y.ks4_year = c.ks4_year
LEFT JOIN best AS b ON b.ae_id = c.ae_id AND b.years_after = y.years_after
LEFT JOIN linked AS l ON l.ae_id = c.ae_id
LEFT JOIN recorded AS r ON r.ae_id = c.ae_id AND r.tax_year = y.tax_year
