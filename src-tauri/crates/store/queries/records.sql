SELECT case_index, repeat, case_id, category, passed, failure, error, latency_us, cost_pico, unpriced,
    practice, model, snapshot, tokens_in, tokens_out, grades,
    case_fingerprint, cluster, weight, first_token_us, retries, cached, grading_pico
FROM result
WHERE run = ?1 AND (?2 IS NULL OR (case_index = ?2 AND repeat = ?3))
ORDER BY case_index, repeat
