/*---
title = "Graduate outcome categories"
definition = """The category in which the publication on graduate outcomes puts each graduate in a given year after graduation, and annualised earnings where it would show them.
Sustained employment is a day in work in five of the six months October to March; further study is a higher education record in an academic year that overlaps the tax year."""
grain = "one row per graduate and year after graduation that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "graduation_year", type = "int", description = "Calendar year in which the academic year of graduation ends." },
  { name = "years_after", type = "int", unit = "years", description = "Years after graduation." },
  { name = "tax_year", type = "int", description = "The tax year that this is: 201112 is 6 April 2011 to 5 April 2012." },
  { name = "category", type = "varchar(38)", description = "unmatched; activity not captured; no sustained destination; sustained employment only; sustained employment and further study; further study only." },
  { name = "sustained_employment", type = "int", description = "1 if in sustained employment, with or without further study." },
  { name = "further_study", type = "int", description = "1 if in further study, with or without sustained employment." },
  { name = "annualised", type = "float", unit = "pounds a year", description = "Annualised earnings of those in sustained employment and not in further study; missing for others and without pay or days." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 3, 5], minimum = 1, maximum = 15, description = "Years after graduation." },
  { name = "april_if_not_march", values = ["no", "yes"], default = "no", unverified = true, description = "Whether five of six without March needs a day in work in the April after." },
  { name = "self_assessed", values = ["no", "yes"], default = "no", description = "Whether a self-assessment return with self-employment counts as sustained employment: no as in SFR 36/2016 (4 August 2016), yes as in releases from SFR 60/2016 (1 December 2016) on." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
  { name = "level", values = ["first degree", "taught postgraduate", "research", "other undergraduate"], default = "first degree", description = "Level of the qualification that makes a graduate: see graduate_cohort." },
]
source = "Graduate outcomes (LEO), explore-education-statistics, and SFR 36/2016."
years = "tax years to 2020/21"
lost = "Domicile (publications show UK graduates by themselves), full-person equivalents for joint degrees, and the records that the publication excludes from further study (dormant, sabbatical, further education only), of which the list could not be verified."
traps = [
  "Unmatched graduates are left out of published percentages; activity not captured are left in.",
  "Activity not captured is not unemployment: abroad, caring, not claiming, or not found.",
  "Higher education records end with 2019/20, so further study is too low in 2020/21.",
  "Published earnings leave out those in further study, and round to 100 pounds.",
]
other_rule = { parameter = "self_assessed", value = "yes" }
group_by = ["years_after", "category"]
---*/
WITH followed AS (
    SELECT g.ae_id, g.graduation_year, t.starts_in - g.graduation_year AS years_after, t.tax_year,
        t.starts_in, t.first_day, t.last_day
    FROM measures.graduate_cohort AS g
    JOIN measures.tax_years AS t ON t.starts_in > g.graduation_year
    WHERE t.starts_in - g.graduation_year IN ($years)
),
linked AS (
    SELECT DISTINCT ae_id FROM measures.edukey_person
),
study AS (
    -- The tax year that begins in a year overlaps the academic year that ends in it and the one that ends a year later.
    SELECT DISTINCT f.ae_id, f.years_after
    FROM followed AS f
    JOIN measures.university_years AS u ON u.ae_id = f.ae_id
    WHERE u.academic_year IN (f.starts_in, f.starts_in + 1)
),
claims AS (
    SELECT DISTINCT f.ae_id, f.years_after
    FROM followed AS f
    JOIN measures.edukey_person AS k ON k.ae_id = f.ae_id
    JOIN leo_i2."2005003".leo_benefit AS b ON b.edukey = k.edukey
    WHERE b.startdate <= f.last_day AND b.enddate >= f.first_day
),
found AS (
    SELECT
        f.ae_id,
        f.graduation_year,
        f.years_after,
        f.tax_year,
        CASE WHEN study.ae_id IS NULL THEN 0 ELSE 1 END AS further_study,
        CASE
            WHEN $self_assessed = 'yes' AND r.self_employed = 1 THEN 1
            WHEN $april_if_not_march = 'yes' THEN COALESCE(r.five_of_six_with_april, 0)
            ELSE COALESCE(r.five_of_six, 0)
        END AS sustained_employment,
        CASE WHEN linked.ae_id IS NULL AND study.ae_id IS NULL THEN 0 ELSE 1 END AS matched,
        CASE
            WHEN r.ae_id IS NULL AND e.ae_id IS NULL AND claims.ae_id IS NULL AND study.ae_id IS NULL THEN 0
            ELSE 1
        END AS captured,
        e.annualised
    FROM followed AS f
    LEFT JOIN linked ON linked.ae_id = f.ae_id
    LEFT JOIN study ON study.ae_id = f.ae_id AND study.years_after = f.years_after
    LEFT JOIN claims ON claims.ae_id = f.ae_id AND claims.years_after = f.years_after
    LEFT JOIN measures.employment_rules AS r ON r.ae_id = f.ae_id AND r.tax_year = f.tax_year
    LEFT JOIN measures.earnings AS e ON e.ae_id = f.ae_id AND e.tax_year = f.tax_year
)
SELECT
    ae_id,
    graduation_year,
    years_after,
    tax_year,
    CASE
        WHEN matched = 0 THEN 'unmatched'
        WHEN captured = 0 THEN 'activity not captured'
        WHEN sustained_employment = 1 AND further_study = 1 THEN 'sustained employment and further study'
        WHEN sustained_employment = 1 THEN 'sustained employment only'
        WHEN further_study = 1 THEN 'further study only'
        ELSE 'no sustained destination'
    END AS category,
    sustained_employment,
    further_study,
    CASE WHEN sustained_employment = 1 AND further_study = 0 THEN annualised END AS annualised
FROM found
