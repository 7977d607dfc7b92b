//! What the writer writes, the reader reads back the same, however the file is cut into pieces.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop where it is"
)]

use epay_money::{Currency, Money};
use epay_mt940::{
    Balance, Closing, Direction, Entry, Head, Part, Row, StatementReader, StatementWriter,
    narrative,
};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn read(file: &[u8], piece: usize) -> Vec<Part> {
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    for bytes in file.chunks(piece) {
        reader.feed(bytes, &mut parts).unwrap();
    }
    reader.end(&mut parts).unwrap();
    parts
}

fn day() -> impl Strategy<Value = Date> {
    (0_i64..30_000).prop_map(|days| date(2_001, 1, 1).saturating_add(days.days()))
}

fn balance(currency: Currency) -> impl Strategy<Value = Balance> {
    (-99_999_999_999_999_i64..=99_999_999_999_999, day()).prop_map(move |(minor, date)| Balance {
        amount: Money::new(minor, currency),
        date,
    })
}

fn entry(currency: Currency) -> impl Strategy<Value = Entry> {
    let reference = || proptest::option::of("[A-Z0-9]{1,16}");
    let line = "[A-Za-z0-9(+][A-Za-z0-9/?:().,'+ -]{0,63}[A-Za-z0-9)]";
    (
        (
            day(),
            -30_i64..30,
            any::<bool>(),
            any::<bool>(),
            1_i64..=99_999_999_999_999,
        ),
        ("[SNF][A-Z0-9]{3}", reference(), reference()),
        (
            proptest::option::of("[A-Z0-9][A-Z0-9 ]{0,32}[A-Z0-9]"),
            proptest::collection::vec(line, 0..=6),
        ),
    )
        .prop_map(
            move |(
                (value_date, apart, credit, reversal, minor),
                (code, customer, bank),
                (supplement, narrative),
            )| Entry {
                value_date,
                booking_date: value_date.saturating_add(apart.days()),
                direction: if credit {
                    Direction::Credit
                } else {
                    Direction::Debit
                },
                reversal,
                amount: Money::new(minor, currency),
                code,
                customer_reference: customer.filter(|text| text != "NONREF"),
                bank_reference: bank,
                supplement,
                narrative,
            },
        )
}

fn statement() -> impl Strategy<Value = (Head, Vec<Entry>, Balance)> {
    proptest::sample::select(Currency::ALL.to_vec()).prop_flat_map(|currency| {
        let head = (
            "[A-Z0-9]{1,16}",
            "[0-9]{1,35}",
            0_u32..100_000,
            balance(currency),
        )
            .prop_map(|(reference, account, number, opening)| Head {
                reference,
                account,
                number,
                opening,
            });
        (
            head,
            proptest::collection::vec(entry(currency), 0..8),
            balance(currency),
        )
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        statements in proptest::collection::vec(statement(), 1..4),
        piece in 1_usize..200,
    ) {
        let mut writer = StatementWriter::new();
        let mut expected = Vec::new();
        let mut file = String::new();
        for (head, entries, closing) in statements {
            writer.open(&head).unwrap();
            expected.push(Part::Opened(head));
            let rows = u32::try_from(entries.len()).unwrap();
            for (entry, row) in entries.into_iter().zip(1..) {
                writer.entry(&entry).unwrap();
                expected.push(Part::Row(Row { row, entry }));
            }
            writer.close(&closing).unwrap();
            expected.push(Part::Closed(Closing { rows, closing: Some(closing) }));
            file.push_str(&writer.take());
        }
        prop_assert!(file.lines().all(|line| line.len() <= 72));
        prop_assert_eq!(read(file.as_bytes(), piece), expected);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b":20:A\r\n:25:1\r\n:28C:1\r\n:60F:C260120HKD0,\r\n:61:".to_vec();
        file.extend(bytes);
        let mut reader = StatementReader::new();
        let mut parts = Vec::new();
        let _refused = reader.feed(&file, &mut parts).and_then(|()| reader.end(&mut parts));
    }

    #[test]
    fn a_narrative_keeps_its_words(words in proptest::collection::vec("[A-Z0-9]{1,30}", 0..10)) {
        let lines = narrative(words.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(lines.join(" "), words.join(" "));
    }
}
