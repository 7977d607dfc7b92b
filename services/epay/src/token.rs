//! Tokens of a development set-up: an Ed25519 key of its own, its JWKS, and JWTs signed with it.
//!
//! In production tokens come from the identity provider; the gateway only ever sees a JWKS.

use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// Name of the key in tokens and JWKS.
const KEY_ID: &str = "epay-dev-1";
/// How long a development token is good for.
const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What can be done with development tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Print a token signed with the key of a development set-up.
    Issue {
        /// The data folder of `epay dev`.
        #[arg(long)]
        data_dir: Option<PathBuf>,
        /// `citizen_portal`, department, finance, clerk, supervisor, controller, auditor or administrator.
        #[arg(long)]
        role: String,
        /// The department, for the role department.
        #[arg(long)]
        biller: Option<String>,
        /// Who the token is for.
        #[arg(long, default_value = "somebody")]
        subject: String,
    },
}

#[derive(Debug, Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    biller: Option<&'a str>,
    iat: i64,
    exp: i64,
}

/// The signing key of a development set-up.
pub(crate) struct Issuer {
    key: EncodingKey,
}

/// Runs a verb.
pub(crate) fn run(command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Issue {
            data_dir,
            role,
            biller,
            subject,
        } => {
            let folder = match data_dir {
                Some(folder) => folder,
                None => crate::dev::usual_data_dir()?,
            };
            let issuer = Issuer::open(&folder.join("keys"))?;
            println!("{}", issuer.issue(&subject, &role, biller.as_deref())?);
            Ok(())
        }
    }
}

impl Issuer {
    /// Reads the key of a folder, or makes one, with its JWKS beside it.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("signing.pkcs8");
        if !path.is_file() {
            let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
            let x = URL_SAFE_NO_PAD.encode(pair.public_key_raw());
            let jwks = serde_json::json!({"keys": [{
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": x,
            }]});
            write_secret(&jwks_file(folder), jwks.to_string().as_bytes())?;
            write_secret(&path, pair.serialized_der())?;
        }
        let der =
            std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Self {
            key: EncodingKey::from_ed_der(&der),
        })
    }

    /// A token for a subject in a role.
    pub(crate) fn issue(
        &self,
        subject: &str,
        role: &str,
        biller: Option<&str>,
    ) -> anyhow::Result<String> {
        let now = Timestamp::now();
        let claims = Claims {
            iss: "epay-dev",
            aud: "epay",
            sub: subject,
            role,
            biller,
            iat: now.as_second(),
            exp: now.checked_add(LIFETIME)?.as_second(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(KEY_ID.to_owned());
        Ok(jsonwebtoken::encode(&header, &claims, &self.key)?)
    }
}

/// The JWKS of a keys folder.
pub(crate) fn jwks_file(folder: &Path) -> PathBuf {
    folder.join("jwks.json")
}

/// Writes a file that only its owner may read.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(bytes)
        .with_context(|| format!("{} cannot be written", path.display()))
}
