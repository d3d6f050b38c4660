/*---
title = "Linkage rate by group"
definition = """Share of people who were linked to tax and benefit records, in all and by sex, ethnic group, first language, free school meals and birth cohort.
A group that is linked less often is seen less often in every outcome."""
grain = "one row per characteristic and category"
key = ["characteristic", "category"]
columns = [
  { name = "characteristic", type = "varchar(30)", description = "What people are grouped by." },
  { name = "category", type = "varchar(10)", description = "The group: a code of that measure, or `missing`." },
  { name = "people", type = "int", unit = "people", description = "People in the group." },
  { name = "linked", type = "int", unit = "people", description = "Those of them with an EDUKEY." },
  { name = "rate", type = "float", unit = "per cent", description = "Linked people in 100." },
]
source = "Lookup tables of the LEO variable request form v2.3. Published match rates are above 94% for further education learners (SFR52/2016) and above 95% for graduates."
years = "all"
lost = "Combinations of groups."
traps = [
  "Small groups in this table need disclosure control before they leave the secure service.",
  "The denominator is everybody with an AE_ID; published rates rest on one collection.",
]
---*/
WITH people AS (
    SELECT l.ae_id, l.linked, s.sex, e.ethnic_major, f.first_language, m.fsm_at_15, b.birth_cohort
    FROM measures.linkage AS l
    LEFT JOIN measures.sex AS s ON s.ae_id = l.ae_id
    LEFT JOIN measures.ethnic_group AS e ON e.ae_id = l.ae_id
    LEFT JOIN measures.first_language AS f ON f.ae_id = l.ae_id
    LEFT JOIN measures.free_school_meals AS m ON m.ae_id = l.ae_id
    LEFT JOIN measures.birth_cohort AS b ON b.ae_id = l.ae_id
),
counted AS (
    SELECT 'all' AS characteristic, 'all' AS category, COUNT(*) AS people, SUM(linked) AS linked FROM people
    UNION ALL
    SELECT 'sex', sex, COUNT(*), SUM(linked) FROM people GROUP BY sex
    UNION ALL
    SELECT 'ethnic group', ethnic_major, COUNT(*), SUM(linked) FROM people GROUP BY ethnic_major
    UNION ALL
    SELECT 'first language', first_language, COUNT(*), SUM(linked) FROM people GROUP BY first_language
    UNION ALL
    SELECT 'free school meals at 15', CAST(fsm_at_15 AS varchar(10)), COUNT(*), SUM(linked)
    FROM people
    GROUP BY fsm_at_15
    UNION ALL
    SELECT 'birth cohort', CAST(birth_cohort AS varchar(10)), COUNT(*), SUM(linked) FROM people GROUP BY birth_cohort
)
SELECT
    CAST(characteristic AS varchar(30)) AS characteristic,
    CAST(COALESCE(category, 'missing') AS varchar(10)) AS category,
    CAST(people AS int) AS people,
    CAST(linked AS int) AS linked,
    CAST(100.0 * linked / people AS double precision) AS rate
FROM counted
