/*---
title = "Years in higher education"
definition = """Each academic year in which a person has a higher education student record, with the instance that counts for most.
Where there are several instances in a year, the one with the largest student load is kept, then the one with the lowest provider code."""
grain = "one row per person and academic year"
key = ["ae_id", "academic_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "academic_year", type = "int", description = "Calendar year in which the academic year ends: 2011 is 2010/11." },
  { name = "provider", type = "varchar(60)", description = "Pseudonym of the provider." },
  { name = "level", type = "int", description = "Level of the course: 8 research, 7 taught postgraduate, 6 first degree, 5 other undergraduate (level 4 or 5)." },
  { name = "start_date", type = "date", description = "First day of the instance in the academic year." },
  { name = "end_date", type = "date", description = "Last day of the instance in the academic year: 31 July unless it ended before." },
  { name = "instances", type = "int", unit = "records", description = "Records of the person in the year." },
]
source = "HESA student records of the LEO variable request form v2.3: HE_XLEV501, HE_COMDATE, HE_ENDDATE (HE_DATELEFT up to 2006/07), HE_XINSTID01 (HE_INSTID up to 2006/07), HE_XPSR01 (registration population)."
years = "2004/05 to 2019/20"
lost = "Second instances of a year, records outside the registration population, and higher education that a further education college teaches under its own name: that is in the learning aims."
traps = [
  "The records end a year before all others: nobody is at university in 2020/21.",
  "Only people who can be linked to a school or further education record are here.",
]
group_by = ["academic_year", "level"]
---*/
WITH records AS (
--| for year 2005 to 2007
SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_instid_anon AS provider,
    h.he_xlev501 AS level_code, h.he_stuload AS student_load, h.he_comdate AS start_date, h.he_dateleft AS end_date
FROM hesa_i2."2005003".hesa_{yyyy} AS h
WHERE h.he_xpsr01 = 1
--| end
UNION ALL
--| for year 2008 to 2020
SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xinstid01__anon AS provider,
    h.he_xlev501 AS level_code, h.he_stuload AS student_load, h.he_comdate AS start_date, h.he_enddate AS end_date
FROM hesa_i2."2005003".hesa_{yyyy} AS h
WHERE h.he_xpsr01 = 1
--| end
),
dated AS (
    SELECT
        k.ae_id,
        r.academic_year,
        r.provider,
        CASE r.level_code WHEN '1' THEN 8 WHEN '2' THEN 7 WHEN '3' THEN 6 ELSE 5 END AS level,
        r.student_load,
        CASE
            WHEN r.start_date > make_date(r.academic_year - 1, 8, 1) THEN r.start_date
            ELSE make_date(r.academic_year - 1, 8, 1)
        END AS start_date,
        CASE
            WHEN r.end_date < make_date(r.academic_year, 7, 31) THEN r.end_date
            ELSE make_date(r.academic_year, 7, 31)
        END AS end_date
    FROM records AS r
    JOIN measures.pmr_person AS k ON k.pmr = r.pmr
),
ranked AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id, academic_year ORDER BY student_load DESC, provider, level DESC, start_date, end_date
        ) AS place,
        COUNT(*) OVER (PARTITION BY ae_id, academic_year) AS instances
    FROM dated
    WHERE start_date <= end_date
)
SELECT ae_id, academic_year, provider, level, start_date, end_date, CAST(instances AS int) AS instances
FROM ranked
WHERE place = 1
