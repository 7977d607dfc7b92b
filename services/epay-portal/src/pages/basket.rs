//! Several bills of one kind, gathered to be paid together.
//!
//! Nothing is kept: the bills are sealed into the page's address, and adding or taking one away leads to another address.
//! So the way back undoes the last step, and the page works without script and without a cookie. Every bill is looked up
//! again whenever the page is shown; one that cannot be paid any more is named, and must go before the rest is paid.
//! Bounds: [`BILLS_MAX`] bills.

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use epay_money::{Money, hong_kong_date};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::bill::Changed;
use super::common::fields;
use super::find::{self, NUMBER, NumberFields, NumberForm, Typed, number_fields, seek};
use super::together::Together;
use crate::format;
use crate::pages::Problem;
use crate::seal::{AmountLink, BILLS_MAX, BasketLink, BillLink};
use crate::view::{Bill, BillKind, BillState};
use crate::web::{Fault, Frame, Visit, page};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct RemoveForm {
    /// The place of a bill, from 0.
    #[serde(default)]
    place: String,
}

/// Why a bill cannot be paid together with those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apart {
    AlreadyThere,
    Paid,
    Withdrawn,
    NothingDue,
    /// It can be paid on certain days only.
    NotToday,
    OtherCurrency,
    Full,
}

#[cfg(test)]
impl Apart {
    pub(super) const ALL: [Self; 7] = [
        Self::AlreadyThere,
        Self::Paid,
        Self::Withdrawn,
        Self::NothingDue,
        Self::NotToday,
        Self::OtherCurrency,
        Self::Full,
    ];
}

/// A bill in the basket.
struct Item {
    place: usize,
    number: String,
    description: String,
    amount: String,
    /// Why it cannot be paid any more.
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "basket.html")]
struct BasketPage {
    page: Frame,
    department: String,
    kind_name: String,
    label: String,
    changed: bool,
    items: Vec<Item>,
    total: String,
    /// Where the way to pay is chosen; unset while a bill is in the way.
    go_on: Option<String>,
    /// Unset where the basket is full.
    fields: Option<NumberFields>,
    action: String,
    remove: String,
}

/// What a link to a basket leads to.
struct Opened {
    first: BillLink,
    more: Vec<BillLink>,
    kind: BillKind,
    bills: Together,
}

/// Shows the bills.
pub(crate) async fn basket(
    visit: Visit,
    Path(sealed): Path<String>,
    Query(changed): Query<Changed>,
) -> Response {
    let answer = async {
        let opened = open(&visit, &sealed).await?;
        show(&visit, &sealed, &opened, Filled::fresh(changed.is_set()))
    };
    visit.answer(answer.await)
}

/// Adds the bill that was typed.
pub(crate) async fn add_bill(
    visit: Visit,
    Path(sealed): Path<String>,
    form: Result<Form<NumberForm>, FormRejection>,
) -> Response {
    visit.answer(add(&visit, &sealed, form).await)
}

async fn add(
    visit: &Visit,
    sealed: &str,
    form: Result<Form<NumberForm>, FormRejection>,
) -> Result<Response, Problem> {
    let typed = fields(form)?.typed();
    let opened = open(visit, sealed).await?;
    let again = |fault: Fault| {
        let filled = Filled {
            typed: typed.clone(),
            fault: Some(fault),
            changed: false,
        };
        show(visit, sealed, &opened, filled)
    };
    let apart = |why| again(told(visit, why));
    if opened.links().count() >= BILLS_MAX {
        return apart(Apart::Full);
    }
    let (link, bill) = match seek(visit, &opened.kind, &typed).await? {
        Ok(found) => found,
        Err(wrong) => return again(find::told(visit, &opened.kind, wrong)),
    };
    if let Some(why) = stands_apart(&opened.bills, &bill) {
        return apart(why);
    }
    let bills = opened.links().cloned().chain([link]).collect();
    go_to(visit, bills)
}

/// Takes a bill away; without the last one there is nothing to pay.
pub(crate) async fn remove_bill(
    visit: Visit,
    Path(sealed): Path<String>,
    form: Result<Form<RemoveForm>, FormRejection>,
) -> Response {
    let answer = async {
        let place: Option<usize> = fields(form)?.place.parse().ok();
        let bills = links(&visit, &sealed)?.bills.into_iter().enumerate();
        let left = bills.filter(|(index, _)| Some(*index) != place);
        let left: Vec<BillLink> = left.map(|(_, link)| link).collect();
        if left.is_empty() {
            return Ok(Redirect::to(&visit.href("")).into_response());
        }
        go_to(&visit, left)
    };
    visit.answer(answer.await)
}

/// Someone followed the address of a button: the basket is what they want.
pub(crate) async fn back_to_basket(visit: Visit, Path(sealed): Path<String>) -> Response {
    Redirect::to(&visit.href(&format!("/basket/{sealed}"))).into_response()
}

fn go_to(visit: &Visit, bills: Vec<BillLink>) -> Result<Response, Problem> {
    let sealed = visit
        .portal
        .sealer
        .seal(&BasketLink { bills }, Timestamp::now())?;
    Ok(Redirect::to(&visit.href(&format!("/basket/{sealed}"))).into_response())
}

