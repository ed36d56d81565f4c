//! A results page over a million stored results: the first page and every facet.

use crate::{Outcome, note, report::Report};
use api::{
    Paths, Playbook, SystemHost,
    evidence::{ProjectId, RunId},
    wire::{
        project::{OpenProjectRequest, TrustRequest},
        run::{Flip, FlipFilter, ResultFilter, ResultsRequest, StartRunRequest},
    },
};
use chrono::Utc;
use harness::{Grade, TrialKey, TrialResult, grader::GraderInfo, trial::Answer};
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use store::Store;

/// Results that are written at once.
const BATCH: u64 = 4_000;
const CATEGORIES: [&str; 6] = ["refunds", "shipping", "account", "warranty", "orders", "other"];
const FAILURES: [&str; 3] = ["missing fact", "too slow", "bad citation"];

/// How the results are spread over runs.
pub struct Shape {
    /// Runs of one suite, the newest of which is looked at.
    pub runs: u64,
    /// Results of each.
    pub results: u64,
}

/// Fills a database and measures its pages; every query so many times.
pub fn measure(report: &mut Report, shape: &Shape, times: usize) -> Outcome<()> {
    let folder = tempfile::Builder::new()
        .prefix("playbook-bench-")
        .tempdir()
        .map_err(|error| format!("a temporary folder: {error}"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("the runtime: {error}"))?;
    let paths = Paths::below(&folder.path().join("data"));
    let database = paths.database.clone();
    let failed = |error: api::Error| error.to_string();
    let playbook = Playbook::open(paths, Arc::new(SystemHost)).map_err(failed)?;
    let project = runtime
        .block_on(project(&playbook, folder.path()))
        .map_err(failed)?;
    let store = Store::open(&database).map_err(|error| error.to_string())?;
    note(&format!(
        "{} run(s) of {} results are being stored",
        shape.runs, shape.results
    ));
    let started = Instant::now();
    let mut runs = Vec::new();
    for number in 0..shape.runs {
        let run = runtime.block_on(short_run(&playbook, project)).map_err(failed)?;
        fill(&store, run, number, shape.results).map_err(|error| error.to_string())?;
        runs.push(run);
    }
    let all = shape.runs * shape.results;
    let rate = all as f64 / started.elapsed().as_secs_f64();
    note(&format!("{all} results stored, {rate:.0} a second"));
    let (Some(newest), Some(before)) = (runs.last(), runs.iter().rev().nth(1)) else {
        return Err("two runs are needed, one to hold the other against".into());
    };
    for (name, filter, offset) in queries(*before, shape.results) {
        note(&format!("{} × {}: {name}", shape.runs, shape.results));
        let mut took = Vec::new();
        let mut total = 0;
        for _ in 0..times {
            let request = ResultsRequest {
                run: *newest,
                filter: filter.clone(),
                offset,
                limit: 50,
            };
            let started = Instant::now();
            total = runtime.block_on(playbook.results(request)).map_err(failed)?.total;
            took.push(started.elapsed());
        }
        report.page(
            &format!("{} × {}: {name} ({total} found)", shape.runs, shape.results),
            &mut took,
        );
    }
    Ok(())
}

/// What a person may ask of the page.
fn queries(before: RunId, results: u64) -> Vec<(&'static str, ResultFilter, u64)> {
    let all = ResultFilter::default;
    let flips = |flip| ResultFilter {
        flipped_since: Some(FlipFilter { run: before, flip }),
        ..all()
    };
    let text = |text: &str| ResultFilter {
        text: Some(text.into()),
        ..all()
    };
    vec![
        ("first page", all(), 0),
        ("page in the middle", all(), results / 2),
        ("last page", all(), results.saturating_sub(50)),
        (
            "passed",
            ResultFilter {
                passed: Some(true),
                ..all()
            },
            0,
        ),
        (
            "not passed",
            ResultFilter {
                passed: Some(false),
                ..all()
            },
            0,
        ),
        (
            "a failure",
            ResultFilter {
                failure: Some(FAILURES[1].into()),
                ..all()
            },
            0,
        ),
        (
            "a category",
            ResultFilter {
                category: Some(CATEGORIES[3].into()),
                ..all()
            },
            0,
        ),
        (
            "a category, not passed",
            ResultFilter {
                category: Some(CATEGORIES[3].into()),
                passed: Some(false),
                ..all()
            },
            0,
        ),
        (
            "a text of one case",
            text(&format!("order {:07}", results / 2)),
            0,
        ),
        ("a text of many cases", text("refunded"), 0),
        ("gained", flips(Flip::Gained), 0),
        ("lost", flips(Flip::Lost), 0),
        ("flipped", flips(Flip::Any), 0),
    ]
}

async fn project(playbook: &Playbook, folder: &Path) -> Result<ProjectId, api::Error> {
    let folder = folder.join("app");
    let suite = "version: 1
name: stored
dataset: cases.jsonl
target: { name: echo, echo: \"{{question}}\" }
graders:
  - { name: fact, type: contains, value: order, failure: missing fact }
  - { name: in time, type: latency, at_most: 10s, failure: too slow }
";
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("suite.yaml"), suite))
        .and_then(|()| {
            fs::write(
                folder.join("cases.jsonl"),
                "{\"id\": \"first\", \"question\": \"order\"}\n",
            )
        })
        .map_err(|error| api::Error::internal(error.to_string()))?;
    let request = OpenProjectRequest {
        folder: folder.display().to_string(),
    };
    let project = playbook.open_project(request).await?.id;
    let request = TrustRequest {
        project,
        trusted: true,
    };
    playbook.trust_project(request).await?;
    Ok(project)
}

