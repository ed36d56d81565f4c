-- Texts that a run was measured with: its suite file and the files that its graders read. Each content is kept once, so that what
-- changed between two runs can be shown after the files have changed. zstd.
CREATE TABLE kept_text (
    hash TEXT PRIMARY KEY,
    text BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE run_text (
    run  INTEGER NOT NULL REFERENCES run (key),
    -- Path as the suite names it; the suite file by its own name.
    name TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES kept_text (hash),
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
