/*---
title = "The person behind a PMR"
definition = """The person (the AE_ID that is kept) to whom each PUPILMATCHINGREFANONYMOUS leads.
Joining pupil records through this measure gives each record one person and no copies."""
grain = "one row per PMR"
key = ["pmr"]
columns = [
  { name = "pmr", type = "varchar(18)", description = "PUPILMATCHINGREFANONYMOUS, under whatever name a table has it." },
  { name = "ae_id", type = "bigint", description = "The person: `person_ae_id` of the measure person." },
]
source = "Lookup tables of the LEO variable request form v2.3."
years = "all: the lookups carry no year"
lost = "Which of several AE_IDs a PMR leads to."
traps = ["One PMR can lead to two AE_IDs: joining the lookup itself doubles that pupil's records."]
---*/
SELECT l.pupilmatchingrefanonymous AS pmr, MIN(COALESCE(s.person_ae_id, l.ae_id)) AS ae_id
FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup AS l
LEFT JOIN measures.same_person AS s ON s.ae_id = l.ae_id
GROUP BY l.pupilmatchingrefanonymous
