//! The bounds of a notice that are too large to be kept as golden files, and the fuzz corpus.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::fmt::Write as _;
use std::path::Path;

use epay_camt::{UnreadableKind, read_notice, read_recall, read_resolution};

const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
const ENTRIES_MAX: usize = 10_000;

/// A notice of this many entries, as short as an entry can be.
fn notice(entries: usize) -> String {
    let mut body = String::from(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><Ntfctn>\
         <Acct><Id><Othr><Id>012</Id></Othr></Id></Acct>",
    );
    for number in 0..entries {
        write!(
            body,
            "<Ntry><Amt Ccy=\"HKD\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>\
             <Dt>2026-01-21</Dt></BookgDt><AcctSvcrRef>R{number}</AcctSvcrRef></Ntry>"
        )
        .unwrap();
    }
    body.push_str("</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>");
    body
}

fn kind(body: &str) -> Option<UnreadableKind> {
    read_notice(body.as_bytes()).err().map(|fault| fault.kind)
}

#[test]
fn a_notice_may_have_as_many_entries_as_the_bound_and_not_one_more() {
    let full = read_notice(notice(ENTRIES_MAX).as_bytes()).unwrap();
    assert_eq!(full.movements.len(), ENTRIES_MAX);
    assert_eq!(full.bad_entries, []);
    let kind = kind(&notice(ENTRIES_MAX + 1));
    assert_eq!(kind, Some(UnreadableKind::TooManyEntries));
}

#[test]
fn the_details_of_all_entries_are_bounded_together() {
    let details = "<TxDtls/>".repeat(ENTRIES_MAX + 1);
    let body = notice(1).replace("</Ntry>", &format!("<NtryDtls>{details}</NtryDtls></Ntry>"));
    assert_eq!(kind(&body), Some(UnreadableKind::TooManyEntries));
}

#[test]
fn a_request_for_payments_may_name_as_many_as_the_bound_and_not_one_more() {
    let request = |count: usize| {
        let transaction = "<TxInf><CxlId>C</CxlId><OrgnlIntrBkSttlmAmt Ccy=\"HKD\">1.00</OrgnlIntrBkSttlmAmt></TxInf>";
        let all = transaction.repeat(count);
        let body = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.056.001.08\"><FIToFIPmtCxlReq>\
             <Undrlyg>{all}</Undrlyg></FIToFIPmtCxlReq></Document>"
        );
        read_recall(body.as_bytes())
    };
    assert_eq!(request(ENTRIES_MAX).unwrap().requests.len(), ENTRIES_MAX);
    let fault = request(ENTRIES_MAX + 1).unwrap_err();
    assert_eq!(fault.kind, UnreadableKind::TooManyEntries);
}

#[test]
fn a_notice_may_have_as_many_bytes_as_the_bound_and_not_one_more() {
    let mut body = notice(1);
    body.push_str(&" ".repeat(BODY_BYTES_MAX - body.len()));
    assert_eq!(kind(&body), None);
    body.push(' ');
    assert_eq!(kind(&body), Some(UnreadableKind::TooLarge));
}

#[test]
fn names_and_attributes_that_fill_the_whole_body_end_quickly() {
    let flood = "x".repeat(BODY_BYTES_MAX - 100);
    let table = [
        (format!("<{flood}/>"), UnreadableKind::Malformed),
        (format!("<a {flood}='1'/>"), UnreadableKind::WrongMessage),
        (
            format!("<a {}/>", " b='1'".repeat(500_000)),
            UnreadableKind::Malformed,
        ),
        ("<a>".repeat(1_000_000), UnreadableKind::TooDeep),
        (
            format!("<a>{}", "&amp;".repeat(500_000)),
            UnreadableKind::TextTooLong,
        ),
    ];
    for (body, expected) in table {
        assert_eq!(kind(&body), Some(expected), "{:?}", body.get(..16));
    }
}

#[test]
fn the_fuzz_corpus_is_read_or_refused() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for folder in ["notice", "recall"] {
        for entry in std::fs::read_dir(home.join("fuzz/corpus").join(folder)).unwrap() {
            let body = std::fs::read(entry.unwrap().path()).unwrap();
            assert_eq!(read_notice(&body), read_notice(&body));
            assert_eq!(read_recall(&body), read_recall(&body));
            assert_eq!(read_resolution(&body), read_resolution(&body));
            count += 1;
        }
    }
    assert!(count > 15, "the corpus is there");
}
