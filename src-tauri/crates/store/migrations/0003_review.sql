-- What the review queue needs of a trial and only its packed detail has: whether a grade waits for a person, whether judges
-- gave different verdicts, and the case's own word on its risk (its field `risk`).
ALTER TABLE result ADD COLUMN awaits_person INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN judges_disagree INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result ADD COLUMN case_risk TEXT;

-- What a person said of a result. Two passes: the second is given without seeing the first.
CREATE TABLE review (
    run         INTEGER NOT NULL REFERENCES run (key),
    case_index  INTEGER NOT NULL,
    repeat      INTEGER NOT NULL,
    pass        INTEGER NOT NULL CHECK (pass IN (1, 2)),
    reviewer    TEXT NOT NULL,
    passed      INTEGER NOT NULL,
    correct     INTEGER,
    valuable    INTEGER,
    aligned     INTEGER,
    -- [{grader, criterion, points}, …]
    points      TEXT NOT NULL,
    note        TEXT NOT NULL,
    reviewed_at TEXT NOT NULL,
    PRIMARY KEY (run, case_index, repeat, pass)
) STRICT, WITHOUT ROWID;

-- Why a result failed, as a person sees it.
CREATE TABLE root_cause (
    run         INTEGER NOT NULL REFERENCES run (key),
    case_index  INTEGER NOT NULL,
    repeat      INTEGER NOT NULL,
    cause       TEXT NOT NULL,
    labelled_at TEXT NOT NULL,
    PRIMARY KEY (run, case_index, repeat)
) STRICT, WITHOUT ROWID;
