//! Whatever is done to journals and log by force is found, and named as far as it is still there.

use epay_ledger::log::{Head, LeafFields, LogHash};
use epay_ledger_pg::{Finding, VerifyReport};

use crate::support::{instant, paid};
use crate::world::{ORIGIN, World, key};

/// What keeps the other checks quiet: balances that are the sums of the entries.
const REBALANCE: &str = "UPDATE ledger.balance b SET debit = s.debit, credit = s.credit
      FROM (SELECT a.id, coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS debit,
                   coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0) AS credit
              FROM ledger.account a LEFT JOIN ledger.entry e ON e.account = a.id GROUP BY a.id) s
     WHERE b.account = s.id";

/// Six journals, each under a head of its own.
async fn six() -> World {
    let world = World::new().await;
    let journals: Vec<_> = (1..=6)
        .map(|n| paid(n, "rvd", 100 * i64::try_from(n).expect("small")))
        .collect();
    world.post_and_seal(&journals).await;
    world
}

/// The id of journal `n`, as SQL.
fn id(n: u128) -> String {
    format!("'{}'", crate::support::id(n))
}

/// The words for machines, and the journals that are named: by the number that they were posted under.
#[expect(
    clippy::indexing_slicing,
    reason = "a missing member of JSON is null, never a panic"
)]
fn found(report: &VerifyReport) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|finding| {
            let json = serde_json::to_value(finding).expect("serialises");
            let kind = json["kind"].as_str().expect("a kind").to_owned();
            let mut words = vec![kind];
            words.extend(json["source"].as_str().map(str::to_owned));
            let listed = json["suspects"].as_array().or(json["journals"].as_array());
            let names: Vec<_> = match listed {
                Some(list) => list.iter().map(|name| &name["journal"]).collect(),
                None => vec![&json["journal"]],
            };
            let numbers = (1..=9_u32).filter(|n| {
                let id = crate::support::id(u128::from(*n)).to_string();
                names.iter().any(|name| name.as_str() == Some(&id))
            });
            words.extend(numbers.map(|n| n.to_string()));
            words.join(" ")
        })
        .collect()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row a way to tamper")]
