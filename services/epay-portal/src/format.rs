//! Amounts, dates and times as the pages write them.

use epay_money::{Money, hong_kong_time};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::language::Language;

/// `$3,720.00` or `3,720.00 元`; other currencies by their code, which nobody can mistake.
pub(crate) fn money(language: Language, amount: Money) -> String {
    language.written().money(amount)
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
    language.written().date(date)
}

/// `16:20` in Hong Kong.
pub(crate) fn clock(at: Timestamp) -> String {
    let local = hong_kong_time(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// `20 January 2026, 16:20:05` or `2026年1月20日 16:20:05`, in Hong Kong.
pub(crate) fn date_and_time(language: Language, at: Timestamp) -> String {
    language.written().date_and_time(at)
}

/// `2026-01-20 16:20 HKT`: for pictures, which carry no language.
pub(crate) fn stamp(at: Timestamp) -> String {
    let local = hong_kong_time(at);
    format!(
        "{} {:02}:{:02} HKT",
        local.date(),
        local.hour(),
        local.minute()
    )
}

#[cfg(test)]
mod tests {
    use epay_money::hong_kong_date;

    use super::*;

    #[test]
    fn amounts_have_a_form_to_read_aloud_and_one_to_copy() {
        let amount = Money::hkd(372_000);
        assert_eq!(money(Language::English, amount), "$3,720.00");
        assert_eq!(money_with_code(amount), "HKD 3,720.00");
        assert_eq!(money_plain(amount), "3720.00");
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
    }
}
