/*---
title = "Schools, moves and dual registration"
definition = """The school of a person in the autumn, spring and summer censuses of each school year, whether it changed within the year or since the year before, and whether the person was registered at two schools.
A change of school is a move if the day of entry changed too: where it did not, the school has a new number, as academies can have."""
grain = "one row per person and school year in any school census"
key = ["ae_id", "school_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "school_year", type = "int", unit = "year", description = "School year, by the year in which it ends." },
  { name = "year_group", type = "varchar(2)", description = "Year group in which the pupil is taught, without blanks." },
  { name = "school_autumn", type = "varchar(20)", description = "Pseudonym of the school (LAESTAB) in the autumn census: missing without a record, and before 2006/07." },
  { name = "school_spring", type = "varchar(20)", description = "The same in the spring census." },
  { name = "school_summer", type = "varchar(20)", description = "The same in the summer census: none before 2005/06 and in 2019/20." },
  { name = "terms", type = "int", unit = "censuses", description = "Censuses of the year with a main record." },
  { name = "moved_in_year", type = "int", description = "1 if the school changed between two censuses of the year; missing with one census only." },
  { name = "moved_since_last_year", type = "int", description = "1 if the school of the first census of the year is another than that of the last census of the year before; missing without a record in that year." },
  { name = "renumbered", type = "int", description = "1 if the number of the school changed within the year or since the year before and the day of entry did not." },
  { name = "dual_registration", type = "int", description = "1 if registered at two schools in any census of the year." },
  { name = "second_school", type = "varchar(20)", description = "The other of them, where its record is there." },
]
source = "Fields LAESTAB, EntryDate, EnrolStatus, RecordStatus, OnRoll and NCyearActual of the school censuses of three terms, LEO variable request form v2.3. Telling a move from a new number by the day of entry is our choice."
years = "2001/02 to 2020/21: spring only to 2004/05, autumn from 2006/07"
lost = "Moves between censuses and back, days of moves, schools that hold no census (independent schools, alternative provision, units before 2013/14)."
traps = [
  "Most pupils change school for year 7, and many for year 12: leave these years out where a move means disruption.",
  "A school that becomes an academy can have a new number. Real schools may set the day of entry anew when they convert, which looks like a move of all their pupils at once.",
  "Years with fewer censuses show fewer moves: compare moves within a year from 2006/07 on, without 2019/20.",
  "Dual registration is not a move: many of those registered twice are in a referral unit for some time.",
  "Nobody who left for an independent school or abroad is here: a missing row is not a move.",
]
group_by = ["school_year", "moved_in_year"]
---*/
WITH stacked AS (
--| for year 2002 to 2005
    SELECT s.pupilmatchingrefanonymous_{yy} AS pmr, {yyyy} AS school_year, 'spring' AS term, s.laestab_anon_{yy} AS school,
        s.{dateofjoining 2003 entrydate}_{yy} AS entry_date, s.{registrationtype 2003 enrolstatus}_{yy} AS enrolment,
        s.recordstatus_{yy} AS record_status, s.{actualncyeargroup 2003 ncyearactual}_{yy} AS year_group
    FROM npd_i2."2005003".plasc_{yyyy} AS s
--| end
    UNION ALL
--| for year 2006 to 2008 term spring summer
    SELECT s.pupilmatchingrefanonymous_{trm}{yy} AS pmr, {yyyy} AS school_year, '{term}' AS term, s.laestab_anon_{trm}{yy} AS school,
        s.entrydate_{trm}{yy} AS entry_date, s.enrolstatus_{trm}{yy} AS enrolment, s.recordstatus_{trm}{yy} AS record_status,
        s.ncyearactual_{trm}{yy} AS year_group
    FROM npd_i2."2005003".{term}_census_{yyyy} AS s
--| end
    UNION ALL
--| for year 2007 to 2009 term autumn
    SELECT s.pupilmatchingrefanonymous_{trm}{yy} AS pmr, {yyyy} AS school_year, '{term}' AS term, s.laestab_anon_{trm}{yy} AS school,
        s.entrydate_{trm}{yy} AS entry_date, s.enrolstatus_{trm}{yy} AS enrolment, s.recordstatus_{trm}{yy} AS record_status,
        s.ncyearactual_{trm}{yy} AS year_group
    FROM npd_i2."2005003".{term}_census_{yyyy} AS s
--| end
    UNION ALL
--| for year 2009 to 2021 term spring
    SELECT s.pupilmatchingrefanonymous_{trm}{yy} AS pmr, {yyyy} AS school_year, '{term}' AS term, s.laestab_anon_{trm}{yy} AS school,
        s.entrydate_{trm}{yy} AS entry_date, s.enrolstatus_{trm}{yy} AS enrolment, s.recordstatus_{trm}{yy} AS record_status,
        s.ncyearactual_{trm}{yy} AS year_group
    FROM npd_i2."2005003".{term}_census_{yyyy} AS s
    WHERE s.onroll_{trm}{yy} = 1
--| end
    UNION ALL
--| for year 2009 to 2021 except 2020 term summer
    SELECT s.pupilmatchingrefanonymous_{trm}{yy} AS pmr, {yyyy} AS school_year, '{term}' AS term, s.laestab_anon_{trm}{yy} AS school,
        s.entrydate_{trm}{yy} AS entry_date, s.enrolstatus_{trm}{yy} AS enrolment, s.recordstatus_{trm}{yy} AS record_status,
        s.ncyearactual_{trm}{yy} AS year_group
    FROM npd_i2."2005003".{term}_census_{yyyy} AS s
    WHERE s.onroll_{trm}{yy} = 1
--| end
    UNION ALL
--| for year 2010 to 2021 term autumn
    SELECT s.pupilmatchingrefanonymous_{trm}{yy} AS pmr, {yyyy} AS school_year, '{term}' AS term, s.laestab_anon_{trm}{yy} AS school,
        s.entrydate_{trm}{yy} AS entry_date, s.enrolstatus_{trm}{yy} AS enrolment, s.recordstatus_{trm}{yy} AS record_status,
        s.ncyearactual_{trm}{yy} AS year_group
    FROM npd_i2."2005003".{term}_census_{yyyy} AS s
    WHERE s.onroll_{trm}{yy} = 1
--| end
),
years AS (
    SELECT
        p.ae_id,
        s.school_year,
        MAX(CASE WHEN s.record_status < 100 THEN RTRIM(s.year_group) END) AS year_group,
        MAX(CASE WHEN s.record_status < 100 AND s.term = 'autumn' THEN s.school END) AS autumn,
        MAX(CASE WHEN s.record_status < 100 AND s.term = 'spring' THEN s.school END) AS spring,
        MAX(CASE WHEN s.record_status < 100 AND s.term = 'summer' THEN s.school END) AS summer,
        MAX(CASE WHEN s.record_status < 100 AND s.term = 'autumn' THEN s.entry_date END) AS autumn_entry,
        MAX(CASE WHEN s.record_status < 100 AND s.term = 'spring' THEN s.entry_date END) AS spring_entry,
        MAX(CASE WHEN s.record_status < 100 AND s.term = 'summer' THEN s.entry_date END) AS summer_entry,
        MAX(CASE WHEN s.enrolment IN ('M', 'S') THEN 1 ELSE 0 END) AS dual,
        MAX(CASE WHEN s.record_status >= 100 AND s.enrolment IN ('M', 'S') THEN s.school END) AS second_school
    FROM stacked AS s
    JOIN measures.pmr_person AS p ON p.pmr = s.pmr
    GROUP BY p.ae_id, s.school_year
),
ends AS (
    SELECT
        years.*,
        COALESCE(autumn, spring, summer) AS first_school,
        CASE WHEN autumn IS NOT NULL THEN autumn_entry WHEN spring IS NOT NULL THEN spring_entry ELSE summer_entry END AS first_entry,
        COALESCE(summer, spring, autumn) AS last_school,
        CASE WHEN summer IS NOT NULL THEN summer_entry WHEN spring IS NOT NULL THEN spring_entry ELSE autumn_entry END AS last_entry
    FROM years
    WHERE autumn IS NOT NULL OR spring IS NOT NULL OR summer IS NOT NULL
),
before AS (
    SELECT
        ends.*,
        LAG(school_year) OVER (PARTITION BY ae_id ORDER BY school_year) AS year_before,
        LAG(last_school) OVER (PARTITION BY ae_id ORDER BY school_year) AS school_before,
        LAG(last_entry) OVER (PARTITION BY ae_id ORDER BY school_year) AS entry_before
    FROM ends
),
changes AS (
    -- 0 the same school, 1 a move, 2 a new number of the same school; missing where one of the two is.
    SELECT
        before.*,
        CASE
            WHEN autumn IS NULL OR COALESCE(spring, summer) IS NULL THEN NULL
            WHEN autumn = COALESCE(spring, summer) THEN 0
            WHEN autumn_entry = CASE WHEN spring IS NOT NULL THEN spring_entry ELSE summer_entry END THEN 2
            ELSE 1
        END AS after_autumn,
        CASE
            WHEN spring IS NULL OR summer IS NULL THEN NULL
            WHEN spring = summer THEN 0
            WHEN spring_entry = summer_entry THEN 2
            ELSE 1
        END AS after_spring,
        CASE
            WHEN year_before = school_year - 1 THEN
                CASE WHEN first_school = school_before THEN 0 WHEN first_entry = entry_before THEN 2 ELSE 1 END
        END AS since_last_year
    FROM before
)
SELECT
    ae_id,
    CAST(school_year AS int) AS school_year,
    CAST(year_group AS varchar(2)) AS year_group,
    autumn AS school_autumn,
    spring AS school_spring,
    summer AS school_summer,
    CAST(
        CASE WHEN autumn IS NULL THEN 0 ELSE 1 END + CASE WHEN spring IS NULL THEN 0 ELSE 1 END
        + CASE WHEN summer IS NULL THEN 0 ELSE 1 END AS int
    ) AS terms,
    CASE
        WHEN after_autumn = 1 OR after_spring = 1 THEN 1
        WHEN after_autumn IS NULL AND after_spring IS NULL THEN NULL
        ELSE 0
    END AS moved_in_year,
    CASE WHEN since_last_year = 1 THEN 1 WHEN since_last_year IN (0, 2) THEN 0 END AS moved_since_last_year,
    CASE WHEN after_autumn = 2 OR after_spring = 2 OR since_last_year = 2 THEN 1 ELSE 0 END AS renumbered,
    dual AS dual_registration,
    second_school
FROM changes
