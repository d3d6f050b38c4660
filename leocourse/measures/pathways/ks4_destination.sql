/*---
title = "Destination after key stage 4"
definition = """Where each pupil is in the academic year after key stage 4, as destination measures count it: sustained from October to March.
Education in each of the six months; employment in five of the six; a combination in each of them; or an apprenticeship in six months in a row from August to July."""
grain = "one row per person in a key stage 4 cohort up to 2019/20"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends." },
  { name = "education_months", type = "int", unit = "months", description = "Months of October to March with a day in education, 0 to 6." },
  { name = "employment_months", type = "int", unit = "months", description = "Months of October to March with a day in employment, 0 to 6." },
  { name = "destination", type = "varchar(21)", description = "apprenticeship; education; employment; combination; not sustained; activity not captured." },
  { name = "sustained", type = "int", description = "1 unless not sustained or not captured." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "Key stage 4 and 16 to 18 destination measures. Their order of precedence could not be verified: apprenticeship, education, employment, combination is ours."
years = "key stage 4 cohorts 2001/02 to 2019/20"
lost = "The provider, and what happens outside the six months."
traps = [
  "Activity not captured means no education, employment, out-of-work benefit or caseload record at all, as destination measures have it: pupils who were not matched are in it, unlike in main_activity and graduate_outcomes.",
  "Independent sixth forms send no census: their pupils seem to go nowhere in the first year.",
  "Higher education records end with 2019/20, employment with 5 April 2021.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["destination"]
---*/
WITH runs AS (
    SELECT ae_id, kind, first_month, last_month FROM measures.learning_months
    UNION ALL
    SELECT ae_id, 'employment' AS kind, first_month, last_month FROM measures.employment_months
    UNION ALL
    SELECT ae_id, 'benefits' AS kind, first_month, last_month FROM measures.benefit_months
    UNION ALL
    SELECT ae_id, 'neet' AS kind, first_month, last_month FROM measures.neet_months
),
cohort AS (
    -- October after key stage 4 is month 12 * ks4_year + 9; August is 7 and the July after it 18.
    SELECT ae_id, ks4_year, ks4_year * 12 + 9 AS october FROM measures.ks4_cohort WHERE ks4_year <= 2020
),
near AS (
    SELECT
        c.ae_id,
        CASE WHEN r.kind IN ('employment', 'benefits', 'neet') THEN r.kind ELSE 'education' END AS kind,
        CASE
            WHEN r.kind LIKE '%apprenticeship'
                AND (CASE WHEN r.last_month < c.october + 9 THEN r.last_month ELSE c.october + 9 END)
                - (CASE WHEN r.first_month > c.october - 2 THEN r.first_month ELSE c.october - 2 END) >= 5
                THEN 1
            ELSE 0
        END AS apprenticed,
        r.first_month - c.october AS first_place,
        r.last_month - c.october AS last_place
    FROM cohort AS c
    JOIN runs AS r ON r.ae_id = c.ae_id AND r.first_month <= c.october + 9 AND r.last_month >= c.october - 2
),
flags AS (
    SELECT
        ae_id,
        MAX(apprenticed) AS apprenticed,
        MAX(CASE WHEN kind = 'education' AND first_place <= 0 AND last_place >= 0 THEN 1 ELSE 0 END) AS s0,
        MAX(CASE WHEN kind = 'education' AND first_place <= 1 AND last_place >= 1 THEN 1 ELSE 0 END) AS s1,
        MAX(CASE WHEN kind = 'education' AND first_place <= 2 AND last_place >= 2 THEN 1 ELSE 0 END) AS s2,
        MAX(CASE WHEN kind = 'education' AND first_place <= 3 AND last_place >= 3 THEN 1 ELSE 0 END) AS s3,
        MAX(CASE WHEN kind = 'education' AND first_place <= 4 AND last_place >= 4 THEN 1 ELSE 0 END) AS s4,
        MAX(CASE WHEN kind = 'education' AND first_place <= 5 AND last_place >= 5 THEN 1 ELSE 0 END) AS s5,
        MAX(CASE WHEN kind = 'employment' AND first_place <= 0 AND last_place >= 0 THEN 1 ELSE 0 END) AS e0,
        MAX(CASE WHEN kind = 'employment' AND first_place <= 1 AND last_place >= 1 THEN 1 ELSE 0 END) AS e1,
        MAX(CASE WHEN kind = 'employment' AND first_place <= 2 AND last_place >= 2 THEN 1 ELSE 0 END) AS e2,
        MAX(CASE WHEN kind = 'employment' AND first_place <= 3 AND last_place >= 3 THEN 1 ELSE 0 END) AS e3,
        MAX(CASE WHEN kind = 'employment' AND first_place <= 4 AND last_place >= 4 THEN 1 ELSE 0 END) AS e4,
        MAX(CASE WHEN kind = 'employment' AND first_place <= 5 AND last_place >= 5 THEN 1 ELSE 0 END) AS e5
    FROM near
    GROUP BY ae_id
),
counted AS (
    SELECT
        c.ae_id,
        c.ks4_year,
        CASE WHEN f.ae_id IS NULL THEN 0 ELSE 1 END AS captured,
        COALESCE(f.apprenticed, 0) AS apprenticed,
        COALESCE(s0 + s1 + s2 + s3 + s4 + s5, 0) AS education_months,
        COALESCE(e0 + e1 + e2 + e3 + e4 + e5, 0) AS employment_months,
        CASE
            WHEN s0 + e0 > 0 AND s1 + e1 > 0 AND s2 + e2 > 0 AND s3 + e3 > 0 AND s4 + e4 > 0 AND s5 + e5 > 0 THEN 1
            ELSE 0
        END AS combined
    FROM cohort AS c
    LEFT JOIN flags AS f ON f.ae_id = c.ae_id
)
SELECT
    ae_id,
    ks4_year,
    education_months,
    employment_months,
    CASE
        WHEN captured = 0 THEN 'activity not captured'
        WHEN apprenticed = 1 THEN 'apprenticeship'
        WHEN education_months = 6 THEN 'education'
        WHEN employment_months >= 5 THEN 'employment'
        WHEN combined = 1 THEN 'combination'
        ELSE 'not sustained'
    END AS destination,
    CASE
        WHEN apprenticed = 1 OR education_months = 6 OR employment_months >= 5 OR combined = 1 THEN 1 ELSE 0
    END AS sustained
FROM counted
