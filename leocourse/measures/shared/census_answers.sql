census_answers AS (
    SELECT pmr, answer, COUNT(*) AS times, MAX(record_year) AS latest, MAX(CASE WHEN age = 15 THEN 1 ELSE 0 END) AS year_11
    FROM stacked
    WHERE answer IS NOT NULL
    GROUP BY pmr, answer
),
