/*---
title = "Key stage 4: the record of a person"
definition = """The one key stage 4 record that is kept for each person, with the headline measures of all years under one set of names.
A record at the end of the key stage goes before others, then the one with more points, then the earlier year, the later version and the lower school code."""
grain = "one row per person with a key stage 4 record"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "pmr", type = "varchar(18)", description = "PMR of the record kept." },
  { name = "ks4_year", type = "int", unit = "year", description = "Year in which the academic year ends." },
  { name = "records", type = "int", unit = "records", description = "Records that the person has in all years." },
  { name = "kept_because", type = "varchar(40)", description = "Why this record: `only record`, `only one at the end of key stage 4`, or the rule chosen." },
  { name = "end_of_ks4", type = "int", description = "1 if at the end of key stage 4 (KS4_ENDKS; before 2006/07, when the field is missing, age 15 on 31 August before)." },
  { name = "in_national_results", type = "int", description = "1 if the pupil counts in national results (KS4_NATRES). From 2003/04." },
  { name = "school_type", type = "int", description = "School type by intake (KS4_NEW_TYPE): 5 is independent. From 2008/09." },
  { name = "school", type = "varchar(10)", description = "Pseudonymised school." },
  { name = "capped_points", type = "float", unit = "points", description = "Capped points with English and mathematics (KS4_PTSCNEWE and its successors). From 2003/04; the points of a grade change in 2015/16 and 2016/17." },
  { name = "level2", type = "int", description = "1 for five GCSEs at A* to C or 9 to 4 or their equal. From 2003/04." },
  { name = "level2_em", type = "int", description = "1 for the same with English and mathematics. From 2003/04." },
  { name = "basics", type = "int", description = "1 for English and mathematics at C or 4. From 2009/10." },
  { name = "basics_strong", type = "int", description = "1 for English and mathematics at 5. From 2016/17." },
  { name = "ebacc", type = "int", description = "1 for the EBacc. From 2009/10." },
  { name = "attainment_8", type = "float", unit = "points", description = "Attainment 8. From 2015/16." },
  { name = "progress_8", type = "float", unit = "grades", description = "Progress 8: Attainment 8 less that of pupils with the same key stage 2, in tenths. 2015/16 to 2018/19." },
  { name = "entries", type = "float", unit = "entries", description = "GCSE entries." },
  { name = "english_grade", type = "varchar(4)", description = "Best grade in English, on the scale of the year. From 2005/06." },
  { name = "maths_grade", type = "varchar(4)", description = "Best grade in mathematics, on the scale of the year. From 2005/06." },
]
parameters = [
  { name = "record", values = ["more points", "fewer points"], default = "more points", description = "Which of several records of a pupil at the end of the key stage is kept. Published scripts keep the higher one; `fewer points` shows what depends on that." },
]
source = "KS4 pupil table of the LEO variable request form v2.3; keeping the higher of two records follows the published scripts of Youth-Transitions/resources."
years = "2001/02 to 2020/21"
lost = "The other records, and measures outside the headlines. KS4_NORFLAGE, which says why a pupil does not count on roll."
traps = [
  "The same measure changes its name with the rules: _PTQ in 2013/14, _PTQ_EE from 2014/15, _94 from 2016/17. Under one name here, it is still not comparable across those years.",
  "From 2013/14 non-GCSEs count as one GCSE at most and two in all (the Wolf reforms), and by another policy first entries count: level2_em fell for those two reasons alone.",
  "Examinations were not held in 2019/20 (centre-assessed grades) and in 2020/21 (teacher-assessed grades).",
  "No points are held for 2001/02 and 2002/03, so entries decide between two records then.",
]
other_rule = { parameter = "record", value = "fewer points" }
group_by = ["ks4_year"]
---*/
WITH records AS (
    SELECT
        ks4_pupilmatchingrefanonymous AS pmr,
        CAST(SUBSTRING(ks4_acadyr, 6, 4) AS int) AS ks4_year,
        ks4_version AS version,
        ks4_laestab_anon AS school,
        ks4_new_type AS school_type,
        ks4_endks AS end_of_ks4,
        ks4_age_start AS age,
        ks4_norflage AS on_roll,
        ks4_natres AS in_national_results,
        COALESCE(ks4_ptscnewe, ks4_ptscnewe_ptq) AS capped_points,
        COALESCE(ks4_level2, ks4_level2_ptq) AS level2,
        COALESCE(ks4_level2_em, ks4_level2_em_ptq) AS level2_em,
        COALESCE(ks4_l2basics, ks4_l2basics_ptq) AS basics,
        CAST(NULL AS smallint) AS basics_strong,
        COALESCE(ks4_ebacc, ks4_ebacc_ptq) AS ebacc,
        CAST(NULL AS decimal(9, 4)) AS attainment_8,
        CAST(NULL AS decimal(9, 4)) AS progress_8,
        COALESCE(ks4_entry_g, ks4_entry_g_ptq) AS entries,
        COALESCE(ks4_apeng, ks4_apeng_ptq) AS english,
        COALESCE(ks4_apmat, ks4_apmat_ptq) AS maths
    FROM npd_i2."2005003".ks4pupil_2002_to_2014
    UNION ALL
    SELECT
        ks4_pupilmatchingrefanonymous AS pmr,
        CAST(SUBSTRING(ks4_acadyr, 6, 4) AS int) AS ks4_year,
        ks4_version AS version,
        ks4_laestab_anon AS school,
        ks4_new_type AS school_type,
        ks4_endks AS end_of_ks4,
        ks4_age_start AS age,
        ks4_norflage AS on_roll,
        ks4_natres AS in_national_results,
        ks4_ptscnewe_ptq_ee AS capped_points,
        ks4_level2_ptq_ee AS level2,
        ks4_level2_em_94 AS level2_em,
        COALESCE(ks4_l2basics_ptq_ee, ks4_l2basics_94, ks4_l2basics_ll_ptq_ee) AS basics,
        ks4_l2basics_95 AS basics_strong,
        COALESCE(ks4_ebacc_ptq_ee, ks4_ebacc_94) AS ebacc,
        ks4_att8 AS attainment_8,
        ks4_p8score AS progress_8,
        ks4_entry_g_ptq_ee AS entries,
        COALESCE(ks4_apeng_ptq_ee, ks4_apeng_91) AS english,
        COALESCE(ks4_apmat_ptq_ee, ks4_apmat_91) AS maths
    FROM npd_i2."2005003".ks4pupil_2015_to_2021
),
compared AS (
    SELECT
        p.ae_id, r.*,
        CASE WHEN COALESCE(r.end_of_ks4, CASE WHEN r.age = 15 THEN 1 ELSE 0 END) = 1 THEN 1 ELSE 0 END AS at_end,
        COALESCE(r.attainment_8, r.capped_points, r.entries, 0) AS points
    FROM records AS r
    JOIN measures.pmr_person AS p ON p.pmr = r.pmr
),
ranked AS (
    SELECT
        c.*,
        COUNT(*) OVER (PARTITION BY ae_id) AS records,
        SUM(at_end) OVER (PARTITION BY ae_id) AS records_at_end,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id
            ORDER BY
                at_end DESC,
                CASE WHEN $record = 'more points' THEN -points ELSE points END,
                ks4_year,
                CASE version WHEN 'F' THEN 1 WHEN 'A' THEN 2 ELSE 3 END,
                school, entries DESC, capped_points DESC, english, maths, pmr
        ) AS place
    FROM compared AS c
)
SELECT
    ae_id,
    pmr,
    CAST(ks4_year AS int) AS ks4_year,
    CAST(records AS int) AS records,
    CAST(CASE
        WHEN records = 1 THEN 'only record'
        WHEN records_at_end = 1 THEN 'only one at the end of key stage 4'
        ELSE $record
    END AS varchar(40)) AS kept_because,
    at_end AS end_of_ks4,
    CAST(in_national_results AS int) AS in_national_results,
    CAST(school_type AS int) AS school_type,
    school,
    CAST(capped_points AS double precision) AS capped_points,
    CAST(level2 AS int) AS level2,
    CAST(level2_em AS int) AS level2_em,
    CAST(basics AS int) AS basics,
    CAST(basics_strong AS int) AS basics_strong,
    CAST(ebacc AS int) AS ebacc,
    CAST(attainment_8 AS double precision) AS attainment_8,
    CAST(progress_8 AS double precision) AS progress_8,
    CAST(entries AS double precision) AS entries,
    CAST(english AS varchar(4)) AS english_grade,
    CAST(maths AS varchar(4)) AS maths_grade
FROM ranked
WHERE place = 1
