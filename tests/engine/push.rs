//! Files brought to a real OpenSSH server: whole, once, over nothing, and whatever happens in between.

mod acknowledgements;
mod sshd;

use std::path::Path;
use std::sync::Arc;

use epay_engine::{FeedAlertReason, RedeliverFeed};
use epay_feed::{DELIVERY_TRIES_MAX, DeliveryState, Shape};
use epay_sftp::HostKey;
use epay_store::feed::{DeliveryPlan, FeedDelivery, FeedDeliveryFilter, FeedFile};
use epay_worker::{FeedDestination, FeedPusher, FileSigner, Pushed};
use jiff::SignedDuration;

use self::sshd::{Gate, Sshd};
use crate::days::{MONDAY, NUMBERS, closed, feed, hours, only, paid};
use crate::house::{House, biller};

const NAME: &str = "EPG_RVD_RECON_20261123_000001.csv";

fn signer() -> FileSigner {
    // An Ed25519 key of one byte, in PKCS#8.
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend([7; 32]);
    FileSigner::from_pkcs8(&der).unwrap()
}

/// Where Sshd lets us put files: CSV only, signed.
fn destination(sshd: &Sshd) -> FeedDestination {
    FeedDestination {
        plan: DeliveryPlan {
            biller: biller("rvd"),
            currency: None,
            shapes: vec![Shape::Csv],
            from: 1,
        },
        server: sshd.server(),
        folder: sshd.folder().to_str().unwrap().to_owned(),
        name: "test".to_owned(),
        signer: Some(Arc::new(signer())),
    }
}

fn pusher(house: &House, sshd: &Sshd) -> FeedPusher {
    FeedPusher::new(house.engine.clone(), destination(sshd))
}

/// A house with one sealed file.
async fn sealed() -> (House, FeedFile) {
    let mut house = House::open().await;
    paid(&mut house, NUMBERS[0], "B1", 372_000).await;
    house.clock.forward(hours(10));
    let view = closed(&house, MONDAY).await;
    let file = only(&view).clone();
    (house, file)
}

fn csv_bytes(file: &FeedFile) -> i64 {
    let csv = file.shapes.iter().find(|seal| seal.shape == Shape::Csv);
    csv.unwrap().bytes
}

/// Names of what lies in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn three() -> [String; 3] {
    ["", ".sha256", ".sha256.sig"].map(|end| format!("{NAME}{end}"))
}

async fn deliveries(house: &House) -> Vec<FeedDelivery> {
    let filter = FeedDeliveryFilter {
        feed: feed(),
        sequence: None,
        before: None,
    };
    let found = house.engine.reader().feed_deliveries(&filter, 0).await;
    found.unwrap().0
}

/// The outcomes of every attempt, oldest first.
async fn outcomes(house: &House) -> Vec<String> {
    let found = deliveries(house).await;
    let log = found.iter().flat_map(|one| &one.log);
    log.map(|line| line.outcome.clone()).collect()
}

async fn reasons(house: &House) -> Vec<FeedAlertReason> {
    let alerts = house.engine.feed_alerts(None).await.unwrap();
    alerts.iter().map(|alert| alert.reason).collect()
}

async fn again(house: &House) {
    let command = RedeliverFeed {
        key: feed(),
        sequence: 1,
        shape: None,
        caller: "ann".to_owned(),
    };
    house.engine.redeliver_feed(command).await.unwrap();
}

fn delivered(count: usize) -> Pushed {
    Pushed {
        delivered: count,
        ..Pushed::default()
    }
}

fn failed(count: usize) -> Pushed {
    Pushed {
        failed: count,
        ..Pushed::default()
    }
}