/// A real run of one case, into which the rest is written.
async fn short_run(playbook: &Playbook, project: ProjectId) -> Result<RunId, api::Error> {
    let run = playbook.start_run(StartRunRequest::of(project)).await?.run;
    playbook.follow(run, |_| true).await?;
    Ok(run)
}

fn fill(store: &Store, run: RunId, number: u64, results: u64) -> Result<(), store::StoreError> {
    let record = store.run(run)?;
    for from in (1..results).step_by(BATCH as usize) {
        let batch: Vec<TrialResult> = (from..(from + BATCH).min(results))
            .map(|case| result(case, number, &record.graders))
            .collect();
        store.add_results(record.key, &record.graders, &batch)?;
    }
    Ok(())
}

/// Of a case, always the same but for its verdict: every seventh fails, and in each run some others than in the one before.
fn result(case: u64, run: u64, graders: &[GraderInfo]) -> TrialResult {
    let mixed = case.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let flipped = (mixed >> 8).wrapping_add(run) % 50 == 0;
    let passed = (mixed % 7 == 0) == flipped;
    let question =
        format!("How is order {case:07} refunded when only a part of it was sent back in the original box?");
    let text = format!(
        "You asked: {question} Refunds go back to the card that was used within five working days after the parcel has reached the warehouse."
    );
    let mut fields = Map::new();
    fields.insert("question".into(), Value::from(question.clone()));
    fields.insert("expected".into(), json!(format!("order {case:07}")));
    let grades = graders.iter().map(|grader| Grade {
        grader: grader.name.clone(),
        passed,
        score: f64::from(u8::from(passed)),
        reason: if passed { "found" } else { "not found" }.into(),
        severity: None,
        informational: false,
        undecided: None,
        judges: Vec::new(),
        spent: None,
    });
    TrialResult {
        key: TrialKey {
            case_index: case,
            repeat: 0,
        },
        case_id: format!("case-{case:07}"),
        category: CATEGORIES[(mixed >> 3) as usize % CATEGORIES.len()].into(),
        case_fingerprint: mixed,
        cluster: None,
        weight: 1.0,
        title: question,
        fields: Arc::new(fields),
        passed,
        score: f64::from(u8::from(passed)),
        failure: (!passed).then(|| FAILURES[(mixed >> 5) as usize % FAILURES.len()].into()),
        error: None,
        latency_ms: 50.0 + (mixed % 1000) as f64 / 10.0,
        first_token_ms: None,
        cost: None,
        price: None,
        unpriced: false,
        practice: false,
        cached: false,
        attempts: Vec::new(),
        answer: Some(Answer {
            text,
            ..Answer::default()
        }),
        grades: grades.collect(),
        grading_cost: None,
        started_at: Utc::now(),
        exchange: None,
    }
}

/// The 95th percentile by nearest rank, and the median.
pub fn quantiles(took: &mut [Duration]) -> (f64, f64) {
    took.sort_unstable();
    let at = |share: f64| {
        let rank = (share * took.len() as f64).ceil() as usize;
        took.get(rank.max(1) - 1)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    };
    (at(0.5), at(0.95))
}
