//! How the door is set up.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use arc_swap::ArcSwap;
use epay_gateway::{
    AuthConfig, GatewayConfig, JwksSource, Limits, RailDoor, ReceiptDoors, TlsPaths, WebhookConfig,
};
use epay_iamsmart_client::CallbackDoor;
use epay_money::RailId;
use epay_rail_kit::channel::KeyRing;

use super::engine::secrets;
use crate::notices::NoticeSettings;
use crate::settings::Settings;

pub(super) fn gateway_config(settings: &Settings) -> anyhow::Result<GatewayConfig> {
    let jwks = match (&settings.auth.jwks_file, &settings.auth.jwks_url) {
        (Some(file), None) => JwksSource::Inline(
            std::fs::read_to_string(file)
                .with_context(|| format!("auth.jwks_file {} cannot be read", file.display()))?,
        ),
        (None, Some(url)) => JwksSource::Url(url.clone()),
        _ => anyhow::bail!("set exactly one of auth.jwks_file and auth.jwks_url"),
    };
    let tls = match (
        &settings.gateway.tls_certificates,
        &settings.gateway.tls_key,
    ) {
        (Some(certificates), Some(key)) => Some(TlsPaths {
            certificates: certificates.clone(),
            key: key.clone(),
        }),
        (None, None) => None,
        _ => anyhow::bail!("set both gateway.tls_certificates and gateway.tls_key, or neither"),
    };
    let rails = settings.open_rails()?;
    let mut rail_doors = BTreeMap::new();
    for (id, rail) in rails.iter() {
        let keys = settings.channels.get(id).map(|keys| key_ring(id, keys));
        let door = RailDoor {
            rail: Arc::clone(rail),
            keys: keys.transpose()?,
        };
        rail_doors.insert(id.clone(), door);
    }
    let webhooks = settings.webhooks.as_ref().map(|webhooks| {
        let vault = webhooks.vault()?;
        anyhow::Ok(WebhookConfig {
            vault,
            guard: webhooks.guard(),
        })
    });
    Ok(GatewayConfig {
        listen: settings.gateway.listen,
        tls,
        auth: AuthConfig {
            issuer: settings.auth.issuer.clone(),
            audience: settings.auth.audience.clone(),
            jwks,
        },
        rail_doors,
        notice_texts: Some(NoticeSettings::shelf()?),
        receipt_doors: receipt_doors(settings)?,
        return_origins: settings
            .gateway
            .return_origins
            .iter()
            .chain(&settings.portal.public_url)
            .cloned()
            .collect(),
        reflection: settings.gateway.reflection,
        allowed_origins: settings.gateway.allowed_origins.clone(),
        webhooks: webhooks.transpose()?,
        contacts: crate::contacts::store(settings)?,
        tells_people: settings.notices.is_some(),
        limits: Limits {
            requests_max: settings.gateway.requests_max,
            watches_max: settings.gateway.watches_max,
            ..Limits::default()
        },
    })
}

/// Whose word on messages and forms is taken. The sign-in of the pages says who fills in forms.
fn receipt_doors(settings: &Settings) -> anyhow::Result<ReceiptDoors> {
    let doors = match &settings.notices {
        Some(notices) => notices.receipt_doors()?,
        None => ReceiptDoors::default(),
    };
    let iam_smart = settings.portal.iam_smart.as_ref();
    let forms = iam_smart.map(|iam_smart| {
        let door = CallbackDoor::new(&iam_smart.options()?).context("portal.iam_smart")?;
        anyhow::Ok(Arc::new(door))
    });
    Ok(ReceiptDoors {
        forms: forms.transpose()?,
        ..doors
    })
}

fn key_ring(
    rail: &RailId,
    keys: &BTreeMap<String, Vec<PathBuf>>,
) -> anyhow::Result<Arc<ArcSwap<KeyRing>>> {
    let mut ring = Vec::new();
    for (id, files) in keys {
        ring.push((id.clone(), secrets(rail, id, files)?));
    }
    let ring = KeyRing::new(ring).with_context(|| format!("channels.{rail}"))?;
    Ok(Arc::new(ArcSwap::from_pointee(ring)))
}
