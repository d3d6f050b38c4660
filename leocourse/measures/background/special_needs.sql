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
  "Codes can stand in small letters, as published code that cleans them expects: they are made large first.",
  "Fewer children were recorded after the reform of 2014/15, whatever their needs.",
]
other_rule = { parameter = "rule", value = "latest" }
group_by = ["special_needs"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        CASE UPPER(s.{senstage 2003 senstatus 2006 senprovision}_{ 2006 spr}{yy})
            WHEN 'N' THEN 0 WHEN 'A' THEN 1 WHEN 'P' THEN 1 WHEN 'K' THEN 1 WHEN 'S' THEN 2 WHEN 'E' THEN 2
        END AS answer
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
--| use census_answers
answers AS (
    SELECT pmr, answer, 1 AS preferred, times, latest, year_11 FROM census_answers
),
--| use one_answer
, highest AS (
    SELECT ae_id, MAX(answer) AS highest FROM by_person GROUP BY ae_id
)
SELECT
    r.ae_id,
    CAST(CASE r.answer WHEN 2 THEN 'statement or plan' WHEN 1 THEN 'support' ELSE 'none' END AS varchar(20)) AS special_needs,
    CASE WHEN h.highest > 0 THEN 1 ELSE 0 END AS ever_special_needs,
    CASE WHEN h.highest = 2 THEN 1 ELSE 0 END AS ever_statement_or_plan,
    CAST(r.answers AS int) AS answers
FROM chosen AS r
JOIN highest AS h ON h.ae_id = r.ae_id
