//! What people type on the keyboards that are in use here.

/// A full-width form (U+FF01 to U+FF5E) as the ASCII that it stands for; every other character as it is.
#[must_use]
pub fn narrow(typed: char) -> char {
    match u32::from(typed) {
        code @ 0xFF01..=0xFF5E => code
            .checked_sub(0xFEE0)
            .and_then(char::from_u32)
            .unwrap_or(typed),
        _ => typed,
    }
}

#[cfg(test)]
mod tests {
    use super::narrow;

    #[test]
    fn full_width_forms_are_ascii_and_nothing_else_is_touched() {
        let table = [
            ('\u{FF01}', '!'),
            ('０', '0'),
            ('Ａ', 'A'),
            ('\u{FF5E}', '~'),
            ('\u{FF5F}', '\u{FF5F}'),
            ('\u{FF00}', '\u{FF00}'),
            ('7', '7'),
            ('車', '車'),
        ];
        for (typed, expected) in table {
            assert_eq!(narrow(typed), expected, "{typed:?}");
        }
    }
}
