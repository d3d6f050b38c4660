/*---
title = "Moves between employers"
definition = """Whether the main enterprise of a person changes from one tax year to the next, and whether section and region of the enterprise change with it.
Only two tax years in a row with a main enterprise in both are compared."""
grain = "one row per person and tax year with a main enterprise in it and in the year before"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "The later tax year." },
  { name = "from_enterprise", type = "varchar(11)", description = "Main enterprise of the year before." },
  { name = "to_enterprise", type = "varchar(11)", description = "Main enterprise of the year." },
  { name = "moved", type = "int", description = "1 if they differ." },
  { name = "changed_section", type = "int", description = "1 if moved and the sections differ; missing if one is unknown." },
  { name = "changed_region", type = "int", description = "1 if moved and the regions differ; missing if one is unknown." },
]
parameters = [
  { name = "register", values = ["of the year", "2019", "2020"], default = "of the year", description = "Which copy of the register gives section and region: see main_employer." },
]
source = "Earnings and IDBR lookup tables of the LEO variable request form v2.3."
years = "2004/05 to 2020/21"
lost = "Moves within a tax year, moves back, and jobs on the side. An enterprise that is taken over looks like a move."
traps = [
  "Between 2016/17 and 2017/18 the copy of the register changes: who stays can still change section, so only movers are counted.",
  "Employment spells are merged, so moves cannot be seen there at all.",
  "Between spells out of work there is no year before: such entries are not moves.",
]
other_rule = { parameter = "register", value = "2020" }
group_by = ["tax_year", "moved"]
---*/
WITH numbered AS (
    SELECT ae_id, tax_year, t_start, enterprise, section, region,
        LAG(t_start) OVER (PARTITION BY ae_id ORDER BY tax_year) AS start_before,
        LAG(enterprise) OVER (PARTITION BY ae_id ORDER BY tax_year) AS enterprise_before,
        LAG(section) OVER (PARTITION BY ae_id ORDER BY tax_year) AS section_before,
        LAG(region) OVER (PARTITION BY ae_id ORDER BY tax_year) AS region_before
    FROM (
        SELECT ae_id, tax_year, CAST(FLOOR(tax_year / 100.0) AS int) AS t_start, enterprise, section, region
        FROM measures.main_employer
    ) AS e
)
SELECT
    ae_id,
    tax_year,
    enterprise_before AS from_enterprise,
    enterprise AS to_enterprise,
    CASE WHEN enterprise <> enterprise_before THEN 1 ELSE 0 END AS moved,
    CASE
        WHEN section IS NULL OR section_before IS NULL THEN NULL
        WHEN enterprise <> enterprise_before AND section <> section_before THEN 1
        ELSE 0
    END AS changed_section,
    CASE
        WHEN region IS NULL OR region_before IS NULL THEN NULL
        WHEN enterprise <> enterprise_before AND region <> region_before THEN 1
        ELSE 0
    END AS changed_region
FROM numbered
WHERE start_before = t_start - 1
