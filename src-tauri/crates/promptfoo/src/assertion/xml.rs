//! XML as the whole answer, and XML somewhere in it, with elements that must be there.

use super::{Check, Grading};
use crate::{document, problem::Fault};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// The dotted paths that the value asks for.
fn required(check: &Check<'_>) -> Result<Vec<String>, Fault> {
    let texts = |items: &[Value]| items.iter().map(document::text).collect();
    match &check.value {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text
            .split(',')
            .map(|path| document::trim(path).to_owned())
            .collect()),
        Some(Value::Array(items)) if !items.is_empty() => Ok(texts(items)),
        Some(Value::Object(fields)) if !fields.is_empty() => {
            match fields.get("requiredElements").and_then(Value::as_array) {
                Some(items) => Ok(texts(items)),
                None => Err(Fault::invalid(
                    "xml assertion must contain a string, array value, or no value",
                )),
            }
        }
        Some(_) => Ok(Vec::new()),
    }
}

pub(super) fn is_xml(check: &Check<'_>) -> Result<Grading, Fault> {
    let required = required(check)?;
    let problem = match well_formed(&check.text).and_then(|()| missing(&check.text, &required)) {
        Err(why) => Some(why),
        Ok(missing) if missing.is_empty() => None,
        Ok(missing) => Some(format!(
            "XML is missing required elements: {}",
            missing.join(", ")
        )),
    };
    Ok(check.verdict(problem.is_none(), |_| {
        problem.unwrap_or_else(|| "XML is valid and contains all required elements".into())
    }))
}

pub(super) fn contains_xml(check: &Check<'_>) -> Result<Grading, Fault> {
    let required = required(check)?;
    let mut read: Vec<Candidate> = Vec::new();
    let found = candidates(&check.text).iter().any(|candidate| {
        // What stands inside something that was read is not read again.
        if read
            .iter()
            .any(|outer| candidate.start >= outer.start && candidate.end <= outer.end)
        {
            return false;
        }
        let Ok(missing) = missing(&check.text[candidate.start..candidate.end], &required) else {
            return false;
        };
        read.push(*candidate);
        missing.is_empty()
    });
    Ok(check.verdict(found, |_| {
        "No valid XML content found matching the requirements".into()
    }))
}

/// Well-formedness with namespaces. A DTD with an internal subset is refused.
fn well_formed(text: &str) -> Result<(), String> {
    if let Some(at) = text.find("<!DOCTYPE") {
        let mut quote = None;
        for character in text[at..].chars() {
            match (quote, character) {
                (Some(open), close) if open == close => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(character),
                (None, '[') => {
                    return Err("DTD internal subsets are not supported by is-xml validation".into());
                }
                (None, '>') => break,
                _ => {}
            }
        }
    }
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        nodes_limit: 1_000_000,
        ..Default::default()
    };
    roxmltree::Document::parse_with_options(text, options)
        .map(|_| ())
        .map_err(|error| format!("XML parsing failed: {error}"))
}

/// The required elements that a text lacks, or why it cannot be read.
fn missing<'a>(text: &str, required: &'a [String]) -> Result<Vec<&'a str>, String> {
    let tree = tree(text)?;
    Ok(required
        .iter()
        .map(String::as_str)
        .filter(|path| !has_path(&tree, path))
        .collect())
}

fn has_path(tree: &Value, path: &str) -> bool {
    let mut current = tree;
    for key in path.split('.') {
        let next = match current {
            Value::Object(fields) => fields.get(key),
            Value::Array(items) => key
                .parse::<usize>()
                .ok()
                .filter(|index| index.to_string() == key)
                .and_then(|index| items.get(index)),
            _ => None,
        };
        match next {
            Some(next) => current = next,
            None => return false,
        }
    }
    true
}

enum Tag<'a> {
    Opening {
        name: &'a str,
        attributes: &'a str,
        closed: bool,
    },
    Closing {
        name: &'a str,
    },
    Other,
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || matches!(character, ':' | '_')
}

fn name_at(text: &str) -> Option<&str> {
    let first = text.chars().next().filter(|first| is_name_start(*first))?;
    let end = text[first.len_utf8()..]
        .find(|character: char| {
            !(is_name_start(character) || character.is_alphanumeric() || "-.\u{b7}".contains(character))
        })
        .map_or(text.len(), |end| end + first.len_utf8());
    Some(&text[..end])
}

/// The tag that begins with the `<` at the beginning of the text, and its length.
fn tag_at(text: &str) -> Option<(Tag<'_>, usize)> {
    for (opening, closing) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if let Some(rest) = text.strip_prefix(opening) {
            let end = rest
                .find(closing)
                .map_or(text.len(), |at| opening.len() + at + closing.len());
            return Some((Tag::Other, end));
        }
    }
    if text.starts_with("<!") {
        let end = tag_end(text, true)?;
        return Some((Tag::Other, end));
    }
    if let Some(rest) = text.strip_prefix("</") {
        let name = name_at(rest)?;
        return Some((Tag::Closing { name }, tag_end(text, false)?));
    }
    let name = name_at(&text[1..])?;
    let end = tag_end(text, false)?;
    let inner = text[1 + name.len()..end - 1].trim_end();
    let closed = inner.ends_with('/');
    let attributes = inner.strip_suffix('/').unwrap_or(inner);
    Some((
        Tag::Opening {
            name,
            attributes,
            closed,
        },
        end,
    ))
}

