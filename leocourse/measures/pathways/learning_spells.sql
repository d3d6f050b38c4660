/*---
title = "Spells of learning after year 11"
definition = """When a person is at a school sixth form, in further education, in an apprenticeship or in higher education, from four kinds of record.
Each record gives a spell within its academic year; spells may overlap, because a learner has several aims."""
grain = "one row per person, kind, level and pair of dates"
key = ["ae_id", "kind", "level", "start_date", "end_date"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "kind", type = "varchar(27)", description = "school, further education, intermediate apprenticeship (level 2), advanced apprenticeship (3), higher apprenticeship (4 and above) or higher education." },
  { name = "level", type = "int", description = "Level of the aim or of the course; 3 at school, -1 if unknown (as before 2004/05)." },
  { name = "start_date", type = "date", description = "First day in the academic year." },
  { name = "end_date", type = "date", description = "Last day in the academic year." },
]
source = "Young people's matched administrative data (who was in a school census at 16 and after), key stage 5 entries, learning aims of the individualised learner record and HESA student records of the LEO variable request form v2.3. School spells run from 1 September to 31 August, as in the published metrics script of Youth-Transitions/resources."
years = "2001/02 to 2020/21; higher education 2004/05 to 2019/20"
lost = "The day on which a pupil leaves a sixth form, pupils whom the matched administrative data do not have (the censuses themselves may), and school after the fourth year after year 11. Aims withdrawn from of which the end was lost (1900-01-01) have no spell."
traps = [
  "An aim that goes on has no end: it is taken to last until 31 July of the year of its record.",
  "A lost end appears as 1900-01-01: the planned end stands in for it.",
  "Independent sixth forms send no census: their pupils are seen in the year of the key stage 5 entry only.",
  "An apprenticeship has a programme aim and component aims: counting rows counts it twice or more.",
  "Higher education that a college teaches under its own name is in the learning aims: a spell of further education at level 5.",
  "A component, such as functional skills, may have a lower level than the apprenticeship: LevelOfLearning has that of the whole.",
]
group_by = ["kind", "level"]
---*/
WITH sixth_form AS (
    -- The matched administrative data say in one table who was in which year's census; the censuses are many views.
    SELECT y.ypmad_pupilmatchingrefanonymous AS pmr, CAST(y.ypmad_ac_year AS int) AS academic_year
    FROM npd_i2."2005003".ypmad_chronological_2002_to_2021 AS y
    WHERE y.ypmad_census_dataonpupil = 1 AND y.ypmad_ageatstartofacadyear >= 16
    UNION
    SELECT ks5_pupilmatchingrefanonymous, CAST(SUBSTRING(ks5_acadyr, 6, 4) AS int)
    FROM npd_i2."2005003".ks5student_2002_to_2014
    UNION
    SELECT ks5_pupilmatchingrefanonymous, CAST(SUBSTRING(ks5_acadyr, 6, 4) AS int)
    FROM npd_i2."2005003".ks5student_2015_to_2021
),
pupils AS (
    SELECT DISTINCT k.ae_id, s.academic_year
    FROM sixth_form AS s
    JOIN measures.pmr_person AS k ON k.pmr = s.pmr
),
aims AS (
    SELECT
        k.ae_id,
        CASE
            WHEN a.programme_type = 3 THEN 'intermediate apprenticeship'
            WHEN a.programme_type = 2 THEN 'advanced apprenticeship'
            WHEN a.programme_type IN (10, 20, 21, 22, 23) THEN 'higher apprenticeship'
            WHEN a.programme_type = 25 AND a.leveloflearning < 8 THEN 'intermediate apprenticeship'
            WHEN a.programme_type = 25 AND a.leveloflearning < 10 THEN 'advanced apprenticeship'
            WHEN a.programme_type = 25 THEN 'higher apprenticeship'
            ELSE 'further education'
        END AS kind,
        COALESCE(a.notional_level_v2, -1) AS level,
        CASE
            WHEN a.start_date > make_date(a.year, 8, 1) THEN a.start_date ELSE make_date(a.year, 8, 1)
        END AS start_date,
        CASE
            WHEN a.end_date > DATE '1900-01-01' THEN a.end_date
            WHEN a.end_date = DATE '1900-01-01' AND a.compstatus = 3 THEN NULL
            WHEN a.end_date = DATE '1900-01-01' AND a.end_date_expected < make_date(a.year + 1, 7, 31)
                THEN a.end_date_expected
            ELSE make_date(a.year + 1, 7, 31)
        END AS end_date
    FROM lilr_i2."2005003".aims AS a
    JOIN measures.record_person AS k ON k.recordid = a.recordid
)
SELECT
    ae_id,
    'school' AS kind,
    3 AS level,
    make_date(academic_year - 1, 9, 1) AS start_date,
    make_date(academic_year, 8, 31) AS end_date
FROM pupils
UNION ALL
SELECT DISTINCT ae_id, kind, level, start_date, end_date FROM aims WHERE start_date <= end_date
UNION ALL
SELECT ae_id, 'higher education' AS kind, level, start_date, end_date FROM measures.university_years
