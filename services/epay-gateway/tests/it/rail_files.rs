//! Files of rails over gRPC: what their sender signed is booked, whoever carries it; nothing else is kept.

use epay_gateway::{RailDoor, Role};
use epay_proto::v1;
use epay_proto::v1::upload_rail_file_request::Part;
use epay_rail_kit::channel;
use epay_rails::Registry;
use secrecy::SecretSlice;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{CHANNEL_KEY, CHANNEL_SECRET, Caller, House, channel_keys};

const RAILS: &str = "[fps]\n[pps]\n[card]\n[octopus]\nurl = 'https://octopus.example/v1'\n\
    notify_url = 'https://epay.example/rails/octopus/notices'\napi_key = 'test-api-key'\n\
    [octopus.webhook_secrets]\n2026 = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='\n";

const PPS: &str = "H|EPAY-PPS-SETTLEMENT|1|S-PPS-1|20261123063000|20261123\n\
    D|990102|000123456789011|372000|P1|20261120185903|20261123|****1234\n\
    D|990102|000123456789011|100|P2|2026112018590x|20261123|****1234\n\
    T|2|372100|246913578022\n";
const CARD: &str = "H,EPAY-CARD-SETTLEMENT,1,B-1,TESTTD,HKD,2026-01-22\n\
    T,CAPTURE,EP0AB1CD2EF3GH4JK5MN,X-1,2026-01-20T15:45:00Z,2026-01-20T15:45:00Z,50.00,0.50,49.50,,\n\
    Z,1,50.00,0.50,49.50\n";
const OCTOPUS: &str = "EPAY-SETTLEMENT,2,OCT-TEST-201,S-1,2026-11-24,HKD\n\
    P,EP0AB1CD2EF3GH4JK5MN,T-1,2026-11-23T11:00:00+08:00,36000,216\n\
    TOTAL,1,36000,216,35784\n";

/// A card's, a wallet's and PPS's settlement file, each with rows booked and set apart.
const FILES: [(&str, &str, (i64, i64)); 3] = [
    ("pps", PPS, (1, 1)),
    ("card", CARD, (1, 0)),
    ("octopus", OCTOPUS, (1, 0)),
];

/// A gateway where each of the rails has a channel with keys of its own, but FPS.
async fn house() -> House {
    let registry = Registry::from_tables(&RAILS.parse().unwrap()).unwrap();
    let doors = registry.iter().map(|(id, rail)| {
        let door = RailDoor {
            rail: rail.clone(),
            keys: (id.as_str() != "fps").then(channel_keys),
        };
        (id.clone(), door)
    });
    let doors = doors.collect();
    House::start_of(registry, |config| config.rail_doors = doors).await
}

/// The sender's signature over these bytes as a file of a rail.
fn signature(rail: &str, body: &str) -> v1::ChannelSignature {
    let secrets = [SecretSlice::from(CHANNEL_SECRET.to_vec())];
    let digest = Sha256::digest(body).into();
    let now = jiff::Timestamp::now();
    let signed = channel::sign_file(CHANNEL_KEY, &secrets, "M-1", (rail, &digest), now).unwrap();
    let [(_, key_id), (_, timestamp), (_, message_id), (_, signature)] = signed.headers;
    v1::ChannelSignature {
        key_id,
        timestamp_seconds: timestamp.parse().unwrap(),
        message_id,
        signature,
    }
}

/// An upload in small pieces.
fn parts(
    rail: &str,
    body: &str,
    signature: v1::ChannelSignature,
) -> Vec<v1::UploadRailFileRequest> {
    let header = Part::Header(v1::RailFileHeader {
        rail: rail.to_owned(),
        size_bytes: i64::try_from(body.len()).unwrap(),
        sha256: Sha256::digest(body).to_vec(),
        signature: Some(signature),
    });
    let chunks = body.as_bytes().chunks(50);
    std::iter::once(header)
        .chain(chunks.map(|bytes| Part::Chunk(bytes.to_vec())))
        .map(|part| v1::UploadRailFileRequest { part: Some(part) })
        .collect()
}

async fn upload(
    clerk: &Caller,
    messages: Vec<v1::UploadRailFileRequest>,
) -> Result<v1::RailFile, Status> {
    let stream = tokio_stream::iter(messages);
    let answer = clerk.rail_files().upload_rail_file(stream).await?;
    Ok(answer.into_inner())
}

/// Stable reason, and the cause beside it.
fn reason(status: &Status) -> (String, String) {
    let mut info = status.get_details_error_info().unwrap();
    let cause = info.metadata.remove("cause").unwrap_or_default();
    (info.reason, cause)
}

