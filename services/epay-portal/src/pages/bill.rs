//! Check the bill: what it is, what is due, and how much of it to pay. Then the way to pay is chosen.

mod consolidated;
mod plan;

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use epay_money::{Money, hong_kong_date};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use self::consolidated::{PartLine, parts};
use self::plan::{Choice, ChoiceFault, Line, choices, chosen_amount, has_choice, schedule};
use super::common::{Notice, Row, bill_rows, due_row, fields};
use crate::format;
use crate::input::AmountFault;
#[cfg(test)]
use crate::input::read_amount;
use crate::pages::Problem;
use crate::seal::{AmountLink, BasketLink, BillLink};
use crate::text::Text;
use crate::view::{Bill, BillKind, BillState};
use crate::web::{Fault, Frame, Visit, page};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct AmountForm {
    #[serde(default)]
    choice: String,
    #[serde(default)]
    amount: String,
}

/// Set on the way back from a review that the bill had overtaken.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Changed {
    changed: Option<String>,
}

impl Changed {
    pub(super) const fn is_set(&self) -> bool {
        self.changed.is_some()
    }
}

struct Part {
    hint: String,
    unit: String,
    typed: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "bill.html")]
struct BillPage {
    page: Frame,
    rows: Vec<Row>,
    notice: Option<Notice>,
    parts: Vec<PartLine>,
    schedule: Vec<Line>,
    late: Vec<String>,
    payable: bool,
    choices: Vec<Choice>,
    choice_wrong: bool,
    part: Option<Part>,
    action: String,
    find: String,
    /// Where other bills are added to it.
    basket: String,
    /// Where the account can be followed.
    follow: Option<String>,
}

/// What a link to a bill leads to.
struct Opened {
    link: BillLink,
    kind: BillKind,
    bill: Bill,
}

impl Opened {
    fn is_payable(&self) -> bool {
        !self.kind.methods.is_empty() && self.bill.is_payable_on(hong_kong_date(Timestamp::now()))
    }
}

/// Shows the bill.
pub(crate) async fn bill(
    visit: Visit,
    Path(sealed): Path<String>,
    Query(changed): Query<Changed>,
) -> Response {
    let answer = async {
        let opened = open(&visit, &sealed).await?;
        let typed = format::money_plain(opened.bill.outstanding);
        let form = Filled {
            choice: String::new(),
            typed,
            fault: None,
            changed: changed.is_set(),
        };
        show(&visit, &sealed, &opened, form)
    };
    visit.answer(answer.await)
}

/// Takes the amount and goes on to the review.
pub(crate) async fn choose_amount(
    visit: Visit,
    Path(sealed): Path<String>,
    form: Result<Form<AmountForm>, FormRejection>,
) -> Response {
    visit.answer(choose(&visit, &sealed, form).await)
}

async fn choose(
    visit: &Visit,
    sealed: &str,
    form: Result<Form<AmountForm>, FormRejection>,
) -> Result<Response, Problem> {
    let form = fields(form)?;
    let opened = open(visit, sealed).await?;
    let again = |fault: Option<Fault>| {
        let filled = Filled {
            choice: form.choice.clone(),
            typed: form.amount.clone(),
            changed: fault.is_none(),
            fault,
        };
        show(visit, sealed, &opened, filled)
    };
    if !opened.is_payable() {
        return again(None);
    }
    let chosen = chosen_amount(&opened.kind, &opened.bill, &form.choice, &form.amount);
    let amount = match chosen {
        Ok(amount) => amount,
        Err(fault) => return again(Some(told(visit, fault, opened.bill.outstanding))),
    };
    let link = AmountLink {
        bill: opened.link.clone(),
        more: vec![],
        amount_minor: amount.minor(),
    };
    let sealed = visit.portal.sealer.seal(&link, Timestamp::now())?;
    Ok(Redirect::to(&visit.href(&format!("/method/{sealed}"))).into_response())
}

async fn open(visit: &Visit, sealed: &str) -> Result<Opened, Problem> {
    let link: BillLink = visit
        .portal
        .sealer
        .open(sealed, Timestamp::now())
        .ok_or(Problem::LinkOver)?;
    let gateway = &visit.portal.gateway;
    let kind = gateway.bill_kind(&link.bill_type).await?;
    let bill = gateway.find_bill(&link, &visit.visitor).await?;
    Ok(Opened { link, kind, bill })
}

/// What is wrong with a choice or an amount, beside its field.
fn told(visit: &Visit, fault: ChoiceFault, due: Money) -> Fault {
    let (field, text) = match fault {
        ChoiceFault::Nothing => ("choice-next", visit.text.say("bill-pay-error")),
        ChoiceFault::Amount(fault) => ("amount", amount_fault(visit, fault, due)),
    };
    Fault {
        field: field.to_owned(),
        text,
    }
}

fn amount_fault(visit: &Visit, fault: AmountFault, due: Money) -> String {
    let text = visit.text;
    let money = |amount| format::money(text.language, amount);
    match fault {
        AmountFault::Empty => text.say("amount-error-empty"),
        AmountFault::NotANumber => text.say("amount-error-number"),
        AmountFault::NotPositive => text.with(
            "amount-error-low",
            "zero",
            money(Money::zero(due.currency())),
        ),
        AmountFault::TooHigh => text.with("amount-error-high", "max", money(due)),
    }
}

/// The form as it is shown: what was typed, what is wrong with it, and whether the bill changed meanwhile.
struct Filled {
    choice: String,
    typed: String,
    fault: Option<Fault>,
    changed: bool,
}

