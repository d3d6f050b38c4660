/*---
title = "Deprivation and rurality of the area of residence"
definition = """The decile of deprivation of the output area in which a person lives in a tax year, its quintile, and whether it is urban or rural.
The areas of the synthetic extract do not exist: these values are simulated."""
grain = "one row per person and tax year with an address"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 200405 is 6 April 2004 to 5 April 2005." },
  { name = "deprivation_decile", type = "int", description = "1 the most deprived tenth of areas to 10 the least; missing if the area is not in the table, as all outside England." },
  { name = "deprivation_quintile", type = "int", description = "1 the most deprived fifth of areas to 5 the least." },
  { name = "rurality", type = "varchar(5)", description = "urban or rural." },
]
source = "Linked by COA_2011 of the geography table (LEO variable request form v2.3) to reference.areas, which is simulated. In the secure service, the indices of deprivation and the rural-urban classification take its place."
years = "2004/05 to 2020/21; one table of areas for all years"
lost = "Change of areas over time: the table has one value for an area."
traps = [
  "Deprivation is the area's, not the person's.",
  "Real indices of deprivation come in editions and belong to England: do not rank across editions or countries.",
  "All values here are simulated. Disadvantaged people grow up in deprived areas and move to them; the area itself does nothing to them, so what differs between areas is who lives there.",
]
group_by = ["rurality", "deprivation_quintile"]
---*/
SELECT
    r.ae_id,
    r.tax_year,
    a.deprivation_decile,
    CAST(FLOOR((a.deprivation_decile + 1) / 2.0) AS int) AS deprivation_quintile,
    a.rurality
FROM measures.residence AS r
LEFT JOIN reference.areas AS a ON a.coa_2011 = r.coa_2011
