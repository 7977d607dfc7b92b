//! Every journal gets a leaf, once, in an order that no commit can disturb.

use epay_ledger::{Journal, reversal};
use epay_ledger_pg::{SEAL_JOURNALS_MAX, Sealed, Sealer, post_in};

use crate::support::{instant, journal, paid, unapplied};
use crate::world::{ORIGIN, World, key, root};

#[tokio::test]
async fn journals_become_leaves_and_a_head_is_signed() {
    let world = World::new().await;
    assert_eq!(world.seal_all().await, 0);
    assert_eq!(world.heads().await, []);
    let wrong = unapplied(2, "rvd", 500);
    let undo = journal(3, "rvd", reversal(&wrong));
    let journals = [paid(1, "rvd", 372_000), wrong, undo, paid(4, "wsd", 100)];
    world.ledger.post(&journals[..2]).await.expect("posts");
    assert_eq!(world.seal_all().await, 2);
    world.ledger.post(&journals[2..]).await.expect("posts");
    assert_eq!(world.seal_all().await, 2);
    assert_eq!(world.seal_all().await, 0);
    let heads = world.heads().await;
    let found: Vec<_> = heads
        .iter()
        .map(|signed| {
            (
                signed.head.size(),
                *signed.head.root(),
                signed.key_id.as_str(),
            )
        })
        .collect();
    let expected = [(2, root(&journals[..2]), "k1"), (4, root(&journals), "k1")];
    assert_eq!(found, expected);
    assert!(heads.iter().all(|signed| signed.head.origin() == ORIGIN));
    let report = world.verify(&World::evidence(heads)).await;
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.leaves, report.heads, report.unsealed), (4, 2, 0));
}

#[tokio::test]
async fn a_journal_whose_transaction_commits_late_is_sealed_late_and_never_lost() {
    for commits in [true, false] {
        let world = World::new().await;
        let post = async |journal: &Journal| {
            let one = std::slice::from_ref(journal);
            world.ledger.post(one).await.expect("posts");
        };
        let (early, late) = (paid(1, "rvd", 100), paid(2, "rvd", 200));
        let (first, quick) = (paid(3, "wsd", 300), paid(4, "wsd", 400));
        let mut slow = world.ledger.client().await;
        let every = [early.clone(), first.clone()];
        world
            .ledger
            .directory
            .ensure(&slow, &every)
            .await
            .expect("accounts");
        post(&first).await;
        let slow = slow.transaction().await.expect("begins");
        post_in(&slow, &world.ledger.directory, &every[..1])
            .await
            .expect("posts");
        // The open transaction has a number, and one with a higher number commits and is sealed. Another biller's book, so
        // that no balance makes it wait.
        post(&quick).await;
        assert_eq!(world.seal_all().await, 2);
        assert_eq!(world.seal_all().await, 0);
        let expected = if commits {
            slow.commit().await.expect("commits");
            assert_eq!(world.seal_all().await, 1);
            vec![&first, &quick, &early, &late]
        } else {
            slow.rollback().await.expect("rolls back");
            assert_eq!(world.seal_all().await, 0);
            vec![&first, &quick, &late]
        };
        post(&late).await;
        assert_eq!(world.seal_all().await, 1);
        let heads = world.heads().await;
        let last = heads.last().expect("a head");
        assert_eq!(*last.head.root(), root(expected), "commits: {commits}");
        let report = world.verify(&World::evidence(heads)).await;
        assert!(report.is_sound(), "{report}");
    }
}

#[tokio::test]
async fn sealers_that_meet_seal_every_journal_once() {
    let world = World::new().await;
    // A sealer looks at so many transactions at a time, and numbers are the whole cluster's: first it catches up.
    assert_eq!(world.seal_all().await, 0);
    let journals: Vec<_> = (1..=300).map(|n| paid(n, "rvd", 100)).collect();
    for some in journals.chunks(20) {
        world.ledger.post(some).await.expect("posts");
    }
    let mut sealers = Vec::new();
    for _ in 0..4 {
        let sealer = Sealer::new(key("k1", 1), ORIGIN).expect("a sealer");
        sealers.push((sealer, world.ledger.client().await));
    }
    let mut sealed = 0;
    // Transactions of other databases of the cluster may be in the way for some rounds.
    while sealed < journals.len() {
        let tried = sealers
            .iter_mut()
            .map(|(sealer, client)| sealer.seal(client, instant(1)));
        for outcome in futures_util::future::join_all(tried).await {
            match outcome.expect("seals or leaves it") {
                Sealed::Elsewhere => {}
                Sealed::Batch { journals, .. } => sealed += journals,
            }
        }
    }
    assert_eq!(sealed, 300);
    drop(sealers);
    let heads = world.heads().await;
    let last = heads.last().expect("a head");
    assert_eq!(*last.head.root(), root(&journals));
}

