//! What a bank's statement must show because the bank told of it: refunds that it paid, refunds that came back, promises that
//! it returned. Written with the fact, so that the fact and its expectation are one commit.

use deadpool_postgres::Transaction;
use epay_domain::payment::Payment;
use epay_domain::reconciliation::Level;
use epay_domain::reconciliation::case::ItemKind;
use epay_domain::refund::Refund;
use epay_domain::statement::EntryDirection;
use epay_money::{BillerId, BusinessCalendar, hong_kong_date};
use epay_rail::Report;
use epay_store::StoreError;
use epay_store::reconciliation::{self as store, Expectation};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// An expectation in the book of a department.
pub(crate) type Told = (BillerId, Expectation);

/// What a refund's entry must be. Nothing for one that no order was made for.
pub(crate) fn of_refund(
    refund: &Refund,
    direction: EntryDirection,
    id: Uuid,
    now: Timestamp,
    calendar: &BusinessCalendar,
) -> Option<Told> {
    let route = refund.route.as_ref()?;
    let kind = match direction {
        EntryDirection::Debit => ItemKind::Refund,
        EntryDirection::Credit => ItemKind::RefundReturn,
    };
    let (day, minor) = (hong_kong_date(now), refund.amount.minor());
    let what = Expectation {
        level: Level::Bank,
        id,
        kind,
        rail: Some(route.rail.clone()),
        account: String::new(),
        direction,
        rail_reference: None,
        reference: Some(route.order_key.clone()),
        bill_number: None,
        currency: refund.amount.currency(),
        minor,
        gross_minor: minor,
        fee_minor: None,
        day,
        expected_on: Some(business_day(day, calendar)),
        case: None,
        journal: None,
    };
    Some((refund.biller.clone(), what))
}

/// What the entry of a promise must be that was returned after it had counted.
pub(crate) fn of_return(
    payment: &Payment,
    report: &Report,
    id: Uuid,
    calendar: &BusinessCalendar,
) -> Told {
    let what = Expectation {
        level: Level::Bank,
        id,
        kind: ItemKind::PromiseReturn,
        rail: Some(payment.rail.clone()),
        account: report.rail_account.clone(),
        direction: EntryDirection::Debit,
        rail_reference: Some(report.rail_reference.clone()),
        reference: Some(payment.reference.to_string()),
        bill_number: None,
        currency: report.amount.currency(),
        minor: report.amount.minor(),
        gross_minor: report.amount.minor(),
        fee_minor: None,
        day: report.value_date,
        expected_on: Some(business_day(report.value_date, calendar)),
        case: None,
        journal: None,
    };
    (payment.biller.clone(), what)
}

/// Writes them: they are few.
pub(crate) async fn write_in(
    tx: &Transaction<'_>,
    told: &[Told],
    now: Timestamp,
) -> Result<(), StoreError> {
    for (biller, what) in told {
        store::insert_expectations_in(tx, biller, std::slice::from_ref(what), now).await?;
    }
    Ok(())
}

/// The day itself where no holiday table covers it: it is then asked for again when it is late.
fn business_day(day: Date, calendar: &BusinessCalendar) -> Date {
    calendar.roll_forward(day).unwrap_or(day)
}
