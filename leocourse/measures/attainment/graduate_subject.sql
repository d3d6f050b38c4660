/*---
title = "Subjects and provider of a graduate"
definition = """The subjects of the first qualification of a level that a person obtained in higher education, each with its code, its name and its share of the person, and the provider.
The subject group is comparable over the codings: the top level of the common aggregation hierarchy (CAH), to which codes of JACS are brought by their letters."""
grain = "one row per graduate and subject"
key = ["ae_id", "subject_number"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "graduation_year", type = "int", unit = "year", description = "Academic year in which the qualification was obtained, by the year in which it ends." },
  { name = "provider", type = "varchar(60)", description = "Pseudonym of the provider." },
  { name = "subject_number", type = "int", description = "1 for the first subject, up to 5." },
  { name = "coding", type = "varchar(6)", description = "JACS 2 (to 2011/12), JACS 3 (to 2018/19) or HECoS (2019/20)." },
  { name = "subject_code", type = "varchar(10)", description = "Code of the subject in that coding." },
  { name = "subject_area", type = "varchar(60)", description = "Name of the subject area of JACS, by the first letter of the code; missing in HECoS." },
  { name = "subject_group", type = "varchar(5)", description = "Code of the top level of the CAH." },
  { name = "subject_group_name", type = "varchar(60)", description = "Its name." },
  { name = "share", type = "float", unit = "share of a person", description = "Share of the subject: those of a person add up to 1." },
  { name = "main_subject", type = "int", description = "1 for the subject with the largest share; of equal ones the first." },
]
parameters = [
  { name = "level", values = ["first degree", "other undergraduate", "taught postgraduate", "research"], default = "first degree", description = "Level of the qualification." },
]
source = "Fields HE_XJACS01, HE_XFPE01, HE_XHECOS, HE_XCAH01, HE_SBJQA1 to 3, HE_XPQUAL01 and HE_XQLEV501 of the HESA student record, LEO variable request form v2.3. Names of areas and groups: HESA's JACS and CAH (version 1.3), from general knowledge, not verified. Bringing JACS to the CAH by letters is a simplification of HESA's mapping."
years = "2004/05 to 2019/20"
lost = "Principal subjects within an area; qualifications after the first of the level."
traps = [
  "A joint degree is two rows: count people by the sum of `share`, or take the main subject, and say which.",
  "Up to 2006/07 the record has no shares: subjects count equally here, and SBJBID, which says how they are balanced, is not used.",
  "Computing moved from G to I with JACS 3 (2012/13), and HECoS breaks the series again: compare groups, not codes.",
  "The letters of JACS are coarser than HESA's own mapping: some subjects change group between 2018/19 and 2019/20 without anybody studying anything else.",
  "Providers are pseudonyms, so no public list can be joined.",
]
other_rule = { parameter = "level", value = "taught postgraduate" }
group_by = ["coding", "subject_group"]
---*/
WITH subjects AS (
--| for year 2008 to 2019
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xinstid01__anon AS provider, h.he_xqlev501 AS level,
        CASE WHEN {yyyy} >= 2013 THEN 'JACS 3' ELSE 'JACS 2' END AS coding, 1 AS subject_number, h.he_xjacs01_1 AS code,
        CAST(NULL AS varchar(10)) AS group_code, h.he_xfpe01_1 AS share, h.he_xclass01 AS class, h.he_xmode01 AS mode
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xjacs01_1 IS NOT NULL
--| end
    UNION ALL
--| for year 2008 to 2019
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xinstid01__anon AS provider, h.he_xqlev501 AS level,
        CASE WHEN {yyyy} >= 2013 THEN 'JACS 3' ELSE 'JACS 2' END AS coding, 2 AS subject_number, h.he_xjacs01_2 AS code,
        CAST(NULL AS varchar(10)) AS group_code, h.he_xfpe01_2 AS share, h.he_xclass01 AS class, h.he_xmode01 AS mode
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xjacs01_2 IS NOT NULL
--| end
    UNION ALL
--| for year 2008 to 2019
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xinstid01__anon AS provider, h.he_xqlev501 AS level,
        CASE WHEN {yyyy} >= 2013 THEN 'JACS 3' ELSE 'JACS 2' END AS coding, 3 AS subject_number, h.he_xjacs01_3 AS code,
        CAST(NULL AS varchar(10)) AS group_code, h.he_xfpe01_3 AS share, h.he_xclass01 AS class, h.he_xmode01 AS mode
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xjacs01_3 IS NOT NULL
--| end
    UNION ALL
--| for year 2008 to 2019
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xinstid01__anon AS provider, h.he_xqlev501 AS level,
        CASE WHEN {yyyy} >= 2013 THEN 'JACS 3' ELSE 'JACS 2' END AS coding, 4 AS subject_number, h.he_xjacs01_4 AS code,
        CAST(NULL AS varchar(10)) AS group_code, h.he_xfpe01_4 AS share, h.he_xclass01 AS class, h.he_xmode01 AS mode
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xjacs01_4 IS NOT NULL
--| end
    UNION ALL
--| for year 2020 to 2020
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_xinstid01__anon, h.he_xqlev501, 'HECoS', 1, h.he_xhecos01_1, h.he_xcah01_1, h.he_xfpe01_1,
        h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xhecos01_1 IS NOT NULL
--| end
    UNION ALL
--| for year 2020 to 2020
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_xinstid01__anon, h.he_xqlev501, 'HECoS', 2, h.he_xhecos01_2, h.he_xcah01_2, h.he_xfpe01_2,
        h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xhecos01_2 IS NOT NULL
--| end
    UNION ALL
--| for year 2020 to 2020
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_xinstid01__anon, h.he_xqlev501, 'HECoS', 3, h.he_xhecos01_3, h.he_xcah01_3, h.he_xfpe01_3,
        h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xhecos01_3 IS NOT NULL
--| end
    UNION ALL
--| for year 2020 to 2020
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_xinstid01__anon, h.he_xqlev501, 'HECoS', 4, h.he_xhecos01_4, h.he_xcah01_4, h.he_xfpe01_4,
        h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xhecos01_4 IS NOT NULL
--| end
    UNION ALL
--| for year 2020 to 2020
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_xinstid01__anon, h.he_xqlev501, 'HECoS', 5, h.he_xhecos01_5, h.he_xcah01_5, h.he_xfpe01_5,
        h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xhecos01_5 IS NOT NULL
--| end
    UNION ALL
--| for year 2005 to 2007
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_instid_anon, h.he_xqlev501, 'JACS 2', 1, h.he_sbjqa1, NULL,
        CASE WHEN h.he_sbjqa2 IS NULL THEN 1.0 WHEN h.he_sbjqa3 IS NULL THEN 0.5 ELSE 1.0 / 3 END, h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_sbjqa1 IS NOT NULL
--| end
    UNION ALL
--| for year 2005 to 2007
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_instid_anon, h.he_xqlev501, 'JACS 2', 2, h.he_sbjqa2, NULL,
        CASE WHEN h.he_sbjqa3 IS NULL THEN 0.5 ELSE 1.0 / 3 END, h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_sbjqa2 IS NOT NULL
--| end
    UNION ALL
--| for year 2005 to 2007
    SELECT h.he_pupilmatchingrefanonymous, {yyyy}, h.he_instid_anon, h.he_xqlev501, 'JACS 2', 3, h.he_sbjqa3, NULL,
        1.0 / 3, h.he_xclass01, h.he_xmode01
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_sbjqa3 IS NOT NULL
--| end
),
ranked AS (
    -- Every subject of one record has the same place: the record is chosen as graduate_cohort chooses it.
    SELECT
        p.ae_id, s.*,
        DENSE_RANK() OVER (PARTITION BY p.ae_id ORDER BY s.academic_year, s.class, s.mode, s.pmr, s.provider) AS place
    FROM subjects AS s
    JOIN measures.pmr_person AS p ON p.pmr = s.pmr
    WHERE s.level = CASE $level
        WHEN 'research' THEN '1' WHEN 'taught postgraduate' THEN '2' WHEN 'first degree' THEN '3' ELSE '4'
    END
),
one AS (
    SELECT ae_id, subject_number, academic_year, provider, coding, code, group_code, share,
        ROW_NUMBER() OVER (PARTITION BY ae_id, subject_number ORDER BY code) AS copy
    FROM ranked
    WHERE place = 1
),
grouped AS (
    SELECT
        one.*,
        SUM(share) OVER (PARTITION BY ae_id) AS whole,
        ROW_NUMBER() OVER (PARTITION BY ae_id ORDER BY share DESC, subject_number) AS by_share,
        CASE
            WHEN coding = 'HECoS' THEN SUBSTRING(group_code, 1, 5)
            WHEN SUBSTRING(code, 1, 1) = 'A' THEN 'CAH01'
            WHEN SUBSTRING(code, 1, 1) = 'B' THEN 'CAH02'
            WHEN SUBSTRING(code, 1, 2) = 'C8' THEN 'CAH04'
            WHEN SUBSTRING(code, 1, 1) = 'C' THEN 'CAH03'
            WHEN SUBSTRING(code, 1, 2) IN ('D1', 'D2') THEN 'CAH05'
            WHEN SUBSTRING(code, 1, 1) = 'D' THEN 'CAH06'
            WHEN SUBSTRING(code, 1, 2) IN ('F6', 'F7', 'F8', 'L7') THEN 'CAH26'
            WHEN SUBSTRING(code, 1, 1) = 'F' THEN 'CAH07'
            WHEN SUBSTRING(code, 1, 2) IN ('G4', 'G5', 'G6', 'G7') OR SUBSTRING(code, 1, 1) = 'I' THEN 'CAH11'
            WHEN SUBSTRING(code, 1, 1) = 'G' THEN 'CAH09'
            WHEN SUBSTRING(code, 1, 1) IN ('H', 'J') THEN 'CAH10'
            WHEN SUBSTRING(code, 1, 1) = 'K' THEN 'CAH13'
            WHEN SUBSTRING(code, 1, 1) = 'L' THEN 'CAH15'
            WHEN SUBSTRING(code, 1, 1) = 'M' THEN 'CAH16'
            WHEN SUBSTRING(code, 1, 1) = 'N' THEN 'CAH17'
            WHEN SUBSTRING(code, 1, 1) = 'P' THEN 'CAH24'
            WHEN SUBSTRING(code, 1, 1) IN ('Q', 'R', 'T') THEN 'CAH19'
            WHEN SUBSTRING(code, 1, 1) = 'V' THEN 'CAH20'
            WHEN SUBSTRING(code, 1, 1) = 'W' THEN 'CAH25'
            WHEN SUBSTRING(code, 1, 1) = 'X' THEN 'CAH22'
            WHEN SUBSTRING(code, 1, 1) = 'Y' THEN 'CAH23'
        END AS subject_group
    FROM one
    WHERE copy = 1
)
SELECT
    g.ae_id,
    CAST(g.academic_year AS int) AS graduation_year,
    g.provider,
    g.subject_number,
    CAST(g.coding AS varchar(6)) AS coding,
    CAST(g.code AS varchar(10)) AS subject_code,
    CAST(a.name AS varchar(60)) AS subject_area,
    CAST(g.subject_group AS varchar(5)) AS subject_group,
    CAST(n.name AS varchar(60)) AS subject_group_name,
    CAST(CAST(g.share AS double precision) / g.whole AS double precision) AS share,
    CASE WHEN g.by_share = 1 THEN 1 ELSE 0 END AS main_subject
