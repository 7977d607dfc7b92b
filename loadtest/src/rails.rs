//! The rails by which citizens pay, and what a person does on each: a small file a rail.
//!
//! Whatever is done here is done through the doors that people use: the sandbox's pages and apps, and the gateway's own door for what is
//! handed over. Nothing is told to the gateway here; the counterparty does that, by its notices and files.

mod bank;
mod card;
mod checkout;
mod cheque;
mod mix;
mod pps;
mod wallet;

pub(crate) use mix::{Mix, MixFault, Share};

use anyhow::{Context, Result, bail};
use epay_money::RailId;
use epay_proto::v1::Payment;
use epay_proto::v1::next_action::Action;
use serde::{Deserialize, Serialize};

use crate::bills::Issued;
use crate::payer::Caller;
use crate::sandbox::Sandbox;

/// A rail of the demonstration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rail {
    Fps,
    Card,
    Wechat,
    Alipay,
    Payme,
    Octopus,
    PpsCheckout,
    Pps,
    Echeque,
}

/// Somebody at a rail, with a payment that says what to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) caller: &'a Caller,
    pub(crate) bill: &'a Issued,
    pub(crate) payment: &'a Payment,
}

impl Rail {
    /// As configurations and tables call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fps => "fps",
            Self::Card => "card",
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Payme => "payme",
            Self::Octopus => "octopus",
            Self::PpsCheckout => "pps-checkout",
            Self::Pps => "pps",
            Self::Echeque => "echeque",
        }
    }

    /// The payer's own word for it; a rail may have several.
    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Fps => "fps_qr",
            Self::Wechat => "wechat_pay",
            Self::Alipay => "alipay_hk",
            Self::PpsCheckout => "pps_checkout",
            Self::Card | Self::Payme | Self::Octopus | Self::Pps | Self::Echeque => self.name(),
        }
    }

    pub(crate) fn id(self) -> Result<RailId> {
        RailId::new(self.name()).context(self.name())
    }

    /// The money comes with a file of the counterparty's day, long after the payer has left.
    pub(crate) const fn comes_by_file(self) -> bool {
        matches!(self, Self::Pps | Self::Echeque)
    }

    /// What has cents is paid rounded up, and the rest held; here nobody pays too much.
    pub(crate) const fn wants_whole_dollars(self) -> bool {
        matches!(self, Self::Octopus)
    }

    /// Does what the payment asks of its payer.
    pub(crate) async fn pay(self, person: Person<'_>) -> Result<()> {
        let done = match self {
            Self::Fps => bank::pay(person).await,
            Self::Card => card::pay(person).await,
            Self::Wechat | Self::Alipay | Self::Payme => wallet::pay_code(person).await,
            Self::Octopus => wallet::pay_on_page(person).await,
            Self::PpsCheckout => checkout::pay(person).await,
            Self::Pps => pps::pay(person).await,
            Self::Echeque => cheque::pay(person).await,
        };
        done.with_context(|| format!("{} by {}", person.payment.name, self.name()))
    }
}

impl Person<'_> {
    /// What the payment asks for.
    fn action(&self) -> Result<&Action> {
        action(self.payment).context("the payment asks for nothing")
    }
}

/// What a payment asks of its payer, where it is known yet.
pub(crate) fn action(payment: &Payment) -> Option<&Action> {
    payment.next_action.as_ref()?.action.as_ref()
}

/// The action is not what this rail asks for.
fn other<T>(action: &Action) -> Result<T> {
    bail!("the payer is asked for something else: {action:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rail_is_written_in_a_scenario_as_everywhere_else() {
        for rail in [Rail::Fps, Rail::PpsCheckout, Rail::Echeque] {
            let text = serde_json::Value::from(rail.name());
            assert_eq!(serde_json::from_value::<Rail>(text.clone()).unwrap(), rail);
            assert_eq!(serde_json::to_value(rail).unwrap(), text);
            assert_eq!(rail.id().unwrap().as_str(), rail.name());
        }
    }
}
