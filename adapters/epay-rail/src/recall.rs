//! Requests to have a payment back after it was made, and the answers to them.
//!
//! A recall moves nothing: whoever agrees to one pays or returns the money in another way, which is then reported as any
//! other movement is.

use core::fmt;

use epay_money::Money;
use serde::{Deserialize, Serialize};

/// What a rail told us about a recall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecallNews {
    /// Somebody wants money back that came to us.
    Wanted(RecallWanted),
    /// A request of ours was answered.
    Answered {
        /// The key of our order that asked.
        key: String,
        /// Whether the money is given back.
        agreed: bool,
        /// The rail's own code and words, for people. Never personal data.
        reason: Option<String>,
    },
}

/// A request to give money back that came to us.
#[derive(Clone, PartialEq, Eq)]
pub struct RecallWanted {
    /// The sender's name for the request, the same on every repeat of it.
    pub case: String,
    /// The payee's account at the bank, when it is named.
    pub rail_account: Option<String>,
    /// The bank's own reference of the movement that is wanted back, when it is named.
    pub rail_reference: Option<String>,
    /// Our reference, when the movement carried one.
    pub reference: Option<String>,
    /// How much; always positive.
    pub amount: Money,
    /// The rail's own code and words for why, for people. Never personal data.
    pub reason: Option<String>,
    /// The payer as the rail named or masked them. Personal data: never logged, hidden from `Debug`.
    pub payer: Option<String>,
}

/// Everything but the payer, of whom only the presence is shown.
impl fmt::Debug for RecallWanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecallWanted")
            .field("case", &self.case)
            .field("rail_account", &self.rail_account)
            .field("rail_reference", &self.rail_reference)
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .field("reason", &self.reason)
            .field("payer", &self.payer.as_ref().map(|_hidden| "hidden"))
            .finish()
    }
}

/// What we say about a recall ([`Ask::Recall`](crate::Ask::Recall)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recall {
    /// We want back what an order of ours paid.
    Want {
        /// The key of the order that paid.
        order_key: String,
        /// How much it paid.
        amount: Money,
        /// Why, in a few words that the payee's bank may read.
        why: String,
    },
    /// We answer a request.
    Answer {
        /// The sender's name for the request.
        case: String,
        /// Whether we give the money back; it is then paid by an order of its own.
        agreed: bool,
        /// Why, in a few words that the sender may read.
        why: String,
    },
}
