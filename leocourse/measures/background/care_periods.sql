/*---
title = "Periods of care"
definition = """Unbroken periods in which a person was looked after by a local authority, from the first day to the last, pieced together from yearly returns.
A period runs from the day on which it began to the day on which its latest episode ended, or to the last 31 March on which it went on."""
grain = "one row per person and unbroken period"
key = ["ae_id", "start_date"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "start_date", type = "date", description = "First day of the period." },
  { name = "end_date", type = "date", description = "Last day of the period that the returns show." },
  { name = "still_open", type = "int", description = "1 if the latest return of the period says that it went on after 31 March." },
  { name = "records", type = "int", unit = "records", description = "Yearly returns behind it." },
]
source = "Fields CLA_POC_START, CLA_DATE_EPI_CEASED and CLA_PROCESSING_YEAR of CLA 2005/06 to 2020/21, LEO variable request form v2.3."
years = "returns of 2005/06 to 2020/21; periods may have begun before"
lost = "A period that ended in a year in which another began: each return holds the latest episode of the year only. Periods that ended before April 2005, or before a child had a pupil reference."
traps = [
  "The return of a year repeats the start of a period that goes on: adding up lengths of records counts it several times.",
  "A period that is open at 31 March and is in no later return ended in the year after, if another period began in that year: the day is not known, and the period is cut at 31 March.",
  "Children under school age have records without a PMR: a period that began and ended then cannot be joined; one that goes on is seen later, with its start.",
]
group_by = ["still_open"]
---*/
WITH latest AS (
    SELECT p.ae_id, c.cla_poc_start AS start_date, MAX(c.cla_processing_year) AS last_year
    FROM npd_i2."2005003".cla_2006_to_2021 AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.cla_pupilmatchingrefanonymous
    WHERE c.cla_poc_start IS NOT NULL
    GROUP BY p.ae_id, c.cla_poc_start
),
reported AS (
    -- One row a return, so that the returns are counted.
    SELECT
        p.ae_id,
        c.cla_poc_start AS start_date,
        COALESCE(c.cla_date_epi_ceased, make_date(c.cla_processing_year, 3, 31)) AS end_date,
        CASE WHEN c.cla_processing_year = l.last_year AND c.cla_date_epi_ceased IS NULL THEN 1 ELSE 0 END AS still_open
    FROM npd_i2."2005003".cla_2006_to_2021 AS c
    JOIN measures.pmr_person AS p ON p.pmr = c.cla_pupilmatchingrefanonymous
    JOIN latest AS l ON l.ae_id = p.ae_id AND l.start_date = c.cla_poc_start
),
--| use merged_spells
