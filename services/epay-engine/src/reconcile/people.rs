//! What two people agreed on is carried out under the book's lock, once. A break that a fact ended in the meantime keeps its
//! end; that the agreement came too late is written into its history.

use deadpool_postgres::Transaction;
use epay_domain::proposal::Proposal;
use epay_domain::reconciliation::case::{self, Case, CaseFact, Ended, ItemKind, Kept, Resolution};
use epay_domain::reconciliation::{Level, MatchedBy};
use epay_domain::{HoldReason, MatchedBy as FoundBy, Receipt};
use epay_ledger::recipes::RailAccounts;
use epay_ledger::reversal;
use epay_money::{
    BillerId, BreakId, JournalId, MessageId, Money, RailId, ReceiptId, hong_kong_date,
};
use epay_rail::PaidOver;
use epay_store::ReceiptKey;
use epay_store::reconciliation::{self as store, MatchPart};
use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use super::book::{Books, Context};
use super::found::{Run, Together};
use super::load::{self, Sides};
use super::owed;
use super::run::engine_error;
use crate::Engine;
use crate::engine::Core;
use crate::error::{BatchError, EngineError, chain};

/// How long a rail may take to pay a fee back: it sends its invoice, and corrects it, once a month.
const FEE_CLAIM: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Engine {
    /// Carries out how a break ends. What was carried out before is no news.
    pub(crate) async fn end_break(
        &self,
        proposal: &Proposal,
        id: BreakId,
        resolution: &Resolution,
    ) -> Result<(), EngineError> {
        let done = match carry_out(&self.core, proposal, id, resolution).await {
            // It would fail again and again: the agreement ends with its reason.
            Err(BatchError::Spoiled(why)) => give_up(&self.core, proposal, id, why).await,
            done => done,
        };
        done.map_err(engine_error)
    }
}

/// Writes into a break's history why what two people agreed on cannot be done. It stays open, to be ended in another way.
async fn give_up(
    core: &Core,
    proposal: &Proposal,
    id: BreakId,
    why: String,
) -> Result<(), BatchError> {
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    store::lock_book_in(&tx, &proposal.biller).await?;
    let Some(case) = store::lock_case_in(&tx, &proposal.biller, id).await? else {
        return Err(BatchError::Spoiled(why));
    };
    let mut sides = Sides::default();
    sides.cases.insert(id, case);
    let now = core.clock.now();
    let mut run = Run::new(&sides, Books::open(context(core, &proposal.biller, now)));
    let fact = CaseFact::Undone {
        proposal: proposal.id,
        why: why.clone(),
    };
    run.tell(id, &fact);
    let written = run
        .writes
        .write_in(&tx, core, &proposal.biller, (&run.cases, &[]), now);
    written.await?;
    tx.commit().await?;
    warn!(book = %proposal.biller, of = %id, why, "What two people agreed on cannot be done");
    Ok(())
}

fn context<'a>(core: &'a Core, biller: &'a BillerId, now: Timestamp) -> Context<'a> {
    Context {
        biller,
        rails: &core.rails,
        ids: core.ids.as_ref(),
        now,
        today: hong_kong_date(now),
    }
}

async fn carry_out(
    core: &Core,
    proposal: &Proposal,
    id: BreakId,
    resolution: &Resolution,
) -> Result<(), BatchError> {
    let biller = &proposal.biller;
    let mut client = core.pool.get().await?;
    let tx = client.transaction().await?;
    let before = store::lock_book_in(&tx, biller).await?;
    let Some(case) = store::lock_case_in(&tx, biller, id).await? else {
        return Err(BatchError::Spoiled("the break is gone".to_owned()));
    };
    if told_before(&tx, &case, proposal).await? {
        return Ok(());
    }
    let now = core.clock.now();
    let mut sides = match resolution {
        Resolution::Match { .. } | Resolution::Suspense => {
            load::sides(&tx, core, biller, before.receipts_until, now).await?
        }
        _ => Sides::default(),
    };
    sides.cases.insert(id, case.clone());
    let mut run = Run::new(&sides, Books::open(context(core, biller, now)));
    // Nobody agreed to another amount than the proposal's: what was left may have changed since.
    let as_agreed =
        *resolution == Resolution::Reopen || case.at_stake(resolution) == proposal.amount;
    let done = match case::fits(&case, resolution) {
        Ok(()) if as_agreed => end(&tx, core, &mut run, (proposal, &case), resolution).await?,
        Ok(()) | Err(_) => false,
    };
    if !done {
        let fact = CaseFact::Overtaken {
            proposal: proposal.id,
        };
        run.tell(id, &fact);
    }
    let Run {
        books,
        writes,
        cases,
        ..
    } = run;
    let journals = books.close()?;
    writes
        .write_in(&tx, core, biller, (&cases, &journals), now)
        .await?;
    tx.commit().await?;
    info!(book = %biller, of = %id, how = resolution.as_str(), done, "A break was decided by two people");
    Ok(())
}

