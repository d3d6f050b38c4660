/*---
title = "First language"
definition = """First language of a person as the spring school censuses say: English or another.
A known language goes before one that is not known; where records disagree, a rule that you choose decides."""
grain = "one row per person in a spring census"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "first_language", type = "varchar(6)", description = "`1_ENG` English, `2_OTH` another, `3_UNCL` not known." },
  { name = "answers", type = "int", unit = "values", description = "Different values among the records: more than 1 is a disagreement." },
]
parameters = [
  { name = "rule", values = ["latest", "most frequent", "year 11"], default = "latest", description = "Which record decides: that of the latest year, the value in most years, or that of the year in which the pupil was 15 on 31 August (else the latest).", unverified = true },
]
source = "Fields mothertongue (2002), firstlanguage (to 2005) and languagegroupmajor of the school census, LEO variable request form v2.3. No public source gives a rule for disagreement."
years = "2002 to 2021"
lost = "Which language it is."
traps = [
  "The field has three names and two code sets over the years.",
  "A first language other than English says nothing of how well a pupil speaks English.",
]
other_rule = { parameter = "rule", value = "most frequent" }
group_by = ["first_language"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        CASE
            WHEN s.{mothertongue 2003 firstlanguage 2006 languagegroupmajor}_{ 2006 spr}{yy} IN ('ENG', '1_ENG') THEN '1_ENG'
            WHEN s.{mothertongue 2003 firstlanguage 2006 languagegroupmajor}_{ 2006 spr}{yy} IN ('OTH', '2_OTH') THEN '2_OTH'
            WHEN s.{mothertongue 2003 firstlanguage 2006 languagegroupmajor}_{ 2006 spr}{yy} IS NOT NULL OR {yyyy} <= 2005 THEN '3_UNCL'
        END AS answer
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
--| use census_answers
answers AS (
    SELECT pmr, answer, CASE WHEN answer = '3_UNCL' THEN 0 ELSE 1 END AS preferred, times, latest, year_11 FROM census_answers
),
--| use one_answer
SELECT ae_id, CAST(answer AS varchar(6)) AS first_language, CAST(answers AS int) AS answers
FROM chosen
