//! Texts and numbers within what a schema allows of them.

use serde_json::Value;

/// An option of an `enum` as a word.
pub(super) fn word(option: &Value) -> String {
    match option {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A keyword's count, such as `maxItems`.
pub(super) fn count(schema: &Value, keyword: &str) -> Option<usize> {
    usize::try_from(schema.get(keyword)?.as_u64()?).ok()
}

/// The least and the greatest number that the schema states.
pub(super) fn bounds(schema: &Value) -> [Option<f64>; 2] {
    let stated = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    [
        stated("minimum").or(stated("exclusiveMinimum")),
        stated("maximum").or(stated("exclusiveMaximum")),
    ]
}

/// The allowed number nearest to this one.
pub(super) fn number(schema: &Value, found: f64) -> Value {
    let stated = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let whole = match schema.get("type") {
        Some(Value::Array(kinds)) => {
            kinds.iter().any(|kind| kind == "integer") && !kinds.iter().any(|kind| kind == "number")
        }
        kind => kind == Some(&Value::String("integer".into())),
    };
    let step = stated("multipleOf").filter(|step| *step > 0.0);
    let inch = step.unwrap_or(if whole { 1.0 } else { 0.001 });
    let least = stated("exclusiveMinimum")
        .map(|open| open + inch)
        .into_iter()
        .chain(stated("minimum"))
        .reduce(f64::max);
    let most = stated("exclusiveMaximum")
        .map(|open| open - inch)
        .into_iter()
        .chain(stated("maximum"))
        .reduce(f64::min);
    let within = |number: f64| {
        let number = least.map_or(number, |least| number.max(least));
        most.map_or(number, |most| number.min(most))
    };
    let mut number = within(found);
    if whole || step.is_some() {
        let step = step.unwrap_or(1.0);
        number = (number / step).round() * step;
        if least.is_some_and(|least| number < least) {
            number += step;
        } else if most.is_some_and(|most| number > most) {
            number -= step;
        }
    }
    // Whole numbers are written without a fraction.
    if whole && let Ok(number) = format!("{number:.0}").parse::<i64>() {
        return Value::from(number);
    }
    serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// The text, cut to `maxLength`; nothing where it is too short or not of the demanded format.
pub(super) fn text(schema: &Value, text: String) -> Option<Value> {
    let most = count(schema, "maxLength").unwrap_or(usize::MAX);
    let text: String = text.chars().take(most).collect();
    let long_enough = text.chars().count() >= count(schema, "minLength").unwrap_or(0);
    let format = schema.get("format").and_then(Value::as_str);
    let formatted = match format.and_then(example) {
        Some(_) => format.is_some_and(|format| of_format(&text, format)),
        None => true,
    };
    (long_enough && formatted).then_some(Value::String(text))
}

/// A text that says nothing and is allowed.
pub(super) fn placeholder(schema: &Value) -> Value {
    let format = schema.get("format").and_then(Value::as_str).and_then(example);
    let mut text = format.unwrap_or_default().to_owned();
    while text.chars().count() < count(schema, "minLength").unwrap_or(0).min(10_000) {
        text.push('-');
    }
    Value::String(text)
}

/// What stands in where a format is demanded and nothing of it was found.
fn example(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "1970-01-01",
        "time" => "00:00:00Z",
        "date-time" => "1970-01-01T00:00:00Z",
        "duration" => "PT0S",
        "email" => "nobody@example.com",
        "hostname" => "example.com",
        "ipv4" => "127.0.0.1",
        "ipv6" => "::1",
        "uri" => "https://example.com/",
        "uuid" => "00000000-0000-0000-0000-000000000000",
        _ => return None,
    })
}

fn of_format(text: &str, format: &str) -> bool {
    use super::super::values::{Kind, values};
    let only = |kind: Kind| matches!(&values(text)[..], [value] if value.kind == kind && value.text == text);
    match format {
        "date" => only(Kind::Date),
        "email" => only(Kind::Email),
        _ => example(format) == Some(text),
    }
}
