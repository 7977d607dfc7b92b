//! Days and feeds: closed once, in order, by one closer; every entry in one file; what is sealed stays.

use epay_engine::{AcknowledgeFeed, CloseDay, DayView, EngineError};
use epay_feed::{Shape, Verdict};
use epay_money::{Currency, RailId};
use epay_store::feed::{FeedBalance, FeedFile, FeedKey, FeedVerdict, PassedOver};
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use crate::files::{file, ingest};
use crate::house::{House, RVD, biller, credit, notice};

/// The house's clock begins on Monday 23 November 2026, at 11:00 in Hong Kong.
pub(crate) const NUMBERS: [&str; 2] = ["000123456789011", "000123456789020"];
pub(crate) const MONDAY: &str = "2026-11-23";
pub(crate) const TUESDAY: &str = "2026-11-24";

pub(crate) fn close(day: &str) -> CloseDay {
    CloseDay {
        biller: biller("rvd"),
        day: day.parse().unwrap(),
        late: vec![RailId::new("pps").unwrap()],
        reason: Some("its file comes in the morning".to_owned()),
        caller: "ann".to_owned(),
    }
}

pub(crate) fn feed() -> FeedKey {
    FeedKey {
        biller: biller("rvd"),
        currency: Currency::Hkd,
    }
}

pub(crate) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A bill that is paid whole through the bank.
pub(crate) async fn paid(house: &mut House, number: &str, bank_reference: &str, minor: i64) {
    let bill = house.bill("rvd-rates", number, minor).await;
    let payment = house.payment(&bill, bank_reference).await;
    let credit = credit(RVD, bank_reference, minor).for_payment(&payment);
    house
        .receive(bank_reference, &notice(&[credit]))
        .await
        .unwrap();
    house.settle().await;
}

pub(crate) async fn closed(house: &House, day: &str) -> DayView {
    house.engine.close_day(&close(day)).await.unwrap()
}

pub(crate) fn only(view: &DayView) -> &FeedFile {
    let [file] = view.files.as_slice() else {
        panic!("{} files", view.files.len())
    };
    file
}

async fn bytes(house: &House, file: &FeedFile, shape: Shape) -> Vec<u8> {
    let mut pieces = house.engine.feed_bytes(file, shape);
    let mut whole = Vec::new();
    while let Some(piece) = pieces.recv().await {
        whole.extend(piece.unwrap());
    }
    whole
}

async fn csv(house: &House, file: &FeedFile) -> String {
    String::from_utf8(bytes(house, file, Shape::Csv).await).unwrap()
}

#[tokio::test]
async fn a_day_is_closed_into_a_file_of_the_published_layout() {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 372_000).await;
    let early = house.engine.close_day(&close(MONDAY)).await.unwrap_err();
    assert_eq!(early.code(), "DAY_NOT_OVER");
    house.clock.forward(hours(10));
    let view = closed(&house, MONDAY).await;
    assert_eq!(view.day.late, [RailId::new("pps").unwrap()]);
    let file = only(&view);
    assert_eq!(
        (file.sequence, file.totals.rows, file.totals.late_rows),
        (1, 1, 0)
    );
    assert_eq!(
        (file.totals.credits_minor, file.totals.debits_minor),
        (372_000, 0)
    );
    assert_eq!(file.ack_due_on.to_string(), TUESDAY);

    let text = csv(&house, file).await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "H,EPG-RECON,1.0,RVD,2026-11-23,000001,ORIGINAL,2026-11-23T21:00:00+08:00"
    );
    let fields: Vec<&str> = lines[1].split(',').collect();
    assert_eq!(fields[..2], ["D", "1"]);
    assert!(
        fields[2].starts_with("P-") && fields[2].len() == 34,
        "{}",
        fields[2]
    );
    let rest = [
        NUMBERS[0],
        "rvd-rates",
        "main",
        "fps",
        "2026-11-23T11:00:00+08:00",
        MONDAY,
        MONDAY,
        "3720.00",
        "CREDIT",
        "",
        "B1",
    ];
    assert_eq!(fields[3..], rest);
    let before = text.rfind("T,").unwrap();
    let digest: String = Sha256::digest(&text.as_bytes()[..before])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let last_nine: u64 = NUMBERS[0].get(6..).unwrap().parse().unwrap();
    assert_eq!(
        lines[2],
        format!("T,1,3720.00,0.00,3720.00,{last_nine},{digest}")
    );
}

