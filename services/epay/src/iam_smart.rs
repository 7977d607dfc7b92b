//! Who we are at iAM Smart.

use std::path::{Path, PathBuf};

use anyhow::Context;
use epay_iamsmart::Credentials;
use epay_portal::IamSmartOptions;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::token::write_secret;

/// The demonstration's service at the sandbox.
const DEV_CLIENT_ID: &str = "epay-demo-portal";
/// What both sides know, by the names that the sandbox has for it.
const DEV_SECRET: &str = "iam-smart-secret";
const DEV_PUBLIC_KEY: &str = "iam-smart-service.pub.pem";
const DEV_PRIVATE_KEY: &str = "iam-smart-service.pem";

/// `[portal.iam_smart]` and `[notices.iam_smart]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IamSmartSettings {
    /// The address below which its paths lie.
    url: String,
    /// The service's id there.
    client_id: String,
    /// A file with the service's secret.
    secret_file: PathBuf,
    /// A file with the RSA key whose public half iAM Smart knows: PKCS #8, PEM.
    private_key_file: PathBuf,
}

fn read(path: &Path) -> anyhow::Result<SecretString> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(text.trim_end().into())
}

impl IamSmartSettings {
    /// What both sides are known to each other by.
    pub(crate) fn credentials(&self) -> anyhow::Result<Credentials> {
        Ok(Credentials {
            client_id: self.client_id.clone(),
            secret: read(&self.secret_file).context("iam_smart.secret_file")?,
        })
    }

    /// How it is spoken with.
    pub(crate) fn options(&self) -> anyhow::Result<IamSmartOptions> {
        Ok(IamSmartOptions {
            url: self
                .url
                .parse()
                .with_context(|| format!("iam_smart.url {:?} is no address", self.url))?,
            client_id: self.client_id.clone(),
            secret: self.credentials()?.secret,
            private_key: read(&self.private_key_file).context("iam_smart.private_key_file")?,
        })
    }
}

/// Makes what the demonstration's two sides need and do not have: the service's key in `keys`, what both know in `shared`.
pub(crate) fn make_dev_keys(keys: &Path, shared: &Path) -> anyhow::Result<()> {
    let private = keys.join(DEV_PRIVATE_KEY);
    if !private.is_file() {
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)
            .context("the key for iAM Smart cannot be made")?;
        write_secret(
            &shared.join(DEV_PUBLIC_KEY),
            pair.public_key_pem().as_bytes(),
        )?;
        write_secret(&private, pair.serialize_pem().as_bytes())?;
    }
    let secret = shared.join(DEV_SECRET);
    if !secret.is_file() {
        let bytes: [u8; 32] = rand::random();
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        write_secret(&secret, text.as_bytes())?;
    }
    Ok(())
}

/// The demonstration's settings: the sandbox is iAM Smart.
pub(crate) fn dev_settings(keys: &Path, shared: &Path, sandbox: &str) -> IamSmartSettings {
    IamSmartSettings {
        url: format!("{sandbox}/iam-smart"),
        client_id: DEV_CLIENT_ID.to_owned(),
        secret_file: shared.join(DEV_SECRET),
        private_key_file: keys.join(DEV_PRIVATE_KEY),
    }
}
