/*---
title = "Ethnic group"
definition = """Minor and major ethnic group of a person as the spring school censuses say, or the record at 15 in YPMAD where no census holds it.
A known group goes before refused and not obtained; where records disagree, a rule that you choose decides."""
grain = "one row per person with a record"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ethnic_minor", type = "varchar(4)", description = "Minor group: WBRI, WIRI, WIRT, WROM, WOTH, MWBC, MWBA, MWAS, MOTH, AIND, APKN, ABAN, AOTH, BCRB, BAFR, BOTH, CHNE, OOTH; NOBT not obtained, REFU refused." },
  { name = "ethnic_major", type = "varchar(4)", description = "Major group: WHIT, MIXD, ASIA, BLAC, CHIN, AOEG; UNCL not known." },
  { name = "answers", type = "int", unit = "values", description = "Different values among the records: more than 1 is a disagreement." },
]
parameters = [
  { name = "rule", values = ["latest", "most frequent", "year 11"], default = "latest", description = "Which record decides: that of the latest year, the value in most years, or that of the year in which the pupil was 15 on 31 August (else the latest).", unverified = true },
]
source = "Fields ethnicgroupminor of the school census and YPMAD_EthnicityPLASCAge15, LEO variable request form v2.3. No public source gives a rule for disagreement."
years = "censuses of 2006 to 2021; YPMAD for those who left school before"
lost = "Ethnic groups that the further and higher education records give, which use other code sets."
traps = [
  "The school census holds ethnic group from 2006 only.",
  "Pupils of independent schools have none.",
  "Codes of the individualised learner record change over time and do not match these.",
]
other_rule = { parameter = "rule", value = "most frequent" }
group_by = ["ethnic_major"]
---*/
WITH stacked AS (
--| for year 2006 to 2021
    SELECT s.pupilmatchingrefanonymous_spr{yy} AS pmr, {yyyy} AS record_year, s.ageatstartofacademicyear_spr{yy} AS age,
        s.ethnicgroupminor_spr{yy} AS answer
    FROM npd_i2."2005003".spring_census_{yyyy} AS s
    WHERE s.recordstatus_spr{yy} < 100
--| end
),
--| use census_answers
answers AS (
    SELECT pmr, answer, CASE WHEN answer IN ('NOBT', 'REFU', 'UNCL') THEN 0 ELSE 2 END AS preferred, times, latest, year_11
    FROM census_answers
    UNION ALL
    SELECT ypmad_pupilmatchingrefanonymous, ypmad_ethnicityplascage15,
        CASE WHEN ypmad_ethnicityplascage15 IN ('NOBT', 'REFU', 'UNCL') THEN 0 ELSE 1 END, 1, 0, 0
    FROM npd_i2."2005003".ypmad_snapshot_2021
    WHERE ypmad_ethnicityplascage15 IS NOT NULL
),
--| use one_answer
SELECT
    ae_id,
    answer AS ethnic_minor,
    CAST(CASE
        WHEN answer IN ('WBRI', 'WIRI', 'WIRT', 'WROM', 'WOTH') THEN 'WHIT'
        WHEN answer IN ('MWBC', 'MWBA', 'MWAS', 'MOTH') THEN 'MIXD'
        WHEN answer IN ('AIND', 'APKN', 'ABAN', 'AOTH') THEN 'ASIA'
        WHEN answer IN ('BCRB', 'BAFR', 'BOTH') THEN 'BLAC'
        WHEN answer = 'CHNE' THEN 'CHIN'
        WHEN answer = 'OOTH' THEN 'AOEG'
        ELSE 'UNCL'
    END AS varchar(4)) AS ethnic_major,
    CAST(answers AS int) AS answers
FROM chosen
