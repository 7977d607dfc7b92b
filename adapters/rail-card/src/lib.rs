//! The card rail: an acquirer's hosted page, captures, voids and refunds out; answers, hints and settlement files in.
//!
//! It speaks REST and JSON in the documented shape of Mastercard's gateway. Order and transaction ids are ours: the order
//! is named by our reference, each transaction by the order's key, so that a repeat is recognised and a question always
//! has an answer. A payer's card number is typed into the acquirer's page and never comes here. The acquirer's notices
//! are hints; retrieving the order is the truth ([`GATEWAY_CODES`] and [`TRANSACTION_TYPES`] say what its words mean).
//! Rules and sources are in the crate's README.
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod answer;
mod call;
mod codes;
mod devices;
mod kept;
mod notice;
mod report;
mod retrieved;
mod settings;
mod settlement;
mod tender;

pub use codes::{
    ERROR_CAUSES, ErrorRow, GATEWAY_CODES, GatewayRow, Movement, Outcome, TRANSACTION_TYPES,
    TypeRow,
};

use epay_money::RailId;
use epay_rail::{
    Ask, Collect, Decoded, FileReader, Genuine, Inbound, NotGenuine, OpenError, Order, Origin,
    Outbound, Profile, Rail, Refusal, Unreadable, Unverified,
};
use jiff::Timestamp;

use self::settings::Acquirer;

/// Opens the rail under this id with its configuration table as TOML text; an empty text is the default, with which no
/// merchant is known and every order is refused.
///
/// # Errors
/// [`OpenError`] for a word that is no setting, and for values that no payment could be made with.
pub fn open(rail: &RailId, settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    let (profile, acquirer) = settings::read(rail, settings)?;
    Ok(Box::new(Card { profile, acquirer }))
}

/// The rail: its profile, and where and as whom it speaks.
#[derive(Debug)]
struct Card {
    profile: Profile,
    acquirer: Acquirer,
}

impl Card {
    /// The rules of every rail, and that the method is one of ours.
    fn check(&self, collect: &Collect) -> Result<(), Refusal> {
        self.profile.check_collect(collect)?;
        if self.profile.methods.contains(&collect.method.as_str()) {
            return Ok(());
        }
        Err(Refusal::BadField {
            field: "method",
            problem: format!("it is one of: {}", self.profile.methods.join(", ")),
        })
    }
}

impl Rail for Card {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        if !self.profile.takes(order.kind()) {
            return Err(Refusal::OrderNotTaken { kind: order.kind() });
        }
        let acquirer = &self.acquirer;
        match &order.ask {
            Ask::Collect => {
                self.check(&order.collect)?;
                match tender::handover(acquirer, &order.collect) {
                    Some(handover) => handover.map(Outbound::Present),
                    None => call::initiate(acquirer, order).map(Outbound::Call),
                }
            }
            Ask::Tender(instrument) => {
                self.check(&order.collect)?;
                tender::device_payment(acquirer, order, instrument).map(Outbound::Call)
            }
            Ask::Query(_) => call::retrieve(acquirer, order).map(Outbound::Call),
            Ask::Capture { amount } => call::capture(acquirer, order, *amount).map(Outbound::Call),
            Ask::Void => call::void(acquirer, order).map(Outbound::Call),
            Ask::Refund(refund) => call::refund(acquirer, order, refund).map(Outbound::Call),
            Ask::Close | Ask::Recall(_) => Err(Refusal::OrderNotTaken { kind: order.kind() }),
        }
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        match inbound.origin {
            Origin::Notice => notice::decode(&self.profile, inbound.body),
            Origin::Reply { order, status } => {
                let reply = answer::Reply::of(order, status, inbound);
                retrieved::answer(&self.profile, &self.acquirer, &reply)
            }
        }
    }

    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        notice::authenticate(&self.acquirer, message)
    }

    fn open_file(&self, _received_at: Timestamp) -> Option<Box<dyn FileReader>> {
        Some(settlement::file(self.profile.clone()))
    }
}
