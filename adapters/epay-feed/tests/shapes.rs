//! Four shapes, one day: the same rows, count, totals and digest in each, read back by readers of the test's own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "clippy's own exception covers test functions, not the readers that they call"
)]

use epay_feed::{Direction, FeedHead, FeedRow, Shape, Tally, Totals, Writer, file_name};
use epay_money::Currency;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const DAY: Date = date(2026, 1, 21);

fn head() -> FeedHead {
    FeedHead {
        department: "rvd".to_owned(),
        currency: Currency::Hkd,
        day: DAY,
        sequence: 123,
        opening_minor: 5,
        sealed_at: "2026-01-21T13:05:00Z".parse().unwrap(),
    }
}

fn row() -> impl Strategy<Value = FeedRow> {
    let payment = any::<u128>().prop_map(|id| format!("P-{id:032x}"));
    let words = (
        proptest::option::of("[0-9]{1,15}A?"),
        proptest::option::of("[a-z]{3}-[a-z]{1,8}"),
        "[0-9a-z-]{1,8}",
        proptest::option::of("[a-z]{3,8}"),
        proptest::option::of("[ -~]{0,17}[!-~]"),
    );
    let days = (0_i64..40, -3_i64..10, 0_i64..2_000_000);
    let money = (1_i64..1_000_000_000, any::<bool>());
    let corrects = proptest::option::of(payment.clone());
    (payment, words, days, money, corrects).prop_map(
        |(reference, words, (late, value, seconds), (amount_minor, credit), corrects)| {
            let (bill_number, bill_type, revenue_line, rail, rail_reference) = words;
            let of_day = DAY.saturating_sub(jiff::Span::new().days(late));
            let began: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
            FeedRow {
                line: 0,
                reference,
                bill_number,
                bill_type,
                revenue_line,
                rail,
                rail_reference: rail_reference.map(|text| text.trim().to_owned()),
                instructed_at: began
                    .saturating_add(SignedDuration::from_secs(seconds))
                    .unwrap(),
                of_day,
                value_date: of_day.saturating_add(jiff::Span::new().days(value)),
                amount_minor,
                direction: if credit {
                    Direction::Credit
                } else {
                    Direction::Debit
                },
                corrects,
            }
        },
    )
}

fn rows() -> impl Strategy<Value = Vec<FeedRow>> {
    proptest::collection::vec(row(), 0..20).prop_map(|mut rows| {
        for (row, line) in rows.iter_mut().zip(1..) {
            row.line = line;
        }
        rows
    })
}

fn totals(rows: &[FeedRow]) -> Totals {
    let mut tally = Tally::new(DAY);
    for row in rows {
        tally.add(row).unwrap();
    }
    tally.totals()
}

fn written(shape: Shape, rows: &[FeedRow]) -> String {
    let mut writer = Writer::new(shape, head(), totals(rows));
    let mut out = Vec::new();
    writer.open(&mut out);
    for row in rows {
        writer.row(row, &mut out);
    }
    writer.close(&mut out);
    String::from_utf8(out).unwrap()
}

/// What a file says of itself: rows, credits, debits, hash total, digest.
type Claim = (String, String, String, String, String);

fn claim(words: &str) -> Claim {
    let one = |name: &str| {
        let found = words.split(' ').find_map(|word| word.strip_prefix(name));
        found
            .unwrap_or_else(|| panic!("{name} in {words}"))
            .to_owned()
    };
    let digest = one("/DIGEST/");
    (
        one("/ROWS/"),
        one("/CREDITS/"),
        one("/DEBITS/"),
        one("/HASH/"),
        digest,
    )
}

fn expected(totals: &Totals) -> Claim {
    let decimal = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    (
        totals.rows.to_string(),
        decimal(totals.credits_minor),
        decimal(totals.debits_minor),
        totals.hash_total.to_string(),
        hex::encode(totals.digest),
    )
}

fn cents(text: &str) -> i64 {
    let (whole, cents) = text.split_once(['.', ',']).unwrap();
    whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap()
}

fn by_csv(text: &str) -> (Vec<FeedRow>, Claim) {
    let mut rows = Vec::new();
    let mut claim = None;
    for fields in records(text) {
        let some = |place: usize| Some(fields[place].clone()).filter(|text| !text.is_empty());
        match fields[0].as_str() {
            "D" => rows.push(FeedRow {
                line: fields[1].parse().unwrap(),
                reference: fields[2].clone(),
                bill_number: some(3),
                bill_type: some(4),
                revenue_line: fields[5].clone(),
                rail: some(6),
                instructed_at: fields[7].parse().unwrap(),
                of_day: fields[8].parse().unwrap(),
                value_date: fields[9].parse().unwrap(),
                amount_minor: cents(&fields[10]),
                direction: if fields[11] == "CREDIT" {
                    Direction::Credit
                } else {
                    Direction::Debit
                },
                corrects: some(12),
                rail_reference: some(13),
            }),
            "T" => {
                claim = Some((
                    fields[1].clone(),
                    fields[2].clone(),
                    fields[3].clone(),
                    fields[5].clone(),
                ))
            }
            other => assert_eq!(other, "H"),
        }
    }
    let digest = hex::encode(totals(&rows).digest);
    let (count, credits, debits, hash) = claim.unwrap();
    (rows, (count, credits, debits, hash, digest))
}

