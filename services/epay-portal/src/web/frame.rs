//! The frame around every page: language, title, switches, and what is wrong with a form.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::assets::{ASSETS, AssetPaths};
use crate::language::Language;
use crate::text::Text;

/// What is wrong with a form: shown in the summary, and beside the field, in the same words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Id of the field in the page.
    pub(crate) field: String,
    pub(crate) text: String,
}

/// How a page without script learns of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refresh {
    pub(crate) seconds: u32,
    pub(crate) href: String,
}

/// A link to the same place in another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Switch {
    pub(crate) href: String,
    pub(crate) name: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) current: bool,
}

/// What the base template needs.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    text: Text,
    pub(crate) title: String,
    pub(crate) switches: Vec<Switch>,
    pub(crate) demo: bool,
    /// People can sign in here.
    pub(crate) account: bool,
    pub(crate) fault: Option<Fault>,
    pub(crate) refresh: Option<Refresh>,
    pub(crate) assets: &'static AssetPaths,
}

impl Frame {
    pub(crate) fn new(text: Text, place: &str, title: String, demo: bool) -> Self {
        let switches = Language::ALL
            .into_iter()
            .map(|language| Switch {
                href: format!("/{}{place}", language.segment()),
                name: language.own_name(),
                tag: language.tag(),
                current: language == text.language,
            })
            .collect();
        Self {
            text,
            title,
            switches,
            demo,
            account: false,
            fault: None,
            refresh: None,
            assets: ASSETS.paths(),
        }
    }

    /// The same frame with a way to the person's own page.
    pub(crate) const fn with_account(mut self, account: bool) -> Self {
        self.account = account;
        self
    }

    /// The same frame around a form that needs another try.
    pub(crate) fn with_fault(mut self, fault: Option<Fault>) -> Self {
        self.fault = fault;
        self
    }

    /// The same frame around a page that renews itself where there is no script.
    pub(crate) fn with_refresh(mut self, refresh: Option<Refresh>) -> Self {
        self.refresh = refresh;
        self
    }

    pub(crate) fn say(&self, key: &str) -> String {
        self.text.say(key)
    }

    pub(crate) fn with(
        &self,
        key: &str,
        name: &'static str,
        value: impl std::fmt::Display,
    ) -> String {
        self.text.with(key, name, value)
    }

    pub(crate) fn tag(&self) -> &'static str {
        self.text.language.tag()
    }

    /// Title of the browser's tab: what the page says, and whose page it is.
    pub(crate) fn full_title(&self) -> String {
        let title = if self.failed() {
            self.text.with("error-prefix", "title", &self.title)
        } else {
            self.title.clone()
        };
        format!("{title} - {}", self.say("site-name"))
    }

    pub(crate) const fn failed(&self) -> bool {
        self.fault.is_some()
    }

    /// Whether what is wrong with the form is about this field.
    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        self.fault
            .as_ref()
            .is_some_and(|fault| fault.field == field)
    }

    pub(crate) fn home(&self) -> String {
        self.href("")
    }

    pub(crate) fn href(&self, path: &str) -> String {
        format!("/{}{path}", self.text.language.segment())
    }
}

/// A rendered page. A template that cannot be rendered is a defect; the answer then is an empty 500.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "A page cannot be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
