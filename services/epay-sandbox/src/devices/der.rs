//! Just enough DER to write a certificate and a signature.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
pub(super) const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const UTF8: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;

/// A value: tag, length, contents.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let mut out = vec![tag];
    // A certificate has some hundred bytes, a signature some thousands.
    let length = u16::try_from(contents.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    match length {
        0..=0x7f => out.push(low),
        0x80..=0xff => out.extend_from_slice(&[0x81, low]),
        0x100.. => out.extend_from_slice(&[0x82, high, low]),
    }
    out.extend_from_slice(&contents);
    out
}

/// An object identifier, given by its encoded contents in hexadecimal.
pub(super) fn oid(hex: &str) -> Vec<u8> {
    tlv(OID, &[&hex::decode(hex).unwrap_or_default()])
}

/// A number below 128.
pub(super) fn small(number: u8) -> Vec<u8> {
    tlv(INTEGER, &[&[number]])
}

pub(super) fn yes() -> Vec<u8> {
    tlv(BOOLEAN, &[&[0xff]])
}

pub(super) fn text(text: &str) -> Vec<u8> {
    tlv(UTF8, &[text.as_bytes()])
}

/// Bits, all of them used.
pub(super) fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], bytes])
}

/// Named bits, of which the last few of the one byte are unused.
pub(super) fn named_bits(byte: u8) -> Vec<u8> {
    let unused = u8::try_from(byte.trailing_zeros()).unwrap_or(0);
    tlv(BIT_STRING, &[&[unused, byte]])
}

/// A time as `YYMMDDhhmmssZ`.
pub(super) fn utc(time: &str) -> Vec<u8> {
    tlv(UTC_TIME, &[time.as_bytes()])
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, parts)
}

/// `[number]` around or in place of a value, constructed.
pub(super) fn tagged(number: u8, parts: &[&[u8]]) -> Vec<u8> {
    tlv(0xa0 | number, parts)
}
