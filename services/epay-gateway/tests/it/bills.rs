//! `BillService`: issue, find, list, withdraw.

use epay_gateway::Role;
use epay_proto::v1;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{BILL_TYPE, House, PENALTY, new_bill, number, pay};

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

fn violation(status: &Status) -> (String, String) {
    let fields = status.get_details_bad_request().unwrap().field_violations;
    (fields[0].field.clone(), fields[0].reason.clone())
}

fn lookup(number: &str) -> v1::LookupBillRequest {
    v1::LookupBillRequest {
        bill_type: BILL_TYPE.to_owned(),
        number: number.to_owned(),
        ..v1::LookupBillRequest::default()
    }
}

#[tokio::test]
async fn a_bill_is_issued_once_and_a_payer_finds_it_masked() {
    let house = House::start().await;
    let number = number(1);
    let bill = house.bill(&number, 372_000).await;
    let again = house.bill(&number, 372_000).await;
    assert_eq!(bill.name, again.name, "the same key gives the first answer");
    assert_eq!(bill.number, number, "the department sees its number whole");

    let mut portal = house.caller(Role::CitizenPortal).await.bills();
    let typed = format!(" {}-{} ", &number[..5], &number[5..]);
    let found = portal
        .lookup_bill(lookup(&typed))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(found.name, bill.name);
    assert_eq!(found.number, format!("•••••••{}", &number[7..]));
    assert_eq!(found.outstanding.unwrap().minor_units, 372_000);
    assert!(found.revenue_lines.is_empty(), "a payer sees the least");
    assert!(!found.overdue);
    house.stop().await;
}

#[tokio::test]
async fn a_number_that_cannot_be_is_a_field_violation_and_one_that_is_not_there_is_not_found() {
    let house = House::start().await;
    let mut portal = house.caller(Role::CitizenPortal).await.bills();
    let wrong_digit = number(1).replace(|_: char| true, "1");
    let table = [
        ("12", "NUMBER_LENGTH"),
        ("abc", "NUMBER_NOT_DIGITS"),
        ("  ", "NUMBER_EMPTY"),
        ("", "FIELD_REQUIRED"),
        (wrong_digit.as_str(), "NUMBER_CHECK_DIGIT"),
    ];
    for (typed, expected) in table {
        let status = portal.lookup_bill(lookup(typed)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{typed:?}");
        assert_eq!(
            violation(&status),
            ("number".to_owned(), expected.to_owned()),
            "{typed:?}"
        );
    }
    let status = portal.lookup_bill(lookup(&number(9))).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    assert!(
        !status.message().contains(&number(9)),
        "an answer never repeats a number"
    );
    house.stop().await;
}

#[tokio::test]
async fn the_same_key_with_another_bill_is_an_error() {
    let house = House::start().await;
    house.bill(&number(1), 100).await;
    let mut department = house.caller(Role::Department).await.bills();
    let mut other = new_bill(&number(1), 200);
    other.idempotency_key = format!("bill-{}", number(1));
    let status = department.create_bill(other).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::AlreadyExists, "IDEMPOTENCY_KEY_REUSED")
    );
    house.stop().await;
}

fn day(text: &str) -> Option<v1::Date> {
    let iso = text.to_owned();
    Some(v1::Date { iso })
}

