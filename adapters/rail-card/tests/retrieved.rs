//! What a question's answer means, by what was asked and when.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use epay_money::{Money, RailId};
use epay_rail::{Ask, Collect, Finding, Header, Inbound, Order, OrderKind, Question, Rail};
use jiff::Timestamp;
use serde_json::{Value, json};

const REFERENCE: &str = "EP0AB1CD2EF3GH4JK5MN";
/// The page closes at 16:00; the grace is ten minutes.
const OPEN: &str = "2026-01-20T16:09:59Z";
const CLOSED: &str = "2026-01-20T16:10:00Z";

fn rail() -> Box<dyn Rail> {
    let settings = "[merchants]\nTESTRVD01 = 'x'";
    rail_card::open(&RailId::new("card").unwrap(), settings).unwrap()
}

fn ask(method: &str, question: Question, kept: Option<&str>) -> Order {
    Order {
        header: Header {
            key: "Q-1".to_owned(),
            at: OPEN.parse().unwrap(),
            nonce: [0; 16],
            kept: kept.map(str::to_owned),
            bearer: None,
        },
        collect: Collect {
            method: method.to_owned(),
            payee: "TESTRVD01".to_owned(),
            amount: Money::hkd(372_000),
            amount_editable: false,
            reference: REFERENCE.to_owned(),
            bill_number: "1".to_owned(),
            bills: 1,
            description: "Rates".to_owned(),
            return_url: None,
            asked_at: "2026-01-20T15:45:00Z".parse().unwrap(),
            expires_at: "2026-01-20T16:00:00Z".parse().unwrap(),
        },
        ask: Ask::Query(question),
    }
}

fn findings(order: &Order, status: u16, body: &Value, at: &str) -> Vec<(String, Finding)> {
    let at: Timestamp = at.parse().unwrap();
    let body = body.to_string();
    let inbound = Inbound::reply(order, status, body.as_bytes(), at);
    let decoded = rail().decode(&inbound).unwrap();
    let reports = decoded.reports.into_iter();
    reports
        .map(|report| (report.order_key.unwrap(), report.finding))
        .collect()
}

fn transaction(id: &str, kind: &str, result: &str, code: &str) -> Value {
    json!({
        "result": result,
        "response": { "gatewayCode": code },
        "transaction": { "id": id, "type": kind, "amount": 3720.00, "currency": "HKD" },
        "timeOfRecord": "2026-01-20T15:50:00Z",
    })
}

fn whole(status: &str, transactions: &[Value]) -> Value {
    json!({ "id": REFERENCE, "status": status, "transaction": transactions })
}

#[test]
fn an_order_that_is_not_there_means_what_had_happened_before() {
    let absent = json!({
        "result": "ERROR",
        "error": { "cause": "INVALID_REQUEST", "explanation": "Unable to find order [X]" },
    });
    let page = Some(r#"{"indicator":"a7c3"}"#);
    let capture = Question::Order {
        key: "C-1".to_owned(),
        kind: OrderKind::Capture,
    };
    let begin = Question::Order {
        key: REFERENCE.to_owned(),
        kind: OrderKind::Collect,
    };
    let rows = [
        (
            "card",
            Question::Collection,
            page,
            OPEN,
            REFERENCE,
            Finding::Waiting,
        ),
        (
            "card",
            Question::Collection,
            page,
            CLOSED,
            REFERENCE,
            Finding::Closed,
        ),
        (
            "card",
            begin.clone(),
            page,
            OPEN,
            REFERENCE,
            Finding::Waiting,
        ),
        // Nothing was kept: the answer with the page never came, so nobody has it.
        ("card", begin, None, OPEN, REFERENCE, Finding::NotFound),
        (
            "card",
            Question::Collection,
            None,
            CLOSED,
            REFERENCE,
            Finding::NotFound,
        ),
        ("card", capture, page, OPEN, "C-1", Finding::NotFound),
        (
            "apple_pay",
            Question::Collection,
            None,
            OPEN,
            REFERENCE,
            Finding::NotFound,
        ),
    ];
    for (method, question, kept, at, key, expected) in rows {
        let order = ask(method, question, kept);
        let found = findings(&order, 400, &absent, at);
        assert_eq!(found, [(key.to_owned(), expected)], "{order:?} at {at}");
    }
}

#[test]
fn a_refusal_on_the_page_ends_the_collection_when_the_page_closes() {
    let body = whole(
        "FAILED",
        &[transaction("1", "AUTHORIZATION", "FAILURE", "DECLINED")],
    );
    let order = ask("card", Question::Collection, None);
    for (at, expected) in [(OPEN, Finding::Waiting), (CLOSED, Finding::Declined)] {
        let found = findings(&order, 200, &body, at);
        assert_eq!(found, [(REFERENCE.to_owned(), expected)]);
    }
}

#[test]
fn a_refusal_of_a_device_is_final_at_once() {
    let body = whole(
        "FAILED",
        &[transaction("T-1", "AUTHORIZATION", "FAILURE", "DECLINED")],
    );
    let question = Question::Order {
        key: "T-1".to_owned(),
        kind: OrderKind::Tender,
    };
    let found = findings(&ask("google_pay", question, None), 200, &body, OPEN);
    assert_eq!(found, [("T-1".to_owned(), Finding::Declined)]);
}

#[test]
fn a_transaction_that_never_arrived_is_not_found_beside_those_that_did() {
    let body = whole(
        "AUTHORIZED",
        &[transaction("1", "AUTHORIZATION", "SUCCESS", "APPROVED")],
    );
    let question = Question::Order {
        key: "C-1".to_owned(),
        kind: OrderKind::Capture,
    };
    let found = findings(&ask("card", question, None), 200, &body, OPEN);
    let expected = [
        (REFERENCE.to_owned(), Finding::Accepted),
        ("C-1".to_owned(), Finding::NotFound),
    ];
    assert_eq!(found, expected);
}

#[test]
fn asking_twice_tells_the_same_movements_under_the_same_names() {
    let body = whole(
        "CAPTURED",
        &[
            transaction("1", "AUTHORIZATION", "SUCCESS", "APPROVED"),
            transaction("EP0AB1CD2EF3GH4JK5MN-C1", "CAPTURE", "SUCCESS", "APPROVED"),
        ],
    );
    let order = ask("card", Question::Collection, None);
    let told = |at: &str| {
        let text = body.to_string();
        let at = at.parse().unwrap();
        let inbound = Inbound::reply(&order, 200, text.as_bytes(), at);
        rail().decode(&inbound).unwrap().reports
    };
    assert_eq!(told(OPEN), told(CLOSED));
    assert_eq!(told(OPEN)[1].rail_reference, "EP0AB1CD2EF3GH4JK5MN-C1");
}
