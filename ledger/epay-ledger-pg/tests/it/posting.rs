//! A batch is written whole, once, alone and beside others.

use epay_ledger::{balances, reversal};
use epay_ledger_pg::{AccountDirectory, JOURNALS_MAX, LedgerPgError, post, post_in};

use crate::support::{Ledger, book, code, journal, paid, paid_to, unapplied};

#[tokio::test]
async fn a_batch_of_any_size_adds_rows_and_balances() {
    for size in [1_u128, 2, 100, 1_000] {
        let ledger = Ledger::new().await;
        let journals: Vec<_> = (1..=size)
            .map(|n| paid_to(n, "rvd", &format!("line-{}", n % 7), 100))
            .collect();
        ledger.post(&journals).await.expect("posts");
        let size = i64::try_from(size).expect("small");
        assert_eq!(
            ledger.number("SELECT count(*) FROM ledger.journal").await,
            size
        );
        assert_eq!(
            ledger.number("SELECT count(*) FROM ledger.entry").await,
            size * 2
        );
        let clearing = "SELECT b.debit FROM ledger.balance b JOIN ledger.account a ON a.id = b.account WHERE a.code = '1110'";
        assert_eq!(ledger.number(clearing).await, size * 100);
        assert_eq!(
            ledger
                .number("SELECT sum(credit)::bigint FROM ledger.balance")
                .await,
            size * 100
        );
    }
}

