//! What people type: bill numbers and amounts, forgiven where the meaning is plain.
//!
//! The department's own rules about a number (check digit, trailing letter) are the gateway's; here only what
//! can be said without asking it.

use epay_money::{Currency, Money, narrow};

/// Longest number or amount that is looked at. A payer never types more; the rest is cut before anything else.
pub(crate) const TYPED_CHARACTERS_MAX: usize = 60;

/// Digits of any width as ASCII, without the spaces and hyphens that print puts between them.
pub(crate) fn clean_number(typed: &str) -> String {
    typed
        .chars()
        .take(TYPED_CHARACTERS_MAX)
        .map(narrow)
        .filter(|c| !c.is_whitespace() && !is_hyphen(*c))
        .collect()
}

/// What is wrong with a typed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberFault {
    Empty,
    Length,
}

/// Whether a cleaned number can be one of `digits` digits. A letter A may follow: tax bills print one, and the
/// gateway knows for which kinds it may be dropped.
pub(crate) fn check_number(cleaned: &str, digits: u32) -> Result<(), NumberFault> {
    if cleaned.is_empty() {
        return Err(NumberFault::Empty);
    }
    let body = cleaned.strip_suffix(['A', 'a']).unwrap_or(cleaned);
    let plausible = body.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == 0 || u32::try_from(body.len()) == Ok(digits));
    if plausible {
        Ok(())
    } else {
        Err(NumberFault::Length)
    }
}

/// What is wrong with a typed amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AmountFault {
    Empty,
    NotANumber,
    NotPositive,
    TooHigh,
}

/// Reads an amount between one cent and `max`. Currency signs, separators and full-width digits are forgiven.
pub(crate) fn read_amount(typed: &str, max: Money) -> Result<Money, AmountFault> {
    let cleaned: String = typed
        .chars()
        .take(TYPED_CHARACTERS_MAX)
        .map(narrow)
        .filter(|c| !c.is_whitespace())
        .collect();
    if cleaned.is_empty() {
        return Err(AmountFault::Empty);
    }
    let number = strip_currency(&cleaned, max.currency());
    let number = ungroup(number).ok_or(AmountFault::NotANumber)?;
    let amount = Money::parse(&number, max.currency()).map_err(|_any| AmountFault::NotANumber)?;
    if !amount.is_positive() {
        Err(AmountFault::NotPositive)
    } else if amount.minor() > max.minor() {
        Err(AmountFault::TooHigh)
    } else {
        Ok(amount)
    }
}

fn strip_currency(text: &str, currency: Currency) -> &str {
    let text = match currency {
        Currency::Hkd => ["HKD", "hkd", "HK$", "$"]
            .iter()
            .find_map(|sign| text.strip_prefix(sign)),
        Currency::Cny => ["CNY", "cny", "RMB", "¥"]
            .iter()
            .find_map(|sign| text.strip_prefix(sign)),
    }
    .unwrap_or(text);
    text.strip_suffix('元').unwrap_or(text)
}

/// Removes commas that group by thousands, and refuses any other comma: `1,50` is not `150`.
fn ungroup(number: &str) -> Option<String> {
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = whole.contains(',');
    let well_formed =
        (!grouped || (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3);
    if !well_formed || fraction.is_some_and(|fraction| fraction.contains(',')) {
        return None;
    }
    let whole = whole.replace(',', "");
    Some(match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole,
    })
}

const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_forgiven_their_print_and_judged_by_their_length() {
        let cases: &[(&str, &str, Result<(), NumberFault>)] = &[
            ("000123456789011", "000123456789011", Ok(())),
            (" 0001-2345 6789-011 ", "000123456789011", Ok(())),
            ("０００１２３４５６７８９０１１", "000123456789011", Ok(())),
            ("000123456789011A", "000123456789011A", Ok(())),
            ("", "", Err(NumberFault::Empty)),
            (" – ", "", Err(NumberFault::Empty)),
            ("12345", "12345", Err(NumberFault::Length)),
            ("A", "A", Err(NumberFault::Length)),
            (
                "00012345678901X",
                "00012345678901X",
                Err(NumberFault::Length),
            ),
            ("<script>", "<script>", Err(NumberFault::Length)),
        ];
        for (typed, cleaned, expected) in cases {
            assert_eq!(clean_number(typed), *cleaned, "{typed:?}");
            assert_eq!(check_number(cleaned, 15), *expected, "{typed:?}");
        }
        assert_eq!(
            clean_number(&"9".repeat(10_000)).len(),
            TYPED_CHARACTERS_MAX
        );
    }

    #[test]
    fn amounts_are_read_exactly_or_named_wrong() {
        let max = Money::hkd(372_000);
        let cases: &[(&str, Result<i64, AmountFault>)] = &[
            ("3720", Ok(372_000)),
            ("3,720.00", Ok(372_000)),
            ("$1000.5", Ok(100_050)),
            ("HK$ 0.01", Ok(1)),
            ("HKD 20", Ok(2_000)),
            ("１，０００．００", Ok(100_000)),
            ("20元", Ok(2_000)),
            ("", Err(AmountFault::Empty)),
            ("  ", Err(AmountFault::Empty)),
            ("abc", Err(AmountFault::NotANumber)),
            ("1,50", Err(AmountFault::NotANumber)),
            ("1.005", Err(AmountFault::NotANumber)),
            ("1e3", Err(AmountFault::NotANumber)),
            ("-5", Err(AmountFault::NotANumber)),
            ("$", Err(AmountFault::NotANumber)),
            ("0", Err(AmountFault::NotPositive)),
            ("0.00", Err(AmountFault::NotPositive)),
            ("3720.01", Err(AmountFault::TooHigh)),
            ("99999999999999999999", Err(AmountFault::NotANumber)),
        ];
        for (typed, expected) in cases {
            assert_eq!(
                read_amount(typed, max).map(Money::minor),
                *expected,
                "{typed:?}"
            );
        }
    }
}
