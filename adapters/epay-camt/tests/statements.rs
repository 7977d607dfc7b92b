//! Statements as they arrive: whole, in pieces, with rows that cannot be read, and what is no statement.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop where it is"
)]

use std::path::Path;

use epay_camt::statement::{Entry, Head, Kind, Part, RowContext, StatementReader, read_row};
use epay_camt::{Direction, Unreadable, UnreadableKind};
use epay_money::{Currency, Money};
use jiff::civil::date;
use proptest::prelude::*;

const DAY: &str = include_str!("statements/day.xml");

fn read(body: &[u8], piece: usize) -> Result<Vec<Part>, Unreadable> {
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    for bytes in body.chunks(piece) {
        reader.feed(bytes, &mut parts)?;
    }
    reader.end(&mut parts)?;
    Ok(parts)
}

fn whole(body: &str) -> Vec<Part> {
    read(body.as_bytes(), 1 << 20).unwrap()
}

fn head(parts: &[Part]) -> &Head {
    match &parts[0] {
        Part::Opened(head) => head,
        other => unreachable!("{other:?}"),
    }
}

fn entries(parts: &[Part]) -> Vec<&Entry> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Row(row) => Some(&row.entries),
            Part::Opened(_) | Part::Bad(_) | Part::Closed(_) => None,
        })
        .flatten()
        .collect()
}

/// Number, code and bytes of the rows that were set apart.
fn bad(parts: &[Part]) -> Vec<(u32, &'static str, &[u8])> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Bad(row) => Some((row.row, row.code, row.raw.as_slice())),
            Part::Opened(_) | Part::Row(_) | Part::Closed(_) => None,
        })
        .collect()
}

#[test]
fn a_statement_says_whose_it_is_what_it_sums_to_and_what_moved() {
    let parts = whole(DAY);
    let head = head(&parts);
    assert_eq!(
        (head.kind, head.version.as_str()),
        (Kind::Statement, "camt.053.001.08")
    );
    assert_eq!(
        (head.id.as_str(), head.sequence_number),
        ("999000000201-20260121", Some(21))
    );
    assert_eq!(
        (head.account.as_str(), head.currency),
        ("999000000201", Currency::Hkd)
    );
    assert_eq!(
        (head.from_date, head.to_date),
        (Some(date(2026, 1, 21)), date(2026, 1, 21))
    );
    assert_eq!(
        (head.opening, head.closing),
        (Some(Money::hkd(-1_000)), Some(Money::hkd(819_800)))
    );
    assert_eq!(
        (
            head.declared_rows,
            head.declared_credits_minor,
            head.declared_debits_minor
        ),
        (Some(4), Some(822_000), Some(1_200))
    );
    /// Reference, minor units, direction, reversal, payments of a batch, code.
    type Row<'a> = (&'a str, i64, Direction, bool, u32, Option<&'a str>);
    let table: [Row<'_>; 5] = [
        (
            "B1",
            372_000,
            Direction::Credit,
            false,
            1,
            Some("PMNT-RRCT-DMCT"),
        ),
        ("B2", 400_000, Direction::Credit, false, 17, Some("PPS")),
        ("B3/1", 20_000, Direction::Credit, false, 1, None),
        ("B3/2", 30_000, Direction::Credit, false, 1, None),
        ("B4", 1_200, Direction::Debit, true, 1, None),
    ];
    let entries = entries(&parts);
    assert_eq!(entries.len(), table.len());
    for (entry, (reference, minor, direction, reversal, items, code)) in
        entries.into_iter().zip(table)
    {
        let movement = &entry.movement;
        assert_eq!(movement.bank_reference, reference);
        assert_eq!(
            (movement.amount.minor(), movement.direction),
            (minor, direction),
            "{reference}"
        );
        assert_eq!(
            (entry.reversal, entry.items, entry.code.as_deref()),
            (reversal, items, code),
            "{reference}"
        );
        assert!(entry.booked, "{reference}");
    }
    assert!(matches!(parts.last(), Some(Part::Closed(closing)) if closing.rows == 4));
}

#[test]
fn any_version_and_any_prefix_is_read_the_same() {
    let expected = whole(DAY).len();
    let prefixed = DAY
        .replace("</", "</b:")
        .replace('<', "<b:")
        .replace("<b:/b:", "</b:")
        .replace("<b:?", "<?")
        .replace("xmlns=", "xmlns:b=");
    let enveloped = format!(
        "<Envelope xmlns:b=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><Header><Id>x</Id></Header>{}</Envelope>",
        prefixed
            .split_once("?>")
            .map(|(_declaration, rest)| rest)
            .unwrap()
            .replacen(
                " xmlns:b=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"",
                "",
                1
            )
    );
    for (body, version) in [
        (DAY.replace("053.001.08", "053.001.14"), "camt.053.001.14"),
        (prefixed, "camt.053.001.08"),
        (enveloped, "camt.053.001.02"),
    ] {
        let parts = whole(&body);
        assert_eq!(
            (parts.len(), head(&parts).version.as_str()),
            (expected, version),
            "{body}"
        );
    }
}

