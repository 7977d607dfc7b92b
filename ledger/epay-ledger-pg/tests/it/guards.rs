//! What the database refuses by itself, whoever writes and by whatever statement.

use crate::support::{Ledger, paid};

/// Two accounts of one book, one of another biller's and one of the same biller's in another currency: numbers 1 to 4.
const ACCOUNTS: &str = "
    INSERT INTO ledger.book (biller_id, currency) VALUES ('rvd', 'HKD'), ('wsd', 'HKD'), ('rvd', 'CNY');
    INSERT INTO ledger.account (book, code) VALUES (1, '1110'), (1, '2010.rvd.02-gr'), (2, '2010.wsd.10-water'), (3, '1110');
    INSERT INTO ledger.balance (book, account) VALUES (1, 1), (1, 2), (2, 3), (3, 4);";

/// Journal `n` of book 1, written by hand.
fn journal(n: u32) -> String {
    format!(
        "INSERT INTO ledger.journal (posted_at, id, business_date, kind, book, source)
         VALUES (now(), '00000000-0000-7000-8000-{n:012}', '2026-11-23', 'receipt', 1, 'by hand');"
    )
}

/// Entries (account, line, amount) of journal `n` of book 1, written by hand.
fn entries(n: u32, rows: &[(i32, i16, i64)]) -> String {
    let values: Vec<String> = rows
        .iter()
        .map(|(account, line, amount)| {
            format!("({amount}, '00000000-0000-7000-8000-{n:012}', {account}, 1, {line})")
        })
        .collect();
    format!(
        "INSERT INTO ledger.entry (amount, journal_id, account, book, line) VALUES {};",
        values.join(", ")
    )
}

/// Entries of two journals in one statement.
fn both(left: u32, right: u32) -> String {
    let rows = [(1, 1, 100), (2, 2, -100)];
    let (left, right) = (entries(left, &rows), entries(right, &rows));
    let (head, _) = left.split_once(';').expect("a statement");
    let (_, values) = right.split_once("VALUES").expect("values");
    format!("{head}, {values}")
}

