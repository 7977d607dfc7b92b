//! `PaymentService`: start, watch, cancel, and what a notice of the bank changes.

use std::time::Duration;

use epay_gateway::Role;
use epay_proto::v1;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{House, hkd, notice, number, pay, signed};

/// Longer than any wait of a healthy gateway.
const PATIENCE: Duration = Duration::from_secs(20);

fn qr(payment: &v1::Payment) -> v1::ShowQr {
    let shown = match payment.next_action.clone().unwrap().action.unwrap() {
        v1::next_action::Action::ShowQr(qr) => Some(qr),
        _ => None,
    };
    shown.expect("a code is shown")
}

async fn next(stream: &mut tonic::Streaming<v1::WatchPaymentResponse>) -> Option<v1::Payment> {
    let message = tokio::time::timeout(PATIENCE, stream.message())
        .await
        .expect("the watcher hears nothing");
    message.unwrap().map(|message| message.payment.unwrap())
}

#[tokio::test]
async fn a_payment_is_watched_from_its_code_to_its_receipt() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 372_000).await;
    let portal = house.caller(Role::CitizenPortal).await;
    let payment = portal
        .payments()
        .create_payment(pay(&bill, "p1"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(payment.state(), v1::PaymentState::AwaitingPayer);
    assert_eq!(payment.amount, Some(hkd(372_000)));

    let code = v1::DecodeQrRequest {
        payload: qr(&payment).payload,
    };
    let reading = portal.qr().decode_qr(code).await.unwrap().into_inner();
    assert!(reading.valid, "{:?}", reading.errors);
    let fps = reading.fps.unwrap();
    assert_eq!(
        (fps.reference, fps.amount),
        (payment.reference.clone(), Some(hkd(372_000)))
    );

    let watch = v1::WatchPaymentRequest {
        name: payment.name.clone(),
    };
    let mut stream = portal
        .payments()
        .watch_payment(watch)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        next(&mut stream).await.unwrap().state(),
        v1::PaymentState::AwaitingPayer
    );

    let body = notice("BANK-1", "3720.00", &payment.reference);
    let answer = signed(&house, "m-1", &body).send().await.unwrap();
    assert_eq!(answer.status(), 202);

    let settled = next(&mut stream).await.unwrap();
    assert_eq!(settled.state(), v1::PaymentState::Settled);
    assert!(settled.r#final && settled.next_action.is_none() && settled.version > payment.version);
    assert_eq!(settled.receipts.len(), 1);
    assert_eq!(settled.receipts[0].applied, Some(hkd(372_000)));
    assert!(
        settled.receipts[0].journal.is_empty(),
        "a payer sees no journals"
    );
    assert!(
        next(&mut stream).await.is_none(),
        "the stream ends when the payment is final"
    );

    house.stop().await;
}

/// A bill of HKD 3,720.00 and its payment, paid through the bank.
pub(crate) async fn paid(house: &House) -> (v1::Bill, v1::Payment) {
    paid_nth(house, 1).await
}

/// The nth bill, paid.
pub(crate) async fn paid_nth(house: &House, n: u64) -> (v1::Bill, v1::Payment) {
    let bill = house.bill(&number(n), 372_000).await;
    let portal = house.caller(Role::CitizenPortal).await;
    let payment = portal
        .payments()
        .create_payment(pay(&bill, &format!("p{n}")))
        .await
        .unwrap()
        .into_inner();
    let watch = v1::WatchPaymentRequest {
        name: payment.name.clone(),
    };
    let mut stream = portal
        .payments()
        .watch_payment(watch)
        .await
        .unwrap()
        .into_inner();
    let body = notice(&format!("BANK-{n}"), "3720.00", &payment.reference);
    signed(house, &format!("m-{n}"), &body)
        .send()
        .await
        .unwrap();
    let mut last = payment;
    while let Some(payment) = next(&mut stream).await {
        last = payment;
    }
    (bill, last)
}

#[tokio::test]
async fn what_a_payment_did_is_told_to_its_department_and_it_is_not_taken_twice() {
    let house = House::start().await;
    let (bill, payment) = paid(&house).await;
    let portal = house.caller(Role::CitizenPortal).await;
    let department = house.caller(Role::Department).await;
    let events = v1::ListPaymentEventsRequest {
        parent: payment.name.clone(),
    };
    let events = department
        .payments()
        .list_payment_events(events)
        .await
        .unwrap()
        .into_inner()
        .events;
    assert!(events.len() >= 2);
    assert!(
        events
            .iter()
            .zip(1..)
            .all(|(event, version)| event.version == version)
    );
    let receipts = v1::ListReceiptsRequest {
        parent: "billers/rvd".to_owned(),
        bill: bill.name.clone(),
        ..Default::default()
    };
    let receipts = department
        .bills()
        .list_receipts(receipts)
        .await
        .unwrap()
        .into_inner()
        .receipts;
    assert_eq!(receipts.len(), 1);
    assert!(receipts[0].journal.starts_with("billers/rvd/journals/"));

    let paid = department
        .bills()
        .get_bill(v1::GetBillRequest {
            name: bill.name.clone(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(paid.state(), v1::BillState::Paid);
    let status = portal
        .payments()
        .create_payment(pay(&bill, "p2"))
        .await
        .unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "BILL_PAID");
    house.stop().await;
}

#[tokio::test]
async fn the_same_key_gives_the_first_payment_and_keys_of_two_callers_are_apart() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 100).await;
    let mut first = house.caller(Role::CitizenPortal).await.payments();
    let one = first
        .create_payment(pay(&bill, "k"))
        .await
        .unwrap()
        .into_inner();
    let again = first
        .create_payment(pay(&bill, "k"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(one.name, again.name);
    let mut other = pay(&bill, "k");
    other.amount = Some(hkd(100));
    let status = first.create_payment(other).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);

    let mut claims = crate::tokens::Claims::of(Role::CitizenPortal);
    claims.sub = "another portal".to_owned();
    let mut second = house
        .caller_with(&house.issuer.token(&claims))
        .await
        .payments();
    let two = second
        .create_payment(pay(&bill, "k"))
        .await
        .unwrap()
        .into_inner();
    assert_ne!(one.name, two.name);
    house.stop().await;
}

#[tokio::test]
async fn amounts_that_a_bill_does_not_take_are_refused_with_what_it_takes() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 372_000).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    for (minor_units, reason, fact) in [
        (372_001, "AMOUNT_TOO_HIGH", "max_minor_units"),
        (100, "PART_PAYMENT_NOT_ALLOWED", "due_minor_units"),
    ] {
        let mut request = pay(&bill, reason);
        request.amount = Some(hkd(minor_units));
        let status = portal.create_payment(request).await.unwrap_err();
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (status.code(), info.reason.as_str()),
            (Code::FailedPrecondition, reason)
        );
        assert_eq!(info.metadata[fact], "372000");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_cancelled_payment_ends_its_watchers_and_another_can_be_started() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 100).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let payment = portal
        .create_payment(pay(&bill, "p1"))
        .await
        .unwrap()
        .into_inner();
    let watch = v1::WatchPaymentRequest {
        name: payment.name.clone(),
    };
    let mut stream = portal.watch_payment(watch).await.unwrap().into_inner();
    next(&mut stream).await.unwrap();
    let cancel = v1::CancelPaymentRequest {
        name: payment.name.clone(),
        idempotency_key: "c".to_owned(),
    };
    let cancelled = portal.cancel_payment(cancel).await.unwrap().into_inner();
    assert_eq!(cancelled.state(), v1::PaymentState::Cancelled);
    assert_eq!(
        next(&mut stream).await.unwrap().state(),
        v1::PaymentState::Cancelled
    );
    assert!(next(&mut stream).await.is_none());
    portal.create_payment(pay(&bill, "p2")).await.unwrap();
    house.stop().await;
}

