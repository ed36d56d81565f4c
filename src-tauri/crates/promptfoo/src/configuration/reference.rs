//! `$ref`: what stands elsewhere, put in its place.

use crate::project::Project;
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Puts what `$ref` names in its place: `#/assertionTemplates/NAME` and `FILE#/…` in the folder.
pub(crate) fn dereference(document: Value, path: &Path, project: &Project) -> Result<Value, String> {
    let mut budget = 1_000_000;
    References {
        project,
        documents: BTreeMap::from([(path.to_path_buf(), document.clone())]),
        budget: &mut budget,
    }
    .resolve(document, path, &mut Vec::new())
}

struct References<'a> {
    project: &'a Project,
    documents: BTreeMap<PathBuf, Value>,
    budget: &'a mut usize,
}

impl References<'_> {
    fn resolve(
        &mut self,
        value: Value,
        path: &Path,
        open: &mut Vec<(PathBuf, String)>,
    ) -> Result<Value, String> {
        *self.budget = self
            .budget
            .checked_sub(1)
            .ok_or("its `$ref`s write out to too many values")?;
        match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.resolve(item, path, open))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::Object(mut entries) => {
                let Some(Value::String(reference)) = entries.get("$ref").cloned() else {
                    let mut resolved = Map::new();
                    for (key, value) in entries {
                        let value = self.resolve(value, path, open)?;
                        resolved.insert(key, value);
                    }
                    return Ok(Value::Object(resolved));
                };
                entries.remove("$ref");
                let (file, pointer) = reference.split_once('#').unwrap_or((&reference, ""));
                let target_path = match file {
                    "" => path.to_path_buf(),
                    file => self.project.resolve(file)?,
                };
                let key = (target_path.clone(), pointer.to_owned());
                if open.contains(&key) {
                    return Err(format!("`$ref: {reference}` leads back to itself"));
                }
                if !self.documents.contains_key(&target_path) {
                    let read = self.project.parsed(&target_path)?;
                    self.documents.insert(target_path.clone(), read);
                }
                let target = self
                    .documents
                    .get(&target_path)
                    .and_then(|document| document.pointer(pointer))
                    .cloned()
                    .ok_or_else(|| format!("`$ref: {reference}` names nothing"))?;
                open.push(key);
                let mut target = self.resolve(target, &target_path, open)?;
                open.pop();
                if let Value::Object(target) = &mut target {
                    for (key, value) in entries {
                        let value = self.resolve(value, path, open)?;
                        target.insert(key, value);
                    }
                }
                Ok(target)
            }
            other => Ok(other),
        }
    }
}
