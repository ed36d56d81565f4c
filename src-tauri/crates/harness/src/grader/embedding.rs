//! Similarity of meaning, by an embedding model.

use super::{
    Graded, GradingSpend, Undecided,
    expected::{Expected, reaches},
    file::grader_file,
    mark::Mark,
    models::ModelCalls,
    rule::{Entry, Folder, Ready, SlowRule},
};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

grader_file! {
    /// Exactly one of `expected` and `value`.
    EmbeddingFile {
        /// The provider of the embedding model.
        provider: String,
        /// Field of the case that holds the text, or a list of texts of which the nearest counts. Cases without it are
        /// not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The text itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// What is measured. Default `cosine`.
        #[serde(default)]
        measure: EmbeddingMeasure,
        /// Lowest cosine or dot product that passes.
        #[serde(default)]
        at_least: Option<f64>,
        /// Greatest Euclidean distance that passes.
        #[serde(default)]
        at_most: Option<f64>,
    }
}

/// What is measured between two vectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingMeasure {
    /// Cosine of the angle between them.
    #[default]
    Cosine,
    /// Their dot product.
    Dot,
    /// Their Euclidean distance; the score is 1 / (1 + distance).
    Euclidean,
}

impl EmbeddingMeasure {
    /// The value; none where the vectors cannot be compared.
    fn of(self, a: &[f32], b: &[f32]) -> Option<f64> {
        if a.is_empty() || a.len() != b.len() {
            return None;
        }
        let pairs = || a.iter().zip(b).map(|(a, b)| (f64::from(*a), f64::from(*b)));
        let dot: f64 = pairs().map(|(a, b)| a * b).sum();
        let value = match self {
            Self::Dot => dot,
            Self::Euclidean => pairs().map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt(),
            Self::Cosine => {
                let length =
                    |vector: &[f32]| vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
                dot / (length(a) * length(b))
            }
        };
        value.is_finite().then_some(value)
    }

    fn score(self, value: f64) -> f64 {
        match self {
            Self::Euclidean => 1.0 / (1.0 + value),
            Self::Cosine | Self::Dot => value.clamp(0.0, 1.0),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Cosine => "cosine similarity",
            Self::Dot => "dot product",
            Self::Euclidean => "Euclidean distance",
        }
    }
}

#[derive(Debug)]
struct EmbeddingSimilarity {
    provider: String,
    expected: Expected,
    measure: EmbeddingMeasure,
    limit: Option<f64>,
}

impl Entry for EmbeddingFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let distance = self.measure == EmbeddingMeasure::Euclidean;
        let (limit, other, key) = if distance {
            (self.at_most, self.at_least, "at_most")
        } else {
            (self.at_least, self.at_most, "at_least")
        };
        if other.is_some() || (limit.is_none() && !self.informational) {
            return Err(format!(
                "needs `{key}`, the {} that passes, and no other limit (or `informational: true`)",
                self.measure.name()
            ));
        }
        if self.provider.trim().is_empty() {
            return Err(
                "the provider is empty; expected the name of a provider with an embedding model".into(),
            );
        }
        Ready::slow(EmbeddingSimilarity {
            provider: self.provider.clone(),
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            measure: self.measure,
            limit,
        })
    }
}

impl EmbeddingSimilarity {
    async fn measured(
        &self,
        answer: &str,
        references: Vec<String>,
        models: Option<&dyn ModelCalls>,
        spent: &mut GradingSpend,
    ) -> Result<Mark, String> {
        let models = models.ok_or("no provider is set up for grading")?;
        let mut texts = vec![answer.to_owned()];
        texts.extend(references);
        let count = texts.len();
        let embedded = models
            .embed(&self.provider, texts)
            .await
            .map_err(|error| format!("{}: {error}", self.provider))?;
        spent.call(embedded.tokens, embedded.cost, embedded.practice);
        let Some((own, others)) = embedded
            .vectors
            .split_first()
            .filter(|_| embedded.vectors.len() == count)
        else {
            return Err(format!(
                "{} gave {} vectors for {count} texts",
                self.provider,
                embedded.vectors.len()
            ));
        };
        let values: Option<Vec<f64>> = others.iter().map(|other| self.measure.of(own, other)).collect();
        let values = values.ok_or_else(|| {
            format!(
                "the vectors of {} cannot be compared: they differ in length, or one is empty or zero",
                self.provider
            )
        })?;
        let distance = self.measure == EmbeddingMeasure::Euclidean;
        let nearest = values
            .into_iter()
            .reduce(if distance { f64::min } else { f64::max })
            .ok_or("there is nothing to compare with")?;
        let passed = self.limit.is_none_or(|limit| {
            if distance {
                reaches(-nearest, -limit)
            } else {
                reaches(nearest, limit)
            }
        });
        let limit = self
            .limit
            .map(|limit| format!(", limit {limit}"))
            .unwrap_or_default();
        let reason = format!("{} {nearest:.3}{limit}", self.measure.name());
        Ok(Mark::new(passed, self.measure.score(nearest), reason))
    }
}

impl SlowRule for EmbeddingSimilarity {
    fn providers(&self) -> Vec<&str> {
        vec![&self.provider]
    }

    fn mark<'a>(
        &'a self,
        graded: &'a Graded<'_>,
        models: Option<&'a dyn ModelCalls>,
    ) -> BoxFuture<'a, Option<Mark>> {
        Box::pin(async move {
            let references = self.expected.references(graded.case)?;
            let mut spent = GradingSpend::default();
            let mark = self
                .measured(&graded.answer.text, references, models, &mut spent)
                .await
                .unwrap_or_else(|message| Mark::undecided(Undecided::EmbeddingFailed, message));
            Some(mark.spent(spent))
        })
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }

    fn score_label(&self, name: &str) -> Option<String> {
        let measure = match self.measure {
            EmbeddingMeasure::Euclidean => "1 / (1 + distance)",
            other => other.name(),
        };
        Some(format!("{}, {measure}", super::capital(name)))
    }
}
