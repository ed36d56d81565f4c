//! From single gradings to the verdict of a test: weights, thresholds, sets, named scores.

use serde_json::{Map, Value, json};

/// The result of an assertion, a set of them or a test.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grading {
    /// Whether it passed.
    pub pass: bool,
    /// Score, usually between 0 and 1.
    pub score: f64,
    /// Why.
    pub reason: String,
    /// Type of the assertion; absent for a test.
    pub kind: Option<String>,
    /// Results of the parts: of a test its assertions, each set followed by its members.
    pub components: Vec<Grading>,
    /// Scores by metric.
    pub named_scores: Vec<(String, f64)>,
    /// Weights by metric.
    pub named_weights: Vec<(String, f64)>,
    /// Whether a judge failed to grade, which `not-` must not turn into a pass.
    pub grader_failed: bool,
}

impl Grading {
    /// A result without parts.
    pub fn new(pass: bool, score: f64, reason: impl Into<String>) -> Self {
        Self {
            pass,
            score,
            reason: reason.into(),
            ..Self::default()
        }
    }

    /// A failure with the score 0.
    pub(crate) fn fail(reason: impl Into<String>) -> Self {
        Self::new(false, 0.0, reason)
    }

    /// A failure of the judge itself.
    pub(crate) fn grader_fail(reason: impl Into<String>) -> Self {
        Self {
            grader_failed: true,
            ..Self::fail(reason)
        }
    }

    /// The mapping that scripts see.
    pub(crate) fn to_mapping(&self) -> Value {
        let mut all = Map::new();
        all.insert("pass".into(), json!(self.pass));
        all.insert("score".into(), json!(self.score));
        all.insert("reason".into(), json!(self.reason));
        if let Some(kind) = &self.kind {
            all.insert("assertion".into(), json!({ "type": kind }));
        }
        Value::Object(all)
    }
}

/// Gathers the results of a test or of a set.
#[derive(Debug, Default)]
pub(crate) struct Aggregate {
    threshold: Option<f64>,
    total: f64,
    weight: f64,
    failure: Option<String>,
    results: Vec<(usize, Grading)>,
    named: Vec<(String, f64, f64)>,
    blocked: bool,
}

impl Aggregate {
    pub(crate) fn new(threshold: Option<f64>) -> Self {
        Self {
            threshold,
            ..Self::default()
        }
    }

    /// Adds the result at its place. `blocked` is a failed guardrail of a red team, which passes the test.
    pub(crate) fn add(&mut self, index: usize, result: Grading, metric: Option<&str>, weight: f64) {
        self.total += result.score * weight;
        self.weight += weight;
        if let Some(metric) = metric {
            self.name(metric, result.score * weight, weight);
        }
        for (name, score) in &result.named_scores {
            if Some(name.as_str()) == metric {
                continue;
            }
            let own = result
                .named_weights
                .iter()
                .find_map(|(other, weight)| (other == name).then_some(*weight))
                .unwrap_or(1.0);
            self.name(name, score * own * weight, own * weight);
        }
        if !result.pass {
            self.failure = Some(result.reason.clone());
        }
        self.results.push((index, result));
    }

    pub(crate) fn block(&mut self) {
        self.blocked = true;
    }

    fn name(&mut self, name: &str, score: f64, weight: f64) {
        match self.named.iter_mut().find(|(other, ..)| other == name) {
            Some((_, total, weights)) => {
                *total += score;
                *weights += weight;
            }
            None => self.named.push((name.to_owned(), score, weight)),
        }
    }

    /// The whole: the weighted mean, passed where nothing failed, or, where a threshold is set, where the mean reaches it.
    pub(crate) fn finish(mut self) -> Grading {
        let score = if self.weight > 0.0 {
            self.total / self.weight
        } else {
            0.0
        };
        let mut pass = self.failure.as_deref().is_none_or(str::is_empty);
        let mut reason = self
            .failure
            .filter(|reason| !reason.is_empty())
            .unwrap_or_else(|| "All assertions passed".into());
        if let Some(threshold) = self.threshold {
            pass = score >= threshold;
            let sign = if pass { "≥" } else { "<" };
            reason = format!("Aggregate score {score:.2} {sign} {threshold} threshold");
        }
        if self.blocked {
            pass = true;
            reason = "Content failed guardrail safety checks".into();
        }
        self.results.sort_by_key(|(index, _)| *index);
        let mut components = Vec::new();
        for (_, mut result) in self.results {
            let parts = std::mem::take(&mut result.components);
            components.push(result);
            components.extend(parts);
        }
        Grading {
            pass,
            score,
            reason,
            components,
            named_scores: self
                .named
                .iter()
                .map(|(name, total, weight)| (name.clone(), if *weight > 0.0 { total / weight } else { 0.0 }))
                .collect(),
            named_weights: self
                .named
                .iter()
                .map(|(name, _, weight)| (name.clone(), *weight))
                .collect(),
            ..Grading::default()
        }
    }
}
