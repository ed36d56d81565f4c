//! Identifiers: UUID version 7 (RFC 9562), so that ids sort by the time they were made.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use ts_rs::TS;
use uuid::Uuid;

/// A text that should be an id and is not one.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not an id (expected a UUID such as 0198c0de-1234-7abc-8def-0123456789ab)")]
pub struct IdError {
    text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(Uuid);

        impl $name {
            /// A new id for this instant.
            #[expect(clippy::new_without_default, reason = "two defaults must never be equal")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError { text: text.into() })
            }
        }
    )+};
}

ids! {
    /// One run of one suite against one target.
    RunId,
    /// A project folder that the app knows.
    ProjectId,
    /// A thing that shows work was done: a run, a file, a link.
    ArtifactId,
    /// A sentence about a measured result that documents may quote.
    ClaimId,
}
