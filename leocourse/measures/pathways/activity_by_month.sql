/*---
title = "Activity by month after year 11"
definition = """The state of each month, September to August, of the academic years after key stage 4: the first that applies of higher education, school, apprenticeship by level, further education, out-of-work benefits, employment, and not in education, employment or training.
The twelve months are twelve letters of one text."""
grain = "one row per person and academic year after key stage 4 that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends." },
  { name = "years_after", type = "int", unit = "years", description = "Academic years after that of key stage 4: 1 begins in the September after it." },
  { name = "academic_year", type = "int", description = "Calendar year in which this academic year ends." },
  { name = "states", type = "varchar(12)", description = "A letter for each month from September to August: H higher education, S school, 4 higher apprenticeship, 3 advanced apprenticeship, 2 intermediate apprenticeship, F further education, B out-of-work benefits, E employment, N not in education, employment or training, a full stop where nothing is recorded, x for months after March 2021." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 2, 3], minimum = 1, maximum = 19, description = "Academic years after key stage 4." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "Hierarchy of Post-16 education and labour market activities (LEO): education, out-of-work benefits, employment. The order within education is ours, and so is the place of the caseload: last."
years = "academic years 2002/03 to 2020/21"
lost = "Every state but the first that applies, and how many days of a month it lasts."
traps = [
  "A day makes a month, so a change of state within a month shows the state that comes first in the hierarchy.",
  "Further education has gaps in summer that school and higher education have not: see learning_months.",
  "Higher education records end with 2019/20: students of 2020/21 appear as working or not captured.",
  "Apprentices are employed and have a record of learning: they are 2, 3 or 4.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["years_after"]
---*/
WITH runs AS (
    SELECT ae_id, kind, first_month, last_month FROM measures.learning_months
    UNION ALL
    SELECT ae_id, 'benefits' AS kind, first_month, last_month FROM measures.benefit_months
    UNION ALL
    SELECT ae_id, 'employment' AS kind, first_month, last_month FROM measures.employment_months
    UNION ALL
    SELECT ae_id, 'neet' AS kind, first_month, last_month FROM measures.neet_months
),
numbers AS (
    SELECT starts_in - 2001 AS years_after FROM measures.tax_years WHERE starts_in - 2001 IN ($years)
),
places AS (
    -- September of the academic year is month 12 * (ks4_year + years_after) - 4; places count from 0.
    SELECT
        r.ae_id,
        n.years_after,
        r.kind,
        r.first_month - (c.ks4_year + n.years_after) * 12 + 4 AS first_place,
        r.last_month - (c.ks4_year + n.years_after) * 12 + 4 AS last_place
    FROM runs AS r
    JOIN measures.ks4_cohort AS c ON c.ae_id = r.ae_id
    JOIN numbers AS n
        ON r.first_month <= (c.ks4_year + n.years_after) * 12 + 7
        AND r.last_month >= (c.ks4_year + n.years_after) * 12 - 4
),
bits AS (
    -- One bit a month. The runs of a kind do not overlap, so their bits can be added up.
    SELECT
        ae_id,
        years_after,
        kind,
        CAST(POWER(2.0, CASE WHEN last_place < 11 THEN last_place + 1 ELSE 12 END) AS bigint)
        - CAST(POWER(2.0, CASE WHEN first_place > 0 THEN first_place ELSE 0 END) AS bigint) AS months
    FROM places
),
masks AS (
    -- Twelve bits a kind, several kinds side by side in a number: p has all learning but further education, q the rest.
    SELECT
        ae_id,
        years_after,
        CAST(SUM(months * CASE kind
            WHEN 'higher education' THEN 1
            WHEN 'school' THEN 4096
            WHEN 'higher apprenticeship' THEN 16777216
            WHEN 'advanced apprenticeship' THEN 68719476736
            WHEN 'intermediate apprenticeship' THEN 281474976710656
            ELSE 0
        END) AS bigint) AS p,
        CAST(SUM(months * CASE kind
            WHEN 'further education' THEN 1
            WHEN 'benefits' THEN 4096
            WHEN 'employment' THEN 16777216
            WHEN 'neet' THEN 68719476736
            ELSE 0
        END) AS bigint) AS q
    FROM bits
    GROUP BY ae_id, years_after
),
patterns AS (
    -- Far fewer patterns than people: each is written out once.
    SELECT p, q FROM masks GROUP BY p, q
),
letters AS (
    SELECT
        p,
        q,
        CONCAT(
            CASE WHEN (p & 1) > 0 THEN 'H' WHEN (p & 4096) > 0 THEN 'S'
                WHEN (p & 16777216) > 0 THEN '4' WHEN (p & 68719476736) > 0 THEN '3'
                WHEN (p & 281474976710656) > 0 THEN '2' WHEN (q & 1) > 0 THEN 'F'
                WHEN (q & 4096) > 0 THEN 'B' WHEN (q & 16777216) > 0 THEN 'E'
                WHEN (q & 68719476736) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 2) > 0 THEN 'H' WHEN (p & 8192) > 0 THEN 'S'
                WHEN (p & 33554432) > 0 THEN '4' WHEN (p & 137438953472) > 0 THEN '3'
                WHEN (p & 562949953421312) > 0 THEN '2' WHEN (q & 2) > 0 THEN 'F'
                WHEN (q & 8192) > 0 THEN 'B' WHEN (q & 33554432) > 0 THEN 'E'
                WHEN (q & 137438953472) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 4) > 0 THEN 'H' WHEN (p & 16384) > 0 THEN 'S'
                WHEN (p & 67108864) > 0 THEN '4' WHEN (p & 274877906944) > 0 THEN '3'
                WHEN (p & 1125899906842624) > 0 THEN '2' WHEN (q & 4) > 0 THEN 'F'
                WHEN (q & 16384) > 0 THEN 'B' WHEN (q & 67108864) > 0 THEN 'E'
                WHEN (q & 274877906944) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 8) > 0 THEN 'H' WHEN (p & 32768) > 0 THEN 'S'
                WHEN (p & 134217728) > 0 THEN '4' WHEN (p & 549755813888) > 0 THEN '3'
                WHEN (p & 2251799813685248) > 0 THEN '2' WHEN (q & 8) > 0 THEN 'F'
                WHEN (q & 32768) > 0 THEN 'B' WHEN (q & 134217728) > 0 THEN 'E'
                WHEN (q & 549755813888) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 16) > 0 THEN 'H' WHEN (p & 65536) > 0 THEN 'S'
                WHEN (p & 268435456) > 0 THEN '4' WHEN (p & 1099511627776) > 0 THEN '3'
                WHEN (p & 4503599627370496) > 0 THEN '2' WHEN (q & 16) > 0 THEN 'F'
                WHEN (q & 65536) > 0 THEN 'B' WHEN (q & 268435456) > 0 THEN 'E'
                WHEN (q & 1099511627776) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 32) > 0 THEN 'H' WHEN (p & 131072) > 0 THEN 'S'
                WHEN (p & 536870912) > 0 THEN '4' WHEN (p & 2199023255552) > 0 THEN '3'
                WHEN (p & 9007199254740992) > 0 THEN '2' WHEN (q & 32) > 0 THEN 'F'
                WHEN (q & 131072) > 0 THEN 'B' WHEN (q & 536870912) > 0 THEN 'E'
                WHEN (q & 2199023255552) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 64) > 0 THEN 'H' WHEN (p & 262144) > 0 THEN 'S'
                WHEN (p & 1073741824) > 0 THEN '4' WHEN (p & 4398046511104) > 0 THEN '3'
                WHEN (p & 18014398509481984) > 0 THEN '2' WHEN (q & 64) > 0 THEN 'F'
                WHEN (q & 262144) > 0 THEN 'B' WHEN (q & 1073741824) > 0 THEN 'E'
                WHEN (q & 4398046511104) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 128) > 0 THEN 'H' WHEN (p & 524288) > 0 THEN 'S'
                WHEN (p & 2147483648) > 0 THEN '4' WHEN (p & 8796093022208) > 0 THEN '3'
                WHEN (p & 36028797018963968) > 0 THEN '2' WHEN (q & 128) > 0 THEN 'F'
                WHEN (q & 524288) > 0 THEN 'B' WHEN (q & 2147483648) > 0 THEN 'E'
                WHEN (q & 8796093022208) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 256) > 0 THEN 'H' WHEN (p & 1048576) > 0 THEN 'S'
                WHEN (p & 4294967296) > 0 THEN '4' WHEN (p & 17592186044416) > 0 THEN '3'
                WHEN (p & 72057594037927936) > 0 THEN '2' WHEN (q & 256) > 0 THEN 'F'
                WHEN (q & 1048576) > 0 THEN 'B' WHEN (q & 4294967296) > 0 THEN 'E'
                WHEN (q & 17592186044416) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 512) > 0 THEN 'H' WHEN (p & 2097152) > 0 THEN 'S'
                WHEN (p & 8589934592) > 0 THEN '4' WHEN (p & 35184372088832) > 0 THEN '3'
                WHEN (p & 144115188075855872) > 0 THEN '2' WHEN (q & 512) > 0 THEN 'F'
                WHEN (q & 2097152) > 0 THEN 'B' WHEN (q & 8589934592) > 0 THEN 'E'
                WHEN (q & 35184372088832) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 1024) > 0 THEN 'H' WHEN (p & 4194304) > 0 THEN 'S'
                WHEN (p & 17179869184) > 0 THEN '4' WHEN (p & 70368744177664) > 0 THEN '3'
                WHEN (p & 288230376151711744) > 0 THEN '2' WHEN (q & 1024) > 0 THEN 'F'
                WHEN (q & 4194304) > 0 THEN 'B' WHEN (q & 17179869184) > 0 THEN 'E'
                WHEN (q & 70368744177664) > 0 THEN 'N' ELSE '.' END,
            CASE WHEN (p & 2048) > 0 THEN 'H' WHEN (p & 8388608) > 0 THEN 'S'
                WHEN (p & 34359738368) > 0 THEN '4' WHEN (p & 140737488355328) > 0 THEN '3'
                WHEN (p & 576460752303423488) > 0 THEN '2' WHEN (q & 2048) > 0 THEN 'F'
                WHEN (q & 8388608) > 0 THEN 'B' WHEN (q & 34359738368) > 0 THEN 'E'
                WHEN (q & 140737488355328) > 0 THEN 'N' ELSE '.' END
        ) AS states
    FROM patterns
)
SELECT
    c.ae_id,
    c.ks4_year,
    n.years_after,
    c.ks4_year + n.years_after AS academic_year,
    CASE
        WHEN c.ks4_year + n.years_after = 2021 THEN CONCAT(SUBSTRING(COALESCE(l.states, '.......'), 1, 7), 'xxxxx')
        ELSE COALESCE(l.states, '............')
    END AS states
FROM measures.ks4_cohort AS c
CROSS JOIN numbers AS n
LEFT JOIN masks AS m ON m.ae_id = c.ae_id AND m.years_after = n.years_after
LEFT JOIN letters AS l ON l.p = m.p AND l.q = m.q
WHERE c.ks4_year + n.years_after <= 2021
