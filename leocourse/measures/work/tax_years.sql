/*---
title = "Tax years: dates, months and prices"
definition = """Each tax year with its first and last day, its twelve months, and consumer prices in it.
A tax year runs from 6 April to 5 April; its price index is three parts of the calendar year in which it begins and one part of that in which it ends."""
grain = "one row per tax year"
key = ["tax_year"]
columns = [
  { name = "tax_year", type = "int", description = "Tax year as the extract writes it: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "starts_in", type = "int", unit = "year", description = "Calendar year in which the tax year begins." },
  { name = "first_day", type = "date", description = "6 April." },
  { name = "last_day", type = "date", description = "5 April of the year after." },
  { name = "days", type = "int", unit = "days", description = "Days in the tax year, 365 or 366." },
  { name = "first_month", type = "int", unit = "months", description = "April as a month number: twelve times the calendar year, plus the month, less one." },
  { name = "last_month", type = "int", unit = "months", description = "March as a month number." },
  { name = "price_index", type = "float", unit = "2015 = 100", description = "Consumer prices (CPI, all items) in the tax year." },
]
source = "Tax year: LEO variable request form v2.3. Prices: Office for National Statistics, CPI index, all items, 2015 = 100 (series D7BT), yearly averages, as in data/reference/consumer_prices.csv."
years = "2002/03 to 2020/21"
lost = "Price changes within a year."
traps = [
  "Months of a tax year are calendar months here, April to March: 1 to 5 April counts with the year that begins.",
  "Publications deflate with different indices (CPI, CPIH, GDP deflator): name the one you use.",
]
---*/
WITH prices AS (
    SELECT year, cpi
    FROM (VALUES
        (2002, 74.5), (2003, 75.5), (2004, 76.5), (2005, 78.1), (2006, 79.9), (2007, 81.8), (2008, 84.7),
        (2009, 86.6), (2010, 89.4), (2011, 93.4), (2012, 96.1), (2013, 98.5), (2014, 100.0), (2015, 100.0),
        (2016, 100.7), (2017, 103.4), (2018, 105.9), (2019, 107.8), (2020, 108.7), (2021, 111.6)
    ) AS v (year, cpi)
)
SELECT
    this.year * 100 + later.year % 100 AS tax_year,
    this.year AS starts_in,
    make_date(this.year, 4, 6) AS first_day,
    make_date(later.year, 4, 5) AS last_day,
    CAST(date_diff('day', make_date(this.year, 4, 6), make_date(later.year, 4, 6)) AS int) AS days,
    this.year * 12 + 3 AS first_month,
    this.year * 12 + 14 AS last_month,
    CAST((3 * this.cpi + later.cpi) / 4.0 AS double precision) AS price_index
FROM prices AS this
JOIN prices AS later ON later.year = this.year + 1
