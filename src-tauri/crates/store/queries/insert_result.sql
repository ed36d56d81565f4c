INSERT INTO result (
    run, case_index, repeat, case_id, category, title, passed, score, failure, error, latency_us,
    cost_pico, unpriced, practice, model, snapshot, tokens_in, tokens_out, grades,
    case_fingerprint, cluster, weight, first_token_us, retries, cached, price, grading_pico,
    awaits_person, judges_disagree, case_risk
) VALUES (
    ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
    ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
    ?28, ?29, ?30
)
ON CONFLICT (run, case_index, repeat) DO NOTHING