/// Whether this proposal is in the break's history already.
async fn told_before(
    tx: &Transaction<'_>,
    case: &Case,
    proposal: &Proposal,
) -> Result<bool, BatchError> {
    let events = epay_store::events(tx, &case.biller, case.id.uuid()).await?;
    let id = serde_json::Value::String(proposal.id.to_string());
    Ok(events.iter().any(|event| {
        let of = event
            .body
            .get("proposal")
            .or_else(|| event.body.pointer("/ended/proposal"));
        of == Some(&id)
    }))
}

/// Ends a break that can be ended so; `false` where something else was faster.
async fn end(
    tx: &Transaction<'_>,
    core: &Core,
    run: &mut Run<'_>,
    (proposal, case): (&Proposal, &Case),
    resolution: &Resolution,
) -> Result<bool, BatchError> {
    let journals = match resolution {
        Resolution::Match { other } => match matched(run, case, *other)? {
            Some(journals) => journals,
            None => return Ok(false),
        },
        Resolution::Reopen => match mirrored(tx, run, case).await? {
            Some(journals) => journals,
            None => return Ok(false),
        },
        Resolution::Remittance { .. } => {
            owed::covers(tx, case, resolution).await?;
            booked(core, run, case, resolution)?
        }
        Resolution::Suspense => taken_in(tx, core, run, case).await?,
        _ => booked(core, run, case, resolution)?,
    };
    let fact = CaseFact::Agreed {
        proposal: proposal.id,
        resolution: resolution.clone(),
        journals: journals.clone(),
    };
    run.tell(case.id, &fact);
    if let Resolution::Match { other } = resolution {
        run.tell(*other, &fact);
    }
    Ok(true)
}

