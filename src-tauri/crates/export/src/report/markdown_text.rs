//! Foreign text inside Markdown: it shows as it is and does nothing.

/// Text for a line or a table cell: one line, with everything that Markdown or HTML would act on made plain.
///
/// A word joiner after `@` and after `#` keeps a hosting service from notifying people and linking issues.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut space = false;
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_whitespace() || c.is_control() {
            space = true;
            continue;
        }
        if std::mem::take(&mut space) {
            out.push(' ');
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' | '#' => {
                out.push('\\');
                out.push(c);
                out.push('\u{2060}');
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // An address becomes a link by itself unless its colon is broken.
            ':' if rest.peek() == Some(&'/') => out.push_str("&#58;"),
            c => out.push(c),
        }
    }
    out
}

/// Text for the title of a folded part, which is HTML: Markdown is not read there.
pub(super) fn html_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '@' | '#' => {
                out.push(c);
                out.push('\u{2060}');
            }
            // Some services make links of addresses even here.
            '/' if out.ends_with(':') => out.push_str("\u{2060}/"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A code span in a line or a table cell, fenced by more backticks than it contains.
pub(super) fn code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| {
            if c.is_whitespace() || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect();
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    // Tables split at a bar even inside code.
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// A fenced block with the text as it is, fenced by more backticks than it contains.
pub(super) fn block(text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    let text: String = text
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect();
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// Rows as a Markdown table; cells are given as Markdown.
pub(super) fn table<const N: usize>(
    columns: [&str; N],
    right: &[usize],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut out = format!("| {} |\n|", columns.join(" | "));
    for i in 0..N {
        out.push_str(if right.contains(&i) { "---:|" } else { "---|" });
    }
    out.push('\n');
    for row in rows {
        out.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    out
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
