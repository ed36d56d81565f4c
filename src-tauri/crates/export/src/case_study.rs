//! The case study as Markdown and as one self-contained HTML file.

use crate::{
    ExportError, ExportFile,
    chart::{self, Chart},
};
use portfolio::{CaseStudyInput, Ledger, Mark, Templates, compose, seal, seal_html, unformatted};
use pulldown_cmark::{Options, Parser, html};
use serde_json::{Value, json};

/// The case study as `case-study.md` and a self-contained `case-study.html`.
pub fn case_study_files(
    input: &CaseStudyInput<'_>,
    templates: &Templates,
) -> Result<Vec<ExportFile>, ExportError> {
    let document = compose(input).map_err(ExportError::Refused)?;
    let charts = chart::of_runs(input.runs)?;
    let mut ledger = document.ledger;
    let mut context = document.context;
    context["charts"] = charts.iter().map(|chart| described(chart, &mut ledger)).collect();

    let markdown = templates.render("case-study/document.md.tera", &context)?;
    let markdown = seal(&markdown, &ledger).map_err(ExportError::Unsealed)?;

    context["style"] = json!(templates.get("case-study/style.css").unwrap_or_default());
    context["intro_html"] = json!(to_html(context["intro"].as_str().unwrap_or_default()));
    for section in context["sections"].as_array_mut().into_iter().flatten() {
        section["html"] = json!(to_html(section["markdown"].as_str().unwrap_or_default()));
    }
    let page = templates.render("case-study/document.html.tera", &context)?;
    let mut page = seal_html(&page, &ledger).map_err(ExportError::Unsealed)?;
    // The drawings come last: they are made of the runs alone, and no author's text can hold a slot.
    for chart in &charts {
        page = page.replace(&slot(chart), &chart.svg);
    }
    let file = |path: &str, text: String| ExportFile {
        path: path.into(),
        bytes: text.into_bytes(),
    };
    Ok(vec![
        file("case-study.md", tidy(&markdown)),
        file("case-study.html", page),
    ])
}

/// The draft as sanitised HTML for a preview: each claim token is a `<mark class="claim" data-claim="slug">`, a stated
/// fact a `<mark class="stated">`, a refused token a `<mark class="refused">`.
pub fn case_study_preview(input: &CaseStudyInput<'_>) -> String {
    ammonia::Builder::default()
        .add_tags(["mark"])
        .add_allowed_classes("mark", ["claim", "stated", "refused"])
        .add_tag_attributes("mark", ["data-claim"])
        .clean(&portfolio::preview(input))
        .to_string()
}

fn slot(chart: &Chart) -> String {
    format!("<!--chart:{}-->", chart.id)
}

fn described(chart: &Chart, ledger: &mut Ledger) -> Value {
    let mut mark = |text: &String| ledger.mark(Mark::Proof, &unformatted(text));
    let columns: Vec<String> = chart.columns.iter().map(&mut mark).collect();
    let rows: Vec<Vec<String>> = chart
        .rows
        .iter()
        .map(|row| row.iter().map(&mut mark).collect())
        .collect();
    json!({
        "id": chart.id,
        "title": mark(&chart.title),
        "practice": chart.practice,
        "slot": slot(chart),
        "columns": columns,
        "rows": rows,
    })
}

/// The author's Markdown as harmless HTML.
fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut out = String::new();
    html::push_html(&mut out, Parser::new_ext(markdown, options));
    ammonia::Builder::default()
        .rm_tags(["img"])
        .clean(&out)
        .to_string()
}

/// No more than one empty line in a row, one newline at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines() {
        let empty = line.trim().is_empty();
        if !(empty && blank) {
            out.push_str(if empty { "" } else { line.trim_end_matches('\r') });
            out.push('\n');
        }
        blank = empty;
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
