/*---
title = "When universal credit came to an authority"
definition = """The first month from which universal credit is most of the new claims in an authority, for universal credit or for one of the benefits that it replaces, as claims of the people in the extract show it.
New claims are counted over the month and those after it (`months`), among people who had no claim of either kind on the day before and no earlier one for universal credit, so that few claims and going back to it do not decide."""
grain = "one row per authority with such a claim from April 2013"
key = ["authority"]
columns = [
  { name = "authority", type = "varchar(10)", description = "Pseudonym of the authority in which people lived in the tax year of the claim." },
  { name = "country", type = "varchar(20)", description = "Country of the authority." },
  { name = "first_claim", type = "date", description = "Month of the first claim for universal credit." },
  { name = "rollout", type = "date", description = "First day of the first month from which most new claims are for it; missing if there is none." },
  { name = "claims", type = "int", unit = "claims", description = "New claims counted at that month." },
  { name = "share", type = "float", unit = "per cent", description = "Share of them for universal credit." },
  { name = "earlier_claims", type = "int", unit = "claims", description = "New claims from April 2013 to the month before." },
  { name = "enough", type = "int", description = "1 if `claims` and `earlier_claims` both reach the parameter `claims`." },
]
parameters = [
  { name = "months", type = "int", default = 3, minimum = 1, maximum = 12, description = "Months over which new claims are counted, the first of them included." },
  { name = "claims", type = "int", default = 10, minimum = 1, maximum = 1000, description = "New claims from which a date can be relied on: a choice, not a published threshold.", unverified = true },
]
source = "Benefit types and dates of the benefit table and authorities of the geography table, LEO variable request form v2.3. Counting a date from claims is our choice; the Department for Work and Pensions publishes real dates by jobcentre."
years = "April 2013 to April 2021"
lost = "The live service before it, which took single jobseekers only; jobcentres of one authority that changed on different days; people who were moved from an older benefit; everybody over the ages that the extract follows."
traps = [
  "It cannot tell why claims changed: who may still claim an older benefit (those in some situations to 2019) claims it after the date.",
  "The months that are counted lie ahead of the date, so it comes up to half of them too soon: with three months, about one.",
  "Where few claim, chance decides the month: `enough` says where not to use it. In a small extract that is almost everywhere.",
  "Claims of the young are the first for universal credit, as single jobseekers are: a date from young people's claims is early.",
  "The authority is that of the longest address of the tax year: who moved and claimed stands with the new one.",
  "Authorities are pseudonyms in the real extract, so published dates cannot be joined: that is what this measure is for.",
]
other_rule = { parameter = "months", value = 6 }
group_by = ["rollout"]
---*/
WITH spells AS (
    SELECT
        k.ae_id,
        b.startdate,
        b.enddate,
        CASE WHEN b.benefit_type IN ('UAA', 'UAB', 'UBC', 'UBD', 'UCE', 'UDF', 'UNA') THEN 1 ELSE 0 END AS universal
    FROM leo_i2."2005003".leo_benefit AS b
    JOIN measures.edukey_person AS k ON k.edukey = b.edukey
    WHERE b.benefit_type IN ('ESA', 'IB', 'IS', 'JSA', 'UAA', 'UAB', 'UBC', 'UBD', 'UCE', 'UDF', 'UNA') AND b.startdate < b.enddate
),
once AS (
    SELECT ae_id, startdate, MAX(enddate) AS enddate, MAX(universal) AS universal FROM spells GROUP BY ae_id, startdate
),
reached AS (
    SELECT
        once.*,
        MAX(enddate) OVER (PARTITION BY ae_id ORDER BY startdate ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS end_so_far,
        MAX(universal) OVER (PARTITION BY ae_id ORDER BY startdate ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS universal_before
    FROM once
),
fresh AS (
    SELECT
        ae_id,
        universal,
        CAST(YEAR(startdate) * 12 + MONTH(startdate) - 1 AS int) AS month_number,
        CASE WHEN MONTH(startdate) * 100 + DAY(startdate) >= 406 THEN YEAR(startdate) ELSE YEAR(startdate) - 1 END AS starts_in
    FROM reached
    WHERE startdate BETWEEN DATE '2013-04-06' AND DATE '2021-04-05'
        AND COALESCE(universal_before, 0) = 0
        AND (end_so_far IS NULL OR date_diff('day', end_so_far, startdate) > 1)
),
placed AS (
    SELECT r.authority, r.country, f.month_number, COUNT(*) AS claims, SUM(f.universal) AS universal
    FROM fresh AS f
    JOIN measures.residence AS r ON r.ae_id = f.ae_id AND r.tax_year = f.starts_in * 100 + (f.starts_in + 1) % 100
    WHERE r.authority IS NOT NULL
    GROUP BY r.authority, r.country, f.month_number
),
windows AS (
    SELECT p.authority, p.month_number, SUM(n.claims) AS claims, SUM(n.universal) AS universal
    FROM placed AS p
    JOIN placed AS n ON n.authority = p.authority AND n.month_number >= p.month_number AND n.month_number < p.month_number + $months
    GROUP BY p.authority, p.month_number
),
backwards AS (
    SELECT
        windows.*,
        SUM(CASE WHEN 2 * universal > claims THEN 0 ELSE 1 END) OVER (
            PARTITION BY authority ORDER BY month_number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS older_from_here
    FROM windows
),
dates AS (
    -- From this month on it is always most of them.
    SELECT authority, MIN(month_number) AS month_number FROM backwards WHERE older_from_here = 0 GROUP BY authority
),
summary AS (
    SELECT
        p.authority,
        MIN(p.country) AS country,
        MIN(CASE WHEN p.universal > 0 THEN p.month_number END) AS first_month,
        MIN(d.month_number) AS rollout,
        SUM(CASE WHEN p.month_number < d.month_number OR d.month_number IS NULL THEN p.claims ELSE 0 END) AS earlier_claims
    FROM placed AS p
    LEFT JOIN dates AS d ON d.authority = p.authority
    GROUP BY p.authority
)
SELECT
    s.authority,
    s.country,
    make_date(CAST((s.first_month - s.first_month % 12) / 12 AS int), CAST(s.first_month % 12 + 1 AS int), 1) AS first_claim,
    make_date(CAST((s.rollout - s.rollout % 12) / 12 AS int), CAST(s.rollout % 12 + 1 AS int), 1) AS rollout,
    CAST(w.claims AS int) AS claims,
    CAST(100.0 * w.universal / w.claims AS double precision) AS share,
    CAST(s.earlier_claims AS int) AS earlier_claims,
    CASE WHEN w.claims >= $claims AND s.earlier_claims >= $claims THEN 1 ELSE 0 END AS enough
FROM summary AS s
LEFT JOIN windows AS w ON w.authority = s.authority AND w.month_number = s.rollout
