//! Ids of messages: one for all tries that must be one message to its channel.
//!
//! A message's id is its notice's id with the last byte saying by which channel and for which round it goes, so that what a channel tells of
//! a message finds the notice without a table of messages. The last byte of a notice's own id is nothing: 66 of its bits stay random.

use epay_notice::Channel;
use uuid::Uuid;

/// Most rounds of one channel: a round ends when the channel says that it gave up what it had taken.
pub const ROUNDS_MAX: u8 = 15;

const LAST_BYTE: u128 = 0xff;

/// Which message of which notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageKey {
    /// The notice.
    pub notice: Uuid,
    /// By which channel.
    pub channel: Channel,
    /// Which round on it, from 0.
    pub round: u8,
}

/// The id of a notice, of an id that nobody else has.
#[must_use]
pub const fn notice_id(fresh: Uuid) -> Uuid {
    Uuid::from_u128(fresh.as_u128() & !LAST_BYTE)
}

impl MessageKey {
    /// The message's id.
    #[must_use]
    pub fn id(self) -> Uuid {
        let channel = match self.channel {
            Channel::IamSmartPush => 1_u128,
            Channel::Sms => 2,
            Channel::Email => 3,
        };
        let round = u128::from(self.round.min(ROUNDS_MAX));
        Uuid::from_u128(notice_id(self.notice).as_u128() | (channel << 4) | round)
    }

    /// What an id says; nothing where it is no message's.
    #[must_use]
    pub fn read(id: Uuid) -> Option<Self> {
        let last = id.as_u128() & LAST_BYTE;
        let channel = match last >> 4 {
            1 => Channel::IamSmartPush,
            2 => Channel::Sms,
            3 => Channel::Email,
            _ => return None,
        };
        Some(Self {
            notice: notice_id(id),
            channel,
            round: u8::try_from(last & 0xf).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_an_id_says_is_what_it_was_made_of(bits: u128, channel in 0_usize..3, round in 0..=ROUNDS_MAX) {
            let key = MessageKey {
                notice: notice_id(Uuid::from_u128(bits)),
                channel: Channel::ALL[channel],
                round,
            };
            prop_assert_eq!(MessageKey::read(key.id()), Some(key));
            prop_assert_eq!(MessageKey::read(key.notice), None, "a notice is no message");
        }
    }
}
