use super::{
    Chart,
    frame::{ACCENT, LIMIT, LINE, WIDTH, failed, svg, words},
};
use crate::ExportError;
use evidence::{Metric, Unit};
use plotters::{prelude::*, style::text_anchor::HPos};

/// How many lines are drawn; the table has them all.
const MOST: usize = 16;

/// Where the drawing of values begins and how wide it is, in pixels.
const LEFT: i32 = 200;
const ACROSS: f64 = 400.0;

/// A share with its interval for each of several things (categories, targets), below each other on one axis from 0 to
/// 100 %, the limit as a line. Absent without a measured value.
pub(crate) fn draw(
    id: &'static str,
    title: &str,
    what: &str,
    lines: &[(&str, &Metric)],
    limit: Option<f64>,
    practice: bool,
) -> Result<Option<Chart>, ExportError> {
    if !lines.iter().any(|(_, metric)| metric.value.is_some()) {
        return Ok(None);
    }
    let drawn = &lines[..lines.len().min(MOST)];
    let bottom = 12 + 26 * drawn.len() as i32;
    let x = |value: f64| LEFT + (value.clamp(0.0, 1.0) * ACROSS).round() as i32;
    let svg = svg(bottom as u32 + 30, title, |area| {
        for step in 0..=4 {
            let value = f64::from(step) / 4.0;
            let line = PathElement::new([(x(value), 6), (x(value), bottom)], LINE.stroke_width(1));
            area.draw(&line).map_err(failed)?;
            area.draw_text(
                &Unit::Share.text(value),
                &words(HPos::Center),
                (x(value), bottom + 16),
            )
            .map_err(failed)?;
        }
        if let Some(limit) = limit {
            let line = PathElement::new([(x(limit), 6), (x(limit), bottom)], LIMIT.stroke_width(2));
            area.draw(&line).map_err(failed)?;
        }
        for (i, (name, metric)) in drawn.iter().enumerate() {
            let y = 20 + 26 * i as i32;
            let name: String = name.chars().take(28).collect();
            area.draw_text(&name, &words(HPos::Right), (LEFT - 14, y))
                .map_err(failed)?;
            let ends = metric
                .interval
                .and_then(|interval| Some((interval.low?, interval.high?)));
            if let Some((low, high)) = ends {
                let bar = Rectangle::new([(x(low), y - 4), (x(high), y + 4)], ACCENT.mix(0.28).filled());
                area.draw(&bar).map_err(failed)?;
            }
            if let Some(value) = metric.value {
                area.draw(&Circle::new((x(value), y), 4, ACCENT.filled()))
                    .map_err(failed)?;
            }
            let text = format!("{}, n = {}", metric.value_text(), metric.n);
            area.draw_text(&text, &words(HPos::Left), (WIDTH as i32 - 104, y))
                .map_err(failed)?;
        }
        Ok(())
    })?;
    let rows = lines
        .iter()
        .map(|(name, metric)| {
            vec![
                (*name).to_owned(),
                metric.value_text(),
                metric
                    .interval_text()
                    .or_else(|| metric.note.clone())
                    .unwrap_or_else(|| "none".into()),
                metric.n.to_string(),
            ]
        })
        .collect();
    Ok(Some(Chart {
        id,
        title: title.to_owned(),
        practice,
        svg,
        columns: vec![
            what.to_owned(),
            "Value".into(),
            "95 % interval".into(),
            "n".into(),
        ],
        rows,
    }))
}
