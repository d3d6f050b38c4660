/*---
title = "Employment spells of a person"
definition = """Spells of employment as an employee over all keys of a person, those that overlap or touch made one.
Spells that start on or after their end are dropped, and open spells end on 5 April 2021, the last day of the data."""
grain = "one row per person and unbroken spell"
key = ["ae_id", "start_date"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "start_date", type = "date", description = "First day." },
  { name = "end_date", type = "date", description = "Last day; 5 April 2021 if the spell was still open then." },
  { name = "still_open", type = "int", description = "1 if the end is 9999-12-31 in the records." },
  { name = "records", type = "int", unit = "spells", description = "Spells in the records that this one joins." },
]
parameters = [
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown (and stands at 6 April or 5 April) count." },
]
source = "LEO variable request form v2.3 (employment table); dropping start >= end follows the published scripts of Youth-Transitions/resources."
years = "1997/98 to 2020/21"
lost = "Jobs: spells are merged in the extract already, so neither jobs nor changes of employer can be counted."
traps = [
  "Open spells end on 9999-12-31 in the records: take the difference of dates and somebody works for eight thousand years.",
  "6 April and 5 April are default dates: spells heap there, and days in work are too many for them.",
  "Self-employment is not here, and pay below the threshold may have no spell.",
]
other_rule = { parameter = "uncertain", value = "drop" }
---*/
WITH reported AS (
    SELECT
        k.ae_id,
        e.startdate AS start_date,
        CASE WHEN e.enddate > DATE '2021-04-05' THEN DATE '2021-04-05' ELSE e.enddate END AS end_date,
        CASE WHEN e.enddate = DATE '9999-12-31' THEN 1 ELSE 0 END AS still_open
    FROM leo_i2."2005003".leo_employment AS e
    JOIN measures.edukey_person AS k ON k.edukey = e.edukey
    WHERE e.startdate < e.enddate
        AND e.startdate <= DATE '2021-04-05'
        AND ($uncertain = 'keep' OR (e.uncertainstartdate = 0 AND e.uncertainenddate = 0))
),
--| use merged_spells
