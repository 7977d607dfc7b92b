//! The acquirer's decisions on a payer's card, and what all its decisions are made of.
//!
//! Each is one database transaction: the order locked, its transaction written with its double entry, its notification queued.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cards::{Authentication, TestCard};
use super::menu::{ORDER_MENU, RAIL};
use super::store::{self, Order, Session, Transaction};
use super::{Acquirer, NAME, NOTIFICATION, NOTIFICATION_NEXT, shape};
use crate::books::BooksError;
use crate::faults::menu::{DECLINED, ROTATED_KEY, TWICE, UNKNOWN, WRONG_AMOUNT};
use crate::faults::{Chosen, MenuItem};
use crate::frame::{Alarm, DueWork, Movement, NewNotice, Start, WorkFailed, Writing};

/// The only currency.
pub(super) const CURRENCY: &str = "HKD";
/// The timer of an outcome that is not known yet.
pub(super) const TRUTH: &str = "truth";
/// What cardholders may still spend; what of it is held; what their banks owe; what the acquirer earned.
pub(super) const OPEN_TO_BUY: &str = "CARD-OPEN-TO-BUY";
pub(super) const HELD: &str = "CARD-HELD";
pub(super) const SCHEME: &str = "CARD-SCHEME";
pub(super) const DISCOUNT: &str = "CARD-DISCOUNT";
pub(super) const DISPUTE_FEES: &str = "CARD-DISPUTE-FEES";
/// The acquirer's own accounts.
pub(super) const HOUSE: [(&str, &str); 5] = [
    (OPEN_TO_BUY, "Cardholders: open to buy"),
    (HELD, "Cardholders: held by authorisations"),
    (SCHEME, "Cardholders' banks, through the schemes"),
    (DISCOUNT, "Acquirer: discount earned"),
    (DISPUTE_FEES, "Acquirer: dispute fees earned"),
];

/// The account of what a merchant is owed.
pub(super) fn merchant_account(id: &str) -> String {
    format!("CARD-MERCHANT-{id}")
}

/// What became of a payer's attempt on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempted {
    /// The money is held.
    Approved,
    /// It is not, for this reason.
    Declined(&'static str),
    /// Nobody knows yet.
    Unknown,
}

impl Acquirer {
    /// A payer's attempt with a card; `asked` says that the card's bank has had its code.
    pub(super) async fn attempt(
        &self,
        session: &Session,
        card: &TestCard,
        holder: &str,
        asked: bool,
    ) -> Result<Attempted, BooksError> {
        let texts = [session.order_id.as_str(), &session.description, holder];
        let faults = self.frame.faults.take(RAIL, ORDER_MENU, &texts).await?;
        let now = self.frame.now();
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        let mut order = store::open_order(writing.sql(), &new_order(session, now)).await?;
        let mut all = store::transactions(writing.sql(), &order).await?;
        if let Some(done) = decided(&all) {
            return Ok(done);
        }
        order.faults = card.add_faults(faults);
        store::keep_faults(writing.sql(), &order).await?;
        let known = asked || card.authentication == Authentication::Frictionless;
        let authentication = if known {
            ("SUCCESS", "APPROVED", None)
        } else {
            ("FAILURE", "AUTHENTICATION_FAILED", None)
        };
        let number = all.len().saturating_add(1);
        let mut one = blank(&order, &format!("auth-{number}"), "AUTHENTICATION", now);
        judge(&mut one, authentication);
        store::insert_transaction(writing.sql(), &order, &one).await?;
        all.push(one.clone());
        let attempted = if known {
            one = blank(&order, &number.to_string(), "AUTHORIZATION", now);
            one.card = Some(card.masked());
            self.authorise(&writing, &order, card, &mut one).await?
        } else {
            Attempted::Declined("AUTHENTICATION_FAILED")
        };
        if known {
            store::insert_transaction(writing.sql(), &order, &one).await?;
            all.push(one.clone());
        }
        notify(&writing, &order, &one, &all).await?;
        writing.commit().await?;
        self.frame.wake();
        Ok(attempted)
    }

    /// Decides an authorisation and holds the money.
    pub(super) async fn authorise(
        &self,
        writing: &Writing<'_>,
        order: &Order,
        card: &TestCard,
        one: &mut Transaction,
    ) -> Result<Attempted, BooksError> {
        if let Some(fault) = order.faults.on(&DECLINED) {
            let code = fault.value.as_deref().unwrap_or("DECLINED");
            judge(one, ("FAILURE", code, Some("05")));
            return Ok(Attempted::Declined("DECLINED"));
        }
        if let Some((code, own)) = card.refusal {
            judge(one, ("FAILURE", code, Some(own)));
            return Ok(Attempted::Declined(code));
        }
        let delta = number(&order.faults, &WRONG_AMOUNT);
        one.amount_cents = one.amount_cents.saturating_add(delta).max(1);
        if order.faults.on(&UNKNOWN).is_some() {
            judge(one, ("UNKNOWN", "TIMED_OUT", None));
            let seconds = SignedDuration::from_secs(number(&order.faults, &UNKNOWN));
            let at = writing
                .now()
                .saturating_add(seconds)
                .unwrap_or(writing.now());
            let (subject, body) = named(order, &one.transaction_id);
            writing.timer(TRUTH, &subject, at, &body).await?;
            return Ok(Attempted::Unknown);
        }
        judge(one, ("SUCCESS", "APPROVED", Some("00")));
        hold(writing, order, one).await?;
        Ok(Attempted::Approved)
    }

