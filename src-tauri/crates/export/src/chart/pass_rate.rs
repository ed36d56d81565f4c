use super::{
    Chart,
    frame::{ACCENT, LIMIT, MARGIN, by_run, day, failed, models, span, svg, words},
};
use crate::ExportError;
use evidence::{Metric, RunSummary};
use plotters::{prelude::*, style::text_anchor::HPos};

/// Pass rate by run: a line, its interval as a band, the release threshold as a dashed line.
pub(super) fn draw(runs: &[&RunSummary]) -> Result<Option<Chart>, ExportError> {
    let measured: Vec<(&RunSummary, &Metric, f64)> = runs
        .iter()
        .filter_map(|run| {
            run.metric("pass_rate")
                .and_then(|metric| Some((*run, metric, metric.value?)))
        })
        .collect();
    let Some((newest, newest_metric, _)) = measured.last().copied() else {
        return Ok(None);
    };
    let unit = newest_metric.unit;
    let limit = newest
        .gate
        .metrics
        .iter()
        .find(|judged| judged.threshold.metric == "pass_rate");
    let limit = limit.map(|judged| judged.threshold.limit);
    let low =
        |metric: &Metric, value: f64| metric.interval.and_then(|interval| interval.low).unwrap_or(value);
    let high = |metric: &Metric, value: f64| {
        metric
            .interval
            .and_then(|interval| interval.high)
            .unwrap_or(value)
    };
    let least = measured
        .iter()
        .map(|(_, metric, value)| low(metric, *value))
        .chain(limit)
        .fold(1.0, f64::min);
    let bottom = ((least - 0.02) * 5.0).floor().max(0.0) / 5.0;
    let shown: Vec<&RunSummary> = measured.iter().map(|(run, ..)| *run).collect();
    let label = format!(
        "{} by run, {}, with the interval as a band",
        newest_metric.label,
        span(&shown)
    );

    let svg = svg(260, &label, |area| {
        let mut plot = by_run(area, &shown, bottom, 1.0, steps(bottom), unit)?;
        let at = |i: usize| i as f64;
        let lows = measured
            .iter()
            .enumerate()
            .map(|(i, (_, metric, value))| (at(i), low(metric, *value)));
        let highs = measured
            .iter()
            .enumerate()
            .map(|(i, (_, metric, value))| (at(i), high(metric, *value)));
        if measured.len() > 1 {
            let band: Vec<_> = highs.chain(lows.rev()).collect();
            plot.draw_series([Polygon::new(band, ACCENT.mix(0.14).filled())])
                .map_err(failed)?;
        } else {
            let bar: Vec<_> = lows.chain(highs).collect();
            plot.draw_series([PathElement::new(bar, ACCENT.mix(0.3).stroke_width(6))])
                .map_err(failed)?;
        }
        if let Some(limit) = limit {
            let ends = [(-MARGIN, limit), (at(measured.len() - 1) + MARGIN, limit)];
            plot.draw_series(DashedLineSeries::new(ends, 5, 4, LIMIT.stroke_width(1)))
                .map_err(failed)?;
            let (x, y) = plot.backend_coord(&ends[1]);
            area.draw_text("limit", &words(HPos::Left), (x + 6, y))
                .map_err(failed)?;
        }
        let points = || {
            measured
                .iter()
                .enumerate()
                .map(|(i, (_, _, value))| (at(i), *value))
        };
        plot.draw_series(LineSeries::new(points(), ACCENT.stroke_width(2)))
            .map_err(failed)?;
        plot.draw_series(points().map(|point| Circle::new(point, 3, ACCENT.filled())))
            .map_err(failed)?;
        Ok(())
    })?;
    let rows = measured
        .iter()
        .map(|(run, metric, _)| {
            vec![
                format!("run {}", run.number),
                day(run),
                metric.value_text(),
                metric.interval_text().unwrap_or_else(|| "none".into()),
                metric.n.to_string(),
                models(run),
            ]
        })
        .collect();
    Ok(Some(Chart {
        id: "pass-rate",
        title: format!("{} by run, with its 95 % interval", newest_metric.label),
        practice: shown.iter().any(|run| run.practice),
        svg,
        columns: ["Run", "Date", "Value", "Interval", "n", "Model"]
            .map(Into::into)
            .to_vec(),
        rows,
    }))
}

/// Hairlines a fifth apart, or closer where that would be less than three.
fn steps(bottom: f64) -> u32 {
    match ((1.0 - bottom) * 5.0).round() as u32 {
        few @ 0..=2 => 4.min(few * 2).max(2),
        many => many,
    }
}
