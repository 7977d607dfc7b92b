//! Everything that a run looks at, read under the book's lock.

use std::collections::{HashMap, HashSet};

use deadpool_postgres::Transaction;
use epay_domain::reconciliation::Level;
use epay_domain::reconciliation::case::{Case, ItemKind};
use epay_domain::statement::{EntryDirection, Standing, StatementEntry};
use epay_money::{BillerId, BreakId, CalendarError, Currency, RailId};
use epay_rail::{Fee, FeePaid, Finding, PaidOver};
use epay_store::reconciliation::{
    self as store, Expectation, NewStatement, SettlementBatch, SettlementItem, ToSettle,
};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use jiff::civil::Date;
use tracing::warn;
use uuid::Uuid;

use super::{COMMIT_LAG, STATEMENTS_MAX, Seen, Wanted};
use crate::engine::Core;
use crate::error::{BatchError, chain};

/// Both sides of a book, and the breaks that stand alone.
#[derive(Debug, Default)]
pub(super) struct Sides {
    pub(super) wanted: Vec<Wanted>,
    pub(super) seen: Vec<Seen>,
    pub(super) cases: HashMap<BreakId, Case>,
    /// Statements and reports that are looked at, with the entries that they have.
    pub(super) sources: Vec<(Uuid, i64)>,
    /// The last day that the statements of an account cover, or a rail's reports of one of its accounts; empty while some
    /// are not looked at.
    pub(super) covered_until: Vec<(Level, Option<RailId>, String, Date)>,
    /// Receipts recorded before this moment are looked at: those of a rail that is not configured are read again until it is.
    pub(super) receipts_until: Timestamp,
    /// Batches of a rail that is not configured any more: expected, and not looked for.
    pub(super) waiting: Vec<Expectation>,
}

/// Which open break stands for a line.
type Keepers = HashMap<(Uuid, i32), BreakId>;

fn keepers<'c>(cases: impl Iterator<Item = &'c Case>) -> Keepers {
    let alone = cases.filter(|case| case.expected.is_empty());
    alone
        .flat_map(|case| {
            let items = case.observed.iter();
            items.map(|item| ((item.id, item.line), case.id))
        })
        .collect()
}

