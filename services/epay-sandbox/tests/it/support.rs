//! What every test stands on: a database of its own, a receiver that checks signatures, a running sandbox, QR images.

pub(crate) mod code;
pub(crate) mod receiver;

use std::future::Future;
use std::panic::resume_unwind;

use epay_sandbox::books::Books;
use epay_sandbox::config::{Config, Overrides};
use epay_sandbox::server::Server;
use secrecy::SecretString;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;

use receiver::Receiver;

const DEMO: &str = include_str!("../../../../deploy/demo/sandbox.toml");
pub(crate) const KEY_ID: &str = "sandbox-bank-1";
pub(crate) const SECRET: &str = "a-secret-for-tests-of-32-bytes-x";

/// A test's own database.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) url: String,
}

impl Database {
    /// A statement outside the sandbox's code.
    pub(crate) async fn execute(&self, sql: &str) {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        driver.await.unwrap().unwrap();
    }
}

fn admin_url() -> String {
    std::env::var("EPAY_TEST_DATABASE_URL")
        .expect("these tests need a PostgreSQL cluster: run `cargo xtask test`, which starts one")
}

/// Runs a test on a database of its own, and drops the database whether or not the test passes.
pub(crate) fn with_database<F: Future<Output = ()> + Send + 'static>(
    test: impl FnOnce(Database) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        epay_sandbox::server::install_crypto_provider();
        let name = format!("sbx_{}", uuid::Uuid::now_v7().simple());
        let admin = Database { url: admin_url() };
        admin.execute(&format!("CREATE DATABASE {name}")).await;
        let outcome = tokio::spawn(test(Database {
            url: with_name(&admin.url, &name),
        }))
        .await;
        admin
            .execute(&format!("DROP DATABASE {name} WITH (FORCE)"))
            .await;
        if let Err(error) = outcome {
            resume_unwind(error.into_panic());
        }
    });
}

/// The connection string with another database: both the key-value form and the URL form take the last word.
fn with_name(url: &str, name: &str) -> String {
    if !url.starts_with("postgres") {
        return format!("{url} dbname={name}");
    }
    let (base, query) = url
        .split_once('?')
        .map_or((url, String::new()), |(base, query)| {
            (base, format!("?{query}"))
        });
    let (scheme, rest) = base.split_once("://").unwrap();
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    format!("{scheme}://{host}/{name}{query}")
}

/// A sandbox that serves.
pub(crate) struct Sandbox {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

pub(crate) fn config(database: &Database, gateway_url: &str) -> Config {
    let overrides = Overrides {
        database_url: Some(database.url.clone()),
        gateway_url: Some(gateway_url.to_owned()),
        scan_origins: vec![format!("{gateway_url}/codes")],
        ..Overrides::default()
    };
    Config::read(DEMO, overrides).unwrap()
}

impl Sandbox {
    pub(crate) async fn start(database: &Database, receiver: &Receiver) -> Self {
        Self::start_with(config(database, &receiver.url)).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        Self::serve(
            Server::bind(config, SecretString::from(SECRET))
                .await
                .unwrap(),
        )
    }

    pub(crate) fn serve(server: Server) -> Self {
        let url = format!("http://{}", server.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move { server.serve(stopped).await.unwrap() });
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            url,
            client,
            stop,
            serving,
        }
    }

    /// Drains and stops; afterwards every outcome is recorded.
    pub(crate) async fn stop(self) {
        drop(self.client);
        self.stop.cancel();
        self.serving.await.unwrap();
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.url)).json(body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// A post that must be answered by 200.
    pub(crate) async fn done(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        let response = self
            .client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.text().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self
            .client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        response.json().await.unwrap()
    }
}

/// A handle on the books of a sandbox that is stopped.
pub(crate) async fn books(database: &Database) -> Books {
    Books::open(&config(database, "http://127.0.0.1:9"))
        .await
        .unwrap()
}
