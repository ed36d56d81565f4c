//! JSON Schema as Ajv reads it in promptfoo: draft 7 with formats, unknown keywords and formats refused.

use crate::problem::Fault;
use serde_json::{Value, json};

/// Keywords of draft 7, and those that Ajv 8 adds to it.
const KEYWORDS: [&str; 55] = [
    "$schema",
    "$id",
    "$ref",
    "$defs",
    "$comment",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$vocabulary",
    "$recursiveAnchor",
    "$recursiveRef",
    "definitions",
    "type",
    "nullable",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentMediaType",
    "contentEncoding",
    "contentSchema",
    "enum",
    "const",
    "maximum",
    "minimum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "multipleOf",
    "maxLength",
    "minLength",
    "pattern",
    "format",
    "maxItems",
    "minItems",
    "items",
    "additionalItems",
    "uniqueItems",
    "contains",
    "maxProperties",
    "minProperties",
    "required",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "dependencies",
    "if",
    "then",
    "else",
    "allOf",
    "anyOf",
    "oneOf",
];

/// Formats of ajv-formats.
const FORMATS: [&str; 26] = [
    "date",
    "time",
    "date-time",
    "iso-time",
    "iso-date-time",
    "duration",
    "uri",
    "uri-reference",
    "uri-template",
    "url",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "regex",
    "uuid",
    "json-pointer",
    "json-pointer-uri-fragment",
    "relative-json-pointer",
    "byte",
    "int32",
    "int64",
    "float",
    "double",
    "password",
    "binary",
];

/// Those of them that are not checked here.
const UNSUPPORTED_FORMATS: [&str; 6] = [
    "iso-time",
    "iso-date-time",
    "duration",
    "json-pointer-uri-fragment",
    "int32",
    "int64",
];

/// Compiles a schema, or says why Ajv would not.
pub(super) fn compile(schema: &Value) -> Result<jsonschema::Validator, Fault> {
    let refused = |why: String| Fault::Invalid(format!("the JSON schema is not valid: {why}"));
    if let Some(dialect) = schema.get("$schema").and_then(Value::as_str) {
        let known = dialect.trim_end_matches('#') == "http://json-schema.org/draft-07/schema";
        if !known {
            return Err(refused(format!(
                "no schema with key or ref \"{dialect}\"; draft 7 is read here"
            )));
        }
    }
    let mut schema = schema.clone();
    check(&mut schema).map_err(refused)?;
    let mut options = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .should_validate_formats(true);
    // Formats that draft 7 does not have; ajv-formats says what they mean.
    options = options
        .with_format("uuid", |text: &str| {
            let text = text.strip_prefix("urn:uuid:").unwrap_or(text);
            let groups: Vec<&str> = text.split('-').collect();
            groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
                && groups
                    .iter()
                    .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
        .with_format("url", |text: &str| {
            ["http://", "https://", "ftp://"].iter().any(|scheme| {
                text.strip_prefix(scheme)
                    .is_some_and(|rest| rest.contains('.') || rest.contains(':'))
            }) && !text.contains(char::is_whitespace)
        })
        .with_format("byte", |text: &str| {
            let text: String = text
                .chars()
                .filter(|character| !character.is_whitespace())
                .collect();
            let body = text.trim_end_matches('=');
            text.len().is_multiple_of(4)
                && text.len() - body.len() <= 2
                && body
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
        });
    options.build(&schema).map_err(|error| refused(error.to_string()))
}

/// Refuses what Ajv's strict mode refuses, and writes `nullable` in the words of draft 7.
fn check(schema: &mut Value) -> Result<(), String> {
    let Value::Object(fields) = schema else {
        return match schema {
            Value::Bool(_) => Ok(()),
            other => Err(format!("schema must be object or boolean, not `{other}`")),
        };
    };
    for key in fields.keys() {
        if key == "id" {
            return Err("NOT SUPPORTED: keyword \"id\", use \"$id\" for schema ID".into());
        }
        if !KEYWORDS.contains(&key.as_str()) && key != "not" {
            return Err(format!("strict mode: unknown keyword: \"{key}\""));
        }
    }
    if let Some(format) = fields.get("format").and_then(Value::as_str)
        && !FORMATS.contains(&format)
    {
        return Err(format!("unknown format \"{format}\" ignored in schema"));
    }
    if let Some(format) = fields.get("format").and_then(Value::as_str)
        && UNSUPPORTED_FORMATS.contains(&format)
    {
        return Err(format!("the format \"{format}\" is not supported here"));
    }
    if fields.contains_key("if") && !fields.contains_key("then") && !fields.contains_key("else") {
        return Err("strict mode: \"if\" without \"then\" and \"else\" is ignored".into());
    }
    if fields.contains_key("additionalItems") && !fields.get("items").is_some_and(Value::is_array) {
        return Err(
            "strict mode: \"additionalItems\" is ignored when \"items\" is not an array of schemas".into(),
        );
    }
    if fields.remove("nullable") == Some(json!(true)) {
        match fields.get_mut("type") {
            Some(Value::Array(types)) => types.push(json!("null")),
            Some(one) => *one = json!([one.clone(), "null"]),
            None => return Err("\"nullable\" cannot be used without \"type\"".into()),
        }
    }
    for (key, value) in fields.iter_mut() {
        match (key.as_str(), value) {
            (
                "properties" | "patternProperties" | "definitions" | "$defs" | "dependencies",
                Value::Object(schemas),
            ) => {
                for schema in schemas.values_mut().filter(|schema| !schema.is_array()) {
                    check(schema)?;
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "items", Value::Array(schemas)) => {
                for schema in schemas {
                    check(schema)?;
                }
            }
            (
                "items"
                | "additionalItems"
                | "additionalProperties"
                | "contains"
                | "propertyNames"
                | "if"
                | "then"
                | "else"
                | "not",
                schema,
            ) => check(schema)?,
            _ => {}
        }
    }
    Ok(())
}