#[tokio::test]
async fn a_closed_day_stays_and_its_bytes_are_the_same_whenever_they_are_asked_for() {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 372_000).await;
    house.clock.forward(hours(10));
    let view = closed(&house, MONDAY).await;
    let file = only(&view);
    let mut again = close(MONDAY);
    again.caller = "bob".to_owned();
    assert_eq!(house.engine.close_day(&again).await.unwrap(), view);
    paid(&mut house, NUMBERS[1], "B2", 100).await;
    for seal in &file.shapes {
        let bytes = bytes(&house, file, seal.shape).await;
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        assert_eq!(
            (digest, bytes.len()),
            (seal.digest, usize::try_from(seal.bytes).unwrap())
        );
    }
}

#[tokio::test]
async fn nobody_changes_what_is_sealed_and_no_file_stands_without_the_one_before_it() {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 372_000).await;
    house.clock.forward(hours(10));
    closed(&house, MONDAY).await;
    let client = house.pool().get().await.unwrap();
    for table in [
        "feed.row",
        "feed.file",
        "feed.shape",
        "epay.business_day",
        "feed.acknowledgement",
    ] {
        for change in [
            format!("UPDATE {table} SET biller_id = 'td'"),
            format!("DELETE FROM {table}"),
        ] {
            let as_owner = client.batch_execute(&change).await.unwrap_err();
            let constraint = as_owner.as_db_error().and_then(|error| error.constraint());
            assert_eq!(constraint, Some("feed_immutable"), "{change}");
            let as_service = client
                .batch_execute(&format!("SET ROLE epay_service; {change}"))
                .await;
            assert_eq!(
                as_service.unwrap_err().code().unwrap().code(),
                "42501",
                "{change}"
            );
            client.batch_execute("RESET ROLE").await.unwrap();
        }
    }
    let more = "INSERT INTO feed.row SELECT biller_id, currency, sequence, 2, gen_random_uuid(), journal_line, kind, payment_id, \
        bill_number, bill_type, revenue_line, rail, rail_reference, instructed_at, of_day, value_date, direction, amount_minor, \
        corrects FROM feed.row";
    let sealed = client.batch_execute(more).await.unwrap_err();
    assert_eq!(
        sealed.as_db_error().and_then(|error| error.constraint()),
        Some("file_sealed")
    );
    let skipped = "INSERT INTO feed.file SELECT biller_id, currency, 3, '2026-12-31', rows, late_rows, credits_minor, \
        debits_minor, closing_minor, closing_minor + credits_minor, hash_total, rows_digest, sealed_at, ack_due_on FROM feed.file";
    let gap = client.batch_execute(skipped).await.unwrap_err();
    assert_eq!(
        gap.as_db_error().and_then(|error| error.constraint()),
        Some("file_follows")
    );
}

#[tokio::test]
async fn what_comes_late_is_named_in_the_next_file_and_nil_days_are_sent() {
    let mut house = House::open().await;
    house.clock.forward(hours(10));
    let nil = closed(&house, MONDAY).await;
    assert_eq!((only(&nil).sequence, only(&nil).totals.rows), (1, 0));
    assert_eq!(csv(&house, only(&nil)).await.lines().count(), 2);
    // The bank tells of money of Monday on Monday night.
    paid(&mut house, NUMBERS[0], "B1", 500).await;
    house.clock.forward(hours(24));
    let view = closed(&house, TUESDAY).await;
    let file = only(&view);
    assert_eq!(
        (file.sequence, file.totals.rows, file.totals.late_rows),
        (2, 1, 1)
    );
    assert!(
        csv(&house, file)
            .await
            .contains(",2026-11-23,2026-11-23,5.00,CREDIT,")
    );
    assert_eq!((file.opening_minor, file.closing_minor()), (0, 500));
    let out_of_order = house
        .engine
        .close_day(&close("2026-11-26"))
        .await
        .unwrap_err();
    assert_eq!(out_of_order.code(), "DAY_OUT_OF_ORDER");
    let saturday = house
        .engine
        .close_day(&close("2026-11-28"))
        .await
        .unwrap_err();
    assert_eq!(saturday.code(), "NO_BUSINESS_DAY");
    house.clock.forward(hours(24));
    let wednesday = closed(&house, "2026-11-25").await;
    assert_eq!(
        (only(&wednesday).sequence, only(&wednesday).totals.rows),
        (3, 0)
    );
    assert_eq!(only(&wednesday).opening_minor, 500);
}

