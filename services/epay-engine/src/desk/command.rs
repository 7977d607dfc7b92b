//! What can be asked of the desk.

use epay_domain::proposal::{Person, Proposal, Resolved, Verdict};
use epay_domain::reconciliation::case::Resolution;
use epay_domain::refund::{RefundFact, Source};
use epay_ledger::Period;
use epay_money::{
    BillerId, BreakId, Money, PaymentId, PayoutAccountId, ProposalId, ReceiptId, RefundId,
    StatementId,
};
use epay_rail::PayoutAccount;
use epay_store::BadRowKey;

use crate::RefundView;
use crate::batch::to_json;
use crate::command::{Keyed, keyed};

/// Give money of a receipt back. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRefund {
    /// The department.
    pub biller: BillerId,
    /// The receipt.
    pub receipt: ReceiptId,
    /// Which part of it; the first that holds money when unset, and never applied money.
    pub source: Option<Source>,
    /// How much; all that is left of the part when unset.
    pub amount: Option<Money>,
    /// Where to pay it, where it cannot go back along the way it came. May be proposed later.
    pub account: Option<PayoutAccountId>,
    /// Why, in words that the payer may read.
    pub reason: String,
    /// The department's consent; needed for applied money.
    pub consent: Option<String>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
}

/// Send a refund again that came back or found no way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectRefund {
    /// The department.
    pub biller: BillerId,
    /// The refund.
    pub refund: RefundId,
    /// A verified account, where one is needed.
    pub account: Option<PayoutAccountId>,
    /// Who asks.
    pub caller: Person,
}

/// Let refunds of a receipt be paid to an account. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposePayoutAccount {
    /// The department.
    pub biller: BillerId,
    /// The receipt whose money may go there.
    pub receipt: ReceiptId,
    /// The account.
    pub account: PayoutAccount,
    /// What proves that it is the payer's.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
}

/// End an unclear payment by evidence that people hold. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeResolution {
    /// The department.
    pub biller: BillerId,
    /// The payment.
    pub payment: PaymentId,
    /// What is held to be true.
    pub finding: Resolved,
    /// The evidence.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
}

/// Read a row again that was set apart. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeRedrive {
    /// The row.
    pub row: BadRowKey,
    /// What is to be read in its place, where it can be corrected; the row as it came where unset.
    pub correction: Option<String>,
    /// Why.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
    /// The department whose row it is; the treasury where no department is known.
    pub biller: BillerId,
}

/// Let a statement count that was set apart. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeAcceptance {
    /// The department in whose book it is.
    pub biller: BillerId,
    /// The statement.
    pub statement: StatementId,
    /// Why.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
}

/// Close a period of a department's books, or reopen it. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposePeriod {
    /// The department.
    pub biller: BillerId,
    /// The period.
    pub period: Period,
    /// To close it; else to reopen it.
    pub close: bool,
    /// Why.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
}

/// End a break, or open it again. It waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposeBreakResolution {
    /// The department.
    pub biller: BillerId,
    /// The break.
    pub id: BreakId,
    /// How it ends.
    pub resolution: Resolution,
    /// Why, and what proves it.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks: the maker.
    pub caller: Person,
}

/// Agree to a proposal, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecideProposal {
    /// The proposal.
    pub proposal: ProposalId,
    /// What the second person says.
    pub verdict: Verdict,
    /// The second person: the checker.
    pub caller: Person,
}

/// A fact about a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tell {
    pub(crate) biller: BillerId,
    pub(crate) refund: RefundId,
    /// The order that it is about; a fact about an older order than the present one changes nothing.
    pub(crate) order_key: Option<String>,
    pub(crate) fact: RefundFact,
}

/// Something for the desk.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Request(Box<RequestRefund>, Keyed),
    Redirect(RedirectRefund),
    Account(Box<ProposePayoutAccount>, Keyed),
    Resolution(Box<ProposeResolution>, Keyed),
    Redrive(Box<ProposeRedrive>, Keyed),
    Accept(Box<ProposeAcceptance>, Keyed),
    Break(Box<ProposeBreakResolution>, Keyed),
    Period(Box<ProposePeriod>, Keyed),
    Decide(DecideProposal),
    Tell(Box<Tell>),
}

/// An answer of the desk.
#[derive(Debug)]
pub(crate) enum Answer {
    Refund(Box<RefundView>),
    Proposal(Box<Proposal>),
    /// The command was answered before: the same answer has to be read back.
    Again(BillerId, uuid::Uuid),
    Done,
    /// An order was held back: the payer's bank has the money, and the refund waits for a person.
    Held,
}

fn money(amount: Option<Money>) -> String {
    amount.map_or_else(String::new, |amount| amount.to_string())
}

fn optional(text: Option<&String>) -> String {
    text.map_or_else(String::new, |text| format!("={text}"))
}

impl RequestRefund {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [
            self.receipt.to_string(),
            self.source.map(Source::as_str).unwrap_or_default().into(),
            money(self.amount),
            self.account.map(|id| id.to_string()).unwrap_or_default(),
            self.reason.clone(),
            optional(self.consent.as_ref()),
        ];
        keyed(
            &self.biller,
            &self.caller.name,
            "refund",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}

impl ProposePayoutAccount {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [
            &self.receipt.to_string(),
            &self.account.bank_code,
            &self.account.number,
            &self.account.name,
            &self.reason,
        ];
        keyed(
            &self.biller,
            &self.caller.name,
            "account",
            &self.idempotency_key,
            &fields.map(String::as_str),
        )
    }
}

impl ProposeResolution {
    pub(crate) fn keyed(&self) -> Keyed {
        let finding = match &self.finding {
            Resolved::Came {
                rail_account,
                rail_reference,
                minor,
                instructed_at,
            } => format!("{rail_account}\n{rail_reference}\n{minor}\n{instructed_at}"),
            Resolved::DidNotCome => String::new(),
        };
        let fields = [self.payment.to_string(), finding, self.reason.clone()];
        keyed(
            &self.biller,
            &self.caller.name,
            "resolution",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}

impl ProposeAcceptance {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [self.statement.to_string(), self.reason.clone()];
        keyed(
            &self.biller,
            &self.caller.name,
            "accept",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}

impl ProposeBreakResolution {
    pub(crate) fn keyed(&self) -> Keyed {
        let resolution = to_json(&self.resolution).to_string();
        let fields = [self.id.to_string(), resolution, self.reason.clone()];
        keyed(
            &self.biller,
            &self.caller.name,
            "break",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}

impl ProposeRedrive {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [
            self.row.message.to_string(),
            self.row.entry.to_string(),
            optional(self.correction.as_ref()),
            self.reason.clone(),
        ];
        keyed(
            &self.biller,
            &self.caller.name,
            "redrive",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}

impl ProposePeriod {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [
            &self.period.to_string(),
            &self.close.to_string(),
            &self.reason,
        ];
        keyed(
            &self.biller,
            &self.caller.name,
            "period",
            &self.idempotency_key,
            &fields.map(String::as_str),
        )
    }
}

impl Command {
    /// The key under which the first answer is kept.
    pub(crate) const fn keyed(&self) -> Option<&Keyed> {
        match self {
            Self::Request(_, keyed)
            | Self::Account(_, keyed)
            | Self::Resolution(_, keyed)
            | Self::Redrive(_, keyed)
            | Self::Accept(_, keyed)
            | Self::Break(_, keyed)
            | Self::Period(_, keyed) => Some(keyed),
            Self::Redirect(_) | Self::Decide(_) | Self::Tell(_) => None,
        }
    }
}
