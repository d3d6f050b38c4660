/*---
title = "Main employer by tax year"
definition = """The enterprise that paid a person most in a tax year, with its industry, region and size from the copy of the business register that belongs to the year.
Tax years to 2016/17 are joined to source year 2019 (the register of January 2018), later ones to 2020 (September 2020)."""
grain = "one row per person and tax year with an enterprise"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "enterprise", type = "varchar(11)", description = "Pseudonym of the enterprise (ENTKEY)." },
  { name = "pay", type = "int", unit = "pounds", description = "Pay from it in the tax year." },
  { name = "source_year", type = "varchar(4)", description = "Copy of the register that was used: 2019 or 2020." },
  { name = "on_register", type = "int", description = "1 if the enterprise stands in that copy." },
  { name = "sic2007", type = "varchar(5)", description = "Industry of the enterprise, five digits of the 2007 classification." },
  { name = "section", type = "varchar(120)", description = "Section of that industry." },
  { name = "region", type = "varchar(9)", description = "Region of the enterprise, code." },
  { name = "firm_size", type = "varchar(10)", description = "Employees of the whole enterprise: 0-9, 10-49, 50-249 or 250+." },
  { name = "size_band", type = "int", description = "Band of employees as the register has it, 1 to 9." },
  { name = "legal_status", type = "varchar(1)", description = "Legal status, one digit." },
]
parameters = [
  { name = "register", values = ["of the year", "2019", "2020"], default = "of the year", description = "Which copy of the register: the one that belongs to the tax year, or one copy for all years." },
]
source = "Earnings and IDBR lookup tables of the LEO variable request form v2.3. The form gives no bands of employees: 1 to 9 stand here for 0-4, 5-9, 10-19, 20-49, 50-99, 100-249, 250-499, 500-999 and 1,000+, usual in business statistics. Unverified."
years = "2003/04 to 2020/21"
lost = "All employers but the one that paid most: its share is `pay` of what the measure earnings has."
traps = [
  "Joining on ENTKEY alone finds both copies of the register and doubles the rows.",
  "Main enterprise, main industry and main section are picked independently in the records, so they can disagree.",
  "Industry and region are the enterprise's, not the workplace's: a supermarket's worker in Leeds may stand in London.",
  "Pay from employers that are not on the register counts under no enterprise.",
]
other_rule = { parameter = "register", value = "2020" }
group_by = ["firm_size", "section"]
---*/
WITH alone AS (
    SELECT ae_id, MIN(edukey) AS edukey FROM measures.edukey_person GROUP BY ae_id HAVING COUNT(*) = 1
),
several AS (
    SELECT p.ae_id, p.edukey
    FROM measures.edukey_person AS p
    JOIN (SELECT ae_id FROM measures.edukey_person GROUP BY ae_id HAVING COUNT(*) > 1) AS s ON s.ae_id = p.ae_id
),
ranked AS (
    -- Only people with several keys can have two records in a year: nobody else has to be sorted.
    SELECT
        k.ae_id,
        e.taxyear AS tax_year,
        e.main_enterprise AS enterprise,
        CAST(SUM(e.enterprise_earnings) AS int) AS pay,
        ROW_NUMBER() OVER (
            PARTITION BY k.ae_id, e.taxyear ORDER BY SUM(e.enterprise_earnings) DESC, e.main_enterprise
        ) AS place
    FROM leo_i2."2005003".leo_earnings AS e
    JOIN several AS k ON k.edukey = e.edukey
    WHERE e.main_enterprise IS NOT NULL
    GROUP BY k.ae_id, e.taxyear, e.main_enterprise
),
chosen AS (
    SELECT k.ae_id, e.taxyear AS tax_year, e.main_enterprise AS enterprise, e.enterprise_earnings AS pay
    FROM leo_i2."2005003".leo_earnings AS e
    JOIN alone AS k ON k.edukey = e.edukey
    WHERE e.main_enterprise IS NOT NULL
    UNION ALL
    SELECT ae_id, tax_year, enterprise, pay FROM ranked WHERE place = 1
),
pay AS (
    SELECT
        *,
        CASE
            WHEN $register <> 'of the year' THEN $register
            WHEN tax_year <= 201617 THEN '2019'
            ELSE '2020'
        END AS source_year
    FROM chosen
)
SELECT
    p.ae_id,
    p.tax_year,
    p.enterprise,
    p.pay,
    p.source_year,
    CASE WHEN r.entkey IS NULL THEN 0 ELSE 1 END AS on_register,
    r.sic2007,
    r.sectionname AS section,
    r.govt_region AS region,
    CASE
        WHEN r.employees <= 2 THEN '0-9'
        WHEN r.employees <= 4 THEN '10-49'
        WHEN r.employees <= 6 THEN '50-249'
        WHEN r.employees >= 7 THEN '250+'
    END AS firm_size,
    r.employees AS size_band,
    r.legalstatus AS legal_status
FROM pay AS p
LEFT JOIN leo_i2."2005003".leo_idbr_lookup AS r ON r.entkey = p.enterprise AND r.sourceyear = p.source_year
