/*---
title = "Deprivation of the area at school (IDACI) in fifths"
definition = """Income deprivation affecting children in the area in which a pupil lived, and the fifth of the birth cohort in which that score lies.
The score comes from the spring census to 2015 and from the key stage 4 record from 2006; a rule that you choose says which year counts."""
grain = "one row per person with a score"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "idaci", type = "float", unit = "share of children", description = "Share of children in the area who live in income-deprived families, 0 to 1." },
  { name = "idaci_quintile", type = "int", description = "1 the most deprived fifth of the pupils of the birth cohort, 5 the least." },
  { name = "answers", type = "int", unit = "values", description = "Different values among the records: more than 1 is a disagreement." },
]
parameters = [
  { name = "rule", values = ["latest", "most frequent", "year 11"], default = "year 11", description = "Which record decides: that of the latest year, the value in most years, or that of the year in which the pupil was 15 on 31 August (else the latest).", unverified = true },
]
source = "Fields IDACIScore of the school census and KS4_IDACI, LEO variable request form v2.3. Fifths of pupils are our choice; official fifths are of areas."
years = "2002 to 2021"
lost = "Change of address, and the ranks of areas among all areas of England."
traps = [
  "Scores of different releases of the index are not comparable; fifths within a birth cohort are less affected.",
  "A fifth of pupils is not a fifth of areas: deprived areas have more children.",
  "Pupils with the same score stay together, so fifths are not of quite equal size.",
]
other_rule = { parameter = "rule", value = "most frequent" }
group_by = ["idaci_quintile"]
---*/
WITH stacked AS (
--| for year 2002 to 2015
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        s.idaciscore_{ 2006 spr}{yy} AS answer
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
--| use census_answers
answers AS (
    SELECT pmr, answer, 1 AS preferred, times, latest, year_11 FROM census_answers
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_idaci, 1, 1, CAST(SUBSTRING(ks4_acadyr, 6, 4) AS int), 1
    FROM npd_i2."2005003".ks4pupil_2002_to_2014
    WHERE ks4_idaci IS NOT NULL
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_idaci, 1, 1, CAST(SUBSTRING(ks4_acadyr, 6, 4) AS int), 1
    FROM npd_i2."2005003".ks4pupil_2015_to_2021
    WHERE ks4_idaci IS NOT NULL
),
--| use one_answer
, placed AS (
    SELECT r.ae_id, r.answer, r.answers, b.birth_cohort,
        PERCENT_RANK() OVER (PARTITION BY b.birth_cohort ORDER BY r.answer DESC) AS share_more_deprived
    FROM chosen AS r
    LEFT JOIN measures.birth_cohort AS b ON b.ae_id = r.ae_id
)
SELECT
    ae_id,
    CAST(answer AS double precision) AS idaci,
    CASE
        WHEN share_more_deprived < 0.2 THEN 1
        WHEN share_more_deprived < 0.4 THEN 2
        WHEN share_more_deprived < 0.6 THEN 3
        WHEN share_more_deprived < 0.8 THEN 4
        ELSE 5
    END AS idaci_quintile,
    CAST(answers AS int) AS answers
FROM placed
