//! Opening the books: by several processes at once, again and again, and under a changed configuration.

use epay_sandbox::books::Books;
use jiff::Timestamp;
use serde_json::json;

use crate::support::receiver::Receiver;
use crate::support::{Sandbox, books, config, with_database};

#[test]
fn processes_that_start_together_open_the_books_once() {
    with_database(async |database| {
        let config = config(&database, "http://127.0.0.1:9");
        let opened = futures_util::future::join_all((0..4).map(|_| Books::open(&config))).await;
        assert!(opened.iter().all(Result::is_ok), "{opened:?}");
        let summary = books(&database).await.summary().await.unwrap();
        let opening: i64 = config
            .payers
            .iter()
            .map(|payer| payer.opening_balance_cents)
            .sum();
        assert_eq!(
            (summary.balanced, summary.count, summary.debits_cents),
            (true, 0, opening)
        );
    });
}

#[test]
fn a_changed_configuration_renames_accounts_and_never_touches_money() {
    with_database(async |database| {
        let mut config = config(&database, "http://127.0.0.1:9");
        Books::open(&config).await.unwrap();
        config.payers[0].opening_balance_cents = 1;
        config.payees[0].registered_name = "TEST Another Name".into();
        let books = Books::open(&config).await.unwrap();
        let accounts = books.list_accounts().await.unwrap();
        let of = |number: &str| {
            accounts
                .iter()
                .find(|account| account.account == number)
                .unwrap()
        };
        assert_eq!(of(&config.payees[0].account).name, "TEST Another Name");
        assert_eq!(of(&config.payers[0].account).balance_cents, 10_000_000_000);
    });
}

#[test]
fn the_database_refuses_a_payer_below_zero_whoever_writes() {
    with_database(async |database| {
        books(&database).await;
        let (client, connection) = tokio_postgres::connect(&database.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let sql = "UPDATE accounts SET balance_cents = -1 WHERE account = '998000000001'";
        let error = client.execute(sql, &[]).await.unwrap_err();
        assert_eq!(
            error.code(),
            Some(&tokio_postgres::error::SqlState::CHECK_VIOLATION)
        );
    });
}

#[test]
fn a_notice_marked_as_on_the_way_is_put_back_unless_it_is() {
    with_database(async |database| {
        let mut receiver = Receiver::start(&[], 202).await;
        let sandbox = Sandbox::start(&database, &receiver).await;
        let instruction = json!({ "fps_id": "999900101", "amount_cents": 1 });
        sandbox
            .done(
                "/api/pay-many",
                &json!({ "instructions": [instruction, instruction] }),
            )
            .await;
        let (first, second) = (receiver.next().await, receiver.next().await);
        sandbox.stop().await;
        database
            .execute("UPDATE notices SET status = 'sending'")
            .await;
        let books = books(&database).await;
        assert_eq!(
            books
                .resume_notices(&[&first.message_id], Timestamp::now())
                .await
                .unwrap(),
            1
        );
        let queued = books
            .list_notices(Some("queued"), None, 0, 10)
            .await
            .unwrap();
        assert_eq!(
            queued
                .iter()
                .map(|notice| &notice.message_id)
                .collect::<Vec<_>>(),
            [&second.message_id]
        );
    });
}