#[tokio::test]
async fn a_file_is_brought_whole_and_the_same_bytes_are_left_as_they_are() {
    let (house, file) = sealed().await;
    let sshd = Sshd::open();
    let mut destination = destination(&sshd);
    destination.plan.shapes = Shape::ALL.to_vec();
    let mut pusher = FeedPusher::new(house.engine.clone(), destination);
    assert_eq!(pusher.round().await.unwrap(), delivered(4));
    // What the shell's export puts into a folder, byte by byte.
    let exported = tempfile::tempdir().unwrap();
    for shape in Shape::ALL {
        let (of, signer) = ((&file, shape), signer());
        let put = epay_worker::put_feed_file(&house.engine, of, exported.path(), Some(&signer));
        put.await.unwrap();
    }
    let brought = names(sshd.folder());
    assert_eq!((brought.len(), &brought), (12, &names(exported.path())));
    for name in &brought {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert_eq!(read(sshd.folder()), read(exported.path()), "{name}");
    }
    assert_eq!(pusher.round().await.unwrap(), Pushed::default());
    let written = || {
        std::fs::metadata(sshd.folder().join(NAME))
            .unwrap()
            .modified()
    };
    let before = written().unwrap();
    again(&house).await;
    assert_eq!(pusher.round().await.unwrap(), delivered(4));
    assert_eq!(written().unwrap(), before, "not written again");
    let log = outcomes(&house).await;
    assert_eq!(log.len(), 8);
    assert!(
        log.chunks(2)
            .all(|two| two == ["delivered", "already_there"]),
        "{log:?}"
    );
    assert_eq!(names(sshd.folder()), brought);
}

#[tokio::test]
async fn a_server_with_another_key_is_told_nothing_and_somebody_is_told_at_once() {
    let (house, _file) = sealed().await;
    let (sshd, other) = (Sshd::open(), Sshd::open());
    let mut wrong = destination(&sshd);
    wrong.server = sshd.server_known_by(other.host_key());
    let mut pusher = FeedPusher::new(house.engine.clone(), wrong);
    assert_eq!(pusher.round().await.unwrap(), failed(1));
    assert_eq!(names(sshd.folder()), [""; 0]);
    assert_eq!(sshd.logins(), 0, "we did not prove who we are");
    assert_eq!(reasons(&house).await, [FeedAlertReason::WrongKey]);
    let words = deliveries(&house).await.remove(0).words;
    let shown = sshd.host_key().to_string();
    assert!(words.contains(&shown), "{words} names {shown}");
    // Mended in the configuration, by the fingerprint alone.
    let pinned: HostKey = shown.parse().unwrap();
    let mut right = destination(&sshd);
    right.server = sshd.server_known_by(pinned);
    house.clock.forward(SignedDuration::from_secs(30));
    let mut pusher = FeedPusher::new(house.engine.clone(), right);
    assert_eq!(pusher.round().await.unwrap(), delivered(1));
    assert_eq!(reasons(&house).await, []);
    assert_eq!(outcomes(&house).await, ["wrong_key", "delivered"]);
}

