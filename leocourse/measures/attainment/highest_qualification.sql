/*---
title = "Highest qualification"
definition = """The highest level of any qualification that a person is recorded to have obtained by the end of an academic year: school, college, apprenticeship or university.
Levels 1 to 3 come from YPMAD and achieved aims, apprenticeships from programme aims, levels 4 to 8 from HESA qualifiers and from achieved aims at these levels outside a programme, such as a foundation degree that a college teaches."""
grain = "one row per person"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "highest_level", type = "int", unit = "level", description = "0 nothing recorded, 1 to 8." },
  { name = "highest_group", type = "varchar(20)", description = "The same in the groups of published career pathways: below level 2, level 2, level 3, level 4 or 5, level 6, level 7 and above." },
]
parameters = [
  { name = "until", type = "int", minimum = 2002, maximum = 2021, default = 2021, description = "Academic year up to which qualifications count, by the year in which it ends." },
  { name = "other_undergraduate", values = [4, 5], default = 4, description = "Level of an undergraduate qualification other than a first degree: HESA gives one group for levels 4 and 5.", unverified = true },
]
source = "YPMAD, LILR aims and HESA student record of the LEO variable request form v2.3; groups as in the career pathways dashboard of the Department for Education."
years = "qualifications of 2001/02 to 2020/21; HESA to 2019/20"
lost = "Qualifications gained outside England or by people who cannot be linked, and levels 6 and 7 of apprenticeships apart."
traps = [
  "0 means that nothing is recorded, not that a person has nothing: those educated elsewhere stand here too.",
  "HESA ends a year earlier than the other sources.",
  "An achieved aim below a full level counts as level 1 only, if it is not at level 4 or above.",
  "Higher education that a college teaches under its own name is in the learning aims and not in HESA.",
]
other_rule = { parameter = "until", value = 2015 }
group_by = ["highest_group"]
---*/
WITH reached AS (
    SELECT ypmad_pupilmatchingrefanonymous AS pmr, CAST(SUBSTRING(ypmad_year_l1, 6, 4) AS int) AS gained, 1 AS level
    FROM npd_i2."2005003".ypmad_snapshot_2021
    UNION ALL
    SELECT ypmad_pupilmatchingrefanonymous, CAST(SUBSTRING(ypmad_year_l2, 6, 4) AS int), 2
    FROM npd_i2."2005003".ypmad_snapshot_2021
    UNION ALL
    SELECT ypmad_pupilmatchingrefanonymous, CAST(SUBSTRING(ypmad_year_l3, 6, 4) AS int), 3
    FROM npd_i2."2005003".ypmad_snapshot_2021
    UNION ALL
--| for year 2005 to 2020
    SELECT h.he_pupilmatchingrefanonymous, {yyyy},
        CASE h.he_xqlev501 WHEN '1' THEN 8 WHEN '2' THEN 7 WHEN '3' THEN 6 WHEN '4' THEN $other_undergraduate END
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1
--| end
),
by_person AS (
    SELECT p.ae_id, MAX(r.level) AS level
    FROM reached AS r
    JOIN measures.pmr_person AS p ON p.pmr = r.pmr
    WHERE r.gained <= $until
    GROUP BY p.ae_id
    UNION ALL
    SELECT
        p.ae_id,
        MAX(CASE
            WHEN a.app = 1 THEN
                CASE WHEN a.leveloflearning = 7.5 THEN 2 WHEN a.leveloflearning = 9.5 THEN 3
                    WHEN a.leveloflearning = 10.1 THEN 4 WHEN a.leveloflearning = 10.2 THEN 5
                    WHEN a.leveloflearning = 10.3 THEN 6 END
            WHEN a.aimtype = 4 AND a.notional_level_v2 BETWEEN 4 AND 8 THEN a.notional_level_v2
            WHEN a.fulll3 = 1 THEN 3
            WHEN a.fulll2 = 1 THEN 2
            WHEN a.notional_level_v2 >= 1 THEN 1
        END)
    FROM lilr_i2."2005003".aims AS a
    JOIN measures.record_person AS p ON p.recordid = a.recordid
    WHERE a.achievement = 1 AND a.year < $until
    GROUP BY p.ae_id
),
highest AS (
    SELECT ae_id, MAX(level) AS level FROM by_person GROUP BY ae_id
)
SELECT
    p.ae_id,
    CAST(COALESCE(h.level, 0) AS int) AS highest_level,
    CAST(CASE
        WHEN h.level >= 7 THEN 'level 7 and above'
        WHEN h.level = 6 THEN 'level 6'
        WHEN h.level >= 4 THEN 'level 4 or 5'
        WHEN h.level = 3 THEN 'level 3'
        WHEN h.level = 2 THEN 'level 2'
        ELSE 'below level 2'
    END AS varchar(20)) AS highest_group
FROM measures.person AS p
LEFT JOIN highest AS h ON h.ae_id = p.ae_id
WHERE p.kept = 1
