-- Providers as the person configured them: JSON of provider::ProviderConfiguration. It says where the key lies and never the key.
CREATE TABLE provider (
    name          TEXT PRIMARY KEY,
    configuration TEXT NOT NULL
) STRICT;

-- What calls have cost, a row a UTC day (2026-11-21) and provider; where none is configured for an address, its host.
CREATE TABLE spending (
    day      TEXT NOT NULL,
    provider TEXT NOT NULL,
    pico     INTEGER NOT NULL,
    PRIMARY KEY (day, provider)
) STRICT, WITHOUT ROWID;

-- The person's own prices: JSON of provider::PriceRow. A retired one prices nothing more and stays, since results name its id.
CREATE TABLE own_price (
    id      TEXT PRIMARY KEY,
    row     TEXT NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The models of calls without a price, which are a few among many.
CREATE INDEX result_unpriced ON result (model) WHERE unpriced = 1;
