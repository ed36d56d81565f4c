//! Writes JSON that obeys a JSON Schema, asking a [`Source`] for what to put in. Where the source has nothing, a property that is not
//! demanded is null or left out, and a demanded one gets the emptiest value that the schema allows.

mod check;
mod leaf;

use std::cell::Cell;

use serde_json::{Map, Value, json};

pub(super) use check::check;

/// Below this depth only what is demanded is written, so that a schema that holds itself comes to an end.
const DEEP: usize = 5;
/// Below this depth nothing is written.
const DEEPEST: usize = 24;
/// Most values written for one schema.
const MOST_VALUES: usize = 2000;

/// What JSON is filled from.
pub(super) trait Source {
    /// Text for a property of this name; `about` is its description.
    fn text(&self, key: &str, about: &str, format: Option<&str>) -> Option<String>;
    /// A number for a property of this name, within these bounds where the schema states them.
    fn number(&self, key: &str, about: &str, bounds: [Option<f64>; 2]) -> Option<f64>;
    /// Yes or no for a property of this name.
    fn truth(&self, key: &str, about: &str) -> Option<bool>;
    /// Which of these words fit, the best first.
    fn fitting(&self, key: &str, about: &str, options: &[String]) -> Vec<usize>;
    /// What the item at this index of a list is filled from; nothing ends the list.
    fn item(&self, key: &str, index: usize) -> Option<Box<dyn Source + '_>>;
    /// Whether an optional property is left out rather than set to something that was not said.
    fn leaves_out(&self) -> bool;
    /// Whether an optional property of this name is forgotten although there is something for it.
    fn forgets(&self, _key: &str) -> bool {
        false
    }
}

/// JSON that obeys the schema. [`check()`] says beforehand what of the schema is not understood.
pub(super) fn fill(schema: &Value, source: &dyn Source) -> Value {
    let walk = Walk {
        root: schema,
        written: Cell::new(0),
    };
    walk.value(schema, source, "", 0)
        .unwrap_or_else(|| walk.emptiest(schema, 0))
}

struct Walk<'a> {
    root: &'a Value,
    written: Cell<usize>,
}

