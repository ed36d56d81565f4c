//! What failed, with examples.

use super::{Page, TITLE, folded};
use crate::report::{
    ReportRow, ReportRun,
    markdown_text::{block, code, plain},
    words::{beginning, counted, reasons, trial},
};

// Characters of an example's parts.
const REASON: usize = 300;
const QUESTION: usize = 300;
const ANSWER: usize = 500;

/// Failures by category, the first `examples` of each folded below it.
pub(super) fn failures(page: &mut Page, run: &ReportRun, examples: usize, titled: bool) {
    let summary = &run.summary;
    if summary.failures.is_empty() {
        return;
    }
    let target = if titled {
        format!(", {}", plain(&beginning(&summary.target.name, TITLE)))
    } else {
        String::new()
    };
    page.add(format!("\n### Failures{target}\n"));
    // A list right behind a folded part would be read as part of its HTML, so what has no example comes last.
    let mut bare: Vec<String> = Vec::new();
    for share in &summary.failures {
        let kind = if share.error { ", no verdict" } else { "" };
        let title = format!("{}: {}{kind}", share.name, counted(share.trials, "trial"));
        let is_it = |row: &&ReportRow| {
            !row.passed
                && row.error.is_some() == share.error
                && row.failure.as_deref() == Some(share.name.as_str())
        };
        let shown: Vec<String> = run
            .rows
            .iter()
            .filter(is_it)
            .take(examples)
            .map(|row| example(row, summary.repeat))
            .collect();
        if shown.is_empty() {
            bare.push(title);
            continue;
        }
        let mut body = shown.join("\n");
        let more = share.trials.saturating_sub(shown.len() as u64);
        if more > 0 {
            body.push_str(&format!("\nAnd {} more.\n", counted(more, "trial")));
        }
        if !page.add(folded(&title, &body)) {
            bare.push(title);
        }
    }
    for (i, title) in bare.iter().enumerate() {
        let start = if i == 0 { "\n" } else { "" };
        page.add(format!("{start}- {}\n", plain(&beginning(title, TITLE))));
    }
}

fn example(row: &ReportRow, repeats: u32) -> String {
    let mut text = format!(
        "{} {}\n",
        code(&beginning(&trial(row, repeats), TITLE)),
        plain(&beginning(&row.title, TITLE))
    );
    for reason in reasons(row).iter().take(5) {
        text.push_str(&format!("\n- {}\n", plain(&beginning(reason, REASON))));
    }
    for (what, excerpt, most) in [
        ("Question", &row.question, QUESTION),
        ("Answer", &row.answer, ANSWER),
    ] {
        if let Some(excerpt) = excerpt {
            text.push_str(&format!("\n{what}:\n\n{}", block(&beginning(excerpt, most))));
        }
    }
    text
}
