use super::CaseStudyInput;
use crate::prose::{scan::scan, tokens::Meaning};
use pulldown_cmark::{CowStr, Event, Parser, html};

/// A draft as HTML for the editor, whatever is wrong with it: each claim token a `<mark class="claim" data-claim="slug">`,
/// each stated fact a `<mark class="stated">`, each refused token a `<mark class="refused">` that shows the token.
/// HTML of the author's is left out. The caller sanitises it (`export::case_study_preview` does).
pub fn preview(input: &CaseStudyInput<'_>) -> String {
    let scan = scan(input.source, input.claims);
    let clean = &scan.prepared.clean;
    let events = Parser::new_ext(clean, crate::prose::blocks::options())
        .into_offset_iter()
        .filter(|(event, _)| !matches!(event, Event::Html(_) | Event::InlineHtml(_)))
        .flat_map(|(event, range)| {
            let tokens = scan.prepared.tokens.iter().enumerate();
            let within: Vec<usize> = tokens
                .filter(|(_, token)| range.start <= token.range.start && token.range.end <= range.end)
                .map(|(i, _)| i)
                .collect();
            match event {
                Event::Text(_) | Event::Code(_) if !within.is_empty() => {
                    let mut out = Vec::new();
                    let mut done = range.start;
                    for i in within {
                        let token = &scan.prepared.tokens[i];
                        out.push(Event::Text(CowStr::from(
                            clean[done..token.range.start].to_owned(),
                        )));
                        out.push(Event::InlineHtml(CowStr::from(chip(
                            &scan.meanings[i],
                            &token.body,
                        ))));
                        done = token.range.end;
                    }
                    out.push(Event::Text(CowStr::from(clean[done..range.end].to_owned())));
                    out
                }
                event => vec![event],
            }
        });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out.retain(|c| !crate::prose::source::is_private(c));
    out
}

fn chip(meaning: &Meaning, token: &str) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    let slug = escape(token.split('.').next().unwrap_or_default());
    match meaning {
        Meaning::Claim { text, .. } => format!(
            r#"<mark class="claim" data-claim="{slug}">{}</mark>"#,
            escape(text)
        ),
        Meaning::Stated(text) => format!(r#"<mark class="stated">{}</mark>"#, escape(text)),
        Meaning::Refused(_) => format!(r#"<mark class="refused">[[{}]]</mark>"#, escape(token)),
    }
}
