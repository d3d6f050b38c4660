/*---
title = "The person behind an EDUKEY"
definition = """The person (the AE_ID that is kept) to whom each EDUKEY leads.
Joining tax, benefit and address records through this measure gives each record one person and no copies."""
grain = "one row per EDUKEY"
key = ["edukey"]
columns = [
  { name = "edukey", type = "varchar(14)", description = "Key to tax, benefit and address records." },
  { name = "ae_id", type = "bigint", description = "The person: `person_ae_id` of the measure person." },
]
source = "Lookup tables of the LEO variable request form v2.3."
years = "all: the lookups carry no year"
lost = "Which of several AE_IDs an EDUKEY leads to."
traps = ["An EDUKEY can lead to two AE_IDs: joining the lookup itself doubles that person's days and pay.", "A person can have two EDUKEYs: add days and pay over both, and merge spells, which can be the same under both, touch or overlap in part.", "The lookup can hold rows with a blank EDUKEY: those people are not linked.", "Outcomes can stand under a key that no lookup holds: nobody can say whose they are."]
---*/
SELECT l.edukey, MIN(COALESCE(s.person_ae_id, l.ae_id)) AS ae_id
FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup AS l
LEFT JOIN measures.same_person AS s ON s.ae_id = l.ae_id
WHERE l.edukey IS NOT NULL
GROUP BY l.edukey
