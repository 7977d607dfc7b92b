//! A credit that a rail reported: decided once, over bill, payment and books together.
//!
//! In this order: the bill says what becomes of every cent ([`crate::bill::allocate`]); the receipt records
//! it; the recipe books it (J01 to an open bill, J07 over, J08 twice, J11 unidentified, J15 in part); the
//! payment is told. Nothing here can refuse the money: what fits nowhere is booked in suspense.
//!
//! The rail's fee is named on the receipt and accrued for many receipts by one journal ([`fees_journal`]): a
//! fee for each item would double what the ledger writes for a payment, and say nothing more, because every
//! receipt names its fee and the journal that carries it.

use epay_ledger::recipes::{self, Line, RailAccounts, ReceiptParts};
use epay_ledger::{AccountCode, AccountCodeError, Journal, LedgerError};
use epay_money::{BillerId, Currency, JournalId, MessageId, Money, RailId, ReceiptId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::bill::{self, Allocation, Bill, BillEvent, BillFact};
use crate::payment::{self, Payment, PaymentEvent, PaymentFact};
use crate::{BillType, Effect, HoldReason, MatchedBy, Receipt};

/// A credit, with the ids and settings that booking it needs.
#[derive(Debug, Clone)]
pub struct Credit<'a> {
    /// Id of the receipt to make.
    pub receipt: ReceiptId,
    /// Id of the journal that books it.
    pub journal: JournalId,
    /// Id of the journal that accrues the rail's fee, one for all credits that are decided together.
    pub fee_journal: JournalId,
    /// The department whose account was credited.
    pub book: BillerId,
    /// The rail.
    pub rail: RailId,
    /// The rail's accounts in the chart.
    pub accounts: &'a RailAccounts,
    /// The rail's fee for one item that it will invoice, in minor units; nothing where it keeps the fee back.
    pub fee_minor: i64,
    /// Which part of what arrived this is, from 1.
    pub part: i32,
    /// What the payment is told to have received, with the first of its parts.
    pub tell_minor: Option<i64>,
    /// Where the money comes from in the books.
    pub debit: Debit,
    /// The message that reported it.
    pub message: MessageId,
    /// The account at the bank.
    pub rail_account: String,
    /// The bank's reference.
    pub rail_reference: String,
    /// What arrived: more than nothing.
    pub amount: Money,
    /// When the payer gave the instruction.
    pub instructed_at: Timestamp,
    /// The day whose feed carries it.
    pub receipt_business_date: Date,
    /// The day on which the money is in the bank.
    pub value_date: Date,
}

/// The debit side of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debit {
    /// The rail's clearing account: the bank has yet to pay it over.
    Clearing,
    /// The conditional receipts (2160): a promise was honoured.
    Conditional,
}

/// What the credit was matched to.
#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    /// The bill and its kind.
    pub bill: Option<(&'a Bill, &'a BillType)>,
    /// The payment.
    pub payment: Option<&'a Payment>,
    /// How.
    pub by: MatchedBy,
}

/// Everything that follows from a credit; the shell writes it in one transaction.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The record of the credit.
    pub receipt: Receipt,
    /// The bill after it, and what happened to it.
    pub bill: Option<(Bill, Vec<BillEvent>)>,
    /// The payment after it, and what happened to it.
    pub payment: Option<(Payment, Vec<PaymentEvent>)>,
    /// The journals that book it.
    pub journals: Vec<Journal>,
    /// What the world must hear.
    pub effects: Vec<Effect>,
}

