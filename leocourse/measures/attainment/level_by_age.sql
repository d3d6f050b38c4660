/*---
title = "Level 2 and level 3 by age 19"
definition = """Whether a young person had reached level 2 and level 3 by the end of the academic year in which they turned 19, in any institution.
The matched administrative data of young people (YPMAD) bring together school, college and apprenticeship results; published figures rest on them."""
grain = "one row per person in YPMAD"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "year_11", type = "int", unit = "year", description = "Academic year of year 11 (YPMAD_BASE_YEAR), by the year in which it ends." },
  { name = "level2", type = "int", description = "1 if level 2 was reached by the age, 0 if not. Missing if the age lies after 2020/21." },
  { name = "level3", type = "int", description = "1 if level 3 was reached by the age, 0 if not. Missing if the age lies after 2020/21." },
]
parameters = [
  { name = "age", type = "int", minimum = 16, maximum = 21, default = 19, description = "Age by which the level was reached, at the end of the academic year." },
]
source = "YPMAD snapshot of the LEO variable request form v2.3; *Level 2 and 3 attainment by age 19* of the Department for Education."
years = "those in year 11 from 2001/02; the snapshot is of 2020/21"
lost = "By which qualification, and qualifications gained after 21."
traps = [
  "Published figures are of those at state-funded schools at 15: join ks4_cohort.",
  "The cohort turning 19 in 2018 was in year 11 in 2014/15.",
  "Young people who left England count as not having reached the level.",
]
published = "table=attainment_by_19;column=level3"
other_rule = { parameter = "age", value = 18 }
group_by = ["year_11", "level3"]
---*/
SELECT
    p.ae_id,
    CAST(MIN(y.ypmad_base_year) AS int) AS year_11,
    CAST(MAX(CASE $age WHEN 16 THEN y.ypmad_l2_at_16 WHEN 17 THEN y.ypmad_l2_at_17 WHEN 18 THEN y.ypmad_l2_at_18
        WHEN 19 THEN y.ypmad_l2_at_19 WHEN 20 THEN y.ypmad_l2_at_20 ELSE y.ypmad_l2_at_21 END) AS int) AS level2,
    CAST(MAX(CASE $age WHEN 16 THEN y.ypmad_l3_at_16 WHEN 17 THEN y.ypmad_l3_at_17 WHEN 18 THEN y.ypmad_l3_at_18
        WHEN 19 THEN y.ypmad_l3_at_19 WHEN 20 THEN y.ypmad_l3_at_20 ELSE y.ypmad_l3_at_21 END) AS int) AS level3
FROM npd_i2."2005003".ypmad_snapshot_2021 AS y
JOIN measures.pmr_person AS p ON p.pmr = y.ypmad_pupilmatchingrefanonymous
GROUP BY p.ae_id
