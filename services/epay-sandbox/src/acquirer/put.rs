//! A merchant's requests under ids of its own: authorise with a device's token, capture, void, refund.
//!
//! An order is locked while it changes. A transaction under an id that is there already is not done again: the same request gets
//! the first one's answer, another one is refused. Faults that happen once are taken out of the order when they have.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;

use super::cards::TestCard;
use super::desk::{
    CURRENCY, HELD, OPEN_TO_BUY, SCHEME, blank, decided, judge, merchant_account, movement, notify,
    number, reference,
};
use super::menu::{
    CAPTURE_MENU, CUT_CAPTURES, LATE_ANSWER, LOST_ANSWER, ORDER_MENU, RAIL, REFUND_REFUSED,
    SLOW_CAPTURES,
};
use super::store::{self, Order, Transaction};
use super::{Acquirer, NAME, disputes, shape};
use crate::books::BooksError;
use crate::faults::menu::{LATE_SETTLEMENT, LOST_CAPTURE, SHORT_SETTLEMENT};
use crate::faults::{Chosen, MenuItem};
use crate::frame::Writing;
use crate::hk_time::business_date;

/// What a merchant asks for under an id of its own.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Authorise { amount_cents: i64 },
    Capture { amount_cents: i64 },
    Void { target: String },
    Refund { amount_cents: i64 },
}

/// What a merchant is answered.
#[derive(Debug)]
pub(super) enum Answered {
    /// The transaction; late by so much.
    Done(Value, Duration),
    /// Why it is not even tried.
    Invalid(&'static str),
    /// Nothing that could be read.
    Lost,
}

/// How a capture is answered.
#[derive(Debug, Default)]
struct Answer {
    late: Duration,
    lost: bool,
}

impl Answer {
    /// By what its order was bent with, which happens once, and by what is ordered for every capture now.
    fn of(order: &mut Order, now: &Chosen) -> Self {
        let late = number(&order.faults, &LATE_ANSWER).max(number(now, &SLOW_CAPTURES));
        happens_once(order, &LATE_ANSWER);
        let lost = happens_once(order, &LOST_ANSWER);
        Self {
            late: Duration::from_secs(u64::try_from(late).unwrap_or(0)),
            lost: lost || now.on(&CUT_CAPTURES).is_some(),
        }
    }
}

impl Acquirer {
    /// A request of a merchant under an id of its own.
    pub(super) async fn put(
        &self,
        (merchant, order_id, id): (&str, &str, &str),
        wanted: Wanted,
    ) -> Result<Answered, BooksError> {
        let now = self.frame.now();
        let menu = &self.frame.faults;
        let faults = match &wanted {
            Wanted::Authorise { .. } => menu.take(RAIL, ORDER_MENU, &[order_id]).await?,
            Wanted::Capture { .. } => menu.take(RAIL, CAPTURE_MENU, &[order_id]).await?,
            Wanted::Void { .. } | Wanted::Refund { .. } => Chosen::default(),
        };
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, now).await?;
        let found = match &wanted {
            Wanted::Authorise { amount_cents } => {
                let fresh = Order {
                    merchant: merchant.to_owned(),
                    order_id: order_id.to_owned(),
                    amount_cents: *amount_cents,
                    currency: CURRENCY.to_owned(),
                    description: String::new(),
                    notices_path: self.settings.notices_path.clone(),
                    faults: faults.clone(),
                    created_at: now,
                };
                Some(store::open_order(writing.sql(), &fresh).await?)
            }
            Wanted::Capture { .. } | Wanted::Void { .. } | Wanted::Refund { .. } => {
                store::lock_order(writing.sql(), merchant, order_id).await?
            }
        };
        let Some(mut order) = found else {
            return Ok(Answered::Invalid("Unable to find order"));
        };
        let mut all = store::transactions(writing.sql(), &order).await?;
        if let Some(first) = all.iter().find(|one| one.transaction_id == id) {
            return Ok(repeated(&order, first, &all, &wanted));
        }
        let mut one = blank(&order, id, kind(&wanted), now);
        if let Err(words) = fits(&all, &wanted) {
            return Ok(Answered::Invalid(words));
        }
        if matches!(wanted, Wanted::Capture { .. }) && happens_once(&mut order, &LOST_CAPTURE) {
            store::keep_faults(writing.sql(), &order).await?;
            writing.commit().await?;
            return Ok(Answered::Lost);
        }
        self.carry_out(&writing, &order, &all, &wanted, &mut one)
            .await?;
        store::insert_transaction(writing.sql(), &order, &one).await?;
        all.push(one.clone());
        notify(&writing, &order, &one, &all).await?;
        let answer = match wanted {
            Wanted::Capture { .. } => Answer::of(&mut order, &faults),
            _ => Answer::default(),
        };
        store::keep_faults(writing.sql(), &order).await?;
        writing.commit().await?;
        self.frame.wake();
        if answer.lost {
            return Ok(Answered::Lost);
        }
        Ok(Answered::Done(
            shape::transaction(&order, &one, &all),
            answer.late,
        ))
    }