#[tokio::test]
async fn every_fault_of_a_new_bill_is_named_by_its_field() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.bills();
    type Change = fn(&mut v1::Bill);
    let table: [(Change, &str, &str); 10] = [
        (
            |bill| bill.bill_type.clear(),
            "bill.bill_type",
            "FIELD_REQUIRED",
        ),
        (|bill| bill.amount = None, "bill.amount", "FIELD_REQUIRED"),
        (
            |bill| bill.due_date = None,
            "bill.due_date",
            "FIELD_REQUIRED",
        ),
        (
            |bill| bill.due_date = day("2026-02-30"),
            "bill.due_date.iso",
            "FIELD_MALFORMED",
        ),
        (
            |bill| bill.amount.as_mut().unwrap().currency_code = "EUR".to_owned(),
            "bill.amount.currency_code",
            "CURRENCY_UNKNOWN",
        ),
        (
            |bill| bill.amount.as_mut().unwrap().minor_units = -1,
            "bill.amount",
            "AMOUNT_NOT_POSITIVE",
        ),
        (
            |bill| bill.description = "x".repeat(201),
            "bill.description",
            "FIELD_TOO_LONG",
        ),
        (
            |bill| {
                bill.revenue_lines = vec![v1::RevenueLine {
                    code: "01".to_owned(),
                    amount: Some(crate::support::hkd(1)),
                }]
            },
            "bill.revenue_lines",
            "LINES_DO_NOT_ADD_UP",
        ),
        (
            |bill| bill.parts = vec![part("A", 99)],
            "bill.parts",
            "PARTS_DO_NOT_ADD_UP",
        ),
        (
            |bill| bill.parts = vec![part("A", 50), part("", 50)],
            "bill.parts[1].reference",
            "FIELD_REQUIRED",
        ),
    ];
    for (change, field, expected) in table {
        let mut request = new_bill(&number(1), 100);
        change(request.bill.as_mut().unwrap());
        let status = department.create_bill(request).await.unwrap_err();
        assert_eq!(
            status.code(),
            Code::InvalidArgument,
            "{field} {expected}: {status:?}"
        );
        assert_eq!(violation(&status), (field.to_owned(), expected.to_owned()));
    }
    house.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_and_end_and_a_token_fits_only_its_own_list() {
    let house = House::start().await;
    for body in 1..=5 {
        house.bill(&number(body), 100).await;
    }
    let mut department = house.caller(Role::Department).await.bills();
    let mut request = v1::ListBillsRequest {
        parent: "billers/rvd".to_owned(),
        page_size: 2,
        ..Default::default()
    };
    let mut numbers = Vec::new();
    loop {
        let page = department
            .list_bills(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert!(page.bills.len() <= 2);
        numbers.extend(page.bills.into_iter().map(|bill| bill.number));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let expected: Vec<String> = (1..=5).rev().map(number).collect();
    assert_eq!(numbers, expected, "newest first");

    request.state = v1::BillState::Paid.into();
    let status = department.list_bills(request).await.unwrap_err();
    assert_eq!(
        violation(&status),
        ("page_token".to_owned(), "PAGE_TOKEN_INVALID".to_owned())
    );
    let too_many = v1::ListBillsRequest {
        parent: "billers/rvd".to_owned(),
        page_size: 1_001,
        ..Default::default()
    };
    let status = department.list_bills(too_many).await.unwrap_err();
    assert_eq!(
        violation(&status),
        ("page_size".to_owned(), "FIELD_OUT_OF_RANGE".to_owned())
    );
    house.stop().await;
}

#[tokio::test]
async fn a_withdrawn_bill_cannot_be_paid_and_says_so() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 100).await;
    let mut department = house.caller(Role::Department).await.bills();
    let withdraw = v1::WithdrawBillRequest {
        name: bill.name.clone(),
        idempotency_key: "withdraw".to_owned(),
        reason: "issued twice".to_owned(),
    };
    let withdrawn = department
        .withdraw_bill(withdraw)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(withdrawn.state(), v1::BillState::Withdrawn);
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let status = portal.create_payment(pay(&bill, "p")).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::FailedPrecondition, "BILL_WITHDRAWN")
    );
    assert!(status.message().ends_with("No money has moved."));
    house.stop().await;
}

fn file(parent: &str, rows: &str) -> Vec<v1::ImportBillsRequest> {
    use v1::import_bills_request::Part;
    let header = Part::Header(v1::ImportHeader {
        parent: parent.to_owned(),
        format: v1::BillFileFormat::Ndjson.into(),
    });
    let chunks = rows.as_bytes().chunks(33);
    let chunks = chunks.map(|bytes| Part::Chunk(bytes.to_vec()));
    std::iter::once(header)
        .chain(chunks)
        .map(|part| v1::ImportBillsRequest { part: Some(part) })
        .collect()
}

