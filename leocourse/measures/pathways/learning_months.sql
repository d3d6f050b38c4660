/*---
title = "Months in learning, as unbroken runs by kind"
definition = """Calendar months with at least one day at school, in further education, in an apprenticeship or in higher education, months in a row made one run.
Kinds are kept apart, so runs of different kinds may overlap."""
grain = "one row per person, kind and unbroken run of months"
key = ["ae_id", "kind", "first_month"]
columns = [
  { name = "ae_id", type = "bigint", description = "Person." },
  { name = "kind", type = "varchar(27)", description = "school, further education, intermediate apprenticeship, advanced apprenticeship, higher apprenticeship or higher education." },
  { name = "first_month", type = "int", unit = "months", description = "First month: twelve times the calendar year, plus the month, less one." },
  { name = "last_month", type = "int", unit = "months", description = "Last month, counted in the same way." },
  { name = "level", type = "int", description = "Highest level in the run; -1 if unknown." },
]
source = "See learning_spells; publications count a month with at least one day (Post-16 education and labour market activities, LEO)."
years = "2001/02 to 2020/21; higher education 2004/05 to 2019/20"
lost = "Days, and where one course ends and the next begins."
traps = ["Courses end in June or July and begin in September, so further education has a gap every summer that higher education and school, whose records span it, do not have."]
group_by = ["level"]
---*/
WITH months AS (
    -- Person and kind as one number: sorting by it is far quicker than by a text.
    SELECT
        ae_id * 8 + CASE kind
            WHEN 'school' THEN 1
            WHEN 'further education' THEN 2
            WHEN 'intermediate apprenticeship' THEN 3
            WHEN 'advanced apprenticeship' THEN 4
            WHEN 'higher apprenticeship' THEN 5
            ELSE 6
        END AS lane,
        ae_id,
        level,
        CAST(YEAR(start_date) * 12 + MONTH(start_date) - 1 AS int) AS first_month,
        CAST(YEAR(end_date) * 12 + MONTH(end_date) - 1 AS int) AS last_month
    FROM measures.learning_spells
),
reached AS (
    -- Spells that begin in the same month may come in any order: they are in one run either way.
    SELECT
        *,
        MAX(last_month) OVER (
            PARTITION BY lane ORDER BY first_month ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS month_so_far
    FROM months
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN first_month <= month_so_far + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY lane ORDER BY first_month ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM reached
),
runs AS (
    SELECT
        lane,
        MIN(ae_id) AS ae_id,
        MIN(first_month) AS first_month,
        MAX(last_month) AS last_month,
        MAX(level) AS level
    FROM numbered
    GROUP BY lane, run
)
SELECT
    ae_id,
    CASE lane % 8
        WHEN 1 THEN 'school'
        WHEN 2 THEN 'further education'
        WHEN 3 THEN 'intermediate apprenticeship'
        WHEN 4 THEN 'advanced apprenticeship'
        WHEN 5 THEN 'higher apprenticeship'
        ELSE 'higher education'
    END AS kind,
    first_month,
    last_month,
    level
FROM runs
