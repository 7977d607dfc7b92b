//! What a rail told us about one movement of money.

use core::fmt;

use epay_money::Money;
use jiff::{Timestamp, civil::Date};

/// One movement of money on the biller's account, or the outcome of one of our orders, as the rail or its bank
/// reported it.
///
/// A report is a fact: it is always recorded, also when it fits nothing that we know. The pair
/// (`rail_account`, `rail_reference`) says whether two reports speak of the same movement; a bill number
/// or our own reference does not, because a bill may be paid twice.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// The payee's account at the bank.
    pub rail_account: String,
    /// The bank's own reference of the movement, unique together with `rail_account`.
    pub rail_reference: String,
    /// Our reference, when the movement carries one of its shape.
    pub reference: Option<String>,
    /// The bill number, when the movement carries one.
    pub bill_number: Option<String>,
    /// The key of the order that this is the outcome of, when the rail names it or answers it.
    pub order_key: Option<String>,
    /// How much moved, or would have; always positive. The direction is in `finding`.
    pub amount: Money,
    /// What the rail charged for this movement beside it (a dispute's fee), when it says so.
    pub fee: Option<Money>,
    /// What happened.
    pub finding: Finding,
    /// The rail's own code and words for it, for people: `51 insufficient funds`. Never personal data.
    pub reason: Option<String>,
    /// When the payer gave the instruction: it decides whether a bill was paid on time.
    pub instructed_at: Timestamp,
    /// The day the bank booked it.
    pub booking_date: Date,
    /// The day from which the bank counts it.
    pub value_date: Date,
    /// The payer as the rail named or masked them. Personal data: never logged, hidden from `Debug`.
    pub payer: Option<String>,
    /// The payer's side's end-to-end identification.
    pub end_to_end_id: Option<String>,
    /// The clearing system's own reference.
    pub clearing_reference: Option<String>,
}

/// What a rail says happened. Closed: a code that no table lists is [`Finding::Unclear`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Final; the money is ours.
    Settled,
    /// The rail took responsibility; not final. An authorisation that waits for its capture is one.
    Accepted,
    /// A signed promise was taken in and is on its way to be honoured or returned.
    Conditional,
    /// The payer has not acted yet, or is in the middle of it.
    Waiting,
    /// Final; no money moved.
    Declined,
    /// The collection can no longer be paid, and was not.
    Closed,
    /// The authorisation was let go of; no money moved.
    Voided,
    /// A conditional promise was returned unpaid.
    Dishonoured,
    /// The rail works on giving money back.
    RefundAccepted,
    /// Money that we gave back has reached the payer.
    Refunded,
    /// Money that was to be given back stays with us: the rail or the payee's bank said no.
    RefundRejected,
    /// Money that was ours has left again: a return, a reversal or another debit.
    Returned,
    /// The payer's bank took money back by a dispute; another report may bring it again.
    ChargedBack,
    /// A dispute ended in our favour and its money came back.
    ChargebackReversed,
    /// The rail does not know what we asked about. A fact about a question, not a failure.
    NotFound,
    /// The rail's words are not in our table. Only other evidence may settle the matter.
    Unclear,
}

impl Finding {
    /// Every finding, for tables and tests.
    pub const ALL: [Self; 16] = [
        Self::Settled,
        Self::Accepted,
        Self::Conditional,
        Self::Waiting,
        Self::Declined,
        Self::Closed,
        Self::Voided,
        Self::Dishonoured,
        Self::RefundAccepted,
        Self::Refunded,
        Self::RefundRejected,
        Self::Returned,
        Self::ChargedBack,
        Self::ChargebackReversed,
        Self::NotFound,
        Self::Unclear,
    ];

    /// A stable word for storage, logs and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Accepted => "accepted",
            Self::Conditional => "conditional",
            Self::Waiting => "waiting",
            Self::Declined => "declined",
            Self::Closed => "closed",
            Self::Voided => "voided",
            Self::Dishonoured => "dishonoured",
            Self::RefundAccepted => "refund_accepted",
            Self::Refunded => "refunded",
            Self::RefundRejected => "refund_rejected",
            Self::Returned => "returned",
            Self::ChargedBack => "charged_back",
            Self::ChargebackReversed => "chargeback_reversed",
            Self::NotFound => "not_found",
            Self::Unclear => "unclear",
        }
    }

    /// The finding of a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|finding| finding.as_str() == word)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Everything but the payer, of whom only the presence is shown.
impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("rail_account", &self.rail_account)
            .field("rail_reference", &self.rail_reference)
            .field("reference", &self.reference)
            .field("bill_number", &self.bill_number)
            .field("order_key", &self.order_key)
            .field("amount", &self.amount)
            .field("fee", &self.fee)
            .field("finding", &self.finding)
            .field("reason", &self.reason)
            .field("instructed_at", &self.instructed_at)
            .field("booking_date", &self.booking_date)
            .field("value_date", &self.value_date)
            .field("payer", &self.payer.as_ref().map(|_hidden| "hidden"))
            .field("end_to_end_id", &self.end_to_end_id)
            .field("clearing_reference", &self.clearing_reference)
            .finish()
    }
}
