//! Files as tables: what each row becomes, and every way in which one is refused.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use epay_bill_file::{Action, Fault, FileFault, Format, LINE_BYTES_MAX, Read, Reader, Row};
use epay_money::Money;
use proptest::prelude::*;

const HEADER: &str =
    "document,bill_type,number,amount,due_date,description,lines,action,revision,currency,reason";

fn read(format: Format, file: &[u8], piece: usize) -> Result<Vec<Read>, FileFault> {
    let (mut reader, mut rows) = (Reader::new(format), vec![]);
    for piece in file.chunks(piece.max(1)) {
        reader.feed(piece, &mut rows)?;
    }
    reader.end(&mut rows)?;
    Ok(rows)
}

fn csv(rows: &str) -> Vec<Read> {
    read(Format::Csv, format!("{HEADER}\n{rows}").as_bytes(), 7).unwrap()
}

fn faults(read: &Read) -> Vec<(&'static str, &'static str)> {
    let faults = read.as_ref().err().cloned().unwrap_or_default();
    faults
        .iter()
        .map(|fault| (fault.field, fault.code))
        .collect()
}

fn the_demand(row: &Row) {
    let demand = row.demand.as_ref().unwrap();
    assert_eq!(row.document, "RVD-2026Q1-000123");
    assert_eq!(demand.bill_type.as_str(), "rvd-rates");
    assert_eq!(demand.number, "000123456789011");
    assert_eq!(demand.amount, Money::hkd(372_000));
    assert_eq!(demand.due_date.to_string(), "2026-01-30");
    assert_eq!(demand.description, "Jan, to Mar 2026");
    let shares: Vec<_> = demand
        .shares
        .iter()
        .map(|share| (share.code.as_str(), share.minor))
        .collect();
    assert_eq!(shares, [("02-rates", 232_500), ("02-gr", 139_500)]);
}

#[test]
fn both_formats_say_the_same() {
    let row = "RVD-2026Q1-000123,rvd-rates,000123456789011,3720.00,2026-01-30,\"Jan, to Mar 2026\",02-rates=2325.00;02-gr=1395.00,,,,";
    let rows = csv(row);
    the_demand(rows[0].as_ref().unwrap());
    let object = r#"{"document":"RVD-2026Q1-000123","bill_type":"rvd-rates","number":"000123456789011","amount":"3720.00","due_date":"2026-01-30","description":"Jan, to Mar 2026","lines":[{"code":"02-rates","amount":"2325.00"},{"code":"02-gr","amount":"1395.00"}]}"#;
    let others = read(Format::Ndjson, object.as_bytes(), 1_000).unwrap();
    the_demand(others[0].as_ref().unwrap());
}

/// The parts of the first row of a file, each as one text.
fn parts_of(read: &Read) -> Vec<String> {
    let demand = read.as_ref().unwrap().demand.as_ref().unwrap();
    let parts = demand.parts.iter();
    parts
        .map(|part| {
            format!(
                "{} {} {} {}",
                part.reference, part.line, part.minor, part.label
            )
        })
        .collect()
}

#[test]
fn both_formats_say_the_parts_of_a_consolidated_demand() {
    let expected = [
        "12-01 02-gr 200000 Flat A, 12/F",
        "12-01 07-govrent 172000 平台",
    ];
    let file = "document,bill_type,number,amount,due_date,parts\n\
        A,rvd-rates,1,3720.00,2026-01-30,\"12-01|02-gr|2000.00|Flat A, 12/F; 12-01 | 07-govrent | 1720 | 平台\"\n";
    let rows = read(Format::Csv, file.as_bytes(), 5).unwrap();
    assert_eq!(parts_of(&rows[0]), expected);
    let object = r#"{"document":"A","bill_type":"rvd-rates","number":"1","amount":"3720.00","due_date":"2026-01-30","parts":[{"reference":"12-01","line":"02-gr","amount":"2000.00","label":"Flat A, 12/F"},{"reference":"12-01","line":"07-govrent","amount":"1720.00","label":"平台"}]}"#;
    let rows = read(Format::Ndjson, object.as_bytes(), 9).unwrap();
    assert_eq!(parts_of(&rows[0]), expected);
}

