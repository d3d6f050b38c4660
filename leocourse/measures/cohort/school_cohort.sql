/*---
title = "School cohort (year 11)"
definition = """School year in which a person was in year 11, by the year in which it ends: 2011 is 2010/11.
What you choose decides: the key stage 4 record, the spring census or the month and year of birth; the next of them stands in where one is missing."""
grain = "one row per person with a year of birth"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "school_cohort", type = "int", unit = "year", description = "Year of year 11 under that choice." },
  { name = "expected_by_birth", type = "int", unit = "year", description = "Year in which somebody of this age is in year 11: birth cohort plus 17." },
  { name = "year_11_in_census", type = "int", unit = "year", description = "Latest spring census with the person in year 11." },
  { name = "year_of_ks4", type = "int", unit = "year", description = "Year of the key stage 4 record at the end of the key stage." },
]
parameters = [
  { name = "decides", values = ["ks4", "census", "birth"], default = "ks4", description = "What decides: the key stage 4 record, the spring census, or the month and year of birth." },
]
source = "NCyearActual of the school census, the key stage 4 table and dates of birth, LEO variable request form v2.3."
years = "2001/02 to 2020/21; by birth also later"
lost = "Repeated years: the latest census with the person in year 11 counts."
traps = [
  "Year group and age differ for a few pupils: by birth they belong to another cohort.",
  "Those of independent schools are in no census, nor are those in alternative provision; units are in it from 2013/14.",
  "Year groups can end in a blank, as published code that cleans them expects.",
  "People who came to England after 16 have no year 11.",
]
other_rule = { parameter = "decides", value = "birth" }
group_by = ["school_cohort"]
---*/
WITH stacked AS (
--| for year 2002 to 2021
    SELECT s.pupilmatchingrefanonymous_{ 2006 spr}{yy} AS pmr, {yyyy} AS record_year,
        s.{actualncyeargroup 2003 ncyearactual}_{ 2006 spr}{yy} AS year_group
    FROM npd_i2."2005003".{plasc 2006 spring_census}_{yyyy} AS s
    WHERE s.recordstatus_{ 2006 spr}{yy} < 100
--| end
),
census AS (
    SELECT p.ae_id, MAX(c.year_11) AS year_11
    FROM (SELECT pmr, MAX(record_year) AS year_11 FROM stacked WHERE RTRIM(year_group) = '11' GROUP BY pmr) AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.pmr
    GROUP BY p.ae_id
),
known AS (
    SELECT
        b.ae_id, b.birth_cohort + 17 AS expected, c.year_11 AS census_year,
        CASE WHEN k.end_of_ks4 = 1 THEN k.ks4_year END AS ks4_year
    FROM measures.birth_cohort AS b
    LEFT JOIN census AS c ON c.ae_id = b.ae_id
    LEFT JOIN measures.ks4_record AS k ON k.ae_id = b.ae_id
)
SELECT
    ae_id,
    CAST(CASE $decides
        WHEN 'birth' THEN expected
        WHEN 'census' THEN COALESCE(census_year, ks4_year, expected)
        ELSE COALESCE(ks4_year, census_year, expected)
    END AS int) AS school_cohort,
    CAST(expected AS int) AS expected_by_birth,
    CAST(census_year AS int) AS year_11_in_census,
    CAST(ks4_year AS int) AS year_of_ks4
FROM known
