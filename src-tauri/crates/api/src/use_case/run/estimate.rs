//! What a run would take, before anything starts: calls, tokens, money and time, each with its source.

use super::super::{imported::read_suite, run_view::is_whole};
use super::{
    Playbook, bad_rows, early,
    request::{budget, chosen, in_range, parse_filter, parse_shard},
};
use crate::{
    Error,
    wire::{
        run::StartRunRequest,
        variants::{Estimate, Figure, TargetEstimate},
    },
};
use chrono::{DateTime, Utc};
use evidence::{
    PicoUsd, RunStatus, Unit,
    statistics::{PowerPlan, sensitivity},
};
use harness::{
    Suite,
    suite::{TargetKind, TargetSpec},
    target::prompt_bytes,
};
use provider::{PriceContext, PriceTable, Tier, Usage};
use std::path::Path;
use store::RunRecord;

/// Bytes of a prompt that are taken for one token where no earlier run has counted: about four of English text.
const BYTES_A_TOKEN: f64 = 4.0;
/// The pass rate about which a change is sought where no earlier run has one that can change both ways.
const ASSUMED_PASS_RATE: f64 = 0.8;
/// How alike two versions are taken to answer the same cases (`docs/statistics.md`).
const ASSUMED_CORRELATION: f64 = 0.5;

/// What an earlier run of the same target says of one call.
struct Earlier {
    number: u32,
    input: Option<f64>,
    output: Option<f64>,
    cost: Option<f64>,
    seconds: Option<f64>,
}

/// What is known of a target before it runs.
struct Asked<'a> {
    spec: &'a TargetSpec,
    calls: u64,
    /// Bytes of all prompts, repeats included; none where the target makes its own.
    prompt: Option<u64>,
    concurrency: u32,
    grader_calls: u64,
}

impl Playbook {
    /// What a run would take. Nothing is started, and nothing of the project's folder is run, so it needs no trust.
    pub async fn estimate_run(&self, request: StartRunRequest) -> Result<Estimate, Error> {
        self.blocking(move |playbook| playbook.estimate(&request)).await
    }