#[tokio::test]
async fn watchers_are_bounded_and_a_payment_that_is_not_there_is_an_answer() {
    let house = House::start_with(|config| config.limits.watches_max = 1).await;
    let bill = house.bill(&number(1), 100).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let payment = portal
        .create_payment(pay(&bill, "p1"))
        .await
        .unwrap()
        .into_inner();
    let watch = v1::WatchPaymentRequest {
        name: payment.name.clone(),
    };
    let absent = v1::WatchPaymentRequest {
        name: payment.name.replace("-7", "-8"),
    };
    assert_eq!(
        portal.watch_payment(absent).await.unwrap_err().code(),
        Code::NotFound
    );

    let stream = portal
        .watch_payment(watch.clone())
        .await
        .unwrap()
        .into_inner();
    let status = portal.watch_payment(watch).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );
    drop(stream);
    house.stop().await;
}

#[tokio::test]
async fn a_gateway_that_stops_sends_its_watchers_elsewhere() {
    let house = House::start().await;
    let bill = house.bill(&number(1), 100).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let payment = portal
        .create_payment(pay(&bill, "p1"))
        .await
        .unwrap()
        .into_inner();
    let watch = v1::WatchPaymentRequest { name: payment.name };
    let mut stream = portal.watch_payment(watch).await.unwrap().into_inner();
    next(&mut stream).await.unwrap();
    house.shutdown.cancel();
    let ended = tokio::time::timeout(PATIENCE, stream.message())
        .await
        .unwrap();
    assert_eq!(ended.unwrap_err().code(), Code::Unavailable);
    house.stop().await;
}

