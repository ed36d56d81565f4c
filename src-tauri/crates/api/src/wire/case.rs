//! A case more for a dataset: from a result, or from what somebody reported.

use evidence::ProjectId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

/// A result as a new case, to be edited before it is added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CaseDraft {
    /// Suite file within the project.
    pub suite: String,
    /// Dataset file within the project.
    pub dataset: String,
    /// An id that is free.
    pub id: String,
    /// The category.
    pub category: String,
    /// Every other field; `source` says where the case comes from.
    #[ts(type = "Record<string, unknown>")]
    pub fields: Map<String, Value>,
}

/// Adds a case to a dataset, in two steps: without `hash` it shows the difference, with the hash that came with it it writes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AddCaseRequest {
    /// The project.
    pub project: ProjectId,
    /// Suite file within the project; absent for its default suite.
    pub suite: Option<String>,
    /// The case.
    pub case: NewCase,
    /// Content of the dataset file that the difference was shown of; absent to be shown it.
    pub hash: Option<String>,
}

/// Where a case comes from.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum NewCase {
    /// A result, edited.
    Result {
        /// The new case's id.
        id: String,
        /// Its category.
        category: String,
        /// Its other fields.
        #[ts(type = "Record<string, unknown>")]
        fields: Map<String, Value>,
    },
    /// Somebody reported a wrong answer.
    Feedback {
        /// What was asked.
        question: String,
        /// What the system said.
        said: String,
        /// What is right; empty where it should have refused.
        right: String,
        /// Where the right answer stands: a document, a page, a person. May be empty.
        document: String,
        /// Whether a right system refuses.
        should_refuse: bool,
    },
}

/// What adding a case comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CaseAddition {
    /// Dataset file within the project.
    pub dataset: String,
    /// The case's id.
    pub id: String,
    /// Whether it is written.
    pub written: bool,
    /// The difference to the file, as a unified diff (first 200 lines).
    pub difference: String,
    /// Content of the file that the difference is to; send it along to write.
    pub hash: String,
    /// What follows from it.
    pub note: String,
    /// Whether the file changed after the difference was shown, so that nothing was written and it is shown anew.
    pub changed_since: bool,
}
