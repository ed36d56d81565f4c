-- What calls in flight could cost at most, in whatever process they are: a row a call, only where its provider has a daily cap. A call
-- takes its row away when it ends. A row that its process left behind counts as spent; a number is never given again, so that
-- a call which ends after its row was moved into `spending` is noticed.
CREATE TABLE reservation (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    day      TEXT NOT NULL,
    provider TEXT NOT NULL,
    pico     INTEGER NOT NULL
) STRICT;

CREATE INDEX reservation_day ON reservation (day, provider, pico);
