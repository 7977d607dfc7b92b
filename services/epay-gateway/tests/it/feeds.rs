//! `FeedService`: a day closed, its file read in every shape and as rows, and what the department says of it.

use epay_gateway::Role;
use epay_proto::v1;
use epay_proto::v1::acknowledge_feed_file_request::Verdict;
use epay_proto::v1::download_feed_file_response::Part;
use epay_proto::v1::stream_feed_response::Item;
use sha2::{Digest as _, Sha256};
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::payments::paid;
use crate::support::{Caller, House, hkd, http_client};

const DAY: &str = "billers/rvd/businessDays/2026-01-21";
const FEED: &str = "billers/rvd/feeds/hkd";
const FILE: &str = "billers/rvd/feeds/hkd/files/1";

async fn close(controller: &Caller, name: &str) -> v1::BusinessDay {
    let request = v1::CloseDayRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    let closed = controller.feeds().close_day(request).await;
    closed.unwrap().into_inner()
}

async fn streamed(caller: &Caller, cursor: &str) -> Vec<v1::StreamFeedResponse> {
    let request = v1::StreamFeedRequest {
        parent: FEED.to_owned(),
        cursor: cursor.to_owned(),
    };
    let mut stream = caller
        .feeds()
        .stream_feed(request)
        .await
        .unwrap()
        .into_inner();
    let mut messages = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        messages.push(message);
    }
    messages
}

async fn downloaded(caller: &Caller, shape: v1::FeedShape) -> (v1::FeedFileShape, Vec<u8>) {
    let request = v1::DownloadFeedFileRequest {
        name: FILE.to_owned(),
        shape: shape.into(),
    };
    let mut stream = caller
        .feeds()
        .download_feed_file(request)
        .await
        .unwrap()
        .into_inner();
    let (mut header, mut bytes) = (None, Vec::new());
    while let Some(message) = stream.message().await.unwrap() {
        match message.part.unwrap() {
            Part::Header(first) => header = Some(first),
            Part::Chunk(chunk) => bytes.extend(chunk),
        }
    }
    (header.unwrap(), bytes)
}

#[tokio::test]
async fn a_closed_day_is_read_in_every_shape() {
    let house = House::start().await;
    paid(&house).await;
    let controller = house.caller(Role::Controller).await;
    let department = house.caller(Role::Department).await;
    let day = close(&controller, DAY).await;
    assert_eq!(close(&controller, DAY).await, day, "closed once");
    let [file] = &day.files[..] else {
        unreachable!("{day:?}");
    };
    assert_eq!((file.name.as_str(), file.row_count), (FILE, 1));
    assert_eq!(file.credits, Some(hkd(372_000)));
    assert_eq!(file.state(), v1::FeedFileState::Sent);

    for shape in &file.shapes {
        let (header, bytes) = downloaded(&department, shape.shape()).await;
        assert_eq!(header, *shape);
        let digest = Sha256::digest(&bytes).to_vec();
        assert_eq!(
            (digest, i64::try_from(bytes.len()).unwrap()),
            (header.sha256, header.size_bytes)
        );
    }
    let (header, bytes) = downloaded(&department, v1::FeedShape::Unspecified).await;
    assert_eq!(header.file_name, "EPG_RVD_RECON_20260121_000001.csv");
    assert_eq!(String::from_utf8(bytes).unwrap().lines().count(), 3);
    house.stop().await;
}

#[tokio::test]
async fn rows_are_streamed_from_any_cursor_that_was_given() {
    let house = House::start().await;
    let (_bill, payment) = paid(&house).await;
    let controller = house.caller(Role::Controller).await;
    let department = house.caller(Role::Department).await;
    close(&controller, DAY).await;
    // A nil day follows.
    close(&controller, "billers/rvd/businessDays/2026-01-22").await;
    let all = streamed(&department, "").await;
    let cursors: Vec<&str> = all.iter().map(|one| one.cursor.as_str()).collect();
    assert_eq!(cursors, ["1.1", "1.end", "2.end"]);
    let Some(Item::Row(row)) = &all[0].item else {
        unreachable!("{all:?}");
    };
    let id = payment.name.rsplit('/').next().unwrap().replace('-', "");
    assert_eq!(
        (row.reference.as_str(), row.direction.as_str()),
        (format!("P-{id}").as_str(), "credit")
    );
    assert_eq!(row.amount, Some(hkd(372_000)));
    for (place, cursor) in cursors.iter().enumerate() {
        assert_eq!(
            streamed(&department, cursor).await,
            all[place + 1..],
            "{cursor}"
        );
    }
    let nowhere = v1::StreamFeedRequest {
        parent: FEED.to_owned(),
        cursor: "x".to_owned(),
    };
    let refused = department.feeds().stream_feed(nowhere).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    house.stop().await;
}

#[tokio::test]
async fn what_a_department_says_of_a_file_is_kept_and_told() {
    let house = House::start().await;
    paid(&house).await;
    let controller = house.caller(Role::Controller).await;
    let department = house.caller(Role::Department).await;
    close(&controller, DAY).await;
    let say = async |verdict: Verdict| {
        let request = v1::AcknowledgeFeedFileRequest {
            name: FILE.to_owned(),
            verdict: Some(verdict),
        };
        let said = department.feeds().acknowledge_feed_file(request).await;
        said.unwrap().into_inner().state()
    };
    let alerts = async || {
        let request = v1::ListFeedAlertsRequest {
            parent: "billers/-".to_owned(),
        };
        let found = controller.feeds().list_feed_alerts(request).await;
        found.unwrap().into_inner().files.len()
    };
    let refused = v1::FeedFileRefused {
        line: 1,
        reason: "bill unknown".to_owned(),
    };
    assert_eq!(
        say(Verdict::Refused(refused)).await,
        v1::FeedFileState::Refused
    );
    assert_eq!(alerts().await, 1);
    let accepted = |row_count| {
        Verdict::Accepted(v1::FeedFileAccepted {
            row_count,
            net_minor_units: 372_000,
        })
    };
    assert_eq!(say(accepted(2)).await, v1::FeedFileState::Differs);
    assert_eq!(say(accepted(1)).await, v1::FeedFileState::Accepted);
    assert_eq!(alerts().await, 0);
    house.stop().await;
}