fn draft_error(error: &(dyn std::error::Error + 'static)) -> BatchError {
    BatchError::Spoiled(chain(error))
}

/// What a resolution books by itself. What was expected is then not expected any more.
fn booked(
    core: &Core,
    run: &mut Run<'_>,
    case: &Case,
    resolution: &Resolution,
) -> Result<Vec<JournalId>, BatchError> {
    let rail = match resolution {
        Resolution::FeeInvoice { rail } => Some(rail),
        _ => case.rail.as_ref(),
    };
    let accounts: Option<&RailAccounts> = rail
        .and_then(|rail| core.rails.get(rail))
        .map(|rail| &rail.accounts);
    let drafts = case::booking(case, resolution, accounts).map_err(|error| draft_error(&error))?;
    let mut journals = Vec::new();
    for draft in drafts {
        let today = run.books.context.today;
        journals.push(run.books.write(Ok(draft), today, &case.id.to_string())?);
    }
    run.writes.ended.push(case.id);
    if *resolution == Resolution::RailClaim
        && let Some(accounts) = accounts
    {
        claim(core, run, case, accounts)?;
    }
    Ok(journals)
}

/// A rail that owes a fee back is expected to pay it with what it settles within a month.
fn claim(
    core: &Core,
    run: &mut Run<'_>,
    case: &Case,
    accounts: &RailAccounts,
) -> Result<(), BatchError> {
    let account = accounts.shortfall().map_err(|error| draft_error(&error))?;
    let kept = Kept {
        account,
        minor: case.difference_minor,
    };
    let today = run.books.context.today;
    let by = today.checked_add(FEE_CLAIM).unwrap_or(today);
    // The day itself where no holiday table covers it.
    let expected_on = core.calendar().roll_forward(by).unwrap_or(by);
    run.expect_claim(case, &kept, expected_on);
    Ok(())
}

/// What one break saw meets what another still expects, if they are of one amount.
fn matched(
    run: &mut Run<'_>,
    case: &Case,
    other: BreakId,
) -> Result<Option<Vec<JournalId>>, BatchError> {
    let Some(other) = run.cases.get(&other).cloned() else {
        return Ok(None);
    };
    let alone = case::fits(&other, &Resolution::Match { other: case.id }).is_ok()
        && other.expected.is_empty() != case.expected.is_empty();
    let same = other.level == case.level
        && other.currency == case.currency
        && other.difference_minor.saturating_add(case.difference_minor) == 0;
    if !alone || !same {
        return Ok(None);
    }
    let sides = run.sides;
    let of = |id: Option<BreakId>| id == Some(case.id) || id == Some(other.id);
    let together = Together {
        level: case.level,
        currency: case.currency,
        by: MatchedBy::People,
        left: sides.wanted.iter().filter(|one| of(one.case)).collect(),
        right: sides.seen.iter().filter(|one| of(one.case)).collect(),
    };
    if together.left.is_empty() || together.right.is_empty() {
        return Ok(None);
    }
    Ok(Some(run.met_by_people(&together)?))
}

/// The mirror of what the resolution booked; what was expected before is expected again. Nothing where a rail has paid by now
/// what it was said to owe: the mirror would take back what is no more.
async fn mirrored(
    tx: &Transaction<'_>,
    run: &mut Run<'_>,
    case: &Case,
) -> Result<Option<Vec<JournalId>>, BatchError> {
    let Some(Ended::People {
        journals,
        resolution,
        ..
    }) = &case.ended
    else {
        return Ok(Some(vec![]));
    };
    if *resolution == Resolution::RailClaim {
        let now = run.books.context.now;
        if !store::end_claim_in(tx, &case.biller, case.id, now).await? {
            return Ok(None);
        }
    } else {
        run.writes.reopened.push(case.id);
    }
    let mut mirrors = Vec::with_capacity(journals.len());
    for id in journals {
        let journal = epay_ledger_pg::journal(&**tx, *id).await?;
        let journal = journal.ok_or_else(|| BatchError::Spoiled("a journal is gone".to_owned()))?;
        let today = run.books.context.today;
        let draft = Ok(reversal(&journal));
        mirrors.push(run.books.write(draft, today, &case.id.to_string())?);
    }
    Ok(Some(mirrors))
}

/// A credit without a bill becomes a receipt in suspense: it can then be matched to a bill, or given back.
async fn taken_in(
    tx: &Transaction<'_>,
    core: &Core,
    run: &mut Run<'_>,
    case: &Case,
) -> Result<Vec<JournalId>, BatchError> {
    let journals = booked(core, run, case, &Resolution::Suspense)?;
    let seen = run.sides.seen.iter().find(|one| one.case == Some(case.id));
    let ([journal], Some(kept)) = (journals.as_slice(), &case.kept) else {
        return Ok(journals);
    };
    let Some(item) = case.observed.first() else {
        return Ok(journals);
    };
    let context = run.books.context;
    let rail = rail_of_account(core, case);
    let Some(rail) = rail else {
        return Err(BatchError::Spoiled(
            "no rail credits this account".to_owned(),
        ));
    };
    let of_bank = seen.map(|one| one.rail_reference.as_str());
    let rail_reference = free_reference(tx, case, &rail, of_bank).await?;
    let receipt = Receipt {
        id: ReceiptId::new(context.ids.next()),
        biller: case.biller.clone(),
        rail,
        rail_account: case.account.clone(),
        rail_reference,
        part: 1,
        message: MessageId::new(item.id),
        bill: None,
        payment: None,
        matched_by: FoundBy::None,
        amount: Money::new(kept.minor, case.currency),
        applied_minor: 0,
        cleared: vec![],
        overpaid_minor: 0,
        forwarded_minor: 0,
        duplicate_minor: 0,
        unapplied_minor: kept.minor,
        hold_reason: Some(HoldReason::Unidentified),
        instructed_at: context.now,
        receipt_business_date: context.today,
        value_date: seen.map_or(context.today, |one| one.day),
        on_time: None,
        journal: *journal,
        fee_minor: 0,
        fee_journal: None,
        created_at: context.now,
    };
    // The bank has it already: nothing more is expected of it.
    run.writes.matches.push(MatchPart {
        id: case.id.uuid(),
        part: i32::MAX,
        level: Level::Bank,
        by: MatchedBy::People,
        rail: Some(receipt.rail.clone()),
        kind: ItemKind::Receipt,
        expected: Some(receipt.id.uuid()),
        seen: Some((item.id, item.line)),
        amount: receipt.amount,
        day: receipt.value_date,
        journal: Some(*journal),
    });
    run.writes.receipts.push(receipt);
    Ok(journals)
}

/// The bank's reference, under which a message that tells of the same movement finds the receipt. Where another movement has a
/// receipt under it already, this is a second one, and goes by the name of its break.
async fn free_reference(
    tx: &Transaction<'_>,
    case: &Case,
    rail: &RailId,
    of_bank: Option<&str>,
) -> Result<String, BatchError> {
    if let Some(reference) = of_bank {
        let key = ReceiptKey {
            biller: case.biller.clone(),
            rail: rail.clone(),
            rail_account: case.account.clone(),
            rail_reference: reference.to_owned(),
        };
        if epay_store::known_receipts_in(tx, &[key]).await?.is_empty() {
            return Ok(reference.to_owned());
        }
    }
    Ok(case.id.to_string())
}

/// The rail whose collections reach an account of the bank one by one; else the one that the break is about.
fn rail_of_account(core: &Core, case: &Case) -> Option<RailId> {
    let catalogue = core.catalogue.load();
    let payees = catalogue.kinds().iter().flat_map(|kind| &kind.payees);
    let of = payees
        .filter(|payee| payee.account == case.account)
        .find(|payee| {
            core.rails
                .get(&payee.rail)
                .is_some_and(|rail| rail.rail.profile().settlement.paid == PaidOver::Each)
        });
    of.map(|payee| payee.rail.clone())
        .or_else(|| case.rail.clone())
}