#[test]
fn reports_and_notices_say_that_they_are_early_word() {
    let table = [
        ("camt.052", "BkToCstmrAcctRpt", "Rpt", Kind::Interim),
        ("camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn", Kind::Notice),
    ];
    for (message, root, statement, kind) in table {
        let body = DAY
            .replace("camt.053", message)
            .replace("BkToCstmrStmt", root)
            .replace("<Stmt>", &format!("<{statement}>"))
            .replace("</Stmt>", &format!("</{statement}>"));
        assert_eq!(head(&whole(&body)).kind, kind);
    }
}

#[test]
fn a_row_that_cannot_be_read_stands_alone_with_its_bytes_and_can_be_mended() {
    let table = [
        (
            "<Amt Ccy=\"HKD\">3720.00</Amt>",
            "<Amt Ccy=\"HKD\">3,720.00</Amt>",
            "bad_amount",
        ),
        (
            "<Amt Ccy=\"HKD\">3720.00</Amt>",
            "<Amt Ccy=\"CNY\">3720.00</Amt>",
            "mixed_currency",
        ),
        ("<AcctSvcrRef>B1</AcctSvcrRef>", "", "missing_reference"),
        (
            "<AcctSvcrRef>B1</AcctSvcrRef>",
            "<AcctSvcrRef>&#x1;</AcctSvcrRef>",
            "bad_text",
        ),
        (
            "<EndToEndId>E1</EndToEndId>",
            "<EndToEndId>&own;</EndToEndId>",
            "bad_text",
        ),
    ];
    let context = RowContext {
        account: "999000000201".to_owned(),
        currency: Currency::Hkd,
        created_at: None,
    };
    for (good, wrong, code) in table {
        let body = DAY.replacen(good, wrong, 1);
        let parts = whole(&body);
        let [(1, found, raw)] = bad(&parts)[..] else {
            unreachable!("{parts:?}");
        };
        assert_eq!(found, code, "{wrong}");
        assert_eq!(entries(&parts).len(), 4, "{wrong}");
        let raw = core::str::from_utf8(raw).unwrap();
        assert!(raw.starts_with("<Ntry>") && raw.ends_with("</Ntry>") && raw.contains(wrong));
        assert_eq!(read_row(raw.as_bytes(), &context).unwrap_err().code, code);
        let mended = if wrong.is_empty() {
            raw.replace("<ValDt>", "<AcctSvcrRef>B1</AcctSvcrRef><ValDt>")
        } else {
            raw.replace(wrong, good)
        };
        let again = read_row(mended.as_bytes(), &context).unwrap();
        assert_eq!(again[0].movement.bank_reference, "B1", "{mended}");
    }
}

#[test]
fn bytes_that_are_no_text_spoil_their_row_and_are_kept() {
    let at = DAY.find("000123456789011").unwrap();
    let mut body = DAY.as_bytes().to_vec();
    body[at..at + 4].copy_from_slice(b"\xAE\x74\xFB\x5E");
    for piece in [1, 7, 1 << 20] {
        let parts = read(&body, piece).unwrap();
        let [(1, "bad_text", raw)] = bad(&parts)[..] else {
            unreachable!("{parts:?}");
        };
        assert!(
            raw.windows(4).any(|four| four == b"\xAE\x74\xFB\x5E"),
            "pieces of {piece}"
        );
    }
}

#[test]
fn a_mended_row_is_exactly_one_row() {
    let context = RowContext {
        account: "a<&".to_owned(),
        currency: Currency::Hkd,
        created_at: None,
    };
    let row = "<x:Ntry><x:Amt Ccy=\"HKD\">1.00</x:Amt><x:CdtDbtInd>CRDT</x:CdtDbtInd><x:BookgDt><x:Dt>2026-01-21</x:Dt>\
               </x:BookgDt><x:AcctSvcrRef>B</x:AcctSvcrRef></x:Ntry>";
    assert_eq!(read_row(row.as_bytes(), &context).unwrap().len(), 1);
    let close = "</x:Stmt><x:Stmt><x:Id>2</x:Id><x:Acct><x:Id><x:IBAN>1</x:IBAN></x:Id></x:Acct>";
    for wrong in [
        String::new(),
        "<x:Ntry>".to_owned(),
        format!("{row}{row}"),
        format!("{row}{close}"),
        format!("{close}{row}"),
        "<Id>1</Id>".to_owned(),
        "no".to_owned(),
    ] {
        assert_eq!(
            read_row(wrong.as_bytes(), &context).unwrap_err().code,
            "not_an_entry",
            "{wrong}"
        );
    }
}

