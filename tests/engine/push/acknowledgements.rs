//! What a department leaves in `ack/`: taken in once, and put away.

use epay_store::feed::FeedVerdict;
use epay_worker::Pushed;

use super::sshd::Sshd;
use super::{feed, names, pusher, sealed};

const ACK: &str = "EPG_RVD_RECON_20261123_000001.ack";

fn put_away(count: usize) -> Pushed {
    Pushed {
        acknowledgements: count,
        ..Pushed::default()
    }
}

#[tokio::test]
async fn an_acknowledgement_is_taken_in_once_and_put_away() {
    let (house, file) = sealed().await;
    let sshd = Sshd::open();
    let mut pusher = pusher(&house, &sshd);
    let folder = sshd.folder().join("ack");
    pusher.round().await.unwrap();
    std::fs::create_dir(&folder).unwrap();
    let leave = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let net = "3720.00";
    leave(ACK, format!("ACK 000001 1 {net}\n").as_bytes());
    assert_eq!(
        pusher.round().await.unwrap(),
        Pushed::default(),
        "it may still grow"
    );
    assert_eq!(pusher.round().await.unwrap(), put_away(1));
    let verdict = async || {
        let reader = house.engine.reader();
        reader
            .feed_file(&feed(), file.sequence)
            .await
            .unwrap()
            .acknowledged
    };
    assert_eq!(verdict().await, Some(FeedVerdict::Accepted));
    assert_eq!(names(&folder), ["done"]);

    // A refusal in between; then the first file once more, which says nothing new.
    leave("EPG_RVD_RECON_2.ack", b"NAK 000001 1 bill unknown\n");
    pusher.round().await.unwrap();
    assert_eq!(pusher.round().await.unwrap(), put_away(1));
    leave(ACK, format!("ACK 000001 1 {net}\n").as_bytes());
    pusher.round().await.unwrap();
    assert_eq!(pusher.round().await.unwrap(), put_away(1));
    assert_eq!(
        verdict().await,
        Some(FeedVerdict::Refused),
        "each file counts once"
    );
    let again = format!("{ACK}.1");
    assert_eq!(
        names(&folder.join("done")),
        ["EPG_RVD_RECON_2.ack", ACK, &again]
    );
    let said = house.engine.reader().acknowledgements(&feed(), 1).await;
    assert_eq!(said.unwrap().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_is_set_apart_and_what_is_no_acknowledgement_stays() {
    let (house, _file) = sealed().await;
    let sshd = Sshd::open();
    let mut pusher = pusher(&house, &sshd);
    let folder = sshd.folder().join("ack");
    std::fs::create_dir(&folder).unwrap();
    let large = vec![b'\n'; epay_feed::ACKNOWLEDGEMENT_BYTES_MAX + 1];
    let table: [(&str, &[u8]); 5] = [
        ("a.ack", b"ACK 000001 1 3720.00\nACK 0000"),
        ("b.ack", b"ACK 000009 1 1.00\n"),
        ("c.ack", b"\xff\xfe"),
        ("d.ack", &large),
        ("e.ack", b""),
    ];
    let stays = [".hidden.ack", "f.ack.part", "g h.ack", "notes.txt"];
    for (name, bytes) in table {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    for name in stays {
        std::fs::write(folder.join(name), "ACK 000001 1 3720.00\n").unwrap();
    }
    std::fs::create_dir(folder.join("h.ack")).unwrap();
    pusher.round().await.unwrap();
    assert_eq!(pusher.round().await.unwrap().acknowledgements, table.len());
    assert_eq!(
        names(&folder.join("refused")),
        table.map(|(name, _bytes)| name)
    );
    let mut left = stays.to_vec();
    left.extend(["h.ack", "refused"]);
    left.sort_unstable();
    assert_eq!(names(&folder), left);
    let said = house.engine.reader().acknowledgements(&feed(), 1).await;
    assert_eq!(said.unwrap(), [], "half a file says nothing");
}