#[tokio::test]
async fn a_server_that_is_away_is_knocked_at_ever_later_and_gets_the_file_once() {
    let (house, _file) = sealed().await;
    let mut sshd = Sshd::open();
    let mut pusher = pusher(&house, &sshd);
    sshd.stop();
    assert_eq!(pusher.round().await.unwrap(), failed(1));
    assert_eq!(
        pusher.round().await.unwrap(),
        Pushed::default(),
        "not before its time"
    );
    house.clock.forward(SignedDuration::from_secs(30));
    assert_eq!(pusher.round().await.unwrap(), failed(1));
    sshd.start();
    house.clock.forward(SignedDuration::from_secs(30));
    assert_eq!(
        pusher.round().await.unwrap(),
        Pushed::default(),
        "two minutes by now"
    );
    house.clock.forward(SignedDuration::from_secs(90));
    assert_eq!(pusher.round().await.unwrap(), delivered(1));
    assert_eq!(names(sshd.folder()), three());
    assert_eq!(outcomes(&house).await, ["failed", "failed", "delivered"]);
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_a_part_and_the_next_attempt_completes_it() {
    let (house, file) = sealed().await;
    let sshd = Sshd::open();
    let part = sshd.folder().join(format!("{NAME}.part"));
    // The server's process dies when the file has been begun and none of its bytes has come.
    let gate = Gate::open(&sshd, part.clone()).await;
    let mut through = destination(&sshd);
    through.server = sshd.server_at(gate.port());
    let mut pusher = FeedPusher::new(house.engine.clone(), through);
    assert_eq!(pusher.round().await.unwrap(), failed(1));
    assert!(gate.has_cut());
    assert!(part.is_file());
    assert!(!sshd.folder().join(NAME).exists());
    house.clock.forward(SignedDuration::from_secs(30));
    assert_eq!(pusher.round().await.unwrap(), delivered(1));
    assert_eq!(names(sshd.folder()), three());
    let length = std::fs::metadata(sshd.folder().join(NAME)).unwrap().len();
    assert_eq!(i64::try_from(length).unwrap(), csv_bytes(&file));
}

#[tokio::test]
async fn another_file_under_the_name_is_never_written_over() {
    let (house, file) = sealed().await;
    let sshd = Sshd::open();
    let mut pusher = pusher(&house, &sshd);
    let length = usize::try_from(csv_bytes(&file)).unwrap();
    for bytes in [b"short".to_vec(), vec![b'x'; length]] {
        let path = sshd.folder().join(NAME);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(pusher.round().await.unwrap(), failed(1));
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(names(sshd.folder()), [NAME]);
        assert_eq!(reasons(&house).await, [FeedAlertReason::OtherFile]);
        house.clock.forward(hours(1));
        assert_eq!(
            pusher.round().await.unwrap(),
            Pushed::default(),
            "a person decides"
        );
        std::fs::remove_file(path).unwrap();
        again(&house).await;
    }
    // Its digest as well: what lies beside a file is part of it.
    let digest = sshd.folder().join(format!("{NAME}.sha256"));
    std::fs::write(&digest, "x").unwrap();
    assert_eq!(pusher.round().await.unwrap(), failed(1));
    std::fs::remove_file(digest).unwrap();
    again(&house).await;
    assert_eq!(pusher.round().await.unwrap(), delivered(1));
    assert_eq!(reasons(&house).await, []);
}

#[tokio::test]
async fn a_file_that_cannot_be_brought_is_given_up_and_brought_again_when_somebody_asks() {
    let (house, _file) = sealed().await;
    let mut sshd = Sshd::open();
    let mut pusher = pusher(&house, &sshd);
    sshd.stop();
    for _ in 0..DELIVERY_TRIES_MAX {
        // That nobody acknowledged it is told beside it, from Wednesday on.
        let told = reasons(&house).await;
        assert!(!told.contains(&FeedAlertReason::NotDelivered));
        assert_eq!(pusher.round().await.unwrap(), failed(1));
        house.clock.forward(hours(8));
    }
    assert_eq!(pusher.round().await.unwrap(), Pushed::default());
    let stuck = deliveries(&house).await.remove(0);
    assert_eq!(stuck.state, DeliveryState::GivenUp);
    let alerts = house.engine.feed_alerts(None).await.unwrap();
    let alert = alerts
        .iter()
        .find(|one| one.shape == Some(Shape::Csv))
        .unwrap();
    assert_eq!(alert.reason, FeedAlertReason::NotDelivered);
    assert!(
        alert.words.starts_with("no connection could be made"),
        "{}",
        alert.words
    );
    sshd.start();
    again(&house).await;
    assert_eq!(pusher.round().await.unwrap(), delivered(1));
    assert_eq!(names(sshd.folder()), three());
}

#[tokio::test]
async fn two_workers_bring_a_file_once_and_a_dead_ones_work_is_taken_over() {
    let (house, _file) = sealed().await;
    let sshd = Sshd::open();
    let plan = destination(&sshd).plan;
    house.engine.plan_feed_deliveries(&plan).await.unwrap();
    // Taken up, and then nothing: what a killed process leaves.
    let taken = house
        .engine
        .take_feed_deliveries(&plan.biller)
        .await
        .unwrap();
    assert_eq!(taken.len(), 1);
    let (mut one, mut other) = (pusher(&house, &sshd), pusher(&house, &sshd));
    assert_eq!(
        one.round().await.unwrap(),
        Pushed::default(),
        "somebody has it"
    );
    house.clock.forward(SignedDuration::from_secs(60));
    let (one, other) = tokio::join!(one.round(), other.round());
    assert_eq!(one.unwrap().delivered + other.unwrap().delivered, 1);
    let delivery = deliveries(&house).await.remove(0);
    assert_eq!((delivery.attempts, delivery.log.len()), (2, 1));
    assert_eq!(names(sshd.folder()), three());
}
