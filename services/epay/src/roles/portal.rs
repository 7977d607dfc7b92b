//! How the citizen pages are set up.

use std::net::SocketAddr;

use anyhow::Context;
use epay_portal::{GatewayTls, PortalConfig, TokenSource};

use crate::settings::Settings;

/// `gateway` is the one that runs in this process.
pub(super) fn portal_config(
    settings: &Settings,
    gateway: Option<SocketAddr>,
) -> anyhow::Result<PortalConfig> {
    let portal = &settings.portal;
    let gateway_url = match (portal.gateway_url.as_str(), gateway) {
        ("", Some(address)) => settings.gateway.url(address),
        ("", None) => anyhow::bail!("portal.gateway_url is not set, and no gateway runs here"),
        (url, _) => url.to_owned(),
    };
    let token = portal
        .token_file
        .clone()
        .context("portal.token_file is not set")?;
    let link_key = match &portal.link_key_file {
        Some(file) => Some(
            std::fs::read_to_string(file)
                .with_context(|| format!("portal.link_key_file {} cannot be read", file.display()))?
                .into(),
        ),
        None => None,
    };
    let gateway_tls = portal.gateway_authority.clone();
    Ok(PortalConfig {
        link_key,
        gateway_tls: gateway_tls.map(|authority| GatewayTls {
            authority,
            identity: None,
        }),
        bank_app_url: portal.bank_app_url.clone(),
        wallet_app_url: portal.wallet_app_url.clone(),
        device_wallet_url: portal.device_wallet_url.clone(),
        public_url: portal.public_url.clone(),
        client_address_header: portal
            .client_address_header
            .as_deref()
            .map(str::parse)
            .transpose()
            .context("portal.client_address_header")?,
        iam_smart: portal
            .iam_smart
            .as_ref()
            .map(|settings| settings.options().context("portal.iam_smart"))
            .transpose()?,
        ..PortalConfig::new(portal.listen, gateway_url, TokenSource::File(token))
    })
}
