//! Models as judges: a rubric, one or several judges, and what becomes of their verdicts.

mod prompt;
mod reply;

use super::{
    Graded, GradingSpend, JudgeGrade, JudgeSaid, Undecided, capital,
    expected::short,
    file::grader_file,
    human::{check_anchors, points},
    mark::Mark,
    models::{ModelCalls, ModelQuestion, Speaker, Turn},
    rule::{Entry, Folder, Ready, SlowRule},
};
use crate::trial::Severity;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

grader_file! {
    /// Exactly one of `rubric` and `rubric_file`.
    JudgeFile {
        /// Providers of the judges. With several, each is asked and each verdict is kept.
        #[schemars(length(min = 1))]
        judges: Vec<String>,
        /// What makes an answer good, in words.
        #[serde(default)]
        rubric: Option<String>,
        /// A text file with the rubric, inside the project folder.
        #[serde(default)]
        rubric_file: Option<String>,
        /// What the points mean, by point: `{1: wrong, 3: half right, 5: right}`. Left out, the verdict is pass or fail.
        #[serde(default, deserialize_with = "points")]
        anchors: BTreeMap<i64, String>,
        /// Points that pass. Required with anchors.
        #[serde(default)]
        at_least: Option<f64>,
        /// How several verdicts become one. Default `majority` without anchors, `mean` with them.
        #[serde(default)]
        decide: Option<Decide>,
        /// Fields of the case that the judge is shown, such as the question and a reference answer.
        #[serde(default)]
        show: Vec<String>,
        /// Whether the judge is shown the retrieved passages. Default false.
        #[serde(default)]
        show_passages: bool,
        /// How bad a failure is.
        #[serde(default)]
        severity: Option<Severity>,
        /// Sampling temperature. Default 0.
        #[serde(default)]
        temperature: Option<f64>,
        /// Longest reply in tokens. Default 1024.
        #[serde(default)]
        #[schemars(range(min = 1))]
        max_tokens: Option<u32>,
    }
}

/// How several verdicts become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decide {
    /// More than half of the judges that answered pass it.
    Majority,
    /// The mean of their points reaches the limit.
    Mean,
}

/// What a verdict looks like.
#[derive(Clone, Debug, PartialEq)]
enum Scale {
    PassFail,
    Points {
        anchors: BTreeMap<i64, String>,
        lowest: i64,
        highest: i64,
        at_least: f64,
    },
}

#[derive(Debug)]
struct ModelJudge {
    judges: Vec<String>,
    rubric: String,
    scale: Scale,
    decide: Decide,
    show: Vec<String>,
    show_passages: bool,
    severity: Option<Severity>,
    temperature: f64,
    max_tokens: u32,
}

impl JudgeFile {
    fn scale(&self) -> Result<Scale, String> {
        if self.anchors.is_empty() {
            return match self.at_least {
                None => Ok(Scale::PassFail),
                Some(_) => {
                    Err("`at_least` is for points; give `anchors`, or leave it out for pass or fail".into())
                }
            };
        }
        check_anchors(&self.anchors)?;
        let (Some((lowest, _)), Some((highest, _))) =
            (self.anchors.first_key_value(), self.anchors.last_key_value())
        else {
            return Ok(Scale::PassFail);
        };
        match self.at_least {
            Some(at_least) if (*lowest as f64..=*highest as f64).contains(&at_least) => Ok(Scale::Points {
                anchors: self.anchors.clone(),
                lowest: *lowest,
                highest: *highest,
                at_least,
            }),
            Some(at_least) => Err(format!(
                "at_least {at_least} is not on the scale; expected {lowest} to {highest}"
            )),
            None => Err(format!(
                "needs `at_least`, the points that pass, between {lowest} and {highest}"
            )),
        }
    }
}

impl Entry for JudgeFile {
    fn build(&self, folder: &mut Folder<'_>) -> Result<Ready, String> {
        let rubric = match (&self.rubric, &self.rubric_file) {
            (Some(rubric), None) => rubric.clone(),
            (None, Some(file)) => folder.text(file, "the rubric")?,
            _ => return Err("needs exactly one of `rubric` and `rubric_file`".into()),
        };
        if rubric.trim().is_empty() {
            return Err("the rubric is empty; say what makes an answer good".into());
        }
        if self.judges.is_empty() || self.judges.iter().any(|judge| judge.trim().is_empty()) {
            return Err("needs `judges`, the names of one or several providers".into());
        }
        let scale = self.scale()?;
        let by_points = matches!(scale, Scale::Points { .. });
        let decide = match self.decide {
            Some(Decide::Mean) if !by_points => {
                return Err("`decide: mean` needs points; give `anchors`, or use majority".into());
            }
            Some(decide) => decide,
            None if by_points => Decide::Mean,
            None => Decide::Majority,
        };
        let temperature = self.temperature.unwrap_or(0.0);
        if !(0.0..=2.0).contains(&temperature) {
            return Err(format!(
                "temperature {temperature} is out of range; expected 0 to 2"
            ));
        }
        if self.max_tokens == Some(0) {
            return Err("max_tokens is 0; expected room for a reply, such as 1024".into());
        }
        Ready::slow(ModelJudge {
            judges: self.judges.clone(),
            rubric,
            scale,
            decide,
            show: self.show.clone(),
            show_passages: self.show_passages,
            severity: self.severity,
            temperature,
            max_tokens: self.max_tokens.unwrap_or(1024),
        })
    }
}

