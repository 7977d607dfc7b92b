//! Files of a rail: stored in chunks, judged before anything is booked, booked once, taken up where they were.

use std::fmt::Write as _;

use epay_engine::{Engine, FILE_CHUNK_BYTES, FileState, RailFile};
use epay_money::RailId;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use crate::house::House;

const NUMBER: &str = "000123456789011";
/// The merchant code of the rating department in the demo's catalogue.
const MERCHANT: &str = "990201";
const MODULUS: u64 = 10_000_000_000_000_000;

/// A bill file of these rows: bill number, cents, PPS reference.
pub(crate) fn file(name: &str, rows: &[(&str, &str, &str)]) -> String {
    let mut text = format!("H|EPAY-PPS-BILL|1|{name}|20261123190500|20261123\n");
    let (mut amounts, mut hash) = (0_u64, 0_u64);
    let number = |field: &str| {
        let digits: String = field.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap_or(0)
    };
    for (bill, cents, reference) in rows {
        amounts = (amounts + number(cents)) % MODULUS;
        hash = (hash + number(bill)) % MODULUS;
        writeln!(
            text,
            "D|{MERCHANT}|{bill}|{cents}|{reference}|20261123103000|20261124|****0001"
        )
        .unwrap();
    }
    writeln!(text, "T|{}|{amounts}|{hash}", rows.len()).unwrap();
    text
}

async fn begin(engine: &Engine, body: &str) -> RailFile {
    let digest = Sha256::digest(body.as_bytes()).into();
    let rail = RailId::new("pps").unwrap();
    let size = i64::try_from(body.len()).unwrap();
    engine.begin_file(&rail, digest, size).await.unwrap()
}

async fn stored(engine: &Engine, body: &str) -> RailFile {
    let file = begin(engine, body).await;
    for (place, chunk) in (0..).zip(body.as_bytes().chunks(FILE_CHUNK_BYTES)) {
        engine.store_chunk(file.id, place, chunk).await.unwrap();
    }
    engine.file_stored(&file).await.unwrap()
}

pub(crate) async fn ingest(engine: &Engine, body: &str) -> RailFile {
    let file = stored(engine, body).await;
    engine.book_file(file.id, |_file| {}).await.unwrap()
}

#[tokio::test]
async fn three_payments_of_a_day_are_three_credits_and_a_bad_row_stands_alone() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let body = file(
        "PPS-1",
        &[
            (NUMBER, "372000", "P1"),
            (NUMBER, "12x", "P2"),
            (NUMBER, "372000", "P3"),
            (NUMBER, "1", "P4"),
            ("9999999999999", "500", "P5"),
        ],
    );
    let done = ingest(&house.engine, &body).await;
    let counted = (done.state, done.reports, done.unreadable);
    assert_eq!(counted, (FileState::Booked, 4, 1));
    assert_eq!(done.name.as_deref(), Some("PPS-1"));
    assert_eq!(
        house.receipts("rvd").await.len(),
        4,
        "the unmatched row too"
    );
    assert_eq!(
        house
            .count("SELECT count(*) FROM epay.quarantine WHERE code = 'amount' AND entry = -2")
            .await,
        1
    );
}

#[tokio::test]
async fn a_file_that_comes_again_is_recognised_and_another_under_its_name_is_set_apart() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let body = file("PPS-1", &[(NUMBER, "100000", "P1")]);
    let first = ingest(&house.engine, &body).await;
    let again = begin(&house.engine, &body).await;
    assert_eq!((again.id, again.state), (first.id, FileState::Booked));
    let other = ingest(&house.engine, &file("PPS-1", &[(NUMBER, "200000", "P2")])).await;
    assert_eq!(other.state, FileState::Refused);
    assert_eq!(other.refusal.unwrap().0, "name_reused");
    // A row that an earlier file told is not booked again.
    let more = file("PPS-2", &[(NUMBER, "100000", "P1"), (NUMBER, "3", "P3")]);
    assert_eq!(ingest(&house.engine, &more).await.state, FileState::Booked);
    assert_eq!(house.receipts("rvd").await.len(), 2);
}