/// Why a credit could not be booked. It is a fault in configuration; the money stays on record as an
/// unprocessed message until the fault is mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    /// The ledger refused the journal.
    #[error("the credit cannot be booked")]
    Ledger(#[from] LedgerError),
    /// A revenue line makes no account.
    #[error("a revenue line of the bill makes no account")]
    Account(#[from] AccountCodeError),
}

/// Decides a credit.
///
/// # Errors
/// [`CreditError`] when the chart of accounts or the rail's accounts are configured wrongly.
pub fn decide(
    credit: &Credit<'_>,
    matched: Match<'_>,
    now: Timestamp,
) -> Result<Decision, CreditError> {
    let parts = match matched.bill {
        Some((bill, kind)) => bill::allocate(bill, kind.policy, credit.amount),
        None => Allocation::held(credit.amount.minor(), HoldReason::Unidentified),
    };
    let receipt = receipt_of(credit, matched, &parts, now);
    let journals = journals_of(credit, matched, &parts, now)?;
    let mut effects = Vec::new();
    let bill = matched.bill.map(|(bill, kind)| {
        let fact = BillFact::Credited {
            receipt: credit.receipt,
            amount: credit.amount,
            on_time: receipt.on_time.unwrap_or(true),
        };
        let events = bill::told(bill, kind.policy, &fact);
        let mut after = bill.clone();
        for event in &events {
            after = bill::apply(after, event, now);
            effects.extend(bill::effects(&after, event));
        }
        (after, events)
    });
    let payment = matched
        .payment
        .zip(credit.tell_minor)
        .map(|(payment, minor)| {
            let fact = PaymentFact::Settled {
                receipt: credit.receipt,
                minor,
            };
            let events = payment::told(payment, &fact);
            let mut after = payment.clone();
            for event in &events {
                after = payment::apply(after, event);
                effects.extend(payment::effects(&after, event));
            }
            (after, events)
        });
    Ok(Decision {
        receipt,
        bill,
        payment,
        journals,
        effects,
    })
}

fn receipt_of(
    credit: &Credit<'_>,
    matched: Match<'_>,
    parts: &Allocation,
    now: Timestamp,
) -> Receipt {
    Receipt {
        id: credit.receipt,
        biller: credit.book.clone(),
        rail: credit.rail.clone(),
        rail_account: credit.rail_account.clone(),
        rail_reference: credit.rail_reference.clone(),
        part: credit.part,
        message: credit.message,
        bill: matched.bill.map(|(bill, _kind)| bill.id),
        payment: matched.payment.map(|payment| payment.id),
        matched_by: matched.by,
        amount: credit.amount,
        applied_minor: parts.applied,
        cleared: matched.bill.map_or_else(Vec::new, |(bill, _kind)| {
            bill.cleared_parts(bill.applied_minor, parts.applied)
        }),
        overpaid_minor: parts.overpaid,
        forwarded_minor: parts.forwarded,
        duplicate_minor: parts.duplicate,
        unapplied_minor: parts.unapplied,
        hold_reason: parts.reason,
        instructed_at: credit.instructed_at,
        receipt_business_date: credit.receipt_business_date,
        value_date: credit.value_date,
        on_time: matched
            .bill
            .map(|(bill, kind)| bill.is_in_time(&kind.terms, credit.instructed_at)),
        journal: credit.journal,
        fee_minor: credit.fee_minor,
        fee_journal: (credit.fee_minor > 0).then_some(credit.fee_journal),
        created_at: now,
    }
}

/// Fees of one rail that became due together: one book, one currency, one business day.
#[derive(Debug, Clone)]
pub struct FeesDue<'a> {
    /// The book.
    pub book: &'a BillerId,
    /// The rail.
    pub rail: &'a RailId,
    /// The rail's accounts in the chart.
    pub accounts: &'a RailAccounts,
    /// Currency of the receipts, and so of their fees.
    pub currency: Currency,
    /// The day whose feed carries the receipts.
    pub receipt_business_date: Date,
    /// The sum, in minor units.
    pub minor: i64,
}

/// The journal that accrues fees (second part of J01). Its source names the rail and the day.
///
/// # Errors
/// [`CreditError::Ledger`] when the rail's accounts are configured wrongly, or nothing is due.
pub fn fees_journal(
    id: JournalId,
    due: &FeesDue<'_>,
    now: Timestamp,
) -> Result<Journal, CreditError> {
    let draft = recipes::fee_accrual(due.accounts, due.currency, due.minor)?;
    Ok(draft.journal(
        id,
        due.book.clone(),
        now,
        due.receipt_business_date,
        format!("fees:{}:{}", due.rail, due.receipt_business_date),
    )?)
}

fn journals_of(
    credit: &Credit<'_>,
    matched: Match<'_>,
    parts: &Allocation,
    now: Timestamp,
) -> Result<Vec<Journal>, CreditError> {
    let currency = credit.amount.currency();
    let mut applied = Vec::new();
    let mut forward = None;
    if let Some((bill, kind)) = matched.bill {
        for (code, minor) in bill::split_over_lines(bill, bill.applied_minor, parts.applied) {
            applied.push(Line {
                account: payable(&bill.biller, &code)?,
                minor,
            });
        }
        if parts.forwarded > 0 {
            forward = Some(Line {
                account: payable(&bill.biller, &kind.default_line)?,
                minor: parts.forwarded,
            });
        }
    }
    let booked = ReceiptParts {
        applied,
        overpaid_minor: parts.overpaid,
        duplicate_minor: parts.duplicate,
        unapplied_minor: parts.unapplied,
        credit_forward: forward,
    };
    let source = credit.receipt.to_string();
    let draft = match credit.debit {
        Debit::Clearing => recipes::receipt(credit.accounts, currency, &booked)?,
        Debit::Conditional => recipes::conditional_receipt(currency, &booked)?,
    };
    let receipt = draft.journal(
        credit.journal,
        credit.book.clone(),
        now,
        credit.receipt_business_date,
        source,
    )?;
    if credit.fee_minor > 0 {
        // Accrued with others later; what could not be is found here, while the credit can still be set apart.
        recipes::fee_accrual(credit.accounts, currency, credit.fee_minor)?;
    }
    Ok(vec![receipt])
}

/// The account on which a department's money waits for its remittance: `2010.{biller}.{line}`.
///
/// # Errors
/// When biller and line together are longer than an account code may be.
pub fn payable(biller: &BillerId, line: &str) -> Result<AccountCode, AccountCodeError> {
    AccountCode::new(&format!("2010.{biller}.{line}"))
}
