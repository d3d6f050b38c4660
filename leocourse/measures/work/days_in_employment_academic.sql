/*---
title = "Days in employment by academic year"
definition = """Days of an academic year (1 August to 31 July) that at least one employment spell covers, and whether employment was continuous.
The same days as in days_in_employment, cut at the end of July in place of 5 April."""
grain = "one row per person and academic year with a day in employment"
key = ["ae_id", "academic_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "academic_year", type = "int", description = "Calendar year in which the academic year ends: 2011 is 2010/11." },
  { name = "days", type = "int", unit = "days", description = "Days in employment, 1 to 366." },
  { name = "continuous", type = "int", description = "1 if a spell that touches the year lasts at least 181 days, not all of which need lie in the year." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "LEO variable request form v2.3 (employment table); 181 days: the metrics script of Youth-Transitions/resources, which cuts at the end of August."
years = "2002/03 to 2020/21"
lost = "After 5 April 2021 nothing is known, so 2020/21 has at most 248 days."
traps = [
  "Pay is known by tax year only: days of an academic year cannot be set against it.",
  "Compare 2020/21 with no other year: it stops on 5 April.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["academic_year"]
---*/
WITH academic_years AS (
    SELECT
        starts_in + 1 AS academic_year,
        make_date(starts_in, 8, 1) AS first_day,
        make_date(starts_in + 1, 7, 31) AS last_day
    FROM measures.tax_years
)
SELECT
    s.ae_id,
    y.academic_year,
    CAST(
        SUM(
            1 + date_diff(
                'day',
                CASE WHEN s.start_date > y.first_day THEN s.start_date ELSE y.first_day END,
                CASE WHEN s.end_date < y.last_day THEN s.end_date ELSE y.last_day END
            )
        ) AS int
    ) AS days,
    MAX(CASE WHEN date_diff('day', s.start_date, s.end_date) >= 180 THEN 1 ELSE 0 END) AS continuous
FROM measures.employment_spells AS s
JOIN academic_years AS y ON s.start_date <= y.last_day AND s.end_date >= y.first_day
GROUP BY s.ae_id, y.academic_year
