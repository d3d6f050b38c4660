/*---
title = "Apprenticeship starters"
definition = """Apprenticeships that a person began, with level, start, end and what came of them.
Programme aims alone count, and the same programme returned in several academic years is one start.
Whoever comes back from a break to the same level, framework or standard, and provider goes on: a restart is no start."""
grain = "one row per person and apprenticeship"
key = ["ae_id", "number"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "number", type = "int", description = "1 for the first apprenticeship of the person, 2 for the next." },
  { name = "start_date", type = "date", unit = "day", description = "Start of the programme." },
  { name = "start_year", type = "int", unit = "year", description = "Academic year of the start (August to July), by the year in which it ends." },
  { name = "level", type = "int", description = "Level: 2 intermediate, 3 advanced, 4, 5, and 6 for 6 and above." },
  { name = "standard", type = "int", description = "1 if on a standard, 0 if on a framework." },
  { name = "sector", type = "varchar(30)", description = "Sector subject area, first tier. From 2004/05." },
  { name = "end_date", type = "date", unit = "day", description = "Latest end that is recorded, after a restart that of the last part; missing if it goes on or the date was lost." },
  { name = "restarts", type = "int", description = "How often the person came back to it from a break." },
  { name = "completed", type = "int", description = "1 if a record says completed." },
  { name = "achieved", type = "int", description = "1 if a record says achieved." },
]
parameters = [
  { name = "starts", values = ["all", "first"], default = "all", description = "Every apprenticeship of a person, or the first alone." },
  { name = "restarts", values = ["joined", "separate"], default = "joined", description = "Whether a restart after a break belongs to the apprenticeship before the break, or is one more." },
]
source = "Fields app, aimtype, LevelOfLearning, framework_id, standard_id, ukprn_anon, start_date, compstatus, completion and achievement of LILR aims, LEO variable request form v2.3. That a restart is one with the same level, programme and provider after compstatus 6 is our rule: the form has no field for the original start."
years = "2002/03 to 2020/21"
lost = "The provider; the days of a break; a restart with another provider or programme counts as a new start; level 6 and level 7."
traps = [
  "An apprenticeship has a programme aim and component aims: counting rows counts it twice or more.",
  "It stands in every academic year that it touches: counting years counts it again.",
  "A lost end date is written 1900-01-01.",
  "After a break (compstatus 6) the same programme begins again on another day, and the flag start is 1 once more: counting start dates, or the flag, counts it twice.",
  "Apprentices outside England are not in this record.",
]
other_rule = { parameter = "starts", value = "first" }
group_by = ["level", "start_year"]
---*/
WITH programmes AS (
    SELECT
        p.ae_id, a.start_date, a.leveloflearning AS ladder,
        COALESCE(MAX(a.framework_id), -1) AS framework, COALESCE(MAX(a.standard_id), -1) AS standard_code,
        MAX(a.ukprn_anon) AS provider, MAX(CASE WHEN a.compstatus = 6 THEN 1 ELSE 0 END) AS broken_off,
        MAX(a.ssatier1) AS area,
        MAX(a.standardapp) AS standard, MAX(a.completion) AS completed, MAX(a.achievement) AS achieved,
        MAX(CASE WHEN a.end_date = CAST('1900-01-01' AS date) THEN NULL ELSE a.end_date END) AS end_date
    FROM lilr_i2."2005003".aims AS a
    JOIN measures.record_person AS p ON p.recordid = a.recordid
    WHERE a.app = 1 AND a.aimtype IN (1, 35)
    GROUP BY p.ae_id, a.start_date, a.leveloflearning
),
followed AS (
    SELECT
        programmes.*,
        LAG(broken_off) OVER (PARTITION BY ae_id, ladder, framework, standard_code, provider ORDER BY start_date) AS broken_before
    FROM programmes
),
counted AS (
    SELECT
        followed.*,
        SUM(CASE WHEN broken_before = 1 AND $restarts = 'joined' THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id, ladder, framework, standard_code, provider ORDER BY start_date
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS which
    FROM followed
),
placed AS (
    SELECT
        counted.*,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id, ladder, framework, standard_code, provider, which ORDER BY start_date DESC
        ) AS from_the_end
    FROM counted
),
joined AS (
    SELECT
        ae_id, ladder, MIN(start_date) AS start_date, MAX(area) AS area, MAX(standard) AS standard,
        MAX(completed) AS completed, MAX(achieved) AS achieved,
        MAX(CASE WHEN from_the_end = 1 THEN end_date END) AS end_date, COUNT(*) - 1 AS restarts
    FROM placed
    GROUP BY ae_id, ladder, framework, standard_code, provider, which
),
numbered AS (
    SELECT
        joined.*,
        CASE
            WHEN ladder = 7.5 THEN 2
            WHEN ladder = 9.5 THEN 3
            WHEN ladder = 10.1 THEN 4
            WHEN ladder = 10.2 THEN 5
            WHEN ladder = 10.3 THEN 6
        END AS level,
        ROW_NUMBER() OVER (PARTITION BY ae_id ORDER BY start_date, ladder) AS number
    FROM joined
)
SELECT
    ae_id,
    CAST(number AS int) AS number,
    start_date,
    CAST(CASE WHEN MONTH(start_date) >= 8 THEN YEAR(start_date) + 1 ELSE YEAR(start_date) END AS int) AS start_year,
    CAST(level AS int) AS level,
    CAST(standard AS int) AS standard,
    CAST(area AS varchar(30)) AS sector,
    end_date,
    CAST(restarts AS int) AS restarts,
    CAST(completed AS int) AS completed,
    CAST(achieved AS int) AS achieved
FROM numbered
WHERE $starts = 'all' OR number = 1
