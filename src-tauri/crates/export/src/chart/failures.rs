use super::{
    Chart,
    frame::{ACCENT, LIMIT, failed, svg, words},
};
use crate::ExportError;
use evidence::RunSummary;
use plotters::{prelude::*, style::text_anchor::HPos};

/// How many reasons are drawn; the table has them all.
const MOST: usize = 8;

/// Failures of one run by reason, as bars, most first.
pub(super) fn draw(run: &RunSummary) -> Result<Option<Chart>, ExportError> {
    let Some(most) = run
        .failures
        .iter()
        .map(|share| share.trials)
        .max()
        .filter(|most| *most > 0)
    else {
        return Ok(None);
    };
    let drawn = &run.failures[..run.failures.len().min(MOST)];
    let height = 16 + 28 * drawn.len() as u32;
    let label = format!("Failures of run {} by reason", run.number);
    let svg = svg(height, &label, |area| {
        for (i, share) in drawn.iter().enumerate() {
            let y = 22 + 28 * i as i32;
            let name: String = share.name.chars().take(28).collect();
            area.draw_text(&name, &words(HPos::Right), (200, y))
                .map_err(failed)?;
            let length = (430.0 * share.trials as f64 / most as f64).round().max(2.0) as i32;
            let colour = if share.error { LIMIT } else { ACCENT };
            let bar = Rectangle::new([(212, y - 8), (212 + length, y + 8)], colour.mix(0.8).filled());
            area.draw(&bar).map_err(failed)?;
            let count = share.trials.to_string();
            area.draw_text(&count, &words(HPos::Left), (220 + length, y))
                .map_err(failed)?;
        }
        Ok(())
    })?;
    let rows = run
        .failures
        .iter()
        .map(|share| {
            let kind = if share.error {
                "error: no verdict"
            } else {
                "failed a grader"
            };
            vec![share.name.clone(), share.trials.to_string(), kind.into()]
        })
        .collect();
    Ok(Some(Chart {
        id: "failures",
        title: format!("Failures of run {} by reason", run.number),
        practice: run.practice,
        svg,
        columns: ["Reason", "Trials", "Kind"].map(Into::into).to_vec(),
        rows,
    }))
}
