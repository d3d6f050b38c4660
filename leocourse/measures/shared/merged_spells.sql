once AS (
    -- One row a start: the order of rows that start together must not decide anything below.
    SELECT
        ae_id,
        start_date,
        MAX(end_date) AS end_date,
        MAX(still_open) AS still_open,
        COUNT(*) AS records
    FROM reported
    GROUP BY ae_id, start_date
),
reached AS (
    SELECT
        *,
        MAX(end_date) OVER (
            PARTITION BY ae_id ORDER BY start_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS end_so_far
    FROM once
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN date_diff('day', end_so_far, start_date) <= 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id ORDER BY start_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS spell
    FROM reached
)
SELECT
    ae_id,
    MIN(start_date) AS start_date,
    MAX(end_date) AS end_date,
    MAX(still_open) AS still_open,
    CAST(SUM(records) AS int) AS records
FROM numbered
GROUP BY ae_id, spell
