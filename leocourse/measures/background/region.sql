/*---
title = "Region of the first known address"
definition = """Region in which a person lived in the first tax year with a known address, from age 16 or from 2004/05, whichever is later.
The school tables name no region: their authorities are pseudonymised."""
grain = "one row per person with an address"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year of the address: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "region_code", type = "varchar(9)", description = "Code of the region of England (GOR). Missing outside England." },
  { name = "region", type = "varchar(24)", description = "Name of the region, or of the country outside England." },
]
parameters = [
  { name = "rule", values = ["first", "latest"], default = "first", description = "Which address: that of the first or of the latest tax year." },
]
source = "LEO.Geography of the LEO variable request form v2.3: one address a person and tax year, the one held longest."
years = "2004/05 to 2020/21"
lost = "Moves within a year, and where a pupil lived before age 16."
traps = [
  "For those aged over 16 in 2004/05 the first address is not that of their school years.",
  "Addresses have real gaps, and small areas before October 2012 are less accurate.",
  "People who could not be linked have no row.",
]
other_rule = { parameter = "rule", value = "latest" }
group_by = ["region"]
---*/
WITH years AS (
    SELECT edukey, CASE WHEN $rule = 'first' THEN MIN(taxyear) ELSE MAX(taxyear) END AS taxyear
    FROM leo_i2."2005003".leo_geography
    GROUP BY edukey
),
ranked AS (
    SELECT p.ae_id, y.edukey, y.taxyear,
        ROW_NUMBER() OVER (
            PARTITION BY p.ae_id
            ORDER BY CASE WHEN $rule = 'first' THEN y.taxyear ELSE -y.taxyear END, y.edukey
        ) AS place
    FROM years AS y
    JOIN measures.edukey_person AS p ON p.edukey = y.edukey
)
SELECT
    r.ae_id,
    r.taxyear AS tax_year,
    MIN(g.gor) AS region_code,
    CAST(MIN(COALESCE(g.gornm, g.ctrynm)) AS varchar(24)) AS region
FROM ranked AS r
JOIN leo_i2."2005003".leo_geography AS g ON g.edukey = r.edukey AND g.taxyear = r.taxyear
WHERE r.place = 1
GROUP BY r.ae_id, r.taxyear
