//! The summary for a pull request or a job's summary page.

mod failures;

use super::{
    Baseline, Flip, Report, ReportError, ReportRun,
    markdown_text::{code, html_text, plain, table},
    words::{
        PRACTICE, against, beginning, change, cost, counted, gate, gate_lines, headline, identity,
        interval_or_note, models, status,
    },
};
use evidence::{RunSummary, Slice, Unit};
use failures::failures;

/// How much a summary shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownOptions {
    /// Examples for each failure category.
    pub examples: usize,
    /// Characters that it may have. GitHub takes 65,536 in a comment.
    pub limit: usize,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        Self {
            examples: 3,
            limit: 59_000,
        }
    }
}

/// The first line, which readers do not see: by it a report may be replaced by the next one.
pub(super) const MARK: &str = "<!-- Transition Playbook: report -->";

/// Kept free for the last lines.
const RESERVE: usize = 800;

const TITLE: usize = 120;
const FLIPS: usize = 50;
const CATEGORIES: usize = 100;

/// The group as GitHub-flavoured Markdown: verdict first, details folded. What does not fit is left out and said to be.
pub fn markdown(report: &Report, options: MarkdownOptions) -> Result<String, ReportError> {
    let first = report.runs.first().ok_or(ReportError::Empty)?;
    let mut page = Page {
        text: String::new(),
        used: 0,
        room: options.limit.saturating_sub(RESERVE),
        left_out: false,
    };
    page.add(format!("{MARK}\n"));
    if let [run] = report.runs.as_slice() {
        let summary = &run.summary;
        page.add(format!(
            "## {}: {}, run {}\n\n",
            gate(summary).0,
            plain(&beginning(&summary.suite_name, TITLE)),
            summary.number
        ));
        of_run(&mut page, run);
    } else {
        page.add(format!(
            "## {}, {} side by side\n\n",
            plain(&beginning(&first.summary.suite_name, TITLE)),
            counted(report.runs.len() as u64, "target")
        ));
        page.add(side_by_side(&report.runs));
        for run in &report.runs {
            let summary = &run.summary;
            let target = plain(&beginning(&summary.target.name, TITLE));
            page.add(format!(
                "\n## {}: {target}, run {}\n\n",
                gate(summary).0,
                summary.number
            ));
            of_run(&mut page, run);
        }
    }
    // Details after every table, so that a long list of failures cannot crowd a verdict out.
    for run in &report.runs {
        let titled = report.runs.len() > 1;
        failures(&mut page, run, options.examples, titled);
    }
    let mut text = page.text;
    text.push_str(&format!(
        "\nProject {}. Intervals are two-sided at 95 %; differences are paired by case. \u{201c}Not distinguishable\u{201d} \
         means that the interval of the difference includes 0 or that the exact McNemar test does not agree.\n",
        plain(&beginning(&report.project, TITLE)),
    ));
    if page.left_out {
        text.push_str("\n**Something was left out here, as a comment can hold only so much.** The HTML report has more of it.\n");
    }
    Ok(text)
}

/// A text that never outgrows its room.
struct Page {
    text: String,
    used: usize,
    room: usize,
    left_out: bool,
}

impl Page {
    /// Adds a part if the whole of it fits.
    fn add(&mut self, part: String) -> bool {
        let size = part.chars().count();
        let fits = self.used + size <= self.room;
        if fits {
            self.used += size;
            self.text.push_str(&part);
        } else {
            self.left_out = true;
        }
        fits
    }
}

fn side_by_side(runs: &[ReportRun]) -> String {
    let value = |run: &RunSummary, name: &str| {
        run.metric(name).map_or("no data".into(), |metric| {
            plain(&match metric.interval {
                Some(_) => format!("{} ({})", metric.value_text(), interval_or_note(metric)),
                None => metric.value_text(),
            })
        })
    };
    table(
        [
            "Target",
            "Model",
            "Gate",
            "Pass rate",
            "n",
            "Latency p95",
            "Cost per case",
            "Cost",
        ],
        &[4],
        runs.iter().map(|run| {
            let run = &run.summary;
            [
                plain(&beginning(&run.target.name, TITLE)),
                plain(&beginning(&models(run), TITLE)),
                gate(run).0.into(),
                value(run, "pass_rate"),
                run.metric("pass_rate").map_or(0, |metric| metric.n).to_string(),
                value(run, "latency_p95"),
                value(run, "cost_per_case"),
                plain(&cost(run)),
            ]
        }),
    )
}

fn of_run(page: &mut Page, run: &ReportRun) {
    let summary = &run.summary;
    page.add(format!("{}\n\n", plain(&headline(summary))));
    if summary.practice {
        page.add(format!("> **Practice run.** {PRACTICE}\n\n"));
    }
    for note in status(summary).iter().chain(&run.notes) {
        page.add(format!("> **Note.** {}\n\n", plain(&beginning(note, 600))));
    }
    page.add(format!(
        "Target {}, {}, {}, {}, {}, {}.\n",
        plain(&beginning(&summary.target.name, TITLE)),
        plain(&beginning(&models(summary), TITLE)),
        summary.purpose,
        counted(summary.cases, "case"),
        counted(summary.trials, "trial"),
        plain(&identity(summary)),
    ));
    let lines = gate_lines(summary);
    if !lines.is_empty() {
        let rows = lines.into_iter().map(|line| {
            let verdict = if line.tone == "pass" {
                line.verdict.to_owned()
            } else {
                format!("**{}**", line.verdict)
            };
            [
                plain(&line.label),
                plain(&line.value),
                plain(&line.interval),
                line.n,
                plain(&line.limit),
                verdict,
            ]
        });
        let columns = [
            "Release metric",
            "Value",
            "95 % interval",
            "n",
            "Threshold",
            "Verdict",
        ];
        page.add(format!("\n### Release metrics\n\n{}", table(columns, &[3], rows)));
    }
    if let Some(baseline) = &run.baseline {
        changes(page, baseline);
    }
    categories(page, summary, run.baseline.as_ref());
    cost_and_latency(page, summary);
}

