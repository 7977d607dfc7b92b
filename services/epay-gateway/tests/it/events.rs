//! Events over gRPC: read to the end or followed, gone on with after a cut, by the department alone.

use std::collections::BTreeSet;

use epay_gateway::Role;
use epay_proto::v1;
use serde_json::Value;
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt as _;

use crate::support::{Caller, House, number};

const RVD: &str = "billers/rvd";

async fn open(
    caller: &Caller,
    cursor: &str,
    follow: bool,
) -> Result<Streaming<v1::StreamEventsResponse>, Status> {
    let request = v1::StreamEventsRequest {
        parent: RVD.to_owned(),
        cursor: cursor.to_owned(),
        follow,
    };
    Ok(caller.events().stream_events(request).await?.into_inner())
}

/// What there is after a cursor.
async fn all(caller: &Caller, cursor: &str) -> Vec<v1::StreamEventsResponse> {
    let mut stream = open(caller, cursor, false).await.unwrap();
    let mut events = Vec::new();
    while let Some(event) = stream.message().await.unwrap() {
        events.push(event);
    }
    events
}

#[tokio::test]
async fn a_department_goes_on_at_its_cursor_and_follows_without_a_worker() {
    let house = House::start().await;
    let department = house.caller(Role::Department).await;
    house.bill(&number(1), 372_000).await;
    house.bill(&number(2), 5_000).await;
    let mut followed = open(&department, "", true).await.unwrap();
    let first = followed.message().await.unwrap().unwrap();
    // The line is cut; what was not worked off comes again.
    drop(followed);
    let mut followed = open(&department, &first.cursor, true).await.unwrap();
    let second = followed.message().await.unwrap().unwrap();
    house.bill(&number(3), 7_000).await;
    let third = followed.message().await.unwrap().unwrap();
    let seen = [first, second, third];
    assert_eq!(all(&department, "").await, seen);
    assert_eq!(all(&department, &seen[0].cursor).await, seen[1..]);
    assert_eq!(all(&department, &seen[2].cursor).await, []);
    let ids: BTreeSet<&str> = seen.iter().map(|event| &*event.event_id).collect();
    assert_eq!(ids.len(), 3);
    for (event, body) in seen.iter().zip(1..) {
        let told: Value = serde_json::from_str(&event.event).unwrap();
        assert_eq!(told["id"], event.event_id);
        assert_eq!(told["type"], format!("epay.v1.{}", event.event_type));
        assert_eq!(told["data"]["billNumber"], number(body));
        assert_eq!(event.event_type, "bill.issued");
    }
    house.shutdown.cancel();
    let ended = followed.message().await.unwrap_err();
    assert_eq!(ended.code(), Code::Unavailable, "{ended}");
    house.stop().await;
}

#[tokio::test]
async fn a_cursor_that_leads_nowhere_is_refused_before_the_stream_begins() {
    let house = House::start().await;
    let department = house.caller(Role::Department).await;
    house.bill(&number(1), 372_000).await;
    for (cursor, reason) in [("x", "FIELD_MALFORMED"), ("9", "CURSOR_AHEAD")] {
        let status = open(&department, cursor, true).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{cursor}");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "cursor");
        assert_eq!(violations[0].reason, reason);
    }
    house.stop().await;
}

#[tokio::test]
async fn no_more_callers_are_served_than_there_is_room_for() {
    let house = House::start_with(|config| config.limits.event_streams_max = 1).await;
    let department = house.caller(Role::Department).await;
    house.bill(&number(1), 372_000).await;
    let _first = open(&department, "", true).await.unwrap();
    let status = open(&department, "", true).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    house.stop().await;
}
