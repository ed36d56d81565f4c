-- What the harness learned to tell of a trial: the case by content (only equal cases are held against each other), its cluster
-- and weight, the time to the first token, attempts that were made again, the price row, what grading cost.
ALTER TABLE result ADD COLUMN case_fingerprint INTEGER;
ALTER TABLE result ADD COLUMN cluster TEXT;
ALTER TABLE result ADD COLUMN weight REAL;
ALTER TABLE result ADD COLUMN first_token_us INTEGER;
ALTER TABLE result ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN cached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN price TEXT;
ALTER TABLE result ADD COLUMN grading_pico INTEGER;

-- Answers to requests that were asked before: the key is a hash of target, request and repeat, the answer packed JSON.
CREATE TABLE response_cache (
    key        BLOB PRIMARY KEY,
    answer     BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