fn changes(page: &mut Page, baseline: &Baseline) {
    let rows = baseline.comparisons.iter().map(|comparison| {
        let line = change(comparison);
        let verdict = if line.tone == "fail" {
            format!("**{}**", line.verdict)
        } else {
            line.verdict.into()
        };
        [
            plain(&line.label),
            plain(&line.before),
            plain(&line.after),
            plain(&line.difference),
            plain(&line.interval),
            line.n,
            verdict,
        ]
    });
    let columns = [
        "Metric",
        "Before",
        "After",
        "Difference",
        "95 % interval",
        "n",
        "Verdict",
    ];
    page.add(format!(
        "\n### Against {}\n\n{}\n\n{}",
        plain(&beginning(&baseline.name, TITLE)),
        plain(&beginning(&against(baseline), 600)),
        table(columns, &[5], rows)
    ));
    for (title, flips) in [("Newly fail", &baseline.lost), ("Newly pass", &baseline.gained)] {
        if !flips.is_empty() {
            page.add(folded(
                &format!("{title}: {}", counted(flips.len() as u64, "case")),
                &flipped(flips),
            ));
        }
    }
}

fn flipped(flips: &[Flip]) -> String {
    let rows = flips.iter().take(FLIPS).map(|flip| {
        [
            code(&beginning(&flip.case_id, TITLE)),
            plain(&beginning(&flip.title, TITLE)),
            plain(&beginning(&flip.category, TITLE)),
            plain(&beginning(flip.failure.as_deref().unwrap_or(""), TITLE)),
        ]
    });
    let mut text = table(["Case", "Asks", "Category", "Failure"], &[], rows);
    if flips.len() > FLIPS {
        text.push_str(&format!("\nAnd {} more.\n", flips.len() - FLIPS));
    }
    text
}

fn categories(page: &mut Page, run: &RunSummary, baseline: Option<&Baseline>) {
    if run.categories.is_empty() {
        return;
    }
    let compared = baseline.filter(|baseline| !baseline.categories.is_empty());
    let cells = |slice: &Slice| {
        [
            plain(&beginning(&slice.name, TITLE)),
            plain(&slice.pass_rate.value_text()),
            plain(&interval_or_note(&slice.pass_rate)),
            slice.pass_rate.n.to_string(),
        ]
    };
    let shown = run.categories.iter().take(CATEGORIES);
    let mut text = match compared {
        None => table(
            ["Category", "Pass rate", "95 % interval", "n"],
            &[3],
            shown.map(cells),
        ),
        Some(baseline) => table(
            [
                "Category",
                "Pass rate",
                "95 % interval",
                "n",
                "Change",
                "95 % interval",
                "Verdict",
            ],
            &[3],
            shown.map(|slice| {
                let [name, value, interval, n] = cells(slice);
                let found = baseline
                    .categories
                    .iter()
                    .find(|comparison| comparison.label == slice.name);
                let [difference, range, verdict] = found.map(change).map_or_else(
                    || ["".into(), "".into(), "no shared cases".into()],
                    |line| {
                        [
                            plain(&line.difference),
                            plain(&line.interval),
                            line.verdict.into(),
                        ]
                    },
                );
                [name, value, interval, n, difference, range, verdict]
            }),
        ),
    };
    if run.categories.len() > CATEGORIES {
        text.push_str(&format!("\nAnd {} more.\n", run.categories.len() - CATEGORIES));
    }
    if run.categories.len() > 12 {
        text = folded(&format!("{} categories", run.categories.len()), &text);
    }
    page.add(format!("\n### Pass rate by category\n\n{text}"));
}

fn cost_and_latency(page: &mut Page, run: &RunSummary) {
    let rows = run
        .metrics
        .iter()
        .filter(|metric| matches!(metric.unit, Unit::Milliseconds | Unit::Usd))
        .map(|metric| {
            [
                plain(&metric.label),
                plain(&metric.value_text()),
                plain(&interval_or_note(metric)),
                metric.n.to_string(),
            ]
        });
    let tokens = run.tokens.map_or("Tokens: not reported.".to_owned(), |tokens| {
        format!("Tokens: {} read, {} written.", tokens.input, tokens.output)
    });
    page.add(format!(
        "\n### Cost and latency\n\n{}\nCost of the run: {}. {tokens}\n",
        table(["Metric", "Value", "95 % interval", "n"], &[3], rows),
        plain(&cost(run)),
    ));
}

/// A part that opens on demand. Hosting services read Markdown inside it after an empty line.
fn folded(title: &str, body: &str) -> String {
    let title = html_text(&beginning(title, TITLE));
    format!("\n<details><summary>{title}</summary>\n\n{body}\n</details>\n")
}