#[test]
fn every_fault_of_a_part_is_named() {
    let many =
        |count: usize| -> String { (0..count).map(|at| format!("{at}|gr|1.00|x;")).collect() };
    let label = |characters: usize| format!("A|gr|3.00|{}", "樓".repeat(characters));
    for (parts, lines, fault) in [
        ("", "", None),
        ("A|gr|1.00|x;B|gr|2.00|y;", "", None),
        (label(80).as_str(), "", None),
        (label(81).as_str(), "", Some(("parts", "PART_LABEL"))),
        ("A|gr|3.00|", "", Some(("parts", "PART_LABEL"))),
        ("A|gr|3.00", "", Some(("row", "ROW_MALFORMED"))),
        ("A|gr|3.00|x|y", "", Some(("row", "ROW_MALFORMED"))),
        ("a b|gr|3.00|x", "", Some(("parts", "PART_REFERENCE"))),
        ("A|GR|3.00|x", "", Some(("parts", "PART_LINE"))),
        ("A|gr|0|x", "", Some(("parts", "PART_AMOUNT"))),
        ("A|gr|three|x", "", Some(("parts", "PART_AMOUNT"))),
        ("A|gr|1.00|x;A|gr|2.00|y", "", Some(("parts", "PART_TWICE"))),
        ("A|gr|1.00|x;A|rates|2.00|y", "", None),
        ("A|gr|2.00|x", "", Some(("parts", "PARTS_DO_NOT_ADD_UP"))),
        (
            "A|gr|3.00|x",
            "gr=3.00",
            Some(("parts", "LINES_BESIDE_PARTS")),
        ),
        (many(101).as_str(), "", Some(("parts", "TOO_MANY_PARTS"))),
    ] {
        let file = format!(
            "document,bill_type,number,amount,due_date,parts,lines\nA,rvd-rates,1,3.00,2026-01-30,{parts},{lines}\n"
        );
        let rows = read(Format::Csv, file.as_bytes(), 64).unwrap();
        assert_eq!(faults(&rows[0]), Vec::from_iter(fault), "{parts}");
    }
}

#[test]
fn a_row_says_what_it_asks_for() {
    let demand = "rvd-rates,000123456789011,1.00,2026-01-30,,";
    for (end, action, revision) in [
        (",,,", Action::Issue, 0),
        ("issue,0,,", Action::Issue, 0),
        (",2,,", Action::Revise, 2),
        ("revise,1,CNY,", Action::Revise, 1),
        ("withdraw,,,issued in error", Action::Withdraw, 0),
    ] {
        let rows = csv(&format!("A/1:b.c_d-E,{demand},{end}"));
        let row = rows[0].as_ref().unwrap();
        assert_eq!((row.action, row.revision), (action, revision), "{end}");
        assert_eq!(row.demand.is_some(), action != Action::Withdraw, "{end}");
    }
}

#[test]
fn every_wrong_field_is_named_and_every_other_row_is_read() {
    let rows = csv(concat!(
        "A,rvd-rates,1,1.00,2026-01-30,,,,,,\n",
        "a b,Rates!,,-1,30 Jan,,02-gr=1.00,merge,-1,EUR,\n",
        "A,rvd-rates,1,1.005,2026-02-30,,,,1,,\n",
        "A,rvd-rates,1,3.00,2026-01-30,,02-gr=1.00;02-rates=1.00,,,,\n",
        "A,rvd-rates,1,3.00,2026-01-30,,02-gr,,,,\n",
        "A,rvd-rates,1,3.00,2026-01-30,,GR=3.00,,,,\n",
        "A,rvd-rates,1,3.00,2026-01-30,,gr=0,,,,\n",
        "A,rvd-rates,1,3.00,2026-01-30,,,issue,3,,\n",
        "A,rvd-rates,1,3.00,2026-01-30,,,revise,,,\n",
        "A,rvd-rates,1\n",
        "A,\"rvd-rates,1,3.00,2026-01-30,,,,,,\n",
        "Z,rvd-rates,1,1.00,2026-01-30,,,,,,",
    ));
    let found: Vec<_> = rows.iter().map(faults).collect();
    let row = |code| vec![("row", code)];
    assert_eq!(
        found,
        [
            vec![],
            vec![
                ("document", "DOCUMENT_MALFORMED"),
                ("action", "ACTION_UNKNOWN"),
                ("revision", "REVISION_MALFORMED"),
                ("bill_type", "BILL_TYPE_MALFORMED"),
                ("number", "NUMBER_MALFORMED"),
                ("currency", "CURRENCY_UNKNOWN"),
                ("amount", "AMOUNT_MALFORMED"),
                ("due_date", "DATE_MALFORMED"),
            ],
            vec![
                ("amount", "AMOUNT_MALFORMED"),
                ("due_date", "DATE_MALFORMED")
            ],
            vec![("lines", "LINES_DO_NOT_ADD_UP")],
            row("ROW_MALFORMED"),
            vec![("lines", "LINE_CODE")],
            vec![("lines", "LINE_AMOUNT")],
            vec![("revision", "REVISION_OF_AN_ISSUE")],
            vec![("revision", "REVISION_MISSING")],
            row("ROW_MALFORMED"),
            row("ROW_MALFORMED"),
            vec![],
        ]
    );
    let lines: Vec<u64> = rows
        .iter()
        .flat_map(|read| match read {
            Ok(row) => vec![row.line],
            Err(faults) => faults
                .iter()
                .map(|fault: &Fault| fault.line)
                .take(1)
                .collect(),
        })
        .collect();
    assert_eq!(lines, (2..14).collect::<Vec<u64>>());
}

