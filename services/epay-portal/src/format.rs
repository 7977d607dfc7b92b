//! Amounts, dates and times as each language writes them.
//!
//! Hong Kong has had one offset from UTC, eight hours, since 1979, and every instant shown here is later.

use epay_money::{Currency, Money};
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use crate::language::Language;

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

/// `$3,720.00` or `3,720.00 元`; other currencies by their code, which nobody can mistake.
pub(crate) fn money(language: Language, amount: Money) -> String {
    let plain = amount.to_string();
    let (code, number) = plain.split_once(' ').unwrap_or(("", &plain));
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    match (amount.currency(), language) {
        (Currency::Hkd, Language::English) => format!("{sign}${digits}"),
        (Currency::Hkd, Language::Traditional | Language::Simplified) => {
            format!("{sign}{digits} 元")
        }
        (Currency::Cny, _) => format!("{code} {sign}{digits}"),
    }
}

/// `HKD 3,720.00`: with the code, for receipts and for people who hear the page.
pub(crate) fn money_with_code(amount: Money) -> String {
    amount.to_string()
}

/// `3720.00`: what a person types, and what a copy button copies.
pub(crate) fn money_plain(amount: Money) -> String {
    format!("{:.2}", amount.to_decimal())
}

/// `20 January 2026` or `2026年1月20日`.
pub(crate) fn date(language: Language, date: Date) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match language {
        Language::English => {
            let name = usize::try_from(month)
                .ok()
                .and_then(|month| MONTHS.get(month.checked_sub(1)?))
                .unwrap_or(&"");
            format!("{day} {name} {year}")
        }
        Language::Traditional | Language::Simplified => format!("{year}年{month}月{day}日"),
    }
}

/// The date in Hong Kong of an instant.
pub(crate) fn hong_kong_date(at: Timestamp) -> Date {
    hong_kong(at).date()
}

/// `16:20` in Hong Kong.
pub(crate) fn clock(at: Timestamp) -> String {
    let zoned = hong_kong(at);
    format!("{:02}:{:02}", zoned.hour(), zoned.minute())
}

/// `20 January 2026, 16:20:05` or `2026年1月20日 16:20:05`, in Hong Kong.
pub(crate) fn date_and_time(language: Language, at: Timestamp) -> String {
    let zoned = hong_kong(at);
    let separator = match language {
        Language::English => ", ",
        Language::Traditional | Language::Simplified => " ",
    };
    format!(
        "{}{separator}{:02}:{:02}:{:02}",
        date(language, zoned.date()),
        zoned.hour(),
        zoned.minute(),
        zoned.second()
    )
}

/// `2026-01-20 16:20 HKT`: for pictures, which carry no language.
pub(crate) fn stamp(at: Timestamp) -> String {
    let zoned = hong_kong(at);
    format!(
        "{} {:02}:{:02} HKT",
        zoned.date(),
        zoned.hour(),
        zoned.minute()
    )
}

fn hong_kong(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::fixed(Offset::constant(8)))
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
            assert_eq!(money(Language::English, amount), *english);
            assert_eq!(money(Language::Traditional, amount), *chinese);
            assert_eq!(money(Language::Simplified, amount), *chinese);
        }
        let renminbi = Money::new(123_456, Currency::Cny);
        for language in Language::ALL {
            assert_eq!(money(language, renminbi), "CNY 1,234.56");
        }
        assert_eq!(money_with_code(Money::hkd(372_000)), "HKD 3,720.00");
        assert_eq!(money_plain(Money::hkd(372_000)), "3720.00");
    }

    #[test]
    fn dates_and_times_are_those_of_hong_kong() {
        let late: Timestamp = "2026-01-20T15:59:59Z".parse().unwrap();
        let next: Timestamp = "2026-01-20T16:00:00Z".parse().unwrap();
        assert_eq!(
            date(Language::English, hong_kong_date(late)),
            "20 January 2026"
        );
        assert_eq!(
            date(Language::Traditional, hong_kong_date(next)),
            "2026年1月21日"
        );
        assert_eq!(clock(late), "23:59");
        assert_eq!(clock(next), "00:00");
        assert_eq!(
            date_and_time(Language::English, late),
            "20 January 2026, 23:59:59"
        );
        assert_eq!(
            date_and_time(Language::Simplified, next),
            "2026年1月21日 00:00:00"
        );
        assert_eq!(stamp(late), "2026-01-20 23:59 HKT");
        for (month, name) in [(1, "January"), (12, "December")] {
            assert_eq!(
                date(Language::English, civil::date(2026, month, 1)),
                format!("1 {name} 2026")
            );
        }
    }
}
