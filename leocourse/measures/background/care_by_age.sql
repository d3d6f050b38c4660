/*---
title = "Care and need between two ages"
definition = """Whether a person was looked after in the month of a birthday, in how many months between two birthdays and in which placement last, and whether a child in need between them; with what the records can show of that person.
A month counts if any day of it is in care or in need. Ages are reached in the month of birth, and the window ends with the month before the second birthday."""
grain = "one row per person with a PMR and a month and year of birth"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "birth_cohort", type = "int", unit = "year", description = "Calendar year in which the academic year of birth begins." },
  { name = "in_care_at_age", type = "int", description = "1 if looked after on any day of the month of the birthday `age`." },
  { name = "care_months", type = "int", unit = "months", description = "Months of the window with a day in care." },
  { name = "first_care_month", type = "int", unit = "months", description = "First such month as a month number: twelve times the calendar year, plus the month, less one." },
  { name = "care_31_march", type = "int", unit = "times", description = "How often looked after on a 31 March of the window." },
  { name = "care_twelve_months", type = "int", unit = "times", description = "How often, on a 31 March of the window, looked after for the last twelve months." },
  { name = "last_placement", type = "varchar(3)", description = "Code of the latest placement recorded that began by the end of the window; missing if the returns hold later ones only." },
  { name = "last_placement_kind", type = "varchar(20)", description = "foster; placed for adoption; with parents; residential; independent; other. Foster placements have other codes from 2014/15 on." },
  { name = "in_need", type = "int", description = "1 if a case of need was open on any day of the window." },
  { name = "need_cases", type = "int", unit = "cases", description = "Cases of need open in it, by the day of referral." },
  { name = "protection_plan", type = "int", description = "1 if a child protection plan began in the window." },
  { name = "age_observed", type = "int", description = "1 if returns of care cover the month of the birthday `age` and the pupil was of school age in them." },
  { name = "care_observed", type = "varchar(4)", description = "all, part or none of the window lies in the years and ages of which records of care can be joined." },
  { name = "need_observed", type = "varchar(4)", description = "The same of records of need." },
]
parameters = [
  { name = "age", type = "int", default = 15, minimum = 0, maximum = 17, description = "Birthday in the month of which care counts as care at an age." },
  { name = "from_age", type = "int", default = 10, minimum = 0, maximum = 17, description = "Birthday with which the window begins." },
  { name = "to_age", type = "int", default = 16, minimum = 1, maximum = 18, description = "Birthday before which it ends; a window that ends before it begins is observed by nothing." },
  { name = "referrals", values = ["with action", "all"], default = "with action", description = "Whether a referral that led to no further action makes a child in need.", unverified = true },
]
source = "CLA 2005/06 to 2020/21 and CIN 2008/09 to 2020/21 of the LEO variable request form v2.3; codes of placements beyond the end of its list are general knowledge, not verified."
years = "care from April 2005, need from April 2008, to March 2021"
lost = "What lies before these dates or before school age: a 0 is a fact only where `care_observed` or `need_observed` is all. A short period beside a later one of the same year: see care_periods."
traps = [
  "Compare cohorts only where the window is observed for all of them: those born before September 1994 turned 10 before care is recorded.",
  "Records before school age have no PMR. A window that begins before age 5 is observed in part only, even for the youngest.",
  "The day of birth is not released: a birthday is a month here.",
  "Care and need are counted apart, though every child looked after is in need too.",
]
other_rule = { parameter = "referrals", value = "all" }
group_by = ["care_observed", "in_care_at_age"]
---*/
WITH born AS (
    SELECT b.ae_id, b.birth_cohort, b.birth_year * 12 + b.birth_month - 1 AS birth
    FROM measures.birth_cohort AS b
),
windows AS (
    SELECT ae_id, birth_cohort, birth + 12 * $age AS birthday, birth + 12 * $from_age AS first_month,
        birth + 12 * $to_age - 1 AS last_month,
        -- From 4 on the reference is there at 31 March; April 2005 and 2008 are months 24063 and 24099, March 2021 is 24254.
        CASE WHEN birth + 60 > 24063 THEN birth + 60 ELSE 24063 END AS care_from,
        CASE WHEN birth + 60 > 24099 THEN birth + 60 ELSE 24099 END AS need_from
    FROM born
),
spells AS (
    SELECT ae_id, start_date, end_date FROM measures.care_periods
),
care_months AS (
    SELECT ae_id, start_date,
        CAST(YEAR(start_date) * 12 + MONTH(start_date) - 1 AS int) AS begins,
        CAST(YEAR(end_date) * 12 + MONTH(end_date) - 1 AS int) AS ends,
        LAG(CAST(YEAR(end_date) * 12 + MONTH(end_date) - 1 AS int)) OVER (PARTITION BY ae_id ORDER BY start_date) AS before
    FROM spells
),
apart AS (
    -- A month in which one period ends and the next begins counts with the first.
    SELECT ae_id, CASE WHEN begins = before THEN begins + 1 ELSE begins END AS begins, ends, begins AS any_day FROM care_months
),
care AS (
    SELECT
        w.ae_id,
        MAX(CASE WHEN a.any_day <= w.birthday AND a.ends >= w.birthday THEN 1 ELSE 0 END) AS at_age,
        SUM(CASE
            WHEN a.ends < w.first_month OR a.begins > w.last_month OR a.ends < a.begins THEN 0
            ELSE (CASE WHEN a.ends < w.last_month THEN a.ends ELSE w.last_month END)
                - (CASE WHEN a.begins > w.first_month THEN a.begins ELSE w.first_month END) + 1
        END) AS months,
        MIN(CASE
            WHEN a.ends < w.first_month OR a.any_day > w.last_month THEN NULL
            WHEN a.any_day > w.first_month THEN a.any_day
            ELSE w.first_month
        END) AS first_care_month
    FROM windows AS w
    JOIN apart AS a ON a.ae_id = w.ae_id
    GROUP BY w.ae_id
),
returns AS (
    SELECT
        w.ae_id,
        c.cla_placement AS placement,
        CASE WHEN c.cla_processing_year * 12 + 2 BETWEEN w.first_month AND w.last_month THEN 1 ELSE 0 END AS march_inside,
        c.cla_cla_31_march AS on_31_march,
        c.cla_cla_12_months AS twelve_months,
        c.cla_processing_year AS return_year,
        ROW_NUMBER() OVER (
            PARTITION BY w.ae_id
            ORDER BY
                CASE
                    WHEN c.cla_date_epi_comm IS NULL THEN 1
                    WHEN YEAR(c.cla_date_epi_comm) * 12 + MONTH(c.cla_date_epi_comm) - 1 > w.last_month THEN 1
                    WHEN YEAR(c.cla_date_epi_ceased) * 12 + MONTH(c.cla_date_epi_ceased) - 1 < w.first_month THEN 1
                    WHEN c.cla_processing_year * 12 + 2 < w.first_month THEN 1
                    ELSE 0
                END,
                c.cla_processing_year DESC, c.cla_date_epi_comm DESC, c.cla_placement, c.cla_pupilmatchingrefanonymous
        ) AS place,
        CASE
            WHEN YEAR(c.cla_date_epi_comm) * 12 + MONTH(c.cla_date_epi_comm) - 1 <= w.last_month
                AND c.cla_processing_year * 12 + 2 >= w.first_month
                AND (
                    c.cla_date_epi_ceased IS NULL
                    OR YEAR(c.cla_date_epi_ceased) * 12 + MONTH(c.cla_date_epi_ceased) - 1 >= w.first_month
                )
                THEN 1
            ELSE 0
        END AS touches
    FROM npd_i2."2005003".cla_2006_to_2021 AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.cla_pupilmatchingrefanonymous
    JOIN windows AS w ON w.ae_id = p.ae_id
),
marches AS (
    SELECT
        ae_id,
        COUNT(DISTINCT CASE WHEN march_inside = 1 AND on_31_march = 1 THEN return_year END) AS care_31_march,
        COUNT(DISTINCT CASE WHEN march_inside = 1 AND twelve_months = 1 THEN return_year END) AS twelve_months,
        MAX(CASE WHEN place = 1 AND touches = 1 THEN placement END) AS placement
    FROM returns
    GROUP BY ae_id
),
cases AS (
    SELECT
        w.ae_id,
        c.cin_referraldate AS referral,
        MAX(CASE
            WHEN YEAR(c.cin_cppstartdate) * 12 + MONTH(c.cin_cppstartdate) - 1 BETWEEN w.first_month AND w.last_month THEN 1
            ELSE 0
        END) AS protection_plan,
        MAX(CASE
            WHEN YEAR(c.cin_referraldate) * 12 + MONTH(c.cin_referraldate) - 1 <= w.last_month
                AND COALESCE(
                    c.cin_yearofclosure * 12 + c.cin_monthofclosure - 1, CAST(SUBSTRING(c.cin_acadyr, 6, 4) AS int) * 12 + 2
                ) >= w.first_month
                THEN 1
            ELSE 0
        END) AS inside
    FROM npd_i2."2005003".cin_2009_to_2021 AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.cin_pupilmatchingrefanonymous
    JOIN windows AS w ON w.ae_id = p.ae_id
    WHERE $referrals = 'all' OR COALESCE(c.cin_referralnfa, 0) = 0
    GROUP BY w.ae_id, c.cin_referraldate
),
need AS (
    SELECT ae_id, SUM(inside) AS cases, MAX(protection_plan) AS protection_plan FROM cases GROUP BY ae_id
)
SELECT
    w.ae_id,
    w.birth_cohort,
    COALESCE(care.at_age, 0) AS in_care_at_age,
    CAST(COALESCE(care.months, 0) AS int) AS care_months,
    CAST(care.first_care_month AS int) AS first_care_month,
    CAST(COALESCE(m.care_31_march, 0) AS int) AS care_31_march,
    CAST(COALESCE(m.twelve_months, 0) AS int) AS care_twelve_months,
    CAST(m.placement AS varchar(3)) AS last_placement,
    CAST(CASE
        WHEN m.placement IS NULL THEN NULL
        WHEN SUBSTRING(m.placement, 1, 1) IN ('F', 'Q', 'U') THEN 'foster'
        WHEN SUBSTRING(m.placement, 1, 1) = 'A' THEN 'placed for adoption'
        WHEN m.placement = 'P1' THEN 'with parents'
        WHEN m.placement IN ('P2', 'H5') THEN 'independent'
        WHEN SUBSTRING(m.placement, 1, 1) IN ('H', 'K', 'R', 'S') THEN 'residential'
        ELSE 'other'
    END AS varchar(20)) AS last_placement_kind,
    CASE WHEN n.cases > 0 THEN 1 ELSE 0 END AS in_need,
    CAST(COALESCE(n.cases, 0) AS int) AS need_cases,
    COALESCE(n.protection_plan, 0) AS protection_plan,
    CASE WHEN w.birthday BETWEEN w.care_from AND 24254 THEN 1 ELSE 0 END AS age_observed,
    CAST(CASE
        WHEN w.first_month > w.last_month THEN 'none'
        WHEN w.first_month >= w.care_from AND w.last_month <= 24254 THEN 'all'
        WHEN w.last_month < w.care_from OR w.first_month > 24254 THEN 'none'
        ELSE 'part'
    END AS varchar(4)) AS care_observed,
    CAST(CASE
        WHEN w.first_month > w.last_month THEN 'none'
        WHEN w.first_month >= w.need_from AND w.last_month <= 24254 THEN 'all'
        WHEN w.last_month < w.need_from OR w.first_month > 24254 THEN 'none'
        ELSE 'part'
    END AS varchar(4)) AS need_observed
FROM windows AS w
JOIN (SELECT DISTINCT ae_id FROM measures.pmr_person) AS p ON p.ae_id = w.ae_id
LEFT JOIN care ON care.ae_id = w.ae_id
LEFT JOIN marches AS m ON m.ae_id = w.ae_id
LEFT JOIN need AS n ON n.ae_id = w.ae_id
