//! The wallets: WeChat Pay HK, AlipayHK, PayMe and an acquirer for Octopus, each in its documented form.
//!
//! One desk keeps their payments ([`desk`]), refunds ([`refunds`]) and payouts ([`settle`]); a module a wallet puts them into its
//! words and proofs ([`wechat`], [`alipay`], [`payme`], [`octopus`]). A person pays in the wallet app ([`app`]). A request goes: proof
//! verified, words read, desk asked in one database transaction, answer signed. Notices leave by the frame's outbox and are signed
//! at each attempt.

mod alipay;
mod app;
mod desk;
mod kind;
mod octopus;
mod payme;
mod proofs;
mod refunds;
mod rows;
mod settings;
mod settle;
mod web;
mod wechat;

use std::sync::Arc;

use axum::Router;

use crate::books::BooksError;
use crate::frame::{
    Alarm, Attempt, Counterparty, Doing, Door, DueWork, Frame, Header, OpenError, Rows, WorkFailed,
    Writing,
};

use self::kind::Wallet;
use self::settings::Settings;

/// The counterparty's name.
const NAME: &str = "wallets";

/// Opens the wallets when the configuration has a table for them, and somebody gave them their secrets.
pub(crate) fn open(frame: &Frame) -> Result<Option<Arc<dyn Counterparty>>, OpenError> {
    let Some(settings) = frame.settings::<Settings>(NAME)? else {
        return Ok(None);
    };
    let wallets = Wallets {
        frame: frame.clone(),
        settings: Arc::new(settings),
    };
    if wallets.has_secrets()? {
        return Ok(Some(Arc::new(wallets)));
    }
    tracing::info!("The wallets have none of their secrets and are not there");
    Ok(None)
}

/// All four; clones are the same.
#[derive(Debug, Clone)]
struct Wallets {
    frame: Frame,
    settings: Arc<Settings>,
}

impl Counterparty for Wallets {
    fn name(&self) -> &'static str {
        NAME
    }

    fn routes(&self) -> Router {
        web::routes(self.clone())
    }

    fn doors(&self) -> &'static [Door] {
        &[Door {
            title: "Wallet app",
            href: "/wallets/app",
            text: "See what WeChat Pay, AlipayHK, PayMe and Octopus were asked for; pay it, decline it, or leave it.",
        }]
    }

    fn menu(&self) -> &'static [Rows] {
        kind::MENUS
    }

    fn start<'a>(&'a self, writing: &'a Writing<'_>) -> Doing<'a, Result<(), BooksError>> {
        Box::pin(async move {
            for wallet in Wallet::ALL {
                let (pool, fees) = (wallet.pool(), wallet.fees());
                let name = wallet.name();
                writing
                    .open_account(&pool, &format!("{name}: payers' money"), "HKD")
                    .await?;
                writing
                    .open_account(&fees, &format!("{name}: fees"), "HKD")
                    .await?;
            }
            Ok(())
        })
    }

    fn due<'a>(&'a self, work: &'a DueWork, alarm: Alarm<'a>) -> Doing<'a, Result<(), WorkFailed>> {
        Box::pin(async move {
            match work.kind.as_str() {
                "refund" => self.refund_due(work, alarm).await?,
                "settle" => self.settle_due(work, alarm).await?,
                other => return Err(format!("the wallets know no work {other}").into()),
            }
            Ok(())
        })
    }

    fn sign(&self, attempt: &Attempt<'_>) -> Option<Vec<Header>> {
        // A settlement file names no wallet: it goes by the bank channel.
        let wallet = Wallet::from_word(attempt.extra.get("wallet")?.as_str()?)?;
        let next = attempt
            .extra
            .get("next")
            .and_then(serde_json::Value::as_bool)
            == Some(true);
        match wallet {
            Wallet::WeChat => self.wechat_signed(attempt, next),
            Wallet::Alipay => self.alipay_signed(attempt, next),
            Wallet::PayMe => self.payme_signed(attempt, next),
            Wallet::Octopus => self.octopus_signed(attempt, next),
        }
    }

    fn delivered(&self, status: u16, body: &[u8]) -> bool {
        // AlipayHK looks into the answer; the others only at its status.
        let text = String::from_utf8_lossy(body);
        let accepted =
            !text.contains("\"resultStatus\"") || text.contains("\"resultStatus\":\"S\"");
        (200..300).contains(&status) && accepted
    }
}