impl ModelJudge {
    /// Asks one judge, and once more where its reply is no verdict.
    async fn ask(
        &self,
        judge: &str,
        question: &ModelQuestion,
        models: &dyn ModelCalls,
    ) -> (JudgeGrade, GradingSpend) {
        let mut spent = GradingSpend::default();
        let mut question = question.clone();
        let mut model = None;
        let mut said = JudgeSaid::Failed(String::new());
        for _ in 0..2 {
            let reply = match models.chat(judge, question.clone()).await {
                Ok(reply) => reply,
                Err(error) => {
                    said = JudgeSaid::Failed(error.to_string());
                    break;
                }
            };
            spent.call(reply.tokens, reply.cost, reply.practice);
            model = reply.model.or(model);
            match self.scale.read(&reply.text) {
                Ok(verdict) => {
                    said = verdict;
                    break;
                }
                Err(mistake) => {
                    said = JudgeSaid::Failed(format!("its reply is no verdict: {mistake}"));
                    question.turns.extend([
                        Turn {
                            speaker: Speaker::Model,
                            text: reply.text,
                        },
                        Turn {
                            speaker: Speaker::Asker,
                            text: self.scale.ask_again(&mistake),
                        },
                    ]);
                }
            }
        }
        let grade = JudgeGrade {
            judge: judge.to_owned(),
            model,
            said,
        };
        (grade, spent)
    }

    /// One verdict of several. A judge that failed has no vote; with half of them or fewer left there is no verdict.
    fn decide(&self, judges: &[JudgeGrade]) -> Mark {
        let mut votes = Vec::new();
        let mut failed = None;
        for judge in judges {
            match &judge.said {
                JudgeSaid::Verdict {
                    passed,
                    points,
                    reason,
                } => votes.push((*passed, *points, reason.as_str())),
                JudgeSaid::Failed(why) => failed = failed.or(Some(format!("{}: {why}", judge.judge))),
            }
        }
        if votes.len() * 2 <= judges.len() {
            let why = failed.unwrap_or_else(|| "no judge answered".into());
            return Mark::undecided(Undecided::JudgeFailed, why);
        }
        let count = votes.len() as f64;
        let passing = votes.iter().filter(|vote| vote.0).count();
        let majority = passing * 2 > votes.len();
        let (passed, score, mut told) = match &self.scale {
            Scale::PassFail => (
                majority,
                passing as f64 / count,
                format!("{passing} of {} judges pass it", votes.len()),
            ),
            Scale::Points {
                lowest,
                highest,
                at_least,
                ..
            } => {
                let mean = votes.iter().filter_map(|vote| vote.1).sum::<i64>() as f64 / count;
                let passed = match self.decide {
                    Decide::Majority => majority,
                    Decide::Mean => super::expected::reaches(mean, *at_least),
                };
                let score = (mean - *lowest as f64) / (*highest - *lowest) as f64;
                (
                    passed,
                    score,
                    format!("{mean:.1} points of {highest}, needs {at_least}"),
                )
            }
        };
        // The words of a judge who is of the same mind.
        let words = votes.iter().find(|vote| vote.0 == passed).or(votes.first());
        if let Some((_, _, reason)) = words.filter(|vote| !vote.2.trim().is_empty()) {
            told.push_str(": ");
            told.push_str(&short(reason));
        }
        if let Some(why) = failed {
            told.push_str(&format!(" (without {why})"));
        }
        let mark = Mark::new(passed, score, told);
        match self.severity {
            Some(severity) => mark.severity(severity),
            None => mark,
        }
    }
}

impl SlowRule for ModelJudge {
    fn providers(&self) -> Vec<&str> {
        self.judges.iter().map(String::as_str).collect()
    }

    fn mark<'a>(
        &'a self,
        graded: &'a Graded<'_>,
        models: Option<&'a dyn ModelCalls>,
    ) -> BoxFuture<'a, Option<Mark>> {
        Box::pin(async move {
            let Some(models) = models else {
                let reason = "no provider is set up for grading";
                return Some(Mark::undecided(Undecided::JudgeFailed, reason));
            };
            let question = self.question(graded);
            let asked = self.judges.iter().map(|judge| self.ask(judge, &question, models));
            let mut spent = GradingSpend::default();
            let mut judges = Vec::new();
            for (grade, more) in futures::future::join_all(asked).await {
                spent.add(&more);
                judges.push(grade);
            }
            let mark = Mark {
                judges: judges.clone(),
                ..self.decide(&judges)
            };
            Some(mark.spent(spent))
        })
    }

    fn fields(&self) -> Vec<&str> {
        self.show.iter().map(String::as_str).collect()
    }

    fn score_label(&self, name: &str) -> Option<String> {
        let label = match self.scale {
            Scale::PassFail => "share of judges that pass it",
            Scale::Points { .. } => "points, from lowest to highest",
        };
        Some(format!("{}, {label}", capital(name)))
    }
}
