INSERT INTO result_detail (run, case_index, repeat, detail) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (run, case_index, repeat) DO NOTHING
