//! What is known of a payment whose rail is asked over a network, and when the rail is asked next.
//!
//! A payment that is only shown (a static or one-way code) has none of this. Orders about a payment are named after
//! its reference, so that an answer that quotes an order finds the payment and says which kind of order it answers.

use epay_money::{JournalId, Money, PaymentId, RailId};
use epay_rail::{Collect, OrderKind, Patience, Profile, Question, REFERENCE_LENGTH, is_reference};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Pieces of evidence that are kept of an unclear payment; the newest stay.
pub const EVIDENCE_MAX: usize = 20;
/// How often one payment goes on by another rail. A payer waits in front of a page meanwhile.
pub const FAILOVERS_MAX: usize = 3;

/// What is known beside the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// The collection as it was first asked for: every later order repeats it.
    pub collect: Collect,
    /// What the rail asked to have handed back with later orders.
    #[serde(default)]
    pub kept: Option<String>,
    /// Orders made so far; the number names the next one.
    #[serde(default)]
    pub orders: u32,
    /// The rail can be asked what became of it.
    #[serde(default)]
    pub askable: bool,
    /// The rail can make it unpayable.
    #[serde(default)]
    pub closable: bool,
    /// The payer asked for the method and not for the rail: another one may carry it.
    #[serde(default)]
    pub any_rail: bool,
    /// Rails that were tried before this one and certainly not reached, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<RailId>,
    /// An authorisation waits for a person instead of being captured at once.
    #[serde(default)]
    pub capture_by_hand: bool,
    /// The journal and amount of an authorisation that is outstanding (9010 against 9020).
    #[serde(default)]
    pub authorised: Option<Promise>,
    /// What was asked to be captured of it.
    #[serde(default)]
    pub capturing: Option<Money>,
    /// The journal and amount of a conditional receipt that awaits honour (1150 against 2160).
    #[serde(default)]
    pub conditional: Option<Promise>,
    /// How the payment is to end if no money came.
    #[serde(default)]
    pub ending: Option<Ending>,
    /// Why the outcome is not known.
    #[serde(default)]
    pub doubt: Option<Doubt>,
    /// When the rail was last asked about it.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
    /// When it must be looked at again.
    #[serde(default)]
    pub next_at: Option<Timestamp>,
}

impl Remote {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(collect: Collect, profile: &Profile) -> Self {
        Self {
            collect,
            kept: None,
            orders: 0,
            askable: profile.takes(OrderKind::Query),
            closable: profile.takes(OrderKind::Close),
            any_rail: false,
            passed: vec![],
            capture_by_hand: false,
            authorised: None,
            capturing: None,
            conditional: None,
            ending: None,
            doubt: None,
            asked_at: None,
            next_at: None,
        }
    }

    /// Notes a piece of evidence where there is doubt; the oldest makes room.
    pub fn evidence(&mut self, at: Timestamp, what: String) {
        if let Some(doubt) = &mut self.doubt {
            if doubt.evidence.len() >= EVIDENCE_MAX {
                doubt.evidence.remove(0);
            }
            doubt.evidence.push(Evidence { at, what });
        }
    }
}

/// Money that is promised and not here, and the journal that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The journal that recorded it.
    pub journal: JournalId,
    /// How much.
    pub amount: Money,
}

/// How a payment ends when its rail says that it can no longer be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Somebody gave it up.
    Cancelled,
    /// Its time ran out.
    Expired,
}

/// Why an outcome is not known, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// In a few words, for people.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// What the rail is asked.
    pub question: Question,
    /// How often it was asked.
    pub asked: u32,
    /// What is known, oldest first.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// The person who looks after it.
    #[serde(default)]
    pub owner: Option<String>,
}

impl Doubt {
    /// A new doubt.
    #[must_use]
    pub fn new(why: &str, since: Timestamp, question: Question) -> Self {
        Self {
            why: why.to_owned(),
            since,
            question,
            asked: 0,
            evidence: vec![],
            owner: None,
        }
    }
}

/// One thing that is known about an unclear payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When it became known.
    pub at: Timestamp,
    /// What: words of ours, never a payer's data.
    pub what: String,
}

/// When the rail is asked again after `asked` questions: the rail's pause, and up to an eighth of it more, drawn from
/// the payment's id, so that the payments of one outage do not all ask at once.
#[must_use]
pub fn next_question(
    patience: Patience,
    asked: u32,
    payment: PaymentId,
    now: Timestamp,
) -> Timestamp {
    let pause = i64::from(patience.pause_secs(asked)).saturating_mul(1_000);
    let most = u128::try_from(pause.checked_div(8).unwrap_or(0)).unwrap_or(0);
    let drawn = payment
        .uuid()
        .as_u128()
        .checked_rem(most.saturating_add(1))
        .unwrap_or(0);
    let millis = pause.saturating_add(i64::try_from(drawn).unwrap_or(0));
    now.checked_add(SignedDuration::from_millis(millis))
        .unwrap_or(now)
}

/// The name of an order about the payment with this reference; `number` counts the payment's orders. The collection
/// itself is named by the reference alone; by the rails that it fails over to, with their number behind it.
#[must_use]
pub fn order_key(reference: &str, kind: OrderKind, number: u32) -> String {
    match letter(kind) {
        Some(letter) => format!("{reference}-{letter}{number}"),
        None if number == 0 => reference.to_owned(),
        None => format!("{reference}-{COLLECT_AGAIN}{number}"),
    }
}

/// The payment's reference and the kind of order that an order's name tells.
#[must_use]
pub fn read_order_key(key: &str) -> Option<(&str, OrderKind)> {
    let (reference, rest) = key.split_at_checked(REFERENCE_LENGTH)?;
    if !is_reference(reference) {
        return None;
    }
    if rest.is_empty() {
        return Some((reference, OrderKind::Collect));
    }
    let kind = rest.strip_prefix('-')?.chars().next()?;
    if kind == COLLECT_AGAIN {
        return Some((reference, OrderKind::Collect));
    }
    OrderKind::ALL
        .into_iter()
        .find(|known| letter(*known) == Some(kind))
        .map(|known| (reference, known))
}

/// Marks a collection that another rail is asked for.
const COLLECT_AGAIN: char = 'A';

const fn letter(kind: OrderKind) -> Option<char> {
    match kind {
        // A recall is never about a payment: it has keys of its own.
        OrderKind::Collect | OrderKind::Recall => None,
        OrderKind::Tender => Some('T'),
        OrderKind::Query => Some('Q'),
        OrderKind::Capture => Some('C'),
        OrderKind::Void => Some('V'),
        OrderKind::Close => Some('X'),
        OrderKind::Refund => Some('R'),
    }
}
