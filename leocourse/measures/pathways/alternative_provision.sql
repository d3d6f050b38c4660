/*---
title = "Alternative provision and referral units"
definition = """Whether a person was in alternative provision paid for by the authority, or in a pupil referral unit, in January of a school year.
Units have a census of their own to 2012/13 and are in the school census from 2013/14."""
grain = "one row per person and school year with such a record"
key = ["ae_id", "school_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "school_year", type = "int", unit = "year", description = "School year, by the year in which it ends." },
  { name = "age", type = "int", unit = "years", description = "Age on 31 August before." },
  { name = "alternative_provision", type = "int", description = "1 if in the census of alternative provision." },
  { name = "provision_type", type = "varchar(20)", description = "Type of provision as that census codes it, such as IND (independent school), HSP (hospital) or NOT (not a school). To 2016/17 only." },
  { name = "referral_unit", type = "int", description = "1 if in the census of referral units, or in a unit in the school census." },
  { name = "unit", type = "varchar(20)", description = "Pseudonym of the unit (LAESTAB)." },
  { name = "unit_from", type = "varchar(13)", description = "unit census or school census: which of the two has the record of the unit." },
  { name = "dual_registration", type = "int", description = "1 if the record of the unit says that the pupil is registered at two schools." },
]
source = "AP census 2007/08 to 2020/21, PRU census 2009/10 to 2012/13, and phase PR of the spring school census from 2013/14, LEO variable request form v2.3."
years = "alternative provision from 2007/08, referral units from 2009/10"
lost = "Units before 2009/10 and provision before 2007/08: no row is no answer then. Places that begin and end between two Januaries, and places that schools pay for themselves."
traps = [
  "The census of units ends where the school census takes them in: whoever reads one of the two sees units begin or end in 2013/14.",
  "Units that become academies (AP academies) may stand under another phase in the real census.",
  "A place follows exclusion for some and illness or a statement for others: the row does not say why.",
  "Type of provision ends with 2016/17; from 2017/18 the census says whether a place is open on census day, and places that are not open are left out here.",
]
group_by = ["school_year", "referral_unit"]
---*/
WITH places AS (
    SELECT a.ap_pupilmatchingrefanonymous AS pmr, CAST(SUBSTRING(a.ap_acadyr, 6, 4) AS int) AS school_year, a.ap_age_start AS age,
        1 AS alternative, a.ap_aptypedescription AS provision_type, NULL AS unit, NULL AS unit_from, 0 AS dual
    FROM npd_i2."2005003".ap_census_2008_to_2021 AS a
    WHERE COALESCE(a.ap_recordstatus, 0) < 100 AND COALESCE(a.ap_openplacement, 1) = 1
    UNION ALL
    SELECT u.pru_pupilmatchingrefanonymous, CAST(SUBSTRING(u.pru_academicyear, 6, 4) AS int), u.pru_ageatstartofacademicyear,
        0, NULL, u.pru_laestab_anon, 'unit census', CASE WHEN u.pru_enrolstatus IN ('M', 'S') THEN 1 ELSE 0 END
    FROM npd_i2."2005003".pru_census_2010_to_2013 AS u
    WHERE COALESCE(u.pru_onroll, 1) = 1
    UNION ALL
--| for year 2014 to 2021
    SELECT s.pupilmatchingrefanonymous_spr{yy}, {yyyy}, s.ageatstartofacademicyear_spr{yy}, 0, NULL, s.laestab_anon_spr{yy}, 'school census',
        CASE WHEN s.enrolstatus_spr{yy} IN ('M', 'S') THEN 1 ELSE 0 END
    FROM npd_i2."2005003".spring_census_{yyyy} AS s
    WHERE s.phase_spr{yy} = 'PR' AND s.onroll_spr{yy} = 1
--| end
)
SELECT
    p.ae_id,
    CAST(places.school_year AS int) AS school_year,
    CAST(MIN(places.age) AS int) AS age,
    MAX(places.alternative) AS alternative_provision,
    CAST(MIN(places.provision_type) AS varchar(20)) AS provision_type,
    CASE WHEN COUNT(places.unit_from) > 0 THEN 1 ELSE 0 END AS referral_unit,
    CAST(MIN(places.unit) AS varchar(20)) AS unit,
    CAST(MIN(places.unit_from) AS varchar(13)) AS unit_from,
    MAX(places.dual) AS dual_registration
FROM places
JOIN measures.pmr_person AS p ON p.pmr = places.pmr
GROUP BY p.ae_id, places.school_year
