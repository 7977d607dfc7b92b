//! What banks write, and what they write wrongly.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop where it is"
)]

use epay_money::{Currency, Money};
use epay_mt940::{Direction, Entry, Part, StatementReader, Unreadable, read_row};
use jiff::civil::date;

const HEAD: &str = ":20:STMT\r\n:25:999000000201\r\n:28C:00021/001\r\n:60F:C260120HKD1000,00\r\n";
const FOOT: &str = ":62F:C260121HKD1000,00\r\n-\r\n";

fn read(file: &[u8]) -> Result<Vec<Part>, Unreadable> {
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    reader.feed(file, &mut parts)?;
    reader.end(&mut parts)?;
    Ok(parts)
}

/// The one row between head and foot.
fn row(text: &str) -> Part {
    let parts = read(format!("{HEAD}{text}{FOOT}").as_bytes()).unwrap();
    let [_opened, row, _closed] = <[Part; 3]>::try_from(parts).unwrap();
    row
}

fn entry(text: &str) -> Entry {
    match row(text) {
        Part::Row(row) => row.entry,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn the_mark_says_which_way_and_whether_it_reverses() {
    let table = [
        ("C", Direction::Credit, false),
        ("D", Direction::Debit, false),
        ("RC", Direction::Debit, true),
        ("RD", Direction::Credit, true),
        ("CR", Direction::Credit, false),
    ];
    for (mark, direction, reversal) in table {
        let read = entry(&format!(":61:2601210121{mark}3720,00NTRFNONREF//BANK1\r\n"));
        assert_eq!(
            (read.direction, read.reversal),
            (direction, reversal),
            "{mark}"
        );
        assert_eq!(read.amount, Money::hkd(372_000), "{mark}");
    }
}

#[test]
fn amounts_have_a_comma_and_at_most_two_decimals() {
    let table = [
        ("1,", 100),
        ("1,5", 150),
        ("0,01", 1),
        ("999999999999,99", 99_999_999_999_999),
    ];
    for (text, minor) in table {
        let read = entry(&format!(":61:260121C{text}NTRFNONREF\r\n"));
        assert_eq!(read.amount.minor(), minor, "{text}");
    }
}

#[test]
fn an_entry_day_without_a_year_is_the_one_next_to_the_value_date() {
    let table = [
        ("2601210121", date(2026, 1, 21)),
        ("2601021231", date(2025, 12, 31)),
        ("2512310102", date(2026, 1, 2)),
        ("260121", date(2026, 1, 21)),
    ];
    for (days, booked) in table {
        let read = entry(&format!(":61:{days}C1,00NTRFNONREF\r\n"));
        assert_eq!(read.booking_date, booked, "{days}");
    }
}

#[test]
fn a_row_that_cannot_be_read_stands_alone_with_its_bytes() {
    let table: [(&str, &str); 9] = [
        (":61:261321C1,00NTRFNONREF\r\n", "bad_date"),
        (":61:2601211340C1,00NTRFNONREF\r\n", "bad_date"),
        (":61:260121X1,00NTRFNONREF\r\n", "bad_direction"),
        (":61:260121C1.00NTRFNONREF\r\n", "bad_amount"),
        (":61:260121C1,001NTRFNONREF\r\n", "bad_amount"),
        (":61:260121C0,00NTRFNONREF\r\n", "amount_not_positive"),
        (":61:260121C1,00XTRFNONREF\r\n", "bad_code"),
        (":61:260121C1,00NTRF12345678901234567\r\n", "field_too_long"),
        (":61:260121C1,00NTRFNONREF\r\na\r\nb\r\n", "too_many_lines"),
    ];
    for (text, code) in table {
        let good = ":61:260121C5,00NTRFNONREF//B2\r\n:86:fine\r\n";
        let file = format!("{HEAD}{text}:86:why\r\n{good}{FOOT}");
        let parts = read(file.as_bytes()).unwrap();
        let [_, Part::Bad(bad), Part::Row(row), Part::Closed(closed)] = parts.as_slice() else {
            unreachable!("{parts:?}");
        };
        assert_eq!((bad.row, bad.line, bad.code), (1, 5, code), "{text:?}");
        assert_eq!(
            bad.raw,
            format!("{text}:86:why\r\n").replace('\r', "").as_bytes()
        );
        assert_eq!(
            (row.row, row.entry.amount, closed.rows),
            (2, Money::hkd(500), 2)
        );
    }
}

#[test]
fn bytes_that_are_no_text_spoil_their_row_only() {
    let mut file = format!("{HEAD}:61:260121C1,00NTRFNONREF\r\n:86:").into_bytes();
    // Big5 for "rates".
    file.extend(b"\xAE\x74\xFB\x5E\r\n");
    file.extend(FOOT.as_bytes());
    let parts = read(&file).unwrap();
    let [_, Part::Bad(bad), Part::Closed(_)] = parts.as_slice() else {
        unreachable!("{parts:?}");
    };
    assert_eq!(bad.code, "bad_text");
    assert!(bad.raw.ends_with(b"\xAE\x74\xFB\x5E\n"));
}

#[test]
fn a_mended_row_is_read_alone() {
    let read = read_row(
        b":61:260121C1,00NTRFNONREF//B1\n:86:bill 1\n",
        Currency::Hkd,
    )
    .unwrap();
    assert_eq!(read.bank_reference.as_deref(), Some("B1"));
    for wrong in [
        "",
        ":86:x",
        ":61:260121C1,00NTRFNONREF\n:61:260121C1,00NTRFNONREF",
        "x\n",
    ] {
        assert!(
            read_row(wrong.as_bytes(), Currency::Hkd).is_err(),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_statement_in_several_messages_is_one() {
    let file = "{1:F01BANKHKHHAXXX0000000000}{2:O940}{4:\r\n:20:A\r\n:25:1\r\n:28C:21/1\r\n:60F:C260120HKD1,00\r\n\
                :61:260121C1,00NTRFNONREF//B1\r\n:62M:C260121HKD2,00\r\n-}\r\n{1:F01}{4:\r\n:20:A\r\n:25:1\r\n\
                :28C:21/2\r\n:60M:C260121HKD2,00\r\n:61:260121C1,00NTRFNONREF//B2\r\n:62F:C260121HKD3,00\r\n-}\r\n";
    let parts = read(file.as_bytes()).unwrap();
    let [
        Part::Opened(head),
        Part::Row(_),
        Part::Row(second),
        Part::Closed(closed),
    ] = parts.as_slice()
    else {
        unreachable!("{parts:?}");
    };
    assert_eq!((head.number, second.row, closed.rows), (21, 2, 2));
    assert_eq!(closed.closing.unwrap().amount, Money::hkd(300));
}

#[test]
fn a_file_that_is_no_evidence_is_refused_whole() {
    let table = [
        ("", "it holds no statement"),
        ("hello\r\n", "a line stands outside any field"),
        (
            ":20:A\r\n:25:1\r\n:60F:C260120HKD1,00\r\n",
            "the statement lacks its reference, account or number",
        ),
        (
            ":20:A\r\n:25:1\r\n:28C:1\r\n:60F:C260120USD1,00\r\n",
            "the currency of a balance is neither HKD nor CNY",
        ),
        (
            ":20:A\r\n:25:1\r\n:28C:1\r\n:60F:C260120HKD1,00\r\n",
            "it ends in the middle of a statement",
        ),
        (
            ":61:260121C1,00NTRFNONREF\r\n",
            "a row stands outside any statement",
        ),
        (":62F:C260120HKD1,00\r\n", "a balance closes no statement"),
    ];
    for (file, words) in table {
        assert_eq!(
            read(file.as_bytes()).unwrap_err().message,
            words,
            "{file:?}"
        );
    }
    let long = format!("{HEAD}:86:{}", "x".repeat(5_000));
    assert_eq!(
        read(long.as_bytes()).unwrap_err().message,
        "a line is too long"
    );
}
