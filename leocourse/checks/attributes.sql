-- What is true of a person in the records of an extract: one row for each path from a PMR over an AE_ID to an EDUKEY.
-- The first three columns are the identities; each other one is an attribute, with its words in attributes.json.
-- It runs on any extract when its keys are made, and never on what a learner wrote.
WITH census AS (
    SELECT 2006 AS year, pupilmatchingrefanonymous_spr06 AS pmr, recordstatus_spr06 AS status,
           monthofbirth_spr06 AS month, fsmeligible_spr06 AS fsm, ncyearactual_spr06 AS year_group
    FROM npd_i2."2005003".spring_census_2006
    UNION ALL
    SELECT 2007 AS year, pupilmatchingrefanonymous_spr07 AS pmr, recordstatus_spr07 AS status,
           monthofbirth_spr07 AS month, fsmeligible_spr07 AS fsm, ncyearactual_spr07 AS year_group
    FROM npd_i2."2005003".spring_census_2007
    UNION ALL
    SELECT 2008 AS year, pupilmatchingrefanonymous_spr08 AS pmr, recordstatus_spr08 AS status,
           monthofbirth_spr08 AS month, fsmeligible_spr08 AS fsm, ncyearactual_spr08 AS year_group
    FROM npd_i2."2005003".spring_census_2008
    UNION ALL
    SELECT 2009 AS year, pupilmatchingrefanonymous_spr09 AS pmr, recordstatus_spr09 AS status,
           monthofbirth_spr09 AS month, fsmeligible_spr09 AS fsm, ncyearactual_spr09 AS year_group
    FROM npd_i2."2005003".spring_census_2009
    UNION ALL
    SELECT 2010 AS year, pupilmatchingrefanonymous_spr10 AS pmr, recordstatus_spr10 AS status,
           monthofbirth_spr10 AS month, fsmeligible_spr10 AS fsm, ncyearactual_spr10 AS year_group
    FROM npd_i2."2005003".spring_census_2010
    UNION ALL
    SELECT 2011 AS year, pupilmatchingrefanonymous_spr11 AS pmr, recordstatus_spr11 AS status,
           monthofbirth_spr11 AS month, fsmeligible_spr11 AS fsm, ncyearactual_spr11 AS year_group
    FROM npd_i2."2005003".spring_census_2011
    UNION ALL
    SELECT 2012 AS year, pupilmatchingrefanonymous_spr12 AS pmr, recordstatus_spr12 AS status,
           monthofbirth_spr12 AS month, fsmeligible_spr12 AS fsm, ncyearactual_spr12 AS year_group
    FROM npd_i2."2005003".spring_census_2012
    UNION ALL
    SELECT 2013 AS year, pupilmatchingrefanonymous_spr13 AS pmr, recordstatus_spr13 AS status,
           monthofbirth_spr13 AS month, fsmeligible_spr13 AS fsm, ncyearactual_spr13 AS year_group
    FROM npd_i2."2005003".spring_census_2013
    UNION ALL
    SELECT 2014 AS year, pupilmatchingrefanonymous_spr14 AS pmr, recordstatus_spr14 AS status,
           monthofbirth_spr14 AS month, fsmeligible_spr14 AS fsm, ncyearactual_spr14 AS year_group
    FROM npd_i2."2005003".spring_census_2014
    UNION ALL
    SELECT 2015 AS year, pupilmatchingrefanonymous_spr15 AS pmr, recordstatus_spr15 AS status,
           monthofbirth_spr15 AS month, fsmeligible_spr15 AS fsm, ncyearactual_spr15 AS year_group
    FROM npd_i2."2005003".spring_census_2015
    UNION ALL
    SELECT 2016 AS year, pupilmatchingrefanonymous_spr16 AS pmr, recordstatus_spr16 AS status,
           monthofbirth_spr16 AS month, fsmeligible_spr16 AS fsm, ncyearactual_spr16 AS year_group
    FROM npd_i2."2005003".spring_census_2016
    UNION ALL
    SELECT 2017 AS year, pupilmatchingrefanonymous_spr17 AS pmr, recordstatus_spr17 AS status,
           monthofbirth_spr17 AS month, fsmeligible_spr17 AS fsm, ncyearactual_spr17 AS year_group
    FROM npd_i2."2005003".spring_census_2017
    UNION ALL
    SELECT 2018 AS year, pupilmatchingrefanonymous_spr18 AS pmr, recordstatus_spr18 AS status,
           monthofbirth_spr18 AS month, fsmeligible_spr18 AS fsm, ncyearactual_spr18 AS year_group
    FROM npd_i2."2005003".spring_census_2018
    UNION ALL
    SELECT 2019 AS year, pupilmatchingrefanonymous_spr19 AS pmr, recordstatus_spr19 AS status,
           monthofbirth_spr19 AS month, fsmeligible_spr19 AS fsm, ncyearactual_spr19 AS year_group
    FROM npd_i2."2005003".spring_census_2019
    UNION ALL
    SELECT 2020 AS year, pupilmatchingrefanonymous_spr20 AS pmr, recordstatus_spr20 AS status,
           monthofbirth_spr20 AS month, fsmeligible_spr20 AS fsm, ncyearactual_spr20 AS year_group
    FROM npd_i2."2005003".spring_census_2020
    UNION ALL
    SELECT 2021 AS year, pupilmatchingrefanonymous_spr21 AS pmr, recordstatus_spr21 AS status,
           monthofbirth_spr21 AS month, fsmeligible_spr21 AS fsm, ncyearactual_spr21 AS year_group
    FROM npd_i2."2005003".spring_census_2021
),
pupil AS (
    SELECT pmr,
        bool_or(status >= 100) AS second_census,
        bool_and(status >= 100) AS only_second_census,
        bool_or(month = 9) AS born_september,
        bool_or(month = 8) AS born_august,
        bool_or(month < 9) AS born_before_september,
        bool_or(fsm IS NULL) AS fsm_missing,
        bool_or(fsm = 1) AS fsm_eligible,
        bool_or(year_group IN ('12', '13', '14')) AS sixth_form,
        MIN(year) > 2006 AND min_by(year_group, year) NOT IN ('N1', 'N2', 'R', '1') AS arrived_later,
        bool_or(year = 2006 AND status >= 100) AS second_2006,
        bool_or(year = 2006) AS in_census_2006,
        bool_or(year = 2007 AND status >= 100) AS second_2007,
        bool_or(year = 2007) AS in_census_2007,
        bool_or(year = 2008 AND status >= 100) AS second_2008,
        bool_or(year = 2008) AS in_census_2008,
        bool_or(year = 2009 AND status >= 100) AS second_2009,
        bool_or(year = 2009) AS in_census_2009,
        bool_or(year = 2010 AND status >= 100) AS second_2010,
        bool_or(year = 2010) AS in_census_2010,
        bool_or(year = 2011 AND status >= 100) AS second_2011,
        bool_or(year = 2011) AS in_census_2011,
        bool_or(year = 2012 AND status >= 100) AS second_2012,
        bool_or(year = 2012) AS in_census_2012,
        bool_or(year = 2013 AND status >= 100) AS second_2013,
        bool_or(year = 2013) AS in_census_2013,
        bool_or(year = 2014 AND status >= 100) AS second_2014,
        bool_or(year = 2014) AS in_census_2014,
        bool_or(year = 2015 AND status >= 100) AS second_2015,
        bool_or(year = 2015) AS in_census_2015,
        bool_or(year = 2016 AND status >= 100) AS second_2016,
        bool_or(year = 2016) AS in_census_2016,
        bool_or(year = 2017 AND status >= 100) AS second_2017,
        bool_or(year = 2017) AS in_census_2017,
        bool_or(year = 2018 AND status >= 100) AS second_2018,
        bool_or(year = 2018) AS in_census_2018,
        bool_or(year = 2019 AND status >= 100) AS second_2019,
        bool_or(year = 2019) AS in_census_2019,
        bool_or(year = 2020 AND status >= 100) AS second_2020,
        bool_or(year = 2020) AS in_census_2020,
        bool_or(year = 2021 AND status >= 100) AS second_2021,
        bool_or(year = 2021) AS in_census_2021
    FROM census GROUP BY pmr
),
result AS (
    SELECT ks4_pupilmatchingrefanonymous AS pmr, ks4_acadyr AS acadyr, ks4_natres AS natres, ks4_new_type AS type
    FROM npd_i2."2005003".ks4pupil_2002_to_2014
    UNION ALL
    SELECT ks4_pupilmatchingrefanonymous, ks4_acadyr, ks4_natres, ks4_new_type
    FROM npd_i2."2005003".ks4pupil_2015_to_2021
),
pupil_result AS (
    SELECT pmr, bool_or(records > 1) AS two_results, bool_or(not_national) AS not_national,
        bool_or(independent) AS independent, bool_or(no_type) AS no_school_type
    FROM (
        SELECT pmr, COUNT(*) AS records, bool_or(natres = 0) AS not_national, bool_or(type = 5) AS independent,
            bool_or(type IS NULL) AS no_type
        FROM result GROUP BY pmr, acadyr
    ) GROUP BY pmr
),
learner AS (
    SELECT ae_id, COUNT(DISTINCT edukey) > 1 AS two_edukeys, COUNT(edukey) = 0 AS no_edukey
    FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup GROUP BY ae_id
),
several AS (
    SELECT ae_id, COUNT(DISTINCT pupilmatchingrefanonymous) > 1 AS two_pmrs
    FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup GROUP BY ae_id
),
shared AS (
    SELECT edukey, COUNT(DISTINCT ae_id) > 1 AS two_ae_ids
    FROM leo_i2."2005003".learner_ae_id_to_edukey_lookup WHERE edukey IS NOT NULL GROUP BY edukey
),
spell AS (
    SELECT edukey, TRUE AS any_spell, bool_or(enddate >= DATE '9999-01-01') AS open_spell,
        bool_or(uncertainstartdate = 1) AS uncertain_start, bool_or(uncertainenddate = 1) AS uncertain_end,
        bool_or(month(startdate) = 4 AND day(startdate) = 6) AS start_on_6_april,
        bool_or(month(enddate) = 4 AND day(enddate) = 5) AS end_on_5_april,
        COUNT(*) > 1 AS several_spells, bool_or(enddate = startdate) AS spell_of_a_day,
        COUNT(*) > COUNT(DISTINCT date_trunc('month', startdate)) AS spells_begin_in_one_month
    FROM leo_i2."2005003".leo_employment GROUP BY edukey
),
pay AS (
    SELECT edukey, TRUE AS any_pay, bool_or(earnings = 0) AS pay_of_0, bool_or(earnings IS NULL) AS pay_missing,
        COUNT(*) > COUNT(DISTINCT taxyear) AS two_pay_records, bool_or(num_employments > 1) AS several_employments
    FROM leo_i2."2005003".leo_earnings GROUP BY edukey
),
self AS (
    SELECT edukey, TRUE AS self_employed, bool_or(earnings_self_employment < 0) AS loss
    FROM leo_i2."2005003".leo_self_assessment GROUP BY edukey
),
known AS (
    SELECT pmr FROM pupil UNION SELECT pmr FROM result
    UNION SELECT pupilmatchingrefanonymous FROM leo_i2."2005003".learner_ae_id_to_pmr_lookup
),
path AS (
    SELECT COALESCE(p.ae_id, k.ae_id) AS ae_id, p.pmr, k.edukey
    FROM (
        SELECT l.ae_id, known.pmr FROM known
        FULL JOIN leo_i2."2005003".learner_ae_id_to_pmr_lookup AS l ON l.pupilmatchingrefanonymous = known.pmr
    ) AS p
    FULL JOIN leo_i2."2005003".learner_ae_id_to_edukey_lookup AS k ON k.ae_id = p.ae_id
)
SELECT path.ae_id, path.pmr, path.edukey,
    path.ae_id IS NULL AS no_ae_id, path.pmr IS NULL AS no_pmr, path.edukey IS NULL AS no_edukey,
    two_edukeys, two_pmrs, two_ae_ids,
    second_census, only_second_census, born_september, born_august, born_before_september, fsm_missing, fsm_eligible,
    sixth_form, arrived_later, pupil.pmr IS NULL AND path.pmr IS NOT NULL AS no_census,
    two_results, not_national, independent, no_school_type,
    pupil_result.pmr IS NULL AND path.pmr IS NOT NULL AS no_result,
    any_spell, any_spell IS NULL AND path.edukey IS NOT NULL AS no_spell,
    open_spell, uncertain_start, uncertain_end, start_on_6_april, end_on_5_april, several_spells, spell_of_a_day,
    spells_begin_in_one_month, any_pay IS NULL AND path.edukey IS NOT NULL AS no_pay,
    pay_of_0, pay_missing, two_pay_records, several_employments, self_employed, loss,
    second_2006, in_census_2006, second_2007, in_census_2007, second_2008, in_census_2008, second_2009,
    in_census_2009, second_2010, in_census_2010, second_2011, in_census_2011, second_2012, in_census_2012,
    second_2013, in_census_2013, second_2014, in_census_2014, second_2015, in_census_2015, second_2016,
    in_census_2016, second_2017, in_census_2017, second_2018, in_census_2018, second_2019, in_census_2019,
    second_2020, in_census_2020, second_2021, in_census_2021
FROM path
LEFT JOIN pupil ON pupil.pmr = path.pmr
LEFT JOIN pupil_result ON pupil_result.pmr = path.pmr
LEFT JOIN learner ON learner.ae_id = path.ae_id
LEFT JOIN several ON several.ae_id = path.ae_id
LEFT JOIN shared ON shared.edukey = path.edukey
LEFT JOIN spell ON spell.edukey = path.edukey
LEFT JOIN pay ON pay.edukey = path.edukey
LEFT JOIN self ON self.edukey = path.edukey
ORDER BY ALL
