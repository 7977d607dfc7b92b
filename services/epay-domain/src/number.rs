//! The number that a payer copies from a bill: cleaning, length and check digit.
//!
//! Departments publish no check-digit algorithm, so ours is a *demonstration* digit (ISO/IEC 7064 MOD
//! 11,10) that each kind of bill can switch off. Spaces, hyphens and full-width digits are forgiven; a
//! trailing `A`, which tax demand notes may print, is dropped.

use epay_money::narrow;
use serde::{Deserialize, Serialize};

/// Longest text that is looked at; a payer never types more.
const TYPED_CHARACTERS_MAX: usize = 64;

/// How the last digit is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckDigit {
    /// No check.
    None,
    /// ISO/IEC 7064 MOD 11,10: one decimal digit over the digits before it.
    #[serde(rename = "mod11_10")]
    Mod11Radix10,
    /// ISO/IEC 7812-1 annex B.
    Luhn,
}

/// What a number of one kind of bill looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRule {
    /// Exact count of digits.
    pub digits: u32,
    /// How the last digit is checked.
    pub check_digit: CheckDigit,
    /// Tax demand notes may print a letter A after the digits.
    #[serde(default)]
    pub trailing_a: bool,
}

/// Why a typed number cannot be one of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing was typed.
    #[error("enter the number shown on the bill")]
    Empty,
    /// A character that is no digit.
    #[error("the number has digits only")]
    NotDigits,
    /// Too short or too long.
    #[error("the number must be {expected} digits")]
    Length {
        /// Digits that the number must have.
        expected: u32,
    },
    /// The check digit does not fit.
    #[error("check the number: one or more digits do not match")]
    CheckDigit,
}

impl NumberError {
    /// A stable code for interfaces.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "NUMBER_EMPTY",
            Self::NotDigits => "NUMBER_NOT_DIGITS",
            Self::Length { .. } => "NUMBER_LENGTH",
            Self::CheckDigit => "NUMBER_CHECK_DIGIT",
        }
    }
}

impl NumberRule {
    /// Cleans what was typed and checks it.
    ///
    /// # Errors
    /// The first of [`NumberError`] that applies, in its order.
    pub fn read(&self, typed: &str) -> Result<String, NumberError> {
        let cleaned = clean(typed);
        let digits = match cleaned.strip_suffix(['A', 'a']) {
            Some(digits) if self.trailing_a => digits,
            _ => &cleaned,
        };
        if digits.is_empty() {
            return Err(NumberError::Empty);
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::NotDigits);
        }
        if u32::try_from(digits.len()) != Ok(self.digits) {
            return Err(NumberError::Length {
                expected: self.digits,
            });
        }
        if !self.check_digit.holds(digits) {
            return Err(NumberError::CheckDigit);
        }
        Ok(digits.to_owned())
    }
}

impl CheckDigit {
    /// Whether the last digit of `digits` fits the ones before it.
    #[must_use]
    pub fn holds(self, digits: &str) -> bool {
        let Some((body, last)) = digits.split_at_checked(digits.len().saturating_sub(1)) else {
            return false;
        };
        match self {
            Self::None => true,
            Self::Mod11Radix10 | Self::Luhn => {
                self.of(body).is_some_and(|digit| last == digit.to_string())
            }
        }
    }

    /// The digit that belongs after `body`; `None` where there is no check, or `body` is not digits.
    #[must_use]
    pub fn of(self, body: &str) -> Option<u32> {
        let digits: Option<Vec<u32>> = body.chars().map(|c| c.to_digit(10)).collect();
        let digits = digits?;
        match self {
            Self::None => None,
            Self::Mod11Radix10 => Some(mod11_radix10(&digits)),
            Self::Luhn => Some(luhn(&digits)),
        }
    }
}

fn clean(typed: &str) -> String {
    typed
        .chars()
        .take(TYPED_CHARACTERS_MAX)
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{FF0D}'))
        .map(|c| match c {
            '\u{FF10}'..='\u{FF19}' => narrow(c),
            other => other,
        })
        .collect()
}

fn mod11_radix10(digits: &[u32]) -> u32 {
    let carried = digits.iter().fold(10_u32, |product, digit| {
        let sum = match product.saturating_add(*digit) % 10 {
            0 => 10,
            other => other,
        };
        sum.saturating_mul(2) % 11
    });
    11_u32.saturating_sub(carried) % 10
}

fn luhn(digits: &[u32]) -> u32 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let weighted = digit.saturating_mul(if index.is_multiple_of(2) { 2 } else { 1 });
            if weighted > 9 {
                weighted.saturating_sub(9)
            } else {
                weighted
            }
        })
        .fold(0_u32, u32::saturating_add);
    10_u32.saturating_sub(sum % 10) % 10
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers, known here")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(digits: u32, check_digit: CheckDigit) -> NumberRule {
        NumberRule {
            digits,
            check_digit,
            trailing_a: true,
        }
    }

    #[test]
    fn the_worked_examples_of_the_demonstration_digit_hold() {
        for (body, digit) in [("1234567890", 3), ("00012345678901", 1)] {
            assert_eq!(CheckDigit::Mod11Radix10.of(body), Some(digit), "{body}");
        }
        assert_eq!(CheckDigit::Luhn.of("7992739871"), Some(3));
    }

    #[test]
    fn what_people_type_is_forgiven_and_what_is_wrong_is_named() {
        let tax = rule(11, CheckDigit::Mod11Radix10);
        let cases: &[(&str, Result<&str, NumberError>)] = &[
            ("12345678903", Ok("12345678903")),
            (" 1-2345678-90-3 ", Ok("12345678903")),
            ("１２３４５６７８９０３", Ok("12345678903")),
            ("12345678903A", Ok("12345678903")),
            ("", Err(NumberError::Empty)),
            (" - ", Err(NumberError::Empty)),
            ("1234567890X", Err(NumberError::NotDigits)),
            ("1234567890", Err(NumberError::Length { expected: 11 })),
            ("12345678904", Err(NumberError::CheckDigit)),
            ("21345678903", Err(NumberError::CheckDigit)),
        ];
        for (typed, expected) in cases {
            let read = tax.read(typed);
            assert_eq!(
                read.as_deref().map_err(Clone::clone),
                expected.clone(),
                "{typed:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_caught(body in "[0-9]{5,20}", place in 0_usize..20, shift in 1_u32..10) {
            for check in [CheckDigit::Mod11Radix10, CheckDigit::Luhn] {
                let digit = check.of(&body).unwrap();
                let place = place % body.len();
                let wrong: String = body.chars().enumerate().map(|(index, c)| {
                    if index == place { char::from_digit((c.to_digit(10).unwrap() + shift) % 10, 10).unwrap() } else { c }
                }).collect();
                let right = format!("{body}{digit}");
                prop_assert!(check.holds(&right));
                let wrong = format!("{wrong}{digit}");
                prop_assert!(!check.holds(&wrong));
            }
        }

        #[test]
        fn any_text_gets_an_answer(typed in ".*") {
            let _answer = rule(15, CheckDigit::Mod11Radix10).read(&typed);
        }
    }
}
