//! The FPS rail: common QR, payout orders and recalls out; notices, reports and recalls in; a pure codec.
//!
//! A government biller is no FPS participant: payers push money from their bank apps, and the biller's own
//! bank tells of it. So this rail shows a QR code ([`epay_rail::Ask::Collect`] becomes
//! [`Presentation::Qr`]) and reads the bank's debit and credit notices, one report for each movement.
//! The rules and where they come from are in the crate's README; the code table is [`STATUS`].
#![deny(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::wildcard_enum_match_arm
)]

mod codes;
mod config;
mod payout;
mod qr;
mod recall;
mod report;

pub use codes::{PAYOUT_STATUS, PayoutRow, RECALL_STATUS, RecallRow, STATUS, StatusRow};

use crate::config::Payout;
use epay_money::RailId;
use epay_rail::{
    Ask, Decoded, Inbound, OpenError, Order, Outbound, Presentation, PrintedCode, Profile, Rail,
    Refusal, Unreadable,
};

/// Opens the rail under an id with its configuration table (`[rails.fps]`) as TOML text; an empty text is the default.
///
/// # Errors
/// [`OpenError`] for a word that is no setting, and for values that no payment could be made with.
pub fn open(rail: &RailId, settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    let (profile, payout) = config::read(rail, settings)?;
    Ok(Box::new(Fps { profile, payout }))
}

/// The rail: its profile, and the bank that pays out, where one is configured.
#[derive(Debug)]
struct Fps {
    profile: Profile,
    payout: Option<Payout>,
}

impl Rail for Fps {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        match &order.ask {
            Ask::Collect => {
                let payload = qr::payload(&self.profile, &order.collect)?;
                let app_link = None;
                Ok(Outbound::Present(Presentation::Qr { payload, app_link }))
            }
            Ask::Refund(refund) => match &self.payout {
                Some(bank) => {
                    payout::call(&self.profile, bank, &order.header, &order.collect, refund)
                        .map(Outbound::Call)
                }
                None => Err(Refusal::OrderNotTaken { kind: order.kind() }),
            },
            Ask::Recall(recall) => match &self.payout {
                Some(bank) => recall::call(bank, &order.header, recall)?
                    .map(Outbound::Call)
                    .ok_or(Refusal::OrderNotTaken { kind: order.kind() }),
                None => Err(Refusal::OrderNotTaken { kind: order.kind() }),
            },
            Ask::Tender(_) | Ask::Query(_) | Ask::Capture { .. } | Ask::Void | Ask::Close => {
                Err(Refusal::OrderNotTaken { kind: order.kind() })
            }
        }
    }

    fn printed(&self, code: &PrintedCode) -> Result<Option<String>, Refusal> {
        qr::printed(&self.profile, code).map(Some)
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        report::decode(inbound)
    }
}
