//! Disputes: the cardholder's bank takes money back on a later day, and may lose it again.

use jiff::SignedDuration;

use super::desk::{
    DISPUTE_FEES, SCHEME, about, blank, judge, merchant_account, movement, named, notify, number,
    reference,
};
use super::menu::CHARGEBACK_WON;
use super::store::{self, Order, Transaction};
use super::{Acquirer, NAME};
use crate::books::BooksError;
use crate::faults::menu::CHARGEBACK;
use crate::frame::{Alarm, DueWork, WorkFailed, Writing};
use crate::hk_time::business_date;

/// The timer of a chargeback.
pub(super) const OPEN: &str = "chargeback";
/// The timer of a dispute that is won.
pub(super) const WON: &str = "chargeback-won";
/// What the cardholder's bank says, in the words of the settlement file.
const REASON: &str = "10.4 other fraud";

/// Sets the timer of a capture that will be charged back.
pub(super) async fn foresee(
    writing: &Writing<'_>,
    order: &Order,
    capture: &Transaction,
) -> Result<(), BooksError> {
    if order.faults.on(&CHARGEBACK).is_none() {
        return Ok(());
    }
    let days = number(&order.faults, &CHARGEBACK).clamp(0, 3_650);
    later(writing, OPEN, days, named(order, &capture.transaction_id)).await
}

async fn later(
    writing: &Writing<'_>,
    kind: &str,
    days: i64,
    (subject, body): (String, serde_json::Value),
) -> Result<(), BooksError> {
    let after = SignedDuration::from_hours(days.saturating_mul(24));
    let at = writing.now().saturating_add(after).unwrap_or(writing.now());
    writing.timer(kind, &subject, at, &body).await
}

impl Acquirer {
    /// A chargeback or its reversal falls due.
    pub(super) async fn dispute(&self, work: &DueWork, alarm: Alarm<'_>) -> Result<(), WorkFailed> {
        let mut client = self.frame.client().await?;
        let writing = Writing::begin(&mut client, NAME, alarm.now).await?;
        if !writing.finish(work).await? {
            return Ok(());
        }
        let (merchant, order_id, id) = about(&work.body);
        if let Some(order) = store::lock_order(writing.sql(), merchant, order_id).await? {
            let all = store::transactions(writing.sql(), &order).await?;
            let capture = all.iter().find(|one| one.transaction_id == id).cloned();
            if let Some(capture) = capture {
                self.book_dispute(&writing, &order, &capture, all, work.kind == OPEN)
                    .await?;
            }
        }
        writing.commit().await?;
        self.frame.wake();
        Ok(())
    }

    async fn book_dispute(
        &self,
        writing: &Writing<'_>,
        order: &Order,
        capture: &Transaction,
        mut all: Vec<Transaction>,
        opened: bool,
    ) -> Result<(), BooksError> {
        let (kind, id) = if opened {
            ("CHARGEBACK", format!("CB-{}", capture.receipt))
        } else {
            ("CHARGEBACK_REVERSAL", format!("CR-{}", capture.receipt))
        };
        let mut one = blank(order, &id, kind, writing.now());
        judge(&mut one, ("SUCCESS", "APPROVED", None));
        one.amount_cents = capture.amount_cents;
        one.target = Some(capture.transaction_id.clone());
        one.settle_on = Some(business_date(writing.now()));
        one.note = if opened { REASON } else { "won" }.to_owned();
        let merchant = merchant_account(&order.merchant);
        let (principal, cost) = (reference(kind, order, &one), reference("FEE", order, &one));
        if opened {
            one.fee_cents = self.settings.dispute_fee_cents;
            let mut moved = vec![movement(
                &principal,
                &merchant,
                SCHEME,
                order,
                one.amount_cents,
            )];
            if one.fee_cents > 0 {
                moved.push(movement(
                    &cost,
                    &merchant,
                    DISPUTE_FEES,
                    order,
                    one.fee_cents,
                ));
            }
            writing.move_money(&moved)?;
            if order.faults.on(&CHARGEBACK_WON).is_some() {
                let days = number(&order.faults, &CHARGEBACK_WON).clamp(0, 3_650);
                later(writing, WON, days, named(order, &capture.transaction_id)).await?;
            }
        } else {
            let moved = movement(&principal, SCHEME, &merchant, order, one.amount_cents);
            writing.move_money(&[moved])?;
        }
        store::insert_transaction(writing.sql(), order, &one).await?;
        all.push(one.clone());
        notify(writing, order, &one, &all).await
    }
}
