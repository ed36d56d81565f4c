//! Results in pages, and one trial with everything that was seen.

use super::Playbook;
use crate::{
    Error,
    wire::{
        WireError,
        run::{
            Flip, GradeView, PassageView, PreviousResult, ResultRequest, ResultRow, ResultView, ResultsPage,
            ResultsRequest,
        },
    },
};
use evidence::{PicoUsd, RunId};
use harness::{TrialKey, TrialRecord, TrialResult};
use serde_json::{Map, Value};
use store::{FlipQuery, ResultDetail, ResultQuery, RunRecord, StoredResult};

/// Rows of a page at most.
const LONGEST_PAGE: u32 = 500;
/// Letters of a title that lists show.
const TITLE_LETTERS: usize = 200;
/// Fields that usually name the documents a right answer needs.
const RELEVANT: [&str; 4] = ["relevant", "relevant_ids", "expected_documents", "sources"];

impl Playbook {
    /// A page of a run's results.
    pub async fn results(&self, request: ResultsRequest) -> Result<ResultsPage, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(request.run)?;
            let filter = request.filter;
            let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
            let (before, flip, cases) = match filter.flipped_since {
                Some(flip) => {
                    let earlier = playbook.store.run(flip.run)?;
                    let (way, cases) = playbook.changed(&earlier, &record, flip.flip)?;
                    (Some(earlier.key), way, cases)
                }
                None => {
                    let runs = playbook.store.runs(Some(record.summary.project))?;
                    let earlier = playbook.held_against(&record, &runs)?;
                    (earlier.map(|earlier| earlier.key), None, None)
                }
            };
            let query = ResultQuery {
                passed: filter.passed,
                failure: text(filter.failure),
                category: text(filter.category),
                text: text(filter.text),
                before,
                flip,
                cases,
            };
            let page = playbook.store.results(
                record.key,
                &query,
                request.offset,
                request.limit.min(LONGEST_PAGE),
            )?;
            Ok(ResultsPage {
                rows: page.rows.iter().map(row_of_stored).collect(),
                total: page.total,
            })
        })
        .await
    }

    /// Which results to list as changed. Where a case ran several times, it changed when most of its trials did, as the comparison
    /// counts it: then all trials of those cases, by their ids.
    fn changed(
        &self,
        earlier: &RunRecord,
        later: &RunRecord,
        flip: Flip,
    ) -> Result<(Option<FlipQuery>, Option<Vec<String>>), Error> {
        if earlier.summary.repeat <= 1 && later.summary.repeat <= 1 {
            let way = match flip {
                Flip::Gained => FlipQuery::Gained,
                Flip::Lost => FlipQuery::Lost,
                Flip::Any => FlipQuery::Any,
            };
            return Ok((Some(way), None));
        }
        let compared = self.paired(earlier, later, &[])?;
        let cases = match flip {
            Flip::Gained => compared.gained,
            Flip::Lost => compared.lost,
            Flip::Any => [compared.gained, compared.lost].concat(),
        };
        Ok((None, Some(cases)))
    }

    /// One trial with everything that was seen.
    pub async fn result(&self, request: ResultRequest) -> Result<ResultView, Error> {
        self.blocking(move |playbook| {
            let (record, trial) = playbook.trial(request.run, request.case_index, request.repeat)?;
            let key = trial.key;
            let detail = playbook.store.result_detail(record.key, key)?;
            let runs = playbook.store.runs(Some(record.summary.project))?;
            let previous = match playbook.held_against(&record, &runs)? {
                Some(earlier) => playbook.previous_result(earlier, &trial.case_id, key.repeat)?,
                None => None,
            };
            let question = title(&detail.fields);
            let row = ResultRow {
                case_index: key.case_index,
                repeat: key.repeat,
                case_id: trial.case_id.clone(),
                category: trial.category.clone(),
                question: question.clone(),
                passed: trial.passed,
                failure: trial.failure.clone(),
                error: trial.error,
                latency_ms: trial.latency_ms,
                cost_usd: trial.cost.map(PicoUsd::as_usd),
                flip: flip(previous.as_ref().map(|previous| previous.passed), trial.passed),
            };
            let trials = playbook.store.trials_of_case(record.key, &trial.case_id)?;
            let others = trials
                .into_iter()
                .filter(|(other, _)| *other != key)
                .map(|(_, passed)| passed);
            let price = playbook.store.price_of(record.key, key)?;
            let price = price.map(|id| playbook.price_used(id)).transpose()?;
            Ok(ResultView {
                price,
                ..view(row, question, detail, previous, others.collect())
            })
        })
        .await
    }

    /// A run and one of its trials.
    pub(super) fn trial(
        &self,
        run: RunId,
        case_index: u64,
        repeat: u32,
    ) -> Result<(RunRecord, TrialRecord), Error> {
        let record = self.store.run(run)?;
        let key = TrialKey { case_index, repeat };
        let trial = self.store.record(record.key, &record.graders, key)?;
        Ok((record, trial))
    }

    fn previous_result(
        &self,
        earlier: &RunRecord,
        case_id: &str,
        repeat: u32,
    ) -> Result<Option<PreviousResult>, Error> {
        let trials = self.store.trials_of_case(earlier.key, case_id)?;
        let Some((key, passed)) = trials.into_iter().find(|(key, _)| key.repeat == repeat) else {
            return Ok(None);
        };
        let detail = self.store.result_detail(earlier.key, key)?;
        Ok(Some(PreviousResult {
            number: earlier.summary.number,
            passed,
            answer: detail.answer.map(|answer| answer.text),
        }))
    }
}

