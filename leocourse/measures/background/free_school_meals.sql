/*---
title = "Free school meals"
definition = """Whether a person was eligible for free school meals in the spring census of the year in which they were 15 on 31 August (year 11), and whether they ever were.
Eligible means eligible and claiming, in January."""
grain = "one row per person in a spring census"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "fsm_at_15", type = "int", description = "1 if eligible in the spring census of year 11 (age 15 on 31 August before), 0 if not. Missing without such a record." },
  { name = "fsm_ever_6", type = "int", description = "1 if eligible in any spring census at age 10 to 15." },
  { name = "fsm_ever", type = "int", description = "1 if eligible in any spring census in which the person stands." },
  { name = "censuses_eligible", type = "int", unit = "censuses", description = "Spring censuses that say eligible." },
  { name = "censuses", type = "int", unit = "censuses", description = "Spring censuses that say whether eligible." },
]
parameters = [
  { name = "unknown", values = ["missing", "not eligible"], default = "missing", description = "What a person is who stands in the census, but not in that of the ages asked about." },
]
source = "Fields freeschoolmeals (2002), FSMeligibility (to 2005) and FSMeligible of the school census, LEO variable request form v2.3; age 15 as in *Level 2 and 3 attainment by age 19*."
years = "2002 to 2021"
lost = "Eligibility on the days of the autumn and summer censuses, which EVERFSM_6 counts and this measure does not."
traps = [
  "Nobody has a history before January 2002: the older the cohort, the fewer censuses can say ever.",
  "Missing off roll, and in independent schools: missing is not the same as not eligible.",
  "From 2014 all infants get free meals; eligibility still means low income.",
  "Protection of eligibility since April 2018 raises shares in later years.",
]
other_rule = { parameter = "unknown", value = "not eligible" }
group_by = ["fsm_at_15"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        s.{freeschoolmeals 2003 fsmeligible}_{ 2006 spr}{yy} AS fsm
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
by_pmr AS (
    SELECT pmr, MAX(CASE WHEN age = 15 THEN fsm END) AS at_15, MAX(fsm) AS ever,
        MAX(CASE WHEN age BETWEEN 10 AND 15 THEN fsm END) AS ever_6, SUM(fsm) AS eligible, COUNT(fsm) AS censuses
    FROM stacked
    GROUP BY pmr
),
by_person AS (
    SELECT p.ae_id, MAX(b.at_15) AS at_15, MAX(b.ever) AS ever, MAX(b.ever_6) AS ever_6, SUM(b.eligible) AS eligible,
        SUM(b.censuses) AS censuses
    FROM by_pmr AS b
    JOIN measures.pmr_person AS p ON p.pmr = b.pmr
    GROUP BY p.ae_id
)
SELECT
    ae_id,
    CAST(CASE WHEN $unknown = 'not eligible' THEN COALESCE(at_15, 0) ELSE at_15 END AS int) AS fsm_at_15,
    CAST(CASE WHEN $unknown = 'not eligible' THEN COALESCE(ever_6, 0) ELSE ever_6 END AS int) AS fsm_ever_6,
    CAST(CASE WHEN $unknown = 'not eligible' THEN COALESCE(ever, 0) ELSE ever END AS int) AS fsm_ever,
    CAST(eligible AS int) AS censuses_eligible,
    CAST(censuses AS int) AS censuses
FROM by_person
