//! What a meeting of expected and seen items books, and what is booked of what stands alone. Only entries of a bank's
//! statement move account 1010; what an earlier run kept on 2190 or 1190 is moved on from there.

use std::collections::BTreeMap;

use epay_domain::reconciliation::BreakClass;
use epay_domain::reconciliation::case::{ItemKind, Kept};
use epay_domain::statement::EntryDirection;
use epay_ledger::recipes::{self, RailAccounts, SettlementParts};
use epay_ledger::{AccountCode, Draft, Journal, LedgerError, chart};
use epay_money::{BillerId, Currency, JournalId, RailId};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::{Seen, Wanted};
use crate::Ids;
use crate::catalogue::Rails;
use crate::error::{EngineError, chain};

/// What booking needs beside the items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) biller: &'a BillerId,
    pub(super) rails: &'a Rails,
    pub(super) ids: &'a dyn Ids,
    pub(super) now: Timestamp,
    pub(super) today: Date,
}

/// The sweep of one rail by one statement, from its clearing account or from what the bank had told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct SweepKey {
    statement: Uuid,
    rail: RailId,
    clearing: AccountCode,
    currency: Currency,
}

#[derive(Debug)]
struct Sweep {
    accounts: RailAccounts,
    journal: JournalId,
    minor: i64,
    day: Date,
}

/// The journals of a run.
#[derive(Debug)]
pub(super) struct Books<'a> {
    pub(super) context: Context<'a>,
    journals: Vec<Journal>,
    sweeps: BTreeMap<SweepKey, Sweep>,
}

/// How a debit is booked: the account that it left, its currency and minor units.
type OutgoingDraft = fn(&AccountCode, Currency, i64) -> Result<Draft, LedgerError>;

/// What was booked of a meeting.
#[derive(Debug, Default)]
pub(super) struct Booked {
    pub(super) journals: Vec<JournalId>,
    /// Where the difference lies now, if there is one.
    pub(super) kept: Option<Kept>,
}

fn broken(error: &LedgerError) -> EngineError {
    EngineError::Broken(chain(error))
}

fn kept(
    account: Result<AccountCode, LedgerError>,
    minor: i64,
) -> Result<Option<Kept>, EngineError> {
    let account = account.map_err(|error| broken(&error))?;
    Ok((minor > 0).then_some(Kept { account, minor }))
}

fn sum(minors: impl Iterator<Item = i64>) -> Result<i64, EngineError> {
    let mut sum = 0_i64;
    for minor in minors {
        sum = sum
            .checked_add(minor)
            .ok_or_else(|| broken(&LedgerError::Overflow))?;
    }
    Ok(sum)
}

impl<'a> Books<'a> {
    pub(super) const fn open(context: Context<'a>) -> Self {
        Self {
            context,
            journals: Vec::new(),
            sweeps: BTreeMap::new(),
        }
    }

    /// Every journal, the sweeps among them.
    pub(super) fn close(mut self) -> Result<Vec<Journal>, EngineError> {
        for (key, sweep) in std::mem::take(&mut self.sweeps) {
            let bank = chart::BANK.account();
            let draft = recipes::sweep(&sweep.accounts, &bank, key.currency, sweep.minor);
            self.write_as(sweep.journal, draft, sweep.day, &key.statement.to_string())?;
        }
        Ok(self.journals)
    }

    /// The accounts of an item's rail. What the bank told before its statement waits apart from what the rail owes.
    fn accounts(&self, one: &Wanted) -> Result<RailAccounts, EngineError> {
        let rail = one.what.rail.as_ref();
        let rail = rail.and_then(|rail| self.context.rails.get(rail));
        let accounts = &rail
            .ok_or(EngineError::NotFound { what: "the rail" })?
            .accounts;
        let promised = chart::CONDITIONAL_CLEARING.covers(&accounts.clearing);
        Ok(if promised || one.what.kind == ItemKind::RefundReturn {
            accounts.awaiting_statement()
        } else {
            accounts.clone()
        })
    }

