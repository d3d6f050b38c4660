/*---
title = "Tariff group of the university"
definition = """The tariff group of the provider at which a person studies in an academic year: higher, medium or lower.
It is linked by the provider's pseudonym."""
grain = "one row per person and academic year in higher education"
key = ["ae_id", "academic_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "academic_year", type = "int", description = "Calendar year in which the academic year ends: 2011 is 2010/11." },
  { name = "provider", type = "varchar(60)", description = "Pseudonym of the provider." },
  { name = "level", type = "int", description = "Level of the course: see university_years." },
  { name = "tariff_group", type = "varchar(13)", description = "Higher tariff, Medium tariff or Lower tariff; missing if the provider is not in the table." },
]
source = "HE_XINSTID01 of the HESA student record (LEO variable request form v2.3), linked to reference.universities, which is simulated."
years = "2004/05 to 2019/20"
lost = "Second instances of a year: see university_years."
traps = [
  "Providers are pseudonymised in the real extract, so no public list can be joined: the tariff group is in the UCAS tables, for applicants of 18 alone.",
  "The group belongs to the provider; courses of one provider differ.",
]
group_by = ["academic_year", "tariff_group"]
---*/
SELECT u.ae_id, u.academic_year, u.provider, u.level, t.tariff_group
FROM measures.university_years AS u
LEFT JOIN reference.universities AS t ON t.provider = u.provider
