//! What the portal is told at the start.

use std::net::SocketAddr;
use std::path::PathBuf;

use epay_iamsmart_client::IamSmartOptions;
use http::HeaderName;
use secrecy::SecretString;

/// Where the portal listens, which gateway it talks to, and what it may show.
#[derive(Debug, Clone)]
pub struct PortalConfig {
    /// Address of the pages; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The gateway: `http://host:port`, or `https://…` together with [`PortalConfig::gateway_tls`].
    pub gateway_url: String,
    /// Whom to trust, and who we are, when the gateway speaks TLS.
    pub gateway_tls: Option<GatewayTls>,
    /// The bearer token of the portal's own role.
    pub token: TokenSource,
    /// Demonstrations only: address of a bank app that the code page links to, as
    /// `{bank_app_url}/app?scan={address of the code's image}`. Set, every page says that it is a demonstration.
    pub bank_app_url: Option<String>,
    /// Demonstrations only: address of a wallet app that opens the text of a wallet's code, as `{wallet_app_url}?code={text}`.
    pub wallet_app_url: Option<String>,
    /// Demonstrations only: address of a device wallet. A page posts what the device must know to
    /// `{device_wallet_url}/{apple_pay or google_pay}` as a form (`kind`, `request`, `reference`, `return_to`), and
    /// takes the token back as a form with the field `token` at `return_to`. Unset, these ways to pay are not offered.
    pub device_wallet_url: Option<String>,
    /// Address under which people reach the pages, without a trailing slash. Unset, the address that was bound.
    pub public_url: Option<String>,
    /// Seals the links that carry a bill's number, 32 bytes or more. Portals that serve the same address need the
    /// same one; unset, each start draws its own and links of bills that were being looked at end with the process.
    pub link_key: Option<SecretString>,
    /// The header in which the proxy in front names the address of the visitor; its last value counts. Set it only behind a
    /// proxy that always sets it: whoever can set it himself is never told to wait. Unset, the connection's other end counts.
    pub client_address_header: Option<HeaderName>,
    /// Where people sign in, so that they can be told of bills. Unset, nobody does.
    pub iam_smart: Option<IamSmartOptions>,
}

impl PortalConfig {
    /// A portal over plain HTTP to its gateway, without a demonstration's apps.
    #[must_use]
    pub fn new(listen: SocketAddr, gateway_url: impl Into<String>, token: TokenSource) -> Self {
        Self {
            listen,
            gateway_url: gateway_url.into(),
            gateway_tls: None,
            token,
            bank_app_url: None,
            wallet_app_url: None,
            device_wallet_url: None,
            public_url: None,
            link_key: None,
            client_address_header: None,
            iam_smart: None,
        }
    }
}

/// Certificates for the connection to the gateway, as PEM files.
#[derive(Debug, Clone)]
pub struct GatewayTls {
    /// The authority that signed the gateway's certificate.
    pub authority: PathBuf,
    /// Our own certificate and its key, where the gateway asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Where the bearer token comes from.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// Given once.
    Secret(SecretString),
    /// A file that someone else keeps fresh; it is read again every few seconds.
    File(PathBuf),
}
