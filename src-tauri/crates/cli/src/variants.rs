//! `playbook variants`, `playbook diff` and `playbook eval --estimate`.

use crate::{Ended, console::print, named_project, print_json};
use api::{
    Error, Playbook,
    evidence::{GateVerdict, Metric, RunId, variants::Variant},
    wire::{
        run::StartRunRequest,
        variants::{
            CaseChange, DiffRequest, Estimate, Piece, PieceKind, VariantsRequest, VariantsView, VersionDiff,
        },
    },
};
use std::fmt::Write as _;

/// Runs side by side.
pub async fn variants(
    playbook: &Playbook,
    runs: Vec<String>,
    group: Option<String>,
    named: Option<String>,
    json: bool,
) -> Result<Ended, Error> {
    let project = named_project(playbook, named).await?;
    let mut found: Vec<RunId> = Vec::new();
    for run in &runs {
        found.push(playbook.find_run(project, run).await?);
    }
    let group_of = match group {
        Some(run) => Some(playbook.find_run(project, &run).await?),
        None => None,
    };
    if found.is_empty() && group_of.is_none() && project.is_none() {
        return Err(Error::input(
            "no run was named",
            "playbook variants RUN RUN, playbook variants --group RUN, or playbook variants --project DIR.",
        ));
    }
    let request = VariantsRequest {
        runs: found,
        group_of,
        project,
    };
    let view = playbook.variants(request).await?;
    if json {
        print_json(&view)?;
    } else {
        print(&table(&view));
    }
    Ok(Ended::Well)
}

/// What differs between two runs' dataset and suite.
pub async fn diff(
    playbook: &Playbook,
    before: &str,
    after: &str,
    named: Option<String>,
    json: bool,
) -> Result<Ended, Error> {
    let project = named_project(playbook, named).await?;
    let request = DiffRequest {
        before: playbook.find_run(project, before).await?,
        after: match after {
            "now" => None,
            run => Some(playbook.find_run(project, run).await?),
        },
    };
    let diff = playbook.diff(request).await?;
    if json {
        print_json(&diff)?;
    } else {
        print(&differences(&diff));
    }
    Ok(Ended::Well)
}

/// What a run would take.
pub async fn estimate(playbook: &Playbook, request: StartRunRequest, json: bool) -> Result<Ended, Error> {
    let estimate = playbook.estimate_run(request).await?;
    if json {
        print_json(&estimate)?;
    } else {
        print(&estimated(&estimate));
    }
    Ok(Ended::Well)
}

fn with_interval(metric: &Metric) -> String {
    match (metric.value, metric.interval_text(), &metric.note) {
        (Some(_), Some(interval), _) => format!("{} ({interval})", metric.value_text()),
        (None, _, Some(note)) => note.clone(),
        _ => metric.value_text(),
    }
}

