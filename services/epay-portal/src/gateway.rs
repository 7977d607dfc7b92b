//! The gateway, as the pages see it: a few questions and their answers in our own words.
//!
//! Each call carries the bearer token and a deadline. Answers are parsed here, once ([`crate::view`]); beyond
//! this module nobody sees a Protobuf type. Live watches have connections of their own, because an HTTP/2
//! connection carries a bounded number of streams and open pages must not starve the calls of others.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use epay_proto::v1;
use epay_proto::v1::bill_service_client::BillServiceClient;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use tonic::Request;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

mod failure;
mod kinds;
mod payments;
mod people;
mod proofs;
mod token;

pub(crate) use failure::Failure;
pub(crate) use payments::NewPayment;
pub(crate) use proofs::Proof;

use crate::config::PortalConfig;
use crate::seal::BillLink;
use crate::view::{Bill, BillKind};
use kinds::Kinds;
use token::Tokens;

/// Longest wait for one answer: a page that takes longer is better told as a problem.
const CALL_DEADLINE: Duration = Duration::from_secs(5);
/// Longest wait for a connection.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Quiet time after which a connection is asked whether it still lives.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// Connections for live watches. With a server's usual limit of 200 streams each, they carry
/// [`crate::pages::LIVE_STREAMS_MAX`] with room to spare.
const WATCH_CONNECTIONS: usize = 16;
/// Largest answer that is read: a list of bill types is the longest one.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Why the connection to the gateway cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum GatewaySetupError {
    /// The address is no URL.
    #[error("the gateway's address {0:?} is not a URL")]
    Address(String, #[source] tonic::transport::Error),
    /// `https` without an authority to trust.
    #[error("the gateway's address is https, so its authority must be configured")]
    NoAuthority,
    /// A certificate or key file cannot be read.
    #[error("the file {0} cannot be read")]
    File(String, #[source] std::io::Error),
    /// The certificates do not make a connection.
    #[error("the certificates for the gateway are not usable")]
    Tls(#[source] tonic::transport::Error),
}

/// A client of the gateway; share it by reference.
#[derive(Debug)]
pub(crate) struct Gateway {
    calls: Channel,
    watches: Vec<Channel>,
    next_watch: AtomicUsize,
    tokens: Tokens,
    kinds: Kinds,
}

impl Gateway {
    /// Prepares the connections; none is opened before it is needed, so the portal starts without its gateway.
    pub(crate) async fn new(config: &PortalConfig) -> Result<Self, GatewaySetupError> {
        let endpoint = endpoint(config).await?;
        Ok(Self {
            calls: endpoint.connect_lazy(),
            watches: (0..WATCH_CONNECTIONS)
                .map(|_| endpoint.connect_lazy())
                .collect(),
            next_watch: AtomicUsize::new(0),
            tokens: Tokens::new(config.token.clone()),
            kinds: Kinds::default(),
        })
    }

    /// The kinds of bill that can be paid, in the order of the gateway.
    pub(crate) async fn bill_kinds(&self) -> Result<Arc<Vec<BillKind>>, Failure> {
        if let Some(kinds) = self.kinds.fresh().await {
            return Ok(kinds);
        }
        let request = self.request(v1::ListBillTypesRequest {}).await?;
        let answer = self.bills().list_bill_types(request).await?.into_inner();
        let kinds = answer.bill_types.into_iter().map(BillKind::from).collect();
        Ok(self.kinds.keep(kinds).await)
    }

    /// One kind, by its code.
    pub(crate) async fn bill_kind(&self, code: &str) -> Result<BillKind, Failure> {
        let kinds = self.bill_kinds().await?;
        kinds
            .iter()
            .find(|kind| kind.code == code)
            .cloned()
            .ok_or(Failure::NotFound)
    }

    /// The bill that a visitor holds.
    pub(crate) async fn find_bill(&self, link: &BillLink, visitor: &str) -> Result<Bill, Failure> {
        let request = v1::LookupBillRequest {
            bill_type: link.bill_type.clone(),
            number: link.number.clone(),
            second_factor: link.second_factor.clone(),
            visitor: visitor.to_owned(),
        };
        let request = self.request(request).await?;
        Ok(Bill::read(
            self.bills().lookup_bill(request).await?.into_inner(),
        )?)
    }

    async fn request<T>(&self, message: T) -> Result<Request<T>, Failure> {
        let mut request = Request::new(message);
        request.set_timeout(CALL_DEADLINE);
        self.tokens.authorise(&mut request).await?;
        Ok(request)
    }

    fn bills(&self) -> BillServiceClient<Channel> {
        BillServiceClient::new(self.calls.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    fn payments(&self) -> PaymentServiceClient<Channel> {
        PaymentServiceClient::new(self.calls.clone()).max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

async fn endpoint(config: &PortalConfig) -> Result<Endpoint, GatewaySetupError> {
    let address = || config.gateway_url.clone();
    let endpoint = Endpoint::from_shared(address())
        .map_err(|source| GatewaySetupError::Address(address(), source))?
        .connect_timeout(CONNECT_DEADLINE)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL);
    let Some(tls) = &config.gateway_tls else {
        if config.gateway_url.starts_with("https:") {
            return Err(GatewaySetupError::NoAuthority);
        }
        return Ok(endpoint);
    };
    let mut client =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(file(&tls.authority).await?));
    if let Some((certificate, key)) = &tls.identity {
        client = client.identity(Identity::from_pem(
            file(certificate).await?,
            file(key).await?,
        ));
    }
    endpoint.tls_config(client).map_err(GatewaySetupError::Tls)
}

async fn file(path: &std::path::Path) -> Result<Vec<u8>, GatewaySetupError> {
    tokio::fs::read(path)
        .await
        .map_err(|source| GatewaySetupError::File(path.display().to_string(), source))
}
