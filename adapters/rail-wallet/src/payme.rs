//! PayMe for Business: payment requests under an access token, signed as in the HTTP Signatures draft.

mod codes;
mod config;
mod read;
mod sign;
mod words;

pub use codes::CODES;

use epay_money::RailId;
use epay_rail::{
    Call, Decoded, Door, FileReader, Genuine, Inbound, NotGenuine, OpenError, Order, Outbound,
    Profile, Rail, Refusal, Unreadable, Unverified,
};
use jiff::Timestamp;

use self::config::Account;
use crate::settlement;

/// Opens the rail with its table, for instance `[rails.payme]`.
///
/// # Errors
/// [`OpenError`] for a table that cannot be read, secrets that are none, and values that no payment could be made with.
pub fn open(rail: &RailId, settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    let (profile, account) = config::open(rail, settings)?;
    Ok(Box::new(PayMe { profile, account }))
}

#[derive(Debug)]
struct PayMe {
    profile: Profile,
    account: Account,
}

impl Rail for PayMe {
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
            Door::Notice { target } => sign::authenticate(&self.account, message, target),
            Door::Reply { order, .. } => Ok(sign::reply(order)),
        }
    }

    fn grant(&self, _at: Timestamp, nonce: [u8; 16]) -> Option<Call> {
        Some(words::grant(&self.account, nonce))
    }

    fn granted(&self, status: u16, body: &[u8]) -> Result<(String, u32), Unreadable> {
        read::granted(status, body)
    }
}
