//! What the charts share: size, colours that become the page's, axes, words.

use crate::ExportError;
use evidence::{RunSummary, Unit};
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

pub(super) const WIDTH: u32 = 720;

/// Room left and right of the runs, as a part of the distance between two.
pub(super) const MARGIN: f64 = 0.2;

/// Size of the words, which plotters draws a fifth smaller.
pub(super) const WORDS: u32 = 14;

// Colours that nobody uses, replaced by the page's after drawing.
pub(super) const INK: RGBColor = RGBColor(1, 2, 3);
pub(super) const LINE: RGBColor = RGBColor(1, 2, 4);
pub(super) const ACCENT: RGBColor = RGBColor(1, 2, 5);
pub(super) const SECOND: RGBColor = RGBColor(1, 2, 6);
pub(super) const LIMIT: RGBColor = RGBColor(1, 2, 7);

const PAGE_COLOURS: [(&str, &str); 5] = [
    ("#010203", "currentColor"),
    ("#010204", "var(--line, #d3d2ce)"),
    ("#010205", "var(--accent, #3d4fc4)"),
    ("#010206", "var(--ink-3, #696b70)"),
    ("#010207", "var(--warn, #8f5f00)"),
];

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Plot<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The error of a drawing.
pub(super) fn failed(error: impl std::fmt::Display) -> ExportError {
    ExportError::Chart(error.to_string())
}

/// Text of the charts.
pub(super) fn words<'a>(horizontal: HPos) -> TextStyle<'a> {
    let font = ("Inter, system-ui, sans-serif", WORDS).into_font();
    TextStyle::from(font)
        .color(&INK)
        .pos(Pos::new(horizontal, VPos::Center))
}

/// Draws into an SVG of this height that is named and takes the page's colours.
pub(super) fn svg(
    height: u32,
    label: &str,
    draw: impl FnOnce(&Area<'_>) -> Result<(), ExportError>,
) -> Result<String, ExportError> {
    let mut out = String::new();
    {
        let area = SVGBackend::with_string(&mut out, (WIDTH, height)).into_drawing_area();
        draw(&area)?;
        area.present().map_err(failed)?;
    }
    for (drawn, page) in PAGE_COLOURS {
        out = out.replace(drawn, page);
    }
    let label = label
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let opened = out.find('>').ok_or_else(|| failed("the drawing is empty"))?;
    let start = format!(
        "<svg role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {WIDTH} {height}\"><title>{label}</title>"
    );
    let body = out[opened + 1..].trim();
    Ok(format!("{start}{body}"))
}

/// Axes for runs from left to right: horizontal hairlines with their values, a run's name below its place.
pub(super) fn by_run<'a>(
    area: &Area<'a>,
    runs: &[&RunSummary],
    bottom: f64,
    top: f64,
    steps: u32,
    unit: Unit,
) -> Result<Plot<'a>, ExportError> {
    let right = (runs.len() as f64 - 1.0) + MARGIN;
    let mut plot = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(44)
        .margin_bottom(30)
        .margin_left(64)
        .build_cartesian_2d(-MARGIN..right, bottom..top)
        .map_err(failed)?;
    for step in 0..=steps {
        let value = bottom + (top - bottom) * f64::from(step) / f64::from(steps);
        plot.draw_series(LineSeries::new(
            [(-MARGIN, value), (right, value)],
            LINE.stroke_width(1),
        ))
        .map_err(failed)?;
        let (_, y) = plot.backend_coord(&(0.0, value));
        let text = if value == 0.0 {
            "0".into()
        } else {
            unit.text(value)
        };
        area.draw_text(&text, &words(HPos::Right), (56, y))
            .map_err(failed)?;
    }
    // As many names as fit without touching.
    let every = runs.len().div_ceil(9);
    for (i, run) in runs
        .iter()
        .enumerate()
        .filter(|(i, _)| (runs.len() - 1 - i).is_multiple_of(every))
    {
        let (x, y) = plot.backend_coord(&(i as f64, bottom));
        area.draw_text(&format!("run {}", run.number), &words(HPos::Center), (x, y + 16))
            .map_err(failed)?;
    }
    Ok(plot)
}

/// "run 6 to run 14", "run 6".
pub(super) fn span(runs: &[&RunSummary]) -> String {
    match runs {
        [] => "no run".into(),
        [one] => format!("run {}", one.number),
        [first, .., last] => format!("run {} to run {}", first.number, last.number),
    }
}

/// The day a run ended.
pub(super) fn day(run: &RunSummary) -> String {
    run.finished_at
        .unwrap_or(run.started_at)
        .format("%-d %b %Y")
        .to_string()
}

/// The models of a run, a practice run saying so.
pub(super) fn models(run: &RunSummary) -> String {
    if run.practice {
        format!("{} (practice model)", run.models_text())
    } else {
        run.models_text()
    }
}
