/*---
title = "Days in employment by tax year"
definition = """Days of a tax year that at least one employment spell covers, and whether employment was continuous.
Days that several spells cover, under one key or two, count once."""
grain = "one row per person and tax year with a day in employment"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "days", type = "int", unit = "days", description = "Days in employment, 1 to 366." },
  { name = "continuous", type = "int", description = "1 if a spell that touches the year lasts at least 181 days, not all of which need lie in the year." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "LEO variable request form v2.3 (employment table); 181 days: the metrics script of Youth-Transitions/resources, which takes April to March for the tax year."
years = "1997/98 in the real extract; spells of these simulated lives begin with 2002/03; to 2020/21"
lost = "Hours, jobs, and self-employment. People without a day in employment have no row: join the cohort to count them."
traps = [
  "Adding up spells under two keys counts the days twice.",
  "Spells with a default end on 5 April fill the year.",
  "The real extract has pay without a spell: nought days do not prove that nobody was paid.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["tax_year"]
---*/
SELECT
    s.ae_id,
    t.tax_year,
    CAST(
        SUM(
            1 + date_diff(
                'day',
                CASE WHEN s.start_date > t.first_day THEN s.start_date ELSE t.first_day END,
                CASE WHEN s.end_date < t.last_day THEN s.end_date ELSE t.last_day END
            )
        ) AS int
    ) AS days,
    MAX(CASE WHEN date_diff('day', s.start_date, s.end_date) >= 180 THEN 1 ELSE 0 END) AS continuous
FROM measures.employment_spells AS s
JOIN measures.tax_years AS t ON s.start_date <= t.last_day AND s.end_date >= t.first_day
GROUP BY s.ae_id, t.tax_year
