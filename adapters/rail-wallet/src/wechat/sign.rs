//! WeChat Pay's proofs: `WECHATPAY2-SHA256-RSA2048` both ways, and AES-256-GCM around what a notice tells.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epay_rail::{
    Acknowledgement, Door, Genuine, Header, HttpMethod, NotGenuine, Refusal, Unreadable,
    UnreadableKind, Unverified,
};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::config::Account;
use crate::keys::digest;
use crate::reading::{fresh, header, is_name, unix_seconds, unreadable};

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
const SIGNATURE_TYPE: &str = "wechatpay-signature-type";

/// The `Authorization` of a request; `target` is its path with its query.
pub(super) fn authorization(
    account: &Account,
    method: HttpMethod,
    target: &str,
    of: &Header,
    body: &str,
) -> Result<String, Refusal> {
    let (nonce, timestamp) = (hex::encode_upper(of.nonce), of.at.as_second());
    let method = method.as_str();
    let text = format!("{method}\n{target}\n{timestamp}\n{nonce}\n{body}\n");
    let signature = account.signer.sign(text.as_bytes())?;
    let (mchid, serial_no) = (&account.sp_mchid, &account.serial_no);
    Ok(format!(
        "{SCHEME} mchid=\"{mchid}\",nonce_str=\"{nonce}\",signature=\"{signature}\",\
         timestamp=\"{timestamp}\",serial_no=\"{serial_no}\""
    ))
}

/// The sender's name for a notice.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// Whether WeChat Pay signed an answer or a notice, with the key that it names.
pub(super) fn authenticate(
    account: &Account,
    message: &Unverified<'_>,
) -> Result<Genuine, NotGenuine> {
    let timestamp = header(message, "wechatpay-timestamp")?;
    let nonce = header(message, "wechatpay-nonce")?;
    let serial = header(message, "wechatpay-serial")?;
    let signature = header(message, "wechatpay-signature")?;
    if message
        .headers
        .iter()
        .any(|(name, value)| name == SIGNATURE_TYPE && value != SCHEME)
    {
        return Err(NotGenuine::Malformed {
            name: SIGNATURE_TYPE,
        });
    }
    let signed_at = unix_seconds("wechatpay-timestamp", timestamp)?;
    let mut text = format!("{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(message.body);
    text.push(b'\n');
    account.platform.verify(serial, &text, signature)?;
    fresh(signed_at, message.received_at)?;
    let message_id = match message.door {
        Door::Reply { order, .. } => order.header.key.clone(),
        Door::Notice { .. } => serde_json::from_slice::<Named>(message.body)
            .ok()
            .map(|named| named.id)
            .filter(|id| is_name(id))
            .unwrap_or_else(|| hex::encode(digest(message.body))),
    };
    Ok(Genuine {
        message_id,
        key_id: serial.to_owned(),
        acknowledgement: Acknowledgement::NO_CONTENT,
    })
}

/// What a notice tells, encrypted.
#[derive(Deserialize)]
pub(super) struct Resource {
    algorithm: String,
    ciphertext: String,
    #[serde(default)]
    associated_data: String,
    nonce: String,
}

/// Opens it. A wrong tag, key, nonce or associated data opens nothing.
pub(super) fn opened(account: &Account, resource: &Resource) -> Result<Vec<u8>, Unreadable> {
    let not = |message| unreadable(UnreadableKind::NotDecrypted, "/resource", message);
    if resource.algorithm != "AEAD_AES_256_GCM" {
        return Err(not("the algorithm is not AEAD_AES_256_GCM"));
    }
    let mut bytes = STANDARD
        .decode(&resource.ciphertext)
        .map_err(|_undecodable| not("the ciphertext is not base 64"))?;
    let nonce = Nonce::try_assume_unique_for_key(resource.nonce.as_bytes())
        .map_err(|_unspecified| not("the nonce has not 12 characters"))?;
    let key = UnboundKey::new(&AES_256_GCM, account.api_v3_key.expose_secret().as_bytes())
        .map_err(|_unspecified| not("the key has not 32 characters"))?;
    let aad = Aad::from(resource.associated_data.as_bytes());
    let plain = LessSafeKey::new(key)
        .open_in_place(nonce, aad, &mut bytes)
        .map_err(|_unspecified| not("it does not open with our key"))?;
    Ok(plain.to_vec())
}
