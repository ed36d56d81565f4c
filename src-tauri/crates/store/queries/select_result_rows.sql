SELECT r.case_index, r.repeat, r.case_id, r.category, r.title, r.passed, r.failure, r.error,
    r.latency_us, r.cost_pico, before.passed
