/*---
title = "Months on out-of-work benefits, as unbroken runs"
definition = """Calendar months with at least one day on an out-of-work benefit, months in a row made one run.
Six months in a row are what publications ask for."""
grain = "one row per person and unbroken run of months"
key = ["ae_id", "first_month"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "first_month", type = "int", unit = "months", description = "First month: twelve times the calendar year, plus the month, less one." },
  { name = "last_month", type = "int", unit = "months", description = "Last month, counted in the same way." },
]
parameters = [
  { name = "out_of_work", values = ["flag", "codes"], default = "flag", description = "Which benefits count: see benefit_spells." },
]
source = "Post-16 education and labour market activities (LEO) counts a month with at least one day."
years = "1999/00 to 2020/21"
lost = "How many days of a month are covered."
traps = ["Two claims with a short gap are one run if the gap lies within a month or across its end."]
other_rule = { parameter = "out_of_work", value = "codes" }
---*/
WITH months AS (
    SELECT
        ae_id,
        start_date,
        CAST(YEAR(start_date) * 12 + MONTH(start_date) - 1 AS int) AS first_month,
        CAST(YEAR(end_date) * 12 + MONTH(end_date) - 1 AS int) AS last_month
    FROM measures.benefit_spells
),
before AS (
    SELECT *, LAG(last_month) OVER (PARTITION BY ae_id ORDER BY start_date) AS month_before
    FROM months
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN first_month <= month_before + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id ORDER BY start_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM before
)
SELECT ae_id, MIN(first_month) AS first_month, MAX(last_month) AS last_month
FROM numbered
GROUP BY ae_id, run
