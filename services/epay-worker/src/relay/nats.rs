//! The broker's side: a connection, a stream, and events that it says it has stored.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::ConnectOptions;
use async_nats::HeaderMap;
use async_nats::connection::State;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::stream::{Config, StorageType};
use epay_domain::webhook::WebhookEvent;
use epay_webhook::EVENT_MEDIA_TYPE;

use super::{DUPLICATE_WINDOW, IN_FLIGHT_MAX, RelayError};

/// How long the broker may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take to answer, or to say that it stored an event.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// Attempts to mend a connection that broke while nothing was sent; afterwards the next round makes another one.
const RECONNECTS_MAX: usize = 8;

/// Where events go.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// The broker: `nats://host:4222`, or `tls://`.
    pub url: String,
    /// The stream; it is made when it is missing, and left as it is when it is there.
    pub stream: String,
    /// What every subject begins with.
    pub subject_prefix: String,
    /// How long a stream that we make keeps an event.
    pub max_age: Duration,
    /// A file of credentials, as `nsc` writes it.
    pub credentials_file: Option<PathBuf>,
    /// The certificate authority of the broker, where it is not one that the system believes.
    pub authority_file: Option<PathBuf>,
}

/// A connection to the broker, which has our stream by then.
pub(super) async fn connect(options: &RelayOptions) -> Result<Context, RelayError> {
    let mut connect = ConnectOptions::new()
        .name("epay relay")
        .connection_timeout(CONNECT_TIMEOUT)
        .max_reconnects(RECONNECTS_MAX);
    if let Some(file) = &options.credentials_file {
        let with = connect.credentials_file(file).await;
        connect = with.map_err(RelayError::Credentials)?;
    }
    if let Some(file) = &options.authority_file {
        connect = connect
            .require_tls(true)
            .add_root_certificates(file.clone());
    }
    let client = connect.connect(options.url.as_str()).await?;
    let context = ContextBuilder::new()
        .timeout(ANSWER_TIMEOUT)
        .max_ack_inflight(IN_FLIGHT_MAX)
        .build(client);
    context
        .get_or_create_stream(Config {
            name: options.stream.clone(),
            subjects: vec![format!("{}.>", options.subject_prefix)],
            storage: StorageType::File,
            duplicate_window: DUPLICATE_WINDOW,
            max_age: options.max_age,
            ..Config::default()
        })
        .await?;
    Ok(context)
}

/// Whether the connection stands, as far as we know.
pub(super) fn is_connected(stream: &Context) -> bool {
    stream.client().connection_state() == State::Connected
}

/// Gives events to the broker, at most [`IN_FLIGHT_MAX`], and waits until it has stored every one.
pub(super) async fn publish(
    stream: &Context,
    prefix: &str,
    events: &[WebhookEvent],
) -> Result<(), RelayError> {
    let mut stored = Vec::with_capacity(events.len());
    for event in events {
        let subject = format!("{prefix}.{}.{}", event.biller, event.event_type.as_str());
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, event.id.as_str());
        headers.insert("Content-Type", EVENT_MEDIA_TYPE);
        let body = event.body.clone().into();
        stored.push(stream.publish_with_headers(subject, headers, body).await?);
    }
    for event in stored {
        event.await?;
    }
    Ok(())
}