#[tokio::test]
async fn a_day_waits_for_every_rail_or_a_person_with_a_reason() {
    let house = House::open().await;
    house.clock.forward(hours(10));
    for (late, reason) in [
        (vec![], None),
        (vec![], Some("x")),
        (close(MONDAY).late, None),
    ] {
        let command = CloseDay {
            late,
            reason: reason.map(str::to_owned),
            ..close(MONDAY)
        };
        let refused = house.engine.close_day(&command).await.unwrap_err();
        assert_eq!(refused.code(), "DAY_NOT_REPORTED");
    }
    // The timer never says that a rail is late: departments whose rails send no files are closed, and this one waits.
    let nine = jiff::civil::time(21, 0, 0, 0);
    house.engine.close_due_days(nine).await.unwrap();
    let monday = MONDAY.parse().unwrap();
    let rvd = biller("rvd");
    let open = house.engine.reader().closed_day(&rvd, monday).await;
    assert_eq!(open.unwrap_err().code(), "NOT_FOUND");
    // A file of another day says nothing of this one, and one that is set apart says nothing at all.
    let body = file("PPS-0", &[]);
    let of_friday = body.replace("20261123\n", "20261120\n");
    ingest(&house.engine, &of_friday).await;
    ingest(&house.engine, &body.replace("T|0|", "T|1|")).await;
    assert_eq!(house.engine.close_due_days(nine).await.unwrap(), 0);
    ingest(&house.engine, &file("PPS-1", &[])).await;
    assert!(house.engine.close_due_days(nine).await.unwrap() > 0);
    let view = house
        .engine
        .reader()
        .closed_day(&biller("rvd"), MONDAY.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (
            view.day.closed_by.as_str(),
            view.day.late.len(),
            view.day.reason
        ),
        ("timer", 0, None)
    );
    assert_eq!(house.engine.close_due_days(nine).await.unwrap(), 0);
}

#[tokio::test]
async fn two_closers_make_one_file_and_no_gap() {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 100).await;
    house.clock.forward(hours(10));
    let engines = [house.another_engine().await, house.another_engine().await];
    let command = close(MONDAY);
    let all = (0..8).map(|turn| engines[turn % 2].close_day(&command));
    let views = futures_util::future::try_join_all(all).await.unwrap();
    assert!(views.iter().all(|view| *view == views[0]));
    assert_eq!(house.count("SELECT count(*) FROM feed.file").await, 1);
    assert_eq!(house.count("SELECT count(*) FROM feed.row").await, 1);
    house.clock.forward(hours(24));
    assert_eq!(only(&closed(&house, TUESDAY).await).sequence, 2);
}

#[tokio::test]
async fn every_cent_that_a_department_is_owed_is_in_one_file() {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 10_000).await;
    let bill = house.bill("rvd-rates", NUMBERS[1], 300).await;
    let payment = house.payment(&bill, "over").await;
    let over = credit(RVD, "B2", 350).for_payment(&payment);
    let stranger = credit(RVD, "B3", 77);
    house
        .receive("m2", &notice(&[over, stranger]))
        .await
        .unwrap();
    house.settle().await;
    house.clock.forward(hours(10));
    let view = closed(&house, MONDAY).await;
    // What is held for a refund, or belongs to nobody yet, is in no file.
    assert_eq!(only(&view).totals.credits_minor, 10_300);
    // Another payment comes after the close: the books explain it as one that no file has yet.
    paid(&mut house, "000123456789038", "B4", 40).await;
    let client = house.pool().get().await.unwrap();
    let balance = epay_store::feed::feed_balance(&client, &feed())
        .await
        .unwrap();
    let expected = FeedBalance {
        fed_minor: 10_300,
        acknowledged_minor: 0,
        owed_minor: 10_340,
        remitted_minor: 0,
        unfed_minor: 40,
        passed_over: PassedOver::default(),
    };
    assert_eq!((balance, balance.difference_minor()), (expected, 0));
}

