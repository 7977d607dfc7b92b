//! What callers rely on: the JSON form, the paths, the limits.
#![expect(
    clippy::unwrap_used,
    reason = "clippy's own exception covers test functions, not their helpers"
)]

use std::collections::BTreeSet;

use epay_proto::shape::{self, Reason};
use epay_proto::{FILE_DESCRIPTOR_SET, OPENAPI_JSON, v1};
use prost::Message as _;
use serde_json::{Value, json};

fn openapi() -> Value {
    serde_json::from_str(OPENAPI_JSON).unwrap()
}

#[test]
fn amounts_and_times_have_the_json_form_that_protobuf_prescribes() {
    let bill = v1::Bill {
        name: "billers/rvd/bills/1".to_owned(),
        amount: Some(v1::Amount {
            minor_units: 372_000,
            currency_code: "HKD".to_owned(),
        }),
        applied: Some(v1::Amount {
            minor_units: 0,
            currency_code: "HKD".to_owned(),
        }),
        state: v1::BillState::PartPaid.into(),
        create_time: Some(pbjson_types::Timestamp {
            seconds: 1_767_225_600,
            nanos: 0,
        }),
        ..v1::Bill::default()
    };
    let written = serde_json::to_value(&bill).unwrap();
    let expected = json!({
        "name": "billers/rvd/bills/1",
        "amount": {"minorUnits": "372000", "currencyCode": "HKD"},
        "applied": {"minorUnits": "0", "currencyCode": "HKD"},
        "state": "BILL_STATE_PART_PAID",
        "createTime": "2026-01-01T00:00:00+00:00",
    });
    assert_eq!(written, expected);
    assert_eq!(serde_json::from_value::<v1::Bill>(written).unwrap(), bill);
    let by_proto_names = json!({"minor_units": 5, "currency_code": "HKD"});
    let read: v1::Amount = serde_json::from_value(by_proto_names).unwrap();
    assert_eq!(read.minor_units, 5);
}