    /// Dates a draft and keeps it.
    pub(super) fn write(
        &mut self,
        draft: Result<Draft, LedgerError>,
        day: Date,
        source: &str,
    ) -> Result<JournalId, EngineError> {
        let id = JournalId::new(self.context.ids.next());
        self.write_as(id, draft, day, source)?;
        Ok(id)
    }

    fn write_as(
        &mut self,
        id: JournalId,
        draft: Result<Draft, LedgerError>,
        day: Date,
        source: &str,
    ) -> Result<(), EngineError> {
        let Context { biller, now, .. } = self.context;
        let journal = draft.and_then(|draft| draft.journal(id, biller.clone(), now, day, source));
        self.journals.push(journal.map_err(|error| broken(&error))?);
        Ok(())
    }

    /// Books items of the bank's level that belong together; `class` is what is wrong with them, if anything is.
    pub(super) fn meeting(
        &mut self,
        left: &[&Wanted],
        right: &[&Seen],
        class: Option<BreakClass>,
    ) -> Result<Booked, EngineError> {
        let (Some(first), Some(last)) = (left.first(), right.iter().max_by_key(|one| one.day))
        else {
            return Ok(Booked::default());
        };
        let of = Meeting {
            first,
            right,
            day: last.day,
            source: last.source.to_string(),
            wanted: sum(left.iter().map(|one| one.what.minor))?,
            seen: sum(right.iter().map(|one| one.minor))?,
            // A line that only repeats another moved no money, so nothing of it is kept.
            held: sum(right
                .iter()
                .filter(|one| one.case.is_some() && one.counts)
                .map(|one| one.minor))?,
        };
        match first.what.kind {
            ItemKind::Receipt if !first.by_day => self.each(&of, class),
            ItemKind::RefundReturn => self.each(&of, class),
            ItemKind::Receipt | ItemKind::DayBatch => {
                let gross = of.wanted;
                self.batch(&of, gross, 0)
            }
            ItemKind::Batch => {
                let (gross, fee) = (first.what.gross_minor, first.what.fee_minor.unwrap_or(0));
                self.batch(&of, gross, fee)
            }
            ItemKind::Shortfall => self.rest(&of),
            ItemKind::Surplus => self.back(&of),
            ItemKind::Refund | ItemKind::PromiseReturn => self.debited(&of),
            // What is not of the bank's level, or is what was seen.
            ItemKind::Dispute
            | ItemKind::Entry
            | ItemKind::Row
            | ItemKind::FeedFile
            | ItemKind::Acknowledgement
            | ItemKind::Remittance
            | ItemKind::FeedBooks
            | ItemKind::FeedEntries
            | ItemKind::FeedRemittances => Ok(Booked::default()),
        }
    }

    /// Payments that reach the bank one by one: one sweep a statement, unless something is wrong with this one.
    fn each(&mut self, of: &Meeting<'_>, class: Option<BreakClass>) -> Result<Booked, EngineError> {
        if of.wanted != of.seen || of.held > 0 || class == Some(BreakClass::AmountMismatch) {
            return self.batch(of, of.wanted, 0);
        }
        let accounts = self.accounts(of.first)?;
        let mut journals = Vec::new();
        for one in of.right {
            let key = SweepKey {
                statement: one.source,
                rail: of.rail()?.clone(),
                clearing: accounts.clearing.clone(),
                currency: one.currency,
            };
            let ids = self.context.ids;
            let sweep = self.sweeps.entry(key).or_insert_with(|| Sweep {
                accounts: accounts.clone(),
                journal: JournalId::new(ids.next()),
                minor: 0,
                day: one.day,
            });
            sweep.minor = sum([sweep.minor, one.minor].into_iter())?;
            sweep.day = sweep.day.max(one.day);
            journals.push(sweep.journal);
        }
        Ok(Booked {
            journals,
            kept: None,
        })
    }

