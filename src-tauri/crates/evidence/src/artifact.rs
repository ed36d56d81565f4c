//! What shows that work was done.

use crate::{
    hash::ContentHash,
    id::{ArtifactId, RunId},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What an artifact points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ArtifactKind {
    /// A finished run.
    Run {
        /// The run.
        run: RunId,
    },
    /// A file in a project folder, as it was when it was linked.
    File {
        /// Absolute path.
        path: String,
        /// Hash of the content at that moment.
        hash: ContentHash,
    },
    /// A page that others can open: a pull request, a post, a deployment.
    Link {
        /// Absolute http or https address.
        url: String,
    },
}

/// A thing that shows work was done. A milestone closes on one, never on a tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Artifact {
    /// Identity.
    pub id: ArtifactId,
    /// What it points at.
    #[serde(flatten)]
    pub kind: ArtifactKind,
    /// What a reader sees: "Run 14 of golden".
    pub label: String,
    /// When it was linked.
    pub linked_at: DateTime<Utc>,
}
