/*---
title = "Sex"
definition = """Sex of a person as the spring school censuses say, or the key stage 4 record where there is no census.
Where records disagree, a rule that you choose decides."""
grain = "one row per person with a record"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "sex", type = "varchar(1)", description = "`M` or `F`. The census calls the field gender." },
  { name = "answers", type = "int", unit = "values", description = "Different values among the records: more than 1 is a disagreement." },
]
parameters = [
  { name = "rule", values = ["latest", "most frequent", "year 11"], default = "latest", description = "Which record decides: that of the latest year, the value in most years, or that of the year in which the pupil was 15 on 31 August (else the latest).", unverified = true },
]
source = "Field gender of the school census and KS4_GENDER, LEO variable request form v2.3. No public source gives a rule for disagreement."
years = "2002 to 2021"
lost = "Change of the recorded sex over time, and of which collection each value comes."
traps = [
  "The collections mix sex and gender, as the request form says; the value is what a school recorded.",
  "Independent schools are in no census; their pupils have key stage 4 records.",
]
other_rule = { parameter = "rule", value = "most frequent" }
group_by = ["sex"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        CASE WHEN s.gender_{ 2006 spr}{yy} IN ('M', 'F') THEN s.gender_{ 2006 spr}{yy} END AS answer
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
--| use census_answers
answers AS (
    SELECT pmr, answer, 1 AS preferred, times, latest, year_11 FROM census_answers
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_gender, 0, 1, 0, 0
    FROM npd_i2."2005003".ks4pupil_2002_to_2014
    WHERE ks4_gender IN ('M', 'F')
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_gender, 0, 1, 0, 0
    FROM npd_i2."2005003".ks4pupil_2015_to_2021
    WHERE ks4_gender IN ('M', 'F')
),
--| use one_answer
SELECT ae_id, answer AS sex, CAST(answers AS int) AS answers
FROM chosen
