/*---
title = "Person: every key of an AE_ID"
definition = """One row for each AE_ID with the keys that it resolves to, how many there are, and which is kept.
AE_IDs that share a PMR or an EDUKEY are taken to be one person, who is known by the lowest of them."""
grain = "one row per AE_ID"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person as the Department for Education resolved them." },
  { name = "person_ae_id", type = "bigint", description = "The AE_ID by which this person is known in all measures: the lowest that shares a key." },
  { name = "kept", type = "int", description = "1 if `ae_id` is the one kept, 0 if another row stands for the same person." },
  { name = "ae_ids", type = "int", unit = "AE_IDs", description = "AE_IDs that share a PMR or an EDUKEY with this one, itself included." },
  { name = "pmr", type = "varchar(18)", description = "PUPILMATCHINGREFANONYMOUS that is kept: the lowest. Missing without a pupil record." },
  { name = "pmrs", type = "int", unit = "keys", description = "Different PMRs." },
  { name = "pmr_list", type = "varchar(max)", description = "All PMRs in order, with a blank between." },
  { name = "edukey", type = "varchar(14)", description = "EDUKEY that is kept: the lowest. Missing if the person was not linked to tax and benefit records." },
  { name = "edukeys", type = "int", unit = "keys", description = "Different EDUKEYs." },
  { name = "edukey_list", type = "varchar(max)", description = "All EDUKEYs in order, with a blank between." },
  { name = "records", type = "int", unit = "records", description = "Education records (RECORDID) sent for matching." },
]
source = "Lookup tables of the LEO variable request form v2.3; naming a person by the lowest key is as in the published scripts of Youth-Transitions/resources, which add pay over all keys of the person, as the measures of outcomes do here."
years = "all: the lookups carry no year"
lost = "The keys that are not kept. Chains of AE_IDs (one shares a key with a second, the second with a third) are followed one step only, so such a person may stay two."
traps = [
  "The request form says one record for each identifier; in practice AE_ID and EDUKEY are many to many.",
  "Joining outcomes on the kept EDUKEY alone loses what stands under the others: use edukey_person, which has a row for every key.",
]
group_by = ["ae_ids", "edukeys"]
---*/
WITH pupil AS (
    SELECT DISTINCT ae_id, pupilmatchingrefanonymous AS code FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup
),
outcome AS (
    SELECT DISTINCT ae_id, edukey AS code FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup
),
record AS (
    SELECT DISTINCT ae_id, recordid FROM leo_i2."2005003".education_records_lookup
),
people AS (
    SELECT ae_id, MIN(pmr) AS pmr, COUNT(pmr) AS pmrs, MIN(edukey) AS edukey, COUNT(edukey) AS edukeys,
        SUM(records) AS records
    FROM (
        SELECT ae_id, code AS pmr, CAST(NULL AS varchar(14)) AS edukey, 0 AS records FROM pupil
        UNION ALL
        SELECT ae_id, NULL, code, 0 FROM outcome
        UNION ALL
        SELECT ae_id, NULL, NULL, COUNT(*) FROM record GROUP BY ae_id
    ) AS keys
    GROUP BY ae_id
),
-- Few people have several keys of a kind, so only theirs are listed.
pmr_list AS (
    SELECT k.ae_id, STRING_AGG(k.code, ' ' ORDER BY k.code) AS codes
    FROM pupil AS k
    JOIN people AS m ON m.ae_id = k.ae_id AND m.pmrs > 1
    GROUP BY k.ae_id
),
edukey_list AS (
    SELECT k.ae_id, STRING_AGG(k.code, ' ' ORDER BY k.code) AS codes
    FROM outcome AS k
    JOIN people AS m ON m.ae_id = k.ae_id AND m.edukeys > 1
    GROUP BY k.ae_id
)
SELECT
    p.ae_id,
    COALESCE(s.person_ae_id, p.ae_id) AS person_ae_id,
    CASE WHEN p.ae_id > s.person_ae_id THEN 0 ELSE 1 END AS kept,
    CAST(COALESCE(s.ae_ids, 1) AS int) AS ae_ids,
    p.pmr,
    CAST(p.pmrs AS int) AS pmrs,
    COALESCE(pmr_list.codes, p.pmr) AS pmr_list,
    p.edukey,
    CAST(p.edukeys AS int) AS edukeys,
    COALESCE(edukey_list.codes, p.edukey) AS edukey_list,
    CAST(p.records AS int) AS records
FROM people AS p
LEFT JOIN measures.same_person AS s ON s.ae_id = p.ae_id
LEFT JOIN pmr_list ON pmr_list.ae_id = p.ae_id
LEFT JOIN edukey_list ON edukey_list.ae_id = p.ae_id
