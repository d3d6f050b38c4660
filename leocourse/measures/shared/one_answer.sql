by_person AS (
    SELECT p.ae_id, a.answer, MAX(a.preferred) AS preferred, SUM(a.times) AS times, MAX(a.latest) AS latest,
        MAX(a.year_11) AS year_11
    FROM answers AS a
    JOIN measures.pmr_person AS p ON p.pmr = a.pmr
    GROUP BY p.ae_id, a.answer
),
ranked AS (
    SELECT ae_id, answer, COUNT(*) OVER (PARTITION BY ae_id) AS answers,
        ROW_NUMBER() OVER (
            PARTITION BY ae_id
            ORDER BY
                preferred DESC,
                CASE $rule WHEN 'most frequent' THEN times WHEN 'year 11' THEN year_11 ELSE 0 END DESC,
                latest DESC, answer
        ) AS place
    FROM by_person
),
chosen AS (
    SELECT ae_id, answer, answers FROM ranked WHERE place = 1
)