    async fn carry_out(
        &self,
        writing: &Writing<'_>,
        order: &Order,
        all: &[Transaction],
        wanted: &Wanted,
        one: &mut Transaction,
    ) -> Result<(), BooksError> {
        judge(one, ("SUCCESS", "APPROVED", Some("00")));
        let merchant = merchant_account(&order.merchant);
        match wanted {
            Wanted::Authorise { amount_cents } => {
                one.amount_cents = *amount_cents;
                one.card = Some("999900xxxxxx0010".to_owned());
                let device = TestCard::of("9999000000000010");
                if let Some(card) = device {
                    self.authorise(writing, order, card, one).await?;
                }
            }
            Wanted::Capture { amount_cents } => {
                one.amount_cents = *amount_cents;
                one.fee_cents = self.settings.discount(*amount_cents);
                one.settle_on = Some(self.settles_on(order, writing.now()));
                if order.faults.on(&SHORT_SETTLEMENT).is_some() {
                    one.note = format!("SHORT {}", number(&order.faults, &SHORT_SETTLEMENT));
                }
                let (release, take) = (
                    reference("RELEASE", order, one),
                    reference("CAPTURE", order, one),
                );
                let moved = [
                    movement(&release, HELD, OPEN_TO_BUY, order, *amount_cents),
                    movement(&take, SCHEME, &merchant, order, *amount_cents),
                ];
                writing.move_money(&moved)?;
                disputes::foresee(writing, order, one).await?;
            }
            Wanted::Void { target } => {
                one.amount_cents = shape::total(all, "AUTHORIZATION").max(1);
                one.target = Some(target.clone());
                let release = reference("VOID", order, one);
                let moved = movement(&release, HELD, OPEN_TO_BUY, order, one.amount_cents);
                writing.move_money(&[moved])?;
            }
            Wanted::Refund { amount_cents } => {
                one.amount_cents = *amount_cents;
                if order.faults.on(&REFUND_REFUSED).is_some() {
                    judge(one, ("FAILURE", "DECLINED", Some("05")));
                    return Ok(());
                }
                one.settle_on = Some(self.settles_on(order, writing.now()));
                let back = reference("REFUND", order, one);
                let moved = movement(&back, &merchant, SCHEME, order, *amount_cents);
                writing.move_money(&[moved])?;
            }
        }
        Ok(())
    }

    /// The day on which a movement is settled.
    fn settles_on(&self, order: &Order, now: Timestamp) -> Date {
        let late = number(&order.faults, &LATE_SETTLEMENT);
        let days = self
            .settings
            .settle_days
            .saturating_add(late)
            .clamp(0, 3_650);
        let today = business_date(now);
        today.checked_add(days.days()).unwrap_or(today)
    }
}

/// Whether an order allows what is wanted.
fn fits(all: &[Transaction], wanted: &Wanted) -> Result<(), &'static str> {
    let total = |kind| shape::total(all, kind);
    let (authorised, captured) = (total("AUTHORIZATION"), total("CAPTURE"));
    let voided = total("VOID_AUTHORIZATION") > 0;
    let fine = match wanted {
        Wanted::Authorise { .. } => decided(all).is_none(),
        Wanted::Capture { amount_cents } => {
            !voided && captured.saturating_add(*amount_cents) <= authorised
        }
        Wanted::Void { target } => {
            let there = all
                .iter()
                .any(|one| one.succeeded("AUTHORIZATION") && one.transaction_id == *target);
            there && !voided && captured == 0
        }
        Wanted::Refund { amount_cents } => {
            total("REFUND").saturating_add(*amount_cents) <= captured
        }
    };
    if fine {
        Ok(())
    } else {
        Err("The order does not allow this transaction")
    }
}

/// The answer to a request under an id that is there.
fn repeated(order: &Order, first: &Transaction, all: &[Transaction], wanted: &Wanted) -> Answered {
    let same = first.kind == kind(wanted)
        && match wanted {
            Wanted::Authorise { amount_cents }
            | Wanted::Capture { amount_cents }
            | Wanted::Refund { amount_cents } => first.amount_cents == *amount_cents,
            Wanted::Void { target } => first.target.as_ref() == Some(target),
        };
    if same {
        Answered::Done(shape::transaction(order, first, all), Duration::ZERO)
    } else {
        Answered::Invalid("The transaction id was used for another transaction")
    }
}

const fn kind(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Authorise { .. } => "AUTHORIZATION",
        Wanted::Capture { .. } => "CAPTURE",
        Wanted::Void { .. } => "VOID_AUTHORIZATION",
        Wanted::Refund { .. } => "REFUND",
    }
}

/// Takes a fault out that happens once. Whether it was there.
fn happens_once(order: &mut Order, item: &MenuItem) -> bool {
    let before = order.faults.0.len();
    order.faults.0.retain(|fault| fault.fault != item.word);
    order.faults.0.len() < before
}
