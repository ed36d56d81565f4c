//! Graders as they are written in a suite file: the list of all types, and the keys that every type has.

use super::{
    budget, citations, embedding, grounding, human, judge, numeric, policy, refusal, retrieval, rule::Entry,
    script, similarity, text, tool_calls,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The list of graders: a variant, its name in the suite, and the struct of its keys.
macro_rules! graders {
    ($($(#[$doc:meta])* $variant:ident = $kind:literal : $file:ty),* $(,)?) => {
        /// One grader. `type` decides which further keys there are.
        #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type")]
        pub enum GraderFile {
            $($(#[$doc])* #[serde(rename = $kind)] $variant(Box<$file>),)*
        }

        impl GraderFile {
            /// The names of all types.
            pub(crate) const KINDS: &'static [&'static str] = &[$($kind),*];

            /// The name of its type, and its keys.
            pub(super) fn entry(&self) -> (&'static str, &dyn Entry) {
                match self {
                    $(Self::$variant(file) => ($kind, &**file),)*
                }
            }
        }
    };
}

graders! {
    /// The answer contains a text. Score 1 or 0; with a list of texts, the share that is found.
    Contains = "contains": text::contains::ContainsFile,
    /// The answer matches a regular expression. Score 1 or 0.
    Regex = "regex": text::matches::RegexFile,
    /// The answer, read as JSON, is valid against a JSON Schema. Score 1 or 0.
    JsonSchema = "json_schema": text::schema::JsonSchemaFile,
    /// The answer is the expected text, after normalisation. Score 1 or 0.
    ExactMatch = "exact_match": text::exact::ExactMatchFile,
    /// A number of the answer is the expected one, within a tolerance. Score 1 or 0.
    Numeric = "numeric": numeric::NumericFile,
    /// Levenshtein distance between answer and expected text. Score: 1 - edits / length of the longer text.
    EditDistance = "edit_distance": similarity::edit_distance::EditDistanceFile,
    /// ROUGE-1, ROUGE-2 or ROUGE-L against the expected text. Score between 0 and 1.
    Rouge = "rouge": similarity::rouge::RougeFile,
    /// Sentence BLEU-4 against the expected text. Score between 0 and 1.
    Bleu = "bleu": similarity::bleu::BleuFile,
    /// F1 over the words that answer and expected text share (SQuAD). Score between 0 and 1.
    TokenF1 = "token_f1": similarity::token_f1::TokenF1File,
    /// Similarity of meaning, by an embedding model. Score between 0 and 1.
    EmbeddingSimilarity = "embedding_similarity": embedding::EmbeddingFile,
    /// Citations are there and name passages that were retrieved. Severe: none, or an invented one.
    Citations = "citations": citations::CitationsFile,
    /// Each sentence's content words stand in the passages (a lexical measure). Score: share of supported sentences.
    Grounding = "grounding": grounding::GroundingFile,
    /// The service refuses exactly when the case says that it should. Score 1 or 0.
    Refusal = "refusal": refusal::RefusalFile,
    /// Recall@k: share of the relevant documents that are among the first k passages. Score between 0 and 1.
    RecallAtK = "recall_at_k": retrieval::recall::RecallFile,
    /// Precision@k: share of the first k places that hold a relevant document. Score between 0 and 1.
    PrecisionAtK = "precision_at_k": retrieval::precision::PrecisionFile,
    /// Whether one relevant document at least is among the first k passages. Its mean is the hit rate. Score 1 or 0.
    HitRate = "hit_rate": retrieval::hit_rate::HitRateFile,
    /// Reciprocal rank: 1 / rank of the first relevant passage, 0 when there is none. Its mean is MRR.
    ReciprocalRank = "reciprocal_rank": retrieval::rank::RankFile,
    /// nDCG@k: gain of the passages, discounted by rank, over that of the best order. Score between 0 and 1.
    Ndcg = "ndcg": retrieval::ndcg::NdcgFile,
    /// Share of the expected facts whose words stand in a retrieved passage (a lexical measure). Between 0 and 1.
    ContextRecall = "context_recall": retrieval::context_recall::ContextRecallFile,
    /// The tools that were called are the expected ones, with valid arguments. Score: F1 over the calls.
    ToolCalls = "tool_calls": tool_calls::ToolCallsFile,
    /// No personal data, nothing forbidden, everything required. Score: share of the rules that are kept.
    Policy = "policy": policy::PolicyFile,
    /// The answer came in time.
    Latency = "latency": budget::LatencyFile,
    /// The first token came in time. Needs a streaming target.
    TimeToFirstToken = "time_to_first_token": budget::FirstTokenFile,
    /// The model calls of this case cost no more than a limit. Unpriced calls fail.
    Cost = "cost": budget::CostFile,
    /// An own rule in JavaScript or Python.
    Script = "script": script::ScriptFile,
    /// One or several models judge the answer by a rubric.
    ModelJudge = "model_judge": judge::JudgeFile,
    /// People judge the answer by a rubric: the case is marked for the review queue. Decides nothing by itself.
    HumanRubric = "human_rubric": human::HumanRubricFile,
}

/// The keys of one type of grader, besides those that every grader has.
macro_rules! grader_file {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, ::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema)]
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

        impl $crate::grader::rule::Common for $name {
            fn name(&self) -> &str {
                &self.name
            }
            fn failure(&self) -> Option<&str> {
                self.failure.as_deref()
            }
            fn informational(&self) -> bool {
                self.informational
            }
        }
    };
}

pub(super) use grader_file;