    /// A batch against everything that was seen of it: first what had been kept, then what came now.
    fn batch(&mut self, of: &Meeting<'_>, gross: i64, fee: i64) -> Result<Booked, EngineError> {
        let (accounts, currency) = (self.accounts(of.first)?, of.first.what.currency);
        let (held_on, bank) = (chart::UNIDENTIFIED.account(), chart::BANK.account());
        let now = of.seen.saturating_sub(of.held);
        let mut journals = Vec::new();
        let parts = |seen_minor| SettlementParts {
            gross_minor: gross,
            fee_minor: fee,
            seen_minor,
        };
        if of.held > 0 {
            let draft = recipes::settlement(&accounts, &held_on, currency, parts(of.held));
            journals.push(self.write(draft, of.day, &of.source)?);
            let short = of.wanted.saturating_sub(of.held).max(0);
            let (rest, more) = (now.min(short), now.saturating_sub(short).max(0));
            if rest > 0 {
                let draft = recipes::shortfall_received(&accounts, &bank, currency, rest);
                journals.push(self.write(draft, of.day, &of.source)?);
            }
            if more > 0 {
                let parts = SettlementParts {
                    gross_minor: 0,
                    fee_minor: 0,
                    seen_minor: more,
                };
                let draft = recipes::settlement(&accounts, &bank, currency, parts);
                journals.push(self.write(draft, of.day, &of.source)?);
            }
        } else {
            let draft = recipes::settlement(&accounts, &bank, currency, parts(now));
            journals.push(self.write(draft, of.day, &of.source)?);
        }
        let over = of.seen.saturating_sub(of.wanted);
        let kept = if over < 0 {
            kept(accounts.shortfall(), over.saturating_neg())?
        } else {
            kept(accounts.surplus(), over)?
        };
        Ok(Booked { journals, kept })
    }

    /// The rest of a batch that had come short. What is above it is nobody's yet.
    fn rest(&mut self, of: &Meeting<'_>) -> Result<Booked, EngineError> {
        let (accounts, currency) = (self.accounts(of.first)?, of.first.what.currency);
        let mut left = of.wanted;
        let mut journals = Vec::new();
        let mut more = 0_i64;
        for one in of.right {
            let from = match one.case {
                Some(_) => chart::UNIDENTIFIED.account(),
                None => chart::BANK.account(),
            };
            let part = one.minor.min(left);
            left = left.saturating_sub(part);
            if part > 0 {
                let draft = recipes::shortfall_received(&accounts, &from, currency, part);
                journals.push(self.write(draft, one.day, &of.source)?);
            }
            let beyond = one.minor.saturating_sub(part);
            if beyond > 0 {
                // What had been kept on 2190 stays there; what came now goes there.
                more = more.saturating_add(beyond);
                if one.case.is_none() {
                    let draft = recipes::unidentified_credit(&from, currency, beyond);
                    journals.push(self.write(draft, one.day, &of.source)?);
                }
            }
        }
        let kept = if more > 0 {
            kept(Ok(chart::UNIDENTIFIED.account()), more)?
        } else {
            kept(accounts.shortfall(), left)?
        };
        Ok(Booked { journals, kept })
    }

    /// What a rail had paid too much goes back to it.
    fn back(&mut self, of: &Meeting<'_>) -> Result<Booked, EngineError> {
        let accounts = self.accounts(of.first)?;
        let draft = |from: &AccountCode, currency, minor| {
            recipes::surplus_returned(&accounts, from, currency, minor)
        };
        let (journals, left, more) = self.outgoing(of, draft)?;
        let kept = if more > 0 {
            kept(Ok(chart::SHORTFALLS.account()), more)?
        } else {
            kept(accounts.surplus(), left)?
        };
        Ok(Booked { journals, kept })
    }

