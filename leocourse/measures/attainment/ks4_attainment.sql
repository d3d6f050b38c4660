/*---
title = "Key stage 4 attainment through the reforms"
definition = """The headline measure of each year (five good GCSEs with English and mathematics to 2014/15, Attainment 8 from 2015/16), and one score that can be compared across years.
The score is the place of a pupil among those of the same year: points less their mean in standard deviations, and the percentile."""
grain = "one row per person in the key stage 4 cohort"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", unit = "year", description = "Year in which the academic year of the end of key stage 4 ends." },
  { name = "headline", type = "varchar(20)", description = "The headline measure of the year: `level 2 with E&M` or `attainment 8`." },
  { name = "headline_value", type = "float", unit = "1 or points", description = "Its value: 0 or 1, or points." },
  { name = "level2_em", type = "int", description = "1 for five good GCSEs with English and mathematics, in every year." },
  { name = "basics", type = "int", description = "1 for English and mathematics at C or 4. From 2009/10." },
  { name = "basics_strong", type = "int", description = "1 for English and mathematics at 5. From 2016/17." },
  { name = "ebacc", type = "int", description = "1 for the EBacc. From 2009/10." },
  { name = "attainment_8", type = "float", unit = "points", description = "Attainment 8. From 2015/16." },
  { name = "progress_8", type = "float", unit = "grades", description = "Progress 8. 2015/16 to 2018/19." },
  { name = "points", type = "float", unit = "points of the year", description = "Points that the score rests on: the best eight to 2014/15, Attainment 8 after." },
  { name = "points_standardised", type = "float", unit = "standard deviations", description = "Points less the mean of the year, over the standard deviation." },
  { name = "percentile", type = "float", unit = "per cent", description = "Share of the others in the cohort with fewer points." },
]
parameters = [
  { name = "basis", values = ["headline", "capped points"], default = "headline", description = "Points from 2015/16 on: Attainment 8, or the capped points that go on beside it.", unverified = true },
  { name = "schools", values = ["state-funded", "all"], default = "state-funded", description = "Whether pupils of independent schools are in the cohort in which a pupil is placed: see ks4_cohort." },
  { name = "results", values = ["national", "any"], default = "national", description = "Whether only pupils who count in national results are in it: see ks4_cohort." },
  { name = "record", values = ["more points", "fewer points"], default = "more points", description = "Which of several key stage 4 records of a pupil is kept: see ks4_record." },
]
source = "KS4 pupil and exam tables of the LEO variable request form v2.3. Which points to standardise is our choice; no public source gives one."
years = "2001/02 to 2020/21"
lost = "The size of a pupil's advantage: only the place within the year is kept, so a rise of standards for all does not show. Before 2003/04 a vocational qualification counts once, because its size is not held."
traps = [
  "2001/02 and 2002/03 have no points in the pupil table: the eight best grades of the exam table stand for them (A* 58, A 52, to G 16).",
  "level2_em falls in 2013/14 because the rules changed, and rises in 2019/20 (centre-assessed grades) and 2020/21 (teacher-assessed grades) because no examinations were held; the standardised score shows neither.",
  "A standardised score depends on who is in the cohort: keep schools and results the same in all years.",
]
published = "table=attainment_by_19;column=level2_em"
other_rule = { parameter = "basis", value = "capped points" }
group_by = ["ks4_year", "level2_em"]
---*/
WITH units AS (
    SELECT
        e.ks4_pupilmatchingrefanonymous AS pmr, CAST(SUBSTRING(e.ks4_acadyr, 6, 4) AS int) AS ks4_year,
        CASE WHEN e.ks4_mapping = '5030' THEN 1 ELSE 0 END AS english,
        CASE WHEN e.ks4_mapping = '2210' THEN 1 ELSE 0 END AS maths,
        CASE WHEN e.ks4_grade IN ('A*A*', 'AA', 'BB', 'CC', 'DD', 'EE', 'FF', 'GG') THEN 1 ELSE 0 END AS double_award,
        CASE
            WHEN e.ks4_grade IN ('A*', 'A*A*', '*2') THEN 58
            WHEN e.ks4_grade IN ('A', 'AA', 'D2') THEN 52
            WHEN e.ks4_grade IN ('B', 'BB', 'M2') THEN 46
            WHEN e.ks4_grade IN ('C', 'CC', 'P2') THEN 40
            WHEN e.ks4_grade IN ('D', 'DD') THEN 34
            WHEN e.ks4_grade IN ('E', 'EE') THEN 28
            WHEN e.ks4_grade IN ('F', 'FF') THEN 22
            WHEN e.ks4_grade IN ('G', 'GG') THEN 16
            ELSE 0
        END AS points
    FROM npd_i2."2005003".ks4exam_2002_to_2014 AS e
    WHERE e.ks4_acadyr IN ('2001/2002', '2002/2003') AND COALESCE(e.ks4_disc3, 0) = 0
),
entries AS (
    SELECT
        u.pmr, u.ks4_year, u.english, u.maths, u.points,
        ROW_NUMBER() OVER (PARTITION BY u.pmr, u.ks4_year ORDER BY u.points DESC) AS place
    FROM (
        SELECT pmr, ks4_year, english, maths, points FROM units
        UNION ALL
        SELECT pmr, ks4_year, english, maths, points FROM units WHERE double_award = 1
    ) AS u
),
before_2004 AS (
    SELECT
        pmr, ks4_year,
        SUM(CASE WHEN place <= 8 THEN points ELSE 0 END) AS capped_points,
        CASE
            WHEN SUM(CASE WHEN points >= 40 THEN 1 ELSE 0 END) >= 5
                AND MAX(CASE WHEN english = 1 THEN points ELSE 0 END) >= 40
                AND MAX(CASE WHEN maths = 1 THEN points ELSE 0 END) >= 40
            THEN 1
            ELSE 0
        END AS level2_em
    FROM entries
    GROUP BY pmr, ks4_year
),
pointed AS (
    SELECT
        k.ae_id, k.ks4_year, k.attainment_8, k.progress_8, k.basics, k.basics_strong, k.ebacc,
        CASE WHEN k.ks4_year < 2004 THEN COALESCE(b.level2_em, 0) ELSE k.level2_em END AS level2_em,
        CASE
            WHEN k.ks4_year >= 2016 AND $basis = 'headline' THEN k.attainment_8
            WHEN k.ks4_year < 2004 THEN COALESCE(b.capped_points, 0)
            ELSE k.capped_points
        END AS points
    FROM measures.ks4_cohort AS c
    JOIN measures.ks4_record AS k ON k.ae_id = c.ae_id
    LEFT JOIN before_2004 AS b ON b.pmr = k.pmr AND b.ks4_year = k.ks4_year
),
spread AS (
    SELECT
        ks4_year, AVG(points) AS mean, SQRT(AVG(points * points) - AVG(points) * AVG(points)) AS deviation
    FROM pointed
    GROUP BY ks4_year
)
SELECT
    p.ae_id,
    p.ks4_year,
    CAST(CASE WHEN p.ks4_year >= 2016 THEN 'attainment 8' ELSE 'level 2 with E&M' END AS varchar(20)) AS headline,
    CAST(CASE WHEN p.ks4_year >= 2016 THEN p.attainment_8 ELSE p.level2_em END AS double precision) AS headline_value,
    CAST(p.level2_em AS int) AS level2_em,
    p.basics,
    p.basics_strong,
    p.ebacc,
    p.attainment_8,
    p.progress_8,
    CAST(p.points AS double precision) AS points,
    CAST((p.points - s.mean) / NULLIF(s.deviation, 0) AS double precision) AS points_standardised,
    CAST(100 * PERCENT_RANK() OVER (PARTITION BY p.ks4_year ORDER BY p.points) AS double precision) AS percentile
FROM pointed AS p
JOIN spread AS s ON s.ks4_year = p.ks4_year
