//! Facts of one notice, as its texts say them.
//!
//! Each value is short by construction, so that what a text costs is known before anybody is told, and none of them is a whole account
//! number or registration mark: the types keep the last characters only.

use epay_money::{Language, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Field;

/// Most characters of a name in English.
pub(crate) const ENGLISH_CHARACTERS_MAX: usize = 48;
/// Most characters of a name in Chinese.
pub(crate) const CHINESE_CHARACTERS_MAX: usize = 20;
/// Characters of a number that are shown, at most, and never more than half of it.
pub(crate) const TAIL_CHARACTERS_MAX: usize = 4;
/// Characters of a registration mark that are shown, at most, and never more than half of it.
const MARK_CHARACTERS_SHOWN_MAX: usize = 3;
/// Most characters of a registration mark.
pub(crate) const MARK_CHARACTERS_MAX: usize = 8;
/// Most characters of a reference.
pub(crate) const REFERENCE_CHARACTERS_MAX: usize = 24;

/// Why something cannot be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    /// A name is empty, too long, or has a line break or another control character.
    #[error(
        "a name has 1 to {ENGLISH_CHARACTERS_MAX} characters in English, 1 to {CHINESE_CHARACTERS_MAX} in Chinese, on one line"
    )]
    Words,
    /// A number on a bill has something else than letters and digits, or nothing.
    #[error("a number on a bill has letters and digits only")]
    Tail,
    /// A registration mark has something else than letters and digits, nothing, or too many of them.
    #[error("a registration mark has 1 to {MARK_CHARACTERS_MAX} letters and digits")]
    Mark,
    /// A reference has other characters, or too many.
    #[error("a reference has 1 to {REFERENCE_CHARACTERS_MAX} letters, digits and hyphens")]
    Reference,
}

/// A name in three languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "Spelled")]
pub struct Words([String; 3]);

#[derive(Serialize, Deserialize)]
struct Spelled {
    en: String,
    zh_hant: String,
    zh_hans: String,
}

impl Words {
    /// A name: English, Traditional Chinese, Simplified Chinese.
    ///
    /// # Errors
    /// [`ValueFault::Words`].
    pub fn new(en: &str, zh_hant: &str, zh_hans: &str) -> Result<Self, ValueFault> {
        let bounds = [
            (en, ENGLISH_CHARACTERS_MAX),
            (zh_hant, CHINESE_CHARACTERS_MAX),
            (zh_hans, CHINESE_CHARACTERS_MAX),
        ];
        let good = bounds.iter().all(|(name, most)| {
            let length = name.chars().count();
            (1..=*most).contains(&length) && !name.chars().any(char::is_control)
        });
        if good {
            Ok(Self([en, zh_hant, zh_hans].map(str::to_owned)))
        } else {
            Err(ValueFault::Words)
        }
    }

    /// A name, cut where it is too long: it is better told short than not at all.
    ///
    /// # Errors
    /// [`ValueFault::Words`] for nothing at all.
    pub fn shortened(en: &str, zh_hant: &str, zh_hans: &str) -> Result<Self, ValueFault> {
        let cut = |name: &str, most: usize| -> String {
            let plain = name
                .chars()
                .map(|one| if one.is_control() { ' ' } else { one });
            plain.take(most).collect()
        };
        Self::new(
            &cut(en, ENGLISH_CHARACTERS_MAX),
            &cut(zh_hant, CHINESE_CHARACTERS_MAX),
            &cut(zh_hans, CHINESE_CHARACTERS_MAX),
        )
    }

    /// The name in a language.
    #[must_use]
    pub const fn in_language(&self, language: Language) -> &str {
        let [english, traditional, simplified] = &self.0;
        match language {
            Language::English => english.as_str(),
            Language::Traditional => traditional.as_str(),
            Language::Simplified => simplified.as_str(),
        }
    }
}

impl TryFrom<Spelled> for Words {
    type Error = ValueFault;

    fn try_from(name: Spelled) -> Result<Self, ValueFault> {
        Self::new(&name.en, &name.zh_hant, &name.zh_hans)
    }
}

impl From<Words> for Spelled {
    fn from(name: Words) -> Self {
        let [en, zh_hant, zh_hans] = name.0;
        Self {
            en,
            zh_hant,
            zh_hans,
        }
    }
}

/// The last characters of a number on a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tail(String);

impl Tail {
    /// What may be shown of a number: its last four characters, of a short one the second half.
    ///
    /// # Errors
    /// [`ValueFault::Tail`].
    pub fn of(number: &str) -> Result<Self, ValueFault> {
        last(number, TAIL_CHARACTERS_MAX)
            .map(|shown| Self(shown.to_owned()))
            .ok_or(ValueFault::Tail)
    }
}

