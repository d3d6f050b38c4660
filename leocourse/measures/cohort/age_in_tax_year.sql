/*---
title = "Age in a tax year by birth cohort"
definition = """How old the people of a birth cohort (September to August) are in each tax year, in which year after key stage 4 they are then, and how many of them the extract has.
On 6 April those born from September to 5 April are a year older than those born later in the cohort; on 31 August all have the same age."""
grain = "one row per birth cohort and tax year"
key = ["birth_cohort", "tax_year"]
columns = [
  { name = "birth_cohort", type = "int", unit = "year", description = "Calendar year in which the academic year of birth begins: 1990 is born from September 1990 to August 1991." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "age_31_august", type = "int", unit = "years", description = "Age of everybody in the cohort on 31 August within the tax year." },
  { name = "age_at_start_older", type = "int", unit = "years", description = "Age on 6 April of those born before 6 April within the academic year of birth." },
  { name = "age_at_start_younger", type = "int", unit = "years", description = "Age on 6 April of those born after." },
  { name = "years_after_ks4", type = "int", unit = "years", description = "Years after key stage 4 of those in year 11 at the usual age; below 0 before it." },
  { name = "people", type = "int", unit = "people", description = "People of the cohort in the extract." },
  { name = "older", type = "int", unit = "people", description = "Of these, born from September to March." },
  { name = "born_in_april", type = "int", unit = "people", description = "Of these, born in April: the day, which decides, is not released." },
]
source = "Year and month of birth in school records and tax years, LEO variable request form v2.3."
years = "tax years 2002/03 to 2020/21"
lost = "The day of birth. People without a school record with month and year of birth."
traps = [
  "A tax year holds two ages of every person: say at which day an age is taken.",
  "Age-specific rules (minimum wage, benefits, apprenticeships) follow birthdays, so the younger half of a cohort meets them in a later tax year.",
  "Years after key stage 4 are by usual age here: years_after_ks4 has them from the record of each person.",
]
group_by = ["tax_year"]
---*/
WITH cohorts AS (
    SELECT
        birth_cohort,
        COUNT(*) AS people,
        SUM(CASE WHEN birth_month >= 9 OR birth_month <= 3 THEN 1 ELSE 0 END) AS older,
        SUM(CASE WHEN birth_month = 4 THEN 1 ELSE 0 END) AS born_in_april
    FROM measures.birth_cohort
    GROUP BY birth_cohort
)
SELECT
    c.birth_cohort,
    t.tax_year,
    t.starts_in - c.birth_cohort - 1 AS age_31_august,
    t.starts_in - c.birth_cohort - 1 AS age_at_start_older,
    t.starts_in - c.birth_cohort - 2 AS age_at_start_younger,
    t.starts_in - c.birth_cohort - 17 AS years_after_ks4,
    CAST(c.people AS int) AS people,
    CAST(c.older AS int) AS older,
    CAST(c.born_in_april AS int) AS born_in_april
FROM cohorts AS c
JOIN measures.tax_years AS t ON t.starts_in > c.birth_cohort
