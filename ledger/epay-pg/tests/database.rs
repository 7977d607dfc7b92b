//! Migrations, pools and test databases, on the server of the test run.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use epay_pg::testing::TestDatabase;
use epay_pg::{
    AppliedMigration, Conflicting, MigrateError, MigrationSet, PgError, PgErrorKind, PoolOptions,
    connect, migrate, retry_serialization,
};
use refinery::{Migration, Runner};

fn runner(files: &[(&str, &str)]) -> Runner {
    let files: Vec<Migration> = files
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql).expect(name))
        .collect();
    Runner::new(&files)
}

const ACCOUNTS: MigrationSet = MigrationSet {
    name: "pg_test_accounts",
    runner: || {
        runner(&[
            (
                "V1__account",
                "CREATE TABLE account (id int PRIMARY KEY, cents bigint NOT NULL CONSTRAINT never_negative CHECK (cents >= 0));
                 INSERT INTO account VALUES (1, 100), (2, 100);",
            ),
            (
                "V2__role",
                "DO $$ BEGIN
                   IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'epay_service') THEN
                     CREATE ROLE epay_service NOLOGIN;
                   END IF;
                 END $$;
                 GRANT SELECT, INSERT ON account TO epay_service;",
            ),
        ])
    },
};

const NOTES: MigrationSet = MigrationSet {
    name: "pg_test_notes",
    runner: || {
        runner(&[(
            "V1__note",
            "CREATE TABLE note (account int REFERENCES account);",
        )])
    },
};

const BROKEN: MigrationSet = MigrationSet {
    name: "pg_test_broken",
    runner: || runner(&[("V1__broken", "CREATE TABLE half (id int); SELECT nonsense;")]),
};

#[tokio::test]
async fn several_sets_apply_once_even_when_nodes_start_together() {
    let database = TestDatabase::create(&[]).await;
    let sets = [ACCOUNTS, NOTES];
    let (first, second) = tokio::join!(
        migrate(database.config(), &sets),
        migrate(database.config(), &sets)
    );
    let (first, second) = (first.expect("migrates"), second.expect("migrates"));
    let mut lengths = [first.applied.len(), second.applied.len()];
    lengths.sort_unstable();
    assert_eq!(
        lengths,
        [0, 3],
        "one node does all of it, the other nothing"
    );
    let applied = if first.applied.is_empty() {
        second
    } else {
        first
    };
    assert_eq!(
        applied.applied.last(),
        Some(&AppliedMigration {
            set: "pg_test_notes",
            version: 1,
            name: "note".to_owned()
        })
    );
    database.remove().await;
}

#[tokio::test]
async fn a_file_that_fails_leaves_nothing_half_done() {
    let database = TestDatabase::create(&[]).await;
    let error = migrate(database.config(), &[ACCOUNTS, BROKEN])
        .await
        .expect_err("the second set fails");
    assert!(matches!(
        error,
        MigrateError::Apply {
            set: "pg_test_broken",
            ..
        }
    ));
    let session = connect(database.config()).await.expect("connects");
    let row = session
        .client()
        .query_one(
            "SELECT to_regclass('half') IS NULL, to_regclass('account') IS NOT NULL",
            &[],
        )
        .await
        .expect("looks");
    assert_eq!((row.get(0), row.get(1)), (true, true));
    session.close().await;
}

#[tokio::test]
async fn the_service_role_may_insert_and_not_update() {
    let database = TestDatabase::create(&[ACCOUNTS]).await;
    let service = database.service_pool().get().await.expect("connects");
    service
        .execute("INSERT INTO account VALUES (3, 5)", &[])
        .await
        .expect("may insert");
    let error: PgError = service
        .execute("UPDATE account SET cents = 0", &[])
        .await
        .expect_err("may not update")
        .into();
    assert_eq!(error.sqlstate().map(|state| state.code()), Some("42501"));
    let owner = database.pool().get().await.expect("connects");
    let changed = owner
        .execute("UPDATE account SET cents = 0", &[])
        .await
        .expect("the owner may");
    assert_eq!(changed, 3);
}

#[tokio::test]
async fn a_role_that_does_not_exist_is_an_error_of_the_pool() {
    let database = TestDatabase::create(&[]).await;
    let pool = database.pool_with(PoolOptions {
        role: Some("nobody at all".to_owned()),
        ..PoolOptions::default()
    });
    let error: PgError = pool.get().await.expect_err("no such role").into();
    assert_eq!(*error.kind(), PgErrorKind::Broken);
}

