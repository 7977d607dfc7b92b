//! Proofs from the stored rows, judged by the heads.

use epay_ledger::log::LeafFields;
use epay_ledger_pg::{LedgerPgError, consistency_proof, inclusion_proof, log_head};

use crate::support::{book, id, paid};
use crate::world::World;

#[tokio::test]
async fn every_journal_is_proved_under_every_later_head_and_heads_to_each_other() {
    let world = World::new().await;
    let journals: Vec<_> = (1..=700).map(|n| paid(n, "rvd", 100)).collect();
    for some in journals.chunks(77) {
        world.ledger.post(some).await.expect("posts");
        assert_eq!(world.seal_all().await, some.len());
    }
    let client = world.ledger.client().await;
    let heads = world.heads().await;
    assert_eq!(heads.len(), 10);
    for (place, journal) in journals.iter().enumerate().step_by(53) {
        let leaf = LeafFields::of(journal).hash();
        for signed in &heads {
            let size = signed.head.size();
            let proof = inclusion_proof(&**client, journal.book(), journal.id(), size)
                .await
                .expect("reads");
            assert_eq!(
                proof.is_some(),
                place < usize::try_from(size).expect("small")
            );
            if let Some(proof) = proof {
                assert_eq!(proof.verify(&leaf, signed.head.root()), Ok(()));
            }
        }
    }
    for first in &heads {
        for second in &heads {
            let sizes = (first.head.size(), second.head.size());
            let proof = consistency_proof(&**client, sizes.0, sizes.1)
                .await
                .expect("reads");
            assert_eq!(proof.is_some(), sizes.0 <= sizes.1, "{sizes:?}");
            if let Some(proof) = proof {
                let judged = proof.verify(first.head.root(), second.head.root());
                assert_eq!(judged, Ok(()), "{sizes:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_in_the_log_has_no_proof() {
    let world = World::new().await;
    world
        .ledger
        .post(&[paid(1, "rvd", 100)])
        .await
        .expect("posts");
    let client = world.ledger.client().await;
    assert_eq!(log_head(&**client, None).await.expect("reads"), None);
    assert_eq!(world.seal_all().await, 1);
    world
        .ledger
        .post(&[paid(2, "rvd", 100)])
        .await
        .expect("posts");
    for (biller, n, size, proved) in [
        ("rvd", 1, 1, true),
        ("rvd", 1, 0, false),
        ("rvd", 2, 1, false),
        ("wsd", 1, 1, false),
        ("rvd", 9, 1, false),
    ] {
        let proof = inclusion_proof(&**client, &book(biller), id(n), size).await;
        assert_eq!(
            proof.expect("reads").is_some(),
            proved,
            "{biller} {n} {size}"
        );
    }
    let beyond = consistency_proof(&**client, 1, 5)
        .await
        .expect_err("not grown");
    assert!(matches!(beyond, LedgerPgError::Log(_)), "{beyond:?}");
    let last = log_head(&**client, None)
        .await
        .expect("reads")
        .expect("a head");
    let same = log_head(&**client, Some(1))
        .await
        .expect("reads")
        .expect("it");
    assert_eq!(last, same);
}
