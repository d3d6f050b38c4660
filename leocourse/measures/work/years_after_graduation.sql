/*---
title = "Years after graduation"
definition = """The tax year that each year after graduation is, for every graduate.
The first year after graduation is the first full tax year after it: who graduates in 2016/17 is one year after in 2018/19."""
grain = "one row per graduate and year after graduation that the data reach"
key = ["ae_id", "years_after"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "graduation_year", type = "int", description = "Calendar year in which the academic year of graduation ends: 2011 is 2010/11." },
  { name = "years_after", type = "int", unit = "years", description = "Years after graduation." },
  { name = "tax_year", type = "int", description = "The tax year that this is: 201112 is 6 April 2011 to 5 April 2012." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 3, 5], minimum = 0, maximum = 15, description = "Years after graduation. 0 is the tax year in which the academic year of graduation ends." },
  { name = "level", values = ["first degree", "taught postgraduate", "research", "other undergraduate"], default = "first degree", description = "Level of the qualification that makes a graduate: see graduate_cohort." },
]
source = "Graduate outcomes (LEO), explore-education-statistics: 2016/17 graduates are one year after in 2018/19, three in 2020/21, ten in 2027/28."
years = "tax years to 2020/21"
lost = "Graduates whose year lies after 2020/21 have no row for it."
traps = ["One year after graduation begins nine months after a summer's graduation: the year between belongs to no count."]
group_by = ["years_after"]
---*/
SELECT g.ae_id, g.graduation_year, t.starts_in - g.graduation_year AS years_after, t.tax_year
FROM measures.graduate_cohort AS g
JOIN measures.tax_years AS t ON t.starts_in >= g.graduation_year
WHERE t.starts_in - g.graduation_year IN ($years)
