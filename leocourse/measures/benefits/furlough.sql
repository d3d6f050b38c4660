/*---
title = "Furlough by tax year"
definition = """Months and weeks of furlough (Coronavirus Job Retention Scheme) in a tax year, over all keys of a person.
A month counts if the person was furloughed at any time in it; months furloughed at their end are counted beside it."""
grain = "one row per person and tax year with a furlough record"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "201920 or 202021." },
  { name = "months", type = "int", unit = "months", description = "Months with furlough at any time, 0 to 12." },
  { name = "months_at_end", type = "int", unit = "months", description = "Months with furlough at their end, 0 to 12." },
  { name = "weeks", type = "int", unit = "weeks", description = "Weeks of furlough." },
  { name = "capped", type = "int", description = "1 if the weeks were limited to what the months allow." },
  { name = "states", type = "varchar(12)", description = "A digit for each month from April to March: 1 if furloughed at any time." },
]
source = "CJRS table of the LEO variable request form v2.3."
years = "2019/20 (March 2020 only) and 2020/21"
lost = "The job and the employer: support is a person's, not a job's."
traps = [
  "The first digit is taken to be April, the tax year's first month: the request form does not say so.",
  "Weeks are not months: somebody furloughed on the last day of a month has the month.",
  "Figures on the scheme may be published only in consultation with HMRC.",
]
group_by = ["tax_year", "months"]
---*/
WITH joined AS (
    -- Digits are added up as numbers: with fewer than ten keys no digit carries over, and none is lost.
    SELECT
        k.ae_id,
        c.taxyear AS tax_year,
        SUM(CAST(c.cjrs_dtm_ind AS bigint)) AS any_time,
        SUM(CAST(c.cjrs_eom_ind AS bigint)) AS at_end,
        CAST(SUM(c.cjrs_tot_wks) AS int) AS weeks,
        MAX(COALESCE(c.cjrs_wks_capped, 0)) AS capped
    FROM leo_i2."2005003".leo_cjrs AS c
    JOIN measures.edukey_person AS k ON k.edukey = c.edukey
    GROUP BY k.ae_id, c.taxyear
),
digits AS (
    SELECT
        ae_id,
        tax_year,
        TRANSLATE(RIGHT(CONCAT('000000000000', any_time), 12), '23456789', '11111111') AS any_time,
        TRANSLATE(RIGHT(CONCAT('000000000000', at_end), 12), '23456789', '11111111') AS at_end,
        weeks,
        capped
    FROM joined
)
SELECT
    ae_id,
    tax_year,
    CAST(LENGTH(REPLACE(any_time, '0', '')) AS int) AS months,
    CAST(LENGTH(REPLACE(at_end, '0', '')) AS int) AS months_at_end,
    weeks,
    capped,
    any_time AS states
FROM digits