#[test]
fn every_rpc_has_a_path_with_words_and_no_path_is_a_placeholder() {
    let set = prost_types::FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let rpcs: BTreeSet<String> = set
        .file
        .iter()
        .filter(|file| file.package() == "epay.v1")
        .flat_map(|file| &file.service)
        .flat_map(|service| &service.method)
        // A stream of messages from the caller has no form in JSON over HTTP.
        .filter(|method| !method.client_streaming())
        .map(|method| method.name().to_owned())
        .collect();
    let document = openapi();
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(!path.contains("__") && !path.contains('='), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                !operation["summary"].as_str().unwrap().is_empty(),
                "{id} says what it does"
            );
            let named: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(declared, named, "{path}");
            operations.insert(id.to_owned());
        }
    }
    assert_eq!(operations, rpcs);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn walk(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    found.insert(reference.to_owned());
                }
                members.values().for_each(|member| walk(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = openapi();
    let mut references = BTreeSet::new();
    walk(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn fields_that_the_path_carries_are_not_asked_for_again_in_the_body() {
    let schemas = &openapi()["components"]["schemas"];
    let create = &schemas["epay.v1.CreatePaymentRequest"];
    assert_eq!(create["required"], json!(["idempotencyKey"]));
    assert!(create["properties"].get("bill").is_none());
    assert!(create["properties"]["amount"]["description"].is_string());
}

fn payment() -> v1::CreatePaymentRequest {
    v1::CreatePaymentRequest {
        bill: "billers/rvd/bills/1".to_owned(),
        rail: "fps".to_owned(),
        idempotency_key: "k".to_owned(),
        ..v1::CreatePaymentRequest::default()
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one row a limit")]
fn shapes_are_judged_at_their_limits() {
    type Change = fn(&mut v1::CreatePaymentRequest);
    let table: [(Change, Option<(&str, Reason)>); 18] = [
        (|_| {}, None),
        (|r| r.rail.clear(), None),
        (|r| r.method = "apple_pay".to_owned(), None),
        (
            |r| r.method = "by carrier pigeon".to_owned(),
            Some(("method", Reason::Malformed)),
        ),
        (
            |r| r.additional_bills = vec!["billers/rvd/bills/2".to_owned(); 19],
            None,
        ),
        (
            |r| r.additional_bills = vec!["billers/rvd/bills/2".to_owned(); 20],
            Some(("additional_bills", Reason::TooLong)),
        ),
        (
            |r| r.return_url = "x".repeat(shape::MAX_URL + 1),
            Some(("return_url", Reason::TooLong)),
        ),
        (|r| r.bill.clear(), Some(("bill", Reason::Required))),
        (|r| r.bill = "a".repeat(shape::MAX_NAME), None),
        (
            |r| r.bill = "a".repeat(shape::MAX_NAME + 1),
            Some(("bill", Reason::TooLong)),
        ),
        (
            |r| r.bill = "billers//bills".to_owned(),
            Some(("bill", Reason::Malformed)),
        ),
        (
            |r| r.bill = "billers/rvd bills".to_owned(),
            Some(("bill", Reason::Malformed)),
        ),
        (
            |r| r.rail = "f p s".to_owned(),
            Some(("rail", Reason::Malformed)),
        ),
        (|r| r.idempotency_key = "k".repeat(shape::MAX_KEY), None),
        (
            |r| r.idempotency_key = "k".repeat(shape::MAX_KEY + 1),
            Some(("idempotency_key", Reason::TooLong)),
        ),
        (
            |r| r.idempotency_key = "ключ".to_owned(),
            Some(("idempotency_key", Reason::Malformed)),
        ),
        (
            |r| {
                r.amount = Some(v1::Amount {
                    minor_units: 1,
                    currency_code: "hkd".to_owned(),
                })
            },
            Some(("amount.currency_code", Reason::Malformed)),
        ),
        (
            |r| {
                r.amount = Some(v1::Amount {
                    minor_units: 1,
                    currency_code: String::new(),
                })
            },
            Some(("amount.currency_code", Reason::Required)),
        ),
    ];
    for (change, expected) in table {
        let mut request = payment();
        change(&mut request);
        let found: Vec<_> = shape::violations(&request)
            .into_iter()
            .map(|v| (v.field, v.reason))
            .collect();
        let expected: Vec<_> = expected
            .map(|(field, reason)| (field.to_owned(), reason))
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{request:?}");
    }
}

#[test]
fn the_path_of_a_field_goes_through_lists() {
    let line = |code: &str| v1::RevenueLine {
        code: code.to_owned(),
        amount: Some(v1::Amount {
            minor_units: 1,
            currency_code: "HKD".to_owned(),
        }),
    };
    let request = v1::CreateBillRequest {
        parent: "billers/rvd".to_owned(),
        bill: Some(v1::Bill {
            bill_type: "rvd-rates".to_owned(),
            number: "1".to_owned(),
            amount: Some(v1::Amount {
                minor_units: 2,
                currency_code: "HKD".to_owned(),
            }),
            due_date: Some(v1::Date {
                iso: "2026-1-20".to_owned(),
            }),
            revenue_lines: vec![line("01"), line("")],
            ..v1::Bill::default()
        }),
        idempotency_key: "k".to_owned(),
        ..v1::CreateBillRequest::default()
    };
    let found: BTreeSet<String> = shape::violations(&request)
        .into_iter()
        .map(|v| v.field)
        .collect();
    assert_eq!(
        found,
        ["bill.due_date.iso", "bill.revenue_lines[1].code"]
            .map(str::to_owned)
            .into()
    );
}

#[test]
fn an_instrument_is_neither_empty_nor_larger_than_two_mebibytes() {
    let table = [
        (0, Some(Reason::Required)),
        (1, None),
        (shape::MAX_INSTRUMENT_BYTES, None),
        (shape::MAX_INSTRUMENT_BYTES + 1, Some(Reason::TooLong)),
    ];
    for (bytes, expected) in table {
        let request = v1::SubmitInstrumentRequest {
            name: "billers/rvd/payments/1".to_owned(),
            kind: "echeque".to_owned(),
            content: vec![0; bytes],
            idempotency_key: "k".to_owned(),
        };
        let found = shape::violations(&request).into_iter().map(|v| v.reason);
        assert_eq!(
            found.collect::<Vec<_>>(),
            Vec::from_iter(expected),
            "{bytes}"
        );
    }
}
