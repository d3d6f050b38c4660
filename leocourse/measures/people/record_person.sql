/*---
title = "The person behind an education record"
definition = """The person (the AE_ID that is kept) to whom each RECORDID leads.
Joining the individualised learner record through this measure gives each record one person and no copies."""
grain = "one row per RECORDID"
key = ["recordid"]
columns = [
  { name = "recordid", type = "int", description = "Education record that was sent for matching." },
  { name = "ae_id", type = "bigint", description = "The person: `person_ae_id` of the measure person." },
]
source = "Lookup tables of the LEO variable request form v2.3."
years = "all: the lookups carry no year"
lost = "Which of several AE_IDs a record leads to."
traps = ["An education record is a learner at a provider in a year, so a person has many."]
---*/
SELECT l.recordid, MIN(COALESCE(s.person_ae_id, l.ae_id)) AS ae_id
FROM leo_i2."2005003".education_records_lookup AS l
LEFT JOIN measures.same_person AS s ON s.ae_id = l.ae_id
GROUP BY l.recordid