#[tokio::test]
async fn a_refused_row_names_the_constraint_and_a_full_pool_says_so() {
    let database = TestDatabase::create(&[ACCOUNTS]).await;
    let pool = database.pool_with(PoolOptions {
        size: 1,
        wait: std::time::Duration::from_millis(1),
        ..PoolOptions::default()
    });
    let client = pool.get().await.expect("connects");
    let error: PgError = client
        .execute("UPDATE account SET cents = -1", &[])
        .await
        .expect_err("refused")
        .into();
    assert_eq!(error.constraint(), Some("never_negative"));
    let error: PgError = pool.get().await.expect_err("the only one is lent").into();
    assert_eq!(*error.kind(), PgErrorKind::Unavailable);
}

#[tokio::test]
async fn two_transactions_in_each_others_way_both_succeed_in_the_end() {
    let database = TestDatabase::create(&[ACCOUNTS]).await;
    let pool = database.pool();
    // Both have read before either writes, the first time round: one of them must meet 40001.
    let both_have_read = tokio::sync::Barrier::new(2);
    let attempts = std::sync::atomic::AtomicU32::new(0);
    let move_one = || {
        retry_serialization(async |attempt| -> Result<(), PgError> {
            attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut client = pool.get().await?;
            let tx = client
                .build_transaction()
                .isolation_level(tokio_postgres::IsolationLevel::Serializable)
                .start()
                .await?;
            let row = tx
                .query_one("SELECT sum(cents)::bigint FROM account", &[])
                .await?;
            if attempt == 1 {
                both_have_read.wait().await;
            }
            let sum: i64 = row.get(0);
            tx.execute("UPDATE account SET cents = $1 WHERE id = 1", &[&(sum + 1)])
                .await?;
            tx.commit().await?;
            Ok(())
        })
    };
    let (left, right) = tokio::join!(move_one(), move_one());
    left.expect("succeeds");
    right.expect("succeeds");
    assert!(attempts.into_inner() >= 3, "one of them ran again");
    let client = pool.get().await.expect("connects");
    let row = client
        .query_one("SELECT cents FROM account WHERE id = 1", &[])
        .await
        .expect("reads");
    assert_eq!(row.get::<_, i64>(0), 302);
}

#[tokio::test]
async fn conflicts_are_told_from_other_errors() {
    let database = TestDatabase::create(&[]).await;
    let client = database.pool().get().await.expect("connects");
    for (code, conflict) in [("40001", true), ("40P01", true), ("23505", false)] {
        let statement = format!("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$");
        let error = client.batch_execute(&statement).await.expect_err(code);
        assert_eq!(error.is_conflict(), conflict, "{code}");
        assert_eq!(PgError::from(error).is_conflict(), conflict, "{code}");
    }
}

#[tokio::test]
async fn a_template_is_made_once_and_copies_do_not_see_each_other() {
    let create = || {
        TestDatabase::create_with("one more table", &[ACCOUNTS], async |config| {
            let session = connect(config).await?;
            // A second run of this step on one template would fail here.
            session
                .client()
                .batch_execute("CREATE TABLE extra (id int)")
                .await?;
            session.close().await;
            Ok(())
        })
    };
    let (left, right) = tokio::join!(create(), create());
    let pool = left.pool();
    let client = pool.get().await.expect("connects");
    client
        .batch_execute("INSERT INTO extra VALUES (1)")
        .await
        .expect("writes");
    let other = connect(&right.url().parse().expect("reads"))
        .await
        .expect("connects by url");
    let row = other
        .client()
        .query_one("SELECT count(*) FROM extra", &[])
        .await
        .expect("counts");
    assert_eq!(row.get::<_, i64>(0), 0);
    other.close().await;

    let name = left.name().to_owned();
    drop(left);
    let row = right
        .pool()
        .get()
        .await
        .expect("connects")
        .query_one(
            "SELECT count(*) FROM pg_database WHERE datname = $1",
            &[&name],
        )
        .await
        .expect("counts");
    assert_eq!(row.get::<_, i64>(0), 0, "dropped although a pool was open");
}
