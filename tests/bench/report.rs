//! The table: goal, measured, ratio, range.

use crate::{machine, measure::Measured, stored::quantiles};
use std::{fmt::Write as _, time::Duration};
use store::StoredSpace;

/// Goals of the design ("Numbers to reach").
const WALL_RATIO: f64 = 1.03;
const CPU_SECONDS: f64 = 2.0;
const PEAK_MIB: f64 = 64.0;
const COLD_MS: f64 = 30.0;
const PAGE_MS: f64 = 50.0;
const RESUME_MS: f64 = 1000.0;
const RESULT_BYTES: f64 = 1024.0;
/// How much the peak of equal runs differs.
const MEMORY_NOISE_MIB: f64 = 8.0;

/// Rows as they come, printed at the end.
pub struct Report {
    setting: String,
    load: Option<String>,
    rows: Vec<[String; 7]>,
    remarks: Vec<String>,
}

impl Report {
    pub fn new(latency: Duration, in_flight: u32) -> Self {
        let setting = format!(
            "Provider at {} ms; {in_flight} in flight; every result durable and every exchange recorded; medians of \
             interleaved pairs after a warm-up. The bare loop is reqwest alone: JSON decoded, nothing kept.",
            latency.as_millis()
        );
        Self {
            setting,
            load: machine::load(),
            rows: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Row 1: many cases; held against the goals only where it is as many as they are set for.
    pub fn many(&mut self, cases: u32, judged: bool, bare: &[Measured], own: &[Measured]) {
        let judge = |reached: bool| if judged { met(reached) } else { "not judged".into() };
        let cases = grouped(cases);
        let ratios = sorted(own.iter().zip(bare).map(|(own, bare)| own.wall_ms / bare.wall_ms));
        let ratio = median(&ratios);
        self.rows.push([
            format!("{cases} cases: wall"),
            format!("≤ {WALL_RATIO} × bare loop"),
            format!("{:.2} s", median(&wall(own)) / 1000.0),
            format!("{:.2} s", median(&wall(bare)) / 1000.0),
            format!("{ratio:.3} ×"),
            format!("{:.3}–{:.3} ×", first(&ratios), last(&ratios)),
            judge(ratio <= WALL_RATIO),
        ]);
        let (own_cpu, bare_cpu) = (
            sorted(own.iter().map(|one| one.cpu_s)),
            sorted(bare.iter().map(|one| one.cpu_s)),
        );
        self.rows.push([
            format!("{cases} cases: CPU"),
            format!("≤ {CPU_SECONDS:.1} s"),
            format!("{:.2} s", median(&own_cpu)),
            format!("{:.2} s", median(&bare_cpu)),
            format!("{:.2} ×", median(&own_cpu) / median(&bare_cpu)),
            format!("{:.2}–{:.2} s", first(&own_cpu), last(&own_cpu)),
            judge(median(&own_cpu) <= CPU_SECONDS),
        ]);
        let (own_peak, bare_peak) = (peak(own), peak(bare));
        self.rows.push([
            format!("{cases} cases: peak memory"),
            format!("≤ {PEAK_MIB:.0} MiB"),
            format!("{:.1} MiB", median(&own_peak)),
            format!("{:.1} MiB", median(&bare_peak)),
            format!("{:.2} ×", median(&own_peak) / median(&bare_peak)),
            format!("{:.1}–{:.1} MiB", first(&own_peak), last(&own_peak)),
            judge(median(&own_peak) <= PEAK_MIB),
        ]);
    }

    /// Row 2: one case in a cold process.
    pub fn cold(&mut self, bare: &[Measured], own: &[Measured]) {
        let (own, bare) = (wall(own), wall(bare));
        let beyond = median(&own) - median(&bare);
        self.rows.push([
            "1 case, cold process: wall".into(),
            format!("≤ {COLD_MS:.0} ms beyond the bare loop"),
            format!("{:.1} ms", median(&own)),
            format!("{:.1} ms", median(&bare)),
            format!("{beyond:+.1} ms"),
            format!("{:.1}–{:.1} ms", first(&own), last(&own)),
            met(beyond <= COLD_MS),
        ]);
    }

    /// Many more cases: memory that does not grow with them. `fewer` is the peak of ten times fewer cases.
    pub fn memory(&mut self, cases: u32, judged: bool, fewer: &[Measured], own: &Measured) {
        let before = median(&peak(fewer));
        let grown = own.peak_mib - before;
        self.rows.push([
            format!("{} cases: peak memory", grouped(cases)),
            format!("as for {}, within {MEMORY_NOISE_MIB:.0} MiB", grouped(cases / 10)),
            format!("{:.1} MiB", own.peak_mib),
            "–".into(),
            format!("{grown:+.1} MiB"),
            format!("{:.1} s", own.wall_ms / 1000.0),
            if judged {
                met(grown <= MEMORY_NOISE_MIB)
            } else {
                "not judged".into()
            },
        ]);
    }

    /// One query of a results page.
    pub fn page(&mut self, name: &str, took: &mut [Duration]) {
        let (p50, p95) = quantiles(took);
        self.rows.push([
            name.into(),
            format!("p95 ≤ {PAGE_MS:.0} ms"),
            format!("{p95:.1} ms"),
            "–".into(),
            format!("p50 {p50:.1} ms"),
            format!("n = {}", took.len()),
            met(p95 <= PAGE_MS),
        ]);
    }

    /// Going on with a long run.
    pub fn resume(&mut self, cases: u32, took: &mut [Duration]) {
        let (p50, _) = quantiles(took);
        let ends = (
            took.first().copied().unwrap_or_default(),
            took.last().copied().unwrap_or_default(),
        );
        self.rows.push([
            format!("{} cases, half done: first call after going on", grouped(cases)),
            format!("≤ {RESUME_MS:.0} ms"),
            format!("{p50:.0} ms"),
            "–".into(),
            "–".into(),
            format!(
                "{:.0}–{:.0} ms",
                ends.0.as_secs_f64() * 1000.0,
                ends.1.as_secs_f64() * 1000.0
            ),
            met(p50 <= RESUME_MS),
        ]);
    }

    /// What a result takes in the database beyond its compressed texts.
    pub fn space(&mut self, cases: u32, space: &StoredSpace) {
        let results = space.results.max(1) as f64;
        let beyond = space.database.saturating_sub(space.texts) as f64 / results;
        self.rows.push([
            format!("{} cases: database, a result beyond its texts", grouped(cases)),
            format!("≤ {RESULT_BYTES:.0} bytes"),
            format!("{beyond:.0} bytes"),
            "–".into(),
            format!("texts {:.0} bytes", space.texts as f64 / results),
            format!("n = {}", space.results),
            met(beyond <= RESULT_BYTES),
        ]);
    }

    /// promptfoo, beside the rows of the same size; the ratio is against playbook's median.
    pub fn promptfoo(&mut self, version: &str, cases: u32, theirs: [&[Measured]; 2], own: [&[Measured]; 2]) {
        let ([all, cold], [own_all, own_cold]) = (theirs, own);
        let cpu = |all: &[Measured]| sorted(all.iter().map(|one| one.cpu_s));
        let of = |figures: &dyn Fn(&[Measured]) -> Vec<f64>, theirs, own| {
            let (theirs, own) = (median(&figures(theirs)), median(&figures(own)));
            (theirs, theirs / own)
        };
        let (seconds, wall_ratio) = of(&wall, all, own_all);
        let (cpu_seconds, cpu_ratio) = of(&cpu, all, own_all);
        let (mib, peak_ratio) = of(&peak, all, own_all);
        let (cold_ms, cold_ratio) = of(&wall, cold, own_cold);
        self.remarks.push(format!(
            "promptfoo {version}, same provider and cases: {} cases in {:.1} s ({wall_ratio:.1} × playbook), {cpu_seconds:.1} s CPU \
             ({cpu_ratio:.0} ×), {mib:.0} MiB ({peak_ratio:.0} ×), one run; 1 case, cold, in {:.2} s ({cold_ratio:.0} ×, median \
             of {}).",
            grouped(cases),
            seconds / 1000.0,
            cold_ms / 1000.0,
            cold.len(),
        ));
    }

    /// Something that the reader should know.
    pub fn remark(&mut self, text: &str) {
        self.remarks.push(text.into());
    }

    /// The whole report as Markdown.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.setting);
        text.push_str("| what | goal | playbook | bare loop | playbook to bare loop | min–max | met |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        let _ = write!(text, "\nMachine: {}.", machine::line());
        if let (Some(before), Some(after)) = (&self.load, machine::load()) {
            let _ = write!(text, " Load: {before} before, {after} after.");
        }
        text.push('\n');
        for remark in &self.remarks {
            let _ = writeln!(text, "{remark}");
        }
        text
    }
}

fn met(met: bool) -> String {
    if met { "yes" } else { "**no**" }.into()
}

fn wall(measured: &[Measured]) -> Vec<f64> {
    sorted(measured.iter().map(|one| one.wall_ms))
}

fn peak(measured: &[Measured]) -> Vec<f64> {
    sorted(measured.iter().map(|one| one.peak_mib))
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn first(sorted: &[f64]) -> f64 {
    sorted.first().copied().unwrap_or(f64::NAN)
}

fn last(sorted: &[f64]) -> f64 {
    sorted.last().copied().unwrap_or(f64::NAN)
}

fn median(sorted: &[f64]) -> f64 {
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => f64::NAN,
        (length, middle) if length % 2 == 1 => sorted[middle],
        (_, middle) => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

/// 10,000 rather than 10000.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|part| std::str::from_utf8(part).ok())
        .collect();
    parts.join(",")
}
