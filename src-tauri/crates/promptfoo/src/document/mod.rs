//! Documents as promptfoo reads them: YAML by the rules of js-yaml, JSON, and the text of files.

mod scalar;
mod yaml;

pub use yaml::{yaml, yaml_lenient, yaml_lenient_counted};

use serde_json::{Number, Value};

/// JSON text as JavaScript reads it: a number with a whole value is written back without a fraction.
pub fn json(text: &str) -> Result<Value, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    normalize(&mut value);
    Ok(value)
}

/// Writes whole numbers as JavaScript does, so that `1.0` is `1` everywhere.
pub fn normalize(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64()) {
                *number = self::number(float).unwrap_or_else(|| number.clone());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Object(entries) => entries.values_mut().for_each(normalize),
        _ => {}
    }
}

/// A JavaScript number as JSON has it; absent for NaN and the infinities.
pub fn number(value: f64) -> Option<Number> {
    // Up to here every whole number has its own f64.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() <= EXACT {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// `String(value)` in JavaScript.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number_text(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => text.clone(),
        Value::Array(items) => items
            .iter()
            .map(|item| if item.is_null() { String::new() } else { text(item) })
            .collect::<Vec<_>>()
            .join(","),
        Value::Object(_) => "[object Object]".into(),
    }
}

/// A number as `String(number)` writes it (ECMA-262, Number::toString).
pub fn number_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    if value == 0.0 {
        return "0".into();
    }
    if (1e-6..1e21).contains(&value.abs()) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

/// The text of an output: itself, or its JSON.
pub fn coerce(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// White space in JavaScript (ECMA-262, WhiteSpace and LineTerminator), which differs from Unicode's in two characters.
pub fn is_space(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

/// `text.trim()` in JavaScript.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether a value counts as true in JavaScript.
pub fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// `Number(text)` for a text; absent where that is NaN.
pub fn parse_number(text: &str) -> Option<f64> {
    let text = trim(text);
    if text.is_empty() {
        return Some(0.0);
    }
    let radix = |prefix: [&str; 2], radix| {
        let digits = prefix.iter().find_map(|prefix| text.strip_prefix(prefix))?;
        u64::from_str_radix(digits, radix).ok()
    };
    for (prefix, base) in [(["0x", "0X"], 16), (["0o", "0O"], 8), (["0b", "0B"], 2)] {
        if let Some(value) = radix(prefix, base) {
            return Some(value as f64);
        }
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
    {
        return match text {
            "Infinity" | "+Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        };
    }
    text.parse().ok()
}
