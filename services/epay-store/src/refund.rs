//! Refunds, what is refundable of receipts, and the accounts that refunds are paid to.

mod account;
mod pot;

pub use account::{
    PayoutRow, insert_payout_accounts_in, payout_accounts_in, verify_payout_accounts_in,
};
pub use pot::{
    PotKey, lock_pots_in, open_pots_in, receipts_in, receipts_of_payments_in, write_pots_in,
};

use deadpool_postgres::{GenericClient, Transaction};
use epay_domain::refund::{Refund, RefundState, Route, Source};
use epay_money::{
    BillId, BillerId, PaymentId, PayoutAccountId, ProposalId, RailId, ReceiptId, RefundId,
};
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::row::{Reading, columns};
use crate::{Page, PageRequest, StoreError};

pub(crate) fn source_of(reading: Reading<'_>, table: &'static str) -> Result<Source, StoreError> {
    let word: &str = reading.get("source")?;
    Source::ALL
        .into_iter()
        .find(|known| known.as_str() == word)
        .ok_or(StoreError::Unknown {
            table,
            column: "source",
        })
}

pub(crate) fn read(row: &Row) -> Result<Refund, StoreError> {
    let table = "refund";
    let reading = Reading { table, row };
    let unknown = |column| StoreError::Unknown { table, column };
    let state: &str = reading.get("state")?;
    let rail: Option<&str> = reading.get("route_rail")?;
    let route = match rail {
        None => None,
        Some(rail) => Some(Route {
            rail: RailId::new(rail).map_err(|_bad| unknown("route_rail"))?,
            original: reading.get("route_original")?,
            order_key: reading.get("order_key")?,
            at: reading.get("route_at")?,
            nonce: reading
                .get::<&[u8]>("route_nonce")?
                .try_into()
                .map_err(|_length| unknown("route_nonce"))?,
        }),
    };
    Ok(Refund {
        id: RefundId::new(reading.get("refund_id")?),
        biller: reading.biller()?,
        receipt: ReceiptId::new(reading.get("receipt_id")?),
        payment: reading
            .get::<Option<Uuid>>("payment_id")?
            .map(PaymentId::new),
        bill: reading.get::<Option<Uuid>>("bill_id")?.map(BillId::new),
        source: source_of(reading, table)?,
        amount: reading.money("amount_minor")?,
        reason: reading.get("reason")?,
        consent: reading.get("consent")?,
        account: reading
            .get::<Option<Uuid>>("account_id")?
            .map(PayoutAccountId::new),
        proposal: ProposalId::new(reading.get("proposal_id")?),
        state: RefundState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        route,
        attempts: reading.get("attempts")?,
        problem: reading.get("problem")?,
        created_at: reading.get("created_at")?,
        changed_at: reading.get("changed_at")?,
        version: reading.get("version")?,
    })
}

/// Writes new refunds.
///
/// # Errors
/// [`StoreError`].
pub async fn insert_refunds_in(
    tx: &Transaction<'_>,
    refunds: &[&Refund],
) -> Result<(), StoreError> {
    columns!(
        refunds,
        billers = |refund| refund.biller.as_str(),
        ids = |refund| refund.id.uuid(),
        receipts = |refund| refund.receipt.uuid(),
        payments = |refund| refund.payment.map(PaymentId::uuid),
        bills = |refund| refund.bill.map(BillId::uuid),
        sources = |refund| refund.source.as_str(),
        minors = |refund| refund.amount.minor(),
        currencies = |refund| refund.amount.currency().code(),
        reasons = |refund| refund.reason.as_str(),
        consents = |refund| refund.consent.as_deref(),
        accounts = |refund| refund.account.map(PayoutAccountId::uuid),
        proposals = |refund| refund.proposal.uuid(),
        states = |refund| refund.state.as_str(),
        attempts = |refund| refund.attempts,
        created = |refund| refund.created_at,
        changed = |refund| refund.changed_at,
        versions = |refund| refund.version,
    );
    let statement = tx
        .prepare_cached(
            "INSERT INTO epay.refund (biller_id, refund_id, receipt_id, payment_id, bill_id, source, amount_minor, \
             currency, reason, consent, account_id, proposal_id, state, attempts, created_at, changed_at, version) \
             SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], \
             $7::int8[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::uuid[], $13::text[], $14::int4[], \
             $15::timestamptz[], $16::timestamptz[], $17::int4[])",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &receipts,
            &payments,
            &bills,
            &sources,
            &minors,
            &currencies,
            &reasons,
            &consents,
            &accounts,
            &proposals,
            &states,
            &attempts,
            &created,
            &changed,
            &versions,
        ],
    )
    .await?;
    Ok(())
}

