//! The checksum of object 63: 16 bits, polynomial 0x1021, start 0xFFFF, not reflected, over UTF-8 bytes.

use crc::{CRC_16_IBM_3740, Crc};

const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// The checksum of a text up to and including `6304`.
pub(super) fn checksum(text: &str) -> u16 {
    CRC.checksum(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_checksum_is_the_plain_variant() {
        assert_eq!(checksum("123456789"), 0x29B1);
        assert_eq!(checksum("A random string"), 0x0375);
    }
}
