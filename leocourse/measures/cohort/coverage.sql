/*---
title = "Coverage of birth cohorts by school year"
definition = """How many records of the spring census and of key stage results each birth cohort has in each year group, beside the chart that the Department for Education published.
A cell that is charted and empty, or filled and not charted, asks for a reason."""
grain = "one row per birth cohort and year group with any record"
key = ["birth_cohort", "year_group"]
columns = [
  { name = "birth_cohort", type = "int", unit = "year", description = "Calendar year in which the academic year of birth begins." },
  { name = "year_group", type = "int", description = "Year group of that age: 0 reception to 13." },
  { name = "school_year", type = "int", unit = "year", description = "School year, by the year in which it ends." },
  { name = "census_records", type = "int", unit = "records", description = "Main records in the spring census." },
  { name = "result_records", type = "int", unit = "records", description = "Records of the foundation stage profile and of key stages 1, 2, 4 and 5." },
  { name = "charted", type = "int", description = "1 if the published chart of coverage has the cell." },
]
source = "Overview of cohorts in *Longitudinal Education Outcomes (LEO) Dataset*, briefing webinar of the Department for Education, 2025, restated in data/reference/coverage.csv."
years = "1996 to 2021"
lost = "People: records are counted, so a pupil with two key stage 4 records counts twice. Pupils taught out of their age group stand under their age."
traps = [
  "The chart goes beyond 2020/21, the last year of this iteration of the extract.",
  "Key stage 3 results are left out: their table names no year of age in the form's fields for all years.",
  "A cohort is in the census in years 12 and 13 only with those who stay at a school.",
]
group_by = ["birth_cohort"]
---*/
WITH counted AS (
    SELECT stacked.record_year, stacked.age, COUNT(*) AS census, 0 AS results
    FROM (
--| for year 2002 to 2021
        SELECT {yyyy} AS record_year, s.ageatstartofacademicyear_{ 2006 spr}{yy} AS age
        FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
        WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
    ) AS stacked
    GROUP BY stacked.record_year, stacked.age
    UNION ALL
    SELECT CAST(SUBSTRING(fsp_acadyr, 6, 4) AS int), fsp_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".eyfsp_2003_to_2010
    GROUP BY SUBSTRING(fsp_acadyr, 6, 4), fsp_age_start
    UNION ALL
    SELECT CAST(SUBSTRING(ks1_acadyr, 6, 4) AS int), ks1_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".ks1_1998_to_2012
    GROUP BY SUBSTRING(ks1_acadyr, 6, 4), ks1_age_start
    UNION ALL
    SELECT CAST(SUBSTRING(ks2_acadyr, 6, 4) AS int), ks2_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".ks2pupil_1996_to_2016
    GROUP BY SUBSTRING(ks2_acadyr, 6, 4), ks2_age_start
    UNION ALL
    SELECT CAST(SUBSTRING(ks4_acadyr, 6, 4) AS int), ks4_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".ks4pupil_2002_to_2014
    GROUP BY SUBSTRING(ks4_acadyr, 6, 4), ks4_age_start
    UNION ALL
    SELECT CAST(SUBSTRING(ks4_acadyr, 6, 4) AS int), ks4_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".ks4pupil_2015_to_2021
    GROUP BY SUBSTRING(ks4_acadyr, 6, 4), ks4_age_start
    UNION ALL
    SELECT CAST(SUBSTRING(ks5_acadyr, 6, 4) AS int), ks5_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".ks5student_2002_to_2014
    GROUP BY SUBSTRING(ks5_acadyr, 6, 4), ks5_age_start
    UNION ALL
    SELECT CAST(SUBSTRING(ks5_acadyr, 6, 4) AS int), ks5_age_start, 0, COUNT(*)
    FROM npd_i2."2005003".ks5student_2015_to_2021
    GROUP BY SUBSTRING(ks5_acadyr, 6, 4), ks5_age_start
),
cells AS (
    SELECT record_year, age, SUM(census) AS census, SUM(results) AS results
    FROM counted
    WHERE age BETWEEN 4 AND 17
    GROUP BY record_year, age
)
SELECT
    CAST(record_year - age - 2 AS int) AS birth_cohort,
    CAST(age - 4 AS int) AS year_group,
    CAST(record_year AS int) AS school_year,
    CAST(census AS int) AS census_records,
    CAST(results AS int) AS result_records,
    CASE WHEN c.school_year IS NULL THEN 0 ELSE 1 END AS charted
FROM cells
LEFT JOIN reference.coverage AS c
    ON c.birth_cohort = CONCAT(record_year - age - 2, '/', SUBSTRING(CAST(record_year - age - 1 AS varchar(4)), 3, 2))
    AND c.year_group = CASE WHEN age = 4 THEN 'Reception' ELSE CONCAT('Year ', age - 4) END
