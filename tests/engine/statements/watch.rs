//! Folders that are watched: whole files are taken in once and put away, and one that cannot be stands in nobody's way.

use epay_money::RailId;
use epay_worker::WatchedFolder;

use super::{DAY, statement};
use crate::house::{House, RVD};

#[tokio::test]
async fn a_watched_folder_gives_whole_files_once_and_they_are_put_away() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let mut watched = WatchedFolder::new(house.engine.clone(), folder.path().to_owned());
    put("b.xml", &statement(RVD, 21, 371_500, &[("B4", 1)]));
    put("a.xml", &statement(RVD, 20, 0, &DAY));
    put("half.xml.part", "<Document");
    put(".hidden", "x");
    put("no.txt", "H,EPG-RECON,1.0");
    // The first look only remembers: somebody may still be writing.
    assert_eq!(watched.beat().await.unwrap(), 0);
    put(
        "a.xml",
        &statement(RVD, 20, 0, &DAY).replace("<MsgId>M", "<MsgId>MM"),
    );
    assert_eq!(watched.beat().await.unwrap(), 2, "one of them has changed");
    assert_eq!(watched.beat().await.unwrap(), 1);
    let names = |of: &str| {
        let mut names: Vec<String> = std::fs::read_dir(folder.path().join(of))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(""), [".hidden", "done", "half.xml.part", "refused"]);
    assert_eq!(names("done"), ["a.xml", "b.xml"]);
    assert_eq!(names("refused"), ["no.txt"]);
    // The same file under the same name again: known, and put beside the first.
    put(
        "a.xml",
        &statement(RVD, 20, 0, &DAY).replace("<MsgId>M", "<MsgId>MM"),
    );
    watched.beat().await.unwrap();
    assert_eq!(watched.beat().await.unwrap(), 1);
    assert_eq!(names("done").len(), 3);
    let counted = "SELECT count(*) FROM recon.statement_entry WHERE standing = 'counts'";
    assert_eq!(house.count(counted).await, 4);
}

#[tokio::test]
async fn a_folder_of_a_rail_gives_its_files_to_the_rail() {
    let house = House::open().await;
    house.bill("rvd-rates", "000123456789011", 372_000).await;
    let folder = tempfile::tempdir().unwrap();
    let rail = RailId::new("pps").unwrap();
    let path = folder.path().to_owned();
    let mut watched = WatchedFolder::of_rail(house.engine.clone(), path, rail);
    let text = crate::files::file("PPS-1", &[("000123456789011", "372000", "P1")]);
    std::fs::write(folder.path().join("a.txt"), text).unwrap();
    std::fs::write(folder.path().join("b.xml"), statement(RVD, 20, 0, &DAY)).unwrap();
    watched.beat().await.unwrap();
    assert_eq!(watched.beat().await.unwrap(), 2);
    assert_eq!(house.receipts("rvd").await.len(), 1);
    assert!(folder.path().join("done/a.txt").is_file());
    // A statement is no file of this rail.
    assert!(folder.path().join("refused/b.xml").is_file());
}

#[tokio::test]
async fn a_file_that_cannot_be_put_away_does_not_keep_the_next_from_being_read() {
    let house = House::open().await;
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let mut watched = WatchedFolder::new(house.engine.clone(), folder.path().to_owned());
    put("a.xml", &statement(RVD, 20, 0, &DAY));
    put("b.xml", &statement(RVD, 21, 371_500, &[("B4", 1)]));
    // Where files go that were read, somebody put a file.
    put("done", "not a folder");
    watched.beat().await.unwrap();
    assert!(watched.beat().await.is_err());
    let counted = "SELECT count(*) FROM recon.statement_entry WHERE standing = 'counts'";
    assert_eq!(house.count(counted).await, 4, "both were read");
    // That file was a statement too, as far as anybody could know: it is refused and away, and the others follow.
    assert_eq!(watched.beat().await.unwrap(), 2);
    assert!(folder.path().join("done/a.xml").is_file());
    assert!(folder.path().join("refused/done").is_file());
}