#[tokio::test]
async fn the_ways_to_pay_are_listed_with_limit_and_cut_off_and_the_method_alone_starts_a_payment() {
    let house = House::start().await;
    let bill = house.bill(&number(7_001), 372_000).await;
    let other = house.bill(&number(7_002), 100).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let request = v1::ListMethodsRequest {
        bill: bill.name.clone(),
        additional_bills: vec![other.name],
    };
    let methods = portal
        .list_methods(request)
        .await
        .unwrap()
        .into_inner()
        .methods;
    let fps = methods.first().unwrap();
    assert_eq!(
        (
            fps.method.as_str(),
            fps.rail.as_str(),
            fps.open,
            fps.cutoff.as_str()
        ),
        ("fps_qr", "fps", true, "17:00")
    );
    assert!(fps.limit.clone().unwrap().minor_units >= 372_000);
    let request = v1::CreatePaymentRequest {
        bill: bill.name.clone(),
        method: "fps_qr".to_owned(),
        return_url: "https://portal.test/en/back/x".to_owned(),
        idempotency_key: "by-method".to_owned(),
        ..Default::default()
    };
    let paid = portal.create_payment(request).await.unwrap().into_inner();
    assert_eq!(
        (paid.rail.as_str(), paid.method.as_str()),
        ("fps", "fps_qr")
    );
    let share = paid.bills.first().unwrap();
    assert_eq!(
        (
            share.amount.clone(),
            share.outstanding.clone(),
            share.due_date.clone()
        ),
        (Some(hkd(372_000)), None, None),
        "the answer to a command says nothing that another moment would say differently"
    );
    assert!(!share.number.starts_with("0000"), "masked for the pages");
    let request = v1::CheckPaymentRequest { name: paid.name };
    let checked = portal.check_payment(request).await.unwrap().into_inner();
    assert_eq!(checked.state(), v1::PaymentState::AwaitingPayer);
    house.stop().await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_the_field() {
    let house = House::start().await;
    let bill = house.bill(&number(7_002), 372_000).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    type Change = fn(&mut v1::CreatePaymentRequest);
    let table: [(Change, &str, &str); 5] = [
        (|r| r.rail.clear(), "method", "FIELD_REQUIRED"),
        (
            |r| r.return_url = "https://elsewhere.test/".to_owned(),
            "return_url",
            "RETURN_URL_NOT_ALLOWED",
        ),
        (
            |r| {
                r.additional_bills =
                    vec!["billers/ird/bills/01940000-0000-7000-8000-000000000001".to_owned()];
            },
            "bill",
            "FIELD_MALFORMED",
        ),
        (
            |r| r.additional_bills = vec![r.bill.clone()],
            "additional_bills",
            "BILLS_DIFFER",
        ),
        (
            |r| r.method = "carrier_pigeon".to_owned(),
            "rail",
            "METHOD_NOT_OFFERED",
        ),
    ];
    for (change, field, reason) in table {
        let mut request = pay(&bill, "k");
        change(&mut request);
        let status = portal.create_payment(request).await.unwrap_err();
        let found = status.get_details_bad_request().unwrap();
        let found = found.field_violations.first().unwrap().clone();
        assert_eq!(
            (found.field.as_str(), found.reason.as_str()),
            (field, reason)
        );
    }
    house.stop().await;
}

#[tokio::test]
async fn several_bills_are_paid_by_one_payment() {
    let house = House::start().await;
    let first = house.bill(&number(7_003), 100_000).await;
    let second = house.bill(&number(7_004), 50_000).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let mut request = pay(&first, "both");
    request.additional_bills = vec![second.name.clone()];
    let paid = portal.create_payment(request).await.unwrap().into_inner();
    assert_eq!(paid.amount, Some(hkd(150_000)));
    let shares: Vec<_> = paid
        .bills
        .into_iter()
        .map(|share| (share.bill, share.amount.unwrap().minor_units))
        .collect();
    assert_eq!(shares, [(first.name, 100_000), (second.name, 50_000)]);
    house.stop().await;
}

#[tokio::test]
async fn nothing_is_handed_over_to_a_payment_that_waits_for_nothing_and_the_board_is_empty() {
    let house = House::start().await;
    let bill = house.bill(&number(7_005), 100_000).await;
    let mut portal = house.caller(Role::CitizenPortal).await.payments();
    let paid = portal.create_payment(pay(&bill, "p")).await.unwrap();
    let name = paid.into_inner().name;
    let request = v1::SubmitInstrumentRequest {
        name: name.clone(),
        kind: "echeque".to_owned(),
        // Larger than any other request may be.
        content: vec![b'x'; 1024 * 1024],
        idempotency_key: "i".to_owned(),
    };
    let status = portal.submit_instrument(request).await.unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "NOTHING_TO_HAND_OVER"
    );
    let clerk = house.caller(Role::Clerk).await;
    let mut board = clerk.operations();
    let request = v1::ListUnclearPaymentsRequest {
        parent: "billers/-".to_owned(),
        ..Default::default()
    };
    let found = board.list_unclear_payments(request).await.unwrap();
    assert!(found.into_inner().unclear_payments.is_empty());
    let request = v1::AssignUnclearPaymentRequest {
        name,
        owner: "clerk".to_owned(),
    };
    let status = board.assign_unclear_payment(request).await.unwrap_err();
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "NOT_UNCLEAR"
    );
    house.stop().await;
}
