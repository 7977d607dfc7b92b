//! Brings a BER encoding with indefinite lengths into definite ones.
//!
//! Apple writes the outer shells of its CMS with indefinite lengths, which DER readers refuse. Only that one freedom is
//! taken back: an indefinite length on a constructed value. Tags of several bytes, lengths that are longer than
//! needed, and anything behind the value are refused, so that one value keeps one spelling.

/// Shells inside each other. A token's signature has ten, an X.509 name and its extensions included.
const DEPTH_MAX: u8 = 24;
const CONSTRUCTED: u8 = 0x20;
const INDEFINITE: u8 = 0x80;
/// Tags of several bytes begin with these bits.
const LONG_TAG: u8 = 0x1f;
const END_OF_CONTENTS: [u8; 2] = [0, 0];

/// The same value with definite lengths; nothing if the bytes are not exactly one value.
pub(super) fn definite(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let rest = value(bytes, DEPTH_MAX, &mut out)?;
    rest.is_empty().then_some(out)
}

/// Copies one value into `out`; answers what stands behind it.
fn value<'a>(bytes: &'a [u8], depth: u8, out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let depth = depth.checked_sub(1)?;
    let (&tag, bytes) = bytes.split_first()?;
    let (&first, bytes) = bytes.split_first()?;
    if tag & LONG_TAG == LONG_TAG {
        return None;
    }
    let constructed = tag & CONSTRUCTED != 0;
    if first == INDEFINITE {
        if !constructed {
            return None;
        }
        let mut contents = Vec::new();
        let mut rest = bytes;
        while !rest.starts_with(&END_OF_CONTENTS) {
            rest = value(rest, depth, &mut contents)?;
        }
        header(tag, contents.len(), out)?;
        out.extend_from_slice(&contents);
        return rest.get(END_OF_CONTENTS.len()..);
    }
    let (length, bytes) = length(first, bytes)?;
    let (inside, rest) = bytes.split_at_checked(length)?;
    if !constructed {
        header(tag, length, out)?;
        out.extend_from_slice(inside);
        return Some(rest);
    }
    let mut contents = Vec::new();
    let mut left = inside;
    while !left.is_empty() {
        left = value(left, depth, &mut contents)?;
    }
    header(tag, contents.len(), out)?;
    out.extend_from_slice(&contents);
    Some(rest)
}

/// A definite length in its shortest form, at most two bytes behind the first: tokens are small.
fn length(first: u8, bytes: &[u8]) -> Option<(usize, &[u8])> {
    match first {
        0..=0x7f => Some((usize::from(first), bytes)),
        0x81 => {
            let (&byte, rest) = bytes.split_first()?;
            (byte > 0x7f).then_some((usize::from(byte), rest))
        }
        0x82 => {
            let (&bytes, rest) = bytes.split_first_chunk::<2>()?;
            let length = u16::from_be_bytes(bytes);
            (length > 0xff).then_some((usize::from(length), rest))
        }
        _ => None,
    }
}

fn header(tag: u8, length: usize, out: &mut Vec<u8>) -> Option<()> {
    let length = u16::try_from(length).ok()?;
    let [high, low] = length.to_be_bytes();
    out.push(tag);
    match length {
        0..=0x7f => out.push(low),
        0x80..=0xff => out.extend_from_slice(&[0x81, low]),
        0x100.. => out.extend_from_slice(&[0x82, high, low]),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{DEPTH_MAX, definite};

    #[test]
    fn a_value_has_one_spelling_and_nothing_behind_it() {
        for (given, expected) in [
            ("30800000", Some("3000")),
            ("3080020101a08004010000000000", Some("3008020101a003040100")),
            ("3080020101a0800401070000", None),
            ("3080020101a08004010700000000", Some("3008020101a003040107")),
            ("3003020101", Some("3003020101")),
            ("300302010100", None),
            ("30810302 0101", None),
            ("3081030201 01", None),
            ("04800401070000", None),
            ("3004020101", None),
            ("3080", None),
            ("30", None),
            ("", None),
            ("1f8101", None),
            ("30840000000302 0101", None),
        ] {
            let bytes = hex::decode(given.replace(' ', "")).unwrap();
            let expected = expected.map(|text| hex::decode(text).unwrap());
            assert_eq!(definite(&bytes), expected, "{given}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| {
            let mut bytes = Vec::new();
            for _ in 0..depth {
                bytes.extend_from_slice(&[0x30, 0x80]);
            }
            bytes.extend(core::iter::repeat_n(0, depth * 2));
            bytes
        };
        assert!(definite(&nested(usize::from(DEPTH_MAX))).is_some());
        assert!(definite(&nested(usize::from(DEPTH_MAX) + 1)).is_none());
        assert!(definite(&nested(10_000)).is_none());
    }
}
