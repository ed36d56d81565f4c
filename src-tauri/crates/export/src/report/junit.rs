//! JUnit XML, as GitHub actions, GitLab and Jenkins read it.
//!
//! The format has no standard of its own; this keeps to `junit-10.xsd` of Jenkins's xUnit plugin, the strictest schema
//! of the three: a `testsuite` a run, its `properties` first, a `testcase` a trial. A failed grader is a `failure`, a
//! trial without a verdict an `error`.

use super::{
    ReportError, ReportRow,
    words::{beginning, gate, reasons, trial},
};
use evidence::RunSummary;
use std::{
    borrow::Cow,
    io::{BufWriter, Write},
};

/// Longest question or answer in a failure's text, in characters: a CI page is no place for a document.
const EXCERPT: usize = 2000;

/// Writes the group as JUnit XML, row by row, so that memory does not grow with the run.
///
/// Counts come from the summaries, so the rows of a run must be all of its rows. Times are seconds. Characters that XML
/// 1.0 cannot carry (section 2.2) become U+FFFD.
pub fn junit<W, R>(out: W, name: &str, runs: Vec<(&RunSummary, R)>) -> Result<(), ReportError>
where
    W: Write,
    R: IntoIterator<Item = Result<ReportRow, ReportError>>,
{
    let mut out = BufWriter::new(out);
    let sum = |count: fn(&RunSummary) -> u64| -> u64 { runs.iter().map(|(run, _)| count(run)).sum() };
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="{}" tests="{}" failures="{}" errors="{}">"#,
        escape(name),
        sum(|run| run.trials),
        sum(|run| run.failed),
        sum(|run| run.errored),
    )?;
    for (id, (run, rows)) in runs.into_iter().enumerate() {
        opened(&mut out, id, run)?;
        for row in rows {
            case(&mut out, run, &row?)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")?;
    out.flush()?;
    Ok(())
}

fn opened(out: &mut impl Write, id: usize, run: &RunSummary) -> std::io::Result<()> {
    write!(
        out,
        r#"  <testsuite id="{id}" name="{} / {}" tests="{}" failures="{}" errors="{}" skipped="0" timestamp="{}""#,
        escape(&run.suite_name),
        escape(&run.target.name),
        run.trials,
        run.failed,
        run.errored,
        run.started_at.format("%Y-%m-%dT%H:%M:%S"),
    )?;
    if let Some(end) = run.finished_at {
        let milliseconds = (end - run.started_at).num_milliseconds().max(0);
        write!(out, r#" time="{}""#, seconds(milliseconds as f64))?;
    }
    writeln!(out, ">\n    <properties>")?;
    let mut property = |name: &str, value: &str| {
        writeln!(
            out,
            r#"      <property name="{name}" value="{}"/>"#,
            escape(value)
        )
    };
    property("run", &run.run.to_string())?;
    property("run_number", &run.number.to_string())?;
    property("purpose", run.purpose.as_str())?;
    property("gate", gate(run).0)?;
    property("suite_hash", run.suite.as_str())?;
    property("dataset_hash", run.dataset.as_str())?;
    property("target", &run.target.name)?;
    property("source_hash", run.target.source.as_str())?;
    if let Some(commit) = &run.target.git_commit {
        property("git_commit", commit)?;
    }
    property("model", &run.models_text())?;
    property("practice", if run.practice { "true" } else { "false" })?;
    for judged in &run.gate.metrics {
        property(
            &format!("gate.{}", escape(&judged.threshold.metric)),
            &judged.sentence,
        )?;
    }
    writeln!(out, "    </properties>")
}

fn case(out: &mut impl Write, run: &RunSummary, row: &ReportRow) -> std::io::Result<()> {
    let name = trial(row, run.repeat);
    let category = if row.category.is_empty() {
        "uncategorised"
    } else {
        &row.category
    };
    write!(
        out,
        r#"    <testcase classname="{}" name="{}""#,
        escape(category),
        escape(&name)
    )?;
    if let Some(latency) = row.latency_ms {
        write!(out, r#" time="{}""#, seconds(latency))?;
    }
    if row.passed {
        return writeln!(out, "/>");
    }
    let (element, kind, message) = match &row.error {
        Some(error) => ("error", error.cause.clone(), error.message.clone()),
        None => (
            "failure",
            row.failure.clone().unwrap_or_else(|| "failed".into()),
            reasons(row)
                .first()
                .cloned()
                .unwrap_or_else(|| "a deciding grader failed".into()),
        ),
    };
    let mut text = reasons(row).join("\n");
    for (what, excerpt) in [("Question", &row.question), ("Answer", &row.answer)] {
        if let Some(excerpt) = excerpt {
            text.push_str(&format!("\n\n{what}: {}", beginning(excerpt, EXCERPT)));
        }
    }
    writeln!(
        out,
        ">\n      <{element} type=\"{}\" message=\"{}\">{}</{element}>\n    </testcase>",
        escape(&kind),
        escape(&message),
        escape(&text).replace("&#10;", "\n"),
    )
}

/// Milliseconds as seconds with three decimals, which `xs:decimal` and Surefire's pattern both read.
fn seconds(milliseconds: f64) -> String {
    if milliseconds.is_finite() && milliseconds > 0.0 {
        format!("{:.3}", milliseconds / 1000.0)
    } else {
        "0.000".into()
    }
}

/// Text for an attribute or an element. Line ends and tabs are written as references, since an attribute would turn
/// them into spaces (XML 1.0, section 3.3.3).
fn escape(text: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'' | '\t' | '\n' | '\r') || !in_xml(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\t' | '\n' | '\r' => safe.push_str(&format!("&#{};", c as u32)),
            c if in_xml(c) => safe.push(c),
            _ => safe.push('\u{FFFD}'),
        }
    }
    Cow::Owned(safe)
}

/// Whether XML 1.0 has the character (section 2.2, production 2).
fn in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
