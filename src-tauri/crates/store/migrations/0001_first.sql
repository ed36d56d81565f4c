-- Money is whole picodollars, time is UTC in RFC 3339 or milliseconds since 1970, ids are UUIDs as text.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- What the person did and decided. Rows are only ever added.
CREATE TABLE journal (
    sequence INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    event    TEXT NOT NULL
) STRICT;

CREATE TABLE project (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    folder     TEXT NOT NULL UNIQUE,
    starter    TEXT,
    trusted    INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE run (
    key         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    project     TEXT NOT NULL REFERENCES project (id),
    number      INTEGER NOT NULL,
    status      TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    -- The process that works on it ("pid:start"), so that a run whose process is gone is known as interrupted.
    owner       TEXT,
    -- What the run was asked to do, to go on with it: suite path, repeat, concurrency, filter.
    plan        TEXT NOT NULL,
    -- The graders (name, label of the mean score), to which the grades of results refer by position.
    graders     TEXT NOT NULL,
    summary     TEXT NOT NULL,
    failure     TEXT,
    UNIQUE (project, number)
) STRICT;

-- One row a trial: what lists, summaries and comparisons need. Texts are in result_detail.
CREATE TABLE result (
    run          INTEGER NOT NULL REFERENCES run (key),
    case_index   INTEGER NOT NULL,
    repeat       INTEGER NOT NULL,
    case_id      TEXT NOT NULL,
    category     TEXT NOT NULL,
    title        TEXT NOT NULL,
    passed       INTEGER NOT NULL,
    score        REAL NOT NULL,
    failure      TEXT,
    error        INTEGER NOT NULL,
    latency_us   INTEGER NOT NULL,
    cost_pico    INTEGER,
    unpriced     INTEGER NOT NULL,
    practice     INTEGER NOT NULL,
    model        TEXT,
    snapshot     TEXT,
    tokens_in    INTEGER,
    tokens_out   INTEGER,
    -- [[grader position, passed, score, severity or null], …]
    grades       TEXT NOT NULL,
    PRIMARY KEY (run, case_index, repeat)
) STRICT, WITHOUT ROWID;

CREATE INDEX result_verdict ON result (run, passed, case_index, repeat);
CREATE INDEX result_case ON result (run, case_id, repeat);

-- Case, answer, reasons, request and response of a trial: JSON, compressed with zstd.
CREATE TABLE result_detail (
    run        INTEGER NOT NULL,
    case_index INTEGER NOT NULL,
    repeat     INTEGER NOT NULL,
    detail     BLOB NOT NULL,
    UNIQUE (run, case_index, repeat)
) STRICT;

CREATE TABLE claim (
    id         TEXT PRIMARY KEY,
    project    TEXT NOT NULL REFERENCES project (id),
    slug       TEXT NOT NULL,
    definition TEXT NOT NULL,
    UNIQUE (project, slug)
) STRICT;

-- What the app wrote into folders of the person, so that it can tell its own files from changed ones.
CREATE TABLE written_file (
    path TEXT PRIMARY KEY,
    hash TEXT NOT NULL
) STRICT;
