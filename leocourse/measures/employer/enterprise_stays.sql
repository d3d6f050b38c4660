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
    SELECT ae_id, enterprise, tax_year, pay, CAST(FLOOR(tax_year / 100.0) AS int) AS starts_in FROM measures.main_employer
),
beside AS (
    SELECT
        numbered.*,
        LAG(enterprise) OVER (PARTITION BY ae_id ORDER BY starts_in) AS enterprise_before,
        LAG(starts_in) OVER (PARTITION BY ae_id ORDER BY starts_in) AS start_before,
        LEAD(enterprise) OVER (PARTITION BY ae_id ORDER BY starts_in) AS enterprise_after,
        LEAD(starts_in) OVER (PARTITION BY ae_id ORDER BY starts_in) AS start_after
    FROM numbered
),
marked AS (
    SELECT
        ae_id, enterprise, tax_year, pay, starts_in,
        CASE WHEN enterprise = enterprise_before AND starts_in = start_before + 1 THEN 0 ELSE 1 END AS begins,
        CASE WHEN enterprise = enterprise_after AND starts_in = start_after - 1 THEN 0 ELSE 1 END AS ends
    FROM beside
),
runs AS (
    SELECT
        marked.*,
        SUM(begins) OVER (PARTITION BY ae_id ORDER BY starts_in ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS run
    FROM marked
),
stays AS (
    SELECT ae_id, run, MIN(enterprise) AS enterprise, MIN(tax_year) AS first_tax_year, MAX(tax_year) AS last_tax_year,
        MIN(starts_in) AS first_start, MAX(starts_in) AS last_start,
        SUM(CASE WHEN begins = 1 THEN pay END) AS first_pay, SUM(CASE WHEN ends = 1 THEN pay END) AS last_pay
    FROM runs
    GROUP BY ae_id, run
),
paid AS (
    SELECT
        stays.*,
        LEAD(enterprise) OVER (PARTITION BY ae_id ORDER BY run) AS next_enterprise,
        LEAD(first_start) OVER (PARTITION BY ae_id ORDER BY run) AS next_start,
        LEAD(first_pay) OVER (PARTITION BY ae_id ORDER BY run) AS next_pay
    FROM stays
),
at_once AS (
    SELECT paid.*, CASE WHEN next_start = last_start + 1 THEN next_enterprise END AS straight_to FROM paid
),
ways AS (
    SELECT enterprise, last_start, straight_to, COUNT(*) AS people
    FROM at_once
    WHERE straight_to IS NOT NULL
    GROUP BY enterprise, last_start, straight_to
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
FROM at_once AS p
LEFT JOIN flows AS f ON f.enterprise = p.enterprise AND f.last_start = p.last_start AND f.straight_to = p.straight_to