#[tokio::test]
async fn feeds_are_listed_and_what_cannot_be_closed_says_why() {
    let house = House::start().await;
    let controller = house.caller(Role::Controller).await;
    for day in ["2026-01-21", "2026-01-22", "2026-01-23"] {
        close(&controller, &format!("billers/rvd/businessDays/{day}")).await;
    }
    let table = [
        ("2026-01-24", Code::InvalidArgument, "NO_BUSINESS_DAY"),
        ("2026-01-27", Code::FailedPrecondition, "DAY_OUT_OF_ORDER"),
        ("2026-1-26", Code::InvalidArgument, "FIELD_MALFORMED"),
    ];
    for (day, code, reason) in table {
        let request = v1::CloseDayRequest {
            name: format!("billers/rvd/businessDays/{day}"),
            ..Default::default()
        };
        let refused = controller.feeds().close_day(request).await.unwrap_err();
        let details = refused.get_error_details();
        let field = details
            .bad_request()
            .and_then(|bad| bad.field_violations.first());
        let told = field.map(|field| field.reason.clone());
        let told = told.or_else(|| details.error_info().map(|info| info.reason.clone()));
        assert_eq!(
            (refused.code(), told.as_deref()),
            (code, Some(reason)),
            "{day}"
        );
    }
    let department = house.caller(Role::Department).await;
    let page = async |page_token: String| {
        let request = v1::ListFeedFilesRequest {
            parent: FEED.to_owned(),
            page_size: 2,
            page_token,
        };
        let found = department.feeds().list_feed_files(request).await;
        found.unwrap().into_inner()
    };
    let first = page(String::new()).await;
    let numbers = |page: &v1::ListFeedFilesResponse| -> Vec<i64> {
        page.files.iter().map(|file| file.sequence).collect()
    };
    assert_eq!(numbers(&first), [3, 2]);
    let second = page(first.next_page_token).await;
    assert_eq!(
        (numbers(&second), second.next_page_token.as_str()),
        (vec![1], "")
    );

    let answer = http_client()
        .get(house.url("/v1/billers/rvd/feeds"))
        .bearer_auth(house.token(Role::Department))
        .send()
        .await
        .unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["feeds"][0]["name"], FEED);
    assert_eq!(body["feeds"][0]["lastSequence"], "3");
    house.stop().await;
}

#[tokio::test]
async fn how_files_are_brought_is_listed_page_by_page_and_asked_for_again() {
    let house = House::start().await;
    let controller = house.caller(Role::Controller).await;
    let department = house.caller(Role::Department).await;
    for day in ["2026-01-21", "2026-01-22"] {
        close(&controller, &format!("billers/rvd/businessDays/{day}")).await;
    }
    let again = async |name: &str, shape: v1::FeedShape| {
        let request = v1::RedeliverFeedFileRequest {
            name: name.to_owned(),
            shape: shape.into(),
        };
        department.feeds().redeliver_feed_file(request).await
    };
    let never = again(FILE, v1::FeedShape::Unspecified).await.unwrap_err();
    assert_eq!(never.code(), Code::NotFound, "no server is configured");
    let plan = epay_store::feed::DeliveryPlan {
        biller: epay_money::BillerId::new("rvd").unwrap(),
        currency: None,
        shapes: vec![epay_feed::Shape::Csv, epay_feed::Shape::Mt940],
        from: 1,
    };
    assert_eq!(house.engine.plan_feed_deliveries(&plan).await.unwrap(), 4);
    let page = async |page_token: String| {
        let request = v1::ListFeedDeliveriesRequest {
            parent: FEED.to_owned(),
            page_size: 3,
            page_token,
        };
        let found = department.feeds().list_feed_deliveries(request).await;
        found.unwrap().into_inner()
    };
    let seen = |page: &v1::ListFeedDeliveriesResponse| -> Vec<(String, v1::FeedShape)> {
        let each = page.deliveries.iter();
        each.map(|one| (one.file.clone(), one.shape())).collect()
    };
    let (newer, csv, mt940) = (
        format!("{FEED}/files/2"),
        v1::FeedShape::Csv,
        v1::FeedShape::Mt940,
    );
    let first = page(String::new()).await;
    let expected = [
        (newer.clone(), mt940),
        (newer, csv),
        (FILE.to_owned(), mt940),
    ];
    assert_eq!(seen(&first), expected);
    let second = page(first.next_page_token.clone()).await;
    assert_eq!(seen(&second), [(FILE.to_owned(), csv)]);
    assert_eq!(second.next_page_token, "");
    for one in first.deliveries.iter().chain(&second.deliveries) {
        let facts = (one.state(), one.attempt_count, one.attempts.len());
        assert_eq!(facts, (v1::FeedDeliveryState::Waiting, 0, 0));
    }
    let found = again(FILE, v1::FeedShape::Csv).await.unwrap().into_inner();
    assert_eq!(found.deliveries.len(), 2, "every shape of the file is told");
    house.stop().await;
}
