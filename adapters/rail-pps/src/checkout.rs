//! Checkout: a signed form out, a data feed in as a hint, a query for the truth.

mod call;
mod feed;
mod form;
mod hash;
mod reply;
mod settings;

use epay_money::RailId;
use epay_rail::{
    Ask, Collect, Decoded, Genuine, Inbound, NotGenuine, OpenError, Order, Origin, Outbound,
    Presentation, Profile, Rail, Refusal, Unreadable, Unverified,
};

use self::settings::{Desk, Merchant};

pub use reply::{ORDER_STATUS, StatusRow};

/// Opens the rail under an id with its configuration table as TOML text; an empty text is the default, with which no
/// merchant is known and every order is refused.
///
/// # Errors
/// [`OpenError`] for a word that is no setting, and for values that no payment could be made with.
pub fn open(rail: &RailId, table: &str) -> Result<Box<dyn Rail>, OpenError> {
    let (profile, desk) = settings::read(rail, table)?;
    Ok(Box::new(Checkout { profile, desk }))
}

/// The rail: its profile, and where and as whom it speaks.
#[derive(Debug)]
struct Checkout {
    profile: Profile,
    desk: Desk,
}

impl Checkout {
    fn merchant(&self, collect: &Collect) -> Result<&Merchant, Refusal> {
        self.desk
            .merchants
            .get(&collect.payee)
            .ok_or_else(|| Refusal::BadPayee {
                problem: "it is not a merchant of the settings".to_owned(),
            })
    }
}

impl Rail for Checkout {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn encode(&self, order: &Order) -> Result<Outbound, Refusal> {
        match &order.ask {
            Ask::Collect => {
                self.profile.check_collect(&order.collect)?;
                let merchant = self.merchant(&order.collect)?;
                Ok(Outbound::Present(Presentation::Form {
                    action: self.desk.page_url.clone(),
                    fields: call::fields(&self.desk, merchant, &order.collect)?,
                }))
            }
            Ask::Query(_) => {
                let merchant = self.merchant(&order.collect)?;
                let call = call::query(&self.desk, merchant, &order.collect);
                Ok(Outbound::Call(call))
            }
            Ask::Tender(_)
            | Ask::Capture { .. }
            | Ask::Void
            | Ask::Close
            | Ask::Refund(_)
            | Ask::Recall(_) => Err(Refusal::OrderNotTaken { kind: order.kind() }),
        }
    }

    fn decode(&self, inbound: &Inbound<'_>) -> Result<Decoded, Unreadable> {
        match inbound.origin {
            Origin::Notice => feed::decode(inbound.body),
            Origin::Reply { order, status } => {
                reply::decode(order, status, inbound.body, inbound.received_at)
            }
        }
    }

    fn authenticate(&self, message: &Unverified<'_>) -> Result<Genuine, NotGenuine> {
        feed::authenticate(&self.desk, message)
    }
}
