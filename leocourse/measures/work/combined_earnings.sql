/*---
title = "Earnings from employment and self-employment together"
definition = """Pay as an employee and profit from self-employment in a tax year, and both added.
Neither is annualised, because nothing says which part of a year people were self-employed."""
grain = "one row per person and tax year with pay or a return that shows self-employment"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 201314 is 6 April 2013 to 5 April 2014." },
  { name = "earnings", type = "int", unit = "pounds", description = "Pay as an employee; 0 if none." },
  { name = "profit", type = "int", unit = "pounds", description = "Income from self-employment; 0 if none, and always before 2013/14; below 0 for a loss." },
  { name = "combined", type = "int", unit = "pounds", description = "Both added." },
  { name = "source", type = "varchar(13)", description = "employee, self-employed or both, by the records there are." },
]
source = "Earnings and self-assessment tables of the LEO variable request form v2.3."
years = "2003/04 to 2020/21; with self-employment from 2013/14"
lost = "How much of the year each covers."
traps = [
  "A loss makes the sum smaller than the pay, and below 0 for some: no logarithm of it without a rule for them.",
  "Pay and profit are not alike: profit is after costs, and those with nothing but self-employment report much less.",
  "Before 2013/14 the self-employed are missing, so do not compare across that year.",
]
group_by = ["source", "tax_year"]
---*/
SELECT
    COALESCE(e.ae_id, s.ae_id) AS ae_id,
    COALESCE(e.tax_year, s.tax_year) AS tax_year,
    COALESCE(e.earnings, 0) AS earnings,
    COALESCE(s.profit, 0) AS profit,
    COALESCE(e.earnings, 0) + COALESCE(s.profit, 0) AS combined,
    CASE
        WHEN s.ae_id IS NULL THEN 'employee'
        WHEN e.ae_id IS NULL THEN 'self-employed'
        ELSE 'both'
    END AS source
FROM measures.earnings AS e
FULL JOIN (SELECT * FROM measures.self_employment WHERE self_employed = 1) AS s
    ON s.ae_id = e.ae_id AND s.tax_year = e.tax_year