fn show(visit: &Visit, sealed: &str, opened: &Opened, form: Filled) -> Result<Response, Problem> {
    let text = visit.text;
    let Filled {
        choice,
        typed,
        fault,
        changed,
    } = form;
    let Opened { kind, bill, .. } = opened;
    let payable = opened.is_payable();
    let money = |amount| format::money(text.language, amount);
    let amount_wrong = fault.as_ref().is_some_and(|fault| fault.field == "amount");
    let part = (payable && kind.part_payment_allowed).then(|| Part {
        hint: text.fill(
            "bill-amount-hint",
            [
                ("max", money(bill.outstanding)),
                ("date", format::date(text.language, bill.due_date)),
            ],
        ),
        unit: bill.outstanding.currency().code().to_owned(),
        typed,
        wrong: amount_wrong,
    });
    let choices = if payable && has_choice(bill) {
        choices(text, kind, bill, &choice)
    } else {
        vec![]
    };
    let status = if fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let template = BillPage {
        choice_wrong: fault.is_some() && !amount_wrong,
        page: visit.frame(text.say("bill-title")).with_fault(fault),
        rows: rows(text, kind, bill, payable),
        parts: parts(text, kind, bill),
        schedule: schedule(text, bill),
        late: late(text, kind, payable),
        choices,
        notice: notice(visit, opened).or_else(|| changed.then(|| stale(visit))),
        payable,
        part,
        action: visit.href(&format!("/bill/{sealed}")),
        find: visit.href(&format!("/find/{}", kind.code)),
        basket: basket(visit, &opened.link)?,
        follow: visit
            .portal
            .iam_smart
            .is_some()
            .then(|| visit.href(&format!("/follow/{sealed}"))),
    };
    Ok(page(status, &template))
}

/// Which bill it is, and what stands on it.
fn rows(text: Text, kind: &BillKind, bill: &Bill, payable: bool) -> Vec<Row> {
    let money = |amount| format::money(text.language, amount);
    let mut rows = bill_rows(text, kind, bill);
    rows.push(due_row(text, bill));
    if !bill.applied.is_zero() {
        rows.push(Row::new(text.say("bill-demanded"), money(bill.demanded)));
        rows.push(Row::new(text.say("bill-applied"), money(bill.applied)));
    }
    if payable {
        rows.push(Row::new(text.say("bill-outstanding"), money(bill.outstanding)).strong());
    } else if bill.applied.is_zero() {
        rows.push(Row::new(text.say("bill-demanded"), money(bill.demanded)));
    }
    rows
}

/// What a late payer must expect, in the department's words; nothing where nothing is to be paid.
fn late(text: Text, kind: &BillKind, payable: bool) -> Vec<String> {
    let rules = kind.late_rules.iter().filter(|_rule| payable);
    rules.map(|rule| text.pick(Some(rule))).collect()
}

/// Address of a basket with this bill in it.
fn basket(visit: &Visit, link: &BillLink) -> Result<String, Problem> {
    let bills = vec![link.clone()];
    let sealed = visit
        .portal
        .sealer
        .seal(&BasketLink { bills }, Timestamp::now())?;
    Ok(visit.href(&format!("/basket/{sealed}")))
}

fn stale(visit: &Visit) -> Notice {
    Notice {
        good: false,
        title: None,
        text: visit.text.say("review-stale"),
    }
}

/// What must be known before the details are read.
fn notice(visit: &Visit, opened: &Opened) -> Option<Notice> {
    let text = visit.text;
    let bill = &opened.bill;
    let (good, title, words) = match bill.state {
        BillState::Paid => {
            let words = match bill.paid_at {
                Some(at) => {
                    let date = format::date(text.language, hong_kong_date(at));
                    text.with("bill-paid-text", "date", date)
                }
                None => text.say("bill-paid-undated"),
            };
            (true, text.say("bill-paid-title"), words)
        }
        BillState::Withdrawn => (
            false,
            text.say("bill-withdrawn-title"),
            text.say("bill-withdrawn-text"),
        ),
        BillState::Payable if !bill.outstanding.is_positive() => (
            true,
            text.say("bill-nothing-title"),
            text.say("bill-nothing-text"),
        ),
        BillState::Payable if opened.kind.methods.is_empty() => (
            false,
            text.say("bill-unpayable-title"),
            text.say("bill-unpayable-text"),
        ),
        BillState::Payable if !bill.is_open_on(hong_kong_date(Timestamp::now())) => {
            let (first, last) = bill.window.unwrap_or((bill.due_date, bill.due_date));
            let words = text.fill(
                "bill-window-text",
                [
                    ("first", format::date(text.language, first)),
                    ("last", format::date(text.language, last)),
                ],
            );
            (false, text.say("bill-window-title"), words)
        }
        BillState::Payable if bill.overdue => (
            false,
            text.say("bill-overdue-title"),
            text.say("bill-overdue-text"),
        ),
        BillState::Payable => return None,
    };
    Some(Notice {
        good,
        title: Some(title),
        text: words,
    })
}

/// The page as a table test wants it: this bill, and what was typed if something was.
#[cfg(test)]
pub(super) fn shown_for_test(
    visit: &Visit,
    kind: BillKind,
    bill: Bill,
    typed: Option<&str>,
) -> Response {
    let link = BillLink {
        bill_type: kind.code.clone(),
        number: "000123456789011".to_owned(),
        second_factor: String::new(),
    };
    let fault = typed
        .and_then(|typed| read_amount(typed, bill.outstanding).err())
        .map(|fault| Fault {
            field: "amount".to_owned(),
            text: amount_fault(visit, fault, bill.outstanding),
        });
    let form = Filled {
        typed: typed.unwrap_or_default().to_owned(),
        fault,
        changed: false,
        choice: String::new(),
    };
    visit.answer(show(visit, "sealed", &Opened { link, kind, bill }, form))
}
