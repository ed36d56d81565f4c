-- The columns of records.sql, case by case as the ids sort, so that two runs can be walked side by side.
SELECT case_index, repeat, case_id, category, passed, failure, error, latency_us, cost_pico, unpriced,
    practice, model, snapshot, tokens_in, tokens_out, grades,
    case_fingerprint, cluster, weight, first_token_us, retries, cached, grading_pico
FROM result INDEXED BY result_case
WHERE run = ?1
ORDER BY case_id, repeat
