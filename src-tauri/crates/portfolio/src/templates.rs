//! The shipped templates, by name. A file added to `templates/` is there at the next build, without a line of Rust.

use include_dir::{Dir, include_dir};
use serde_json::Value;
use std::collections::BTreeMap;
use tera::{Context, Tera};

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../templates");

/// A template that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No template of that name.
    #[error("there is no template `{0}`")]
    Missing(String),
    /// The template engine could not read or fill it.
    #[error("the template `{name}` cannot be used: {reason}")]
    Broken {
        /// Its name.
        name: String,
        /// What the engine said.
        reason: String,
    },
}

/// Template texts by name: `case-study/document.md.tera`.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    texts: BTreeMap<String, String>,
}

impl Templates {
    /// The templates that come with the app.
    pub fn shipped() -> Self {
        let mut templates = Self::default();
        templates.read(&SHIPPED);
        templates
    }

    fn read(&mut self, folder: &Dir<'_>) {
        for file in folder.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                self.texts.insert(path.replace('\\', "/"), text.to_owned());
            }
        }
        for folder in folder.dirs() {
            self.read(folder);
        }
    }

    /// Adds a template or takes the place of a shipped one. Private-use characters, which mark numbers, are left out.
    #[must_use]
    pub fn with(mut self, name: &str, text: &str) -> Self {
        let text = text
            .chars()
            .filter(|c| !crate::prose::source::is_private(*c))
            .collect();
        self.texts.insert(name.into(), text);
        self
    }

    /// A template's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The names in a folder, in order.
    pub fn names_in<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts.keys().map(String::as_str).filter(move |name| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// Fills a template. Names in `.html.tera` escape what they are given.
    pub fn render(&self, name: &str, context: &Value) -> Result<String, TemplateError> {
        let text = self
            .get(name)
            .ok_or_else(|| TemplateError::Missing(name.into()))?;
        let broken = |error: tera::Error| TemplateError::Broken {
            name: name.into(),
            reason: error.to_string(),
        };
        let context = Context::from_serialize(context).map_err(broken)?;
        Tera::one_off(text, &context, name.ends_with(".html.tera")).map_err(broken)
    }
}
