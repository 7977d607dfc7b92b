//! What a text costs as an SMS, and where it is cut.
//!
//! 160 septets go into one message, 153 into each part of a longer one, because a header of six octets says which part it is
//! (3GPP TS 23.040, section 9.2.3.24.1). One character outside the alphabet makes the whole text UCS-2: 70 units, 67 a part. Neither an escaped character
//! nor a surrogate pair is torn apart.

use crate::gsm7;

/// How characters are written into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Seven bits a character.
    Gsm7,
    /// Sixteen bits a unit.
    Ucs2,
}

impl Alphabet {
    /// Units of a message that stands alone.
    #[must_use]
    pub const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units of each part of a message that is joined again.
    #[must_use]
    pub const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => gsm7::septets(character).unwrap_or(0),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// A text as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sms<'a> {
    /// How it is written.
    pub alphabet: Alphabet,
    /// Septets or UCS-2 units of the whole text.
    pub units: usize,
    /// The parts, in order. One at least.
    pub parts: Vec<&'a str>,
}

impl<'a> Sms<'a> {
    /// Counts and cuts a text.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let plain = text.chars().all(|one| gsm7::septets(one).is_some());
        let alphabet = if plain {
            Alphabet::Gsm7
        } else {
            Alphabet::Ucs2
        };
        let units = text.chars().map(|one| alphabet.units(one)).sum();
        let parts = if units <= alphabet.alone() {
            vec![text]
        } else {
            cut(text, alphabet)
        };
        Self {
            alphabet,
            units,
            parts,
        }
    }
}

fn cut(text: &str, alphabet: Alphabet) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let mut units = 0_usize;
        let end = rest
            .char_indices()
            .find(|(_at, one)| {
                units = units.saturating_add(alphabet.units(*one));
                units > alphabet.joined()
            })
            .map_or(rest.len(), |(at, _one)| at);
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_those_of_the_standard() {
        let cases = [
            (String::new(), Alphabet::Gsm7, 0, 1),
            ("a".repeat(160), Alphabet::Gsm7, 160, 1),
            ("a".repeat(161), Alphabet::Gsm7, 161, 2),
            ("a".repeat(306), Alphabet::Gsm7, 306, 2),
            ("a".repeat(307), Alphabet::Gsm7, 307, 3),
            ("€".repeat(80), Alphabet::Gsm7, 160, 1),
            // 76 pairs of septets fit in 153; the one that is left over stays empty.
            ("€".repeat(152), Alphabet::Gsm7, 304, 2),
            ("€".repeat(153), Alphabet::Gsm7, 306, 3),
            ("水".repeat(70), Alphabet::Ucs2, 70, 1),
            ("水".repeat(71), Alphabet::Ucs2, 71, 2),
            ("水".repeat(134), Alphabet::Ucs2, 134, 2),
            ("水".repeat(135), Alphabet::Ucs2, 135, 3),
            // Beyond the basic plane: two units each, 33 to a part of 67.
            ("𠮷".repeat(66), Alphabet::Ucs2, 132, 2),
            ("𠮷".repeat(67), Alphabet::Ucs2, 134, 3),
            (format!("{}水", "a".repeat(69)), Alphabet::Ucs2, 70, 1),
        ];
        for (text, alphabet, units, parts) in cases {
            let sms = Sms::of(&text);
            let found = (sms.alphabet, sms.units, sms.parts.len());
            assert_eq!(found, (alphabet, units, parts), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parts_joined_are_the_text_and_none_is_too_long(text in "[a-z€水𠮷{}\n ]{0,400}") {
            let sms = Sms::of(&text);
            prop_assert_eq!(sms.parts.concat(), text.clone());
            let most = if sms.parts.len() == 1 { sms.alphabet.alone() } else { sms.alphabet.joined() };
            for part in &sms.parts {
                let units: usize = part.chars().map(|one| sms.alphabet.units(one)).sum();
                prop_assert!(units <= most);
                prop_assert!(!part.is_empty() || text.is_empty());
            }
        }
    }
}