#[tokio::test]
async fn stored_balances_are_what_the_fold_says() {
    let ledger = Ledger::new().await;
    let wrong = unapplied(1, "ird", 2_700_000);
    let undo = journal(2, "ird", reversal(&wrong));
    let journals = [
        wrong,
        undo,
        paid(3, "rvd", 372_000),
        paid(4, "wsd", 36_003),
        paid(5, "rvd", 298_000),
    ];
    ledger.post(&journals[..2]).await.expect("posts");
    ledger.post(&journals[2..]).await.expect("posts");
    let client = ledger.client().await;
    for (key, totals) in balances::fold(&journals).expect("adds up") {
        let row = client
            .query_one(
                "SELECT b.debit, b.credit FROM ledger.balance b
                   JOIN ledger.account a ON a.id = b.account JOIN ledger.book k ON k.id = b.book
                  WHERE k.biller_id = $1 AND a.code = $2 AND k.currency::text = $3",
                &[
                    &key.book.as_str(),
                    &key.account.as_str(),
                    &key.currency.code(),
                ],
            )
            .await
            .expect("a balance");
        assert_eq!(
            (row.get(0), row.get(1)),
            (totals.debit, totals.credit),
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_journal_is_posted_once_and_its_batch_with_it() {
    for size in [1_u128, 100] {
        let ledger = Ledger::new().await;
        ledger.post(&[paid(1, "rvd", 100)]).await.expect("posts");
        let batch: Vec<_> = (1..=size).map(|n| paid(n, "rvd", 100)).collect();
        let again = ledger.post(&batch).await;
        assert!(
            matches!(again, Err(LedgerPgError::AlreadyPosted(_))),
            "{again:?}"
        );
        assert_eq!(
            ledger.number("SELECT count(*) FROM ledger.journal").await,
            1
        );
        assert_eq!(
            ledger
                .number("SELECT sum(debit)::bigint FROM ledger.balance")
                .await,
            100
        );
        // The same id in another book is another journal.
        ledger.post(&[paid(1, "wsd", 100)]).await.expect("posts");
    }
}

#[tokio::test]
async fn a_journal_is_reversed_once() {
    let ledger = Ledger::new().await;
    let wrong = paid(1, "rvd", 100);
    ledger
        .post(std::slice::from_ref(&wrong))
        .await
        .expect("posts");
    ledger
        .post(&[journal(2, "rvd", reversal(&wrong))])
        .await
        .expect("reverses");
    let again = ledger.post(&[journal(3, "rvd", reversal(&wrong))]).await;
    assert!(
        matches!(again, Err(LedgerPgError::AlreadyReversed(_))),
        "{again:?}"
    );
    assert_eq!(
        ledger
            .number("SELECT sum(debit - credit)::bigint FROM ledger.balance WHERE account = 1")
            .await,
        0
    );
}

#[tokio::test]
async fn a_reversal_in_another_book_is_refused() {
    let ledger = Ledger::new().await;
    let original = paid(1, "rvd", 100);
    ledger
        .post(std::slice::from_ref(&original))
        .await
        .expect("posts");
    let refused = ledger.post(&[journal(2, "wsd", reversal(&original))]).await;
    assert!(
        matches!(&refused, Err(LedgerPgError::Refused { constraint, .. }) if constraint == "journal_mirrors"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_is_rolled_back_never_was() {
    let ledger = Ledger::new().await;
    let journals = [paid(1, "rvd", 100)];
    let mut client = ledger.client().await;
    ledger
        .directory
        .ensure(&client, &journals)
        .await
        .expect("accounts");
    let tx = client.transaction().await.expect("begins");
    post_in(&tx, &ledger.directory, &journals)
        .await
        .expect("posts");
    tx.rollback().await.expect("rolls back");
    assert_eq!(
        ledger.number("SELECT count(*) FROM ledger.journal").await,
        0
    );
    assert_eq!(
        ledger
            .number("SELECT sum(debit)::bigint FROM ledger.balance")
            .await,
        0
    );
    ledger.post(&journals).await.expect("posts after all");
}

#[tokio::test]
async fn a_transaction_of_its_own_commits_all_or_nothing() {
    let ledger = Ledger::new().await;
    let (good, other) = (
        [paid(1, "rvd", 100)],
        [paid(1, "rvd", 100), paid(2, "rvd", 100)],
    );
    let mut client = ledger.client().await;
    ledger
        .directory
        .ensure(&client, &good)
        .await
        .expect("accounts");
    post(&mut client, &ledger.directory, &good)
        .await
        .expect("posts");
    let again = post(&mut client, &ledger.directory, &other).await;
    assert!(
        matches!(again, Err(LedgerPgError::AlreadyPosted(_))),
        "{again:?}"
    );
    let unknown = post(&mut client, &AccountDirectory::new(), &other).await;
    assert!(
        matches!(unknown, Err(LedgerPgError::UnknownAccount { .. })),
        "{unknown:?}"
    );
    // The connection is outside any transaction and goes on as before.
    post(&mut client, &ledger.directory, &other[1..])
        .await
        .expect("posts");
    post(&mut client, &ledger.directory, &[])
        .await
        .expect("posts nothing");
    assert_eq!(
        ledger.number("SELECT count(*) FROM ledger.journal").await,
        2
    );
    assert_eq!(
        ledger
            .number("SELECT sum(debit)::bigint FROM ledger.balance")
            .await,
        200
    );
}

#[tokio::test]
async fn a_directory_that_knows_more_than_the_database_is_refused() {
    let (here, elsewhere) = (Ledger::new().await, Ledger::new().await);
    let journals = [paid(1, "rvd", 100)];
    elsewhere.post(&journals).await.expect("posts");
    // Accounts 1 and 2 are another book's here.
    here.post(&[paid(1, "wsd", 100)]).await.expect("posts");
    let mut client = here.client().await;
    let more = [paid_to(3, "rvd", "other", 100)];
    elsewhere
        .directory
        .ensure(&**elsewhere.client().await, &more)
        .await
        .expect("accounts");
    let tx = client.transaction().await.expect("begins");
    let refused = post_in(&tx, &elsewhere.directory, &more).await;
    assert!(
        matches!(&refused, Err(LedgerPgError::Refused { constraint, .. }) if constraint == "entry_account"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_batch_may_lie_inside_a_savepoint() {
    let ledger = Ledger::new().await;
    let journals = [paid(1, "rvd", 100)];
    let mut client = ledger.client().await;
    ledger
        .directory
        .ensure(&client, &journals)
        .await
        .expect("accounts");
    let mut tx = client.transaction().await.expect("begins");
    let inner = tx.savepoint("batch").await.expect("begins");
    post_in(&inner, &ledger.directory, &journals)
        .await
        .expect("posts");
    inner.commit().await.expect("keeps");
    tx.commit().await.expect("commits");
    assert_eq!(ledger.number("SELECT count(*) FROM ledger.entry").await, 2);
}

#[tokio::test]
async fn accounts_must_be_known_before_and_batches_are_bounded() {
    let ledger = Ledger::new().await;
    let mut client = ledger.client().await;
    let tx = client.transaction().await.expect("begins");
    let unknown = post_in(&tx, &AccountDirectory::new(), &[paid(1, "rvd", 100)]).await;
    let expected = (book("rvd"), code("1110"));
    assert!(
        matches!(&unknown, Err(LedgerPgError::UnknownAccount { key }) if (&key.book, &key.account) == (&expected.0, &expected.1)),
        "{unknown:?}"
    );
    let journals = vec![paid(1, "rvd", 100); JOURNALS_MAX + 1];
    let too_many = post_in(&tx, &ledger.directory, &journals).await;
    assert!(matches!(too_many, Err(LedgerPgError::TooMany { count }) if count == JOURNALS_MAX + 1));
}

#[tokio::test]
async fn two_directories_agree_on_the_same_accounts() {
    let ledger = Ledger::new().await;
    let journals: Vec<_> = (1..=50)
        .map(|n| paid_to(n, "rvd", &format!("line-{n}"), 100))
        .collect();
    let (one, two) = (AccountDirectory::new(), AccountDirectory::new());
    let (first, second) = (ledger.client().await, ledger.client().await);
    let (left, right) = tokio::join!(
        one.ensure(&first, &journals),
        two.ensure(&second, &journals)
    );
    left.expect("accounts");
    right.expect("accounts");
    assert_eq!(
        ledger.number("SELECT count(*) FROM ledger.account").await,
        51
    );
    assert_eq!(
        ledger.number("SELECT count(*) FROM ledger.balance").await,
        51
    );
    let loaded = AccountDirectory::load(&**first).await.expect("loads");
    let mut client = ledger.client().await;
    for (directory, journals) in [
        (&one, &journals[..10]),
        (&two, &journals[10..20]),
        (&loaded, &journals[20..]),
    ] {
        let tx = client.transaction().await.expect("begins");
        post_in(&tx, directory, journals).await.expect("posts");
        tx.commit().await.expect("commits");
    }
    assert_eq!(
        ledger
            .number("SELECT sum(debit)::bigint FROM ledger.balance")
            .await,
        5_000
    );
}

#[tokio::test]
async fn posters_side_by_side_on_the_same_accounts_lose_nothing() {
    const POSTERS: u128 = 4;
    const BATCHES: u128 = 12;
    let ledger = Ledger::new().await;
    // Each poster meets the accounts in another order.
    let batch = |poster: u128, batch: u128| -> Vec<_> {
        let size = if batch.is_multiple_of(2) { 20 } else { 80 };
        let first = (poster * BATCHES + batch) * 100;
        (0..size)
            .map(|n| {
                paid_to(
                    first + n,
                    "rvd",
                    &format!("line-{}", (n * (poster * 2 + 1)) % 16),
                    100,
                )
            })
            .collect()
    };
    let ledger = &ledger;
    let posters = (0..POSTERS).map(|poster| async move {
        for number in 0..BATCHES {
            ledger.post(&batch(poster, number)).await.expect("posts");
        }
    });
    futures_util::future::join_all(posters).await;
    let journals = i64::try_from(POSTERS * BATCHES * 50).expect("small");
    assert_eq!(
        ledger.number("SELECT count(*) FROM ledger.journal").await,
        journals
    );
    assert_eq!(
        ledger
            .number("SELECT sum(debit)::bigint FROM ledger.balance")
            .await,
        journals * 100
    );
    assert_eq!(
        ledger
            .number("SELECT sum(credit)::bigint FROM ledger.balance")
            .await,
        journals * 100
    );
}
