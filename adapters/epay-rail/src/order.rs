//! What we ask of a rail.
//!
//! An [`Order`] is always about one [`Collect`]ion, the attempt of one payer to pay, and asks one thing about it
//! ([`Ask`]). It carries everything that the rail's words need, so that a rail can make them without a clock, without
//! randomness and without memory: the moment, the nonce, and what the rail told us to keep from an earlier answer.
//!
//! [`Order`], [`Ask`] and [`Outbound`](crate::Outbound) are closed: a new ability is a new variant, and the compiler
//! then lists every rail and caller that must have an opinion about it. Optional abilities are data
//! ([`Profile::orders`](crate::Profile::orders)), so that no rail ever answers "not implemented".

use core::fmt;

use epay_money::Money;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Recall;

/// Something that we ask of a rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Names the order and carries what its words need.
    pub header: Header,
    /// The collection that it is about, as it was first asked for.
    pub collect: Collect,
    /// What is asked.
    pub ask: Ask,
}

/// What every order has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Our name for the order, the same on every repeat of it and never used for another: at most 32 characters
    /// `A-Z0-9-`. It is the idempotency key, transaction id or refund number on the rail.
    pub key: String,
    /// When the order is put into words. Signatures carry it.
    pub at: Timestamp,
    /// Random bytes for a signature's nonce.
    pub nonce: [u8; 16],
    /// What the rail asked us to keep in an answer about this collection ([`Decoded::keep`](crate::Decoded::keep)).
    pub kept: Option<String>,
    /// An access token that [`Rail::grant`](crate::Rail::grant) asked for, where the rail works with them.
    pub bearer: Option<String>,
}

/// What can be asked about a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Begin it: show the payer something, or tell the rail of it.
    Collect,
    /// Take what the payer handed over: a wallet's token, a signed cheque.
    Tender(Instrument),
    /// Say what became of it, or of one of its orders.
    Query(Question),
    /// Take money that was authorised before: all of it or a part.
    Capture {
        /// How much.
        amount: Money,
    },
    /// Let go of money that was authorised and not captured.
    Void,
    /// Make it unpayable, so that another attempt may begin.
    Close,
    /// Give money back.
    Refund(Refund),
    /// Ask for a payment back, or answer somebody who does. Moves nothing.
    Recall(Recall),
}

/// What a [`Ask::Query`] is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// The collection itself: was it paid?
    Collection,
    /// One order about it.
    Order {
        /// The order's key.
        key: String,
        /// Which kind of order it was.
        kind: OrderKind,
    },
}

/// Money to be given back to a payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// How much.
    pub amount: Money,
    /// The rail's own reference of the movement that brought the money.
    pub original_rail_reference: String,
    /// Where to pay it, on rails that cannot send money back along the way it came.
    pub account: Option<PayoutAccount>,
    /// Why, in a few words that the payer may read.
    pub reason: String,
}

/// A verified account of a payee. Personal data: hidden from `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutAccount {
    /// Clearing code of the bank, three digits.
    pub bank_code: String,
    /// Account number, digits.
    pub number: String,
    /// Name of the holder.
    pub name: String,
}

impl fmt::Debug for PayoutAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayoutAccount(hidden)")
    }
}

/// What a payer handed over. Its bytes are untrusted and may be secret: hidden from `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Instrument {
    /// What it is, in the words of [`Presentation::Handover`](crate::Presentation::Handover).
    pub kind: String,
    /// The bytes, untouched.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instrument")
            .field("kind", &self.kind)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// The kinds of order, for [`Profile::orders`](crate::Profile::orders).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// [`Ask::Collect`].
    Collect,
    /// [`Ask::Tender`].
    Tender,
    /// [`Ask::Query`].
    Query,
    /// [`Ask::Capture`].
    Capture,
    /// [`Ask::Void`].
    Void,
    /// [`Ask::Close`].
    Close,
    /// [`Ask::Refund`].
    Refund,
    /// [`Ask::Recall`].
    Recall,
}

impl OrderKind {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 8] = [
        Self::Collect,
        Self::Tender,
        Self::Query,
        Self::Capture,
        Self::Void,
        Self::Close,
        Self::Refund,
        Self::Recall,
    ];

    /// The word for storage, logs and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Tender => "tender",
            Self::Query => "query",
            Self::Capture => "capture",
            Self::Void => "void",
            Self::Close => "close",
            Self::Refund => "refund",
            Self::Recall => "recall",
        }
    }

    /// The kind of a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether money may move because of such an order, so that its silence is an unknown outcome.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        match self {
            Self::Collect | Self::Tender | Self::Capture | Self::Refund => true,
            Self::Query | Self::Void | Self::Close | Self::Recall => false,
        }
    }
}

impl Order {
    /// Which kind of order it is.
    #[must_use]
    pub const fn kind(&self) -> OrderKind {
        match &self.ask {
            Ask::Collect => OrderKind::Collect,
            Ask::Tender(_) => OrderKind::Tender,
            Ask::Query(_) => OrderKind::Query,
            Ask::Capture { .. } => OrderKind::Capture,
            Ask::Void => OrderKind::Void,
            Ask::Close => OrderKind::Close,
            Ask::Refund(_) => OrderKind::Refund,
            Ask::Recall(_) => OrderKind::Recall,
        }
    }

    /// The first order about a collection: begin it. Its key is our reference and its moment the asking, so that
    /// the same collection always makes the same words.
    #[must_use]
    pub fn collect(collect: Collect) -> Self {
        let header = Header {
            key: collect.reference.clone(),
            at: collect.asked_at,
            nonce: [0; 16],
            kept: None,
            bearer: None,
        };
        Self {
            header,
            collect,
            ask: Ask::Collect,
        }
    }
}

/// A request for a payer's money, made for one attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collect {
    /// The method that the payer chose, one of [`Profile::methods`](crate::Profile::methods).
    pub method: String,
    /// The biller's identifier on this rail.
    pub payee: String,
    /// What the payer is asked for.
    pub amount: Money,
    /// Whether the payer may change the amount (bill types that allow part-payment).
    pub amount_editable: bool,
    /// Our reference of this attempt, as [`is_reference`](crate::is_reference) describes it. At most 25
    /// characters `A-Z0-9`, which is the shortest field it must fit on any rail (EMV QR 62/05).
    pub reference: String,
    /// The department's bill number, for rails that can show or carry it beside our reference. With several bills
    /// in one attempt, the first one's.
    pub bill_number: String,
    /// How many bills the attempt pays.
    pub bills: u32,
    /// What is paid for, in a few words that the payer reads at the rail.
    pub description: String,
    /// Where the payer's browser comes back to from a rail's own page.
    pub return_url: Option<String>,
    /// When the attempt was asked for. Rails have no clock, so the moment arrives with the order.
    pub asked_at: Timestamp,
    /// When the presentation stops being valid. Always after `asked_at`.
    pub expires_at: Timestamp,
}