async fn what_is_changed_removed_or_moved_by_force_is_found_and_named() {
    let amount = format!(
        "UPDATE ledger.entry SET amount = amount * 2 WHERE journal_id = {}; {REBALANCE}",
        id(3)
    );
    let removed = format!(
        "DELETE FROM ledger.journal WHERE id = {0}; DELETE FROM ledger.entry WHERE journal_id = {0}; {REBALANCE}",
        id(3)
    );
    let with_leaf = format!(
        "{removed}; DELETE FROM ledger.log_leaf WHERE journal_id = {}",
        id(3)
    );
    let moved_up = format!(
        "{with_leaf}; UPDATE ledger.log_leaf SET leaf_index = leaf_index + 100 WHERE leaf_index > 2;
         UPDATE ledger.log_leaf SET leaf_index = leaf_index - 101 WHERE leaf_index > 100"
    );
    let swapped = format!(
        "UPDATE ledger.log_leaf l SET journal_id = o.journal_id, hash = o.hash FROM ledger.log_leaf o
          WHERE l.leaf_index IN (1, 4) AND o.leaf_index = 5 - l.leaf_index AND {} <> ''",
        id(1)
    );
    let swapped = swapped.replace(
        "UPDATE ledger.log_leaf l",
        "ALTER TABLE ledger.log_leaf DROP CONSTRAINT log_leaf_once; UPDATE ledger.log_leaf l",
    );
    let late = "INSERT INTO ledger.journal (posted_at, posted_in, id, business_date, kind, book, source)
        SELECT posted_at, (SELECT sealed_below - 1 FROM ledger.log_state), replace(id::text, '000000000003', '000000000007')::uuid, business_date, kind, book, source
          FROM ledger.journal WHERE source = 'receipt-3';
        INSERT INTO ledger.entry (amount, journal_id, account, book, line)
        SELECT amount, replace(journal_id::text, '000000000003', '000000000007')::uuid, account, book, line
          FROM ledger.entry WHERE journal_id = (SELECT id FROM ledger.journal WHERE source = 'receipt-3' ORDER BY id LIMIT 1)";
    for (name, force, expected) in [
        ("an amount", amount, &["journal_altered 3"][..]),
        (
            "a source, which moves no money",
            "UPDATE ledger.journal SET source = 'other' WHERE source = 'receipt-5'".to_owned(),
            &["journal_altered 5"],
        ),
        (
            "an instant",
            "UPDATE ledger.journal SET posted_at = posted_at + interval '1 microsecond' WHERE source = 'receipt-6'".to_owned(),
            &["journal_altered 6"],
        ),
        (
            "the name of an account",
            "UPDATE ledger.account SET code = '2010.rvd.02-other' WHERE code = '2010.rvd.01-general'".to_owned(),
            &[
                "journal_altered 1", "journal_altered 2", "journal_altered 3", "journal_altered 4", "journal_altered 5",
                "journal_altered 6",
            ],
        ),
        ("a journal less", removed, &["journal_removed 3"]),
        ("a journal and its leaf less", with_leaf, &["log_gap"]),
        (
            "a journal and its leaf less, and later leaves moved up",
            moved_up,
            &[
                "log_state", "log_head stored 4", "log_truncated stored", "log_head kept 4", "log_truncated kept",
            ],
        ),
        (
            "two journals in each other's place",
            swapped,
            &["log_state", "log_head stored 5", "log_head kept 5", "log_disorder 2 3"],
        ),
        (
            "a journal slipped in behind the seal",
            format!("{late}; {REBALANCE}"),
            &["journal_unsealed 7"],
        ),
        (
            "a head less",
            "DELETE FROM ledger.log_head WHERE tree_size = 3".to_owned(),
            &[],
        ),
        (
            "the last head less",
            "DELETE FROM ledger.log_head WHERE tree_size = 6".to_owned(),
            &["log_unsigned"],
        ),
        (
            "no head at all",
            "DELETE FROM ledger.log_head".to_owned(),
            &["log_unsigned"],
        ),
        (
            "another root in a head",
            "UPDATE ledger.log_head SET root = sha256('') WHERE tree_size = 3".to_owned(),
            &["log_signature stored", "log_head stored 3"],
        ),
        (
            "another time in a head",
            "UPDATE ledger.log_head SET sealed_at = sealed_at - interval '1 day' WHERE tree_size = 3".to_owned(),
            &["log_signature stored"],
        ),
        (
            "the sealer's edge",
            "UPDATE ledger.log_state SET peaks = sha256('') || sha256('1')".to_owned(),
            &["log_state"],
        ),
    ] {
        let world = six().await;
        let kept = World::evidence(world.heads().await);
        let before = world.verify(&kept).await;
        assert!(before.is_sound(), "{before}");
        world.force(&force).await;
        let report = world.verify(&kept).await;
        assert_eq!(found(&report), expected, "{name}: {report}");
        assert_eq!(report.is_sound(), expected.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_journal_and_its_leaf_rewritten_together_do_not_fit_the_signed_heads() {
    let world = six().await;
    let kept = World::evidence(world.heads().await);
    let forged = paid(3, "rvd", 900);
    let hash = LeafFields::of(&forged).hash();
    world
        .force(&format!(
            "UPDATE ledger.entry SET amount = amount * 3 WHERE journal_id = {0}; {REBALANCE};
             UPDATE ledger.log_leaf SET hash = '\\x{hash}' WHERE journal_id = {0}",
            id(3)
        ))
        .await;
    let report = world.verify(&kept).await;
    let expected = ["log_state", "log_head stored 3", "log_head kept 3"];
    assert_eq!(found(&report), expected, "{report}");
}

#[tokio::test]
async fn a_tail_cut_off_everywhere_is_known_by_a_head_that_was_kept() {
    let world = World::new().await;
    let journals: Vec<_> = (1..=6).map(|n| paid(n, "rvd", 100)).collect();
    world.post_and_seal(&journals[..4]).await;
    let client = world.ledger.superuser().await;
    let keep_state = "CREATE TABLE ledger.before AS SELECT * FROM ledger.log_state";
    client.batch_execute(keep_state).await.expect("keeps");
    world.post_and_seal(&journals[4..]).await;
    let kept = world.heads().await;
    world
        .force(&format!(
            "DELETE FROM ledger.journal WHERE id IN ({0}, {1}); DELETE FROM ledger.entry WHERE journal_id IN ({0}, {1});
             DELETE FROM ledger.log_leaf WHERE leaf_index >= 4; DELETE FROM ledger.log_head WHERE tree_size > 4;
             DELETE FROM ledger.log_state; INSERT INTO ledger.log_state SELECT * FROM ledger.before;
             DROP TABLE ledger.before; {REBALANCE}",
            id(5),
            id(6)
        ))
        .await;
    let alone = world.verify(&World::evidence(vec![])).await;
    assert!(alone.is_sound(), "nothing in the database tells: {alone}");
    let one_head = vec![kept.last().expect("a head").clone()];
    let report = world.verify(&World::evidence(one_head)).await;
    assert_eq!(found(&report), ["log_truncated kept"], "{report}");
    assert!(
        report
            .to_string()
            .contains("covers 6 leaves and the log has 4"),
        "{report}"
    );
}

#[tokio::test]
async fn a_history_that_was_made_anew_is_known_by_a_head_that_was_kept() {
    let (first, second) = (six().await, World::new().await);
    let others: Vec<_> = (1..=6).map(|n| paid(n, "rvd", 777)).collect();
    second.post_and_seal(&others).await;
    let kept = first.heads().await;
    let report = second.verify(&World::evidence(kept)).await;
    assert_eq!(found(&report), ["log_head kept 1"], "{report}");
}

#[tokio::test]
async fn heads_of_keys_that_nobody_knows_are_not_believed() {
    let world = six().await;
    let head = |size| Head::new(ORIGIN, size, LogHash::of_nothing(), instant(1)).expect("a head");
    let stranger = key("k2", 2).sign(head(3)).expect("signs");
    let mut impostor = key("k1", 2).sign(head(3)).expect("signs");
    let report = world.verify(&World::evidence(vec![stranger])).await;
    assert_eq!(
        found(&report),
        ["log_signature kept", "log_head kept 1 2 3"]
    );
    impostor.key_id = "k1".to_owned();
    let report = world.verify(&World::evidence(vec![impostor])).await;
    assert_eq!(
        found(&report),
        ["log_signature kept", "log_head kept 1 2 3"]
    );
    assert!(matches!(report.findings[0], Finding::Log(_)));
}
