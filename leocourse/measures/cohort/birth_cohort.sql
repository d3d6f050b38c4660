/*---
title = "Birth cohort"
definition = """Year and month of birth as school records give them, and the academic year of birth, from September to August.
Where records disagree, a rule that you choose decides."""
grain = "one row per person with a record"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "birth_year", type = "int", unit = "year", description = "Calendar year of birth." },
  { name = "birth_month", type = "int", unit = "month", description = "Month of birth, 1 to 12." },
  { name = "birth_cohort", type = "int", unit = "year", description = "Calendar year in which the academic year of birth begins: 1985 is September 1985 to August 1986." },
  { name = "answers", type = "int", unit = "values", description = "Different values among the records: more than 1 is a disagreement." },
]
parameters = [
  { name = "rule", values = ["latest", "most frequent", "year 11"], default = "latest", description = "Which record decides: that of the latest year, the value in most years, or that of the year in which the pupil was 15 on 31 August (else the latest).", unverified = true },
]
source = "Fields yearofbirth and monthofbirth of the school census and the key stage 4 table, LEO variable request form v2.3. No public source gives a rule for disagreement."
years = "births from September 1985 to August 2005"
lost = "The day of birth is not in the extract."
traps = [
  "The academic year of birth is not the school year: a few pupils are taught with an older or younger year group.",
  "A person whom no school record knows has no row.",
]
other_rule = { parameter = "rule", value = "most frequent" }
group_by = ["birth_cohort"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        s.yearofbirth_{ 2006 spr}{yy} * 12 + s.monthofbirth_{ 2006 spr}{yy} AS answer
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
--| use census_answers
answers AS (
    SELECT pmr, answer, 1 AS preferred, times, latest, year_11 FROM census_answers
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_yearofbirth * 12 + ks4_monthofbirth, 0, 1, 0, 0
    FROM npd_i2."2005003".ks4pupil_2002_to_2014
    WHERE ks4_yearofbirth * 12 + ks4_monthofbirth IS NOT NULL
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_yearofbirth * 12 + ks4_monthofbirth, 0, 1, 0, 0
    FROM npd_i2."2005003".ks4pupil_2015_to_2021
    WHERE ks4_yearofbirth * 12 + ks4_monthofbirth IS NOT NULL
),
--| use one_answer
SELECT
    ae_id,
    CAST((answer - 1 - (answer - 1) % 12) / 12 AS int) AS birth_year,
    CAST((answer - 1) % 12 + 1 AS int) AS birth_month,
    CAST((answer - 9 - (answer - 9) % 12) / 12 AS int) AS birth_cohort,
    CAST(answers AS int) AS answers
FROM chosen
