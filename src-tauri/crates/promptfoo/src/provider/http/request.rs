//! What is sent: method, address, headers and body, each a template, or a whole request as text.

use crate::{
    document,
    problem::Fault,
    provider::{Caller, HttpRequest, ProviderSpec},
    template::Vars,
};
use serde_json::{Map, Value, json};

pub(super) async fn request(
    caller: &Caller<'_>,
    config: &Map<String, Value>,
    url: &str,
    vars: &Vars,
    prompt: Value,
) -> Result<HttpRequest, Fault> {
    let templates = caller.templates;
    let body = config.get("body").filter(|body| !body.is_null());
    let method = config.get("method").and_then(Value::as_str).unwrap_or("GET");
    let mut headers: Map<String, Value> = Map::new();
    if method != "GET" {
        match body {
            Some(Value::Object(_) | Value::Array(_)) => {
                headers.insert("content-type".into(), json!("application/json"));
            }
            Some(Value::String(_)) => {
                headers.insert("content-type".into(), json!("application/x-www-form-urlencoded"));
            }
            _ => {}
        }
    }
    for (name, value) in config
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        headers.insert(name.to_lowercase(), json!(document::text(value)));
    }
    let mut rendered = Vec::new();
    for (name, value) in &headers {
        rendered.push((
            name.clone(),
            templates.render(value.as_str().unwrap_or(""), vars).await?,
        ));
    }
    authorize(caller, config, vars, &mut rendered).await?;
    let is_json = rendered
        .iter()
        .any(|(name, value)| name.starts_with("content-type") && value.contains("application/json"));
    if body.is_some_and(|body| body.is_object() || body.is_array()) && !is_json {
        return Err(Fault::invalid(
            "the body is a mapping or a list and the content type is not application/json; write the body as a text",
        ));
    }
    let mut vars = vars.clone();
    vars.insert("prompt".into(), prompt.clone());
    let body = match (body, is_json) {
        (body, true) => {
            // A body written as text may be JSON itself.
            let written = match body {
                Some(Value::String(text)) => document::json(text).unwrap_or_else(|_| json!(text)),
                Some(other) => other.clone(),
                None => Value::Null,
            };
            match prompt {
                Value::Object(own) => {
                    let mut whole = written.as_object().cloned().unwrap_or_default();
                    whole.extend(own);
                    Some(Value::Object(whole))
                }
                _ if written.is_null() => None,
                _ => Some(json_body(caller, &written, &vars).await?),
            }
        }
        (Some(Value::String(text)), false) => Some(json!(templates.render(text, &vars).await?)),
        (Some(other), false) => Some(other.clone()),
        (None, false) => None,
    };
    let body = body.map(|body| match body {
        Value::String(text) if is_json => text,
        Value::String(text) => document::trim(&text).to_owned(),
        other => other.to_string(),
    });
    let mut url = templates.render(url, &vars).await?;
    for (name, value) in config
        .get("queryParams")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let value = templates.render(&document::text(value), &vars).await?;
        let sign = if url.contains('?') { '&' } else { '?' };
        url.push_str(&format!("{sign}{}={}", form_encoded(name), form_encoded(&value)));
    }
    let method = templates.render(method, &vars).await?;
    Ok(HttpRequest {
        body: body.filter(|_| method != "GET"),
        method,
        url,
        headers: rendered,
    })
}

async fn authorize(
    caller: &Caller<'_>,
    config: &Map<String, Value>,
    vars: &Vars,
    headers: &mut Vec<(String, String)>,
) -> Result<(), Fault> {
    let Some(auth) = config.get("auth").and_then(Value::as_object) else {
        return Ok(());
    };
    let field = async |key: &str| -> Result<String, Fault> {
        let text = auth.get(key).map(document::text).unwrap_or_default();
        caller.templates.render(&text, vars).await
    };
    let (name, value) = match auth.get("type").and_then(Value::as_str) {
        Some("bearer") => (
            "authorization".to_owned(),
            format!("Bearer {}", field("token").await?),
        ),
        Some("api_key") if auth.get("placement") == Some(&json!("header")) => {
            (field("keyName").await?.to_lowercase(), field("value").await?)
        }
        kind => {
            let kind = kind.unwrap_or("none");
            return Err(Fault::Unsupported(format!(
                "`auth` of the type `{kind}` of an http provider"
            )));
        }
    };
    headers.retain(|(other, _)| *other != name);
    headers.push((name, value));
    Ok(())
}

