/*---
title = "Residence by tax year"
definition = """Where a person lives in a tax year: region, country and output area of the address held longest.
Where two keys of a person give two addresses for a year, that of the lower key is taken."""
grain = "one row per person and tax year with an address"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "coa_2011", type = "varchar(9)", description = "Census output area of 2011; missing for people abroad or at an unknown address." },
  { name = "authority", type = "varchar(10)", description = "Pseudonym of the local authority." },
  { name = "region", type = "varchar(9)", description = "Region, code; missing outside England." },
  { name = "region_name", type = "varchar(40)", description = "Region, name." },
  { name = "country", type = "varchar(20)", description = "England, Wales, Scotland, Northern Ireland, Abroad or Unknown." },
]
source = "Geography table of the LEO variable request form v2.3: one address a person and year, the one held longest, the later in a tie."
years = "2004/05 to 2020/21"
lost = "Moves within a year."
traps = [
  "Some person-years have no address: gaps in the records, or people of whom no record of pay, profit or benefit has come for years.",
  "An address is the last one known: people who went abroad can keep it for years after they left.",
  "Output areas before October 2012 are less accurate.",
  "The region of the school is another thing: see the measures of background.",
]
group_by = ["tax_year", "region_name"]
---*/
WITH several AS (
    SELECT ae_id FROM measures.edukey_person GROUP BY ae_id HAVING COUNT(*) > 1
),
ranked AS (
    -- Only people with several keys can have two addresses in a year: nobody else has to be sorted.
    SELECT
        g.edukey,
        g.taxyear,
        ROW_NUMBER() OVER (PARTITION BY k.ae_id, g.taxyear ORDER BY g.edukey) AS place
    FROM several AS s
    JOIN measures.edukey_person AS k ON k.ae_id = s.ae_id
    JOIN leo_i2."2005003".leo_geography AS g ON g.edukey = k.edukey
),
second AS (
    SELECT edukey, taxyear FROM ranked WHERE place > 1
)
SELECT
    k.ae_id,
    g.taxyear AS tax_year,
    g.coa_2011,
    g.laua_anon AS authority,
    g.gor AS region,
    g.gornm AS region_name,
    g.ctrynm AS country
FROM leo_i2."2005003".leo_geography AS g
JOIN measures.edukey_person AS k ON k.edukey = g.edukey
LEFT JOIN second AS s ON s.edukey = g.edukey AND s.taxyear = g.taxyear
WHERE s.edukey IS NULL