fn tag_end(text: &str, brackets: bool) -> Option<usize> {
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, character) in text.char_indices().skip(1) {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '[') if brackets => depth += 1,
            (None, ']') if brackets => depth = depth.saturating_sub(1),
            (None, '<') if !brackets => return None,
            (None, '>') if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    brackets.then_some(text.len())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Candidate {
    start: usize,
    end: usize,
    parent: Option<usize>,
}

/// Balanced elements in a text: first each run of neighbours as a whole, then those that stand in no other.
fn candidates(text: &str) -> Vec<Candidate> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut all: Vec<Candidate> = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find('<') {
        let start = at + next;
        let Some((tag, length)) = tag_at(&text[start..]) else {
            at = start + 1;
            continue;
        };
        let end = start + length;
        match tag {
            Tag::Opening { closed: true, .. } => all.push(Candidate {
                start,
                end,
                parent: open.last().map(|(_, start)| *start),
            }),
            Tag::Opening { name, .. } => open.push((name, start)),
            Tag::Closing { name } => match open.pop() {
                Some((opened, start)) if opened == name => {
                    all.push(Candidate {
                        start,
                        end,
                        parent: open.last().map(|(_, start)| *start),
                    });
                }
                _ => open.clear(),
            },
            Tag::Other => {}
        }
        at = end;
    }
    let starts: HashSet<usize> = all.iter().map(|candidate| candidate.start).collect();
    let mut maximal: Vec<Candidate> = all
        .into_iter()
        .filter(|candidate| candidate.parent.is_none_or(|parent| !starts.contains(&parent)))
        .collect();
    // Grouped in the order in which the groups begin, without looking through all of them for each: an output may have many.
    let mut groups: Vec<Vec<Candidate>> = Vec::new();
    let mut place: HashMap<Option<usize>, usize> = HashMap::new();
    for candidate in &maximal {
        let at = *place.entry(candidate.parent).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(*candidate);
    }
    let mut ordered: Vec<Candidate> = Vec::new();
    let mut seen: HashSet<(usize, usize)> = HashSet::new();
    let mut add = |candidate: Candidate| {
        if seen.insert((candidate.start, candidate.end)) {
            ordered.push(candidate);
        }
    };
    for mut siblings in groups {
        siblings.sort_by_key(|candidate| (candidate.start, candidate.end));
        if let [first, .., last] = siblings.as_slice() {
            add(Candidate {
                start: first.start,
                end: last.end,
                parent: first.parent,
            });
        }
    }
    maximal.sort_by_key(|candidate| (candidate.start, usize::MAX - candidate.end));
    maximal.into_iter().for_each(add);
    ordered
}

/// Elements as nested mappings: attributes as `@_name`, text as `#text`, neighbours of one name as a list.
///
/// More levels than promptfoo's parser takes are refused, which also keeps a mapping from being too deep to be dropped.
fn tree(text: &str) -> Result<Value, String> {
    /// Elements that may be open when another one is opened.
    const MOST_OPEN: usize = 100;
    let mut stack: Vec<(&str, Map<String, Value>, String)> = vec![("", Map::new(), String::new())];
    let mut at = 0;
    while let Some(next) = text[at..].find('<') {
        let start = at + next;
        if let Some((_, _, words)) = stack.last_mut() {
            words.push_str(&text[at..start]);
        }
        let Some((tag, length)) = tag_at(&text[start..]) else {
            at = start + 1;
            continue;
        };
        match tag {
            Tag::Opening {
                name,
                attributes,
                closed,
            } => {
                if !closed && stack.len() - 1 > MOST_OPEN {
                    return Err("XML parsing failed: Maximum nested tags exceeded".into());
                }
                stack.push((name, attribute_fields(attributes), String::new()));
                if closed {
                    close(&mut stack);
                }
            }
            Tag::Closing { .. } => close(&mut stack),
            Tag::Other => {}
        }
        at = start + length;
    }
    while stack.len() > 1 {
        close(&mut stack);
    }
    Ok(stack
        .pop()
        .map_or(Value::Null, |(_, fields, _)| Value::Object(fields)))
}

fn close(stack: &mut Vec<(&str, Map<String, Value>, String)>) {
    if stack.len() < 2 {
        return;
    }
    let Some((name, mut fields, words)) = stack.pop() else {
        return;
    };
    let words = words.trim();
    let value = if fields.is_empty() {
        Value::String(words.to_owned())
    } else {
        if !words.is_empty() {
            fields.insert("#text".into(), Value::String(words.to_owned()));
        }
        Value::Object(fields)
    };
    let Some((_, parent, _)) = stack.last_mut() else {
        return;
    };
    match parent.get_mut(name) {
        Some(Value::Array(items)) => items.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
        None => {
            parent.insert(name.to_owned(), value);
        }
    }
}

fn attribute_fields(attributes: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut rest = attributes.trim_start();
    while let Some(name) = name_at(rest) {
        rest = rest[name.len()..].trim_start();
        let mut value = Value::Bool(true);
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let Some((text, tail)) = quote.and_then(|quote| after[1..].split_once(quote)) else {
                break;
            };
            value = Value::String(text.to_owned());
            rest = tail.trim_start();
        }
        fields.insert(format!("@_{name}"), value);
    }
    fields
}