/// Renders a JSON body; a text in it that is a JSON object or list becomes that.
async fn json_body(caller: &Caller<'_>, written: &Value, vars: &Vars) -> Result<Value, Fault> {
    fn nested(value: Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.into_iter().map(nested).collect()),
            Value::Object(entries) => Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, nested(value)))
                    .collect(),
            ),
            Value::String(text) if document::trim(&text).starts_with(['{', '[']) => document::json(&text)
                .ok()
                .filter(|value| !value.is_string())
                .unwrap_or(Value::String(text)),
            other => other,
        }
    }
    let rendered = caller.templates.render_value(written, vars).await?;
    let Value::String(text) = rendered else {
        return Ok(nested(rendered));
    };
    if let Ok(parsed) = document::json(&text) {
        return Ok(parsed);
    }
    // Line ends and quotes in a variable break JSON text; once more with the variables escaped.
    let escaped: Vars = vars
        .iter()
        .map(|(key, value)| match value {
            Value::String(text) => (key.clone(), json!(escape(text))),
            other => (key.clone(), other.clone()),
        })
        .collect();
    let again = caller.templates.render_value(written, &escaped).await?;
    Ok(again
        .as_str()
        .and_then(|text| document::json(text).ok())
        .unwrap_or(Value::String(text)))
}

fn escape(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

pub(super) async fn raw_request(
    caller: &Caller<'_>,
    provider: &ProviderSpec,
    raw: &str,
    vars: &Vars,
    prompt: Value,
    url: &str,
) -> Result<HttpRequest, Fault> {
    let raw = if raw.starts_with("file://") {
        caller.project.text(raw).map_err(Fault::Invalid)?
    } else {
        raw.to_owned()
    };
    let mut escaped: Vars = vars
        .iter()
        .chain(std::iter::once((&"prompt".to_owned(), &prompt)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for value in escaped.values_mut() {
        if let Value::String(text) = value {
            *text = escape(text);
        }
    }
    let text = caller.templates.render_raw_request(&raw, &escaped).await?;
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.trim().split_once("\n\n").unwrap_or((text.trim(), ""));
    let mut lines = head.lines();
    let wrong = || Fault::invalid("the raw request does not begin with a line such as `POST /path HTTP/1.1`");
    let first = lines.next().ok_or_else(wrong)?;
    let mut words = first.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(wrong());
    };
    let mut headers = Vec::new();
    let mut host = None;
    for line in lines {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| Fault::invalid(format!("`{line}` is no header")))?;
        let (name, value) = (name.trim().to_lowercase(), value.trim().to_owned());
        match name.as_str() {
            "host" => host = Some(value),
            "content-length" => {}
            _ => headers.push((name, value)),
        }
    }
    authorize(caller, &provider.config, vars, &mut headers).await?;
    let secure = url.starts_with("https") || provider.config.get("useHttps").is_some_and(document::truthy);
    let scheme = if secure { "https" } else { "http" };
    let target = match host {
        _ if target.starts_with("http") => target.to_owned(),
        Some(host) => format!("{scheme}://{host}{target}"),
        None => return Err(Fault::invalid("the raw request has no Host header")),
    };
    Ok(HttpRequest {
        method: method.to_owned(),
        url: target,
        headers,
        body: Some(body.trim().to_owned()).filter(|body| !body.is_empty()),
    })
}

/// Percent-encoding of application/x-www-form-urlencoded (WHATWG URL, section 5.2).
fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
