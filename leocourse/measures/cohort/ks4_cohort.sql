/*---
title = "Key stage 4 cohort"
definition = """Pupils at the end of key stage 4, by the year in which they were there, under the rules of published figures: state-funded schools, in the national results, one record a pupil.
The record kept is that of the measure ks4_record."""
grain = "one row per person in a key stage 4 cohort"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "pmr", type = "varchar(18)", description = "PMR of the record kept." },
  { name = "ks4_year", type = "int", unit = "year", description = "Year in which the academic year of the end of key stage 4 ends." },
  { name = "state_funded", type = "int", description = "1 if the school was state-funded." },
  { name = "records", type = "int", unit = "records", description = "Key stage 4 records that the person has." },
  { name = "kept_because", type = "varchar(40)", description = "Why this record is the one." },
]
parameters = [
  { name = "schools", values = ["state-funded", "all"], default = "state-funded", description = "Whether pupils of independent schools count." },
  { name = "results", values = ["national", "any"], default = "national", description = "Whether only pupils who count in national results (KS4_NATRES) are in the cohort." },
  { name = "record", values = ["more points", "fewer points"], default = "more points", description = "Which of several records of a pupil at the end of the key stage is kept. Published scripts keep the higher one; `fewer points` shows what depends on that." },
]
source = "Fields KS4_ENDKS, KS4_NATRES and KS4_NEW_TYPE of the LEO variable request form v2.3; state-funded schools as in *Level 2 and 3 attainment by age 19*."
years = "2001/02 to 2020/21"
lost = "Pupils who reached 16 without any key stage 4 record; before 2008/09 also those who were in alternative provision or in a referral unit alone, and so in no school census."
traps = [
  "School type is held from 2008/09; before, a record in the spring census of the year stands for a state-funded school.",
  "KS4_ENDKS is held from 2006/07; before, age 15 on 31 August stands for it.",
  "Counting records instead of people counts some pupils twice.",
]
other_rule = { parameter = "schools", value = "all" }
group_by = ["ks4_year"]
---*/
WITH at_state_school AS (
--| for year 2002 to 2008
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS census_year
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100 AND s.ageatstartofacademicyear_{ 2006 spr}{yy} = 15
--| end
),
state AS (
    SELECT DISTINCT pmr, census_year FROM at_state_school
),
placed AS (
    SELECT
        k.ae_id, k.pmr, k.ks4_year, k.records, k.kept_because, k.end_of_ks4, k.in_national_results,
        CASE
            WHEN k.school_type IS NOT NULL THEN CASE WHEN k.school_type = 5 THEN 0 ELSE 1 END
            WHEN s.pmr IS NULL THEN 0
            ELSE 1
        END AS state_funded
    FROM measures.ks4_record AS k
    LEFT JOIN state AS s ON s.pmr = k.pmr AND s.census_year = k.ks4_year
)
SELECT ae_id, pmr, ks4_year, state_funded, records, kept_because
FROM placed
WHERE end_of_ks4 = 1
    AND ($results = 'any' OR COALESCE(in_national_results, 1) = 1)
    AND ($schools = 'all' OR state_funded = 1)
