//! Graders as they are written in a suite file.

use crate::suite::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One grader. `type` decides which further keys there are.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GraderFile {
    /// The answer contains a text. Score 1 or 0; with a list of texts, the share that is found.
    Contains(ContainsFile),
    /// The answer matches a regular expression. Score 1 or 0.
    Regex(RegexFile),
    /// The answer, read as JSON, is valid against a JSON Schema. Score 1 or 0.
    JsonSchema(JsonSchemaFile),
    /// Citations are there and name passages that were retrieved. Severe: none, or an invented one.
    Citations(CitationsFile),
    /// Each sentence's content words stand in the passages (a lexical measure). Score: share of supported sentences.
    Grounding(GroundingFile),
    /// The service refuses exactly when the case says that it should. Score 1 or 0.
    Refusal(RefusalFile),
    /// Recall@k: share of the relevant documents that are among the first k passages. Score between 0 and 1.
    RecallAtK(RecallFile),
    /// Reciprocal rank: 1 / rank of the first relevant passage, 0 when there is none. Its mean is MRR.
    ReciprocalRank(RankFile),
    /// The answer came in time.
    Latency(LatencyFile),
    /// The model calls of this case cost no more than a limit. Unpriced calls fail.
    Cost(CostFile),
}

macro_rules! grader_file {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Name of the grader, unique in the suite; also the name of its metric.
            pub name: String,
            /// What a failure is called, such as `retrieval miss`. Default: the grader's name.
            #[serde(default)]
            pub failure: Option<String>,
            /// Measures without deciding whether a case passes. Default false.
            #[serde(default)]
            pub informational: bool,
            $($(#[$field_doc])* pub $field: $type,)*
        }
    };
}

grader_file! {
    /// Exactly one of `expected` and `value`.
    ContainsFile {
        /// Field of the case that holds the text, or a list of texts. Cases without it are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The text itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// Compare without regard to case. Default false.
        #[serde(default)]
        ignore_case: bool,
        /// With a list: one found text is enough. Default false, all must be found.
        #[serde(default)]
        any: bool,
    }
}

grader_file! {
    /// Exactly one of `pattern` and `expected`.
    RegexFile {
        /// The regular expression (Rust syntax; `(?i)` ignores case).
        #[serde(default)]
        pattern: Option<String>,
        /// Field of the case that holds the expression.
        #[serde(default)]
        expected: Option<String>,
    }
}

grader_file! {
    /// The schema, inline or as a file.
    JsonSchemaFile {
        /// The schema as an object, or the path of a .json file relative to the suite.
        schema: Value,
    }
}

grader_file! {
    /// Needs `citations` and `passages` in the response mapping. Refusals are not graded.
    CitationsFile {}
}

grader_file! {
    /// Needs `passages` with `passage_text` in the response mapping. Refusals are not graded.
    GroundingFile {
        /// Share of a sentence's content words that must stand in the passages. Default 0.6.
        #[serde(default)]
        coverage: Option<f64>,
        /// Share of sentences that must be supported. Default 1.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

grader_file! {
    /// Reads `refused` of the response mapping; without it, phrases such as "I cannot answer" count as a refusal.
    RefusalFile {
        /// Field of the case that says whether it should be refused.
        expected: String,
    }
}

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    RecallFile {
        /// How many passages count.
        #[schemars(range(min = 1))]
        k: u32,
        /// Field of the case that lists the relevant documents' ids.
        relevant: String,
        /// Recall that passes. Default 1.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    RankFile {
        /// Field of the case that lists the relevant documents' ids.
        relevant: String,
        /// Reciprocal rank that passes. Default 0, which always passes.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

grader_file! {
    /// A budget for one answer.
    LatencyFile {
        /// Longest time, such as `2s`.
        at_most: Quantity,
    }
}

grader_file! {
    /// A budget for one answer.
    CostFile {
        /// Highest cost in US dollars, such as `$0.004`.
        at_most: Quantity,
    }
}
