/*---
title = "Self-employment by tax year"
definition = """Whether a person returned income from self-employment for a tax year, and how much, over all keys.
Profit as a sole trader and as a partner are added; a missing amount is none, and a loss is below 0."""
grain = "one row per person and tax year with a self-assessment record"
key = ["ae_id", "tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "tax_year", type = "int", description = "Tax year: 201314 is 6 April 2013 to 5 April 2014." },
  { name = "self_employed", type = "int", description = "1 if a return shows self-employment, 0 if returns show none." },
  { name = "profit", type = "int", unit = "pounds", description = "Income from self-employment; 0 if none, below 0 for a loss." },
  { name = "sole_trader", type = "int", unit = "pounds", description = "Of it, as a sole trader." },
  { name = "partner", type = "int", unit = "pounds", description = "Of it, as a partner." },
]
source = "Self-assessment table of the LEO variable request form v2.3."
years = "2013/14 to 2020/21"
lost = "Self-employment before 2013/14, and the months of the year in which people were self-employed: there are no spells."
traps = [
  "A return is not self-employment: some are for other income, and self_employed is 0.",
  "The table begins in 2013/14: a rise in self-employment in that year is an artefact.",
  "Returns come in late, so the last years are incomplete.",
]
group_by = ["tax_year"]
---*/
SELECT
    k.ae_id,
    s.taxyear AS tax_year,
    MAX(s.self_employed) AS self_employed,
    CAST(SUM(COALESCE(s.earnings_self_employment, 0)) AS int) AS profit,
    CAST(SUM(COALESCE(s.earnings_sole, 0)) AS int) AS sole_trader,
    CAST(SUM(COALESCE(s.earnings_ptr, 0)) AS int) AS partner
FROM leo_i2."2005003".leo_self_assessment AS s
JOIN measures.edukey_person AS k ON k.edukey = s.edukey
GROUP BY k.ae_id, s.taxyear