    fn estimate(&self, request: &StartRunRequest) -> Result<Estimate, Error> {
        let project = self.store.project(request.project)?;
        let folder = Path::new(&project.folder);
        let path = request
            .suite
            .as_ref()
            .map_or(folder.to_path_buf(), |suite| folder.join(suite));
        let read = read_suite(&path, &self.store.providers()?)?;
        let suite = &read.suite;
        let table = self.price_table()?;
        let targets = chosen(suite, request.targets.as_deref())?;
        let filter = parse_filter(
            request
                .filter
                .as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty()),
        )?;
        let shard = request.shard.as_deref().map(parse_shard).transpose()?;
        let repeat = in_range(request.repeat, suite.repeat, 1, 10_000, "repeat")?;
        read.demand_repeatable(request.repeat)?;
        let concurrency = in_range(request.concurrency, suite.concurrency, 1, 1000, "concurrency")?;
        let (concurrency, _) = read.in_flight(concurrency);
        if request.stop_early {
            early::limit(&suite.thresholds, shard)?;
        }
        let limit = request.budget_usd.as_deref().map(budget).transpose()?;
        let mut cases = 0;
        let mut prompts: Vec<Option<u64>> = vec![Some(0); targets.len()];
        read.summarise(bad_rows(request.skip_bad_rows), |case| {
            let wanted = filter.as_ref().is_none_or(|filter| filter.accepts(case))
                && shard.is_none_or(|shard| shard.holds(&case.id));
            if wanted {
                cases += 1;
                for (sum, target) in prompts.iter_mut().zip(&targets) {
                    *sum = sum.zip(prompt_bytes(target, case)).map(|(sum, more)| sum + more);
                }
            }
        })?;
        let calls = cases * u64::from(repeat);
        let judges: u64 = suite
            .graders
            .iter()
            .map(|grader| grader.providers().len() as u64)
            .sum();
        let runs = self.store.runs(Some(project.id))?;
        let mut estimates = Vec::new();
        let mut known = None;
        for (spec, prompt) in targets.iter().zip(prompts) {
            let asked = Asked {
                spec,
                calls,
                prompt: prompt.map(|bytes| bytes * u64::from(repeat)),
                concurrency,
                grader_calls: calls * judges,
            };
            let run = earlier_run(&runs, suite, spec);
            known = known.or_else(|| pass_rate(run?));
            let earlier = match run {
                Some(run) => Some(self.earlier(run)?),
                None => None,
            };
            estimates.push(target(&asked, earlier.as_ref(), &table, self.host.now()));
        }
        Ok(Estimate {
            cases,
            repeat,
            calls: calls * targets.len() as u64,
            cost: whole_cost(&estimates),
            duration: slowest(&estimates),
            budget: limit.map(|limit| allowance(limit, &estimates)),
            notes: what_shows(cases, known)
                .into_iter()
                .chain(notes(request, suite, &targets, &estimates))
                .collect(),
            targets: estimates,
        })
    }

    fn earlier(&self, run: &RunRecord) -> Result<Earlier, Error> {
        let trials = self.store.records(run.key, &run.graders)?;
        let mean =
            |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        let unpriced = trials.iter().any(|trial| trial.unpriced);
        let costs = trials
            .iter()
            .filter_map(|trial| Some((trial.cost? + trial.grading_cost.unwrap_or_default()).as_usd()));
        Ok(Earlier {
            number: run.summary.number,
            input: mean(
                trials
                    .iter()
                    .filter_map(|trial| Some(trial.tokens?.input as f64))
                    .collect(),
            ),
            output: mean(
                trials
                    .iter()
                    .filter_map(|trial| Some(trial.tokens?.output as f64))
                    .collect(),
            ),
            cost: mean(costs.collect()).filter(|_| !unpriced),
            // An answer from the cache has the latency of the time it was asked, and takes none now.
            seconds: mean(trials.iter().map(|trial| trial.latency_ms / 1000.0).collect()),
        })
    }
}

/// The newest run of the same suite that asked this target as it is configured now: one of the whole suite where there is one,
/// since the cases of a filter may be shorter or easier than the others.
fn earlier_run<'a>(runs: &'a [RunRecord], suite: &Suite, spec: &TargetSpec) -> Option<&'a RunRecord> {
    let fits = |run: &&RunRecord| {
        let summary = &run.summary;
        summary.status == RunStatus::Finished
            && summary.trials > 0
            && summary.suite_name == suite.name
            && summary.target.configuration == spec.configuration
    };
    runs.iter()
        .find(|run| fits(run) && is_whole(run))
        .or_else(|| runs.iter().find(fits))
}

/// Number and pass rate of a run, unless all or none passed: then nothing can be said of how far it varies.
fn pass_rate(run: &RunRecord) -> Option<(u32, f64)> {
    let rate = run.summary.metric("pass_rate")?.value?;
    (0.0 < rate && rate < 1.0).then_some((run.summary.number, rate))
}

/// Which change of the pass rate so many cases can show; nothing without a case.
fn what_shows(cases: u64, known: Option<(u32, f64)>) -> Option<String> {
    let (rate, source) = match known {
        Some((run, rate)) => (rate, format!("as run {run} was")),
        None => (ASSUMED_PASS_RATE, "which is assumed".to_owned()),
    };
    let shown = sensitivity(cases, rate, ASSUMED_CORRELATION, &PowerPlan::default()).ok()?;
    let plural = if cases == 1 { "" } else { "s" };
    let cases = whole(cases as f64);
    if shown.effect >= 1.0 {
        return Some(format!(
            "With {cases} case{plural} no change of the pass rate can be told from chance."
        ));
    }
    let points = (shown.effect * 100.0).round().max(1.0);
    Some(format!(
        "With {cases} case{plural} you can see a change of the pass rate of {points:.0} point{} or more (paired with a run at about {}, \
         {source}, at 80 % power; {} cases show half of that).",
        if points == 1.0 { "" } else { "s" },
        Unit::Share.text(rate),
        whole(shown.cases_for_half as f64)
    ))
}

