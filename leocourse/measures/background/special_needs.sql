/*---
title = "Special educational needs"
definition = """Provision for special educational needs as the spring school censuses say: none, support, or a statement or plan.
Provision changes from year to year, so a rule that you choose says which year counts."""
grain = "one row per person in a spring census"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "special_needs", type = "varchar(20)", description = "`none`, `support` (School Action, School Action Plus, SEN support) or `statement or plan` (statement, education, health and care plan)." },
  { name = "ever_special_needs", type = "int", description = "1 if any spring census says support, statement or plan." },
  { name = "ever_statement_or_plan", type = "int", description = "1 if any spring census says statement or plan." },
  { name = "answers", type = "int", unit = "values", description = "Different values among the records." },
]
parameters = [
  { name = "rule", values = ["latest", "most frequent", "year 11"], default = "year 11", description = "Which record decides: that of the latest year, the value in most years, or that of the year in which the pupil was 15 on 31 August (else the latest).", unverified = true },
]
source = "Fields SENstage (2002), SENstatus (to 2005) and SENprovision of the school census, LEO variable request form v2.3."
years = "2002 to 2021"
lost = "The difference between School Action and School Action Plus, and the kind of need."
traps = [
  "School Action and School Action Plus end with 2014/15 and statements with 2017/18; SEN support and plans take their place, so shares of single codes cannot be compared over time.",
  "The field is missing off roll.",
  "Fewer children were recorded after the reform of 2014/15, whatever their needs.",
]
other_rule = { parameter = "rule", value = "latest" }
group_by = ["special_needs"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_spr{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_spr{yy} AS age,
        CASE s.{senstage 2003 senstatus 2006 senprovision}_spr{yy}
            WHEN 'N' THEN 0 WHEN 'A' THEN 1 WHEN 'P' THEN 1 WHEN 'K' THEN 1 WHEN 'S' THEN 2 WHEN 'E' THEN 2
        END AS answer
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_spr{yy} < 100
--| end
),
answers AS (
    SELECT pmr, answer, 1 AS in_census, COUNT(*) AS times, MAX(record_year) AS latest,
        MAX(CASE WHEN age = 15 THEN 1 ELSE 0 END) AS year_11
    FROM stacked
    WHERE answer IS NOT NULL
    GROUP BY pmr, answer
),
by_person AS (
    SELECT p.ae_id, a.answer, MAX(a.in_census) AS in_census, SUM(a.times) AS times, MAX(a.latest) AS latest,
        MAX(a.year_11) AS year_11
    FROM answers AS a
    JOIN measures.pmr_person AS p ON p.pmr = a.pmr
    GROUP BY p.ae_id, a.answer
),
ranked AS (
    SELECT ae_id, answer, COUNT(*) OVER (PARTITION BY ae_id) AS answers,
        MAX(answer) OVER (PARTITION BY ae_id) AS highest,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id
            ORDER BY
                in_census DESC,
                CASE $rule WHEN 'most frequent' THEN times WHEN 'year 11' THEN year_11 ELSE 0 END DESC,
                latest DESC, answer
        ) AS place
    FROM by_person
)
SELECT
    r.ae_id,
    CAST(CASE r.answer WHEN 2 THEN 'statement or plan' WHEN 1 THEN 'support' ELSE 'none' END AS varchar(20)) AS special_needs,
    CASE WHEN r.highest > 0 THEN 1 ELSE 0 END AS ever_special_needs,
    CASE WHEN r.highest = 2 THEN 1 ELSE 0 END AS ever_statement_or_plan,
    CAST(r.answers AS int) AS answers
FROM ranked AS r
WHERE r.place = 1
