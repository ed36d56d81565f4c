-- Shared by the page and its count. :flip_run is the run that verdicts are held against; :flip is 'gained',
-- 'lost', 'any' or null. instr() on folded text, so that % and _ mean themselves.
FROM result AS r
LEFT JOIN result AS before
    ON before.run = :flip_run AND before.case_id = r.case_id AND before.repeat = r.repeat
    AND coalesce(before.case_fingerprint = r.case_fingerprint, 1)
WHERE r.run = :run
    AND (:passed IS NULL OR r.passed = :passed)
    AND (:failure IS NULL OR r.failure = :failure)
    AND (:category IS NULL OR r.category = :category)
    AND (:text IS NULL OR instr(lower(r.case_id || ' ' || r.title), :text) > 0)
    AND (
        :flip IS NULL
        OR (:flip IN ('gained', 'any') AND before.passed = 0 AND r.passed = 1)
        OR (:flip IN ('lost', 'any') AND before.passed = 1 AND r.passed = 0)
    )