#[tokio::test]
async fn a_department_imports_its_own_bills_and_hears_of_every_row() {
    let house = House::start().await;
    let row = |document: &str, number: &str| {
        format!(
            "{{\"document\":\"{document}\",\"bill_type\":\"{BILL_TYPE}\",\"number\":\"{number}\",\
             \"amount\":\"3720.00\",\"due_date\":\"2026-12-31\"}}\n"
        )
    };
    let rows = format!("{}{}not json\n", row("A", &number(1)), row("B", "12"));
    let mut department = house.caller(Role::Department).await.bills();
    let stream = tokio_stream::iter(file("billers/rvd", &rows));
    let done = department.import_bills(stream).await.unwrap().into_inner();
    assert_eq!(
        (done.row_count, done.issued_count, done.refused_count),
        (3, 1, 2)
    );
    assert!(done.stop.is_none());
    let faults: Vec<_> = done
        .faults
        .iter()
        .map(|fault| (fault.line, fault.field.as_str(), fault.code.as_str()))
        .collect();
    assert_eq!(
        faults,
        [(2, "number", "NUMBER_LENGTH"), (3, "row", "ROW_MALFORMED")]
    );

    let other = tokio_stream::iter(file("billers/ird", &rows));
    let refused = department.import_bills(other).await.unwrap_err();
    assert_eq!(reason(&refused), "BILLER_DENIED");
    let headless = tokio_stream::iter(file("billers/rvd", &rows).split_off(1));
    let refused = department.import_bills(headless).await.unwrap_err();
    assert_eq!(
        violation(&refused),
        ("header".to_owned(), "FIELD_REQUIRED".to_owned())
    );
    house.stop().await;
}

/// A part of a consolidated bill.
fn part(reference: &str, minor_units: i64) -> v1::BillPart {
    v1::BillPart {
        label: "Flat 1, Test House".to_owned(),
        reference: reference.to_owned(),
        revenue_line: "01".to_owned(),
        amount: Some(crate::support::hkd(minor_units)),
        ..v1::BillPart::default()
    }
}

#[tokio::test]
async fn whoever_finds_a_consolidated_bill_sees_what_it_is_for_only_where_its_kind_says_so() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.bills();
    let mut portal = house.caller(Role::CitizenPortal).await.bills();
    for (kind, factor, label, reference) in [
        (BILL_TYPE, "", "Flat 1, Test House", "A-1"),
        (PENALTY, "AB1234", "", ""),
    ] {
        let mut asked = new_bill(&number(1), 300);
        asked.idempotency_key = kind.to_owned();
        asked.second_factor = factor.to_owned();
        let bill = asked.bill.as_mut().unwrap();
        bill.bill_type = kind.to_owned();
        bill.parts = vec![part("A-1", 100), part("A-2", 200)];
        let issued = department.create_bill(asked).await.unwrap().into_inner();
        let whole = &issued.parts[0];
        assert_eq!(
            (
                whole.number,
                whole.label.as_str(),
                whole.reference.as_str(),
                whole.revenue_line.as_str()
            ),
            (1, "Flat 1, Test House", "A-1", "01")
        );
        assert_eq!(
            issued.revenue_lines[0].amount,
            Some(crate::support::hkd(300))
        );
        let request = v1::LookupBillRequest {
            bill_type: kind.to_owned(),
            number: number(1),
            second_factor: factor.to_owned(),
            ..v1::LookupBillRequest::default()
        };
        let found = portal.lookup_bill(request).await.unwrap().into_inner();
        let least: Vec<_> = found
            .parts
            .iter()
            .map(|part| (part.number, part.amount.clone(), part.revenue_line.as_str()))
            .collect();
        assert_eq!(
            least,
            [
                (1, Some(crate::support::hkd(100)), ""),
                (2, Some(crate::support::hkd(200)), "")
            ]
        );
        let first = &found.parts[0];
        assert_eq!(
            (first.label.as_str(), first.reference.as_str()),
            (label, reference)
        );
    }
    house.stop().await;
}
