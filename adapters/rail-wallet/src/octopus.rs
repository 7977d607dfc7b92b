//! Octopus through a generic redirect adapter, of our own documented shape (`docs/octopus-redirect.md`).
//!
//! Octopus knows no cents: amounts are multiples of ten. Which of two things then happens to a bill's cents is a setting,
//! never a guess: such an order is refused, or rounded up, and what is paid too much goes where the bill's policy says.

mod codes;
mod config;
mod read;
mod sign;
mod words;

pub use codes::CODES;

use epay_money::RailId;
use epay_rail::{
    Acknowledgement, Decoded, Door, FileReader, Genuine, Inbound, NotGenuine, OpenError, Order,
    Outbound, Profile, Rail, Refusal, Unreadable, Unverified,
};
use jiff::Timestamp;

use self::config::Account;
use crate::settlement;

/// Opens the rail with its table, for instance `[rails.octopus]`.
///
/// # Errors
/// [`OpenError`] for a table that cannot be read, secrets that are none, and values that no payment could be made with.
pub fn open(rail: &RailId, settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    let (profile, account) = config::open(rail, settings)?;
    Ok(Box::new(Octopus { profile, account }))
}

#[derive(Debug)]
struct Octopus {
    profile: Profile,
    account: Account,
}

impl Rail for Octopus {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        words::call(&self.profile, &self.account, order).map(Outbound::Call)
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        read::decode(inbound)
    }

    fn open_file(&self, _received_at: Timestamp) -> Option<Box<dyn FileReader>> {
        Some(settlement::file())
    }

    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        match message.door {
            Door::Notice { .. } => sign::authenticate(&self.account, message),
            Door::Reply { order, .. } => Ok(Genuine {
                message_id: order.header.key.clone(),
                key_id: "reply".to_owned(),
                acknowledgement: Acknowledgement::NO_CONTENT,
            }),
        }
    }
}
