/*---
title = "Years after key stage 4"
definition = """The tax year that each year after key stage 4 is, for everybody in a key stage 4 cohort.
Year 1 begins in the April after the first academic year that follows key stage 4."""
grain = "one row per person and year after key stage 4 that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends: 2003 is 2002/03." },
  { name = "years_after", type = "int", unit = "years", description = "Years after key stage 4." },
  { name = "tax_year", type = "int", description = "The tax year that this is: 200405 is 6 April 2004 to 5 April 2005." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 5, 10], minimum = 0, maximum = 18, description = "Years after key stage 4." },
]
source = "Post-16 education and labour market activities, pathways and outcomes (LEO)."
years = "tax years to 2020/21"
lost = "People whose year lies after 2020/21 have no row for it."
traps = ["Year 1 is a year and a half after the examinations: most are 17 to 18 in it."]
group_by = ["years_after"]
---*/
SELECT c.ae_id, c.ks4_year, t.starts_in - c.ks4_year AS years_after, t.tax_year
FROM measures.ks4_cohort AS c
JOIN measures.tax_years AS t ON t.starts_in >= c.ks4_year
WHERE t.starts_in - c.ks4_year IN ($years)
