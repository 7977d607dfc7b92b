//! One statement in two formats says the same; what is neither is refused.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on must stop where it is"
)]

use epay_money::{Currency, Money};
use epay_statement::{Kind, Part, RowContext, StatementReader, Summary, Tally, read_row};

const MT940: &str = ":20:STMT\r\n:25:999000000201\r\n:28C:00021/001\r\n:60F:C260120HKD10,00\r\n\
                     :61:2601210121C3720,00NTRFNONREF//B1\r\n:86:FPS 000123456789011 EP0123456789ABCDEFGH\r\n\
                     :61:2601210121C4000,00NMSCPPS//B2\r\n:62F:C260121HKD7730,00\r\n-\r\n";
const CAMT: &str = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Id>A</Id>\
    <ElctrncSeqNb>21</ElctrncSeqNb><CreDtTm>2026-01-21T23:30:00+08:00</CreDtTm>\
    <Acct><Id><Othr><Id>999000000201</Id></Othr></Id><Ccy>HKD</Ccy></Acct>\
    <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"HKD\">10</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>\
    <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"HKD\">7730</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>\
    <Ntry><Amt Ccy=\"HKD\">3720</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-21</Dt></BookgDt><AcctSvcrRef>B1</AcctSvcrRef>\
    <NtryDtls><TxDtls><RmtInf><Ustrd>FPS 000123456789011 EP0123456789ABCDEFGH</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\
    <Ntry><Amt Ccy=\"HKD\">4000</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-21</Dt></BookgDt><AcctSvcrRef>B2</AcctSvcrRef></Ntry>\
    </Stmt></BkToCstmrStmt></Document>";

fn read(file: &str) -> (Vec<Part>, Summary) {
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    for bytes in file.as_bytes().chunks(50) {
        reader.feed(bytes, &mut parts).unwrap();
    }
    reader.end(&mut parts).unwrap();
    let mut tally = Tally::default();
    let summaries: Vec<Summary> = parts.iter().filter_map(|part| tally.add(part)).collect();
    let [summary] = <[Summary; 1]>::try_from(summaries).unwrap();
    (parts, summary)
}

#[test]
fn one_statement_in_two_formats_says_the_same() {
    for (file, format) in [(MT940, "MT940"), (CAMT, "camt.053.001.08")] {
        let (parts, summary) = read(file);
        assert_eq!(
            (summary.opened.kind, summary.opened.format.as_str()),
            (Kind::Statement, format)
        );
        assert_eq!(summary.opened.sequence_number, Some(21), "{format}");
        assert_eq!(summary.opened.opening, Some(Money::hkd(1_000)), "{format}");
        assert_eq!(
            summary.closed.closing,
            Some(Money::hkd(773_000)),
            "{format}"
        );
        assert_eq!((summary.entries, summary.bad_rows), (2, 0), "{format}");
        assert_eq!(
            (summary.credits_minor, summary.debits_minor),
            (772_000, 0),
            "{format}"
        );
        let Some(Part::Row(row)) = parts.get(1) else {
            unreachable!("{parts:?}");
        };
        let entry = row.entries.first().unwrap();
        assert_eq!(entry.bank_reference, "B1", "{format}");
        assert_eq!(
            entry.bill_number.as_deref(),
            Some("000123456789011"),
            "{format}"
        );
        assert_eq!(
            entry.reference.as_deref(),
            Some("EP0123456789ABCDEFGH"),
            "{format}"
        );
    }
}

#[test]
fn the_fingerprint_is_of_what_is_said_and_not_of_how() {
    let of = |file: &str| read(file).1.digest;
    let other_version = CAMT
        .replace("053.001.08", "053.001.14")
        .replace("><", ">\n<");
    assert_eq!(of(&other_version), of(CAMT));
    for (from, to) in [
        ("4000", "4001"),
        ("B2", "B3"),
        ("7730", "7731"),
        ("<Id>A", "<Id>B"),
        ("21</Elc", "22</Elc"),
    ] {
        assert_ne!(of(&CAMT.replacen(from, to, 1)), of(CAMT), "{from} {to}");
    }
}

#[test]
fn what_is_no_statement_is_refused() {
    for (file, code) in [
        ("", "unknown_format"),
        (" \n ", "unknown_format"),
        ("H,EPG", "unknown_format"),
        (":99:", "malformed"),
        ("<a/>", "wrong_message"),
    ] {
        let mut reader = StatementReader::new();
        let mut parts = Vec::new();
        let outcome = reader
            .feed(file.as_bytes(), &mut parts)
            .and_then(|()| reader.end(&mut parts));
        assert_eq!(outcome.unwrap_err().code, code, "{file:?}");
    }
}

#[test]
fn a_row_that_is_read_alone_without_a_bank_reference_is_named_by_its_statement_and_place() {
    let context = RowContext {
        format: "MT940".to_owned(),
        id: "STMT/00021/2026-01-20".to_owned(),
        row: 7,
        account: "1".to_owned(),
        currency: Currency::Hkd,
        made_at: None,
    };
    let entries = read_row(b":61:260121C1,00NTRFNONREF\n", &context).unwrap();
    let name = &entries.first().unwrap().bank_reference;
    assert!(
        name.starts_with("STMT/00021/2026-01-20/") && name.ends_with("/row 7"),
        "{name}"
    );
    assert_eq!(
        read_row(b":61:260121C1.00NTRFNONREF\n", &context)
            .unwrap_err()
            .code,
        "bad_amount"
    );
}

#[test]
fn rows_without_a_bank_reference_keep_their_names_when_the_statement_is_issued_again_with_one_more()
{
    let names = |file: &str| -> Vec<String> {
        let (parts, _summary) = read(file);
        let rows = parts.into_iter().filter_map(|part| match part {
            Part::Row(row) => Some(row.entries),
            Part::Opened(_) | Part::Bad(_) | Part::Closed(_) => None,
        });
        rows.flatten().map(|entry| entry.bank_reference).collect()
    };
    let nameless = MT940
        .replace("//B1", "")
        .replace(
            "4000,00NMSCPPS//B2",
            "4000,00NMSCPPS\r\n:61:2601210121C4000,00NMSCPPS",
        )
        .replace("7730,00", "11730,00");
    let first = names(&nameless);
    // The two of four thousand say the same and are two.
    let [rates, one, two] = first.as_slice() else {
        unreachable!("{first:?}");
    };
    assert!(rates != one && one != two, "{first:?}");
    let again = nameless.replace(
        ":61:2601210121C3720,00",
        ":61:2601210121C5,00NTRFNONREF\r\n:61:2601210121C3720,00",
    );
    let again = names(&again.replace("11730,00", "11735,00"));
    assert_eq!(again.len(), 4);
    assert_eq!(again.get(1..), Some(first.as_slice()));
}
