/*---
title = "Months in employment, as unbroken runs"
definition = """Calendar months with at least one day in employment, months in a row made one run.
Every rule on months in work is arithmetic on these runs: no calendar has to be joined to people."""
grain = "one row per person and unbroken run of months"
key = ["ae_id", "first_month"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "first_month", type = "int", unit = "months", description = "First month with a day in work: twelve times the calendar year, plus the month, less one." },
  { name = "last_month", type = "int", unit = "months", description = "Last month, counted in the same way." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "LEO publications count a month as in work if there is at least one day in it (SFR 36/2016)."
years = "1997/98 to 2020/21"
lost = "How many days of a month are worked: one day counts as much as thirty."
traps = ["A spell that ends on the 3rd and one that begins on the 28th of a month are one run: the gap between them is lost."]
other_rule = { parameter = "uncertain", value = "drop" }
---*/
WITH spells AS (
    SELECT ae_id, start_date, end_date FROM measures.employment_spells
),
--| use month_runs
