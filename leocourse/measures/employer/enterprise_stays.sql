/*---
title = "Stays at enterprises and what ends them"
definition = """Each run of tax years in a row in which one enterprise paid a person most, with pay at both ends, and the enterprise to which the person went next.
Where most of those who leave an enterprise in a year go to one and the same other, they are taken to have moved with the business: a merger, a new legal form or a new number."""
grain = "one row per person and run of tax years at one enterprise"
key = ["ae_id", "first_tax_year"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "enterprise", type = "varchar(11)", description = "Pseudonym of the enterprise (ENTKEY)." },
  { name = "first_tax_year", type = "int", description = "First tax year of the run." },
  { name = "last_tax_year", type = "int", description = "Last tax year of the run." },
  { name = "years", type = "int", unit = "tax years", description = "Tax years of the run." },
  { name = "first_pay", type = "int", unit = "pounds", description = "Pay from the enterprise in the first." },
  { name = "last_pay", type = "int", unit = "pounds", description = "Pay from it in the last." },
  { name = "next_enterprise", type = "varchar(11)", description = "Main enterprise of the next run; missing if there is none." },
  { name = "gap", type = "int", unit = "tax years", description = "Tax years without a main enterprise between them." },
  { name = "next_pay", type = "int", unit = "pounds", description = "Pay from the next enterprise in its first tax year." },
  { name = "leavers", type = "int", unit = "people", description = "People whose run at this enterprise ends in the same tax year and who go on elsewhere without a gap." },
  { name = "same_way", type = "int", unit = "people", description = "Of these, those who go to the same next enterprise." },
  { name = "moved_with_business", type = "int", description = "1 if `same_way` is at least `together` and more than half of the leavers; missing without a next enterprise at once." },
]
parameters = [
  { name = "together", type = "int", default = 5, minimum = 2, maximum = 1000, description = "How many must go the same way for it not to be chance. A choice.", unverified = true },
]
source = "Earnings table of the LEO variable request form v2.3. Reading flows of several people as a move of the business follows common practice with linked employer data; the threshold is ours."
years = "tax years 2003/04 to 2020/21"
lost = "Months: pay is by tax year, so first and last years are mostly parts of one. Jobs beside the main one, stays within a year, and moves between plants of one enterprise."
traps = [
  "First and last pay are of parts of a year for most: compare pay over moves in the full years inside, not at the ends.",
  "A run that begins in 2003/04 or ends in 2020/21 is cut by the data.",
  "The extract holds some of the people of an enterprise only, so few leavers are seen: a business that moved can go unnoticed, most of all a small one.",
  "The main enterprise changes too when a second job pays more than the first, and nobody left.",
  "Going back to an enterprise is a new run.",
]
other_rule = { parameter = "together", value = 10 }
group_by = ["years"]
---*/
WITH numbered AS (
    SELECT
        e.ae_id,
        e.enterprise,
        e.tax_year,
        e.pay,
        CAST(FLOOR(e.tax_year / 100.0) AS int) AS starts_in,
        LAG(e.enterprise) OVER (PARTITION BY e.ae_id ORDER BY e.tax_year) AS enterprise_before,
        LAG(CAST(FLOOR(e.tax_year / 100.0) AS int)) OVER (PARTITION BY e.ae_id ORDER BY e.tax_year) AS start_before
    FROM measures.main_employer AS e
),
runs AS (
    SELECT
        numbered.*,
        SUM(CASE WHEN enterprise = enterprise_before AND starts_in = start_before + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id ORDER BY starts_in ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM numbered
),
stays AS (
    SELECT ae_id, run, enterprise, MIN(tax_year) AS first_tax_year, MAX(tax_year) AS last_tax_year,
        MIN(starts_in) AS first_start, MAX(starts_in) AS last_start
    FROM runs
    GROUP BY ae_id, run, enterprise
),
paid AS (
    SELECT
        s.*,
        f.pay AS first_pay,
        l.pay AS last_pay,
        LEAD(s.enterprise) OVER (PARTITION BY s.ae_id ORDER BY s.run) AS next_enterprise,
        LEAD(s.first_start) OVER (PARTITION BY s.ae_id ORDER BY s.run) AS next_start,
        LEAD(f.pay) OVER (PARTITION BY s.ae_id ORDER BY s.run) AS next_pay
    FROM stays AS s
    JOIN numbered AS f ON f.ae_id = s.ae_id AND f.starts_in = s.first_start
    JOIN numbered AS l ON l.ae_id = s.ae_id AND l.starts_in = s.last_start
),
ways AS (
    SELECT enterprise, last_start, next_enterprise, COUNT(*) AS people
    FROM paid
    WHERE next_start = last_start + 1
    GROUP BY enterprise, last_start, next_enterprise
),
flows AS (
    SELECT ways.*, SUM(people) OVER (PARTITION BY enterprise, last_start) AS leavers FROM ways
)
SELECT
    p.ae_id,
    p.enterprise,
    p.first_tax_year,
    p.last_tax_year,
    CAST(p.last_start - p.first_start + 1 AS int) AS years,
    CAST(p.first_pay AS int) AS first_pay,
    CAST(p.last_pay AS int) AS last_pay,
    p.next_enterprise,
    CAST(p.next_start - p.last_start - 1 AS int) AS gap,
    CAST(p.next_pay AS int) AS next_pay,
    CAST(f.leavers AS int) AS leavers,
    CAST(f.people AS int) AS same_way,
    CASE
        WHEN f.enterprise IS NULL THEN NULL
        WHEN f.people >= $together AND 2 * f.people > f.leavers THEN 1
        ELSE 0
    END AS moved_with_business
FROM paid AS p
LEFT JOIN flows AS f
    ON f.enterprise = p.enterprise AND f.last_start = p.last_start AND f.next_enterprise = p.next_enterprise
    AND p.next_start = p.last_start + 1