#[test]
fn a_file_that_is_none_is_refused_whole() {
    for (file, code) in [
        ("", "HEADER_MISSING"),
        ("\n \n", "HEADER_MISSING"),
        ("document,bill_type,number,amount", "HEADER_UNKNOWN"),
        (
            "document,bill_type,number,amount,due_date,colour",
            "HEADER_UNKNOWN",
        ),
        (
            "document,document,bill_type,number,amount,due_date",
            "HEADER_UNKNOWN",
        ),
        ("A,rvd-rates,1,1.00,2026-01-30", "HEADER_UNKNOWN"),
    ] {
        let refused = read(Format::Csv, file.as_bytes(), 64).unwrap_err();
        assert_eq!(refused.code, code, "{file:?}");
    }
}

#[test]
fn a_line_without_end_is_one_fault_and_does_not_grow() {
    let long = "x".repeat(3 * LINE_BYTES_MAX);
    let rows = csv(&format!("{long}\nA,rvd-rates,1,1.00,2026-01-30,,,,,,"));
    assert_eq!(faults(&rows[0]), [("row", "ROW_MALFORMED")]);
    assert!(rows[1].is_ok());
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_forgiven() {
    let file = format!("\u{feff}{HEADER}\r\n\r\nA,rvd-rates,1,1.00,2026-01-30,,,,,,\r\n");
    let rows = read(Format::Csv, file.as_bytes(), 3).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(rows[0].is_ok());
}

/// A row as a department might write it, with what it means.
fn rows() -> impl Strategy<Value = Vec<(String, i64, String)>> {
    let row = (
        "[A-Za-z0-9._/:-]{1,48}",
        0_i64..10_000_000_000,
        "[ -~]{0,40}",
    );
    prop::collection::vec(row, 0..20)
}

proptest! {
    #[test]
    fn what_is_written_is_read_however_it_is_cut(rows in rows(), piece in 1_usize..200) {
        let mut text = format!("{HEADER}\n");
        for (document, minor, description) in &rows {
            let amount = Money::hkd(*minor).to_decimal();
            let quoted = description.replace('"', "\"\"");
            text.push_str(&format!("{document},rvd-rates,1,{amount},2026-01-30,\"{quoted}\",,,,,\n"));
        }
        let found = read(Format::Csv, text.as_bytes(), piece).unwrap();
        let found: Vec<_> = found.into_iter().map(|read| {
            let row = read.unwrap();
            let demand = row.demand.unwrap();
            (row.document, demand.amount.minor(), demand.description)
        }).collect();
        let wanted: Vec<_> = rows.into_iter().map(|(document, minor, description)| {
            (document, minor, description.trim().to_owned())
        }).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn arbitrary_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..2_000), piece in 1_usize..300) {
        for format in [Format::Csv, Format::Ndjson] {
            let whole = read(format, &bytes, usize::MAX);
            prop_assert_eq!(read(format, &bytes, piece), whole);
        }
    }
}

#[test]
fn instalments_and_second_factors_are_the_same_in_both_formats() {
    let header = "document,bill_type,number,amount,due_date,instalments,second_factor";
    let row = "A,ird-salaries,12345678903,3600.00,2026-01-05,2026-01-05=2700.00;2026-04-08=900.00,AB 1234";
    let csv = read(Format::Csv, format!("{header}\n{row}").as_bytes(), 7).unwrap();
    let object = r#"{"document":"A","bill_type":"ird-salaries","number":"12345678903","amount":"3600.00","due_date":"2026-01-05","instalments":[{"due_date":"2026-01-05","amount":"2700.00"},{"due_date":"2026-04-08","amount":"900.00"}],"second_factor":"AB 1234"}"#;
    let ndjson = read(Format::Ndjson, object.as_bytes(), 1_000).unwrap();
    for rows in [&csv, &ndjson] {
        let row = rows[0].as_ref().unwrap();
        let demand = row.demand.as_ref().unwrap();
        let instalments: Vec<_> = demand
            .instalments
            .iter()
            .map(|one| (one.due_date.to_string(), one.minor))
            .collect();
        let expected = [("2026-01-05", 270_000), ("2026-04-08", 90_000)];
        assert_eq!(
            instalments,
            expected.map(|(day, minor)| (day.to_owned(), minor))
        );
        assert_eq!(demand.second_factor, "AB 1234");
    }
}