impl Walk<'_> {
    /// What the source has for a schema; nothing where it has nothing.
    fn value(&self, schema: &Value, source: &dyn Source, key: &str, depth: usize) -> Option<Value> {
        let written = self.written.get() + 1;
        self.written.set(written);
        if depth > DEEPEST || written > MOST_VALUES {
            return None;
        }
        let schema = &self.resolve(schema);
        if let Some(constant) = schema.get("const") {
            return Some(constant.clone());
        }
        let about = schema
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if let Some(options) = schema.get("enum").and_then(Value::as_array) {
            let words: Vec<String> = options.iter().map(leaf::word).collect();
            let best = source.fitting(key, about, &words).first().copied()?;
            return options.get(best).cloned();
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(variants) = schema.get(choice).and_then(Value::as_array) {
                return variants
                    .iter()
                    .filter(|variant| variant.get("type") != Some(&json!("null")))
                    .find_map(|variant| self.value(variant, source, key, depth + 1));
            }
        }
        if allows(schema, "object") && (schema.get("properties").is_some() || !allows(schema, "string")) {
            return Some(self.object(schema, source, key, depth));
        }
        if allows(schema, "array") {
            return self.array(schema, source, key, depth);
        }
        if allows(schema, "boolean") {
            return source.truth(key, about).map(Value::Bool);
        }
        if allows(schema, "number") || allows(schema, "integer") {
            let found = source.number(key, about, leaf::bounds(schema))?;
            return Some(leaf::number(schema, found));
        }
        if allows(schema, "string") {
            let format = schema.get("format").and_then(Value::as_str);
            let text = source.text(key, about, format)?;
            return leaf::text(schema, text);
        }
        None
    }

    fn object(&self, schema: &Value, source: &dyn Source, own: &str, depth: usize) -> Value {
        let mut fields = Map::new();
        let demanded = required(schema);
        let none = Map::new();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&none);
        for (key, property) in properties {
            let needed = demanded.contains(&key.as_str());
            if !needed && (depth >= DEEP || source.forgets(key)) {
                continue;
            }
            match self.value(property, source, key, depth + 1) {
                Some(value) => fields.insert(key.clone(), value),
                None if needed || !source.leaves_out() => {
                    fields.insert(key.clone(), self.emptiest(property, depth + 1))
                }
                None => None,
            };
        }
        let additional = schema.get("additionalProperties");
        for key in demanded.into_iter().filter(|key| !properties.contains_key(*key)) {
            let wanted = additional.filter(|schema| schema.is_object());
            let wanted = wanted.cloned().unwrap_or_else(|| json!({ "type": "string" }));
            let value = self.value(&wanted, source, key, depth + 1);
            fields.insert(
                key.to_owned(),
                value.unwrap_or_else(|| self.emptiest(&wanted, depth + 1)),
            );
        }
        // A map from free names to texts, as `additionalProperties` alone describes it, holds the answer under one name.
        if fields.is_empty()
            && properties.is_empty()
            && own.is_empty()
            && additional != Some(&Value::Bool(false))
        {
            let wanted = additional
                .filter(|schema| schema.is_object())
                .cloned()
                .unwrap_or_else(|| json!({ "type": "string" }));
            if let Some(value) = self.value(&wanted, source, "answer", depth + 1) {
                fields.insert("answer".into(), value);
            }
        }
        Value::Object(fields)
    }

    fn array(&self, schema: &Value, source: &dyn Source, key: &str, depth: usize) -> Option<Value> {
        let string = json!({ "type": "string" });
        let wanted = self.resolve(
            schema
                .get("items")
                .filter(|items| items.is_object())
                .unwrap_or(&string),
        );
        let most = leaf::count(schema, "maxItems").unwrap_or(usize::MAX).min(100);
        let mut items: Vec<Value> = Vec::new();
        if let Some(options) = wanted.get("enum").and_then(Value::as_array) {
            let words: Vec<String> = options.iter().map(leaf::word).collect();
            let about = schema
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let fitting = source.fitting(key, about, &words);
            items.extend(fitting.into_iter().filter_map(|at| options.get(at).cloned()));
        } else if depth < DEEP {
            for index in 0..most {
                let Some(part) = source.item(key, index) else {
                    break;
                };
                items.extend(self.value(&wanted, part.as_ref(), key, depth + 1));
            }
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            let mut seen: Vec<Value> = Vec::new();
            items.retain(|item| {
                !seen.contains(item) && {
                    seen.push(item.clone());
                    true
                }
            });
        }
        items.truncate(most);
        if items.is_empty() && source.leaves_out() {
            return None;
        }
        self.pad(schema, &wanted, &mut items, depth);
        Some(Value::Array(items))
    }

    fn pad(&self, schema: &Value, wanted: &Value, items: &mut Vec<Value>, depth: usize) {
        let least = leaf::count(schema, "minItems").unwrap_or(0).min(100);
        while items.len() < least {
            items.push(self.emptiest(wanted, depth + 1));
        }
    }

    /// The value that says least and obeys.
    fn emptiest(&self, schema: &Value, depth: usize) -> Value {
        self.written.set(self.written.get() + 1);
        let schema = &self.resolve(schema);
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(options) = schema.get("enum").and_then(Value::as_array) {
            let null = options.iter().find(|option| option.is_null());
            return null.or(options.first()).cloned().unwrap_or(Value::Null);
        }
        if depth > DEEPEST || self.written.get() > 2 * MOST_VALUES {
            return Value::Null;
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(variants) = schema.get(choice).and_then(Value::as_array) {
                let null = variants
                    .iter()
                    .find(|variant| variant.get("type") == Some(&json!("null")));
                return null
                    .or(variants.first())
                    .map_or(Value::Null, |variant| self.emptiest(variant, depth + 1));
            }
        }
        if schema.get("type").is_some() && allows(schema, "null") {
            return Value::Null;
        }
        if allows(schema, "string") && schema.get("properties").is_none() {
            return leaf::text(schema, String::new()).unwrap_or_else(|| leaf::placeholder(schema));
        }
        if allows(schema, "object") {
            let none = Value::Null;
            let properties = schema.get("properties");
            let fields = required(schema).into_iter().map(|key| {
                let property = properties.and_then(|all| all.get(key)).unwrap_or(&none);
                let value = if property.is_null() {
                    Value::String(String::new())
                } else {
                    self.emptiest(property, depth + 1)
                };
                (key.to_owned(), value)
            });
            return Value::Object(fields.collect());
        }
        if allows(schema, "array") {
            let mut items = Vec::new();
            let string = json!({ "type": "string" });
            let wanted = schema
                .get("items")
                .filter(|items| items.is_object())
                .unwrap_or(&string);
            self.pad(schema, wanted, &mut items, depth);
            return Value::Array(items);
        }
        if allows(schema, "boolean") {
            return Value::Bool(false);
        }
        leaf::number(schema, 0.0)
    }

    /// The schema that a reference inside the document points at, with what stands in `allOf` merged in.
    fn resolve(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        for _ in 0..DEEPEST {
            let Some(place) = schema.get("$ref").and_then(Value::as_str) else {
                break;
            };
            let found = place.strip_prefix('#').and_then(|place| self.root.pointer(place));
            let Some(found) = found else { break };
            schema = found.clone();
        }
        let Some(parts) = schema.get("allOf").and_then(Value::as_array).cloned() else {
            return schema;
        };
        for part in parts {
            let part = match part.get("$ref").and_then(Value::as_str) {
                Some(place) => place
                    .strip_prefix('#')
                    .and_then(|place| self.root.pointer(place))
                    .cloned(),
                None => Some(part),
            };
            merge(&mut schema, part.unwrap_or_default());
        }
        schema
    }
}

fn merge(schema: &mut Value, part: Value) {
    let (Some(schema), Value::Object(part)) = (schema.as_object_mut(), part) else {
        return;
    };
    for (key, value) in part {
        match (schema.get_mut(&key), value) {
            (Some(Value::Object(held)), Value::Object(more)) => held.extend(more),
            (Some(Value::Array(held)), Value::Array(more)) => held.extend(more),
            (Some(_), _) => {}
            (None, value) => {
                schema.insert(key, value);
            }
        }
    }
}

/// Whether a schema allows a type. Without `type`, `properties` and `items` tell; otherwise text is what it wants.
fn allows(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(own)) => own == kind,
        Some(Value::Array(own)) => own.iter().any(|own| own == kind),
        _ if schema.get("properties").is_some() || schema.get("additionalProperties").is_some() => {
            kind == "object"
        }
        _ if schema.get("items").is_some() => kind == "array",
        _ => kind == "string",
    }
}

fn required(schema: &Value) -> Vec<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}
