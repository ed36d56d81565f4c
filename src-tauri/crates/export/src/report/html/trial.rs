//! Trials: failed ones to open one by one, all of them as a table.

use crate::report::{
    ReportRow, ReportRun,
    words::{counted, reasons, trial},
};
use evidence::Unit;
use serde_json::{Value, json};

/// Lines of the table of every trial.
const TRIALS: usize = 1000;

/// A failed trial with everything that is known of it.
pub(super) fn case(row: &ReportRow, repeats: u32) -> Value {
    json!({
        "id": trial(row, repeats), "title": row.title, "category": row.category,
        "failure": row.failure.clone().unwrap_or_else(|| "failed".into()),
        "error": row.error.as_ref().map(|error| json!({ "cause": error.cause, "message": error.message })),
        "latency": row.latency_ms.map(|ms| Unit::Milliseconds.text(ms)),
        "cost": row.cost_usd.map(|usd| Unit::Usd.text(usd)),
        "question": row.question, "answer": row.answer,
        "reason": reasons(row).first(),
        "grades": row.grades.iter().map(|grade| json!({
            "grader": grade.grader, "passed": grade.passed, "informational": grade.informational,
            "score": grade.score.map(|score| Unit::Score.text(score)), "reason": grade.reason, "severity": grade.severity,
        })).collect::<Vec<_>>(),
    })
}

/// Every trial in one table, where the rows hold more than failures.
pub(super) fn trials(run: &ReportRun) -> Option<Value> {
    if run.rows.iter().all(|row| !row.passed) {
        return None;
    }
    let rows: Vec<Value> = run
        .rows
        .iter()
        .take(TRIALS)
        .map(|row| {
            json!({
                "id": trial(row, run.summary.repeat), "title": row.title, "category": row.category,
                "passed": row.passed,
                "verdict": match (&row.error, row.passed) { (Some(_), _) => "error", (_, true) => "passed", _ => "failed" },
                "score": row.score.map(|score| Unit::Score.text(score)),
                "latency": row.latency_ms.map(|ms| Unit::Milliseconds.text(ms)),
                "cost": row.cost_usd.map(|usd| Unit::Usd.text(usd)),
            })
        })
        .collect();
    let title = format!("{} of {}", rows.len(), counted(run.summary.trials, "trial"));
    Some(json!({ "title": title, "rows": rows }))
}
