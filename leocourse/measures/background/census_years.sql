/*---
title = "Spring censuses, stacked"
definition = """The main record of each person in the spring school census of each year, with the columns that have changed their name or codes brought to one form.
A record counts if it is the main one of its pupil and the pupil is on roll."""
grain = "one row per person and school year in a spring census"
key = ["ae_id", "school_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "school_year", type = "int", unit = "year", description = "School year, by the year in which it ends: the census is that of its January." },
  { name = "age", type = "int", unit = "years", description = "Age on 31 August before." },
  { name = "year_group", type = "varchar(2)", description = "Year group in which the pupil is taught, without blanks: `R`, `1` to `13` and others." },
  { name = "school", type = "varchar(20)", description = "Pseudonym of the school (LAESTAB)." },
  { name = "urn", type = "varchar(20)", description = "Pseudonym of its reference number, which changes when it becomes an academy." },
  { name = "authority", type = "varchar(20)", description = "Pseudonym of the authority of the school." },
  { name = "enrolment", type = "varchar(1)", description = "C one registration, M the main one of two, S the subsidiary one, G guest, F and O with another provider." },
  { name = "second_school", type = "varchar(20)", description = "Another school at which the pupil is on roll: missing if there is none." },
  { name = "entry_date", type = "date", description = "Day on which the pupil joined the school." },
  { name = "fsm", type = "int", description = "1 if eligible for free school meals." },
  { name = "special_needs", type = "int", description = "0 none, 1 support (School Action, School Action Plus, SEN support), 2 statement or plan." },
  { name = "english_additional", type = "int", description = "1 if the first language is another than English, 0 if English; missing if unclassified." },
  { name = "idaci", type = "float", unit = "share of children", description = "Share of children near home who live in income-deprived families, 0 to 1. To 2015." },
]
source = "School census (PLASC to 2005), fields RecordStatus, OnRoll, EnrolStatus, LAESTAB, URN, FSMeligible (FreeSchoolMeals in 2002), SENprovision (SENstage in 2002, SENstatus to 2005), FirstLanguage (MotherTongue in 2002) and LanguageGroupMajor, NCyearActual (ActualNCYearGroup in 2002) and IDACIScore, LEO variable request form v2.3."
years = "2001/02 to 2020/21"
lost = "Autumn and summer (see school_history), pupils of independent schools, those in alternative provision, and in units before 2013/14."
traps = [
  "OnRoll is there from 2008/09 only: before it, a record of a pupil who had left counts if it is marked as the main one.",
  "A school that becomes an academy has a new URN and can have a new LAESTAB: that is no move.",
  "Special needs fall with the reform of 2014/15, free school meals stay up after 2018: eligibility is kept while universal credit comes in.",
  "IDACI scores come from different releases of the index, and end with 2015.",
  "A person with two PMRs has the record of the lower one.",
]
group_by = ["school_year", "special_needs"]
---*/
WITH stacked AS (
--| for year 2002 to 2008
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS school_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age,
        s.{actualncyeargroup 2003 ncyearactual}_{ 2006 spr}{yy} AS year_group, s.laestab_anon_{ 2006 spr}{yy} AS school,
        s.urn_anon_{ 2006 spr}{yy} AS urn, s.la_anon_{ 2006 spr}{yy} AS authority,
        s.{registrationtype 2003 enrolstatus}_{ 2006 spr}{yy} AS enrolment, s.recordstatus_{ 2006 spr}{yy} AS record_status,
        s.{dateofjoining 2003 entrydate}_{ 2006 spr}{yy} AS entry_date, s.{freeschoolmeals 2003 fsmeligible}_{ 2006 spr}{yy} AS fsm,
        s.{senstage 2003 senstatus 2006 senprovision}_{ 2006 spr}{yy} AS sen,
        s.{mothertongue 2003 firstlanguage 2006 languagegroupmajor}_{ 2006 spr}{yy} AS language, s.idaciscore_{ 2006 spr}{yy} AS idaci
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
--| end
    UNION ALL
--| for year 2009 to 2015
    SELECT s.pupilmatchingrefanonymous_spr{yy}, {yyyy}, s.ageatstartofacademicyear_spr{yy}, s.ncyearactual_spr{yy}, s.laestab_anon_spr{yy},
        s.urn_anon_spr{yy}, s.la_anon_spr{yy}, s.enrolstatus_spr{yy}, s.recordstatus_spr{yy}, s.entrydate_spr{yy}, s.fsmeligible_spr{yy},
        s.senprovision_spr{yy}, s.languagegroupmajor_spr{yy}, s.idaciscore_spr{yy}
    FROM npd_i2."2005003".spring_census_{yyyy} AS s
    WHERE s.onroll_spr{yy} = 1
--| end
    UNION ALL
--| for year 2016 to 2021
    SELECT s.pupilmatchingrefanonymous_spr{yy}, {yyyy}, s.ageatstartofacademicyear_spr{yy}, s.ncyearactual_spr{yy}, s.laestab_anon_spr{yy},
        s.urn_anon_spr{yy}, s.la_anon_spr{yy}, s.enrolstatus_spr{yy}, s.recordstatus_spr{yy}, s.entrydate_spr{yy}, s.fsmeligible_spr{yy},
        s.senprovision_spr{yy}, s.languagegroupmajor_spr{yy}, NULL
    FROM npd_i2."2005003".spring_census_{yyyy} AS s
    WHERE s.onroll_spr{yy} = 1
--| end
),
other AS (
    SELECT pmr, school_year, MIN(school) AS school
    FROM stacked
    WHERE record_status >= 100 AND enrolment IN ('M', 'S', 'G')
    GROUP BY pmr, school_year
),
several AS (
    SELECT ae_id FROM measures.pmr_person GROUP BY ae_id HAVING COUNT(*) > 1
),
again AS (
    -- Only people with several PMRs can have two main records in a year: nobody else has to be sorted.
    SELECT s.pmr, s.school_year, ROW_NUMBER() OVER (PARTITION BY p.ae_id, s.school_year ORDER BY s.pmr) AS place
    FROM several AS v
    JOIN measures.pmr_person AS p ON p.ae_id = v.ae_id
    JOIN stacked AS s ON s.pmr = p.pmr AND s.record_status < 100
)
SELECT
    p.ae_id,
    CAST(s.school_year AS int) AS school_year,
    CAST(s.age AS int) AS age,
    CAST(RTRIM(s.year_group) AS varchar(2)) AS year_group,
    s.school,
    s.urn,
    s.authority,
    s.enrolment,
    o.school AS second_school,
    s.entry_date,
    CAST(s.fsm AS int) AS fsm,
    CASE UPPER(s.sen) WHEN 'N' THEN 0 WHEN 'A' THEN 1 WHEN 'P' THEN 1 WHEN 'K' THEN 1 WHEN 'S' THEN 2 WHEN 'E' THEN 2 END AS special_needs,
    CASE WHEN s.language IN ('ENG', '1_ENG') THEN 0 WHEN s.language IN ('OTH', '2_OTH') THEN 1 END AS english_additional,
    CAST(s.idaci AS double precision) AS idaci
FROM stacked AS s
JOIN measures.pmr_person AS p ON p.pmr = s.pmr
LEFT JOIN again AS a ON a.pmr = s.pmr AND a.school_year = s.school_year AND a.place > 1
LEFT JOIN other AS o ON o.pmr = s.pmr AND o.school_year = s.school_year
WHERE s.record_status < 100 AND a.pmr IS NULL
