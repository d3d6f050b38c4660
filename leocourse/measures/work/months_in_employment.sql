/*---
title = "Months in employment by tax year"
definition = """Calendar months of a tax year, April to March, with at least one day in employment, and what the published rules need of them.
The months of October to March, the longest unbroken run in the year, and whether March and the April after it are among them."""
grain = "one row per person and tax year with a month in employment"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "months", type = "int", unit = "months", description = "Months from April to March with a day in employment, 1 to 12." },
  { name = "longest_run", type = "int", unit = "months", description = "Longest run of such months within the year." },
  { name = "october_to_march", type = "int", unit = "months", description = "Those from October to March, 0 to 6." },
  { name = "march", type = "int", description = "1 if March is among them." },
  { name = "april_after", type = "int", description = "1 if the April after the year has a day in employment." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "Months with a day in work, October to March: SFR 36/2016; all twelve months: Post-16 education and labour market activities (LEO)."
years = "2002/03 to 2020/21"
lost = "Days: one day makes a month."
traps = [
  "April 2021 is known to the 5th only, so april_after is too low for 2020/21.",
  "Spells with a default end on 5 April make March a month in work, and April too.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["tax_year"]
---*/
WITH cut AS (
    SELECT
        r.ae_id,
        t.tax_year,
        t.last_month,
        r.last_month AS run_ends,
        CASE WHEN r.first_month > t.first_month THEN r.first_month ELSE t.first_month END AS from_month,
        CASE WHEN r.last_month < t.last_month THEN r.last_month ELSE t.last_month END AS to_month
    FROM measures.employment_months AS r
    JOIN measures.tax_years AS t ON r.first_month <= t.last_month + 1 AND r.last_month >= t.first_month
)
SELECT
    ae_id,
    tax_year,
    CAST(SUM(to_month - from_month + 1) AS int) AS months,
    MAX(to_month - from_month + 1) AS longest_run,
    CAST(
        SUM(
            CASE
                WHEN to_month < last_month - 5 THEN 0
                WHEN from_month > last_month - 5 THEN to_month - from_month + 1
                ELSE to_month - last_month + 6
            END
        ) AS int
    ) AS october_to_march,
    MAX(CASE WHEN from_month <= last_month AND run_ends >= last_month THEN 1 ELSE 0 END) AS march,
    MAX(CASE WHEN run_ends > last_month THEN 1 ELSE 0 END) AS april_after
FROM cut
GROUP BY ae_id, tax_year
HAVING SUM(to_month - from_month + 1) > 0
