/*---
title = "Destination after further education"
definition = """Where people are from October to March of the academic year after the one in which they achieve an aim in the individualised learner record: the sustained positive destination of further education outcomes.
Learning in each of the six months; employment in five of them, or self-assessed; or a combination in each of them with at most one switch."""
grain = "one row per person and academic year, up to 2019/20, with an achieved aim"
key = ["ae_id", "achieved_in"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "achieved_in", type = "int", description = "Calendar year in which the academic year of the achievement ends." },
  { name = "linked", type = "int", description = "1 if the person has a key to tax records. Publications leave the others out of percentages." },
  { name = "learning_months", type = "int", unit = "months", description = "Months of October to March with a day in learning, 0 to 6." },
  { name = "employment_months", type = "int", unit = "months", description = "Months of October to March with a day in employment, 0 to 6." },
  { name = "sustained_learning", type = "int", description = "1 if in learning in each of the six months." },
  { name = "sustained_employment", type = "int", description = "1 if in employment in five of the six months, or self-assessed with self-employment in the tax year." },
  { name = "sustained_positive", type = "int", description = "1 if either is sustained, or both are combined in each of the six months with at most one switch." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
  { name = "switches", type = "int", default = 1, minimum = 0, maximum = 1, description = "Switches between learning and employment that a combination may have; with 0 it counts only if one of them fills the six months." },
]
source = "SFR 52/2016 and further education outcomes (explore-education-statistics). Published for 2014/15: 71% in a sustained positive destination, 62% in employment, 21% in learning."
years = "academic years 2002/03 to 2019/20; self-assessment from 2013/14"
lost = "Achievements of one year are one: neither the aims nor how many there are."
traps = [
  "How a month with both is read could not be verified: here it is one of either, whichever needs fewer switches.",
  "Learning is any that is on record: school, further education, apprenticeship, higher education. Which of it publications count could not be verified.",
  "Higher education records end with 2019/20, so learning after achievements of 2019/20 is too rare.",
  "Who achieves in several years has several rows.",
]
other_rule = { parameter = "switches", value = 0 }
group_by = ["achieved_in", "sustained_positive"]
---*/
WITH achieved AS (
    -- The October after is month 12 * achieved_in + 9.
    SELECT DISTINCT k.ae_id, a.year + 1 AS achieved_in, (a.year + 1) * 12 + 9 AS october
    FROM lilr_i2."2005003".aims AS a
    JOIN measures.record_person AS k ON k.recordid = a.recordid
    WHERE a.outcome = 1 AND a.achievement = 1 AND a.year <= 2019
),
linked AS (
    SELECT DISTINCT ae_id FROM measures.edukey_person
),
runs AS (
    SELECT ae_id, 1 AS learning, first_month, last_month FROM measures.learning_months
    UNION ALL
    SELECT ae_id, 0 AS learning, first_month, last_month FROM measures.employment_months
),
near AS (
    SELECT
        c.ae_id,
        c.achieved_in,
        r.learning,
        r.first_month - c.october AS first_place,
        r.last_month - c.october AS last_place
    FROM achieved AS c
    JOIN runs AS r ON r.ae_id = c.ae_id AND r.first_month <= c.october + 5 AND r.last_month >= c.october
),
flags AS (
    SELECT
        ae_id,
        achieved_in,
        MAX(CASE WHEN learning = 1 AND first_place <= 0 THEN 1 ELSE 0 END) AS s0,
        MAX(CASE WHEN learning = 1 AND first_place <= 1 AND last_place >= 1 THEN 1 ELSE 0 END) AS s1,
        MAX(CASE WHEN learning = 1 AND first_place <= 2 AND last_place >= 2 THEN 1 ELSE 0 END) AS s2,
        MAX(CASE WHEN learning = 1 AND first_place <= 3 AND last_place >= 3 THEN 1 ELSE 0 END) AS s3,
        MAX(CASE WHEN learning = 1 AND first_place <= 4 AND last_place >= 4 THEN 1 ELSE 0 END) AS s4,
        MAX(CASE WHEN learning = 1 AND last_place >= 5 THEN 1 ELSE 0 END) AS s5,
        MAX(CASE WHEN learning = 0 AND first_place <= 0 THEN 1 ELSE 0 END) AS e0,
        MAX(CASE WHEN learning = 0 AND first_place <= 1 AND last_place >= 1 THEN 1 ELSE 0 END) AS e1,
        MAX(CASE WHEN learning = 0 AND first_place <= 2 AND last_place >= 2 THEN 1 ELSE 0 END) AS e2,
        MAX(CASE WHEN learning = 0 AND first_place <= 3 AND last_place >= 3 THEN 1 ELSE 0 END) AS e3,
        MAX(CASE WHEN learning = 0 AND first_place <= 4 AND last_place >= 4 THEN 1 ELSE 0 END) AS e4,
        MAX(CASE WHEN learning = 0 AND last_place >= 5 THEN 1 ELSE 0 END) AS e5
    FROM near
    GROUP BY ae_id, achieved_in
),
counted AS (
    -- How many months from October on, and how many up to March, are filled without a gap.
    SELECT
        ae_id,
        achieved_in,
        s0 + s1 + s2 + s3 + s4 + s5 AS learning_months,
        e0 + e1 + e2 + e3 + e4 + e5 AS employment_months,
        s0 * (1 + s1 * (1 + s2 * (1 + s3 * (1 + s4 * (1 + s5))))) AS learning_from_october,
        e0 * (1 + e1 * (1 + e2 * (1 + e3 * (1 + e4 * (1 + e5))))) AS employment_from_october,
        s5 * (1 + s4 * (1 + s3 * (1 + s2 * (1 + s1 * (1 + s0))))) AS learning_to_march,
        e5 * (1 + e4 * (1 + e3 * (1 + e2 * (1 + e1 * (1 + e0))))) AS employment_to_march
    FROM flags
),
found AS (
    SELECT
        c.ae_id,
        c.achieved_in,
        CASE WHEN l.ae_id IS NULL THEN 0 ELSE 1 END AS linked,
        COALESCE(m.learning_months, 0) AS learning_months,
        COALESCE(m.employment_months, 0) AS employment_months,
        CASE WHEN m.learning_months = 6 THEN 1 ELSE 0 END AS sustained_learning,
        CASE WHEN m.employment_months >= 5 OR s.self_employed = 1 THEN 1 ELSE 0 END AS sustained_employment,
        CASE
            WHEN $switches = 1 AND m.learning_from_october + m.employment_to_march >= 6 THEN 1
            WHEN $switches = 1 AND m.employment_from_october + m.learning_to_march >= 6 THEN 1
            ELSE 0
        END AS combined
    FROM achieved AS c
    LEFT JOIN linked AS l ON l.ae_id = c.ae_id
    LEFT JOIN counted AS m ON m.ae_id = c.ae_id AND m.achieved_in = c.achieved_in
    LEFT JOIN measures.self_employment AS s
        ON s.ae_id = c.ae_id AND s.tax_year = c.achieved_in * 100 + (c.achieved_in + 1) % 100
)
SELECT
    ae_id,
    achieved_in,
    linked,
    learning_months,
    employment_months,
    sustained_learning,
    sustained_employment,
    CASE WHEN sustained_learning = 1 OR sustained_employment = 1 OR combined = 1 THEN 1 ELSE 0 END AS sustained_positive
FROM found
