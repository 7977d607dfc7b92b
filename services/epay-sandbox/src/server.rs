//! Puts the sandbox together, opens its doors, and closes them in order.
//!
//! Start: books, sender, listener. Stop: no new connections, requests on the way are answered, then the sender drains, then the
//! database connections close.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use jiff::Timestamp;
use secrecy::SecretString;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::bank::Bank;
use crate::bank::fetch::Fetcher;
use crate::books::{Books, BooksError};
use crate::channel::sender::SenderError;
use crate::channel::{ChannelKey, Sender};
use crate::config::Config;
use crate::{api, pages};

/// The longest wait for the next piece of a request's body. A request that is being booked is never cut off: its caller would not
/// learn whether money moved.
const BODY_SECONDS_MAX: u64 = 10;

/// The pages load their own style sheet and post to themselves; nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Why the sandbox did not start or stopped badly.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The books could not be opened.
    #[error("the books could not be opened")]
    Books(#[from] BooksError),
    /// The sender could not be made.
    #[error("the channel could not be opened")]
    Sender(#[from] SenderError),
    /// The image fetcher could not be made.
    #[error("the image fetcher could not be made")]
    Fetcher(#[from] reqwest::Error),
    /// The address could not be listened on, or the listener failed.
    #[error("the listener failed")]
    Listen(#[from] std::io::Error),
}

/// A sandbox that listens and is not serving yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    router: Router,
    sender: Sender,
    books: Books,
}

/// Chooses the cryptography library of HTTPS clients. The first choice in a process stands.
pub fn install_crypto_provider() {
    // A second call finds the first one's choice in place, which is the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

impl Server {
    /// Opens books, channel and listener.
    ///
    /// # Errors
    /// [`ServerError`] says which of them did not open.
    pub async fn bind(config: Config, secret: SecretString) -> Result<Self, ServerError> {
        install_crypto_provider();
        let books = Books::open(&config, Timestamp::now()).await?;
        let wake = Arc::new(Notify::new());
        let key = ChannelKey {
            id: config.channel.key_id.clone(),
            secret,
        };
        let sender = Sender::new(books.clone(), &config.gateway_url, key, Arc::clone(&wake))?;
        let fetcher = Fetcher::new(&config.scan_origins)?;
        let listener = TcpListener::bind(config.listen).await?;
        let bank = Bank::new(books.clone(), Arc::new(config), fetcher, wake);
        Ok(Self {
            listener,
            router: router(bank),
            sender,
            books,
        })
    }

    /// The address that the listener got.
    ///
    /// # Errors
    /// When the operating system does not say.
    pub fn address(&self) -> Result<SocketAddr, ServerError> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until `stop` is ready, then drains.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServerError> {
        let stop_sender = CancellationToken::new();
        let sending = tokio::spawn(self.sender.run(stop_sender.clone()));
        let served = axum::serve(self.listener, self.router)
            .with_graceful_shutdown(stop)
            .await;
        stop_sender.cancel();
        // A sender that panicked has nothing left to drain; its rows wait in the database.
        drop(sending.await);
        self.books.close();
        Ok(served?)
    }
}

fn router(bank: Bank) -> Router {
    let set = |name: HeaderName, value| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let timeout = Duration::from_secs(BODY_SECONDS_MAX);
    Router::new()
        .route("/healthz", get(health))
        .merge(api::routes())
        .merge(pages::routes())
        .with_state(bank)
        .layer(set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .layer(set(header::CACHE_CONTROL, "no-store"))
        .layer(RequestBodyTimeoutLayer::new(timeout))
        .layer(CatchPanicLayer::new())
}

/// Well when the books answer.
async fn health(State(bank): State<Bank>) -> Result<&'static str, api::Problem> {
    bank.books.list_accounts().await?;
    Ok("ok\n")
}