FROM grouped AS g
LEFT JOIN (VALUES
    ('A', 'Medicine and dentistry'), ('B', 'Subjects allied to medicine'), ('C', 'Biological sciences'),
    ('D', 'Veterinary science, agriculture and related subjects'), ('F', 'Physical sciences'),
    ('G', 'Mathematical sciences'), ('I', 'Computer science'), ('H', 'Engineering'), ('J', 'Technologies'),
    ('K', 'Architecture, building and planning'), ('L', 'Social studies'), ('M', 'Law'),
    ('N', 'Business and administrative studies'), ('P', 'Mass communications and documentation'),
    ('Q', 'Linguistics, classics and related subjects'), ('R', 'European languages, literature and related subjects'),
    ('T', 'Other languages, literature and related subjects'), ('V', 'Historical and philosophical studies'),
    ('W', 'Creative arts and design'), ('X', 'Education'), ('Y', 'Combined')
) AS a (letter, name) ON a.letter = SUBSTRING(g.code, 1, 1) AND g.coding <> 'HECoS'
LEFT JOIN (VALUES
    ('CAH01', 'Medicine and dentistry'), ('CAH02', 'Subjects allied to medicine'), ('CAH03', 'Biological and sport sciences'),
    ('CAH04', 'Psychology'), ('CAH05', 'Veterinary sciences'), ('CAH06', 'Agriculture, food and related studies'),
    ('CAH07', 'Physical sciences'), ('CAH09', 'Mathematical sciences'), ('CAH10', 'Engineering and technology'),
    ('CAH11', 'Computing'), ('CAH13', 'Architecture, building and planning'), ('CAH15', 'Social sciences'), ('CAH16', 'Law'),
    ('CAH17', 'Business and management'), ('CAH19', 'Language and area studies'),
    ('CAH20', 'Historical, philosophical and religious studies'), ('CAH22', 'Education and teaching'),
    ('CAH23', 'Combined and general studies'), ('CAH24', 'Media, journalism and communications'),
    ('CAH25', 'Design, and creative and performing arts'), ('CAH26', 'Geography, earth and environmental studies')
) AS n (code, name) ON n.code = g.subject_group
