/*---
title = "Sustained employment"
definition = """Whether a person is in sustained employment in a given year after graduation, after key stage 4 or after an achieved course, under the rule of one publication.
Everybody in the cohort has a row, so the mean of `sustained` is an employment rate."""
grain = "one row per person, year from which years are counted, and year after it that the data reach"
key = ["ae_id", "counted_from", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "counted_from", type = "int", description = "Calendar year in which the academic year of graduation, key stage 4 or achievement ends." },
  { name = "years_after", type = "int", unit = "years", description = "Years after it." },
  { name = "tax_year", type = "int", description = "The tax year that this is: 201112 is 6 April 2011 to 5 April 2012." },
  { name = "linked", type = "int", description = "1 if the person has a key to tax records. Publications leave the others out of percentages." },
  { name = "sustained", type = "int", description = "1 if in sustained employment under the rule." },
]
parameters = [
  { name = "rule", values = ["5-of-6", "12-of-12", "fe", "16-18"], default = "5-of-6", description = "5-of-6: a day in work in five of the six months October to March (graduate outcomes). 12-of-12: in each of the twelve months April to March (post-16 activities). fe: five of six, or self-assessed (further education outcomes). 16-18: five of six, or an apprenticeship in six months in a row from August to July (destinations after key stage 4 and 16 to 18)." },
  { name = "years", type = "int list", default = [1, 3, 5], minimum = 0, maximum = 18, description = "Years after. 0 is the tax year that begins in the April before the academic year ends, to which the six months after it belong." },
  { name = "after", values = ["graduation", "ks4", "achievement"], default = "graduation", description = "From what years are counted: a first degree, key stage 4, or each academic year with an achieved aim in the individualised learner record." },
  { name = "april_if_not_march", values = ["no", "yes"], default = "no", unverified = true, description = "Whether five of six without March needs a day in work in the April after." },
  { name = "self_assessed", values = ["no", "yes"], default = "no", description = "Whether a self-assessment return with self-employment counts as sustained employment under 5-of-6: no as in SFR 36/2016 (4 August 2016), yes as in graduate outcomes from SFR 60/2016 (1 December 2016) on." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
  { name = "level", values = ["first degree", "taught postgraduate", "research", "other undergraduate"], default = "first degree", description = "Level of the qualification that makes a graduate: see graduate_cohort." },
]
source = "SFR 36/2016 (5-of-6) and SFR 60/2016 (with self-assessment), Post-16 education and labour market activities (12-of-12), SFR 52/2016 and further education outcomes (fe), key stage 4 and 16 to 18 destination measures (16-18)."
years = "tax years to 2020/21; self-assessment from 2013/14"
lost = "Further study: see graduate_outcomes. The destination measures also accept a combination of work and education: see ks4_destination."
traps = [
  "People without a key to tax records are not employed here: leave out linked = 0, or the rate is too low.",
  "Further education outcomes look at the six months that follow the academic year: that is years = 0 with after = 'achievement'.",
  "Whether graduate outcomes ask for April if March is missing could not be verified. Self-assessment they include from SFR 60/2016 (1 December 2016) on: set self_assessed to yes to compare with those releases.",
]
other_rule = { parameter = "rule", value = "12-of-12" }
group_by = ["years_after", "sustained"]
---*/
WITH cohort AS (
    SELECT ae_id, graduation_year AS counted_from FROM measures.graduate_cohort WHERE $after = 'graduation'
    UNION ALL
    SELECT ae_id, ks4_year AS counted_from FROM measures.ks4_cohort WHERE $after = 'ks4'
    UNION ALL
    SELECT DISTINCT k.ae_id, a.year + 1 AS counted_from
    FROM lilr_i2."2005003".aims AS a
    JOIN measures.record_person AS k ON k.recordid = a.recordid
    WHERE a.outcome = 1 AND a.achievement = 1 AND $after = 'achievement'
),
followed AS (
    SELECT c.ae_id, c.counted_from, t.starts_in - c.counted_from AS years_after, t.tax_year, t.first_month
    FROM cohort AS c
    JOIN measures.tax_years AS t ON t.starts_in >= c.counted_from
    WHERE t.starts_in - c.counted_from IN ($years)
),
linked AS (
    SELECT DISTINCT ae_id FROM measures.edukey_person
),
apprentices AS (
    SELECT ae_id, first_month, last_month
    FROM measures.learning_months
    WHERE kind LIKE '%apprenticeship' AND last_month - first_month >= 5 AND $rule = '16-18'
),
apprenticed AS (
    -- August is four months after the April in which the tax year begins; the academic year ends in the July after.
    SELECT DISTINCT f.ae_id, f.counted_from, f.years_after
    FROM followed AS f
    JOIN apprentices AS a ON a.ae_id = f.ae_id
    WHERE (CASE WHEN a.last_month < f.first_month + 15 THEN a.last_month ELSE f.first_month + 15 END)
        - (CASE WHEN a.first_month > f.first_month + 4 THEN a.first_month ELSE f.first_month + 4 END) >= 5
)
SELECT
    f.ae_id,
    f.counted_from,
    f.years_after,
    f.tax_year,
    CASE WHEN k.ae_id IS NULL THEN 0 ELSE 1 END AS linked,
    CASE
        WHEN $rule = '12-of-12' THEN COALESCE(r.twelve_of_twelve, 0)
        WHEN $rule = 'fe' THEN COALESCE(r.five_of_six_or_self_employed, 0)
        WHEN $rule = '16-18' AND a.ae_id IS NOT NULL THEN 1
        WHEN $rule = '5-of-6' AND $self_assessed = 'yes' AND r.self_employed = 1 THEN 1
        WHEN $rule = '5-of-6' AND $april_if_not_march = 'yes' THEN COALESCE(r.five_of_six_with_april, 0)
        ELSE COALESCE(r.five_of_six, 0)
    END AS sustained
FROM followed AS f
LEFT JOIN linked AS k ON k.ae_id = f.ae_id
LEFT JOIN measures.employment_rules AS r ON r.ae_id = f.ae_id AND r.tax_year = f.tax_year
LEFT JOIN apprenticed AS a
    ON a.ae_id = f.ae_id AND a.counted_from = f.counted_from AND a.years_after = f.years_after
