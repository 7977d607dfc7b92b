//! The bank's references: short enough to read out, long enough never to meet again.
//!
//! Each holds 12 or more characters of Crockford's base 32 from the given source of randomness, so two sandboxes with
//! two databases do not reuse a reference either.

use rand::{Rng, RngExt};

use crate::hk_time::business_date;
use jiff::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The clearing code of the sandbox's bank; not given to any real one.
pub(crate) const BANK_CODE: &str = "999";

/// All references of one transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// The bank's own reference, `AcctSvcrRef`.
    pub bank_reference: String,
    /// The clearing system's reference, `ClrSysRef`.
    pub fps_reference: String,
    /// From payer to payee, `EndToEndId`.
    pub end_to_end_id: String,
    /// From bank to bank, `TxId`.
    pub transaction_id: String,
}

impl Ids {
    /// Draws the references of a transfer booked at an instant.
    pub fn draw(rng: &mut impl Rng, at: Timestamp) -> Self {
        let date = business_date(at).strftime("%Y%m%d").to_string();
        Self {
            bank_reference: format!("SB{date}{}", letters(rng, 12)),
            fps_reference: format!("FRN{date}{}", letters(rng, 14)),
            end_to_end_id: format!("E{BANK_CODE}{}", letters(rng, 16)),
            transaction_id: format!("T{BANK_CODE}{}", letters(rng, 16)),
        }
    }
}

/// Draws the id of one message.
pub(crate) fn message_id(rng: &mut impl Rng) -> String {
    format!("M{BANK_CODE}{}", letters(rng, 20))
}

fn letters(rng: &mut impl Rng, count: usize) -> String {
    (0..count)
        .map(|_| {
            ALPHABET
                .get(usize::from(rng.random::<u8>() & 31))
                .map_or('0', |byte| char::from(*byte))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn references_fit_the_message_fields_and_repeat_by_seed() {
        let at: Timestamp = "2026-01-20T16:00:00Z".parse().unwrap();
        let ids = Ids::draw(&mut StdRng::seed_from_u64(7), at);
        assert_eq!(ids, Ids::draw(&mut StdRng::seed_from_u64(7), at));
        assert!(ids.bank_reference.starts_with("SB20260121"));
        for text in [
            &ids.bank_reference,
            &ids.fps_reference,
            &ids.end_to_end_id,
            &ids.transaction_id,
        ] {
            assert!(text.len() <= 35, "{text}");
        }
        assert!(crate::config::is_channel_token(&message_id(
            &mut StdRng::seed_from_u64(7)
        )));
    }
}
