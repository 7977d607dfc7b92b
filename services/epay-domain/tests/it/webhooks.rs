//! What departments' systems are told.

use std::collections::BTreeSet;

use epay_domain::PublicEventKind;
use epay_domain::webhook::{
    BillFacts, Endpoint, EndpointChange, EndpointState, EventType, Happening, test_event,
    webhook_event,
};
use epay_money::{BillId, BillerId, Money, PaymentId, WebhookEndpointId};
use epay_webhook::Lane;
use jiff::Timestamp;
use uuid::Uuid;

const BATCH: Uuid = Uuid::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0001);

fn at() -> Timestamp {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

fn rvd() -> BillerId {
    BillerId::new("rvd").unwrap()
}

fn happening(kind: PublicEventKind) -> Happening {
    Happening {
        batch: BATCH,
        line: 7,
        at: at(),
        biller: rvd(),
        kind,
        bill: BillId::new(Uuid::from_u128(1)),
        payment: Some(PaymentId::new(Uuid::from_u128(2))),
        minor: Some(372_000),
    }
}

fn facts() -> BillFacts {
    BillFacts {
        bill_type: "rvd-rates".to_owned(),
        number: "000123456789011".to_owned(),
        amount: Money::hkd(400_000),
    }
}

#[test]
fn a_piece_of_news_is_one_event_with_its_own_bytes() {
    let event = webhook_event(&happening(PublicEventKind::PaymentSettled), &facts());
    let event = event.unwrap().unwrap();
    assert_eq!(event.id, "evt_01940000000070008000000000000001_7");
    assert_eq!(event.event_type, EventType::PaymentSettled);
    let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
    let payment = "billers/rvd/payments/00000000-0000-0000-0000-000000000002";
    let expected = serde_json::json!({
        "specversion": "1.0",
        "id": "evt_01940000000070008000000000000001_7",
        "source": "/epay/billers/rvd",
        "type": "epay.v1.payment.settled",
        "subject": payment,
        "time": "2026-11-23T03:00:00Z",
        "datacontenttype": "application/json",
        "sequence": "0194000000007000800000000000000100000007",
        "data": {
            "bill": "billers/rvd/bills/00000000-0000-0000-0000-000000000001",
            "billType": "rvd-rates",
            "billNumber": "000123456789011",
            "payment": payment,
            "amount": {"minorUnits": "372000", "currencyCode": "HKD"},
        },
    });
    assert_eq!(body, expected);
}

#[test]
fn every_kind_of_news_but_mere_progress_has_a_type_of_its_own() {
    let mut types = BTreeSet::new();
    for kind in PublicEventKind::ALL {
        let event = webhook_event(&happening(kind), &facts()).unwrap();
        let silent = kind == PublicEventKind::PaymentProgressed;
        assert_eq!(event.is_none(), silent, "{kind:?}");
        if let Some(event) = event {
            assert!(types.insert(event.event_type), "{kind:?}");
            assert!(event.event_type.is_chosen());
        }
    }
    let chosen = EventType::ALL.into_iter().filter(|one| one.is_chosen());
    assert_eq!(types, chosen.collect());
    for one in EventType::ALL {
        assert_eq!(EventType::read(one.as_str()), Some(one));
    }
}

#[test]
fn later_events_of_a_department_sort_after_earlier_ones() {
    let sequence = |batch: u128, line| {
        let one = Happening {
            batch: Uuid::from_u128(batch),
            line,
            ..happening(PublicEventKind::BillPaid)
        };
        let body = webhook_event(&one, &facts()).unwrap().unwrap().body;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        body["sequence"].as_str().unwrap().to_owned()
    };
    let places = [(1, 0), (1, 9), (1, 10), (1, 99_999), (2, 0)];
    let sequences = places.map(|(batch, line)| sequence(batch, line));
    assert!(sequences.is_sorted(), "{sequences:?}");
}

fn endpoint(event_types: Vec<EventType>) -> Endpoint {
    Endpoint {
        id: WebhookEndpointId::new(Uuid::from_u128(3)),
        biller: rvd(),
        url: "https://hooks.example/".to_owned(),
        description: String::new(),
        event_types,
        state: EndpointState::Enabled,
        lane: Lane {
            failures: 20,
            suspended_at: Some(at()),
            ..Lane::default()
        },
        created_at: at(),
        changed_at: at(),
        version: 1,
    }
}

#[test]
fn a_receiver_hears_what_it_chose_and_what_is_about_itself() {
    let all = endpoint(vec![]);
    let some = endpoint(vec![EventType::BillPaid]);
    let table = [
        (EventType::BillPaid, true, true),
        (EventType::BillIssued, true, false),
        (EventType::WebhookTest, true, true),
        (EventType::WebhookSuspended, true, true),
    ];
    for (event, by_all, by_some) in table {
        assert_eq!(
            (all.wants(event), some.wants(event)),
            (by_all, by_some),
            "{event:?}"
        );
    }
    assert!(
        test_event(&rvd(), all.id, BATCH, at())
            .unwrap()
            .body
            .contains("webhook.test")
    );
}

#[test]
fn whoever_moves_or_switches_on_a_receiver_says_that_it_is_well() {
    let change = |url: Option<&str>, disabled| EndpointChange {
        url: url.map(str::to_owned),
        disabled,
        ..EndpointChange::default()
    };
    let table = [
        (change(None, None), EndpointState::Enabled, 20),
        (
            change(Some("https://hooks.example/"), None),
            EndpointState::Enabled,
            20,
        ),
        (
            change(Some("https://other.example/"), None),
            EndpointState::Enabled,
            0,
        ),
        (change(None, Some(true)), EndpointState::Disabled, 20),
        (change(None, Some(false)), EndpointState::Enabled, 0),
    ];
    for (change, state, failures) in table {
        let changed = endpoint(vec![]).changed(change.clone(), at());
        assert_eq!(
            (changed.state, changed.lane.failures, changed.version),
            (state, failures, 2),
            "{change:?}"
        );
    }
}