#[tokio::test]
async fn a_batch_that_fails_leaves_nothing_and_is_made_again() {
    let world = World::new().await;
    // A sealer looks at so many transactions at a time, and numbers are the whole cluster's: first it catches up.
    assert_eq!(world.seal_all().await, 0);
    let journals = [paid(1, "rvd", 100), paid(2, "rvd", 200)];
    world.ledger.post(&journals).await.expect("posts");
    let superuser = world.ledger.superuser().await;
    superuser
        .batch_execute(
            "ALTER TABLE ledger.log_head ADD CONSTRAINT full_disk CHECK (false) NOT VALID",
        )
        .await
        .expect("breaks it");
    world.seal().await.expect_err("the head cannot be written");
    let left =
        "SELECT (SELECT count(*) FROM ledger.log_leaf) + (SELECT tree_size FROM ledger.log_state)";
    assert_eq!(world.ledger.number(left).await, 0);
    superuser
        .batch_execute("ALTER TABLE ledger.log_head DROP CONSTRAINT full_disk")
        .await
        .expect("mends it");
    assert_eq!(world.seal_all().await, 2);
    assert_eq!(*world.heads().await[0].head.root(), root(&journals));
}

#[tokio::test]
async fn a_long_past_is_sealed_in_batches() {
    let world = World::new().await;
    // One transaction larger than a batch, then many small ones.
    let large: Vec<_> = (1..=5_000).map(|n| paid(n, "rvd", 100)).collect();
    let small: Vec<_> = (5_001..=5_040).map(|n| paid(n, "wsd", 100)).collect();
    world.ledger.post(&large).await.expect("posts");
    for journal in &small {
        world
            .ledger
            .post(std::slice::from_ref(journal))
            .await
            .expect("posts");
    }
    assert_eq!(world.seal_all().await, 5_040);
    let heads = world.heads().await;
    assert_eq!(heads[0].head.size(), SEAL_JOURNALS_MAX as u64);
    let last = heads.last().expect("a head");
    assert_eq!(last.head.size(), 5_040);
    assert_eq!(*last.head.root(), root(large.iter().chain(&small)));
    let subtrees = "SELECT count(*) FROM ledger.log_subtree";
    assert_eq!(world.ledger.number(subtrees).await, 5_040 / 256);
    let report = world.verify(&World::evidence(heads)).await;
    assert!(report.is_sound(), "{report}");
    world.force("UPDATE ledger.log_subtree s SET hash = o.hash FROM ledger.log_subtree o WHERE s.subtree_index = 7 AND o.subtree_index = 8").await;
    let report = world.verify(&World::evidence(vec![])).await;
    assert_eq!(report.findings.len(), 1, "{report}");
    assert!(
        report.to_string().contains("subtree 7 of level 8"),
        "{report}"
    );
}

#[tokio::test]
async fn a_copy_in_another_cluster_goes_on_where_the_log_was() {
    let world = World::new().await;
    let mut journals: Vec<_> = (1..=6).map(|n| paid(n, "rvd", 100)).collect();
    world.ledger.post(&journals[..2]).await.expect("posts");
    assert_eq!(world.seal_all().await, 2);
    world.ledger.post(&journals[2..4]).await.expect("posts");
    // As a dump would be restored: the numbers of transactions are those of a cluster that has seen far more of them.
    world
        .force(
            "UPDATE ledger.journal SET posted_in = posted_in + 1000000000;
             UPDATE ledger.log_state SET sealed_below = sealed_below + 1000000000, cluster = cluster - 1",
        )
        .await;
    world.ledger.post(&journals[4..5]).await.expect("posts");
    assert_eq!(world.seal_all().await, 3);
    world.ledger.post(&journals[5..]).await.expect("posts");
    assert_eq!(world.seal_all().await, 1);
    assert_eq!(world.seal_all().await, 0);
    // What this cluster wrote has the lower number.
    journals.swap(2, 4);
    journals[3..5].rotate_left(1);
    let heads = world.heads().await;
    assert_eq!(*heads[2].head.root(), root(&journals));
    let report = world.verify(&World::evidence(heads)).await;
    assert!(report.is_sound(), "{report}");
    assert_eq!(report.leaves, 6);
}

#[tokio::test]
async fn a_quiet_ledger_costs_no_write() {
    let world = World::new().await;
    world
        .ledger
        .post(&[paid(1, "rvd", 100)])
        .await
        .expect("posts");
    assert_eq!(world.seal_all().await, 1);
    let version = "SELECT xmin::text::bigint FROM ledger.log_state";
    let before = world.ledger.number(version).await;
    for _ in 0..3 {
        assert_eq!(world.seal_all().await, 0);
    }
    assert_eq!(world.ledger.number(version).await, before);
}

#[tokio::test]
async fn nobody_changes_or_deletes_what_is_sealed() {
    let world = World::new().await;
    world
        .ledger
        .post(&[paid(1, "rvd", 100)])
        .await
        .expect("posts");
    assert_eq!(world.seal_all().await, 1);
    let (service, superuser) = (world.ledger.client().await, world.ledger.superuser().await);
    for table in ["log_leaf", "log_subtree", "log_head", "log_state"] {
        let mut statements = vec![
            format!("DELETE FROM ledger.{table}"),
            format!("TRUNCATE ledger.{table}"),
        ];
        if table != "log_state" {
            let column = if table == "log_head" { "root" } else { "hash" };
            statements.push(format!("UPDATE ledger.{table} SET {column} = ''"));
        }
        for statement in statements {
            let denied = service
                .batch_execute(&statement)
                .await
                .expect_err(&statement);
            assert_eq!(
                denied.code().expect("a state").code(),
                "42501",
                "{statement}"
            );
            let refused = superuser
                .batch_execute(&statement)
                .await
                .expect_err(&statement);
            let refused = refused.as_db_error().expect("the server speaks");
            assert_eq!(refused.constraint(), Some("log_immutable"), "{statement}");
        }
    }
}
