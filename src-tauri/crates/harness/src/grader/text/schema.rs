use crate::grader::{
    Graded,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use serde_json::Value;

grader_file! {
    /// The schema, inline or as a file.
    JsonSchemaFile {
        /// The schema as an object, or the path of a .json file relative to the suite.
        schema: Value,
    }
}

/// A JSON Schema made ready.
pub(in crate::grader) struct Schema(jsonschema::Validator);

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Schema")
    }
}

impl Schema {
    /// Of the schema itself, or of a text that names its file.
    pub(in crate::grader) fn build(schema: &Value, folder: &mut Folder<'_>) -> Result<Self, String> {
        let read;
        let schema = match schema {
            Value::String(name) => {
                let text = folder.text(name, "the schema")?;
                read = serde_json::from_str(&text)
                    .map_err(|error| format!("the schema `{name}` is not JSON: {error}"))?;
                &read
            }
            inline => inline,
        };
        jsonschema::validator_for(schema)
            .map(Self)
            .map_err(|error| format!("not a JSON Schema: {error}"))
    }

    /// The first thing that is wrong with a value, and where; `whole` names the value itself.
    pub(in crate::grader) fn mistake(&self, value: &Value, whole: &str) -> Option<String> {
        self.0.iter_errors(value).next().map(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { whole } else { &place };
            format!("{place}: {error}")
        })
    }
}

impl Entry for JsonSchemaFile {
    fn build(&self, folder: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Schema::build(&self.schema, folder)?)
    }
}

impl Rule for Schema {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let value: Value = match serde_json::from_str(&graded.answer.text) {
            Ok(value) => value,
            Err(error) => return Some(Mark::plain(false, format!("the answer is not JSON: {error}"))),
        };
        Some(match self.mistake(&value, "the answer") {
            None => Mark::plain(true, "valid against the schema"),
            Some(mistake) => Mark::plain(false, mistake),
        })
    }
}
