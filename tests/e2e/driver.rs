//! The WebDriver protocol (<https://www.w3.org/TR/webdriver2/>), as much of it as the tests use. Each call has a time
//! limit, so that a window that hangs is a failure with a name.

use serde_json::{Value, json};
use std::time::Duration;

/// The longest that one call may take.
const LIMIT: Duration = Duration::from_secs(20);
/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session with one window.
pub struct Session {
    client: reqwest::Client,
    base: String,
}

/// An element of the page.
pub struct Element(String);

/// Why a call failed, in the driver's words.
pub type Outcome<T> = Result<T, String>;

impl Session {
    /// Starts the application through a driver at this address.
    pub async fn start(driver: &str, binary: &str) -> Outcome<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(LIMIT)
            .build()
            .map_err(|error| error.to_string())?;
        let options = json!({ "binary": binary, "args": [] });
        let body = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let session = Self {
            client,
            base: driver.to_owned(),
        };
        let answer = session.send("session", Some(body)).await?;
        let id = answer["sessionId"].as_str().ok_or("the driver gave no session")?;
        Ok(Self {
            base: format!("{driver}/session/{id}"),
            ..session
        })
    }

    async fn send(&self, path: &str, body: Option<Value>) -> Outcome<Value> {
        let url = format!("{}/{path}", self.base);
        let request = match body {
            Some(body) => self
                .client
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => self.client.get(url),
        };
        let response = request.send().await.map_err(|error| format!("{path}: {error}"))?;
        let well = response.status().is_success();
        let text = response
            .text()
            .await
            .map_err(|error| format!("{path}: {error}"))?;
        let answer: Value =
            serde_json::from_str(&text).map_err(|error| format!("{path}: {error}: {text}"))?;
        if well {
            Ok(answer["value"].clone())
        } else {
            Err(format!("{path}: {}", answer["value"]["message"]))
        }
    }

    /// Ends the session and with it the application.
    pub async fn end(&self) {
        let _ = self.client.delete(&self.base).send().await;
    }

    /// Runs a script in the page and gives what it returns.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Outcome<Value> {
        self.send(
            "execute/sync",
            Some(json!({ "script": script, "args": arguments })),
        )
        .await
    }

    /// The elements of an XPath, in the order of the document.
    pub async fn find(&self, path: &str) -> Outcome<Vec<Element>> {
        let found = self
            .send("elements", Some(json!({ "using": "xpath", "value": path })))
            .await?;
        let ids = found.as_array().into_iter().flatten();
        Ok(ids
            .filter_map(|one| one[ELEMENT].as_str().map(|id| Element(id.to_owned())))
            .collect())
    }

    /// Whether an element is shown.
    pub async fn is_shown(&self, element: &Element) -> Outcome<bool> {
        let script = "const e = arguments[0]; const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && getComputedStyle(e).visibility !== 'hidden'";
        Ok(self.script(script, vec![json!({ ELEMENT: element.0 })]).await? == Value::Bool(true))
    }

    /// Clicks an element as a person would: scrolled into view, in its middle, not covered.
    pub async fn click(&self, element: &Element) -> Outcome<()> {
        self.send(&format!("element/{}/click", element.0), Some(json!({})))
            .await
            .map(drop)
    }

    /// Empties a field.
    pub async fn clear(&self, element: &Element) -> Outcome<()> {
        self.send(&format!("element/{}/clear", element.0), Some(json!({})))
            .await
            .map(drop)
    }

    /// Types into a field.
    pub async fn type_into(&self, element: &Element, text: &str) -> Outcome<()> {
        self.send(
            &format!("element/{}/value", element.0),
            Some(json!({ "text": text })),
        )
        .await
        .map(drop)
    }
}