fn unknown(source: impl Into<String>) -> Figure {
    Figure {
        value: None,
        text: "not known".into(),
        source: source.into(),
    }
}

fn target(
    asked: &Asked<'_>,
    earlier: Option<&Earlier>,
    prices: &PriceTable,
    now: DateTime<Utc>,
) -> TargetEstimate {
    let calls = asked.calls as f64;
    let (input_tokens, output_tokens, cost) = match earlier {
        Some(earlier) => (
            tokens(earlier.input, calls, earlier.number),
            tokens(earlier.output, calls, earlier.number),
            match earlier.cost {
                Some(cost) => money(
                    "about",
                    cost * calls,
                    format!("as in run {}, by call", earlier.number),
                ),
                None => unknown(format!("run {} has no known price", earlier.number)),
            },
        ),
        None => unseen(asked, prices, now),
    };
    let duration = match earlier.and_then(|earlier| Some((earlier.seconds?, earlier.number))) {
        Some((seconds, number)) => {
            let value = seconds * (calls / f64::from(asked.concurrency)).ceil();
            Figure {
                value: Some(value),
                text: format!("about {}", time(value)),
                source: format!(
                    "mean latency of run {number}, {} {} at once",
                    asked.concurrency,
                    if asked.concurrency == 1 { "call" } else { "calls" }
                ),
            }
        }
        None => unknown("no earlier run of this target as it is configured now"),
    };
    TargetEstimate {
        name: asked.spec.name.clone(),
        calls: asked.calls,
        grader_calls: asked.grader_calls,
        input_tokens,
        output_tokens,
        cost,
        duration,
        practice: asked.spec.is_practice(),
    }
}

/// A target that has not run as it is configured now: what its prompts and the price list say.
fn unseen(asked: &Asked<'_>, prices: &PriceTable, now: DateTime<Utc>) -> (Figure, Figure, Figure) {
    let (TargetKind::ModelApi(api), Some(bytes)) = (&asked.spec.kind, asked.prompt) else {
        let why = match asked.spec.kind {
            TargetKind::Echo(_) => "an echo asks no model",
            _ => "this target has not run as it is configured now, and it asks its model by itself",
        };
        return (unknown(why), unknown(why), unknown(why));
    };
    let read = (bytes as f64 / BYTES_A_TOKEN).ceil();
    let input = Figure {
        value: Some(read),
        text: format!("about {}", whole(read)),
        source: format!("{} bytes of prompts, four to a token", whole(bytes as f64)),
    };
    let Some(most) = api.max_tokens else {
        let why = "the suite sets no max_tokens for this target, and no earlier run has counted";
        return (input, unknown(why), unknown(why));
    };
    let written = f64::from(most) * asked.calls as f64;
    let output = Figure {
        value: Some(written),
        text: format!("at most {}", whole(written)),
        source: format!("max_tokens {most} for each call"),
    };
    let one = Usage {
        input: (read / (asked.calls.max(1) as f64)).ceil() as u64,
        output: u64::from(most),
        ..Usage::default()
    };
    let context = PriceContext {
        tier: Tier::Standard,
        ..PriceContext::at(now)
    };
    let cost = match prices.price(&api.model, &one, &context) {
        Some(priced) => money(
            "up to about",
            priced.cost.as_usd() * asked.calls as f64,
            format!(
                "{} of {}, all of max_tokens written, grading left out",
                if priced.practice {
                    "practice price"
                } else {
                    "list price"
                },
                api.model
            ),
        ),
        None => unknown(format!("{} has no known price", api.model)),
    };
    (input, output, cost)
}