/// Records of RFC 4180, whose quoted fields hold no line ends here.
fn records(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .map(|line| {
            let (mut fields, mut field, mut quoted) = (vec![], String::new(), false);
            let mut chars = line.chars().peekable();
            while let Some(c) = chars.next() {
                match c {
                    '"' if quoted && chars.peek() == Some(&'"') => {
                        field.push('"');
                        chars.next();
                    }
                    '"' => quoted = !quoted,
                    ',' if !quoted => fields.push(std::mem::take(&mut field)),
                    other => field.push(other),
                }
            }
            fields.push(field);
            fields
        })
        .collect()
}

fn between(text: &str, tag: &str) -> Option<String> {
    let (_before, after) = text.split_once(&format!("<{tag}>"))?;
    let (inner, _after) = after.split_once(&format!("</{tag}>"))?;
    let plain = inner
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    Some(plain.replace("&apos;", "'").replace("&amp;", "&"))
}

fn by_camt(text: &str, words: &str) -> (Vec<FeedRow>, Claim) {
    let rows = text.split("<Ntry>").skip(1).map(|entry| {
        let further = between(entry, "AddtlTxInf").unwrap();
        let named = |name: &str| {
            // A word ends where the next one begins.
            let (_before, after) = further.split_once(&format!("/{name}/"))?;
            Some(after.split(" /").next().unwrap().to_owned())
        };
        let day = |tag: &str| {
            between(&between(entry, tag).unwrap(), "Dt")
                .unwrap()
                .parse()
                .unwrap()
        };
        let amount = entry.split_once("<Amt Ccy=\"HKD\">").unwrap().1;
        FeedRow {
            line: between(entry, "NtryRef").unwrap().parse().unwrap(),
            reference: between(entry, "AcctSvcrRef").unwrap(),
            bill_number: between(entry, "CdtrRefInf").map(|inner| between(&inner, "Ref").unwrap()),
            bill_type: named("TYP"),
            revenue_line: named("REV").unwrap(),
            rail: named("RAL"),
            rail_reference: between(entry, "EndToEndId"),
            instructed_at: between(entry, "TxDtTm").unwrap().parse().unwrap(),
            of_day: day("BookgDt"),
            value_date: day("ValDt"),
            amount_minor: cents(amount.split_once('<').unwrap().0),
            direction: if between(entry, "CdtDbtInd").unwrap() == "CRDT" {
                Direction::Credit
            } else {
                Direction::Debit
            },
            corrects: between(entry, "Prtry><Tp>CORRECTS</Tp").or_else(|| {
                entry
                    .split_once("<Tp>CORRECTS</Tp>")
                    .and_then(|(_, after)| between(after, "Ref"))
            }),
        }
    });
    (rows.collect(), claim(&between(text, words).unwrap()))
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'?' {
            let (code, after) = rest.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(code).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn by_mt940(text: &str) -> (Vec<FeedRow>, Claim) {
    let (body, end) = text.split_once(":62F:").unwrap();
    let rows = body.split(":61:").skip(1).zip(1..).map(|(entry, line)| {
        let (first, narrative) = entry.split_once("\r\n:86:").unwrap();
        let narrative = narrative.replace("\r\n", " ");
        let named = |name: &str| {
            let word = narrative
                .split(' ')
                .find_map(|word| word.strip_prefix(&format!("/{name}/")));
            word.map(unescaped)
        };
        let (value, rest) = first.split_at(6);
        let amount = rest[5..].split_once('N').unwrap().0;
        FeedRow {
            line,
            reference: named("PAY").unwrap(),
            bill_number: named("BIL"),
            bill_type: named("TYP"),
            revenue_line: named("REV").unwrap(),
            rail: named("RAL"),
            rail_reference: named("REF"),
            instructed_at: named("INS").unwrap().parse().unwrap(),
            of_day: named("DAY").unwrap().parse().unwrap(),
            value_date: format!("20{}-{}-{}", &value[..2], &value[2..4], &value[4..])
                .parse()
                .unwrap(),
            amount_minor: cents(amount),
            direction: if &rest[4..5] == "C" {
                Direction::Credit
            } else {
                Direction::Debit
            },
            corrects: named("COR"),
        }
    });
    let words = end.split_once(":86:").unwrap().1.replace("\r\n", " ");
    // The digest stands on a line of its own, after its name.
    (
        rows.collect(),
        claim(&words.replace("/DIGEST/ ", "/DIGEST/")),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_shape_says_the_same_rows_count_totals_and_digest(rows in rows()) {
        let totals = totals(&rows);
        for shape in Shape::ALL {
            let text = written(shape, &rows);
            let (read, claim) = match shape {
                Shape::Csv => by_csv(&text),
                Shape::Camt053 => by_camt(&text, "AddtlStmtInf"),
                Shape::Camt054 => by_camt(&text, "AddtlNtfctnInf"),
                Shape::Mt940 => by_mt940(&text),
            };
            prop_assert_eq!(&read, &rows, "{:?}:\n{}", shape, text);
            prop_assert_eq!(claim, expected(&totals), "{:?}", shape);
            prop_assert_eq!(written(shape, &rows), text, "written again it is the same");
        }
    }

    #[test]
    fn balances_follow_from_the_rows(rows in rows()) {
        let net = 5 + totals(&rows).net_minor();
        let sign = |minor: i64| if minor < 0 { ("DBIT", 'D') } else { ("CRDT", 'C') };
        let statement = written(Shape::Camt053, &rows);
        let closing = statement.split_once("<Cd>CLBD</Cd>").unwrap().1;
        let amount = closing.split_once("HKD\">").unwrap().1.split_once('<').unwrap().0;
        prop_assert_eq!(cents(amount), net.abs());
        prop_assert_eq!(between(closing, "CdtDbtInd").unwrap(), sign(net).0);
        prop_assert!(!written(Shape::Camt054, &rows).contains("<Bal>"));
        let mt940 = written(Shape::Mt940, &rows);
        let closing = mt940.split_once(":62F:").unwrap().1.lines().next().unwrap();
        prop_assert_eq!(cents(&closing[10..]), net.abs());
        prop_assert!(closing.starts_with(sign(net).1));
    }

    #[test]
    fn any_text_can_be_written_in_every_shape(text in "\\PC{0,200}", number in "\\PC{0,60}") {
        let mut row = FeedRow {
            line: 1,
            reference: "J-1".to_owned(),
            bill_number: Some(number),
            bill_type: Some("rvd-rates".to_owned()),
            revenue_line: "main".to_owned(),
            rail: Some("fps".to_owned()),
            rail_reference: Some(text),
            instructed_at: head().sealed_at,
            of_day: date(2024, 1, 2),
            value_date: DAY,
            amount_minor: i64::MAX / 1_000_000,
            direction: Direction::Debit,
            corrects: None,
        };
        for length in [1, 60] {
            row.revenue_line = "x".repeat(length);
            for shape in Shape::ALL {
                let text = written(shape, std::slice::from_ref(&row));
                let entries = match shape {
                    Shape::Csv => text.matches("\nD,1,J-1,").count(),
                    Shape::Camt053 | Shape::Camt054 => text.matches("<Ntry>").count(),
                    Shape::Mt940 => text.matches("\r\n:61:").count(),
                };
                prop_assert_eq!(entries, 1, "{:?}: {}", shape, text);
                if shape == Shape::Mt940 {
                    prop_assert!(text.lines().all(|line| line.len() <= 90), "{}", text);
                }
            }
        }
    }
}

#[test]
fn a_file_is_named_after_its_department_day_and_number() {
    let table = [
        (
            Shape::Csv,
            Currency::Hkd,
            "EPG_RVD_RECON_20260121_000123.csv",
        ),
        (
            Shape::Camt053,
            Currency::Hkd,
            "EPG_RVD_RECON_20260121_000123.camt053.xml",
        ),
        (
            Shape::Camt054,
            Currency::Cny,
            "EPG_RVD_RECON-CNY_20260121_000123.camt054.xml",
        ),
        (
            Shape::Mt940,
            Currency::Hkd,
            "EPG_RVD_RECON_20260121_000123.sta",
        ),
    ];
    for (shape, currency, name) in table {
        assert_eq!(file_name(&FeedHead { currency, ..head() }, shape), name);
    }
}

#[test]
fn the_layout_of_the_csv_is_the_published_one() {
    let row = FeedRow {
        line: 1,
        reference: "P-01".to_owned(),
        bill_number: Some("000123456789011".to_owned()),
        bill_type: Some("rvd-demand".to_owned()),
        revenue_line: "02-gr".to_owned(),
        rail: Some("fps".to_owned()),
        rail_reference: Some("rail, \"ref\"".to_owned()),
        instructed_at: "2026-01-20T15:58:03Z".parse().unwrap(),
        of_day: DAY,
        value_date: DAY,
        amount_minor: 372_000,
        direction: Direction::Credit,
        corrects: None,
    };
    let text = written(Shape::Csv, &[row]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "H,EPG-RECON,1.0,RVD,2026-01-21,000123,ORIGINAL,2026-01-21T21:05:00+08:00"
    );
    assert_eq!(
        lines[1],
        "D,1,P-01,000123456789011,rvd-demand,02-gr,fps,2026-01-20T23:58:03+08:00,2026-01-21,2026-01-21,3720.00,CREDIT,,\
         \"rail, \"\"ref\"\"\""
    );
    assert!(
        lines[2].starts_with("T,1,3720.00,0.00,3720.00,456789011,"),
        "{}",
        lines[2]
    );
}
