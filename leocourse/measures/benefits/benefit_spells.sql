/*---
title = "Spells on out-of-work benefits"
definition = """Spells on any out-of-work benefit over all keys of a person, those of different types that overlap or touch made one.
Spells that start on or after their end are dropped, and open spells end on 5 April 2021, the last day of the data."""
grain = "one row per person and unbroken spell"
key = ["ae_id", "start_date"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "start_date", type = "date", description = "First day." },
  { name = "end_date", type = "date", description = "Last day; 5 April 2021 if the spell was still open then." },
  { name = "still_open", type = "int", description = "1 if one of the spells has the end 9999-12-31." },
  { name = "records", type = "int", unit = "spells", description = "Spells in the records that this one joins." },
]
parameters = [
  { name = "out_of_work", values = ["flag", "codes"], default = "flag", description = "flag: `out_of_work_benefit` = 1. codes: the types that published scripts take for out-of-work benefits." },
]
source = "Benefit table of the LEO variable request form v2.3; codes: scripts of Youth-Transitions/resources."
years = "1999/00 to 2020/21"
lost = "Which benefit, and how much: there are no amounts."
traps = [
  "Spells are merged within a type only: types overlap, so adding up their days counts days twice.",
  "Disability benefits (DLA, PIP) and universal credit while working are no out-of-work benefits.",
  "Universal credit replaced other benefits area by area from 2013: types are not comparable over time. The dates of the simulated authorities are in reference.authorities.",
  "A spell whose end was never reported appears as open.",
]
other_rule = { parameter = "out_of_work", value = "codes" }
---*/
WITH reported AS (
    SELECT
        k.ae_id,
        b.startdate AS start_date,
        CASE WHEN b.enddate > DATE '2021-04-05' THEN DATE '2021-04-05' ELSE b.enddate END AS end_date,
        CASE WHEN b.enddate = DATE '9999-12-31' THEN 1 ELSE 0 END AS still_open
    FROM leo_i2."2005003".leo_benefit AS b
    JOIN measures.edukey_person AS k ON k.edukey = b.edukey
    WHERE b.startdate < b.enddate
        AND b.startdate <= DATE '2021-04-05'
        AND (
            ($out_of_work = 'flag' AND b.out_of_work_benefit = 1)
            OR (
                $out_of_work = 'codes'
                AND b.benefit_type IN (
                    'AA', 'ESA', 'IB', 'ICA', 'IS', 'JSA', 'JTA', 'PC', 'PIB', 'RP', 'SDA', 'UAA', 'UBC', 'UCE', 'UDF'
                )
            )
        )
),
--| use merged_spells
