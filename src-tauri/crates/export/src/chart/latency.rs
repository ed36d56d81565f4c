use super::{
    Chart,
    frame::{ACCENT, SECOND, by_run, day, failed, models, span, svg, words},
};
use crate::ExportError;
use evidence::{RunSummary, Unit};
use plotters::{prelude::*, style::text_anchor::HPos};

/// Latency by run: p50 and p95 as two lines named at their ends.
pub(super) fn draw(runs: &[&RunSummary]) -> Result<Option<Chart>, ExportError> {
    let value = |run: &RunSummary, name: &str| run.metric(name).and_then(|metric| metric.value);
    let shown: Vec<&RunSummary> = runs
        .iter()
        .copied()
        .filter(|run| value(run, "latency_p50").or(value(run, "latency_p95")).is_some())
        .collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let series = [("latency_p95", "p95", ACCENT), ("latency_p50", "p50", SECOND)];
    let most = shown
        .iter()
        .flat_map(|run| series.map(|(name, ..)| value(run, name).unwrap_or(0.0)))
        .fold(0.0, f64::max);
    let label = format!("Latency by run, {}, median and p95", span(&shown));
    let svg = svg(220, &label, |area| {
        let mut plot = by_run(area, &shown, 0.0, ceiling(most), 4, Unit::Milliseconds)?;
        for (name, short, colour) in series {
            let points: Vec<(f64, f64)> = shown
                .iter()
                .enumerate()
                .filter_map(|(i, run)| Some((i as f64, value(run, name)?)))
                .collect();
            let Some(last) = points.last().copied() else {
                continue;
            };
            plot.draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))
                .map_err(failed)?;
            plot.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))
                .map_err(failed)?;
            let (x, y) = plot.backend_coord(&last);
            area.draw_text(short, &words(HPos::Left), (x + 8, y))
                .map_err(failed)?;
        }
        Ok(())
    })?;
    let text = |run: &RunSummary, name: &str| {
        run.metric(name)
            .map_or("no data".into(), |metric| metric.value_text())
    };
    let rows = shown
        .iter()
        .map(|run| {
            vec![
                format!("run {}", run.number),
                day(run),
                text(run, "latency_p50"),
                text(run, "latency_p95"),
                text(run, "latency_p99"),
                models(run),
            ]
        })
        .collect();
    Ok(Some(Chart {
        id: "latency",
        title: "Latency by run".into(),
        practice: shown.iter().any(|run| run.practice),
        svg,
        columns: ["Run", "Date", "p50", "p95", "p99", "Model"]
            .map(Into::into)
            .to_vec(),
        rows,
    }))
}

/// The next round number that four hairlines divide evenly.
fn ceiling(most: f64) -> f64 {
    if most <= 0.0 || !most.is_finite() {
        return 4.0;
    }
    let step = 10f64.powf((most / 4.0).log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|round| round * step * 4.0)
        .into_iter()
        .find(|top| *top >= most)
        .unwrap_or(most)
}
