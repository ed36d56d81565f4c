-- The page's keys come out of an index alone, whatever stands before them; only its own rows are read and held against the run
-- before (CROSS JOIN: the page first, never the whole run). Filled in: the run before where only changed verdicts are wanted, and the conditions of the query.
WITH page AS (
    SELECT r.case_index, r.repeat FROM result AS r {earlier} WHERE r.run = :run{conditions}
    ORDER BY r.passed, r.case_index, r.repeat LIMIT :limit OFFSET :offset
)
SELECT r.case_index, r.repeat, r.case_id, r.category, r.title, r.passed, r.failure, r.error,
    r.latency_us, r.cost_pico, before.passed
FROM page
CROSS JOIN result AS r ON r.run = :run AND r.case_index = page.case_index AND r.repeat = page.repeat
LEFT JOIN result AS before INDEXED BY result_case
    ON before.run = :before AND before.case_id = r.case_id AND before.repeat = r.repeat
    AND coalesce(before.case_fingerprint = r.case_fingerprint, 1)
ORDER BY r.passed, r.case_index, r.repeat
