/*---
title = "AE_IDs that are one person"
definition = """AE_IDs that share a PMR or an EDUKEY are taken to be one person, who is known by the lowest of them.
An AE_ID that shares no key has no row: it stands for itself."""
grain = "one row per AE_ID that shares a key with another"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person as the Department for Education resolved them." },
  { name = "person_ae_id", type = "bigint", description = "The lowest AE_ID that shares a key, itself included." },
  { name = "ae_ids", type = "int", unit = "AE_IDs", description = "AE_IDs that share a key with this one, itself included." },
]
source = "Lookup tables of the LEO variable request form v2.3; naming a person by the lowest key is as in the published scripts of Youth-Transitions/resources, which add pay over all keys of the person, as the measures of outcomes do here."
years = "all: the lookups carry no year"
lost = "Which key is shared. Chains of AE_IDs (one shares a key with a second, the second with a third) are followed one step only, so such a person may stay two."
traps = ["Two AE_IDs under one EDUKEY may also be two people who were linked to the same tax record by mistake."]
group_by = ["ae_ids"]
---*/
WITH pmr AS (
    SELECT pupilmatchingrefanonymous AS code
    FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup
    GROUP BY pupilmatchingrefanonymous
    HAVING MIN(ae_id) < MAX(ae_id)
),
edukey AS (
    SELECT edukey AS code
    FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup
    GROUP BY edukey
    HAVING MIN(ae_id) < MAX(ae_id)
),
-- Few keys are shared, so only their AE_IDs are compared.
sharing AS (
    SELECT 'pmr' AS kind, k.code, l.ae_id
    FROM pmr AS k
    JOIN leo_i2."2005003".learner_ae_id_to_pmr_lookup AS l ON l.pupilmatchingrefanonymous = k.code
    UNION
    SELECT 'edukey' AS kind, k.code, l.ae_id
    FROM edukey AS k
    JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup AS l ON l.edukey = k.code
),
pairs AS (
    SELECT DISTINCT a.ae_id, b.ae_id AS other
    FROM sharing AS a
    JOIN sharing AS b ON b.kind = a.kind AND b.code = a.code
)
SELECT ae_id, MIN(other) AS person_ae_id, CAST(COUNT(*) AS int) AS ae_ids
FROM pairs
GROUP BY ae_id