impl TryFrom<String> for Tail {
    type Error = ValueFault;

    fn try_from(shown: String) -> Result<Self, ValueFault> {
        let good = shown.len() <= TAIL_CHARACTERS_MAX
            && shown.bytes().all(|one| one.is_ascii_alphanumeric());
        if good {
            Ok(Self(shown))
        } else {
            Err(ValueFault::Tail)
        }
    }
}

impl From<Tail> for String {
    fn from(tail: Tail) -> Self {
        tail.0
    }
}

/// The last characters of a registration mark, asterisks before them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mark(String);

impl Mark {
    /// What may be shown of a registration mark: `AB1234` as `***234`.
    ///
    /// # Errors
    /// [`ValueFault::Mark`].
    pub fn of(mark: &str) -> Result<Self, ValueFault> {
        let plain: String = mark.chars().filter(|one| *one != ' ').collect();
        if plain.len() > MARK_CHARACTERS_MAX {
            return Err(ValueFault::Mark);
        }
        let shown = last(&plain, MARK_CHARACTERS_SHOWN_MAX).ok_or(ValueFault::Mark)?;
        let hidden = plain.len().saturating_sub(shown.len());
        let shown = shown.to_ascii_uppercase();
        Ok(Self(format!("{}{shown}", "*".repeat(hidden))))
    }

    /// It, as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Mark {
    type Error = ValueFault;

    fn try_from(masked: String) -> Result<Self, ValueFault> {
        let shown = masked.trim_start_matches('*');
        let good = (1..=MARK_CHARACTERS_MAX).contains(&masked.len())
            && shown.len() <= MARK_CHARACTERS_SHOWN_MAX
            && shown.bytes().all(|one| one.is_ascii_alphanumeric());
        if good {
            Ok(Self(masked))
        } else {
            Err(ValueFault::Mark)
        }
    }
}

impl From<Mark> for String {
    fn from(mark: Mark) -> Self {
        mark.0
    }
}

/// The last characters of a text of letters and digits: so many, and never more than half of it.
fn last(text: &str, most: usize) -> Option<&str> {
    if text.is_empty() || !text.bytes().all(|one| one.is_ascii_alphanumeric()) {
        return None;
    }
    let shown = most.min(text.len() / 2);
    text.get(text.len().saturating_sub(shown)..)
}

/// The reference of a payment or refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

impl TryFrom<String> for Reference {
    type Error = ValueFault;

    fn try_from(reference: String) -> Result<Self, ValueFault> {
        let good = (1..=REFERENCE_CHARACTERS_MAX).contains(&reference.len())
            && reference
                .bytes()
                .all(|one| one.is_ascii_alphanumeric() || one == b'-');
        if good {
            Ok(Self(reference))
        } else {
            Err(ValueFault::Reference)
        }
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0
    }
}

/// A field filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// The department's name.
    Department(Words),
    /// What the bill is called.
    BillType(Words),
    /// The last characters of the number on the bill.
    AccountTail(Tail),
    /// An amount of money.
    Amount(Money),
    /// The last day for payment.
    DueDate(Date),
    /// The reference of a payment or refund.
    Reference(Reference),
    /// When the payer paid.
    PaidAt(Timestamp),
    /// The last characters of a registration mark.
    Mark(Mark),
    /// The last day of a licence.
    Expiry(Date),
    /// The first day on which a licence can be renewed.
    OpenDate(Date),
}

impl Value {
    /// Which field it fills.
    #[must_use]
    pub const fn field(&self) -> Field {
        match self {
            Self::Department(_) => Field::Department,
            Self::BillType(_) => Field::BillType,
            Self::AccountTail(_) => Field::AccountTail,
            Self::Amount(_) => Field::Amount,
            Self::DueDate(_) => Field::DueDate,
            Self::Reference(_) => Field::Reference,
            Self::PaidAt(_) => Field::PaidAt,
            Self::Mark(_) => Field::Mark,
            Self::Expiry(_) => Field::Expiry,
            Self::OpenDate(_) => Field::OpenDate,
        }
    }

    /// How a language writes it.
    #[must_use]
    pub fn written(&self, language: Language) -> String {
        match self {
            Self::Department(name) | Self::BillType(name) => name.in_language(language).to_owned(),
            Self::AccountTail(Tail(text))
            | Self::Reference(Reference(text))
            | Self::Mark(Mark(text)) => text.clone(),
            Self::Amount(amount) => language.money(*amount),
            Self::DueDate(date) | Self::Expiry(date) | Self::OpenDate(date) => language.date(*date),
            Self::PaidAt(at) => language.date_and_time(*at),
        }
    }
}