#[test]
fn instalments_that_are_no_schedule_are_refused() {
    let many = (1..=25)
        .map(|day| format!("2026-03-{day:02}=1.00"))
        .collect::<Vec<_>>();
    let rows = [
        ("2026-01-05=27.00;2026-04-08=9.00", "", ""),
        (
            "2026-01-05=27.00;2026-04-08=9.01",
            "instalments",
            "INSTALMENTS_DO_NOT_ADD_UP",
        ),
        (
            "2026-01-06=27.00;2026-04-08=9.00",
            "instalments",
            "INSTALMENT_FIRST_DAY",
        ),
        (
            "2026-01-05=27.00;2026-01-05=9.00",
            "instalments",
            "INSTALMENT_DAYS",
        ),
        (
            "2026-01-05=27.00;8 April=9.00",
            "instalments",
            "INSTALMENT_DAYS",
        ),
        (
            "2026-01-05=36.00;2026-04-08=0.00",
            "instalments",
            "INSTALMENT_AMOUNT",
        ),
        (
            "2026-01-05=-1.00;2026-04-08=37.00",
            "instalments",
            "INSTALMENT_AMOUNT",
        ),
        (&many.join(";"), "instalments", "TOO_MANY_INSTALMENTS"),
        ("2026-01-05", "row", "ROW_MALFORMED"),
    ];
    for (instalments, field, code) in rows {
        let file = format!(
            "document,bill_type,number,amount,due_date,instalments\n\
             A,ird-salaries,12345678903,36.00,2026-01-05,{instalments}"
        );
        let rows = read(Format::Csv, file.as_bytes(), 64).unwrap();
        let expected = if code.is_empty() {
            vec![]
        } else {
            vec![(field, code)]
        };
        assert_eq!(faults(&rows[0]), expected, "{instalments}");
    }
    let long = "x".repeat(201);
    for (factor, code) in [
        (long.as_str(), "SECOND_FACTOR_TOO_LONG"),
        ("a\u{1}b", "CONTROL_CHARACTER"),
    ] {
        let file = format!(
            "document,bill_type,number,amount,due_date,second_factor\n\
             A,ird-salaries,12345678903,36.00,2026-01-05,{factor}"
        );
        let rows = read(Format::Csv, file.as_bytes(), 64).unwrap();
        assert_eq!(faults(&rows[0]), [("second_factor", code)]);
    }
}

#[test]
fn a_licence_is_the_same_in_both_formats_and_half_of_one_is_refused() {
    let header = "document,bill_type,number,amount,due_date,licence_mark,licence_expiry";
    let row = "A,td-licence,456789012340,5074.00,2027-05-31,ab 1234,2027-05-31";
    let csv = read(Format::Csv, format!("{header}\n{row}").as_bytes(), 7).unwrap();
    let object = r#"{"document":"A","bill_type":"td-licence","number":"456789012340","amount":"5074.00","due_date":"2027-05-31","licence_mark":"AB1234","licence_expiry":"2027-05-31"}"#;
    let ndjson = read(Format::Ndjson, object.as_bytes(), 1_000).unwrap();
    for rows in [&csv, &ndjson] {
        let demand = rows[0].as_ref().unwrap().demand.as_ref().unwrap();
        let licence = demand.licence.as_ref().unwrap();
        assert_eq!(licence.mark, "AB1234");
        assert_eq!(licence.expires_on.to_string(), "2027-05-31");
        assert!(
            !format!("{demand:?}").contains("AB1234"),
            "nobody prints it"
        );
    }
    let table = [
        ("", "", None),
        ("LOVE", "2027-05-31", None),
        (
            "",
            "2027-05-31",
            Some(("licence_mark", "LICENCE_INCOMPLETE")),
        ),
        ("AB1234", "", Some(("licence_expiry", "LICENCE_INCOMPLETE"))),
        (
            "AB/1234",
            "2027-05-31",
            Some(("licence_mark", "MARK_MALFORMED")),
        ),
        (
            "ABCDEFGHI",
            "2027-05-31",
            Some(("licence_mark", "MARK_MALFORMED")),
        ),
        (
            "AB1234",
            "31 May",
            Some(("licence_expiry", "DATE_MALFORMED")),
        ),
    ];
    for (mark, expiry, expected) in table {
        let file =
            format!("{header}\nA,td-licence,456789012340,5074.00,2027-05-31,{mark},{expiry}");
        let rows = read(Format::Csv, file.as_bytes(), 64).unwrap();
        let expected: Vec<_> = expected.into_iter().collect();
        assert_eq!(faults(&rows[0]), expected, "{mark:?} {expiry:?}");
    }
}