fn tokens(each: Option<f64>, calls: f64, run: u32) -> Figure {
    match each {
        Some(each) => Figure {
            value: Some(each * calls),
            text: format!("about {}", whole(each * calls)),
            source: format!("as in run {run}, by call"),
        },
        None => unknown(format!("run {run} reported no tokens")),
    }
}

fn money(about: &str, value: f64, source: String) -> Figure {
    Figure {
        value: Some(value),
        text: format!("{about} {}", Unit::Usd.text(value)),
        source,
    }
}

/// A count with its thousands apart.
fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".into(),
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// The sum, where every target's cost is known and all are of one kind of money.
fn whole_cost(targets: &[TargetEstimate]) -> Figure {
    if let [one] = targets {
        return one.cost.clone();
    }
    if targets.iter().any(|target| target.practice) && targets.iter().any(|target| !target.practice) {
        return unknown("practice prices are no money, and are not added to real ones");
    }
    let known: Option<Vec<f64>> = targets.iter().map(|target| target.cost.value).collect();
    match known {
        Some(values) => money("about", values.iter().sum(), "the targets together".into()),
        None => unknown("the cost of at least one target is not known"),
    }
}

fn slowest(targets: &[TargetEstimate]) -> Figure {
    let known: Option<Vec<f64>> = targets.iter().map(|target| target.duration.value).collect();
    match known.and_then(|values| values.into_iter().max_by(f64::total_cmp)) {
        Some(value) if targets.len() > 1 => Figure {
            value: Some(value),
            text: format!("about {}", time(value)),
            source: "the slowest target; they run side by side".into(),
        },
        Some(_) => targets
            .first()
            .map_or_else(|| unknown("no target"), |target| target.duration.clone()),
        None => unknown("at least one target has not run as it is configured now"),
    }
}

fn allowance(limit: PicoUsd, targets: &[TargetEstimate]) -> String {
    let limit = limit.as_usd();
    let text = Unit::Usd.text(limit);
    let said: Vec<String> = targets
        .iter()
        .map(|target| match target.cost.value {
            None => format!("Whether {text} is enough for {} is not known", target.name),
            Some(cost) if cost <= limit => format!("{text} is enough for {}", target.name),
            Some(cost) => {
                let fit = (limit / (cost / target.calls.max(1) as f64)).floor();
                if fit < 1.0 {
                    return format!("{text} is not enough for one call to {}", target.name);
                }
                format!(
                    "{text} is enough for about {} of {} calls to {}",
                    whole(fit),
                    whole(target.calls as f64),
                    target.name
                )
            }
        })
        .collect();
    format!(
        "{}. Each target has the budget to itself, and stops before a call that could cross it.",
        said.join("; ")
    )
}

fn notes(
    request: &StartRunRequest,
    suite: &Suite,
    targets: &[TargetSpec],
    estimates: &[TargetEstimate],
) -> Vec<String> {
    let mut notes = Vec::new();
    let retries = targets
        .iter()
        .map(|target| {
            request
                .retries
                .or(suite.retries)
                .unwrap_or_else(|| target.usual_retries())
        })
        .max()
        .unwrap_or(0);
    if retries > 0 {
        notes.push(format!(
            "A call that fails may be made again up to {retries} times; that is not counted here."
        ));
    }
    if estimates.iter().any(|target| target.grader_calls > 0) {
        notes.push("Graders ask models too; their cost is known once the suite has run.".into());
    }
    if request.cache {
        notes.push("Answers that the cache has are not asked again, so it may be less.".into());
    }
    if request.stop_early {
        notes.push("It stops as soon as the pass rate is decided, so it may be less.".into());
    }
    if estimates.iter().any(|target| target.practice) {
        notes.push("Practice models answer: their prices are no money.".into());
    }
    notes
}
