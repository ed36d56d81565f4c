//! Files for CI engines.