#[tokio::test]
async fn bytes_that_nobody_announced_are_set_apart_and_do_not_stand_in_the_way_of_the_file() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let good = file("PPS-1", &[(NUMBER, "100000", "P1")]);
    // What came under the digest of the file is another text of the same length.
    let wrong = good.replace("|P1|", "|P9|");
    let announced = begin(&house.engine, &good).await;
    let store = house.engine.store_chunk(announced.id, 0, wrong.as_bytes());
    store.await.unwrap();
    house.engine.file_stored(&announced).await.unwrap();
    let other = stored(&house.engine, &file("PPS-2", &[(NUMBER, "5", "P5")])).await;
    // A crash leaves both to be taken up: the bad one is refused, the good one booked.
    house.clock.forward(SignedDuration::from_secs(61));
    assert_eq!(house.engine.resume_files().await.unwrap(), 2);
    let refused = house.engine.file(announced.id).await.unwrap();
    assert_eq!(refused.state, FileState::Refused);
    assert_eq!(refused.refusal.unwrap().0, "digest_differs");
    let booked = house.engine.file(other.id).await.unwrap();
    assert_eq!(booked.state, FileState::Booked);
    // The file itself still comes, and may be cut off and come in disorder as often as it likes.
    for _sent in 0..2 {
        let again = begin(&house.engine, &good).await;
        assert_ne!(again.id, announced.id);
        assert_eq!(ingest(&house.engine, &good).await.id, again.id);
    }
    assert_eq!(house.receipts("rvd").await.len(), 2);
    assert_eq!(house.engine.resume_files().await.unwrap(), 0);
}

#[tokio::test]
async fn a_file_that_cannot_be_taken_further_goes_behind_the_others() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let broken = stored(&house.engine, &file("PPS-1", &[(NUMBER, "7", "P7")])).await;
    let good = stored(&house.engine, &file("PPS-2", &[(NUMBER, "5", "P5")])).await;
    // Only somebody with the database in his hands can make such a file: it is of a rail that there is not.
    let sql = format!(
        "UPDATE epay.rail_file SET rail = 'gone' WHERE file_id = '{}'",
        broken.id
    );
    let client = house.pool().get().await.unwrap();
    client.batch_execute(&sql).await.unwrap();
    house.clock.forward(SignedDuration::from_secs(61));
    assert_eq!(house.engine.resume_files().await.unwrap(), 1);
    let booked = house.engine.file(good.id).await.unwrap();
    assert_eq!(booked.state, FileState::Booked);
    // Nobody tries again at once.
    assert_eq!(house.engine.resume_files().await.unwrap(), 0);
    let stays = house.engine.file(broken.id).await.unwrap();
    assert_eq!(stays.state, FileState::Stored);
}

#[tokio::test]
async fn nothing_is_booked_of_a_file_whose_trailer_does_not_agree() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let good = file("PPS-1", &[(NUMBER, "100000", "P1")]);
    let cut = good.rsplit_once("T|").unwrap().0.to_owned();
    let wrong = good.replace("T|1|", "T|2|");
    for body in [cut, wrong] {
        let refused = ingest(&house.engine, &body).await;
        assert_eq!(refused.state, FileState::Refused);
        assert_eq!(refused.refusal.unwrap().0, "wrong_totals");
    }
    assert!(house.receipts("rvd").await.is_empty());
    assert_eq!(house.count("SELECT count(*) FROM epay.quarantine").await, 2);
    assert_eq!(ingest(&house.engine, &good).await.state, FileState::Booked);
}

#[tokio::test]
async fn a_file_left_behind_is_taken_up_by_another_engine_and_booked_once() {
    let house = House::open().await;
    house.bill("rvd-rates", NUMBER, 372_000).await;
    let references: Vec<String> = (0..16_000).map(|row| format!("P{row}")).collect();
    let rows: Vec<(&str, &str, &str)> = references
        .iter()
        .map(|reference| (NUMBER, "500", reference.as_str()))
        .collect();
    let body = file("PPS-BIG", &rows);
    assert!(body.len() > FILE_CHUNK_BYTES);
    let file = stored(&house.engine, &body).await;
    // The process ends after the first chunk.
    let engine = house.another_engine().await;
    let ends = tokio::spawn(async move {
        let mut steps = 0;
        engine
            .book_file(file.id, move |_file| {
                steps += 1;
                assert!(steps < 2, "the process ends");
            })
            .await
    });
    assert!(ends.await.unwrap_err().is_panic());
    let left = house.engine.file(file.id).await.unwrap();
    assert_eq!((left.state, left.booked_chunks), (FileState::Whole, 1));
    assert_eq!(house.engine.resume_files().await.unwrap(), 0, "too soon");
    house.clock.forward(SignedDuration::from_secs(61));
    assert_eq!(house.engine.resume_files().await.unwrap(), 1);
    let done = house.engine.file(file.id).await.unwrap();
    assert_eq!((done.state, done.reports), (FileState::Booked, 16_000));
    let held = house.count("SELECT count(*) FROM epay.receipt").await;
    assert_eq!(held, 16_000);
}

#[tokio::test]
async fn an_upload_that_broke_off_goes_on_where_it_was() {
    let house = House::open().await;
    let body = file("PPS-1", &[("9999999999999", "500", "P1")]);
    let begun = begin(&house.engine, &body).await;
    assert!(house.engine.file_stored(&begun).await.is_err());
    assert_eq!(house.engine.stored_chunks(begun.id).await.unwrap(), 0);
    let again = stored(&house.engine, &body).await;
    assert_eq!((again.id, again.state), (begun.id, FileState::Stored));
}
