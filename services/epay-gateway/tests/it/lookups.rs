//! Looking bills up: second factors, and what becomes of those who try too often; files of bills by REST.

use epay_engine::FactorKeys;
use epay_gateway::{LookupLimits, Role};
use epay_proto::v1;
use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{BILL_TYPE, House, PENALTY, hkd, http_client, new_bill, number};

fn look(kind: &str, number: &str, second_factor: &str, visitor: &str) -> v1::LookupBillRequest {
    v1::LookupBillRequest {
        bill_type: kind.to_owned(),
        number: number.to_owned(),
        second_factor: second_factor.to_owned(),
        visitor: visitor.to_owned(),
    }
}

/// What an answer tells: its code, its words and its details, without the time.
fn told(status: &Status) -> (Code, String, Vec<u8>) {
    let details = status.details().to_vec();
    (status.code(), status.message().to_owned(), details)
}

fn penalty(number: &str, factor: &str) -> v1::CreateBillRequest {
    let mut asked = new_bill(number, 40_000);
    asked.second_factor = factor.to_owned();
    let bill = asked.bill.as_mut().unwrap();
    bill.bill_type = PENALTY.to_owned();
    let half = |day: &str| v1::Instalment {
        due_date: Some(v1::Date {
            iso: day.to_owned(),
        }),
        amount: Some(hkd(20_000)),
        ..v1::Instalment::default()
    };
    let first = bill.due_date.clone().unwrap().iso;
    bill.instalments = vec![half(&first), half("2099-12-31")];
    asked
}

#[tokio::test]
async fn a_wrong_second_factor_and_no_such_bill_are_one_answer() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.bills();
    let issued = department
        .create_bill(penalty(&number(1), "AB 1234"))
        .await
        .unwrap();
    assert_eq!(issued.into_inner().instalments.len(), 2);
    let mut portal = house.caller(Role::CitizenPortal).await.bills();
    for typed in ["AB1234", " ab-1234 ", "ＡＢ１２３４"] {
        let found = portal
            .lookup_bill(look(PENALTY, &number(1), typed, ""))
            .await;
        let bill = found.unwrap().into_inner();
        assert_eq!(bill.payable_now.unwrap().minor_units, 20_000, "{typed}");
    }
    let absent = portal
        .lookup_bill(look(PENALTY, &number(2), "AB1234", ""))
        .await
        .unwrap_err();
    assert_eq!(absent.code(), Code::NotFound);
    for typed in ["AB1235", "", " - "] {
        let wrong = portal
            .lookup_bill(look(PENALTY, &number(1), typed, ""))
            .await
            .unwrap_err();
        assert_eq!(told(&wrong), told(&absent), "{typed:?}");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_bill_has_a_second_factor_where_its_kind_asks_for_one_and_nowhere_else() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.bills();
    let mut unasked = new_bill(&number(1), 100);
    unasked.second_factor = "AB1234".to_owned();
    let rows = [
        (penalty(&number(1), ""), "SECOND_FACTOR_MISSING"),
        (penalty(&number(1), "--"), "SECOND_FACTOR_MISSING"),
        (unasked, "SECOND_FACTOR_NOT_ASKED"),
    ];
    for (asked, expected) in rows {
        let refused = department.create_bill(asked).await.unwrap_err();
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        let found = (fields[0].field.as_str(), fields[0].reason.as_str());
        assert_eq!(found, ("second_factor", expected));
    }
    // The same bill with another factor is another request under the same key.
    department
        .create_bill(penalty(&number(1), "AB1234"))
        .await
        .unwrap();
    department
        .create_bill(penalty(&number(1), "ab 1234"))
        .await
        .unwrap();
    let other = department.create_bill(penalty(&number(1), "AB1235")).await;
    assert_eq!(other.unwrap_err().code(), Code::AlreadyExists);
    house.stop().await;
}

