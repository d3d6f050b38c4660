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
WITH spells AS (
    SELECT ae_id, start_date, end_date FROM measures.benefit_spells
),
--| use month_runs
