//! What a configuration grades with: itself, and the scripts, schemas and rubrics in the files that it names.

use crate::{
    project::{LONGEST_FILE, Project, has_magic, split_function},
    test::Source,
};
use evidence::{ContentHash, ContentHasher};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
};

/// Parts of a configuration that say what is expected of an answer. Prompts and providers are the target's.
const PARTS: [&str; 4] = ["tests", "defaultTest", "scenarios", "nunjucksFilters"];
/// Files that are looked at; whoever names more keeps a dataset in files.
const MOST_FILES: usize = 10_000;

/// The configuration with every readable file that its tests name, or that such a file names. Without such files it is the
/// hash of the configuration.
pub(super) fn grading(
    config: &Map<String, Value>,
    text: &str,
    hash: &ContentHash,
    sources: &[Source],
    project: &Project,
) -> ContentHash {
    let own: Vec<PathBuf> = sources
        .iter()
        .filter_map(Source::file)
        .map(PathBuf::from)
        .collect();
    let mut named = Named {
        project,
        // Files of tests are part of the configuration's hash already.
        seen: own.iter().cloned().collect(),
        waiting: Vec::new(),
    };
    for part in PARTS.iter().filter_map(|part| config.get(*part)) {
        named.in_value(part);
    }
    if let Some(Value::Object(filters)) = config.get("nunjucksFilters") {
        for path in filters.values().filter_map(Value::as_str) {
            named.add(path);
        }
    }
    named.references(text);
    for path in own {
        // What cannot be read is named where it is needed.
        let _ = super::build::each_line(&path, |line| named.in_text(&String::from_utf8_lossy(line)));
    }
    let mut files = BTreeMap::new();
    while let Some(path) = named.waiting.pop() {
        let short = path
            .metadata()
            .is_ok_and(|metadata| metadata.len() <= LONGEST_FILE);
        if files.len() >= MOST_FILES || !short {
            continue;
        }
        if let Ok(content) = std::fs::read(&path) {
            named.in_text(&String::from_utf8_lossy(&content));
            files.insert(project.relative(&path), ContentHash::of(&content));
        }
    }
    if files.is_empty() {
        return hash.clone();
    }
    let mut hasher = ContentHasher::default();
    hasher.field(hash.as_str());
    for (name, content) in &files {
        hasher.field(name);
        hasher.field(content.as_str());
    }
    hasher.finish()
}

/// Files that were found to be named.
struct Named<'a> {
    project: &'a Project,
    seen: HashSet<PathBuf>,
    waiting: Vec<PathBuf>,
}

impl Named<'_> {
    fn in_value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.in_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.in_value(item)),
            Value::Object(entries) => entries.values().for_each(|value| self.in_value(value)),
            _ => {}
        }
    }

    fn in_text(&mut self, text: &str) {
        for (at, scheme) in text.match_indices("file://") {
            let rest = &text[at + scheme.len()..];
            // A name may hold blanks, and what stands in a row or a list ends before the next entry.
            let whole = until(rest, &['"', '\'', '\n', '\r']);
            let word = until(whole, &[' ', '\t', ',', ')', ']', '}']);
            if !self.add(whole) {
                self.add(word);
            }
        }
        self.references(text);
    }

    /// Files of `$ref: FILE#/…`.
    fn references(&mut self, text: &str) {
        for (at, key) in text.match_indices("$ref") {
            let rest = text[at + key.len()..].trim_start_matches(['"', '\'', ':', ' ']);
            self.add(until(rest, &['#', '"', '\'', '\n', '\r']));
        }
    }

    /// Whether this names files that are there.
    fn add(&mut self, reference: &str) -> bool {
        let (path, _) = split_function(reference.trim());
        if path.is_empty() {
            return false;
        }
        let found = if has_magic(path) {
            self.project.matching(path).unwrap_or_default()
        } else {
            self.project.resolve(path).into_iter().collect()
        };
        let mut any = false;
        for file in found.into_iter().filter(|file| file.is_file()) {
            any = true;
            if self.seen.insert(file.clone()) {
                self.waiting.push(file);
            }
        }
        any
    }
}

fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}
