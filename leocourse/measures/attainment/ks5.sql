/*---
title = "Key stage 5 points"
definition = """Points of A levels and their vocational equals at the end of key stage 5, in all and per entry, on the scale of the year.
The standardised points are the distance from the mean of the year in standard deviations, so that both scales can be used together."""
grain = "one row per person with a key stage 5 record"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks5_year", type = "int", unit = "year", description = "Year in which the academic year of the record ends." },
  { name = "records", type = "int", unit = "records", description = "Key stage 5 records that the person has." },
  { name = "scale", type = "varchar(10)", description = "`A is 270` to 2014/15 (30 a grade), `A is 50` from 2015/16 (10 a grade)." },
  { name = "points", type = "float", unit = "points of the year", description = "Total points (KS5_TOTPTS)." },
  { name = "entries", type = "float", unit = "A levels", description = "Entries in units of an A level (KS5_TOTENTS). From 2003/04." },
  { name = "points_per_entry", type = "float", unit = "points of the year", description = "Points over entries. From 2003/04." },
  { name = "points_standardised", type = "float", unit = "standard deviations", description = "Points less the mean of the year, over the standard deviation." },
  { name = "a_level_entries", type = "int", unit = "A levels", description = "A levels entered." },
  { name = "a_level_passes", type = "int", unit = "A levels", description = "A levels passed." },
  { name = "two_level_3_passes", type = "int", description = "1 for two A levels or their equal. 2008/09 to 2014/15 and from 2016/17." },
]
parameters = [
  { name = "record", values = ["latest", "more points"], default = "latest", description = "Which of several records of a person is kept." },
]
source = "KS5 student table of the LEO variable request form v2.3. Standardising within a year is our choice."
years = "2001/02 to 2020/21"
lost = "Subjects and single grades; AS levels."
traps = [
  "The points of a grade change in 2015/16.",
  "Only those who reach the end of key stage 5 have a record: averages are of a selected group.",
  "Examinations were not held in 2019/20 (centre-assessed grades) and in 2020/21 (teacher-assessed grades).",
]
other_rule = { parameter = "record", value = "more points" }
group_by = ["ks5_year"]
---*/
WITH records AS (
    SELECT ks5_pupilmatchingrefanonymous AS pmr, ks5_acadyr, ks5_version, ks5_laestab_anon AS school, ks5_totpts AS points,
        ks5_totents AS entries, ks5_entry_ga AS a_level_entries, ks5_passes_ga AS a_level_passes,
        ks5_pass2lv3 AS two_passes
    FROM npd_i2."2005003".ks5student_2002_to_2014
    UNION ALL
    SELECT ks5_pupilmatchingrefanonymous, ks5_acadyr, ks5_version, ks5_laestab_anon, ks5_totpts, ks5_totents, ks5_entry_ga,
        ks5_passes_ga, ks5_pass2lv3
    FROM npd_i2."2005003".ks5student_2015_to_2021
),
ranked AS (
    SELECT
        p.ae_id, CAST(SUBSTRING(r.ks5_acadyr, 6, 4) AS int) AS ks5_year, r.points, r.entries, r.a_level_entries,
        r.a_level_passes, r.two_passes,
        COUNT(*) OVER (PARTITION BY p.ae_id) AS records,
        ROW_NUMBER() OVER (
            PARTITION BY p.ae_id
            ORDER BY
                CASE WHEN $record = 'latest' THEN r.ks5_acadyr ELSE '' END DESC,
                CASE WHEN r.points IS NULL THEN 1 ELSE 0 END, r.points DESC,
                CASE r.ks5_version WHEN 'F' THEN 1 WHEN 'A' THEN 2 ELSE 3 END, r.ks5_acadyr, r.school, r.pmr
        ) AS place
    FROM records AS r
    JOIN measures.pmr_person AS p ON p.pmr = r.pmr
),
kept AS (
    SELECT ranked.*, CAST(points AS double precision) AS total FROM ranked WHERE place = 1
),
spread AS (
    SELECT ks5_year, AVG(total) AS mean, SQRT(AVG(total * total) - AVG(total) * AVG(total)) AS deviation
    FROM kept
    GROUP BY ks5_year
)
SELECT
    k.ae_id,
    CAST(k.ks5_year AS int) AS ks5_year,
    CAST(k.records AS int) AS records,
    CAST(CASE WHEN k.ks5_year <= 2015 THEN 'A is 270' ELSE 'A is 50' END AS varchar(10)) AS scale,
    k.total AS points,
    CAST(k.entries AS double precision) AS entries,
    CAST(k.total / NULLIF(k.entries, 0) AS double precision) AS points_per_entry,
    CAST((k.total - s.mean) / NULLIF(s.deviation, 0) AS double precision) AS points_standardised,
    CAST(k.a_level_entries AS int) AS a_level_entries,
    CAST(k.a_level_passes AS int) AS a_level_passes,
    CAST(k.two_passes AS int) AS two_level_3_passes
FROM kept AS k
JOIN spread AS s ON s.ks5_year = k.ks5_year
