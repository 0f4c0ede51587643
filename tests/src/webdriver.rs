//! Decides how a browser's driver is spoken to (W3C WebDriver): one request, one answer, nothing waited for.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

/// A browser may be slow to start where many tests run at once; no command hangs for longer.
const LIMIT: Duration = Duration::from_secs(120);

/// The name under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What a command brings: a value, or what the driver says is wrong.
pub(crate) type Answer = Result<Value, String>;

/// One browser, from its start to its end.
#[derive(Debug)]
pub(crate) struct Session {
    agent: Agent,
    url: String,
}

impl Session {
    /// Has the driver at `driver` start a browser, which ends with this value.
    pub(crate) fn start(driver: &str, options: &Value) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(LIMIT));
        let mut session = Self {
            agent: config.build().into(),
            url: format!("{driver}/session"),
        };
        let asked = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let started = session.post("", &asked).unwrap();
        let id = started.get("sessionId").and_then(Value::as_str).unwrap();
        session.url = format!("{}/{id}", session.url);
        session
    }

    /// Asks for something, as `/url`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.url));
        answer(request.call())
    }

    /// Has something done, as `/url` with `{"url": ..}`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url));
        let request = request.content_type("application/json; charset=utf-8");
        answer(request.send(body.to_string().as_bytes()))
    }

    /// The elements that a CSS selector finds, as paths to put before a command on them.
    pub(crate) fn elements(&self, css: &str) -> Result<Vec<String>, String> {
        let wanted = json!({"using": "css selector", "value": css});
        let found = self.post("/elements", &wanted)?;
        let found = found.as_array().into_iter().flatten();
        Ok(found.filter_map(path).collect())
    }

    /// The element that has the keyboard.
    pub(crate) fn focused(&self) -> Result<String, String> {
        let active = self.get("/element/active")?;
        path(&active).ok_or_else(|| "no element".to_owned())
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Answer {
        let call = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", &call)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A browser that has ended by itself needs no end.
        drop(answer(self.agent.delete(&self.url).call()));
    }
}

/// The path of an element in an answer.
fn path(element: &Value) -> Option<String> {
    let id = element.get(ELEMENT).and_then(Value::as_str)?;
    Some(format!("/element/{id}"))
}

fn answer(response: Result<http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let response = response.map_err(|error| error.to_string())?;
    let good = response.status().is_success();
    let text = response.into_body().read_to_string();
    let text = text.map_err(|error| error.to_string())?;
    let mut message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let value = message
        .get_mut("value")
        .map(Value::take)
        .unwrap_or_default();
    if good {
        return Ok(value);
    }
    let word = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    Err(format!("{}: {}", word("error"), word("message")))
}
