//! How do you want to pay? The ways that are open, each with its cut-off and limit; those that are not, with the reason.
//!
//! A kind of bill that can be paid in one way only asks nothing. The choice is judged again by the gateway when the
//! payment is started, so a way that closes meanwhile is told there.

use askama::Template;
use axum::Form;
use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use epay_money::Money;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::common::fields;
use super::together::{self, Together};
use crate::format;
use crate::pages::Problem;
use crate::seal::{AmountLink, IntentLink, new_intent};
use crate::text::Text;
#[cfg(test)]
use crate::view::Bill;
use crate::view::Method;
use crate::web::{Fault, Frame, Visit, page};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct MethodForm {
    #[serde(default)]
    pub(super) method: String,
}

/// A way that can be chosen.
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) word: String,
    pub(super) name: String,
    pub(super) hint: String,
    pub(super) chosen: bool,
}

/// A way that cannot be chosen now.
pub(super) struct Closed {
    pub(super) name: String,
    pub(super) reason: String,
}

#[derive(Template)]
#[template(path = "method.html")]
struct MethodPage {
    page: Frame,
    amount: String,
    choices: Vec<Choice>,
    closed: Vec<Closed>,
    action: String,
    back: String,
}

/// What a link to this page leads to.
struct Opened {
    link: AmountLink,
    bills: Together,
    amount: Money,
    methods: Vec<Method>,
}

/// Shows the ways to pay.
pub(crate) async fn method(visit: Visit, Path(sealed): Path<String>) -> Response {
    let answer = async {
        let opened = open(&visit, &sealed).await?;
        if !opened.fits() {
            return back_to_bill(&visit, &opened);
        }
        match opened.methods.as_slice() {
            [only] if only.open => review(&visit, &opened.link, only),
            _ => ask(&visit, &sealed, &opened, None),
        }
    };
    visit.answer(answer.await)
}

/// Takes the choice and goes on to the review.
pub(crate) async fn choose_method(
    visit: Visit,
    Path(sealed): Path<String>,
    form: Result<Form<MethodForm>, FormRejection>,
) -> Response {
    let answer = async {
        let chosen = fields(form)?.method;
        let opened = open(&visit, &sealed).await?;
        if !opened.fits() {
            return back_to_bill(&visit, &opened);
        }
        let open = |method: &&Method| method.open && method.word == chosen;
        match opened.methods.iter().find(open) {
            Some(method) => review(&visit, &opened.link, method),
            None => ask(&visit, &sealed, &opened, Some(fault(visit.text, &chosen))),
        }
    };
    visit.answer(answer.await)
}

impl Opened {
    /// Whether the bills can still be paid like that.
    fn fits(&self) -> bool {
        self.bills.fit(self.amount)
    }
}

async fn open(visit: &Visit, sealed: &str) -> Result<Opened, Problem> {
    let link: AmountLink = visit
        .portal
        .sealer
        .open(sealed, Timestamp::now())
        .ok_or(Problem::LinkOver)?;
    let bills = Together::look_up(visit, &link.bill, &link.more).await?;
    let amount = Money::new(link.amount_minor, bills.first.outstanding.currency());
    let methods = offered(visit, &bills.names(), amount).await?;
    Ok(Opened {
        link,
        bills,
        amount,
        methods,
    })
}

/// The ways to pay this much of bills, as far as this portal can carry them out.
pub(super) async fn offered(
    visit: &Visit,
    bills: &[String],
    amount: Money,
) -> Result<Vec<Method>, Problem> {
    let methods = visit.portal.gateway.methods(bills).await?;
    Ok(methods
        .into_iter()
        .filter(|method| visit.portal.carries(&method.word))
        .map(|method| method.for_amount(amount))
        .collect())
}

fn back_to_bill(visit: &Visit, opened: &Opened) -> Result<Response, Problem> {
    let address = together::address(visit, &opened.link.bill, &opened.link.more)?;
    Ok(Redirect::to(&format!("{address}?changed=1")).into_response())
}

