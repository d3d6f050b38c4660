/*---
title = "Key stage 2 score"
definition = """Mean of English (reading where it is held) and mathematics at the end of primary school: whole levels to 2004/05, fine levels from 2005/06 to 2014/15, scaled scores in 2015/16.
The standardised score is the distance from the mean of the year in standard deviations, and the percentile the place among those of the year, so that the three scales can be used together; `scale` says which it was."""
grain = "one row per person with a key stage 2 record"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks2_year", type = "int", unit = "year", description = "Year in which the academic year of the record ends." },
  { name = "scale", type = "varchar(12)", description = "`level` (whole levels, 1 to 6), `fine level` (about 2.5 to 6) or `scaled score` (80 to 120). Missing without a score." },
  { name = "english", type = "float", unit = "scale of the year", description = "Reading, or English up to 2011/12, on that scale." },
  { name = "maths", type = "float", unit = "scale of the year", description = "Mathematics on that scale." },
  { name = "score", type = "float", unit = "scale of the year", description = "Mean of the two; missing if one is." },
  { name = "score_standardised", type = "float", unit = "standard deviations", description = "Score less the mean of all scores of the year, over their standard deviation." },
  { name = "score_percentile", type = "float", unit = "per cent", description = "Share of the scores of the year that are lower, with half of those that are equal." },
]
parameters = [
  { name = "record", values = ["latest", "earliest"], default = "latest", description = "Which year counts if a person has records of several, scores before none." },
]
source = "Fields KS2_ENGLEV, KS2_MATLEV, KS2_MATFINE, KS2_READFINE, KS2_ENGFINE, KS2_READSCORE, KS2_MATSCORE and KS2_NATRES of the LEO variable request form v2.3. Standardising within a year is our choice."
years = "1995/96 to 2015/16; fine scores from 2005/06"
lost = "Pupils without a level from 1 to 6 in both subjects before 2005/06 (below the level of the test, absent, level not awarded), where published work sometimes sets a low level; differences within a level; writing and science."
traps = [
  "-10, -1 and 0 can stand for a missing level or score, as published code that cleans them expects: only values above 0 count.",
  "A pupil can have two records of a year: the one that counts in national results comes first.",
  "A whole level holds up to a third of a year's pupils or more: standardised, it tells fewer pupils apart and predicts less than a fine level, so an effect per standard deviation before 2005/06 is not the same one. Compare within a scale, or take `scale` into the model.",
  "The scale changes within the extract, and in 2012/13 reading takes the place of English.",
  "Key stage 2 ends with 2015/16 in this iteration.",
  "Some schools boycotted the tests of 2010: pupils are missing by school, not by chance. The synthetic extract does not have that gap.",
]
other_rule = { parameter = "record", value = "earliest" }
group_by = ["ks2_year"]
---*/
WITH records AS (
    SELECT
        p.ae_id, CAST(SUBSTRING(k.ks2_acadyr, 6, 4) AS int) AS ks2_year, k.ks2_version, k.ks2_laestab_anon,
        CASE WHEN COALESCE(k.ks2_natres, 1) = 1 THEN 0 ELSE 1 END AS not_national,
        COALESCE(CASE WHEN k.ks2_readfine > 0 THEN k.ks2_readfine END, CASE WHEN k.ks2_engfine > 0 THEN k.ks2_engfine END)
            AS english_fine,
        CASE WHEN k.ks2_matfine > 0 THEN k.ks2_matfine END AS maths_fine,
        CASE WHEN k.ks2_readscore > 0 THEN k.ks2_readscore END AS reading_score,
        CASE WHEN k.ks2_matscore > 0 THEN k.ks2_matscore END AS maths_score,
        CASE k.ks2_englev WHEN '1' THEN 1 WHEN '2' THEN 2 WHEN '3' THEN 3 WHEN '4' THEN 4 WHEN '5' THEN 5 WHEN '6' THEN 6 END
            AS english_level,
        CASE k.ks2_matlev WHEN '1' THEN 1 WHEN '2' THEN 2 WHEN '3' THEN 3 WHEN '4' THEN 4 WHEN '5' THEN 5 WHEN '6' THEN 6 END
            AS maths_level, k.ks2_pupilmatchingrefanonymous AS pmr
    FROM npd_i2."2005003".ks2pupil_1996_to_2016 AS k
    JOIN measures.pmr_person AS p ON p.pmr = k.ks2_pupilmatchingrefanonymous
),
measured AS (
    -- In each year the one scale that it has: a level without a fine level counts in no later year.
    SELECT
        ae_id, ks2_year, ks2_version, ks2_laestab_anon, not_national, pmr,
        CASE WHEN ks2_year >= 2016 THEN reading_score WHEN ks2_year >= 2006 THEN english_fine ELSE english_level END AS english,
        CASE WHEN ks2_year >= 2016 THEN maths_score WHEN ks2_year >= 2006 THEN maths_fine ELSE maths_level END AS maths
    FROM records
),
scored AS (
    SELECT measured.*, (english + maths) / 2.0 AS score FROM measured
),
ranked AS (
    SELECT
        scored.*,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id
            ORDER BY
                CASE WHEN score IS NULL THEN 1 ELSE 0 END, not_national,
                CASE WHEN $record = 'latest' THEN -ks2_year ELSE ks2_year END,
                CASE ks2_version WHEN 'F' THEN 1 WHEN 'A' THEN 2 ELSE 3 END,
                score DESC, ks2_laestab_anon, pmr
        ) AS place
    FROM scored
),
kept AS (
    SELECT * FROM ranked WHERE place = 1
),
spread AS (
    SELECT ks2_year, COUNT(*) AS pupils, AVG(CAST(score AS double precision)) AS mean,
        SQRT(AVG(CAST(score AS double precision) * score) - AVG(CAST(score AS double precision)) * AVG(CAST(score AS double precision))) AS deviation
    FROM kept
    WHERE score IS NOT NULL
    GROUP BY ks2_year
),
values_of_year AS (
    SELECT ks2_year, score, COUNT(*) AS equal FROM kept WHERE score IS NOT NULL GROUP BY ks2_year, score
),
places AS (
    SELECT ks2_year, score, equal,
        SUM(equal) OVER (PARTITION BY ks2_year ORDER BY score ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to
    FROM values_of_year
)
SELECT
    k.ae_id,
    CAST(k.ks2_year AS int) AS ks2_year,
    CAST(CASE
        WHEN k.score IS NULL THEN NULL
        WHEN k.ks2_year >= 2016 THEN 'scaled score'
        WHEN k.ks2_year >= 2006 THEN 'fine level'
        ELSE 'level'
    END AS varchar(12)) AS scale,
    CAST(k.english AS double precision) AS english,
    CAST(k.maths AS double precision) AS maths,
    CAST(k.score AS double precision) AS score,
    CAST((k.score - s.mean) / NULLIF(s.deviation, 0) AS double precision) AS score_standardised,
    CAST(100.0 * (v.up_to - v.equal / 2.0) / s.pupils AS double precision) AS score_percentile
FROM kept AS k
LEFT JOIN spread AS s ON s.ks2_year = k.ks2_year
LEFT JOIN places AS v ON v.ks2_year = k.ks2_year AND v.score = k.score