    /// What the bank told that it took: a refund, a promise that it returned. What it did not take after all is nobody's yet.
    fn debited(&mut self, of: &Meeting<'_>) -> Result<Booked, EngineError> {
        let (draft, told): (OutgoingDraft, _) = match of.first.what.kind {
            ItemKind::Refund => (recipes::refund_debited, chart::REFUNDS_IN_TRANSIT.account()),
            _ => (recipes::return_debited, chart::AWAITING_STATEMENT.account()),
        };
        let (mut journals, left, more) = self.outgoing(of, draft)?;
        if left > 0 {
            let draft = recipes::debit_short(&told, of.first.what.currency, left);
            journals.push(self.write(draft, of.day, &of.source)?);
        }
        let kept = if more > 0 {
            kept(Ok(chart::SHORTFALLS.account()), more)?
        } else {
            kept(Ok(chart::UNIDENTIFIED.account()), left)?
        };
        Ok(Booked { journals, kept })
    }

    /// Books debits that were expected, up to as much. Answers what is still to come, and what came beyond it.
    fn outgoing(
        &mut self,
        of: &Meeting<'_>,
        draft: impl Fn(&AccountCode, Currency, i64) -> Result<Draft, LedgerError>,
    ) -> Result<(Vec<JournalId>, i64, i64), EngineError> {
        let currency = of.first.what.currency;
        let (mut left, mut more) = (of.wanted, 0_i64);
        let mut journals = Vec::new();
        for one in of.right {
            let from = match one.case {
                Some(_) => chart::SHORTFALLS.account(),
                None => chart::BANK.account(),
            };
            let part = one.minor.min(left);
            left = left.saturating_sub(part);
            if part > 0 {
                journals.push(self.write(draft(&from, currency, part), one.day, &of.source)?);
            }
            let beyond = one.minor.saturating_sub(part);
            if beyond > 0 {
                // What had been kept on 1190 stays there; what came now goes there.
                more = more.saturating_add(beyond);
                if one.case.is_none() {
                    let draft = recipes::unexpected_debit(&from, currency, beyond);
                    journals.push(self.write(draft, one.day, &of.source)?);
                }
            }
        }
        Ok((journals, left, more))
    }

    /// An entry of a statement that nobody expected: it is in the bank, so it is in the books.
    pub(super) fn alone(&mut self, one: &Seen) -> Result<Booked, EngineError> {
        if !one.counts {
            return Ok(Booked::default());
        }
        let bank = chart::BANK.account();
        let (draft, account) = match one.direction {
            EntryDirection::Credit => (
                recipes::unidentified_credit(&bank, one.currency, one.minor),
                chart::UNIDENTIFIED.account(),
            ),
            EntryDirection::Debit => (
                recipes::unexpected_debit(&bank, one.currency, one.minor),
                chart::SHORTFALLS.account(),
            ),
        };
        let journal = self.write(draft, one.day, &one.source.to_string())?;
        Ok(Booked {
            journals: vec![journal],
            kept: kept(Ok(account), one.minor)?,
        })
    }

    /// Where money lies that was not seen yet. What was to leave the bank lies there still.
    pub(super) fn missing(&self, left: &[&Wanted]) -> Result<Option<Kept>, EngineError> {
        let Some(first) = left.first().filter(|one| one.what.rail.is_some()) else {
            return Ok(None);
        };
        let account = match first.what.kind {
            ItemKind::Receipt | ItemKind::Batch | ItemKind::RefundReturn => {
                Ok(self.accounts(first)?.clearing)
            }
            // A fee that the rail was to pay back.
            ItemKind::Shortfall => self.accounts(first)?.shortfall(),
            _ => return Ok(None),
        };
        let gross = sum(left.iter().map(|one| one.what.gross_minor))?;
        kept(account, gross)
    }
}

/// Items that belong together, added up.
#[derive(Debug)]
struct Meeting<'m> {
    first: &'m Wanted,
    right: &'m [&'m Seen],
    day: Date,
    source: String,
    wanted: i64,
    seen: i64,
    /// Of what was seen, what an earlier run kept on 2190 or 1190.
    held: i64,
}

impl Meeting<'_> {
    fn rail(&self) -> Result<&RailId, EngineError> {
        let rail = self.first.what.rail.as_ref();
        rail.ok_or(EngineError::NotFound { what: "the rail" })
    }
}