fn links(visit: &Visit, sealed: &str) -> Result<BasketLink, Problem> {
    let sealer = &visit.portal.sealer;
    sealer
        .open(sealed, Timestamp::now())
        .ok_or(Problem::LinkOver)
}

async fn open(visit: &Visit, sealed: &str) -> Result<Opened, Problem> {
    let mut links = links(visit, sealed)?.bills.into_iter();
    let first = links.next().ok_or(Problem::LinkOver)?;
    let more: Vec<BillLink> = links.collect();
    let kind = visit.portal.gateway.bill_kind(&first.bill_type).await?;
    let bills = Together::look_up(visit, &first, &more).await?;
    Ok(Opened {
        first,
        more,
        kind,
        bills,
    })
}

impl Opened {
    fn links(&self) -> impl Iterator<Item = &BillLink> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

/// What keeps a bill from being paid together with others.
pub(super) fn stands_apart(there: &Together, bill: &Bill) -> Option<Apart> {
    if there.all().any(|known| known.name == bill.name) {
        return Some(Apart::AlreadyThere);
    }
    if bill.outstanding.currency() != there.first.outstanding.currency() {
        return Some(Apart::OtherCurrency);
    }
    not_payable(bill)
}

/// What keeps a bill from being paid at all.
fn not_payable(bill: &Bill) -> Option<Apart> {
    match bill.state {
        BillState::Paid => Some(Apart::Paid),
        BillState::Withdrawn => Some(Apart::Withdrawn),
        BillState::Payable if !bill.outstanding.is_positive() => Some(Apart::NothingDue),
        BillState::Payable => {
            let today = hong_kong_date(Timestamp::now());
            (!bill.is_open_on(today)).then_some(Apart::NotToday)
        }
    }
}

fn words(visit: &Visit, why: Apart) -> String {
    let text = visit.text;
    match why {
        Apart::AlreadyThere => text.say("basket-error-there"),
        Apart::Paid => text.say("basket-error-paid"),
        Apart::Withdrawn => text.say("basket-error-withdrawn"),
        Apart::NothingDue => text.say("basket-error-nothing"),
        Apart::NotToday => text.say("basket-error-window"),
        Apart::OtherCurrency => text.say("basket-error-currency"),
        Apart::Full => text.with("basket-error-full", "count", BILLS_MAX),
    }
}

/// The same beside the field into which the bill was typed.
pub(super) fn told(visit: &Visit, why: Apart) -> Fault {
    Fault {
        field: NUMBER.to_owned(),
        text: words(visit, why),
    }
}

/// The form as it is shown.
struct Filled {
    typed: Typed,
    fault: Option<Fault>,
    /// A bill changed since it was added.
    changed: bool,
}

impl Filled {
    fn fresh(changed: bool) -> Self {
        Self {
            typed: Typed::default(),
            fault: None,
            changed,
        }
    }
}

fn show(visit: &Visit, sealed: &str, opened: &Opened, form: Filled) -> Result<Response, Problem> {
    let text = visit.text;
    let Opened { kind, bills, .. } = opened;
    let items: Vec<Item> = bills
        .all()
        .enumerate()
        .map(|(place, bill)| Item {
            place,
            number: bill.number.clone(),
            description: bill.description.clone(),
            amount: format::money(text.language, bill.outstanding),
            fault: not_payable(bill).map(|why| words(visit, why)),
        })
        .collect();
    let total = bills.due()?;
    let payable = items.iter().all(|item| item.fault.is_none()) && !kind.methods.is_empty();
    let status = if form.fault.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let full = items.len() >= BILLS_MAX && form.fault.is_none();
    let template = BasketPage {
        department: text.pick(kind.biller_name.as_ref()),
        kind_name: text.pick(kind.name.as_ref()),
        label: text.pick(kind.number_label.as_ref()),
        changed: form.changed,
        items,
        total: format::money(text.language, total),
        go_on: payable.then(|| go_on(visit, opened, total)).transpose()?,
        fields: (!full).then(|| number_fields(visit, kind, form.typed, form.fault.as_ref())),
        action: visit.href(&format!("/basket/{sealed}")),
        remove: visit.href(&format!("/basket/{sealed}/remove")),
        page: visit.frame(text.say("basket-title")).with_fault(form.fault),
    };
    Ok(page(status, &template))
}

fn go_on(visit: &Visit, opened: &Opened, total: Money) -> Result<String, Problem> {
    let link = AmountLink {
        bill: opened.first.clone(),
        more: opened.more.clone(),
        amount_minor: total.minor(),
    };
    let sealed = visit.portal.sealer.seal(&link, Timestamp::now())?;
    Ok(visit.href(&format!("/method/{sealed}")))
}

/// The page as a table test wants it: these bills, and what keeps another from joining them.
#[cfg(test)]
pub(super) fn shown_for_test(
    visit: &Visit,
    kind: BillKind,
    bills: Together,
    fault: Option<Apart>,
) -> Response {
    let link = BillLink {
        bill_type: kind.code.clone(),
        number: "000123456789011".to_owned(),
        second_factor: String::new(),
    };
    let opened = Opened {
        more: vec![link.clone(); bills.others.len()],
        first: link,
        kind,
        bills,
    };
    let form = Filled {
        fault: fault.map(|why| told(visit, why)),
        ..Filled::fresh(false)
    };
    visit.answer(show(visit, "sealed", &opened, form))
}
