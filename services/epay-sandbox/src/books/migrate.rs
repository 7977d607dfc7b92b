//! Brings the schema up to date. Two processes that start together take turns by an advisory lock.

use tokio_postgres::NoTls;

use super::BooksError;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Any number that no other program in this database uses; the digits of "sandbox books" on a telephone keypad.
const LOCK_KEY: i64 = 726_326_926_657;

/// Runs the migrations on a connection of its own, whose end releases the lock.
pub(super) async fn run(database: &tokio_postgres::Config) -> Result<(), BooksError> {
    let (mut client, connection) = database.connect(NoTls).await?;
    let driver = tokio::spawn(connection);
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK_KEY])
        .await?;
    let outcome = embedded::migrations::runner().run_async(&mut client).await;
    drop(client);
    // The driver ends with its client; how it ended says nothing about the migrations.
    drop(driver.await);
    outcome.map(|_| ()).map_err(BooksError::Migration)
}