/// The facts of one notice; each field once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Details(Vec<Value>);

impl Details {
    /// Facts that are made up, for every field that a text can have: what a preview says.
    ///
    /// # Errors
    /// [`ValueFault`]: a test sees that there is none.
    pub fn example() -> Result<Self, ValueFault> {
        let day = jiff::civil::date(2026, 1, 30);
        Ok(Self::default()
            .with(Value::Department(Words::new(
                "TEST department",
                "測試部門",
                "测试部门",
            )?))
            .with(Value::BillType(Words::new(
                "demand for rates",
                "徵收差餉通知書",
                "征收差饷通知书",
            )?))
            .with(Value::AccountTail(Tail::of("000123456789011")?))
            .with(Value::Amount(Money::hkd(372_000)))
            .with(Value::DueDate(day))
            .with(Value::PaidAt(Timestamp::constant(1_768_897_205, 0)))
            .with(Value::Reference("EP00EXAMPLE".to_owned().try_into()?))
            .with(Value::Mark(Mark::of("AB1234")?))
            .with(Value::Expiry(day))
            .with(Value::OpenDate(day)))
    }

    /// Adds a fact, in the place of the one that filled the field before.
    #[must_use]
    pub fn with(mut self, value: Value) -> Self {
        self.0.retain(|known| known.field() != value.field());
        self.0.push(value);
        self
    }

    /// The fact of a field.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.iter().find(|value| value.field() == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_by_its_end_and_never_by_more_than_half() {
        let cases = [
            ("000123456789011", Ok("9011")),
            ("12345678", Ok("5678")),
            ("12345", Ok("45")),
            ("1", Ok("")),
            ("", Err(ValueFault::Tail)),
            ("12-34", Err(ValueFault::Tail)),
        ];
        for (number, expected) in cases {
            let found = Tail::of(number).map(String::from);
            assert_eq!(found, expected.map(str::to_owned), "{number}");
        }
    }

    #[test]
    fn a_mark_is_shown_by_its_end_and_never_by_more_than_half() {
        let cases = [
            ("AB1234", Ok("***234")),
            ("ab 1234", Ok("***234")),
            ("LOVE", Ok("**VE")),
            ("7", Ok("*")),
            ("ABCDEFGHI", Err(ValueFault::Mark)),
            ("A/1", Err(ValueFault::Mark)),
            ("", Err(ValueFault::Mark)),
        ];
        for (mark, expected) in cases {
            let found = Mark::of(mark).map(String::from);
            assert_eq!(found, expected.map(str::to_owned), "{mark}");
        }
    }

    #[test]
    fn what_was_written_down_is_read_again_and_nothing_longer_is() {
        let details = Details::default()
            .with(Value::Amount(Money::hkd(1)))
            .with(Value::Amount(Money::hkd(372_000)))
            .with(Value::AccountTail(Tail::of("000123456789011").unwrap()))
            .with(Value::Mark(Mark::of("AB1234").unwrap()))
            .with(Value::Department(Words::new("RVD", "差", "差").unwrap()));
        assert_eq!(details.0.len(), 4);
        let text = serde_json::to_string(&details).unwrap();
        assert_eq!(serde_json::from_str::<Details>(&text).unwrap(), details);
        assert!(!text.contains("56789011") && !text.contains("AB1234"));
        let longer = text.replace("9011", "89011");
        assert!(serde_json::from_str::<Details>(&longer).is_err());
        let whole = text.replace("***234", "AB1234");
        assert!(serde_json::from_str::<Details>(&whole).is_err());
    }

    #[test]
    fn an_example_has_every_field() {
        let example = Details::example().unwrap();
        for field in Field::ALL {
            assert!(example.get(field).is_some(), "{field:?}");
        }
    }

    #[test]
    fn names_are_short_and_on_one_line() {
        let long = "x".repeat(ENGLISH_CHARACTERS_MAX + 1);
        let wide = "水".repeat(CHINESE_CHARACTERS_MAX + 1);
        for (en, zh) in [
            ("", "水"),
            ("a\nb", "水"),
            (long.as_str(), "水"),
            ("a", wide.as_str()),
            ("a", ""),
        ] {
            assert_eq!(
                Words::new(en, zh, zh),
                Err(ValueFault::Words),
                "{en:?} {zh:?}"
            );
        }
    }
}