/// What people recognise a case by; empty where it says nothing.
pub(super) fn title(fields: &Map<String, Value>) -> String {
    harness::Case {
        index: 0,
        id: String::new(),
        category: String::new(),
        fields: fields.clone(),
    }
    .title()
}

/// A case's title as lists show it.
pub(super) fn short_title(fields: &Map<String, Value>) -> String {
    title(fields).chars().take(TITLE_LETTERS).collect()
}

fn flip(before: Option<bool>, now: bool) -> Option<Flip> {
    match (before, now) {
        (Some(false), true) => Some(Flip::Gained),
        (Some(true), false) => Some(Flip::Lost),
        _ => None,
    }
}

fn view(
    row: ResultRow,
    question: String,
    detail: ResultDetail,
    previous: Option<PreviousResult>,
    repeats: Vec<bool>,
) -> ResultView {
    let answer = detail.answer;
    let relevant: Vec<String> = RELEVANT
        .iter()
        .find_map(|field| detail.fields.get(*field))
        .map(|value| match value {
            Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect(),
            Value::String(text) => text.split(';').map(|part| part.trim().to_owned()).collect(),
            _ => Vec::new(),
        })
        .unwrap_or_default();
    let citations = answer
        .as_ref()
        .and_then(|answer| answer.citations.clone())
        .unwrap_or_default();
    let passages: Vec<PassageView> = answer
        .as_ref()
        .and_then(|answer| answer.passages.clone())
        .unwrap_or_default()
        .into_iter()
        .map(|passage| PassageView {
            relevant: relevant.contains(&passage.id),
            cited: citations.contains(&passage.id),
            id: passage.id,
            text: passage.text,
        })
        .collect();
    let missed = relevant
        .into_iter()
        .filter(|id| !passages.iter().any(|passage| passage.id == *id))
        .collect();
    ResultView {
        row,
        question,
        case: Value::Object(detail.fields),
        grades: detail
            .grades
            .into_iter()
            .map(|grade| GradeView {
                reason: match grade.severity {
                    Some(severity) => format!("{}: {}", severity.as_str(), grade.reason),
                    None => grade.reason,
                },
                grader: grade.grader,
                passed: grade.passed,
                score: grade.score,
                informational: grade.informational,
            })
            .collect(),
        passages,
        missed,
        error: detail.error.map(|error| WireError {
            code: error.cause.as_str().into(),
            message: error.message,
            hint: String::new(),
        }),
        model: answer.as_ref().and_then(|answer| answer.model.clone()),
        tokens: answer.as_ref().and_then(|answer| answer.tokens),
        price: None,
        answer: answer.map(|answer| answer.text),
        started_at: detail.started_at,
        request: detail.request,
        response: detail.response,
        previous,
        repeats,
    }
}

fn row_of_stored(stored: &StoredResult) -> ResultRow {
    ResultRow {
        case_index: stored.key.case_index,
        repeat: stored.key.repeat,
        case_id: stored.case_id.clone(),
        category: stored.category.clone(),
        question: stored.title.clone(),
        passed: stored.passed,
        failure: stored.failure.clone(),
        error: stored.error,
        latency_ms: stored.latency_ms,
        cost_usd: stored.cost.map(PicoUsd::as_usd),
        flip: flip(stored.passed_before, stored.passed),
    }
}

pub(super) fn row_of_result(result: &TrialResult) -> ResultRow {
    ResultRow {
        case_index: result.key.case_index,
        repeat: result.key.repeat,
        case_id: result.case_id.clone(),
        category: result.category.clone(),
        question: result.title.chars().take(TITLE_LETTERS).collect(),
        passed: result.passed,
        failure: result.failure.clone(),
        error: result.error.is_some(),
        latency_ms: result.latency_ms,
        cost_usd: result.cost.map(PicoUsd::as_usd),
        flip: None,
    }
}
