/*---
title = "Absence rate and persistent absence"
definition = """Share of half-day sessions that a pupil missed in a school year, and whether it reached the threshold of persistent absence of that year.
The threshold was 20% to 2009/10, 15% to 2014/15 and 10% from 2015/16."""
grain = "one row per person and school year"
key = ["ae_id", "absence_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "absence_year", type = "int", unit = "year", description = "Year in which the school year ends." },
  { name = "age", type = "int", unit = "years", description = "Age on 31 August before: 15 in year 11." },
  { name = "sessions_possible", type = "int", unit = "half days", description = "Half-day sessions that the pupil could have attended." },
  { name = "sessions_missed", type = "int", unit = "half days", description = "Sessions missed." },
  { name = "sessions_unauthorised", type = "int", unit = "half days", description = "Sessions missed without leave." },
  { name = "absence_rate", type = "float", unit = "per cent", description = "Sessions missed of 100 possible." },
  { name = "threshold", type = "int", unit = "per cent", description = "Share of sessions from which absence is persistent." },
  { name = "persistent", type = "int", description = "1 if the rate reached the threshold." },
]
parameters = [
  { name = "threshold", values = ["of the year", "10", "15", "20"], default = "of the year", description = "Threshold of persistent absence, per cent of sessions: that of each year, or one for all." },
]
source = "Fields SessionsPossible, OverallAbsence and MainRecord of the absence tables and their persistent absence flags, LEO variable request form v2.3; thresholds as published in *Pupil absence in schools in England*."
years = "2005/06 to 2020/21"
lost = "Reasons of absence, terms, and second registrations. 2019/20 has no sessions for the year: only the autumn was collected."
traps = [
  "The threshold falls twice, so the share of persistent absentees jumps without anybody being absent more: use one threshold to compare years.",
  "Sessions run to the end of May up to 2014/15 and to the end of July after; year 11 ends in May.",
  "In 2020/21 schools were closed to most pupils for two months.",
  "Published series apply thresholds back to earlier years, which this measure does only if you ask for one threshold.",
]
other_rule = { parameter = "threshold", value = "10" }
group_by = ["age"]
---*/
WITH stacked AS (
--| for year 2006 to 2021
    SELECT a.pupilmatchingrefanonymous_ab{yy} AS pmr, {yyyy} AS absence_year, a.ageatstartofacademicyear_ab{yy} AS age,
        a.sessionspossible_{3term 2013 5halfterms 2016 6halfterms}_ab{yy} AS possible,
        a.overallabsence_{3term 2013 5halfterms 2016 6halfterms}_ab{yy} AS missed,
        a.unauthorisedabsence_{3term 2013 5halfterms 2016 6halfterms}_ab{yy} AS unauthorised
    FROM npd_i2."2005003".absence_{yyyy}_3term AS a
    WHERE a.mainrecord_ab{yy} = 1
--| end
),
by_person AS (
    SELECT p.ae_id, s.absence_year, MAX(s.age) AS age, SUM(s.possible) AS possible, SUM(s.missed) AS missed,
        SUM(s.unauthorised) AS unauthorised,
        CASE
            WHEN $threshold = '10' THEN 10
            WHEN $threshold = '15' THEN 15
            WHEN $threshold = '20' THEN 20
            WHEN s.absence_year <= 2010 THEN 20
            WHEN s.absence_year <= 2015 THEN 15
            ELSE 10
        END AS threshold
    FROM stacked AS s
    JOIN measures.pmr_person AS p ON p.pmr = s.pmr
    GROUP BY p.ae_id, s.absence_year
)
SELECT
    ae_id,
    CAST(absence_year AS int) AS absence_year,
    CAST(age AS int) AS age,
    CAST(possible AS int) AS sessions_possible,
    CAST(missed AS int) AS sessions_missed,
    CAST(unauthorised AS int) AS sessions_unauthorised,
    CAST(CASE WHEN possible > 0 THEN 100.0 * missed / possible END AS double precision) AS absence_rate,
    threshold,
    CASE WHEN possible > 0 THEN CASE WHEN 100 * missed >= threshold * possible THEN 1 ELSE 0 END END AS persistent
FROM by_person
