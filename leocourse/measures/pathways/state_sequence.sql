/*---
title = "Sequence of monthly states after year 11"
definition = """The states of the sixty months that follow key stage 4, from September on, as one text for each person; fewer with other `years`.
The letters and their hierarchy are those of activity_by_month."""
grain = "one row per person in a key stage 4 cohort with a month to follow"
key = ["ae_id"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "ks4_year", type = "int", description = "Calendar year in which the academic year of key stage 4 ends." },
  { name = "sequence", type = "varchar(60)", description = "A letter for each month from the September after key stage 4: H higher education, S school, 4 higher apprenticeship, 3 advanced apprenticeship, 2 intermediate apprenticeship, F further education, B out-of-work benefits, E employment, N not in education, employment or training, a full stop where nothing is recorded, x for months after March 2021." },
  { name = "months", type = "int", unit = "months", description = "Months that the data reach, at most 60." },
  { name = "education", type = "int", unit = "months", description = "Of them, in any kind of education or training." },
  { name = "benefits", type = "int", unit = "months", description = "On out-of-work benefits and not in education." },
  { name = "employment", type = "int", unit = "months", description = "In employment and neither of these." },
  { name = "neet", type = "int", unit = "months", description = "Known to the caseload alone, as not in education, employment or training." },
  { name = "not_captured", type = "int", unit = "months", description = "In no record." },
]
parameters = [
  { name = "years", type = "int list", default = [1, 2, 3, 4, 5], minimum = 1, maximum = 5, description = "Academic years after key stage 4 that make the sequence, twelve months each." },
  { name = "uncertain", values = ["keep", "drop"], default = "keep", description = "Whether spells of which a date is unknown count: see employment_spells." },
]
source = "See activity_by_month."
years = "key stage 4 cohorts 2001/02 to 2019/20"
lost = "Every state but the first that applies in a month."
traps = [
  "Sequences of late cohorts are shorter: compare people over months that both have.",
  "An academic year is twelve letters, so letters 1, 13, 25 are Septembers.",
]
other_rule = { parameter = "uncertain", value = "drop" }
group_by = ["ks4_year", "employment"]
---*/
WITH joined AS (
    SELECT
        ae_id,
        ks4_year,
        CONCAT(
            MAX(CASE WHEN years_after = 1 THEN states ELSE '' END),
            MAX(CASE WHEN years_after = 2 THEN states ELSE '' END),
            MAX(CASE WHEN years_after = 3 THEN states ELSE '' END),
            MAX(CASE WHEN years_after = 4 THEN states ELSE '' END),
            MAX(CASE WHEN years_after = 5 THEN states ELSE '' END)
        ) AS sequence,
        CAST(SUM(CASE WHEN academic_year = 2021 THEN 7 ELSE 12 END) AS int) AS months
    FROM measures.activity_by_month
    GROUP BY ae_id, ks4_year
),
counted AS (
    SELECT
        *,
        CAST(LENGTH(sequence) - LENGTH(REPLACE(sequence, 'B', '')) AS int) AS benefits,
        CAST(LENGTH(sequence) - LENGTH(REPLACE(sequence, 'E', '')) AS int) AS employment,
        CAST(LENGTH(sequence) - LENGTH(REPLACE(sequence, 'N', '')) AS int) AS neet,
        CAST(LENGTH(sequence) - LENGTH(REPLACE(sequence, '.', '')) AS int) AS not_captured
    FROM joined
)
SELECT
    ae_id,
    ks4_year,
    sequence,
    months,
    months - benefits - employment - neet - not_captured AS education,
    benefits,
    employment,
    neet,
    not_captured
FROM counted
