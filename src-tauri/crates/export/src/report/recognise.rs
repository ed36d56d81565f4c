//! Telling a report that this app wrote from any other file, by its beginning: a report may be replaced by the next one.

use super::{markdown::MARK, rows::COLUMNS};

/// Bytes of a file that tell.
pub const HEAD: usize = 4096;

/// What a file would have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The results as JSON.
    Results,
    /// JUnit XML.
    Junit,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// JSON lines.
    Jsonl,
    /// CSV.
    Csv,
}

/// Whether the beginning of a file is that of such a report.
pub fn is_report(kind: Kind, head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let first = text.lines().next().unwrap_or_default();
    match kind {
        Kind::Results => {
            let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
            dense.starts_with(r#"{"version":"#) && dense.contains(r#","run":{"run":""#)
        }
        Kind::Junit => {
            let begins = text.trim_start();
            (begins.starts_with("<?xml") || begins.starts_with("<testsuites")) && text.contains("<testsuites")
        }
        Kind::Markdown => first == MARK,
        Kind::Html => text.contains(r#"<meta name="generator" content="Transition Playbook">"#),
        Kind::Jsonl => first.starts_with(r#"{"run":""#) && first.contains(r#"","case_id":""#),
        Kind::Csv => {
            let columns = COLUMNS.join(",");
            first
                .strip_prefix(columns.as_str())
                .is_some_and(|more| more.is_empty() || more.starts_with(','))
        }
    }
}
