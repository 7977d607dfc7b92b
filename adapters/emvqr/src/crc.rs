//! The checksum that closes every payload.
//!
//! Polynomial 0x1021, initial value 0xFFFF, nothing reflected, nothing inverted (catalogue name CRC-16/IBM-3740, also
//! CRC-16/CCITT-FALSE), over the UTF-8 **bytes** of everything up to and including `6304`. The standard that EMVCo cites
//! reflects and inverts; its own worked example fits only this plain variant.

use crc::{CRC_16_IBM_3740, Crc, Table};

const CHECKSUM: Crc<u16, Table<16>> = Crc::<u16, Table<16>>::new(&CRC_16_IBM_3740);

/// The checksum of a payload that ends in `6304`.
#[must_use]
pub fn checksum(text: &str) -> u16 {
    CHECKSUM.checksum(text.as_bytes())
}

/// The checksum as a payload writes it: four hexadecimal digits, upper case, zero padded.
#[must_use]
pub fn checksum_digits(text: &str) -> String {
    format!("{:04X}", checksum(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_check_values_are_met() {
        for (text, digits) in [
            ("123456789", "29B1"),
            ("A random string", "0375"),
            ("", "FFFF"),
        ] {
            assert_eq!(checksum_digits(text), digits, "{text:?}");
        }
    }
}
