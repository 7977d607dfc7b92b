//! Puts the sandbox together, opens its doors, and closes them in order.
//!
//! Start: books, listener, counterparties, sender, timers. Stop: no new connections, requests on the way are answered, then sender
//! and timers drain, then the database connections close.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
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
use crate::counterparties::{self, Opened};
use crate::faults::FaultMenu;
use crate::frame::{Frame, OpenError, Opening, Secrets, Timers, Writing};
use crate::{api, pages};

/// The longest wait for the next piece of a request's body. A request that is being booked is never cut off: its caller would not
/// learn whether money moved.
const BODY_SECONDS_MAX: u64 = 10;

/// The pages load their own style sheet and post to themselves; nothing else.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for counterparties, whose pages also load inline images and send a payer back to where they came from.
const COUNTERPARTY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

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
    /// A counterparty could not be opened.
    #[error("a counterparty could not be opened")]
    Counterparty(#[from] OpenError),
    /// A configured fault is on no menu.
    #[error("the configured fault {fault} is not on the menu of the rail {rail}")]
    Fault {
        /// The rail.
        rail: String,
        /// The word.
        fault: String,
    },
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
    timers: Timers,
    books: Books,
}

/// Chooses the cryptography library of HTTPS clients. The first choice in a process stands.
pub fn install_crypto_provider() {
    // A second call finds the first one's choice in place, which is the same.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

impl Server {
    /// Opens books, counterparties, channel and listener.
    ///
    /// # Errors
    /// [`ServerError`] says which of them did not open.
    pub async fn bind(config: Config, secrets: impl Into<Secrets>) -> Result<Self, ServerError> {
        Self::bind_with(config, secrets.into(), counterparties::ALL).await
    }

    /// The same with a given list of counterparties.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub async fn bind_with(
        config: Config,
        secrets: Secrets,
        openings: &[Opening],
    ) -> Result<Self, ServerError> {
        install_crypto_provider();
        let books = Books::open(&config).await?;
        let listener = TcpListener::bind(config.listen).await?;
        let fetcher = Fetcher::new(&config.scan_origins)?;
        let frame = Frame {
            faults: FaultMenu::new(books.clone(), config.faults.clone()),
            channel: ChannelKey {
                id: config.channel.key_id.clone(),
                secret: secrets.channel().clone(),
            },
            config: Arc::new(config),
            books: books.clone(),
            secrets,
            wake_sender: Arc::new(Notify::new()),
            wake_timers: Arc::new(Notify::new()),
        };
        let opened = counterparties::open(openings, &frame)?;
        check_faults(&frame, &opened)?;
        start_all(&frame, &opened).await?;
        let sender = Sender::new(frame.clone(), Arc::clone(&opened))?;
        let (timers, clock) = Timers::new(frame.clone(), Arc::clone(&opened));
        let bank = Bank::new(frame.clone(), fetcher);
        let door = api::FrameDoor {
            frame,
            clock,
            counterparties: opened,
        };
        Ok(Self {
            listener,
            router: router(bank, door),
            sender,
            timers,
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
        let timing = tokio::spawn(self.timers.run(stop_sender.clone()));
        let served = axum::serve(self.listener, self.router)
            .with_graceful_shutdown(stop)
            .await;
        stop_sender.cancel();
        // A sender that panicked has nothing left to drain; its rows wait in the database.
        drop(sending.await);
        drop(timing.await);
        self.books.close();
        Ok(served?)
    }
}

/// Each configured fault must be on its rail's menu: a slip would otherwise be an honest sandbox.
fn check_faults(frame: &Frame, opened: &Opened) -> Result<(), ServerError> {
    let menus = api::menus(opened);
    let bad = frame.config.faults.iter().find(|fault| {
        let item = menus
            .get(fault.rail.as_str())
            .and_then(|menu| menu.iter().find(|item| item.word == fault.fault));
        !item.is_some_and(|item| item.accepts(fault.value.as_deref()))
    });
    bad.map_or(Ok(()), |fault| {
        Err(ServerError::Fault {
            rail: fault.rail.clone(),
            fault: fault.fault.clone(),
        })
    })
}

/// Lets every counterparty open its accounts and set its first timers.
async fn start_all(frame: &Frame, opened: &Opened) -> Result<(), BooksError> {
    let mut client = frame.client().await?;
    for (name, counterparty) in opened.iter() {
        let writing = Writing::begin(&mut client, name, frame.now()).await?;
        counterparty.start(&writing).await?;
        writing.commit().await?;
    }
    Ok(())
}

fn router(bank: Bank, door: api::FrameDoor) -> Router {
    let set = |name: HeaderName, value| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let timeout = Duration::from_secs(BODY_SECONDS_MAX);
    let doors = door
        .counterparties
        .values()
        .flat_map(|counterparty| counterparty.doors().iter().copied())
        .collect();
    let mut theirs = Router::new();
    for (name, counterparty) in door.counterparties.iter() {
        theirs = theirs.nest(&format!("/{name}"), counterparty.routes());
    }
    let theirs = theirs.layer(set(header::CONTENT_SECURITY_POLICY, COUNTERPARTY_POLICY));
    Router::new()
        .route("/healthz", get(health))
        .merge(api::routes())
        .merge(pages::routes(doors))
        .with_state(bank)
        .merge(api::frame_routes(door))
        .merge(theirs)
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
