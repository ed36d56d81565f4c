//! YAML into JSON values, with js-yaml's schema: core types, merge keys, duplicate keys refused.

use super::scalar;
use crate::problem::{Problem, whole_file};
use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::{Map, Value};
use std::{collections::HashMap, path::Path};

/// Nodes that one document may have once its aliases are written out, and what its anchors keep with them; an alias that
/// repeats an alias multiplies.
const MOST_NODES: usize = 1_000_000;
/// Levels that a document may have.
const DEEPEST: usize = 200;

/// Reads one document; absent where the text holds none. Moments in time (`2024-01-15`) stay texts, and each is named
/// in `warnings`, since promptfoo makes dates of them.
pub fn yaml(file: &Path, text: &str, warnings: &mut Vec<Problem>) -> Result<Option<Value>, Problem> {
    let mut reader = Reader::new(text, false);
    let document = reader.document().map_err(|mistake| Problem {
        file: file.to_path_buf(),
        line: mistake.line as u64,
        column: mistake.column as u64,
        message: mistake.message,
    });
    warnings.extend(reader.timestamps.iter().take(20).map(|line| Problem {
        line: *line as u64,
        ..whole_file(
            file,
            "a date without quotes: promptfoo makes a moment of it and this app keeps the text; put it in quotes",
        )
    }));
    document
}

/// Reads one document and lets a later duplicate key win: how JSON is found inside an answer.
pub fn yaml_lenient(text: &str) -> Result<Option<Value>, String> {
    yaml_lenient_counted(text).0
}

/// As [`yaml_lenient`], with how many values were made on the way, also where it came to nothing.
pub fn yaml_lenient_counted(text: &str) -> (Result<Option<Value>, String>, usize) {
    let mut reader = Reader::new(text, true);
    let document = reader.document().map_err(|mistake| mistake.message);
    (document, reader.nodes)
}

struct Mistake {
    line: usize,
    column: usize,
    message: String,
}

impl From<ScanError> for Mistake {
    fn from(error: ScanError) -> Self {
        mistake(error.marker(), error.info())
    }
}

fn mistake(at: &Marker, message: impl Into<String>) -> Mistake {
    Mistake {
        line: at.line(),
        column: at.col() + 1,
        message: message.into(),
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Value, usize)>,
    nodes: usize,
    /// Nodes of the copies that anchors keep.
    kept: usize,
    lenient: bool,
    timestamps: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, lenient: bool) -> Self {
        Self {
            parser: Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)),
            kept: 0,
            anchors: HashMap::new(),
            nodes: 0,
            lenient,
            timestamps: Vec::new(),
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Mistake> {
        loop {
            let Some(event) = self.parser.next_event() else {
                return Ok((Event::StreamEnd, Span::default()));
            };
            let (event, span) = event?;
            // Comments, where another crate of the build has switched their events on, are no content.
            let content = matches!(
                event,
                Event::StreamEnd
                    | Event::DocumentStart(..)
                    | Event::DocumentEnd
                    | Event::Alias(_)
                    | Event::Scalar(..)
                    | Event::SequenceStart(..)
                    | Event::SequenceEnd
                    | Event::MappingStart(..)
                    | Event::MappingEnd
            );
            if content {
                return Ok((event, span));
            }
        }
    }

    fn document(&mut self) -> Result<Option<Value>, Mistake> {
        let mut found = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(found),
                Event::DocumentStart(..) => {
                    if found.is_some() {
                        return Err(mistake(&span.start, "a second document; expected one"));
                    }
                    let (event, span) = self.next()?;
                    found = Some(self.node(event, &span, 0)?);
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, nodes: usize, span: &Span) -> Result<(), Mistake> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.demand_room(span)
    }

    fn demand_room(&self, span: &Span) -> Result<(), Mistake> {
        if self.nodes.saturating_add(self.kept) > MOST_NODES {
            return Err(mistake(
                &span.start,
                format!(
                    "its anchors and aliases write out to more than {MOST_NODES} values; use fewer of them inside each other"
                ),
            ));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Value, Mistake> {
        if depth > DEEPEST {
            return Err(mistake(&span.start, format!("more than {DEEPEST} levels")));
        }
        self.count(1, span)?;
        let before = self.nodes;
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let Some((value, size)) = self
                    .anchors
                    .get(&anchor)
                    .cloned_if(self.nodes.saturating_add(self.kept))
                else {
                    return Err(mistake(
                        &span.start,
                        "an alias of something that is not finished, or too large",
                    ));
                };
                self.count(size, span)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                if style == ScalarStyle::Plain && tag.is_none() && scalar::is_timestamp(&text) {
                    self.timestamps.push(span.start.line());
                }
                (scalar_value(&text, style, tag.as_deref()), anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.sequence(depth)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(depth)?, anchor),
            _ => return Err(mistake(&span.start, "expected a value")),
        };
        if anchor > 0 {
            // What an anchor keeps is a copy: anchors inside of anchors multiply as aliases of aliases do.
            let size = self.nodes - before + 1;
            self.kept = self.kept.saturating_add(size);
            self.demand_room(span)?;
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, Mistake> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Value::Array(items));
            }
            items.push(self.node(event, &span, depth + 1)?);
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Mistake> {
        let mut entries = Map::new();
        // A key that stands in the mapping itself outranks a merged one, wherever the merge stands.
        let mut merged = Map::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                for (key, value) in merged {
                    entries.entry(key).or_insert(value);
                }
                return Ok(Value::Object(entries));
            }
            let merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = super::text(&self.node(event, &span, depth + 1)?);
            let (event, value_span) = self.next()?;
            let value = self.node(event, &value_span, depth + 1)?;
            if merge {
                merge_into(&mut merged, value, &value_span)?;
            } else if entries.insert(key.clone(), value).is_some() && !self.lenient {
                return Err(mistake(
                    &span.start,
                    format!("the key `{key}` stands here a second time"),
                ));
            }
        }
    }
}

