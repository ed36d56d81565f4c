-- A page of a million results opens at once: its total is read from counts, its rows from an index in the order of the page.

CREATE TABLE result_count (
    run      INTEGER NOT NULL,
    category TEXT NOT NULL,
    -- '' where a result has no failure.
    failure  TEXT NOT NULL,
    passed   INTEGER NOT NULL,
    error    INTEGER NOT NULL,
    results  INTEGER NOT NULL,
    PRIMARY KEY (run, category, failure, passed, error)
) STRICT, WITHOUT ROWID;

INSERT INTO result_count
SELECT run, category, coalesce(failure, ''), passed, error, count(*) FROM result GROUP BY 1, 2, 3, 4, 5;

-- Kept by triggers, so that no way of adding or taking away results can forget it.
CREATE TRIGGER result_counted AFTER INSERT ON result BEGIN
    INSERT INTO result_count VALUES (new.run, new.category, coalesce(new.failure, ''), new.passed, new.error, 1)
    ON CONFLICT DO UPDATE SET results = results + 1;
END;

CREATE TRIGGER result_uncounted AFTER DELETE ON result BEGIN
    UPDATE result_count SET results = results - 1
    WHERE run = old.run AND category = old.category AND failure = coalesce(old.failure, '')
        AND passed = old.passed AND error = old.error;
END;

CREATE TRIGGER result_recounted AFTER UPDATE OF run, category, failure, passed, error ON result BEGIN
    UPDATE result_count SET results = results - 1
    WHERE run = old.run AND category = old.category AND failure = coalesce(old.failure, '')
        AND passed = old.passed AND error = old.error;
    INSERT INTO result_count VALUES (new.run, new.category, coalesce(new.failure, ''), new.passed, new.error, 1)
    ON CONFLICT DO UPDATE SET results = results + 1;
END;

CREATE INDEX result_category ON result (run, category, passed, case_index, repeat);
CREATE INDEX result_failure ON result (run, failure, passed, case_index, repeat) WHERE failure IS NOT NULL;

-- With what a comparison needs of the other run, so that it reads this index alone.
DROP INDEX result_case;
CREATE INDEX result_case ON result (run, case_id, repeat, passed, case_fingerprint);