#[tokio::test]
async fn a_gateway_without_a_key_says_that_it_cannot_seal_a_second_factor() {
    let rails = epay_rails::Registry::with_defaults().unwrap();
    let house = House::start_keyed(rails, FactorKeys::default(), |_| {}).await;
    let unsealed = house.engine.kinds_without_factor_key();
    let unsealed: Vec<&str> = unsealed.iter().map(|code| code.as_str()).collect();
    assert_eq!(unsealed, [PENALTY]);
    let mut department = house.caller(Role::Department).await.bills();
    let refused = department.create_bill(penalty(&number(1), "AB1234")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let info = refused.get_details_error_info().unwrap();
    assert_eq!(info.reason, "SECOND_FACTOR_NO_KEY");
    house.stop().await;
}

#[tokio::test]
async fn whoever_tries_numbers_out_is_told_to_wait_and_nobody_else_is() {
    let house = House::start_with(|config| {
        config.limits.lookups = LookupLimits {
            burst: 3,
            per_second: 1,
            miss_cost: 60,
            visitors_max: 1_000,
        };
    })
    .await;
    let bill = house.bill(&number(1), 372_000).await;
    let mut portal = house.caller(Role::CitizenPortal).await.bills();
    let miss = portal
        .lookup_bill(look(BILL_TYPE, &number(9), "", "a"))
        .await
        .unwrap_err();
    assert_eq!(miss.code(), Code::NotFound);
    for number in [number(1), number(9)] {
        let waits = portal
            .lookup_bill(look(BILL_TYPE, &number, "", "a"))
            .await
            .unwrap_err();
        assert_eq!(waits.code(), Code::ResourceExhausted);
        let details = waits.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "LOOKUPS_TOO_MANY");
        let wait = details.retry_info().unwrap().retry_delay.unwrap();
        assert!((1..=60).contains(&wait.as_secs()), "{wait:?}");
    }
    let found = portal
        .lookup_bill(look(BILL_TYPE, &number(1), "", "b"))
        .await
        .unwrap();
    assert_eq!(found.into_inner().name, bill.name);
    // A number that cannot be one costs nothing.
    for _ in 0..10 {
        let status = portal
            .lookup_bill(look(BILL_TYPE, "12", "", "c"))
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
    // Nobody but the pages may say that he asks for another.
    let mut clerk = house.caller(Role::Finance).await.bills();
    let first = clerk
        .lookup_bill(look(BILL_TYPE, &number(9), "", "x"))
        .await;
    assert_eq!(first.unwrap_err().code(), Code::NotFound);
    let second = clerk
        .lookup_bill(look(BILL_TYPE, &number(9), "", "y"))
        .await;
    assert_eq!(second.unwrap_err().code(), Code::ResourceExhausted);
    house.stop().await;
}

#[tokio::test]
async fn a_file_of_bills_may_be_the_body_of_a_request() {
    let house = House::start().await;
    let url = house.url("/v1/billers/rvd/bills:import");
    let post = |role, media: &'static str, body: String| {
        let token = house.token(role);
        let url = url.clone();
        async move {
            let request = http_client().post(url).bearer_auth(token);
            let answer = request
                .header("content-type", media)
                .body(body)
                .send()
                .await;
            let answer = answer.unwrap();
            let status = answer.status().as_u16();
            (status, answer.json::<Value>().await.unwrap())
        }
    };
    let row = json!({
        "document": "A", "bill_type": BILL_TYPE, "number": number(1), "amount": "3720.00",
        "due_date": "2026-12-31",
    });
    let rows = format!("{row}\nnot json\n");
    let csv = format!(
        "document,bill_type,number,amount,due_date\nA,{BILL_TYPE},{},3720.00,2026-12-31\n",
        number(1)
    );
    let (status, done) = post(Role::Department, "application/x-ndjson", rows.clone()).await;
    assert_eq!((status, &done["issuedCount"]), (200, &json!("1")));
    assert_eq!(done["faults"][0]["code"], "ROW_MALFORMED");
    let (status, again) = post(Role::Department, "text/csv; charset=utf-8", csv).await;
    assert_eq!((status, &again["knownCount"]), (200, &json!("1")));
    let table = [
        (
            Role::Department,
            "application/json",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (Role::Finance, "text/csv", 403, "ROLE_DENIED"),
        (Role::CitizenPortal, "text/csv", 403, "ROLE_DENIED"),
    ];
    for (role, media, code, reason) in table {
        let (status, problem) = post(role, media, rows.clone()).await;
        assert_eq!(
            (status, &problem["reason"]),
            (code, &json!(reason)),
            "{role:?}"
        );
    }
    let other = http_client()
        .post(house.url("/v1/billers/ird/bills:import"))
        .bearer_auth(house.token(Role::Department))
        .header("content-type", "text/csv")
        .send();
    assert_eq!(other.await.unwrap().status().as_u16(), 403);
    let unknown = http_client().post(url).send().await.unwrap();
    assert_eq!(unknown.status().as_u16(), 401);
    house.stop().await;
}

#[tokio::test]
async fn a_licence_shows_its_days_to_whoever_finds_it_and_the_end_of_its_mark_to_its_department() {
    let house = House::start().await;
    let mut department = house.caller(Role::Department).await.bills();
    let licensed = |mut asked: v1::CreateBillRequest, mark: &str| {
        let licence = v1::VehicleLicence {
            registration_mark: mark.to_owned(),
            expiry_date: Some(v1::Date {
                iso: "2099-06-30".to_owned(),
            }),
            ..v1::VehicleLicence::default()
        };
        asked.bill.as_mut().unwrap().vehicle_licence = Some(licence);
        asked
    };
    let issued = department
        .create_bill(licensed(penalty(&number(1), "AB 1234"), "AB 1234"))
        .await;
    let licence = issued.unwrap().into_inner().vehicle_licence.unwrap();
    assert_eq!(licence.registration_mark, "***234");
    assert_eq!(licence.renewal_open_date.unwrap().iso, "2099-02-28");
    let mut portal = house.caller(Role::CitizenPortal).await.bills();
    let found = portal
        .lookup_bill(look(PENALTY, &number(1), "AB1234", ""))
        .await;
    let licence = found.unwrap().into_inner().vehicle_licence.unwrap();
    assert_eq!(licence.registration_mark, "");
    assert_eq!(licence.expiry_date.unwrap().iso, "2099-06-30");

    let mark = "bill.vehicle_licence.registration_mark";
    for (asked, expected) in [
        (
            licensed(penalty(&number(2), "AB 1234"), "AB/1234"),
            (mark, "MARK_MALFORMED"),
        ),
        (
            licensed(penalty(&number(2), "AB 1234"), ""),
            (mark, "FIELD_REQUIRED"),
        ),
        (
            licensed(new_bill(&number(2), 100), "AB 1234"),
            ("bill.vehicle_licence", "LICENCE_NOT_RENEWED"),
        ),
    ] {
        let refused = department.create_bill(asked).await.unwrap_err();
        let fields = refused.get_details_bad_request().unwrap().field_violations;
        let found: Vec<_> = fields
            .iter()
            .map(|one| (one.field.as_str(), one.reason.as_str()))
            .collect();
        assert_eq!(found, [expected]);
    }
    house.stop().await;
}
