/*---
title = "Graduate cohort"
definition = """People who obtained a higher education qualification of a level, in the academic year in which they first did.
One year after graduation is the first full tax year after it: who graduates in 2016/17 is seen from April 2018."""
grain = "one row per person with a qualification of the level"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "graduation_year", type = "int", unit = "year", description = "Academic year of the first qualification of this level, by the year in which it ends." },
  { name = "first_tax_year", type = "int", description = "Tax year one year after graduation: 201819 for those of 2016/17." },
  { name = "mode", type = "varchar(10)", description = "Mode of study (HE_XMODE01): 1 full-time, 2 part-time." },
  { name = "class", type = "varchar(10)", description = "Class of a first degree (HE_XCLASS01): 01 first, 02 upper second, 03 lower second, 04 third." },
  { name = "qualifications", type = "int", unit = "qualifications", description = "Qualifications of this level that the person obtained." },
]
parameters = [
  { name = "level", values = ["first degree", "taught postgraduate", "research", "other undergraduate"], default = "first degree", description = "Level of the qualification obtained (HE_XQLEV501)." },
]
source = "Fields HE_XPQUAL01 and HE_XQLEV501 of the HESA student record, LEO variable request form v2.3; years after graduation as in graduate outcomes (LEO), explore-education-statistics."
years = "graduates of 2004/05 to 2019/20"
lost = "Later qualifications of the same level, joint subjects, and graduates who cannot be linked to a pupil or learner record, whom the extract leaves out."
traps = [
  "HE_XPQUAL01 picks out those who obtained a qualification; being a student is not enough.",
  "Published figures count full-person equivalents over subjects; this measure counts people.",
  "Codes of mode, level and class are those of HESA's manuals; the form does not list them, so check them against the data.",
]
other_rule = { parameter = "level", value = "other undergraduate" }
group_by = ["graduation_year", "class"]
---*/
WITH obtained AS (
--| for year 2005 to 2020
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xmode01 AS mode, h.he_xclass01 AS class,
        h.he_xlev501 AS studied, h.he_xqlev501 AS level
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1
--| end
),
ranked AS (
    SELECT
        p.ae_id, o.academic_year, o.mode, o.class,
        ROW_NUMBER() OVER (PARTITION BY p.ae_id ORDER BY o.academic_year, o.class, o.mode, o.pmr) AS place,
        COUNT(*) OVER (PARTITION BY p.ae_id) AS qualifications
    FROM obtained AS o
    JOIN measures.pmr_person AS p ON p.pmr = o.pmr
    WHERE o.level = CASE $level
        WHEN 'research' THEN '1' WHEN 'taught postgraduate' THEN '2' WHEN 'first degree' THEN '3' ELSE '4'
    END
)
SELECT
    ae_id,
    CAST(academic_year AS int) AS graduation_year,
    CAST((academic_year + 1) * 100 + (academic_year + 2) % 100 AS int) AS first_tax_year,
    CAST(mode AS varchar(10)) AS mode,
    CAST(class AS varchar(10)) AS class,
    CAST(qualifications AS int) AS qualifications
FROM ranked
WHERE place = 1