/// Reads a book. The caller has taken its lock; receipts were looked at up to `looked_at`.
pub(super) async fn sides(
    tx: &Transaction<'_>,
    core: &Core,
    biller: &BillerId,
    looked_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Sides, BatchError> {
    let cases = store::lock_open_cases_in(tx, biller).await?;
    let standing = keepers(cases.iter());
    let mut sides = Sides {
        cases: cases.into_iter().map(|case| (case.id, case)).collect(),
        receipts_until: now,
        ..Sides::default()
    };
    let statements = store::new_statements_in(tx, biller, STATEMENTS_MAX).await?;
    let reports = store::new_reports_in(tx, biller).await?;
    let again: Vec<Uuid> = reports
        .iter()
        .filter(|report| report.again)
        .map(|report| report.id)
        .collect();
    let reports: Vec<Uuid> = reports.iter().map(|report| report.id).collect();
    if i64::try_from(statements.len()).unwrap_or(i64::MAX) < STATEMENTS_MAX {
        sides.covered_until = store::covered_until_in(tx, biller).await?;
    }
    expected(tx, core, biller, (looked_at, now), &reports, &mut sides).await?;
    for statement in &statements {
        entries(tx, biller, *statement, &mut sides).await?;
        sides.sources.push((statement.id.uuid(), statement.entries));
    }
    let mut looked_at: HashSet<(Uuid, i32)> = HashSet::new();
    for report in again {
        let lines = store::looked_at_lines_in(tx, biller, report).await?;
        looked_at.extend(lines.into_iter().map(|line| (report, line)));
    }
    for item in store::settlement_items_in(tx, biller, &reports).await? {
        if !looked_at.contains(&(item.message.uuid(), item.line)) {
            sides.seen.extend(row(item, None));
        }
    }
    sides
        .sources
        .extend(reports.iter().map(|report| (*report, 0)));
    left_open(tx, biller, &standing, &mut sides).await?;
    Ok(sides)
}

async fn expected(
    tx: &Transaction<'_>,
    core: &Core,
    biller: &BillerId,
    (looked_at, now): (Option<Timestamp>, Timestamp),
    reports: &[Uuid],
    sides: &mut Sides,
) -> Result<(), BatchError> {
    for what in store::open_expectations_in(tx, biller).await? {
        let case = what.case.filter(|case| sides.cases.contains_key(case));
        sides.wanted.extend(wanted(core, what, false, case));
    }
    let from = looked_at.map(|at| at.checked_sub(COMMIT_LAG).unwrap_or(at));
    let broken = |error: CalendarError| BatchError::Spoiled(chain(&error));
    for receipt in store::new_receipts_in(tx, biller, from, now).await? {
        let recorded_at = receipt.created_at;
        match of_receipt(core, receipt).map_err(broken)? {
            Some(what) => sides.wanted.extend(wanted(core, what, true, None)),
            None => sides.receipts_until = sides.receipts_until.min(recorded_at),
        }
    }
    for batch in store::batches_of_in(tx, biller, reports).await? {
        let what = of_batch(core, batch).map_err(broken)?;
        match wanted(core, what.clone(), true, None) {
            Some(one) => sides.wanted.push(one),
            None => sides.waiting.push(what),
        }
    }
    Ok(())
}

/// An expectation with what its rail says of it. One of a rail that is not configured any more waits.
fn wanted(core: &Core, what: Expectation, fresh: bool, case: Option<BreakId>) -> Option<Wanted> {
    let rail = what.rail.as_ref().and_then(|rail| core.rails.get(rail));
    let Some(rail) = rail else {
        warn!(item = %what.id, rail = ?what.rail, "What a rail must settle waits: it is not configured");
        return None;
    };
    let receipt = what.kind == ItemKind::Receipt;
    Some(Wanted {
        by_day: receipt && rail.rail.profile().settlement.paid == PaidOver::Day,
        what,
        fresh,
        case,
    })
}

fn of_receipt(core: &Core, receipt: ToSettle) -> Result<Option<Expectation>, CalendarError> {
    let Some(rail) = core.rails.get(&receipt.rail) else {
        warn!(receipt = %receipt.id, rail = %receipt.rail, "A receipt waits: its rail is not configured");
        return Ok(None);
    };
    let profile = rail.rail.profile();
    let days = profile.settlement.business_days;
    let due = core
        .calendar()
        .add_business_days(receipt.receipt_business_date, days)?;
    let level = match profile.settlement.paid {
        PaidOver::Each | PaidOver::Day => Level::Bank,
        PaidOver::Reported => Level::Rail,
    };
    let minor = receipt.amount.minor();
    Ok(Some(Expectation {
        level,
        id: receipt.id.uuid(),
        kind: ItemKind::Receipt,
        rail: Some(receipt.rail),
        account: receipt.rail_account,
        direction: EntryDirection::Credit,
        rail_reference: Some(receipt.rail_reference),
        reference: receipt.reference,
        bill_number: receipt.bill_number,
        currency: receipt.amount.currency(),
        minor,
        gross_minor: minor,
        fee_minor: kept_back(profile.fee, minor).filter(|_fee| level == Level::Rail),
        day: receipt.value_date,
        expected_on: Some(due.max(receipt.value_date)),
        case: None,
        journal: Some(receipt.journal),
    }))
}

/// What a rail keeps back of one item by what was agreed, half a cent rounded up; nothing where it sends an invoice.
fn kept_back(fee: Fee, minor: i64) -> Option<i64> {
    if fee.paid != FeePaid::FromPayout {
        return None;
    }
    let part = minor
        .checked_mul(i64::from(fee.basis_points))?
        .checked_add(5_000)?
        .checked_div(10_000)?;
    part.checked_add(fee.per_item_minor)
}

/// The business day of a date, or the date itself where nobody knows its holidays: a rail wrote it down, not we.
fn business_day(core: &Core, date: Date) -> Result<Date, CalendarError> {
    match core.calendar().roll_forward(date) {
        Err(CalendarError::YearNotLoaded { year }) => {
            warn!(year, %date, "The holidays of a year that a rail names are not known");
            Ok(date)
        }
        known => known,
    }
}

fn of_batch(core: &Core, batch: SettlementBatch) -> Result<Expectation, CalendarError> {
    Ok(Expectation {
        level: Level::Bank,
        id: batch.id.uuid(),
        kind: ItemKind::Batch,
        rail: Some(batch.rail),
        account: batch.rail_account,
        direction: EntryDirection::Credit,
        rail_reference: None,
        reference: Some(batch.reference),
        bill_number: None,
        currency: batch.currency,
        minor: batch.net_minor,
        gross_minor: batch.gross_minor,
        fee_minor: Some(batch.fee_minor),
        day: batch.value_date,
        expected_on: Some(business_day(core, batch.value_date)?),
        case: None,
        journal: None,
    })
}

/// The entries of a statement, less those that were looked at already.
async fn entries(
    tx: &Transaction<'_>,
    biller: &BillerId,
    statement: NewStatement,
    sides: &mut Sides,
) -> Result<(), BatchError> {
    let known: HashSet<i32> = if statement.again {
        let lines = store::looked_at_lines_in(tx, biller, statement.id.uuid()).await?;
        lines.into_iter().collect()
    } else {
        HashSet::new()
    };
    let stream = epay_store::statement_entries(tx, biller, statement.id).await?;
    let mut stream = std::pin::pin!(stream);
    let mut repeated = Vec::new();
    // References of this statement's own lines, whenever they were looked at.
    let mut told: HashSet<(String, EntryDirection)> = HashSet::new();
    let first = sides.seen.len();
    while let Some(entry) = stream.try_next().await? {
        match entry.standing {
            // Looked at before; a row that is read later may repeat it.
            Standing::Counts if known.contains(&entry.line) => {
                told.insert((entry.bank_reference, entry.direction));
            }
            _ if known.contains(&entry.line) => {}
            Standing::Counts => sides.seen.push(seen(entry, None)),
            Standing::Repeated => repeated.push(entry),
            Standing::Early | Standing::SetApart => {}
        }
    }
    if repeated.is_empty() {
        return Ok(());
    }
    // What the same statement tells twice is a second one; what an earlier statement told already is no news.
    for entry in sides.seen.iter().skip(first) {
        told.insert((entry.rail_reference.clone(), entry.direction));
    }
    let second =
        |entry: &StatementEntry| told.contains(&(entry.bank_reference.clone(), entry.direction));
    sides.seen.extend(
        repeated
            .into_iter()
            .filter(second)
            .map(|entry| seen(entry, None)),
    );
    Ok(())
}

pub(super) fn seen(entry: StatementEntry, case: Option<BreakId>) -> Seen {
    let texts = [&entry.end_to_end_id, &entry.clearing_reference];
    let mut texts: Vec<String> = texts.into_iter().flatten().cloned().collect();
    texts.push(entry.bank_reference.clone());
    Seen {
        level: Level::Bank,
        kind: ItemKind::Entry,
        source: entry.statement.uuid(),
        line: entry.line,
        rail: None,
        account: entry.account,
        currency: entry.amount.currency(),
        direction: entry.direction,
        rail_reference: entry.bank_reference,
        // A payment of ours carries our name for it from end to end.
        reference: match entry.direction {
            EntryDirection::Credit => entry.reference,
            EntryDirection::Debit => entry.reference.or(entry.end_to_end_id),
        },
        bill_number: entry.bill_number,
        texts,
        minor: entry.amount.minor(),
        fee_minor: None,
        day: entry.booking_date,
        returned: entry.reversal || entry.return_reason.is_some(),
        counts: entry.standing == Standing::Counts,
        journal: None,
        case,
    }
}

/// A row of a settlement report, where it is about money that we collected or a dispute.
fn row(item: SettlementItem, case: Option<BreakId>) -> Option<Seen> {
    let (direction, returned) = match Finding::from_word(&item.finding)? {
        Finding::Settled | Finding::ChargebackReversed => (EntryDirection::Credit, false),
        Finding::ChargedBack => (EntryDirection::Debit, true),
        _ => return None,
    };
    Some(Seen {
        level: Level::Rail,
        kind: ItemKind::Row,
        source: item.message.uuid(),
        line: item.line,
        rail: Some(item.rail),
        account: item.rail_account,
        currency: item.currency,
        direction,
        rail_reference: item.rail_reference,
        reference: item.reference,
        bill_number: None,
        texts: vec![],
        minor: item.amount_minor,
        // A dispute's fee is its own, and was booked with it.
        fee_minor: item
            .fee_minor
            .filter(|_fee| item.finding == Finding::Settled.as_str()),
        day: item.day,
        returned,
        counts: true,
        journal: item.journal,
        case,
    })
}

/// What earlier runs saw and nobody expected.
async fn left_open(
    tx: &Transaction<'_>,
    biller: &BillerId,
    standing: &Keepers,
    sides: &mut Sides,
) -> Result<(), BatchError> {
    let mut lines = Vec::new();
    let mut reports = HashSet::new();
    for (line, case) in standing {
        match sides.cases.get(case).map(|case| case.level) {
            Some(Level::Bank) => lines.push(*line),
            Some(Level::Rail) => {
                reports.insert(line.0);
            }
            Some(Level::Department) | None => {}
        }
    }
    lines.sort_unstable();
    for entry in store::known_entries_in(tx, biller, &lines).await? {
        let line = (entry.statement.uuid(), entry.line);
        let case = standing.get(&line).copied();
        sides.seen.push(seen(entry, case));
    }
    let mut reports: Vec<Uuid> = reports.into_iter().collect();
    reports.sort_unstable();
    for item in store::settlement_items_in(tx, biller, &reports).await? {
        if let Some(case) = standing.get(&(item.message.uuid(), item.line)) {
            sides.seen.extend(row(item, Some(*case)));
        }
    }
    Ok(())
}

impl Sides {
    /// The currencies of either side, in order.
    pub(super) fn currencies(&self) -> Vec<Currency> {
        let used = |currency: &Currency| {
            self.wanted.iter().any(|one| one.what.currency == *currency)
                || self.seen.iter().any(|one| one.currency == *currency)
        };
        Currency::ALL.into_iter().filter(used).collect()
    }
}
