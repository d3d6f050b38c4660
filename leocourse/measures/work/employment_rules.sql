/*---
title = "Employment of a tax year under every published rule"
definition = """One flag for each rule by which publications call somebody employed in a tax year.
The rules differ in the months that they look at and in how many of them must have a day in work."""
grain = "one row per person and tax year with a month in employment or a self-assessment record"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "five_of_six", type = "int", description = "1 if at least five of the months October to March have a day in employment (graduate outcomes of 4 August 2016, SFR 36/2016)." },
  { name = "five_of_six_with_april", type = "int", description = "The same, but if March is not among them the April after must be. Unverified." },
  { name = "self_employed", type = "int", description = "1 if a self-assessment return for the year shows self-employment." },
  { name = "five_of_six_or_self_employed", type = "int", description = "five_of_six or self_employed (graduate outcomes from 1 December 2016, SFR 60/2016, and further education outcomes)." },
  { name = "six_of_six", type = "int", description = "1 if all of the months October to March have a day in employment." },
  { name = "twelve_of_twelve", type = "int", description = "1 if each of the twelve months April to March has a day in employment (post-16 activities)." },
  { name = "any_day", type = "int", description = "1 if there is a day in employment." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "Graduate outcomes (LEO): SFR 36/2016 and, with self-assessment, SFR 60/2016. Further education outcomes: SFR 52/2016. Post-16 education and labour market activities (LEO). No public source that we could read settles the April condition."
years = "2002/03 to 2020/21; self-employment from 2013/14"
lost = "Which months they are: see months_in_employment."
traps = [
  "An employment rate means nothing without its rule: with each of twelve months it is far lower than with five of six.",
  "Before 2013/14 nobody is self-employed here, so the rule with self-assessment jumps in that year.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["tax_year"]
---*/
SELECT
    COALESCE(m.ae_id, s.ae_id) AS ae_id,
    COALESCE(m.tax_year, s.tax_year) AS tax_year,
    CASE WHEN m.october_to_march >= 5 THEN 1 ELSE 0 END AS five_of_six,
    CASE WHEN m.october_to_march >= 5 AND (m.march = 1 OR m.april_after = 1) THEN 1 ELSE 0 END
        AS five_of_six_with_april,
    CASE WHEN s.self_employed = 1 THEN 1 ELSE 0 END AS self_employed,
    CASE WHEN m.october_to_march >= 5 OR s.self_employed = 1 THEN 1 ELSE 0 END AS five_of_six_or_self_employed,
    CASE WHEN m.october_to_march = 6 THEN 1 ELSE 0 END AS six_of_six,
    CASE WHEN m.months = 12 THEN 1 ELSE 0 END AS twelve_of_twelve,
    CASE WHEN m.months >= 1 THEN 1 ELSE 0 END AS any_day
FROM measures.months_in_employment AS m
FULL JOIN measures.self_employment AS s ON s.ae_id = m.ae_id AND s.tax_year = m.tax_year