fn table(view: &VariantsView) -> String {
    let weighed = &view.weighed;
    let mut text = format!("{}\n\n", weighed.choice.sentence);
    for variant in &weighed.variants {
        let place = if weighed.front.contains(&variant.run) {
            "on the front"
        } else {
            "dominated"
        };
        let gate = match variant.gate {
            GateVerdict::Passed => "gate passed",
            GateVerdict::Failed => "gate failed",
            GateVerdict::Unset => "gate not set",
        };
        let practice = if variant.practice { " (practice model)" } else { "" };
        let _ = writeln!(
            text,
            "Run {} {}, {}{practice}: {place}, {gate}",
            variant.number, variant.target, variant.models
        );
        for (label, value) in rows(variant) {
            let _ = writeln!(text, "  {label:<22} {value}");
        }
        for domination in weighed.dominations.iter().filter(|one| one.worse == variant.run) {
            let _ = writeln!(text, "  {}", domination.sentence);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", weighed.ranking.sentence);
    for line in weighed.not_distinguishable.iter().chain(&weighed.notes) {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn rows(variant: &Variant) -> Vec<(String, String)> {
    let passes = &variant.passes_per_dollar;
    let passes = match &passes.refused {
        Some(why) => format!("refused: {why}"),
        None => passes.text.clone(),
    };
    let cost = match variant.practice && variant.cost.value.is_some() {
        true => format!("{} (practice price)", with_interval(&variant.cost)),
        false => with_interval(&variant.cost),
    };
    let mut rows = vec![
        ("pass rate".to_owned(), with_interval(&variant.quality)),
        ("cost a case".to_owned(), cost),
        ("passes a dollar".to_owned(), passes),
        ("p50 latency".to_owned(), with_interval(&variant.latency_p50)),
        ("p95 latency".to_owned(), with_interval(&variant.latency_p95)),
        ("p50 first token".to_owned(), with_interval(&variant.first_token)),
        ("flip rate".to_owned(), with_interval(&variant.flip_rate)),
    ];
    if let Some(all_pass) = &variant.all_pass {
        rows.push((all_pass.label.clone(), with_interval(all_pass)));
    }
    rows.push(("size".to_owned(), variant.size.clone()));
    rows
}

/// A changed text with what was taken out in [-…-] and what was put in in {+…+}.
fn marked(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece.kind {
            PieceKind::Same => piece.text.clone(),
            PieceKind::Removed => format!("[-{}-]", piece.text),
            PieceKind::Added => format!("{{+{}+}}", piece.text),
            PieceKind::Gap => " … ".to_owned(),
        })
        .collect()
}

fn differences(diff: &VersionDiff) -> String {
    let mut text = format!(
        "From {} to {}\n\nDataset: {}\n",
        diff.before, diff.after, diff.dataset.headline
    );
    for case in &diff.dataset.cases {
        let sign = match case.change {
            CaseChange::Added => '+',
            CaseChange::Removed => '-',
            CaseChange::Changed => '~',
        };
        let _ = writeln!(text, "  {sign} {} ({}) {}", case.id, case.category, case.title);
        for field in &case.fields {
            let _ = writeln!(text, "      {}: {}", field.field, marked(&field.pieces));
        }
    }
    let all = diff.dataset.added + diff.dataset.removed + diff.dataset.changed;
    if all > diff.dataset.cases.len() as u64 {
        let _ = writeln!(text, "  … and {} more", all - diff.dataset.cases.len() as u64);
    }
    let moved: Vec<String> = diff
        .dataset
        .categories
        .iter()
        .filter(|category| category.before != category.after)
        .map(|category| format!("{} {} to {}", category.name, category.before, category.after))
        .collect();
    if !moved.is_empty() {
        let _ = writeln!(text, "  Cases by category: {}", moved.join(", "));
    }
    for file in &diff.texts {
        let _ = writeln!(text, "\n{}", file.name);
        for piece in &file.lines {
            let sign = match piece.kind {
                PieceKind::Same => ' ',
                PieceKind::Removed => '-',
                PieceKind::Added => '+',
                PieceKind::Gap => {
                    text.push_str("  …\n");
                    continue;
                }
            };
            for line in piece.text.lines() {
                let _ = writeln!(text, "  {sign} {line}");
            }
        }
    }
    if diff.graders_differ {
        text.push_str("\nThe graders differ: the two were measured with two rulers.\n");
    } else if diff.texts.is_empty() {
        text.push_str("\nThe graders are the same.\n");
    }
    for note in &diff.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn estimated(estimate: &Estimate) -> String {
    let mut text = format!(
        "{} {}{}, {} calls. Nothing was started.\n",
        estimate.cases,
        if estimate.cases == 1 { "case" } else { "cases" },
        if estimate.repeat > 1 {
            format!(", {} times each", estimate.repeat)
        } else {
            String::new()
        },
        estimate.calls
    );
    for target in &estimate.targets {
        let practice = if target.practice { " (practice model)" } else { "" };
        let _ = writeln!(text, "\n{}{practice}: {} calls", target.name, target.calls);
        if target.grader_calls > 0 {
            let _ = writeln!(text, "  {:<14} {}", "grader calls", target.grader_calls);
        }
        for (label, figure) in [
            ("tokens read", &target.input_tokens),
            ("tokens written", &target.output_tokens),
            ("cost", &target.cost),
            ("time", &target.duration),
        ] {
            let _ = writeln!(text, "  {label:<14} {} ({})", figure.text, figure.source);
        }
    }
    if estimate.targets.len() > 1 {
        let _ = writeln!(
            text,
            "\nTogether: {} ({}); {} ({})",
            estimate.cost.text, estimate.cost.source, estimate.duration.text, estimate.duration.source
        );
    }
    for line in estimate.budget.iter().chain(&estimate.notes) {
        let _ = writeln!(text, "\n{line}");
    }
    text
}
