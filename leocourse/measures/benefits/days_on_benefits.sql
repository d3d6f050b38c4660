/*---
title = "Days on out-of-work benefits by tax year"
definition = """Days of a tax year on at least one out-of-work benefit, each day counted once however many benefits cover it.
Beside it, the days that adding up the records would give."""
grain = "one row per person and tax year with a day on an out-of-work benefit"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "days", type = "int", unit = "days", description = "Days on at least one out-of-work benefit, 1 to 366." },
  { name = "days_added_up", type = "int", unit = "days", description = "Days of all records added up: too many where benefits overlap." },
  { name = "continuous", type = "int", description = "1 if a spell that touches the year lasts at least 181 days, not all of which need lie in the year." },
]
parameters = [
  { name = "out_of_work", values = ["flag", "codes"], default = "flag", description = "Which benefits count: see benefit_spells." },
]
source = "Benefit table of the LEO variable request form v2.3; 181 days: the metrics script of Youth-Transitions/resources."
years = "1999/00 in the real extract; claims of these simulated lives begin with 2002/03; to 2020/21"
lost = "Which benefit. People without a day have no row."
traps = [
  "Adding up days over types counts a carer who also draws income support twice.",
  "Spells left open by mistake run on to the end of the data.",
]
other_rule = { parameter = "out_of_work", value = "codes" }
group_by = ["tax_year"]
---*/
WITH once AS (
    SELECT
        s.ae_id,
        t.tax_year,
        SUM(
            1 + date_diff(
                'day',
                CASE WHEN s.start_date > t.first_day THEN s.start_date ELSE t.first_day END,
                CASE WHEN s.end_date < t.last_day THEN s.end_date ELSE t.last_day END
            )
        ) AS days,
        MAX(CASE WHEN date_diff('day', s.start_date, s.end_date) >= 180 THEN 1 ELSE 0 END) AS continuous
    FROM measures.benefit_spells AS s
    JOIN measures.tax_years AS t ON s.start_date <= t.last_day AND s.end_date >= t.first_day
    GROUP BY s.ae_id, t.tax_year
),
added_up AS (
    SELECT
        k.ae_id,
        t.tax_year,
        SUM(
            1 + date_diff(
                'day',
                CASE WHEN b.startdate > t.first_day THEN b.startdate ELSE t.first_day END,
                CASE WHEN b.enddate < t.last_day THEN b.enddate ELSE t.last_day END
            )
        ) AS days
    FROM leo_i2."2005003".leo_benefit AS b
    JOIN measures.edukey_person AS k ON k.edukey = b.edukey
    JOIN measures.tax_years AS t ON b.startdate <= t.last_day AND b.enddate >= t.first_day
    WHERE b.startdate < b.enddate
        AND (
            ($out_of_work = 'flag' AND b.out_of_work_benefit = 1)
            OR (
                $out_of_work = 'codes'
                AND b.benefit_type IN (
                    'AA', 'ESA', 'IB', 'ICA', 'IS', 'JSA', 'JTA', 'PC', 'PIB', 'RP', 'SDA', 'UAA', 'UBC', 'UCE', 'UDF'
                )
            )
        )
    GROUP BY k.ae_id, t.tax_year
)
SELECT
    once.ae_id,
    once.tax_year,
    CAST(once.days AS int) AS days,
    CAST(added_up.days AS int) AS days_added_up,
    once.continuous
FROM once
JOIN added_up ON added_up.ae_id = once.ae_id AND added_up.tax_year = once.tax_year
