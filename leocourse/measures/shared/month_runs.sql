months AS (
    SELECT
        ae_id,
        start_date,
        CAST(YEAR(start_date) * 12 + MONTH(start_date) - 1 AS int) AS first_month,
        CAST(YEAR(end_date) * 12 + MONTH(end_date) - 1 AS int) AS last_month
    FROM spells
),
before AS (
    -- The spells of a person do not overlap, so the one before in time is the one that reaches furthest.
    SELECT *, LAG(last_month) OVER (PARTITION BY ae_id ORDER BY start_date) AS month_before
    FROM months
),
numbered AS (
    SELECT
        *,
        SUM(CASE WHEN first_month <= month_before + 1 THEN 0 ELSE 1 END) OVER (
            PARTITION BY ae_id ORDER BY start_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS run
    FROM before
)
SELECT ae_id, MIN(first_month) AS first_month, MAX(last_month) AS last_month
FROM numbered
GROUP BY ae_id, run
