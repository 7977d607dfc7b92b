//! Amounts, dates and times as each of Hong Kong's written languages has them, wherever people read them: pages, notices, bills.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Currency, Money, hong_kong_time};

/// A language that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en-HK")]
    English,
    /// Traditional Chinese.
    #[serde(rename = "zh-HK")]
    Traditional,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Simplified,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::English, Self::Traditional, Self::Simplified];

    /// The name of its texts: `en-HK`, `zh-HK`, `zh-CN`.
    #[must_use]
    pub const fn locale(self) -> &'static str {
        match self {
            Self::English => "en-HK",
            Self::Traditional => "zh-HK",
            Self::Simplified => "zh-CN",
        }
    }

    /// `$3,720.00` or `3,720.00 元`; other currencies by their code, which nobody can mistake.
    #[must_use]
    pub fn money(self, amount: Money) -> String {
        let plain = amount.to_string();
        let (code, number) = plain.split_once(' ').unwrap_or(("", &plain));
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", number),
        };
        match (amount.currency(), self) {
            (Currency::Hkd, Self::English) => format!("{sign}${digits}"),
            (Currency::Hkd, Self::Traditional | Self::Simplified) => {
                format!("{sign}{digits} 元")
            }
            (Currency::Cny, _) => format!("{code} {sign}{digits}"),
        }
    }

    /// `20 January 2026` or `2026年1月20日`.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self {
            Self::English => {
                let name = usize::try_from(month)
                    .ok()
                    .and_then(|month| MONTHS.get(month.checked_sub(1)?))
                    .unwrap_or(&"");
                format!("{day} {name} {year}")
            }
            Self::Traditional | Self::Simplified => format!("{year}年{month}月{day}日"),
        }
    }

    /// `20 January 2026, 16:20:05` or `2026年1月20日 16:20:05`, in Hong Kong.
    #[must_use]
    pub fn date_and_time(self, at: Timestamp) -> String {
        let local = hong_kong_time(at);
        let separator = match self {
            Self::English => ", ",
            Self::Traditional | Self::Simplified => " ",
        };
        format!(
            "{}{separator}{:02}:{:02}:{:02}",
            self.date(local.date()),
            local.hour(),
            local.minute(),
            local.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn amounts_are_written_as_each_language_writes_them() {
        let cases: &[(i64, &str, &str)] = &[
            (372_000, "$3,720.00", "3,720.00 元"),
            (0, "$0.00", "0.00 元"),
            (5, "$0.05", "0.05 元"),
            (100_000_000, "$1,000,000.00", "1,000,000.00 元"),
            (-372_050, "-$3,720.50", "-3,720.50 元"),
        ];
        for (minor, english, chinese) in cases {
            let amount = Money::hkd(*minor);
            assert_eq!(Language::English.money(amount), *english);
            assert_eq!(Language::Traditional.money(amount), *chinese);
            assert_eq!(Language::Simplified.money(amount), *chinese);
        }
        let renminbi = Money::new(123_456, Currency::Cny);
        for language in Language::ALL {
            assert_eq!(language.money(renminbi), "CNY 1,234.56");
        }
    }

    #[test]
    fn dates_and_times_are_those_of_hong_kong() {
        let late: Timestamp = "2026-01-20T15:59:59Z".parse().unwrap();
        let next: Timestamp = "2026-01-20T16:00:00Z".parse().unwrap();
        let (english, chinese) = (Language::English, Language::Simplified);
        assert_eq!(english.date_and_time(late), "20 January 2026, 23:59:59");
        assert_eq!(chinese.date_and_time(next), "2026年1月21日 00:00:00");
        for (month, name) in [(1, "January"), (12, "December")] {
            let first = civil::date(2026, month, 1);
            assert_eq!(english.date(first), format!("1 {name} 2026"));
        }
    }
}
