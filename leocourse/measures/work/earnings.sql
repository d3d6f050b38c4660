/*---
title = "Earnings by tax year: annual, daily, annualised, real"
definition = """Pay as an employee in a tax year over all keys of a person, and the same for each day in employment, grossed up to a year, and at the prices of one year.
Annualised earnings are pay divided by days in employment, times 365."""
grain = "one row per person and tax year with an earnings record"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "earnings", type = "int", unit = "pounds", description = "Pay in the tax year, in money of the year." },
  { name = "days", type = "int", unit = "days", description = "Days in employment; 0 if there is pay and no spell." },
  { name = "earnings_per_day", type = "float", unit = "pounds a day", description = "Pay for each day in employment; missing without days." },
  { name = "annualised", type = "float", unit = "pounds a year", description = "Pay for each day in employment, times 365; missing without days." },
  { name = "annualised_real", type = "float", unit = "pounds a year", description = "The same at the prices of `prices_of`." },
  { name = "earnings_real", type = "float", unit = "pounds", description = "Pay in the tax year at the prices of `prices_of`." },
]
parameters = [
  { name = "prices_of", type = "int", values = [200304, 200405, 200506, 200607, 200708, 200809, 200910, 201011, 201112, 201213, 201314, 201415, 201516, 201617, 201718, 201819, 201920, 202021], default = 201718, description = "Tax year at whose prices real earnings are stated." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count among the days: see employment_spells." },
]
source = "Earnings table of the LEO variable request form v2.3; annualised: glossary of the Scottish LEO publication, which uses the same method; prices: see tax_years."
years = "2003/04 to 2020/21"
lost = "Hours: part-time pay is not grossed up. Self-employment: see combined_earnings. Which employer paid: see main_employer."
traps = [
  "Pay is that of P14 returns to 2012/13 and of Real Time Information from 6 April 2013. Before, pay below the lower earnings limit need not be reported, so low pay is missing before and there after.",
  "A few days in employment make wild annualised values: publications use them for sustained employment only.",
  "Negative totals appear as 0, and until 2016/17 some benefits stand among the pay.",
  "Published graduate earnings are in money of the year; those of the post-16 cohorts are at prices of 2017/18.",
]
published = "metric=avg_earnings;breakdown=All;column=annualised_real"
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["tax_year"]
---*/
WITH pay AS (
    SELECT k.ae_id, e.taxyear AS tax_year, CAST(SUM(e.earnings) AS int) AS earnings
    FROM leo_i2."2005003".leo_earnings AS e
    JOIN measures.edukey_person AS k ON k.edukey = e.edukey
    GROUP BY k.ae_id, e.taxyear
),
prices AS (
    SELECT this.tax_year, base.price_index / this.price_index AS factor
    FROM measures.tax_years AS this
    JOIN measures.tax_years AS base ON base.tax_year = $prices_of
),
rated AS (
    SELECT
        pay.ae_id,
        pay.tax_year,
        pay.earnings,
        COALESCE(d.days, 0) AS days,
        CAST(pay.earnings AS double precision) / NULLIF(d.days, 0) AS earnings_per_day,
        prices.factor
    FROM pay
    JOIN prices ON prices.tax_year = pay.tax_year
    LEFT JOIN measures.days_in_employment AS d ON d.ae_id = pay.ae_id AND d.tax_year = pay.tax_year
)
SELECT
    ae_id,
    tax_year,
    earnings,
    days,
    earnings_per_day,
    earnings_per_day * 365 AS annualised,
    earnings_per_day * 365 * factor AS annualised_real,
    earnings * factor AS earnings_real
FROM rated
