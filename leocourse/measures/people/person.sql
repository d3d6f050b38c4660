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
source = "Lookup tables of the LEO variable request form v2.3; keeping the lowest key follows the published scripts of Youth-Transitions/resources."
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
pmr AS (
    SELECT ae_id, MIN(code) AS pmr, COUNT(*) AS pmrs FROM pupil GROUP BY ae_id
),
edukey AS (
    SELECT ae_id, MIN(code) AS edukey, COUNT(*) AS edukeys FROM outcome GROUP BY ae_id
),
record AS (
    SELECT ae_id, COUNT(DISTINCT recordid) AS records FROM leo_i2."2005003".education_records_lookup GROUP BY ae_id
),
-- Few keys are shared and few people have several of a kind, so only those are compared and listed.
shared AS (
    SELECT a.ae_id, b.ae_id AS other
    FROM (SELECT code FROM pupil GROUP BY code HAVING COUNT(*) > 1) AS c
    JOIN pupil AS a ON a.code = c.code
    JOIN pupil AS b ON b.code = c.code
    UNION
    SELECT a.ae_id, b.ae_id
    FROM (SELECT code FROM outcome GROUP BY code HAVING COUNT(*) > 1) AS c
    JOIN outcome AS a ON a.code = c.code
    JOIN outcome AS b ON b.code = c.code
),
same AS (
    SELECT ae_id, MIN(other) AS lowest, COUNT(*) AS ae_ids FROM shared GROUP BY ae_id
),
pmr_list AS (
    SELECT k.ae_id, STRING_AGG(k.code, ' ' ORDER BY k.code) AS codes
    FROM pupil AS k
    JOIN pmr AS m ON m.ae_id = k.ae_id AND m.pmrs > 1
    GROUP BY k.ae_id
),
edukey_list AS (
    SELECT k.ae_id, STRING_AGG(k.code, ' ' ORDER BY k.code) AS codes
    FROM outcome AS k
    JOIN edukey AS m ON m.ae_id = k.ae_id AND m.edukeys > 1
    GROUP BY k.ae_id
),
people AS (
    SELECT ae_id FROM pmr
    UNION
    SELECT ae_id FROM edukey
    UNION
    SELECT ae_id FROM record
)
SELECT
    people.ae_id,
    COALESCE(same.lowest, people.ae_id) AS person_ae_id,
    CASE WHEN people.ae_id > same.lowest THEN 0 ELSE 1 END AS kept,
    CAST(COALESCE(same.ae_ids, 1) AS int) AS ae_ids,
    pmr.pmr,
    CAST(COALESCE(pmr.pmrs, 0) AS int) AS pmrs,
    COALESCE(pmr_list.codes, pmr.pmr) AS pmr_list,
    edukey.edukey,
    CAST(COALESCE(edukey.edukeys, 0) AS int) AS edukeys,
    COALESCE(edukey_list.codes, edukey.edukey) AS edukey_list,
    CAST(COALESCE(record.records, 0) AS int) AS records
FROM people
LEFT JOIN same ON same.ae_id = people.ae_id
LEFT JOIN pmr ON pmr.ae_id = people.ae_id
LEFT JOIN pmr_list ON pmr_list.ae_id = people.ae_id
LEFT JOIN edukey ON edukey.ae_id = people.ae_id
LEFT JOIN edukey_list ON edukey_list.ae_id = people.ae_id
LEFT JOIN record ON record.ae_id = people.ae_id