fn review(visit: &Visit, link: &AmountLink, method: &Method) -> Result<Response, Problem> {
    let intent = IntentLink {
        bill: link.bill.clone(),
        more: link.more.clone(),
        amount_minor: link.amount_minor,
        method: method.word.clone(),
        language: visit.language().segment().to_owned(),
        nonce: new_intent()?,
    };
    let sealed = visit.portal.sealer.seal(&intent, Timestamp::now())?;
    Ok(Redirect::to(&visit.href(&format!("/review/{sealed}"))).into_response())
}

/// What is wrong with a choice: there was none, or it closed meanwhile.
pub(super) fn fault(text: Text, chosen: &str) -> Fault {
    Fault {
        field: "method".to_owned(),
        text: if chosen.is_empty() {
            text.say("method-choose-error")
        } else {
            text.say("method-closed-error")
        },
    }
}

fn ask(
    visit: &Visit,
    sealed: &str,
    opened: &Opened,
    fault: Option<Fault>,
) -> Result<Response, Problem> {
    let text = visit.text;
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let template = MethodPage {
        page: visit
            .frame(text.say("method-choose-title"))
            .with_fault(fault),
        amount: format::money(text.language, opened.amount),
        choices: choices(text, &opened.methods),
        closed: closed(text, &opened.methods),
        action: visit.href(&format!("/method/{sealed}")),
        back: together::address(visit, &opened.link.bill, &opened.link.more)?,
    };
    Ok(page(status, &template))
}

/// The ways that can be chosen. The first one has the name that the error summary links to.
pub(super) fn choices(text: Text, methods: &[Method]) -> Vec<Choice> {
    methods
        .iter()
        .filter(|method| method.open)
        .enumerate()
        .map(|(index, method)| Choice {
            id: if index == 0 {
                "method".to_owned()
            } else {
                format!("method-{index}")
            },
            word: method.word.clone(),
            name: text.method(&method.word, "name"),
            hint: hint(text, method),
            chosen: false,
        })
        .collect()
}

/// What to know before choosing: what happens next, until when it counts for today, and how much it carries.
fn hint(text: Text, method: &Method) -> String {
    let about = text.method(&method.word, "about");
    let cutoff = method
        .cutoff
        .as_ref()
        .map(|time| text.with("method-choose-cutoff", "time", time));
    let limit = method.limit.map(|limit| {
        let limit = format::money(text.language, limit);
        text.with("method-choose-limit", "limit", limit)
    });
    let parts: Vec<String> = [Some(about), cutoff, limit].into_iter().flatten().collect();
    parts.join(if text.language.is_english() { " " } else { "" })
}

/// The ways that cannot be chosen now, each with the first reason that has words of its own.
pub(super) fn closed(text: Text, methods: &[Method]) -> Vec<Closed> {
    methods
        .iter()
        .filter(|method| !method.open)
        .map(|method| Closed {
            name: text.method(&method.word, "name"),
            reason: closed_reason(text, method),
        })
        .collect()
}

fn closed_reason(text: Text, method: &Method) -> String {
    let limit = method
        .limit
        .map(|limit| format::money(text.language, limit));
    let says = |reason: &str| method.closed_reasons.iter().any(|given| given == reason);
    match limit {
        Some(limit) if says("amount_too_large") => {
            text.with("method-closed-too-large", "limit", limit)
        }
        _ if says("amount_too_small") => text.say("method-closed-too-small"),
        _ if says("too_many_bills") => text.say("method-closed-several"),
        _ if says("amount_step") => text.say("method-closed-step"),
        _ if says("closed_now") => text.say("method-closed-hours"),
        _ => text.say("method-closed-other"),
    }
}

/// The page as a table test wants it.
#[cfg(test)]
pub(super) fn shown_for_test(
    visit: &Visit,
    bill: Bill,
    methods: Vec<Method>,
    wrong: bool,
) -> Response {
    let amount = bill.outstanding;
    let link = AmountLink {
        bill: crate::seal::BillLink {
            bill_type: "rvd-rates".to_owned(),
            number: "000123456789011".to_owned(),
            second_factor: String::new(),
        },
        more: vec![],
        amount_minor: amount.minor(),
    };
    let opened = Opened {
        link,
        bills: Together {
            first: bill,
            others: vec![],
        },
        amount,
        methods,
    };
    let wrong = wrong.then(|| fault(visit.text, ""));
    visit.answer(ask(visit, "sealed", &opened, wrong))
}
