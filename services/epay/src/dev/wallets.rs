//! The demo's dealings with the sandbox's wallets: keys of both sides, made once, and the rails' tables.

use std::path::Path;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use toml::Table;

use super::rails::{Places, file, table};
use crate::token::write_secret;

/// Our own RSA keys; the sandbox is shown their public halves.
const OWN_KEYS: [&str; 2] = ["wechat-merchant", "alipay-merchant"];
/// The wallets' RSA keys, and those that come next.
const THEIR_KEYS: [&str; 4] = [
    "wechat-platform",
    "wechat-platform-next",
    "alipay",
    "alipay-next",
];
/// Shared secrets of 32 bytes, in base 64.
const SECRETS: [&str; 4] = [
    "payme-signing-key",
    "payme-signing-key-next",
    "octopus-webhook-secret",
    "octopus-webhook-secret-next",
];
/// Shared words of 32 characters.
const WORDS: [&str; 3] = [
    "wechat-api-v3-key",
    "payme-client-secret",
    "octopus-api-key",
];

/// Makes the keys that are missing: what both sides know in `shared`, our own private ones in `keys`.
pub(super) fn make_keys(keys: &Path, shared: &Path) -> anyhow::Result<()> {
    let own = OWN_KEYS.into_iter().map(|name| (name, keys));
    for (name, folder) in own.chain(THEIR_KEYS.map(|name| (name, shared))) {
        let private = folder.join(format!("{name}.pem"));
        if !private.is_file() {
            let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
                .with_context(|| format!("the key {name} cannot be made"))?;
            let public = shared.join(format!("{name}.pub.pem"));
            write_secret(&public, pair.public_key_pem().as_bytes())?;
            write_secret(&private, pair.serialize_pem().as_bytes())?;
        }
    }
    for name in SECRETS.into_iter().chain(WORDS) {
        let path = shared.join(name);
        if !path.is_file() {
            let bytes: [u8; 32] = rand::random();
            let text: String = if SECRETS.contains(&name) {
                STANDARD.encode(bytes)
            } else {
                bytes
                    .iter()
                    .take(16)
                    .map(|byte| format!("{byte:02x}"))
                    .collect()
            };
            write_secret(&path, text.as_bytes())?;
        }
    }
    Ok(())
}

/// The four rails, each with its table.
pub(super) fn tables(places: &Places<'_>) -> [(&'static str, Table); 4] {
    let shared = |name: &str| file(&places.shared.join(name));
    let own = |name: &str| file(&places.keys.join(name));
    let wechat = table([
        ("sp_appid", "wx0000000000000001".into()),
        ("sp_mchid", "1999000109".into()),
        ("serial_no", "TEST0001".into()),
        ("private_key", own("wechat-merchant.pem")),
        ("api_v3_key", shared("wechat-api-v3-key")),
        (
            "platform_keys",
            table([
                ("PUB_KEY_ID_TEST_01", shared("wechat-platform.pub.pem")),
                ("PUB_KEY_ID_TEST_02", shared("wechat-platform-next.pub.pem")),
            ])
            .into(),
        ),
    ]);
    let alipay = table([
        ("client_id", "SANDBOX_TEST_0001".into()),
        ("private_key", own("alipay-merchant.pem")),
        (
            "alipay_keys",
            table([
                ("1", shared("alipay.pub.pem")),
                ("2", shared("alipay-next.pub.pem")),
            ])
            .into(),
        ),
    ]);
    let payme = table([
        ("client_id", "epay-demo".into()),
        ("client_secret", shared("payme-client-secret")),
        ("signing_key_id", "demo-1".into()),
        (
            "signing_keys",
            table([
                ("demo-1", shared("payme-signing-key")),
                ("demo-2", shared("payme-signing-key-next")),
            ])
            .into(),
        ),
    ]);
    let octopus = table([
        // Bills have cents; what is paid too much is held.
        ("cents", "round_up".into()),
        ("api_key", shared("octopus-api-key")),
        (
            "webhook_secrets",
            table([
                ("first", shared("octopus-webhook-secret")),
                ("next", shared("octopus-webhook-secret-next")),
            ])
            .into(),
        ),
    ]);
    [
        ("wechat", wechat),
        ("alipay", alipay),
        ("payme", payme),
        ("octopus", octopus),
    ]
    .map(|(rail, mut settings)| {
        let (gateway, sandbox) = (&places.gateway, &places.sandbox);
        let notify = format!("{gateway}/rails/{rail}/notices");
        settings.insert("url".to_owned(), format!("{sandbox}/wallets/{rail}").into());
        settings.insert("notify_url".to_owned(), notify.into());
        (rail, settings)
    })
}
