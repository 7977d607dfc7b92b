//! Checks a bearer token: a JWT signed by a key of the key set.
//!
//! Order: length, header, algorithm, key, signature, then `exp`, `nbf`, `iss`, `aud`, then our own claims. The
//! algorithm is the key's, never the token's word for it, and only asymmetric algorithms exist here.

use epay_money::BillerId;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use serde::Deserialize;

use super::cache::Cache;
use super::jwks::{Keys, KeysError};
use super::{Principal, Role};

/// Longest token that is looked at, in bytes. Ours have a few hundred; an identity provider's may carry groups.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// How far the clocks of issuer and gateway may differ, in seconds.
const CLOCK_LEEWAY_SECS: u64 = 30;

/// Longest subject that is kept, in bytes.
const SUBJECT_BYTES_MAX: usize = 128;

/// What a token must say besides its signature.
#[derive(Debug)]
pub(crate) struct Verifier {
    keys: Keys,
    cache: Cache,
    issuer: String,
    audience: String,
}

/// Why a token is not accepted. The words never quote the token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// More bytes than a token may have.
    #[error("the token has more than {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// Not a JWT, or its header cannot be read.
    #[error("the token is not a JWT")]
    NotJwt(#[source] jsonwebtoken::errors::Error),
    /// The header names no key.
    #[error("the token's header has no \"kid\"")]
    NoKeyId,
    /// The key set has no such key.
    #[error("the token was signed by a key that the gateway does not know")]
    UnknownKey,
    /// The header's algorithm is not that of the key.
    #[error("the token's algorithm is not that of its key")]
    Algorithm,
    /// The signature, or a registered claim, is wrong.
    #[error("{0}")]
    Refused(&'static str),
    /// A claim of ours is missing or wrong.
    #[error("{0}")]
    Claims(&'static str),
    /// The key set could not be had.
    #[error("the key set cannot be read")]
    Keys(#[source] KeysError),
}

impl TokenError {
    /// Stable code for callers.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::TooLong | Self::NotJwt(_) | Self::NoKeyId => "TOKEN_MALFORMED",
            Self::UnknownKey => "TOKEN_KEY_UNKNOWN",
            Self::Algorithm => "TOKEN_ALGORITHM",
            Self::Refused(_) => "TOKEN_REFUSED",
            Self::Claims(_) => "TOKEN_CLAIMS",
            Self::Keys(_) => "KEYS_UNAVAILABLE",
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// Its absence is the library's to refuse, with the other claims that it checks.
    #[serde(default)]
    exp: i64,
    role: Role,
    #[serde(default)]
    biller: Option<String>,
}

impl Verifier {
    pub(crate) fn new(keys: Keys, issuer: String, audience: String) -> Self {
        Self {
            keys,
            cache: Cache::default(),
            issuer,
            audience,
        }
    }

    /// The caller that a token proves.
    ///
    /// # Errors
    /// The first of [`TokenError`] that applies.
    pub(crate) async fn principal(&self, token: &str) -> Result<Principal, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong);
        }
        if let Some(principal) = self.cache.find(token) {
            return Ok(principal);
        }
        let claims = self.verify(token).await?;
        let expires = claims.exp;
        let principal = into_principal(claims)?;
        self.cache.put(token, principal.clone(), expires);
        Ok(principal)
    }

    async fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(TokenError::NotJwt)?;
        let kid = header.kid.as_deref().ok_or(TokenError::NoKeyId)?;
        let key = self
            .keys
            .find(kid)
            .await
            .map_err(TokenError::Keys)?
            .ok_or(TokenError::UnknownKey)?;
        if header.alg != key.algorithm {
            return Err(TokenError::Algorithm);
        }
        let mut validation = Validation::new(key.algorithm);
        validation.leeway = CLOCK_LEEWAY_SECS;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        decode::<Claims>(token, &key.decoding, &validation)
            .map(|verified| verified.claims)
            .map_err(|error| refused(error.kind()))
    }
}

fn refused(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Refused("the token's signature is wrong"),
        ErrorKind::ExpiredSignature => TokenError::Refused("the token has expired"),
        ErrorKind::ImmatureSignature => TokenError::Refused("the token is not valid yet"),
        ErrorKind::InvalidIssuer => {
            TokenError::Refused("the token's issuer is not the one expected")
        }
        ErrorKind::InvalidAudience => TokenError::Refused("the token is for another audience"),
        ErrorKind::MissingRequiredClaim(_) => {
            TokenError::Refused("the token lacks one of exp, iss, aud, sub")
        }
        ErrorKind::Json(_) => {
            TokenError::Claims("the token's claims cannot be read: sub and a known role are needed")
        }
        _ => TokenError::Refused("the token cannot be verified"),
    }
}

fn into_principal(claims: Claims) -> Result<Principal, TokenError> {
    if claims.sub.is_empty() || claims.sub.len() > SUBJECT_BYTES_MAX {
        return Err(TokenError::Claims(
            "the token's subject must have 1 to 128 bytes",
        ));
    }
    let biller = match claims.biller.as_deref().map(BillerId::new) {
        Some(Ok(biller)) => Some(biller),
        Some(Err(_)) => {
            return Err(TokenError::Claims(
                "the token's biller is not a biller code",
            ));
        }
        None => None,
    };
    if claims.role == Role::Department && biller.is_none() {
        return Err(TokenError::Claims(
            "a department's token must name its biller",
        ));
    }
    Ok(Principal {
        subject: claims.sub,
        role: claims.role,
        biller,
    })
}