/// Writes what changes on locked refunds.
///
/// # Errors
/// [`StoreError`].
pub async fn update_refunds_in(
    tx: &Transaction<'_>,
    refunds: &[&Refund],
) -> Result<(), StoreError> {
    columns!(
        refunds,
        billers = |refund| refund.biller.as_str(),
        ids = |refund| refund.id.uuid(),
        accounts = |refund| refund.account.map(PayoutAccountId::uuid),
        states = |refund| refund.state.as_str(),
        rails = |refund| refund.route.as_ref().map(|route| route.rail.as_str()),
        originals = |refund| refund.route.as_ref().map(|route| route.original),
        keys = |refund| refund.route.as_ref().map(|route| route.order_key.as_str()),
        route_times = |refund| refund.route.as_ref().map(|route| route.at),
        nonces = |refund| refund.route.as_ref().map(|route| route.nonce.as_slice()),
        attempts = |refund| refund.attempts,
        problems = |refund| refund.problem.as_deref(),
        changed = |refund| refund.changed_at,
        versions = |refund| refund.version,
        looks_at = |refund| next_look(refund),
    );
    let statement = tx
        .prepare_cached(
            "UPDATE epay.refund SET account_id = new.account_id, state = new.state, route_rail = new.route_rail, \
             route_original = new.route_original, order_key = new.order_key, attempts = new.attempts, \
             problem = new.problem, changed_at = new.changed_at, version = new.version, \
             route_at = new.route_at, route_nonce = new.route_nonce, next_at = new.next_at, looks = 0 \
             FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bool[], $7::text[], \
             $8::int4[], $9::text[], $10::timestamptz[], $11::int4[], $12::timestamptz[], $13::bytea[], \
             $14::timestamptz[]) AS new (biller_id, refund_id, account_id, state, route_rail, route_original, \
             order_key, attempts, problem, changed_at, version, route_at, route_nonce, next_at) \
             WHERE refund.biller_id = new.biller_id AND refund.refund_id = new.refund_id",
        )
        .await?;
    tx.execute(
        &statement,
        &[
            &billers,
            &ids,
            &accounts,
            &states,
            &rails,
            &originals,
            &keys,
            &attempts,
            &problems,
            &changed,
            &versions,
            &route_times,
            &nonces,
            &looks_at,
        ],
    )
    .await?;
    Ok(())
}