/// Clones an anchored value only where the budget has room for it.
trait ClonedIf {
    fn cloned_if(self, used: usize) -> Option<(Value, usize)>;
}

impl ClonedIf for Option<&(Value, usize)> {
    fn cloned_if(self, used: usize) -> Option<(Value, usize)> {
        self.filter(|(_, size)| used.saturating_add(*size) <= MOST_NODES)
            .cloned()
    }
}

fn merge_into(merged: &mut Map<String, Value>, value: Value, span: &Span) -> Result<(), Mistake> {
    match value {
        Value::Object(more) => {
            for (key, value) in more {
                merged.entry(key).or_insert(value);
            }
            Ok(())
        }
        Value::Array(items) => items
            .into_iter()
            .try_for_each(|item| merge_into(merged, item, span)),
        _ => Err(mistake(
            &span.start,
            "`<<` expects a mapping or a list of mappings",
        )),
    }
}

fn scalar_value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    match tag.map(|tag| tag.suffix()) {
        Some("str") => Value::String(text.to_owned()),
        Some("int" | "float" | "bool" | "null") => scalar::plain(text),
        Some(_) => Value::String(text.to_owned()),
        None if style == ScalarStyle::Plain => scalar::plain(text),
        None => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, Problem> {
        yaml(Path::new("t.yaml"), text, &mut Vec::new()).map(Option::unwrap_or_default)
    }

    #[test]
    fn scalars_mean_what_they_mean_in_js_yaml() {
        let value =
            read("[yes, No, on, y, True, ~, 0x1F, 0o17, 017, 1_000, 1.0, -0.5e3, .5, '1', \"true\", 12:30]");
        let expected = json!([
            "yes", "No", "on", "y", true, null, 31, 15, 17, "1_000", 1, -500, 0.5, "1", "true", "12:30"
        ]);
        assert_eq!(value.unwrap(), expected);
    }

    #[test]
    fn merge_keys_and_aliases() {
        let value = read("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc: *a").unwrap();
        assert_eq!(
            value,
            json!({"a": {"x": 1, "y": 2}, "b": {"y": 3, "x": 1}, "c": {"x": 1, "y": 2}})
        );
    }

    #[test]
    fn a_billion_laughs_are_refused_at_their_line() {
        let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", "));
        }
        let problem = read(&text).unwrap_err();
        assert!(problem.line >= 6 && problem.line <= 7, "{problem}");
    }

    #[test]
    fn anchors_inside_of_anchors_are_charged_for_what_they_keep() {
        let nested = |levels: usize| {
            let open: String = (0..levels).map(|level| format!("&a{level} [")).collect();
            format!("{open}{}{}", "x, ".repeat(10_000), "]".repeat(levels))
        };
        assert!(read(&nested(20)).is_ok());
        let problem = read(&nested(150)).unwrap_err();
        assert!(problem.message.contains("anchors"), "{problem}");
    }

    #[test]
    fn a_duplicate_key_is_named_at_its_line() {
        let problem = read("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!((problem.line, problem.message.contains("`a`")), (3, true));
    }

    #[test]
    fn malformed_text_is_named_at_its_line() {
        let problem = read("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert!(problem.line >= 2, "{problem}");
    }
}
