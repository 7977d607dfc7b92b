//! What was posted is read back as it was posted, page by page, and as of any instant.

use epay_ledger::{Journal, balances, reversal};
use epay_ledger_pg::{
    JournalCursor, JournalFilter, accounts, balances as stored_balances, journal, journals,
    trial_balance,
};
use epay_money::{Currency, JournalId};

use crate::support::{
    Ledger, book, code, id, instant, journal as draft_journal, paid, paid_to, unapplied,
};

/// Journals 1 to 6: three of rvd, one of wsd, a suspense receipt and its reversal at ird.
fn some() -> Vec<Journal> {
    let wrong = unapplied(5, "ird", 2_700_000);
    let undo = draft_journal(6, "ird", reversal(&wrong));
    vec![
        paid_to(1, "rvd", "02-gr", 372_000),
        paid_to(2, "rvd", "07-govrent", 298_000),
        paid_to(3, "wsd", "10-water", 36_003),
        paid_to(4, "rvd", "02-gr", 500),
        wrong,
        undo,
    ]
}

#[tokio::test]
async fn a_journal_is_read_back_as_it_was_posted() {
    let ledger = Ledger::new().await;
    let posted = some();
    ledger.post(&posted).await.expect("posts");
    let client = ledger.client().await;
    for expected in &posted {
        let read = journal(&**client, expected.id()).await.expect("reads");
        assert_eq!(read.as_ref(), Some(expected));
    }
    assert_eq!(journal(&**client, id(99)).await.expect("reads"), None);
}

/// Filters over [`some`] and the numbers of the journals they select, newest first.
fn selections() -> Vec<(&'static str, JournalFilter, Vec<u128>)> {
    let any = JournalFilter::default;
    let of = |account: &str| JournalFilter {
        account: Some(code(account)),
        ..any()
    };
    let from = |source: &str| JournalFilter {
        source: Some(source.to_owned()),
        ..any()
    };
    let between = |from, to| JournalFilter { from, to, ..any() };
    let in_book = |name: &str, filter: JournalFilter| JournalFilter {
        book: Some(book(name)),
        ..filter
    };
    let all = vec![6, 5, 4, 3, 2, 1];
    vec![
        ("everything", any(), all.clone()),
        ("a book", in_book("rvd", any()), vec![4, 2, 1]),
        ("a book nobody has", in_book("td", any()), vec![]),
        ("an account", of("2010.rvd.02-gr"), vec![4, 1]),
        ("an account of several books", of("1110"), all),
        (
            "an account in a book",
            in_book("ird", of("1110")),
            vec![6, 5],
        ),
        ("a source", from("receipt-3"), vec![3]),
        (
            "a source in another book",
            in_book("rvd", from("receipt-3")),
            vec![],
        ),
        (
            "a source on its account",
            JournalFilter {
                account: Some(code("1110")),
                ..from("receipt-3")
            },
            vec![3],
        ),
        (
            "a source on another account",
            JournalFilter {
                account: Some(code("2110")),
                ..from("receipt-3")
            },
            vec![],
        ),
        ("from", between(Some(instant(5)), None), vec![6, 5]),
        ("to", between(None, Some(instant(3))), vec![2, 1]),
        (
            "an account in a range of time",
            JournalFilter {
                account: Some(code("1110")),
                ..between(Some(instant(2)), Some(instant(5)))
            },
            vec![4, 3, 2],
        ),
    ]
}

#[tokio::test]
async fn a_filter_selects_and_the_newest_comes_first() {
    let ledger = Ledger::new().await;
    ledger.post(&some()).await.expect("posts");
    let client = ledger.client().await;
    for (name, filter, expected) in selections() {
        let expected: Vec<JournalId> = expected.into_iter().map(id).collect();
        // Whole, and then one by one.
        let page = journals(&**client, &filter, 100, None)
            .await
            .expect("reads");
        assert_eq!(ids(&page.journals), expected, "{name}");
        assert_eq!(page.next, None, "{name}");
        assert_eq!(
            one_by_one(&client, &filter).await,
            expected,
            "{name}, one by one"
        );
    }
}

fn ids(journals: &[Journal]) -> Vec<JournalId> {
    journals.iter().map(Journal::id).collect()
}

async fn one_by_one(client: &deadpool_postgres::Object, filter: &JournalFilter) -> Vec<JournalId> {
    let mut found = Vec::new();
    let mut after: Option<JournalCursor> = None;
    loop {
        let page = journals(&***client, filter, 1, after.as_ref())
            .await
            .expect("reads");
        found.extend(ids(&page.journals));
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn journals_of_two_books_with_one_id_are_both_on_the_pages() {
    let ledger = Ledger::new().await;
    ledger
        .post(&[
            paid(1, "rvd", 100),
            paid(1, "wsd", 200),
            paid(2, "wsd", 300),
        ])
        .await
        .expect("posts");
    let client = ledger.client().await;
    let found = one_by_one(&client, &JournalFilter::default()).await;
    assert_eq!(found, [id(2), id(1), id(1)]);
}

#[tokio::test]
async fn accounts_and_balances_are_what_the_fold_says() {
    let ledger = Ledger::new().await;
    let posted = some();
    ledger.post(&posted).await.expect("posts");
    let client = ledger.client().await;
    let expected = balances::fold(&posted).expect("adds up");
    assert_eq!(
        stored_balances(&**client, None).await.expect("reads"),
        expected
    );
    let rvd = accounts(&**client, Some(&book("rvd")))
        .await
        .expect("reads");
    let codes: Vec<&str> = rvd
        .iter()
        .map(|account| account.key.account.as_str())
        .collect();
    assert_eq!(codes, ["1110", "2010.rvd.02-gr", "2010.rvd.07-govrent"]);
}

#[tokio::test]
async fn a_trial_balance_stands_at_every_instant() {
    let ledger = Ledger::new().await;
    let posted = some();
    ledger.post(&posted).await.expect("posts");
    let client = ledger.client().await;
    for last in 0..=posted.len() {
        let as_of = instant(u128::try_from(last).expect("small"));
        let trial = trial_balance(&**client, None, Some(as_of))
            .await
            .expect("reads");
        let expected = balances::fold(&posted[..last]).expect("adds up");
        let found: balances::Balances = trial
            .rows
            .iter()
            .map(|row| (row.key.clone(), row.totals))
            .collect();
        assert_eq!(found, expected, "after {last}");
        assert!(trial.is_balanced(), "after {last}");
    }
    let now = trial_balance(&**client, Some(&book("rvd")), None)
        .await
        .expect("reads");
    assert_eq!(
        now.totals[&Currency::Hkd],
        balances::Totals {
            debit: 670_500,
            credit: 670_500
        }
    );
}