#[tokio::test]
async fn what_a_department_says_of_a_file_is_kept_and_silence_is_told() {
    let house = House::open().await;
    house.clock.forward(hours(10));
    closed(&house, MONDAY).await;
    let say = |verdict: Verdict| AcknowledgeFeed {
        key: feed(),
        sequence: 1,
        verdict,
        caller: "rvd".to_owned(),
    };
    let attention = async || house.engine.feed_alerts(None).await.unwrap().len();
    assert_eq!(attention().await, 0);
    house.clock.forward(hours(26));
    assert_eq!(attention().await, 0, "Tuesday is still in time");
    house.clock.forward(hours(24));
    assert_eq!(attention().await, 1, "nobody said anything until Wednesday");
    let accepted = |rows| Verdict::Accepted { rows, net_minor: 0 };
    let reason = "digest differs".to_owned();
    let table = [
        (
            Verdict::Refused { line: 0, reason },
            FeedVerdict::Refused,
            1,
        ),
        (accepted(1), FeedVerdict::Differs, 1),
        (accepted(0), FeedVerdict::Accepted, 0),
        (accepted(0), FeedVerdict::Accepted, 0),
    ];
    for (verdict, stands, left) in table {
        let file = house.engine.acknowledge_feed(say(verdict)).await.unwrap();
        assert_eq!((file.acknowledged, attention().await), (Some(stands), left));
    }
    let said = house
        .engine
        .reader()
        .acknowledgements(&feed(), 1)
        .await
        .unwrap();
    assert_eq!(said.len(), 3, "the same word again is no news");
    let missing = AcknowledgeFeed {
        sequence: 2,
        ..say(accepted(0))
    };
    let missing = house.engine.acknowledge_feed(missing).await;
    assert!(matches!(missing, Err(EngineError::NotFound { .. })));
}

#[tokio::test]
async fn a_file_is_put_down_whole_with_its_digest_and_signature_and_again_the_same() {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 372_000).await;
    house.clock.forward(hours(10));
    let view = closed(&house, MONDAY).await;
    let file = only(&view);
    let folder = tempfile::tempdir().unwrap();
    // An Ed25519 key of one byte, in PKCS#8.
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend([7; 32]);
    let signer = epay_worker::FileSigner::from_pkcs8(&der).unwrap();
    assert!(epay_worker::FileSigner::from_pkcs8(&der[1..]).is_err());
    let put = async || {
        for shape in Shape::ALL {
            let of = (file, shape);
            let put = epay_worker::put_feed_file(&house.engine, of, folder.path(), Some(&signer));
            put.await.unwrap();
        }
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read(path).unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let first = put().await;
    assert_eq!(
        first.len(),
        12,
        "four shapes, each with a digest and a signature"
    );
    let name = "EPG_RVD_RECON_20261123_000001.csv";
    let read = |name: &str| {
        let found = first.iter().find(|(known, _bytes)| known == name);
        found.map(|(_name, bytes)| bytes.clone()).unwrap()
    };
    let digest = hex::encode(Sha256::digest(read(name)));
    let sum = read(&format!("{name}.sha256"));
    assert_eq!(
        String::from_utf8(sum.clone()).unwrap(),
        format!("{digest}  {name}\n")
    );
    let signature = read(&format!("{name}.sha256.sig"));
    assert!(signer.verifies(&sum, &signature));
    assert!(!signer.verifies(b"another", &signature));
    assert_eq!(put().await, first, "delivered again it is the same");
}