/// Runs statements in one transaction as a superuser; the name of the check that refused them, if one did.
async fn refusal(ledger: &Ledger, statements: &str) -> Option<String> {
    let client = ledger.superuser().await;
    match client
        .batch_execute(&format!("BEGIN; {statements} COMMIT;"))
        .await
    {
        Ok(()) => None,
        Err(error) => {
            client.batch_execute("ROLLBACK").await.expect("rolls back");
            let db = error.as_db_error().expect("the server speaks");
            Some(db.constraint().unwrap_or(db.message()).to_owned())
        }
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row a case")]
async fn a_journal_written_by_hand_must_balance_at_commit() {
    let ledger = Ledger::new().await;
    ledger
        .superuser()
        .await
        .batch_execute(ACCOUNTS)
        .await
        .expect("accounts");
    let good = [(1, 1, 100), (2, 2, -100)];
    for (name, statements, refused_by) in [
        ("balanced", journal(1) + &entries(1, &good), None),
        (
            "balanced, entry by entry",
            journal(2) + &entries(2, &good[..1]) + &entries(2, &good[1..]),
            None,
        ),
        (
            "unbalanced",
            journal(3) + &entries(3, &[(1, 1, 100), (2, 2, -99)]),
            Some("journal_balances"),
        ),
        ("without entries", journal(4), Some("journal_balances")),
        (
            "with one entry",
            journal(5) + &entries(5, &good[..1]),
            Some("journal_balances"),
        ),
        (
            "with a gap",
            journal(6) + &entries(6, &[(1, 1, 100), (2, 3, -100)]),
            Some("journal_balances"),
        ),
        (
            "of two currencies",
            journal(7) + &entries(7, &[(1, 1, 100), (4, 2, -100)]),
            Some("entry_account"),
        ),
        (
            "on another book's account",
            journal(8) + &entries(8, &[(1, 1, 100), (3, 2, -100)]),
            Some("entry_account"),
        ),
        (
            "on no account",
            journal(9) + &entries(9, &[(1, 1, 100), (99, 2, -100)]),
            Some("entry_account"),
        ),
        (
            "of nothing",
            journal(10) + &entries(10, &[(1, 1, 0), (2, 2, 0)]),
            Some("entry_amount_check"),
        ),
        (
            "entries before the journal",
            entries(11, &good) + &journal(11),
            Some("entry_in_time"),
        ),
        (
            "two journals, entries of both at once",
            journal(13) + &journal(14) + &both(13, 14),
            None,
        ),
        (
            "entries of another journal than the one that waits",
            journal(15) + &entries(16, &good),
            Some("entry_in_time"),
        ),
        (
            "one whole journal and one without entries",
            journal(17) + &journal(18) + &entries(17, &good),
            Some("journal_balances"),
        ),
        (
            "entries without a journal",
            entries(12, &good),
            Some("entry_in_time"),
        ),
    ] {
        assert_eq!(
            refusal(&ledger, &statements).await.as_deref(),
            refused_by,
            "{name}"
        );
    }
}

#[tokio::test]
async fn the_check_cannot_be_brought_forward_and_then_passed_by() {
    let ledger = Ledger::new().await;
    ledger
        .superuser()
        .await
        .batch_execute(ACCOUNTS)
        .await
        .expect("accounts");
    let checked =
        journal(1) + &entries(1, &[(1, 1, 100), (2, 2, -100)]) + "SET CONSTRAINTS ALL IMMEDIATE;";
    assert_eq!(refusal(&ledger, &checked).await, None);
    let added = journal(2)
        + &entries(2, &[(1, 1, 100), (2, 2, -100)])
        + "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"
        + &entries(2, &[(1, 3, 50)]);
    assert_eq!(
        refusal(&ledger, &added).await.as_deref(),
        Some("journal_balances")
    );
}

#[tokio::test]
async fn an_old_journal_takes_no_more_entries() {
    let ledger = Ledger::new().await;
    ledger
        .superuser()
        .await
        .batch_execute(ACCOUNTS)
        .await
        .expect("accounts");
    let first = journal(1) + &entries(1, &[(1, 1, 100), (2, 2, -100)]);
    assert_eq!(refusal(&ledger, &first).await, None);
    let late = entries(1, &[(1, 3, 50), (2, 4, -50)]);
    assert_eq!(
        refusal(&ledger, &late).await.as_deref(),
        Some("entry_in_time")
    );
    // Nor by a journal that pretends to be of another transaction.
    let pretended = "INSERT INTO ledger.journal (posted_at, posted_in, id, business_date, kind, book, source)
        VALUES (now(), '99999999', '00000000-0000-7000-8000-000000000009', '2026-11-23', 'receipt', 1, 'by hand');";
    let refused = refusal(
        &ledger,
        &(pretended.to_owned() + &entries(9, &[(1, 1, 100), (2, 2, -100)])),
    )
    .await;
    assert_eq!(refused.as_deref(), Some("journal_in_time"));
}

#[tokio::test]
async fn nobody_changes_or_deletes_what_is_posted() {
    let ledger = Ledger::new().await;
    ledger.post(&[paid(1, "rvd", 100)]).await.expect("posts");
    let statements = [
        "UPDATE ledger.journal SET source = 'other'",
        "UPDATE ledger.entry SET amount = amount * 2",
        "DELETE FROM ledger.journal",
        "DELETE FROM ledger.entry",
        "TRUNCATE ledger.journal",
        "TRUNCATE ledger.entry",
    ];
    let (service, superuser) = (ledger.client().await, ledger.superuser().await);
    for statement in statements {
        let denied = service.batch_execute(statement).await.expect_err(statement);
        assert_eq!(
            denied.code().expect("a state").code(),
            "42501",
            "{statement}: insufficient_privilege"
        );
        let refused = superuser
            .batch_execute(statement)
            .await
            .expect_err(statement);
        let refused = refused.as_db_error().expect("the server speaks");
        assert_eq!(
            refused.constraint(),
            Some("journal_immutable"),
            "{statement}"
        );
    }
    assert_eq!(ledger.number("SELECT count(*) FROM ledger.entry").await, 2);
}

#[tokio::test]
async fn the_service_role_may_change_the_sums_of_a_balance_and_nothing_else() {
    let ledger = Ledger::new().await;
    ledger.post(&[paid(1, "rvd", 100)]).await.expect("posts");
    let service = ledger.client().await;
    for statement in [
        "UPDATE ledger.balance SET account = 2 WHERE account = 1",
        "DELETE FROM ledger.balance",
        "UPDATE ledger.account SET code = '1120'",
        "DELETE FROM ledger.account",
        "UPDATE ledger.book SET biller_id = 'x'",
        "ALTER TABLE ledger.journal DISABLE TRIGGER ALL",
        "DROP TABLE ledger.journal",
        "CREATE TABLE ledger.mine (n int)",
    ] {
        let denied = service.batch_execute(statement).await.expect_err(statement);
        assert_eq!(
            denied.code().expect("a state").code(),
            "42501",
            "{statement}"
        );
    }
}

/// Journal `n` of book 1 with entries (account, amount) of journal `of`, and sums for accounts, by the call that programs make.
fn call(n: u32, of: u32, rows: [(i32, i64); 2], balances: [i32; 2]) -> String {
    let [(debited, debit), (credited, credit)] = rows;
    let [first, second] = balances;
    let (journal, entry) = (
        format!("00000000-0000-7000-8000-{n:012}"),
        format!("00000000-0000-7000-8000-{of:012}"),
    );
    format!(
        "SELECT ledger.post(ARRAY[now()], '{{{journal}}}', '{{NULL}}', '{{2026-11-23}}', '{{receipt}}', '{{1}}', '{{by hand}}',
            '{{{debit}, {credit}}}', '{{{entry}, {entry}}}', '{{{debited}, {credited}}}', '{{1, 1}}', '{{1, 2}}',
            '{{1, 1}}', '{{{first}, {second}}}', '{{100, 0}}', '{{0, 100}}');"
    )
}

#[tokio::test]
async fn the_call_that_writes_a_batch_is_checked_as_statements_by_hand_are() {
    let ledger = Ledger::new().await;
    ledger
        .superuser()
        .await
        .batch_execute(ACCOUNTS)
        .await
        .expect("accounts");
    let good = [(1, 100), (2, -100)];
    for (name, statement, refused_by) in [
        ("balanced", call(1, 1, good, [1, 2]), None),
        (
            "the same again",
            call(1, 1, good, [1, 2]),
            Some("journal_pkey"),
        ),
        (
            "unbalanced",
            call(2, 2, [(1, 100), (2, -99)], [1, 2]),
            Some("journal_balances"),
        ),
        (
            "entries of another journal",
            call(3, 1, good, [1, 2]),
            Some("entry_pkey"),
        ),
        (
            "entries of no journal",
            call(4, 5, good, [1, 2]),
            Some("entry_in_time"),
        ),
        (
            "on another book's account",
            call(6, 6, [(1, 100), (3, -100)], [1, 2]),
            Some("entry_account"),
        ),
        (
            "a balance that is not there",
            call(7, 7, good, [1, 99]),
            Some("balance_exists"),
        ),
    ] {
        assert_eq!(
            refusal(&ledger, &statement).await.as_deref(),
            refused_by,
            "{name}"
        );
    }
}
