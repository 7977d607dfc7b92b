//! The log of journals: which key signs its heads, and which keys are believed.
//!
//! A private key is PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it; public keys are a JWKS with a key of
//! kind `OKP` for each that ever signed, named by its `kid`. A key is changed by adding the new one to the set everywhere
//! and then naming its file in the configuration of the workers.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epay_ledger::log::{PublicKeys, SigningKey};
use epay_ledger_pg::Sealer;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};

use crate::token::write_secret;

/// Names of a development set-up.
const DEV_KEY_ID: &str = "epay-dev-log-1";
const DEV_ORIGIN: &str = "epay-dev.example/ledger";

/// How the log is sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogSettings {
    /// The log's name, for instance `pay.example/ledger`. It is part of what is signed, and stays for ever.
    pub(crate) origin: String,
    /// The name of the key that signs now.
    pub(crate) key_id: String,
    /// The file of its private half.
    pub(crate) key_file: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    kid: String,
    x: String,
}

impl LogSettings {
    /// A sealer with the configured key.
    pub(crate) fn sealer(&self) -> anyhow::Result<Sealer> {
        let path = self.key_file.display();
        let pem = std::fs::read(&self.key_file)
            .with_context(|| format!("log.key_file {path} cannot be read"))?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(&pem)
            .with_context(|| format!("log.key_file {path} is no private key in PEM"))?;
        let key = SigningKey::from_pkcs8(&self.key_id, der.secret_pkcs8_der())
            .with_context(|| format!("log.key_file {path}"))?;
        Sealer::new(key, self.origin.as_str()).context("log.origin")
    }
}

/// Reads a set of public keys.
pub(crate) fn read_public_keys(path: &Path) -> anyhow::Result<PublicKeys> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let set: Jwks = serde_json::from_str(&text)
        .with_context(|| format!("{} is no JWKS of the log's keys", path.display()))?;
    let mut keys = PublicKeys::default();
    for key in set.keys {
        ensure!(
            key.kty == "OKP" && key.crv == "Ed25519",
            "key {:?} is not Ed25519",
            key.kid
        );
        let bytes = URL_SAFE_NO_PAD.decode(&key.x);
        let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.with_context(|| format!("x of key {:?} is not 32 bytes", key.kid))?;
        keys.insert(&key.kid, bytes)
            .with_context(|| format!("key {:?}", key.kid))?;
    }
    Ok(keys)
}

/// The key of a development set-up and its set of public keys, made unless they are there.
pub(crate) fn make_key(folder: &Path) -> anyhow::Result<()> {
    let path = key_file(folder);
    if path.is_file() {
        return Ok(());
    }
    let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
    let set = Jwks {
        keys: vec![Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: DEV_KEY_ID.to_owned(),
            x: URL_SAFE_NO_PAD.encode(pair.public_key_raw()),
        }],
    };
    std::fs::write(public_keys_file(folder), serde_json::to_string(&set)?)?;
    write_secret(&path, pair.serialize_pem().as_bytes())
}

/// The configuration of a development set-up.
pub(crate) fn dev_settings(folder: &Path) -> LogSettings {
    LogSettings {
        origin: DEV_ORIGIN.to_owned(),
        key_id: DEV_KEY_ID.to_owned(),
        key_file: key_file(folder),
    }
}

/// The set of public keys of a development set-up.
pub(crate) fn public_keys_file(folder: &Path) -> PathBuf {
    folder.join("log.jwks")
}

fn key_file(folder: &Path) -> PathBuf {
    folder.join("log.pem")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_made_signs_and_its_set_is_read() {
        let folder = tempfile::tempdir().unwrap();
        make_key(folder.path()).unwrap();
        let kept = std::fs::read(key_file(folder.path())).unwrap();
        make_key(folder.path()).unwrap();
        assert_eq!(std::fs::read(key_file(folder.path())).unwrap(), kept);
        let mut settings = dev_settings(folder.path());
        settings.sealer().unwrap();
        assert_ne!(
            read_public_keys(&public_keys_file(folder.path())).unwrap(),
            PublicKeys::default()
        );
        settings.origin = "two words".to_owned();
        assert!(settings.sealer().is_err());
        std::fs::write(key_file(folder.path()), "no key").unwrap();
        assert!(dev_settings(folder.path()).sealer().is_err());
    }

    #[test]
    fn a_set_with_something_else_in_it_is_refused_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let key = |kty: &str, kid: &str, x: &str| {
            format!(r#"{{"kty":"{kty}","crv":"Ed25519","kid":"{kid}","x":"{x}"}}"#)
        };
        let good = key("OKP", "k1", "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg");
        for (keys, readable) in [
            (good.clone(), true),
            (format!("{good},{}", key("EC", "k2", "AAAA")), false),
            (format!("{good},{}", key("OKP", "k2", "AAAA")), false),
            (
                key(
                    "OKP",
                    "no name",
                    "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
                ),
                false,
            ),
            (r#"{"kid":"k3"}"#.to_owned(), false),
        ] {
            std::fs::write(&path, format!(r#"{{"keys":[{keys}]}}"#)).unwrap();
            assert_eq!(read_public_keys(&path).is_ok(), readable, "{keys}");
        }
        assert!(read_public_keys(&folder.path().join("nothing")).is_err());
    }
}
