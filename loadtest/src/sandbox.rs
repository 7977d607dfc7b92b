//! The other side's doors, as people and testers use them: pages, apps, the clock, the menu of faults.
//!
//! A refusal ends the run: what became of the money would be a guess.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

/// How long one answer may take. Moving the clock does all that falls due on the way.
const ANSWER_WAIT: Duration = Duration::from_secs(120);

/// A client of the sandbox. Clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    http: reqwest::Client,
    url: Arc<str>,
}

/// What a browser is shown.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Where it is sent on to.
    pub(crate) sent_to: Option<String>,
    pub(crate) text: String,
}

impl Sandbox {
    pub(crate) fn new(url: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(ANSWER_WAIT)
            .build()?;
        Ok(Self {
            http,
            url: url.into(),
        })
    }

    /// A page's address, or a path here.
    fn address(&self, page: &str) -> String {
        if page.starts_with('/') {
            format!("{}{page}", self.url)
        } else {
            page.to_owned()
        }
    }

    /// Opens a page.
    pub(crate) async fn open(&self, page: &str) -> Result<Shown> {
        Shown::of(self.ask(self.http.get(self.address(page))).await?).await
    }

    /// Submits a form to a page.
    pub(crate) async fn submit(&self, page: &str, fields: &[(&str, &str)]) -> Result<Shown> {
        Shown::of(self.ask(self.form(page, fields)).await?).await
    }

    /// Submits a form that is answered with a file.
    pub(crate) async fn download(&self, page: &str, fields: &[(&str, &str)]) -> Result<Vec<u8>> {
        let answer = self.ask(self.form(page, fields)).await?;
        Ok(answer.bytes().await?.to_vec())
    }

    fn form(&self, page: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(self.address(page));
        request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
    }

    /// Posts JSON to an API; answers its JSON.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.http.post(self.address(path)).json(body);
        Ok(self.ask(request).await?.json().await?)
    }

    /// Moves the clock to this time of day in Hong Kong, when it is next; done when all that falls due on the way is.
    pub(crate) async fn advance_to(&self, time: &str) -> Result<()> {
        let to = json!({"next_hong_kong_time": time});
        self.post("/api/clock", &to).await?;
        Ok(())
    }

    /// Every payment of a rail meets this fault from now on. Answers the order's number.
    pub(crate) async fn order_fault(
        &self,
        rail: &str,
        fault: &str,
        value: Option<&str>,
    ) -> Result<i64> {
        let order = json!({"rail": rail, "fault": fault, "value": value, "count": 0});
        let ordered = self.post("/api/faults", &order).await?;
        let number = ordered.get("fault_id").and_then(Value::as_i64);
        number.context("the fault has no number")
    }

    /// From now on no payment meets it any more.
    pub(crate) async fn take_back_fault(&self, number: i64) -> Result<()> {
        let path = self.address(&format!("/api/faults/{number}"));
        let answer: Value = self.ask(self.http.delete(path)).await?.json().await?;
        let taken = answer.get("taken_back").and_then(Value::as_u64);
        ensure!(taken == Some(1), "the fault was gone: {answer}");
        Ok(())
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Response> {
        let answer = request.send().await?;
        let status = answer.status();
        if status.is_success() || status.is_redirection() {
            return Ok(answer);
        }
        let url = answer.url().clone();
        bail!("{url} answered {status}: {}", answer.text().await?)
    }
}

impl Shown {
    async fn of(answer: Response) -> Result<Self> {
        let to = answer.headers().get(LOCATION);
        let sent_to = to.map(|to| to.to_str().map(str::to_owned)).transpose()?;
        Ok(Self {
            sent_to,
            text: answer.text().await?,
        })
    }
}
