//! Movements of money at a rail that are no receipt: payouts, chargebacks, promises returned late. Append only.

use deadpool_postgres::Transaction;
use epay_money::{BillerId, JournalId, MessageId, Money, PaymentId, RailId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::StoreError;
use crate::row::{Reading, columns};

/// What makes a movement the same movement when it is told again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MovementKey {
    /// The department whose account it is on.
    pub biller: BillerId,
    /// The rail.
    pub rail: RailId,
    /// The payee's account on the rail.
    pub rail_account: String,
    /// The rail's name for it.
    pub rail_reference: String,
    /// Which kind: a stable word.
    pub kind: String,
}

/// A movement that was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// What makes it the same one.
    pub key: MovementKey,
    /// The payment, where it is about one.
    pub payment: Option<PaymentId>,
    /// How much, before what the rail keeps.
    pub amount: Money,
    /// What the rail keeps or charges, in minor units.
    pub fee_minor: i64,
    /// How many collections it is for.
    pub items: i32,
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// The message that reported it.
    pub message: MessageId,
    /// The journal that booked it.
    pub journal: JournalId,
}

/// Which of these movements are booked already.
///
/// # Errors
/// [`StoreError`].
pub async fn known_movements_in(
    tx: &Transaction<'_>,
    wanted: &[MovementKey],
) -> Result<Vec<MovementKey>, StoreError> {
    columns!(
        wanted,
        billers = |key| key.biller.as_str(),
        rails = |key| key.rail.as_str(),
        accounts = |key| key.rail_account.as_str(),
        references = |key| key.rail_reference.as_str(),
        kinds = |key| key.kind.as_str(),
    );
    let statement = tx
        .prepare_cached(
            "SELECT known.biller_id, known.rail, known.rail_account, known.rail_reference, known.kind \
             FROM epay.movement AS known JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) \
             AS wanted (biller_id, rail, rail_account, rail_reference, kind) \
             USING (biller_id, rail, rail_account, rail_reference, kind)",
        )
        .await?;
    let rows = tx
        .query(
            &statement,
            &[&billers, &rails, &accounts, &references, &kinds],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "movement",
                row,
            };
            Ok(MovementKey {
                biller: reading.biller()?,
                rail: reading.rail()?,
                rail_account: reading.get("rail_account")?,
                rail_reference: reading.get("rail_reference")?,
                kind: reading.get("kind")?,
            })
        })
        .collect()
}

/// How much of payments the payers' banks have at present, in minor units: taken back, and not brought again. Payments of
/// which nothing was ever taken back are not in the answer.
///
/// # Errors
/// [`StoreError`].
pub async fn taken_back_in(
    tx: &Transaction<'_>,
    payments: &[(BillerId, PaymentId)],
) -> Result<Vec<((BillerId, PaymentId), i64)>, StoreError> {
    columns!(
        payments,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "SELECT movement.biller_id, movement.payment_id, \
             sum(CASE movement.kind WHEN 'chargeback_reversed' THEN -movement.amount_minor \
                 ELSE movement.amount_minor END)::int8 AS away_minor \
             FROM epay.movement AS movement JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, payment_id) \
             USING (biller_id, payment_id) WHERE kind IN ('charged_back', 'chargeback_reversed', 'dishonoured') \
             GROUP BY movement.biller_id, movement.payment_id",
        )
        .await?;
    let rows = tx.query(&statement, &[&billers, &ids]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "movement",
                row,
            };
            let payment = PaymentId::new(reading.get("payment_id")?);
            Ok(((reading.biller()?, payment), reading.get("away_minor")?))
        })
        .collect()
}

/// Records movements. One that another node recorded in the meantime fails the statement, and the batch is decided
/// again.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_movements_in(
    tx: &Transaction<'_>,
    movements: &[Movement],
    now: Timestamp,
) -> Result<(), StoreError> {
    columns!(
        movements,
        billers = |movement| movement.key.biller.as_str(),
        rails = |movement| movement.key.rail.as_str(),
        accounts = |movement| movement.key.rail_account.as_str(),
        references = |movement| movement.key.rail_reference.as_str(),
        kinds = |movement| movement.key.kind.as_str(),
        payments = |movement| movement.payment.map(PaymentId::uuid),
        currencies = |movement| movement.amount.currency().code(),
        amounts = |movement| movement.amount.minor(),
        fees = |movement| movement.fee_minor,
        items = |movement| movement.items,
        values = |movement| movement.value_date,
        messages = |movement| movement.message.uuid(),
        journals = |movement| movement.journal.uuid(),
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.movement (biller_id, rail, rail_account, rail_reference, kind, payment_id, currency, \
             amount_minor, fee_minor, items, value_date, message_id, journal_id, created_at) \
             SELECT *, $14 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], \
             $7::text[], $8::int8[], $9::int8[], $10::int4[], $11::date[], $12::uuid[], $13::uuid[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &rails,
            &accounts,
            &references,
            &kinds,
            &payments,
            &currencies,
            &amounts,
            &fees,
            &items,
            &values,
            &messages,
            &journals,
            &now,
        ],
    )
    .await?;
    Ok(())
}
