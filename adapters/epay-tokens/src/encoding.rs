//! Texts that stand for bytes, each with one spelling only, so that a changed character is never the same bytes.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How a P-256 public key begins as a `SubjectPublicKeyInfo` in DER: algorithm, curve, and a point that is not
/// compressed. 65 bytes of point follow.
const P256_HEADER: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// An uncompressed point on P-256.
pub(crate) const POINT_BYTES: usize = 65;

/// Bytes of a base64 text with its padding and without stray bits.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Bytes of a hexadecimal text in small letters.
pub(crate) fn lower_hex(text: &str) -> Option<Vec<u8>> {
    let small = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    small.then(|| hex::decode(text).ok()).flatten()
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes).as_ref());
    out
}

/// The point inside a P-256 public key in DER; nothing for any other key or spelling.
pub(crate) fn p256_point(spki: &[u8]) -> Option<&[u8]> {
    let point = spki.strip_prefix(&P256_HEADER)?;
    (point.len() == POINT_BYTES && point.first() == Some(&4)).then_some(point)
}

/// A P-256 public key in DER around its point.
pub(crate) fn p256_spki(point: &[u8]) -> Vec<u8> {
    [P256_HEADER.as_slice(), point].concat()
}

#[cfg(test)]
mod tests {
    use super::{base64, lower_hex};

    #[test]
    fn bytes_have_one_spelling() {
        for (text, expected) in [
            ("AQI=", Some(vec![1, 2])),
            ("AQI", None),
            ("AQJ=", None),
            ("AQI=\n", None),
            ("A_I=", None),
            ("", Some(vec![])),
        ] {
            assert_eq!(base64(text), expected, "{text:?}");
        }
        for (text, expected) in [
            ("0aff", Some(vec![0x0a, 0xff])),
            ("0aFF", None),
            ("0af", None),
            ("0ag0", None),
        ] {
            assert_eq!(lower_hex(text), expected, "{text:?}");
        }
    }
}
