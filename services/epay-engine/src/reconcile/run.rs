//! One run over one book.

use epay_domain::reconciliation::Level;
use epay_ledger::Journal;
use epay_money::{BillerId, hong_kong_date};
use epay_store::reconciliation as store;
use tracing::{info, warn};

use super::book::{Books, Context};
use super::found::Run;
use super::load::{self, Sides};
use super::passed_on;
use super::question::{self, Answer, Terms};
use crate::engine::Core;
use crate::error::{BatchError, EngineError, chain};

/// How often a run is tried that another node was in the way of.
const ATTEMPTS_MAX: u32 = 5;

/// What a run found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Statements and settlement reports that were looked at.
    pub sources: usize,
    /// Pairs of items that agree.
    pub matched: usize,
    /// Breaks that were opened.
    pub opened: usize,
    /// Breaks that changed or ended.
    pub changed: usize,
    /// Journals that were booked.
    pub journals: usize,
}

/// Runs until nobody is in the way.
pub(super) async fn reconcile(core: &Core, biller: &BillerId) -> Result<Reconciled, EngineError> {
    let mut attempts = 1_u32;
    loop {
        match once(core, biller).await {
            Ok(found) => {
                if found != Reconciled::default() {
                    info!(book = %biller, ?found, "A book is reconciled");
                }
                return Ok(found);
            }
            Err(BatchError::Again(reason)) if attempts < ATTEMPTS_MAX => {
                warn!(book = %biller, reason, "Another node was in the way; the book is read again");
            }
            Err(failure) => return Err(engine_error(failure)),
        }
        attempts = attempts.saturating_add(1);
    }
}

pub(super) fn engine_error(failure: BatchError) -> EngineError {
    match failure {
        BatchError::Spoiled(reason) => EngineError::Broken(reason),
        BatchError::Again(_) | BatchError::Away(_) => EngineError::Unavailable,
    }
}

async fn once(core: &Core, biller: &BillerId) -> Result<Reconciled, BatchError> {
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let before = store::lock_book_in(&tx, biller).await?;
    let now = core.clock.now();
    let context = Context {
        biller,
        rails: &core.rails,
        ids: core.ids.as_ref(),
        now,
        today: hong_kong_date(now),
    };
    let sides = load::sides(&tx, core, biller, before.receipts_until, now).await?;
    let mut run = Run::new(&sides, Books::open(context));
    let calendar = core.calendar();
    // What a rail reports comes first: its batches are what the bank's level expects.
    for level in [Level::Rail, Level::Bank] {
        for currency in sides.currencies() {
            let terms = Terms {
                level,
                currency,
                met: &[],
                today: context.today,
                calendar: &calendar,
            };
            let answer = asked(&tx, biller, &sides, terms).await?;
            run.take(&answer, level, currency)?;
        }
    }
    let first_of_day = before
        .ran_at
        .is_none_or(|at| hong_kong_date(at) < context.today);
    passed_on::look(&tx, biller, first_of_day, &mut run).await?;
    run.writes.sources.clone_from(&sides.sources);
    run.writes.expectations.extend_from_slice(&sides.waiting);
    let Run {
        books,
        writes,
        cases,
        ..
    } = run;
    let journals: Vec<Journal> = books.close()?;
    writes
        .write_in(&tx, core, biller, (&cases, &journals), now)
        .await?;
    store::note_run_in(&tx, biller, sides.receipts_until, now).await?;
    tx.commit().await?;
    Ok(Reconciled {
        sources: writes.sources.len(),
        matched: writes.matches.len(),
        opened: writes.new_cases.len(),
        changed: writes
            .changed_cases
            .len()
            .saturating_sub(writes.new_cases.len()),
        journals: journals.len(),
    })
}

/// Asks, and where something stands alone whose reference was matched in an earlier run, asks again with that.
async fn asked(
    tx: &deadpool_postgres::Transaction<'_>,
    biller: &BillerId,
    sides: &Sides,
    terms: Terms<'_>,
) -> Result<Answer, BatchError> {
    let broken = |error| BatchError::Spoiled(chain(&error));
    let answer = question::ask(sides, terms).map_err(broken)?;
    let keys = question::lonely_keys(sides, &answer);
    if keys.is_empty() {
        return Ok(answer);
    }
    let met = store::met_keys_in(tx, biller, terms.level, &keys).await?;
    if met.is_empty() {
        return Ok(answer);
    }
    question::ask(sides, Terms { met: &met, ..terms }).map_err(broken)
}