#[test]
fn what_is_no_statement_is_refused_whole_and_says_where() {
    let head_of = |from: &str, to: &str| DAY.replacen(from, to, 1);
    let table = [
        (String::new(), UnreadableKind::Malformed),
        ("<Document/>".to_owned(), UnreadableKind::WrongMessage),
        (
            head_of("camt.053", "camt.060"),
            UnreadableKind::WrongMessage,
        ),
        (
            head_of("<Id>999000000201-20260121</Id>", ""),
            UnreadableKind::WrongMessage,
        ),
        (
            head_of("<Othr><Id>999000000201</Id></Othr>", ""),
            UnreadableKind::WrongMessage,
        ),
        (
            head_of("<Ccy>HKD</Ccy>", "<Ccy>USD</Ccy>"),
            UnreadableKind::WrongMessage,
        ),
        (
            head_of("<ElctrncSeqNb>21", "<ElctrncSeqNb>x"),
            UnreadableKind::WrongMessage,
        ),
        (
            head_of("<Document", "<!DOCTYPE d><Document"),
            UnreadableKind::Forbidden,
        ),
        (head_of("</Stmt>", ""), UnreadableKind::Malformed),
        (head_of("</Ntry>", "</Ntri>"), UnreadableKind::Malformed),
        (
            head_of("encoding=\"UTF-8\"", "encoding=\"Big5\""),
            UnreadableKind::WrongEncoding,
        ),
        (
            head_of("<GrpHdr>", &"<a>".repeat(40)),
            UnreadableKind::TooDeep,
        ),
        (format!("{DAY}<a/>"), UnreadableKind::Malformed),
        (
            DAY.replacen("<MsgId>", &format!("<MsgId>{}", "x".repeat(30_000)), 1),
            UnreadableKind::Malformed,
        ),
    ];
    for (body, kind) in table {
        let fault = read(body.as_bytes(), 1 << 20).unwrap_err();
        assert_eq!(fault.kind, kind, "{fault} of {body}");
    }
}

#[test]
fn an_entry_that_does_not_end_is_refused_before_it_fills_the_memory() {
    let start = DAY.split_once("</Ntry>").unwrap().0;
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    reader.feed(start.as_bytes(), &mut parts).unwrap();
    let more = "<AddtlNtryInf>x</AddtlNtryInf>".repeat(40_000);
    let refused = (0..100).find_map(|_| reader.feed(more.as_bytes(), &mut parts).err());
    assert_eq!(refused.unwrap().kind, UnreadableKind::TooLarge);
}

#[test]
fn the_corpus_is_read_or_refused_in_pieces_as_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for kind in ["notice", "statement"] {
        for file in std::fs::read_dir(folder.join(kind)).unwrap() {
            let body = std::fs::read(file.unwrap().path()).unwrap();
            let in_pieces = read(&body, 3).map_err(|fault| fault.kind);
            assert_eq!(in_pieces, read(&body, 1 << 20).map_err(|fault| fault.kind));
        }
    }
}

proptest! {
    #[test]
    fn a_message_is_read_the_same_in_whatever_pieces_it_comes(
        cuts in proptest::collection::vec(0..DAY.len(), 0..12),
        spoil in 0..DAY.len(),
        byte in any::<u8>(),
    ) {
        let mut body = DAY.as_bytes().to_vec();
        body[spoil] = byte;
        let mut cuts = cuts;
        cuts.sort_unstable();
        cuts.push(body.len());
        let mut reader = StatementReader::new();
        let mut parts = Vec::new();
        let mut from = 0;
        let mut outcome = Ok(());
        for cut in cuts {
            outcome = outcome.and_then(|()| reader.feed(&body[from..cut], &mut parts));
            from = cut;
        }
        let outcome = outcome.and_then(|()| reader.end(&mut parts)).map_err(|fault| fault.kind);
        let expected = read(&body, body.len());
        match expected {
            Ok(expected) => prop_assert_eq!((outcome, parts), (Ok(()), expected)),
            Err(fault) => prop_assert_eq!(outcome, Err(fault.kind)),
        }
    }
}