/// Locks refunds and reads them, in the order of their keys.
///
/// # Errors
/// [`StoreError`].
pub async fn lock_refunds_in(
    tx: &Transaction<'_>,
    keys: &[(BillerId, RefundId)],
) -> Result<Vec<Refund>, StoreError> {
    columns!(
        keys,
        billers = |key| key.0.as_str(),
        ids = |key| key.1.uuid()
    );
    let statement = tx
        .prepare_cached(
            "SELECT refund.* FROM epay.refund AS refund \
             JOIN unnest($1::text[], $2::uuid[]) AS wanted (biller_id, refund_id) USING (biller_id, refund_id) \
             ORDER BY biller_id, refund_id FOR UPDATE OF refund",
        )
        .await?;
    tx.query(&statement, &[&billers, &ids])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One refund.
///
/// # Errors
/// [`StoreError`].
pub async fn refund(
    client: &impl GenericClient,
    biller: &BillerId,
    id: RefundId,
) -> Result<Option<Refund>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.refund WHERE biller_id = $1 AND refund_id = $2")
        .await?;
    client
        .query_opt(&statement, &[&biller.as_str(), &id.uuid()])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The refunds whose orders have these keys.
///
/// # Errors
/// [`StoreError`].
pub async fn refunds_by_order(
    client: &impl GenericClient,
    keys: &[String],
) -> Result<Vec<Refund>, StoreError> {
    let statement = client
        .prepare_cached("SELECT * FROM epay.refund WHERE order_key = ANY ($1)")
        .await?;
    client
        .query(&statement, &[&keys])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Takes refunds that a worker must look at, the longest waiting first, at most `limit`. Each is then left alone by
/// others for a pause that doubles with every look, so that a worker that dies loses nothing.
///
/// # Errors
/// [`StoreError`].
pub async fn claim_refunds(
    client: &impl GenericClient,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Refund>, StoreError> {
    let statement = client
        .prepare_cached(
            "UPDATE epay.refund SET looks = looks + 1, \
             next_at = $1::timestamptz + make_interval(secs => least($3::float8, $4::float8 * power(2, least(looks, 20)))) \
             WHERE (biller_id, refund_id) IN (SELECT biller_id, refund_id FROM epay.refund WHERE next_at <= $1 \
             ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING *",
        )
        .await?;
    client
        .query(
            &statement,
            &[&now, &limit, &LONGEST_PAUSE_SECS, &FIRST_PAUSE_SECS],
        )
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Pause after the first look at a refund, in seconds: longer than any call is waited for.
const FIRST_PAUSE_SECS: f64 = 30.0;
/// No pause between two looks is longer.
const LONGEST_PAUSE_SECS: f64 = 3_600.0;

/// When a worker must look at a refund that has just changed. What was certainly not sent is not sent again at once.
fn next_look(refund: &Refund) -> Option<Timestamp> {
    let secs = match refund.state {
        RefundState::Approved if refund.problem.is_none() => 0,
        RefundState::Approved => 15,
        RefundState::Unclear => 5,
        // Whoever sends it tells of it well before.
        RefundState::Submitting => 90,
        RefundState::InTransit => 600,
        RefundState::Proposed
        | RefundState::Refunded
        | RefundState::Queued
        | RefundState::Refused => return None,
    };
    let at = refund.changed_at;
    Some(
        at.checked_add(SignedDuration::from_secs(secs))
            .unwrap_or(at),
    )
}

/// Which refunds are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundFilter {
    /// Only those of this department.
    pub biller: Option<BillerId>,
    /// Only those in this state.
    pub state: Option<RefundState>,
    /// Only those of this receipt.
    pub receipt: Option<ReceiptId>,
    /// Only those of this payment.
    pub payment: Option<PaymentId>,
}

/// Refunds, newest first.
///
/// # Errors
/// [`StoreError`].
pub async fn refunds(
    client: &impl GenericClient,
    filter: &RefundFilter,
    request: PageRequest,
) -> Result<Page<Refund>, StoreError> {
    let statement = client
        .prepare_cached(
            "SELECT * FROM epay.refund WHERE ($1::text IS NULL OR biller_id = $1) \
             AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR receipt_id = $3) \
             AND ($4::uuid IS NULL OR payment_id = $4) AND ($5::uuid IS NULL OR refund_id < $5) \
             ORDER BY refund_id DESC LIMIT $6",
        )
        .await?;
    let rows = client
        .query(
            &statement,
            &[
                &filter.biller.as_ref().map(BillerId::as_str),
                &filter.state.map(RefundState::as_str),
                &filter.receipt.map(ReceiptId::uuid),
                &filter.payment.map(PaymentId::uuid),
                &request.after,
                &request.limit(),
            ],
        )
        .await?;
    let items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, request, |refund| refund.id.uuid()))
}