#[tokio::test]
async fn a_signed_file_of_each_rail_is_booked_and_known_again() {
    let house = house().await;
    let clerk = house.caller(Role::Clerk).await;
    for (rail, body, counted) in FILES {
        let good = parts(rail, body, signature(rail, body));
        let file = upload(&clerk, good.clone()).await.unwrap();
        assert_eq!(file.state(), v1::RailFileState::Booked, "{file:?}");
        assert_eq!(
            (file.booked_row_count, file.bad_row_count),
            counted,
            "{rail}"
        );
        assert!(!file.known_before && file.rail == rail);
        let again = upload(&clerk, good).await.unwrap();
        let known = v1::RailFile {
            known_before: true,
            ..file
        };
        assert_eq!(again, known);
        let get = v1::GetRailFileRequest {
            name: known.name.clone(),
        };
        let shown = clerk.rail_files().get_rail_file(get).await.unwrap();
        assert_eq!(shown.into_inner(), known);
    }
    house.stop().await;
}

#[tokio::test]
async fn nothing_of_a_file_is_kept_that_its_sender_did_not_sign() {
    let house = house().await;
    let clerk = house.caller(Role::Clerk).await;
    for (rail, body, _counted) in FILES {
        let good = signature(rail, body);
        let other_rail = FILES.map(|(other, ..)| other);
        let other_rail = other_rail.into_iter().find(|other| *other != rail).unwrap();
        let table = [
            (v1::ChannelSignature::default(), "malformed_header"),
            (signature(rail, "another file"), "bad_signature"),
            (signature(other_rail, body), "bad_signature"),
            (
                v1::ChannelSignature {
                    key_id: "nobody".to_owned(),
                    ..good.clone()
                },
                "unknown_key",
            ),
            (
                v1::ChannelSignature {
                    timestamp_seconds: 1_768_953_603,
                    ..good.clone()
                },
                "stale",
            ),
        ];
        for (wrong, cause) in table {
            let status = upload(&clerk, parts(rail, body, wrong)).await.unwrap_err();
            assert_eq!(status.code(), Code::FailedPrecondition);
            let expected = ("FILE_SIGNATURE".to_owned(), cause.to_owned());
            assert_eq!(reason(&status), expected, "{rail}");
        }
        // It was never here: what comes with its signature is the first.
        let file = upload(&clerk, parts(rail, body, good)).await.unwrap();
        assert!(!file.known_before, "{rail}");
    }
    house.stop().await;
}

#[tokio::test]
async fn a_file_that_is_cut_short_is_not_read_and_goes_on_when_it_comes_again() {
    let house = house().await;
    let clerk = house.caller(Role::Clerk).await;
    for (rail, body, counted) in FILES {
        let good = parts(rail, body, signature(rail, body));
        let (_last, cut) = good.split_last().unwrap();
        let status = upload(&clerk, cut.to_vec()).await.unwrap_err();
        let details = status.get_details_bad_request().unwrap();
        assert_eq!(details.field_violations[0].reason, "SIZE_DIFFERS", "{rail}");
        let file = upload(&clerk, good).await.unwrap();
        assert_eq!(file.state(), v1::RailFileState::Booked);
        assert_eq!(file.booked_row_count, counted.0, "{rail}");
    }
    house.stop().await;
}

#[tokio::test]
async fn bytes_other_than_the_signed_ones_are_set_apart_unread() {
    let house = house().await;
    let clerk = house.caller(Role::Clerk).await;
    for (rail, body, _counted) in FILES {
        let good = parts(rail, body, signature(rail, body));
        let mut other = good.clone();
        let last = other.last_mut().unwrap();
        last.part = last.part.take().map(|part| match part {
            Part::Chunk(bytes) => Part::Chunk(vec![b'0'; bytes.len()]),
            header @ Part::Header(_) => header,
        });
        let refused = upload(&clerk, other).await.unwrap();
        assert_eq!(refused.state(), v1::RailFileState::Refused);
        assert_eq!(
            (refused.refusal_code.as_str(), refused.booked_row_count),
            ("digest_differs", 0)
        );
        let file = upload(&clerk, good).await.unwrap();
        assert_eq!(file.state(), v1::RailFileState::Booked, "{rail}");
        assert_ne!(file.name, refused.name);
    }
    house.stop().await;
}

#[tokio::test]
async fn a_rail_without_keys_or_without_files_takes_none() {
    let house = house().await;
    let clerk = house.caller(Role::Clerk).await;
    let table = [
        ("fps", Code::FailedPrecondition, "RAIL_HAS_NO_CHANNEL"),
        ("nobody", Code::NotFound, "NOT_FOUND"),
        ("NOT A RAIL", Code::InvalidArgument, "INVALID_REQUEST"),
    ];
    for (rail, code, expected) in table {
        let messages = parts(rail, PPS, signature("pps", PPS));
        let status = upload(&clerk, messages).await.unwrap_err();
        assert_eq!((status.code(), &*reason(&status).0), (code, expected));
    }
    house.stop().await;
}
