/*---
title = "Eligibility for grants to the self-employed"
definition = """Whether a person met the rules of the Self-Employment Income Support Scheme for the grants of 2020/21: trading in 2018/19, 2019/20 and 2020/21, with profit of at most 50,000 pounds that is at least half of all income.
The rule on profit is met in 2018/19 alone, or on average over the tax years to 2018/19 without a break in trading, up to three."""
grain = "one row per person with a return that shows self-employment in 2018/19"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "profit", type = "int", unit = "pounds", description = "Profit from self-employment in 2018/19, below 0 for a loss." },
  { name = "other_income", type = "int", unit = "pounds", description = "Pay as an employee in 2018/19." },
  { name = "years", type = "int", unit = "tax years", description = "Tax years in a row to 2018/19 with self-employment, at most 3." },
  { name = "average_profit", type = "float", unit = "pounds", description = "Mean profit of these years." },
  { name = "average_other_income", type = "float", unit = "pounds", description = "Mean pay of these years." },
  { name = "trading", type = "int", description = "1 if self-employed in 2019/20 and 2020/21 too." },
  { name = "passes_in_year", type = "int", description = "1 if profit in 2018/19 is above 0, at most 50,000 pounds and at least half of profit and pay together." },
  { name = "passes_on_average", type = "int", description = "The same of the means." },
  { name = "eligible", type = "int", description = "1 if trading, with a mean profit above 0, and one of the two passes." },
  { name = "had_grant", type = "int", description = "1 if a grant of 2020/21 is recorded." },
]
parameters = [
  { name = "limit", type = "int", default = 50000, minimum = 1, maximum = 1000000, description = "Pounds that profit may reach." },
]
source = "Rules as published in the guidance on the scheme (GOV.UK, *Check if you can claim a grant*): trading profit to 50,000 pounds and at least half of total income, in 2018/19 or on average. Fields of the self-assessment, earnings and SEISS tables of the LEO variable request form v2.3."
years = "tax years 2016/17 to 2020/21"
lost = "Income that no table has (pensions, interest, rent, dividends), returns sent too late, the intention to go on trading, and harm to the trade: who is eligible here had still to declare that."
traps = [
  "Total income is pay and profit here. Who has other income passes here and may not have passed in fact.",
  "At least half of all income, so profit equal to pay passes.",
  "Directors of their own company are paid as employees: they are not self-employed here, and were not eligible.",
  "Eligible is not harmed: a grant was for those whose trade was, so the share with a grant is no share of eligible people who needed one.",
  "The later grants looked at 2019/20 too, which changes who is eligible: from May 2021 on, beyond these data.",
]
other_rule = { parameter = "limit", value = 25000 }
group_by = ["eligible", "had_grant"]
---*/
WITH returns AS (
    SELECT s.ae_id, s.tax_year, s.self_employed, s.profit, COALESCE(e.earnings, 0) AS pay
    FROM measures.self_employment AS s
    LEFT JOIN measures.earnings AS e ON e.ae_id = s.ae_id AND e.tax_year = s.tax_year
    WHERE s.tax_year BETWEEN 201617 AND 202021 AND s.self_employed = 1
),
side_by_side AS (
    SELECT
        ae_id,
        MAX(CASE WHEN tax_year = 201617 THEN 1 ELSE 0 END) AS traded_17,
        MAX(CASE WHEN tax_year = 201718 THEN 1 ELSE 0 END) AS traded_18,
        MAX(CASE WHEN tax_year = 201819 THEN 1 ELSE 0 END) AS traded_19,
        MAX(CASE WHEN tax_year = 201920 THEN 1 ELSE 0 END) AS traded_20,
        MAX(CASE WHEN tax_year = 202021 THEN 1 ELSE 0 END) AS traded_21,
        SUM(CASE WHEN tax_year = 201617 THEN profit ELSE 0 END) AS profit_17,
        SUM(CASE WHEN tax_year = 201718 THEN profit ELSE 0 END) AS profit_18,
        SUM(CASE WHEN tax_year = 201819 THEN profit ELSE 0 END) AS profit_19,
        SUM(CASE WHEN tax_year = 201617 THEN pay ELSE 0 END) AS pay_17,
        SUM(CASE WHEN tax_year = 201718 THEN pay ELSE 0 END) AS pay_18,
        SUM(CASE WHEN tax_year = 201819 THEN pay ELSE 0 END) AS pay_19
    FROM returns
    GROUP BY ae_id
),
counted AS (
    SELECT
        s.*,
        1 + traded_18 + traded_18 * traded_17 AS years,
        profit_19 + traded_18 * profit_18 + traded_18 * traded_17 * profit_17 AS profit_sum,
        pay_19 + traded_18 * pay_18 + traded_18 * traded_17 * pay_17 AS pay_sum
    FROM side_by_side AS s
    WHERE traded_19 = 1
),
passed AS (
    SELECT
        c.*,
        CASE WHEN profit_19 > 0 AND profit_19 <= $limit AND profit_19 >= pay_19 THEN 1 ELSE 0 END AS in_year,
        CASE WHEN profit_sum > 0 AND profit_sum <= $limit * years AND profit_sum >= pay_sum THEN 1 ELSE 0 END AS on_average,
        CASE WHEN traded_20 = 1 AND traded_21 = 1 THEN 1 ELSE 0 END AS trading
    FROM counted AS c
)
SELECT
    p.ae_id,
    CAST(p.profit_19 AS int) AS profit,
    CAST(p.pay_19 AS int) AS other_income,
    CAST(p.years AS int) AS years,
    CAST(CAST(p.profit_sum AS double precision) / p.years AS double precision) AS average_profit,
    CAST(CAST(p.pay_sum AS double precision) / p.years AS double precision) AS average_other_income,
    p.trading,
    p.in_year AS passes_in_year,
    p.on_average AS passes_on_average,
    CASE WHEN p.trading = 1 AND p.profit_sum > 0 AND p.in_year + p.on_average > 0 THEN 1 ELSE 0 END AS eligible,
    CASE WHEN g.ae_id IS NULL THEN 0 ELSE 1 END AS had_grant
FROM passed AS p
LEFT JOIN (SELECT DISTINCT ae_id FROM measures.self_employment_grants WHERE tax_year = 202021) AS g ON g.ae_id = p.ae_id
