//! WeChat Pay (Hong Kong entry), API v3: native payments of an institution for its sub-merchants.

mod codes;
mod config;
mod read;
mod sign;
mod words;

pub use codes::CODES;

use epay_money::RailId;
use epay_rail::{
    Decoded, FileReader, Genuine, Inbound, NotGenuine, OpenError, Order, Outbound, Profile, Rail,
    Refusal, Unreadable, Unverified,
};
use jiff::Timestamp;

use self::config::Account;
use crate::settlement;

/// Opens the rail with its table, for instance `[rails.wechat]`.
///
/// # Errors
/// [`OpenError`] for a table that cannot be read, keys that are none, and values that no payment could be made with.
pub fn open(rail: &RailId, settings: &str) -> Result<Box<dyn Rail>, OpenError> {
    let (profile, account) = config::open(rail, settings)?;
    Ok(Box::new(WeChat { profile, account }))
}

#[derive(Debug)]
struct WeChat {
    profile: Profile,
    account: Account,
}

impl Rail for WeChat {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        words::call(&self.profile, &self.account, order).map(Outbound::Call)
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        read::decode(&self.account, inbound)
    }

    fn open_file(&self, _received_at: Timestamp) -> Option<Box<dyn FileReader>> {
        Some(settlement::file())
    }

    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        sign::authenticate(&self.account, message)
    }
}
