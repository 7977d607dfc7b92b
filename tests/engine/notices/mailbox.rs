//! A mail server of the other side, and what arrived in its boxes.

use epay_channels::MailOptions;
use epay_pg::testing::TestDatabase;
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::server::Server;
use secrecy::SecretString;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::post::mail_on;
use crate::house::CHANNEL_SECRET;

const DEMO: &str = include_str!("../../../deploy/demo/sandbox.toml");

/// The sandbox, of which only what arrives is open.
pub(super) struct Mailbox {
    url: String,
    smtp: String,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    database: TestDatabase,
}

/// A letter in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) body: String,
    /// How often it was handed over.
    pub(super) copies: i64,
}

impl Mailbox {
    pub(super) async fn open() -> Self {
        epay_sandbox::server::install_crypto_provider();
        let database = TestDatabase::create(&[]).await;
        let overrides = Overrides {
            database_url: Some(database.url()),
            // Receipts go there, and a letter has none.
            gateway_url: Some("http://127.0.0.1:9".to_owned()),
            ..Overrides::default()
        };
        let mut config = Config::read(DEMO, overrides).unwrap();
        config.counterparties.retain(|name, _| name == "arrivals");
        let secret = SecretString::from(CHANNEL_SECRET);
        let server = Server::bind(config, secret).await.unwrap();
        let url = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let smtp = list(&url).await["smtp"].as_str().unwrap().to_owned();
        Self {
            url,
            smtp,
            stop,
            serving,
            database,
        }
    }

    pub(super) fn options(&self) -> MailOptions {
        let (_loopback, port) = self.smtp.rsplit_once(':').unwrap();
        mail_on(port.parse().unwrap())
    }

    /// What arrived, the newest first.
    pub(super) async fn letters(&self) -> Vec<Letter> {
        let list = list(&self.url).await;
        let letter = |row: &Value| Letter {
            to: row["recipient"].as_str().unwrap().to_owned(),
            body: row["body"].as_str().unwrap().to_owned(),
            copies: row["copies"].as_i64().unwrap(),
        };
        list["arrived"]
            .as_array()
            .unwrap()
            .iter()
            .map(letter)
            .collect()
    }

    pub(super) async fn close(self) {
        self.stop.cancel();
        self.serving.await.unwrap();
        self.database.remove().await;
    }
}

async fn list(url: &str) -> Value {
    let answer = reqwest::get(format!("{url}/arrivals/list")).await.unwrap();
    answer.json().await.unwrap()
}
