/*---
title = "Linkage to outcomes"
definition = """Whether a person was linked to tax and benefit records at all (has an EDUKEY), and in which of them anything stands.
Not linked and linked with nothing recorded are different: only the second may be read as no activity."""
grain = "one row per person"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "linked", type = "int", description = "1 if the person has an EDUKEY." },
  { name = "has_pupil_record", type = "int", description = "1 if the person has a PMR." },
  { name = "has_further_education_record", type = "int", description = "1 if the person has an education record (RECORDID)." },
  { name = "has_employment", type = "int", description = "1 if any P45 employment spell stands under one of the EDUKEYs." },
  { name = "has_earnings", type = "int", description = "1 if any year of P14 pay does." },
  { name = "has_benefits", type = "int", description = "1 if any benefit spell does." },
  { name = "has_self_assessment", type = "int", description = "1 if any self-assessment return does." },
  { name = "has_address", type = "int", description = "1 if any address does." },
  { name = "status", type = "varchar(30)", description = "`not linked`; `linked, nothing recorded`: no work, pay, benefit or return; `linked, with outcomes`." },
]
source = "Lookup and outcome tables of the LEO variable request form v2.3."
years = "all"
lost = "How sure the match was: matching variables and scores are not in the extract."
traps = [
  "People who were not linked are not a random part: leave them out of the denominator and say so, as published graduate figures do.",
  "Linked and nothing recorded includes emigration, caring and study; it is not unemployment.",
]
group_by = ["status"]
---*/
WITH seen AS (
    SELECT edukey, 1 AS employment, 0 AS earnings, 0 AS benefits, 0 AS self_assessment, 0 AS address
    FROM leo_i2."2005003".leo_employment
    UNION ALL
    SELECT edukey, 0, 1, 0, 0, 0 FROM leo_i2."2005003".leo_earnings
    UNION ALL
    SELECT edukey, 0, 0, 1, 0, 0 FROM leo_i2."2005003".leo_benefit
    UNION ALL
    SELECT edukey, 0, 0, 0, 1, 0 FROM leo_i2."2005003".leo_self_assessment
    UNION ALL
    SELECT edukey, 0, 0, 0, 0, 1 FROM leo_i2."2005003".leo_geography
),
by_key AS (
    SELECT edukey, MAX(employment) AS employment, MAX(earnings) AS earnings, MAX(benefits) AS benefits,
        MAX(self_assessment) AS self_assessment, MAX(address) AS address
    FROM seen
    GROUP BY edukey
),
linked AS (
    SELECT p.ae_id, MAX(k.employment) AS employment, MAX(k.earnings) AS earnings, MAX(k.benefits) AS benefits,
        MAX(k.self_assessment) AS self_assessment, MAX(k.address) AS address
    FROM measures.edukey_person AS p
    LEFT JOIN by_key AS k ON k.edukey = p.edukey
    GROUP BY p.ae_id
)
SELECT
    p.ae_id,
    CASE WHEN l.ae_id IS NULL THEN 0 ELSE 1 END AS linked,
    CASE WHEN p.pmr IS NULL THEN 0 ELSE 1 END AS has_pupil_record,
    CASE WHEN p.records > 0 THEN 1 ELSE 0 END AS has_further_education_record,
    COALESCE(l.employment, 0) AS has_employment,
    COALESCE(l.earnings, 0) AS has_earnings,
    COALESCE(l.benefits, 0) AS has_benefits,
    COALESCE(l.self_assessment, 0) AS has_self_assessment,
    COALESCE(l.address, 0) AS has_address,
    CAST(CASE
        WHEN l.ae_id IS NULL THEN 'not linked'
        WHEN l.employment = 1 OR l.earnings = 1 OR l.benefits = 1 OR l.self_assessment = 1 THEN 'linked, with outcomes'
        ELSE 'linked, nothing recorded'
    END AS varchar(30)) AS status
FROM measures.person AS p
LEFT JOIN linked AS l ON l.ae_id = p.person_ae_id
WHERE p.kept = 1
