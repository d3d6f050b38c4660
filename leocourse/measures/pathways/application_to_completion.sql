/*---
title = "From application to entry and completion"
definition = """What became of those who applied through UCAS at 18: applications, offers, firm choice and accepted place in the last cycle with a record, then the first undergraduate year in the student record from the accepted year of entry on, and whether a first degree was obtained, the student left, or studied on when the records end."""
grain = "one row per person with an application"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "cycle", type = "int", unit = "year", description = "Cycle, by the calendar year of entry." },
  { name = "applications", type = "int", unit = "applications", description = "Applications of the main scheme." },
  { name = "offers", type = "int", unit = "offers", description = "Of these, with an offer by 30 June." },
  { name = "firm_provider", type = "varchar(60)", description = "Pseudonym of the provider of the firm choice." },
  { name = "accepted", type = "int", description = "1 if accepted on a course in the cycle." },
  { name = "accepted_provider", type = "varchar(60)", description = "Pseudonym of the provider that accepted." },
  { name = "accepted_subject", type = "varchar(10)", description = "Code of the course (JACS 3)." },
  { name = "route", type = "varchar(40)", description = "Route of acceptance: firm choice, insurance choice or clearing." },
  { name = "entry_due", type = "int", unit = "year", description = "Academic year in which the accepted course begins, by the year in which it ends: a year later if put off." },
  { name = "entry_year", type = "int", unit = "year", description = "First academic year as an undergraduate in the student record in or after the first that the cycle leads to, by the year in which it ends." },
  { name = "entered_provider", type = "varchar(60)", description = "Pseudonym of the provider of that year." },
  { name = "as_accepted", type = "int", description = "1 if entered in the year due at the provider that accepted, 0 if not; missing if not accepted or if the records end before it." },
  { name = "completion_year", type = "int", unit = "year", description = "Academic year in which a first degree was obtained first." },
  { name = "completed_at_entered", type = "int", description = "1 if it was obtained at the provider entered; missing if none was." },
  { name = "last_year", type = "int", unit = "year", description = "Last academic year as an undergraduate in the records." },
  { name = "status", type = "varchar(21)", description = "not accepted; accepted, not entered; entry not observable; degree obtained; left without a degree; still studying. Who entered has one of the last three, accepted here or not." },
]
source = "UCAS cycles 2008 to 2021 and HESA student record 2004/05 to 2019/20, LEO variable request form v2.3; the first part of COURSE_IDENTIFIER is the provider and the second the course (simulated form, unverified)."
years = "entry 2008 to 2021; studies to 2019/20"
lost = "Applicants of other ages than 18, private providers that HESA does not hold, and qualifications below a first degree."
traps = [
  "Studies end with 2019/20: who entered in 2017 or later has not had the time to obtain a degree. Compare cycles only over as many years as all of them have.",
  "Left and still studying cannot be told apart in the last year of the records: everybody seen in 2019/20 without a degree counts as studying.",
  "Places put off: entry is due a year later than the cycle. Counting from the cycle makes gap years look like no entry.",
  "An applicant who was not accepted at 18 can enter later, without an application here: UCAS holds 18 year olds alone.",
  "The age in UCAS can be 0 by error: nobody is left out for it here.",
]
group_by = ["cycle", "status"]
---*/
WITH sent AS (
--| for year 2008 to 2021
    SELECT u.pupilmatchingrefanonymous AS pmr, {yyyy} AS cycle, u.unique_application_id_cycle AS application, u.course_identifier AS course,
        u.main_scheme_application_flag AS main_scheme, u.accept_flag AS accepted, u.acceptance_route AS route, u.entry_year AS entry_text,
        u.provider_decision_june30 AS decision, u.app_response_june30 AS reply
    FROM ucas_i2."2005003".ucas_{yyyy} AS u
--| end
),
applied AS (
    SELECT
        p.ae_id,
        s.cycle,
        COUNT(DISTINCT CASE WHEN s.main_scheme = 1 THEN s.application END) AS applications,
        COUNT(DISTINCT CASE WHEN s.main_scheme = 1 AND s.decision LIKE '%offer%' THEN s.application END) AS offers,
        MIN(CASE WHEN s.reply = 'Firm' THEN SUBSTRING(s.course, 1, 5) END) AS firm_provider,
        MAX(s.accepted) AS accepted,
        MIN(CASE WHEN s.accepted = 1 THEN s.course END) AS course,
        MIN(CASE WHEN s.accepted = 1 THEN s.route END) AS route,
        MIN(CASE WHEN s.accepted = 1 THEN CAST(SUBSTRING(s.entry_text, 6, 4) AS int) END) AS entry_due,
        ROW_NUMBER() OVER (PARTITION BY p.ae_id ORDER BY s.cycle DESC) AS place
    FROM sent AS s
    JOIN measures.pmr_person AS p ON p.pmr = s.pmr
    GROUP BY p.ae_id, s.cycle
),
last_cycle AS (
    SELECT * FROM applied WHERE place = 1
),
studied AS (
    SELECT
        y.ae_id, y.academic_year, y.provider,
        ROW_NUMBER() OVER (PARTITION BY y.ae_id ORDER BY y.academic_year) AS place,
        MAX(y.academic_year) OVER (PARTITION BY y.ae_id) AS last_year
    FROM measures.university_years AS y
    JOIN last_cycle AS a ON a.ae_id = y.ae_id
    WHERE y.level IN (5, 6) AND y.academic_year > a.cycle
),
degrees AS (
--| for year 2005 to 2007
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_instid_anon AS provider
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xqlev501 = '3'
--| end
    UNION ALL
--| for year 2008 to 2020
    SELECT h.he_pupilmatchingrefanonymous AS pmr, {yyyy} AS academic_year, h.he_xinstid01__anon AS provider
    FROM hesa_i2."2005003".hesa_{yyyy} AS h
    WHERE h.he_xpqual01 = 1 AND h.he_xqlev501 = '3'
--| end
),
obtained AS (
    SELECT p.ae_id, d.academic_year, d.provider,
        ROW_NUMBER() OVER (PARTITION BY p.ae_id ORDER BY d.academic_year, d.provider) AS place
    FROM degrees AS d
    JOIN measures.pmr_person AS p ON p.pmr = d.pmr
    JOIN last_cycle AS a ON a.ae_id = p.ae_id AND d.academic_year > a.cycle
)
SELECT
    a.ae_id,
    CAST(a.cycle AS int) AS cycle,
    CAST(a.applications AS int) AS applications,
    CAST(a.offers AS int) AS offers,
    CAST(a.firm_provider AS varchar(60)) AS firm_provider,
    CAST(COALESCE(a.accepted, 0) AS int) AS accepted,
    CAST(SUBSTRING(a.course, 1, 5) AS varchar(60)) AS accepted_provider,
    CAST(SUBSTRING(a.course, 7, 10) AS varchar(10)) AS accepted_subject,
    CAST(a.route AS varchar(40)) AS route,
    a.entry_due,
    CAST(e.academic_year AS int) AS entry_year,
    e.provider AS entered_provider,
    CASE
        WHEN a.entry_due IS NULL OR a.entry_due > 2020 THEN NULL
        WHEN e.academic_year = a.entry_due AND e.provider = SUBSTRING(a.course, 1, 5) THEN 1
        ELSE 0
    END AS as_accepted,
    CAST(o.academic_year AS int) AS completion_year,
    CASE WHEN o.ae_id IS NULL THEN NULL WHEN o.provider = e.provider THEN 1 ELSE 0 END AS completed_at_entered,
    CAST(e.last_year AS int) AS last_year,
    CAST(CASE
        WHEN o.ae_id IS NOT NULL THEN 'degree obtained'
        WHEN e.last_year = 2020 THEN 'still studying'
        WHEN e.ae_id IS NOT NULL THEN 'left without a degree'
        WHEN a.accepted = 1 AND a.entry_due > 2020 THEN 'entry not observable'
        WHEN a.accepted = 1 THEN 'accepted, not entered'
        ELSE 'not accepted'
    END AS varchar(21)) AS status
FROM last_cycle AS a
LEFT JOIN studied AS e ON e.ae_id = a.ae_id AND e.place = 1
LEFT JOIN obtained AS o ON o.ae_id = a.ae_id AND o.place = 1
