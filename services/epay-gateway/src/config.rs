//! What the gateway is told at start. Secrets are inside the types that hide them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use epay_contact::Contacts;
use epay_iamsmart::Credentials;
use epay_iamsmart_client::CallbackDoor;
use epay_money::RailId;
use epay_notice::Shelf;
use epay_rail::Rail;
use epay_rail_kit::channel::KeyRing;
use epay_webhook::{Guard, Vault};

/// Everything the gateway is told at start.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Where to listen. Port 0 takes a free one, which [`serve`](crate::serve) then names.
    pub listen: SocketAddr,
    /// Certificate and key; plain HTTP where unset.
    pub tls: Option<TlsPaths>,
    /// Whose tokens are believed.
    pub auth: AuthConfig,
    /// The rails whose notices are taken. No other rail has a door.
    pub rail_doors: BTreeMap<RailId, RailDoor>,
    /// Origins to which payers may come back from a page of a rail: `https://host`. None when empty.
    pub return_origins: Vec<String>,
    /// Answer gRPC reflection. It tells nothing that the repository does not.
    pub reflection: bool,
    /// Web pages that may call by gRPC-Web; none when empty. An origin is `https://host`.
    pub allowed_origins: Vec<String>,
    /// Whose word on messages to people is taken.
    pub receipt_doors: ReceiptDoors,
    /// What people are told; without it nobody is, and nothing can be shown of it.
    pub notice_texts: Option<Arc<Shelf>>,
    /// What webhooks need; without it no receiver is registered.
    pub webhooks: Option<WebhookConfig>,
    /// Where people's contacts are; without it nobody is told of bills.
    pub contacts: Option<Contacts>,
    /// Somebody plans notices: who subscribes to an account hears of the bills that are there. Else nothing is noted that nobody reads.
    pub tells_people: bool,
    /// Bounds.
    pub limits: Limits,
}

/// Whose word on messages and forms is taken. Nobody else has a door.
#[derive(Debug, Clone, Default)]
pub struct ReceiptDoors {
    /// The SMS gateway's keys.
    pub sms: Option<Arc<KeyRing>>,
    /// What iAM Smart and we are known to each other by.
    pub iam_smart: Option<Arc<Credentials>>,
    /// What proves and opens iAM Smart's word on forms that it filled in.
    pub forms: Option<Arc<CallbackDoor>>,
}

/// What registering a receiver of webhooks needs.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// What seals its keys.
    pub vault: Arc<Vault>,
    /// Which URLs it may have.
    pub guard: Guard,
}

/// Files in PEM form. They are read again when they change.
#[derive(Debug, Clone)]
pub struct TlsPaths {
    /// The certificate and those that link it to a root.
    pub certificates: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Whose tokens are believed.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// The `iss` of every token.
    pub issuer: String,
    /// The `aud` that every token must name.
    pub audience: String,
    /// The public keys.
    pub jwks: JwksSource,
}

/// Where the public keys of tokens come from (RFC 7517).
#[derive(Debug, Clone)]
pub enum JwksSource {
    /// The key set itself, as JSON.
    Inline(String),
    /// Where to fetch it.
    Url(String),
}

/// The door of one rail: whose notices it believes, and which media types ([`Profile::notice_types`]) it takes.
///
/// [`Profile::notice_types`]: epay_rail::Profile::notice_types
#[derive(Debug, Clone)]
pub struct RailDoor {
    /// The rail, which knows its own proofs.
    pub rail: Arc<dyn Rail>,
    /// The keys of our bank channel for this rail, where it has one; swap the ring to rotate them while running.
    pub keys: Option<Arc<ArcSwap<KeyRing>>>,
}

/// Bounds on what callers may ask for at once. The defaults suit one node of two cores.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests in work at a time; more are turned away at once, because a queue would only hide the wait.
    pub requests_max: usize,
    /// Open `WatchPayment` streams; each costs some memory, and one read of the store for each change.
    pub watches_max: usize,
    /// Open `StreamEvents` streams; each costs three small reads of the store a second.
    pub event_streams_max: usize,
    /// Longest gRPC message or JSON body, in bytes.
    pub body_bytes_max: usize,
    /// How often a bill may be looked for.
    pub lookups: LookupLimits,
    /// Largest thing that a payer hands over, in bytes.
    pub instrument_bytes_max: usize,
    /// Longest time for one request where the caller names no shorter one.
    pub deadline: Duration,
    /// Longest time for the upload of a file.
    pub upload_deadline: Duration,
    /// How long open requests may go on after shutdown begins.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_max: 2_048,
            watches_max: 4_096,
            event_streams_max: 256,
            body_bytes_max: 256 * 1024,
            lookups: LookupLimits::default(),
            instrument_bytes_max: epay_proto::shape::MAX_INSTRUMENT_BYTES,
            deadline: Duration::from_secs(30),
            upload_deadline: Duration::from_secs(1_800),
            drain: Duration::from_secs(20),
        }
    }
}

/// How often one visitor may look for bills of one kind. The defaults let a household behind one address pay its bills, and
/// somebody who tries numbers out try twenty, then one in three seconds.
#[derive(Debug, Clone, Copy)]
pub struct LookupLimits {
    /// Looks that may be owed at a time.
    pub burst: u32,
    /// Looks that are paid off in a second.
    pub per_second: u32,
    /// What a look costs that finds nothing; one that finds a bill costs one.
    pub miss_cost: u32,
    /// Most visitors whose debt is kept.
    pub visitors_max: usize,
}

impl Default for LookupLimits {
    fn default() -> Self {
        Self {
            burst: 240,
            per_second: 4,
            miss_cost: 12,
            visitors_max: 65_536,
        }
    }
}
