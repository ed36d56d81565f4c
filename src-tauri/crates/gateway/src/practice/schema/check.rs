//! Says what of a schema cannot be obeyed, before anything is written.

use serde_json::Value;

/// Keywords whose obedience would take more than the model has.
const NOT_UNDERSTOOD: [&str; 16] = [
    "pattern",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "prefixItems",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
    "$recursiveRef",
];

/// The first thing in a schema that is not understood, as a message; nothing where all is.
pub(in super::super) fn check(schema: &Value) -> Option<String> {
    if !schema.is_object() {
        return Some("The schema is not an object. Send a JSON Schema such as {\"type\": \"object\", \"properties\": {...}}.".into());
    }
    inside(schema, schema)
}

fn inside(root: &Value, schema: &Value) -> Option<String> {
    let Value::Object(keywords) = schema else {
        return None;
    };
    if let Some(keyword) = NOT_UNDERSTOOD
        .iter()
        .find(|keyword| keywords.contains_key(**keyword))
    {
        return Some(format!(
            "The practice model does not obey '{keyword}' of JSON Schema. Leave it out, or check the answer against it yourself."
        ));
    }
    if let Some(place) = keywords.get("$ref").and_then(Value::as_str)
        && place
            .strip_prefix('#')
            .and_then(|place| root.pointer(place))
            .is_none()
    {
        return Some(format!(
            "'{place}' points at nothing in this schema. References must stay inside it, as '#/$defs/NAME'."
        ));
    }
    let maps = ["properties", "$defs", "definitions"];
    let lists = ["anyOf", "oneOf", "allOf"];
    let single = ["items", "additionalProperties"];
    let held = maps
        .iter()
        .filter_map(|keyword| keywords.get(*keyword)?.as_object())
        .flat_map(|map| map.values());
    let listed = lists
        .iter()
        .filter_map(|keyword| keywords.get(*keyword)?.as_array())
        .flatten();
    let alone = single.iter().filter_map(|keyword| keywords.get(*keyword));
    held.chain(listed)
        .chain(alone)
        .find_map(|schema| inside(root, schema))
}