    /// An outcome that was not known becomes known: it was approved.
    pub(super) async fn truth(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        let (merchant, order_id, id) = about(&work.body);
        if let Some(order) = store::lock_order(writing.sql(), merchant, order_id).await? {
            store::approve(writing.sql(), &order, id).await?;
            let all = store::transactions(writing.sql(), &order).await?;
            if let Some(one) = all.iter().find(|one| one.transaction_id == id) {
                hold(&writing, &order, one).await?;
                notify(&writing, &order, one, &all).await?;
            }
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(())
    }
}

/// The order that a payer's first attempt makes.
fn new_order(session: &Session, now: Timestamp) -> Order {
    Order {
        merchant: session.merchant.clone(),
        order_id: session.order_id.clone(),
        amount_cents: session.amount_cents,
        currency: session.currency.clone(),
        description: session.description.clone(),
        notices_path: session.notices_path.clone(),
        faults: Chosen::default(),
        created_at: now,
    }
}

/// What an order has come to already: a second attempt changes nothing.
pub(super) fn decided(all: &[Transaction]) -> Option<Attempted> {
    let authorisation = |result: &str| {
        all.iter()
            .any(|one| one.kind == "AUTHORIZATION" && one.result == result)
    };
    if authorisation("SUCCESS") {
        Some(Attempted::Approved)
    } else if authorisation("UNKNOWN") {
        Some(Attempted::Unknown)
    } else {
        None
    }
}

/// A transaction over the whole order, not decided yet.
pub(super) fn blank(order: &Order, id: &str, kind: &str, now: Timestamp) -> Transaction {
    Transaction {
        transaction_id: id.to_owned(),
        kind: kind.to_owned(),
        amount_cents: order.amount_cents,
        currency: order.currency.clone(),
        result: "UNKNOWN".to_owned(),
        gateway_code: "UNKNOWN".to_owned(),
        acquirer_code: None,
        receipt: format!("{:012}", rand::random_range(0..1_000_000_000_000_u64)),
        card: None,
        target: None,
        note: String::new(),
        recorded_at: now,
        fee_cents: 0,
        settle_on: None,
    }
}

/// Writes an outcome down: result, gateway's code, acquirer's code.
pub(super) fn judge(one: &mut Transaction, (result, code, own): (&str, &str, Option<&str>)) {
    one.result = result.to_owned();
    one.gateway_code = code.to_owned();
    one.acquirer_code = own.map(str::to_owned);
}

async fn hold(writing: &Writing<'_>, order: &Order, one: &Transaction) -> Result<(), BooksError> {
    let held = reference("HOLD", order, one);
    let moved = movement(&held, OPEN_TO_BUY, HELD, order, one.amount_cents);
    writing.move_money(&[moved])?;
    Ok(())
}

/// The name of a movement in the books.
pub(super) fn reference(what: &str, order: &Order, one: &Transaction) -> String {
    let (merchant, id) = (&order.merchant, &one.transaction_id);
    format!("{what}-{merchant}-{}-{id}", order.order_id)
}

pub(super) fn movement<'a>(
    bank_reference: &'a str,
    from: &'a str,
    to: &'a str,
    order: &'a Order,
    amount_cents: i64,
) -> Movement<'a> {
    Movement {
        bank_reference,
        from,
        to,
        amount_cents,
        currency: CURRENCY,
        payer_name: "Card acquirer",
        reference: Some(&order.order_id),
        bill_number: None,
    }
}

/// A fault's value as a number; zero when it is off.
pub(super) fn number(faults: &Chosen, item: &MenuItem) -> i64 {
    faults.on(item).map_or(0, |fault| fault.number())
}

/// A timer's subject and body about a transaction.
pub(super) fn named(order: &Order, id: &str) -> (String, Value) {
    let (merchant, order_id) = (&order.merchant, &order.order_id);
    (
        format!("{merchant}/{order_id}/{id}"),
        json!({ "merchant": merchant, "order": order_id, "transaction": id }),
    )
}

/// What a timer is about.
pub(super) fn about(body: &Value) -> (&str, &str, &str) {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    (text("merchant"), text("order"), text("transaction"))
}

/// Tells the merchant of a transaction, as its faults have it.
pub(super) async fn notify(
    writing: &Writing<'_>,
    order: &Order,
    one: &Transaction,
    all: &[Transaction],
) -> Result<(), BooksError> {
    let body = shape::transaction(order, one, all).to_string();
    let secret = match order.faults.on(&ROTATED_KEY) {
        Some(_) => NOTIFICATION_NEXT,
        None => NOTIFICATION,
    };
    let copies = if order.faults.on(&TWICE).is_some() {
        2
    } else {
        1
    };
    for _copy in 0..copies {
        let message_id = format!("CN{}", Uuid::now_v7().simple());
        let notice = NewNotice {
            message_id: &message_id,
            path: &order.notices_path,
            content_type: "application/json",
            body: &body,
            subject: Some(&order.order_id),
            extra: json!({ "secret": secret }),
            start: Start::with(&order.faults, writing.now()),
        };
        writing.notice(&notice).await?;
    }
    Ok(())
}
