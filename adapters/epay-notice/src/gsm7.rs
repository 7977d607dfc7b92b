//! The default alphabet of GSM 03.38 (3GPP TS 23.038, section 6.2.1) and its extension table.

/// Characters of one septet, besides ASCII letters and digits.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Characters that are sent as an escape and another septet.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How many septets a character takes; nothing where the alphabet does not have it.
pub(crate) fn septets(character: char) -> Option<usize> {
    if character.is_ascii_alphanumeric() || BASIC.contains(character) {
        Some(1)
    } else if EXTENDED.contains(character) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_127_characters_and_ten_more_behind_the_escape() {
        // 128 places, one of which is the escape itself.
        assert_eq!(BASIC.chars().count() + 26 + 26 + 10, 127);
        assert_eq!(EXTENDED.chars().count(), 10);
    }

    #[test]
    fn characters_take_one_septet_two_or_another_alphabet() {
        let cases = [
            ('a', Some(1)),
            ('Z', Some(1)),
            ('$', Some(1)),
            ('@', Some(1)),
            ('\n', Some(1)),
            ('€', Some(2)),
            ('{', Some(2)),
            ('`', None),
            ('•', None),
            ('–', None),
            ('水', None),
            ('ç', None),
        ];
        for (character, expected) in cases {
            assert_eq!(septets(character), expected, "{character:?}");
        }
    }
}
