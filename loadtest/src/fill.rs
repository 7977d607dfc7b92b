//! Years of journals, put into the tables at once: is a payment slower when there are many?
//!
//! They are written as the service writes them (a journal with two entries, ids in the order of time, every trigger awake), by SQL in
//! the server, [`CHUNK_JOURNALS`] a transaction. Their kind and their accounts are none of those that the audit counts payments by,
//! and what they add to balances is added, so the audit of the whole ledger goes on.

use anyhow::{Context, Result};
use epay_pg::Session;
use indicatif::{ProgressBar, ProgressStyle};

/// Journals of one transaction.
const CHUNK_JOURNALS: u64 = 100_000;
/// Two accounts of one book that are in use, and that no payment's money is counted on.
const ACCOUNTS: &str = "SELECT d.book, d.id, c.id FROM ledger.account AS d JOIN ledger.account AS c USING (book) \
     WHERE d.code NOT LIKE '1110%' AND c.code NOT LIKE '1110%' AND d.id < c.id ORDER BY 1, 2, 3 LIMIT 1";
/// A journal a number, a thousand a millisecond, from a year ago on.
const NUMBERED: &str = "CREATE TEMPORARY TABLE IF NOT EXISTS filled (id uuid, n bigint) ON COMMIT DELETE ROWS; \
     CREATE OR REPLACE FUNCTION pg_temp.fill(first bigint, last bigint, of_book smallint, debited int, credited int) \
     RETURNS void LANGUAGE sql AS $$ \
     INSERT INTO filled SELECT (lpad(to_hex((extract(epoch FROM now() - interval '1 year') * 1000)::bigint + n / 1000), 12, '0') \
       || '7' || lpad(to_hex(n % 1000), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid, n FROM generate_series(first, last) AS n; \
     INSERT INTO ledger.journal (posted_at, id, business_date, kind, book, source) \
       SELECT now() - interval '1 year', id, current_date - 365, 'remittance', of_book, 'load-' || n FROM filled; \
     INSERT INTO ledger.entry (amount, journal_id, account, book, line) \
       SELECT CASE line WHEN 1 THEN 100 ELSE -100 END, id, CASE line WHEN 1 THEN debited ELSE credited END, of_book, line \
       FROM filled, generate_series(1, 2) AS line ORDER BY id, line; \
     UPDATE ledger.balance SET debit = debit + 100 * (last - first + 1) WHERE book = of_book AND account = debited; \
     UPDATE ledger.balance SET credit = credit + 100 * (last - first + 1) WHERE book = of_book AND account = credited; $$";

/// Puts so many journals into the tables, and lets the server settle.
pub(crate) async fn fill(session: &Session, journals: u64) -> Result<()> {
    let client = session.client();
    client.batch_execute(NUMBERED).await?;
    let row = client.query_opt(ACCOUNTS, &[]).await?;
    let row = row.context("no book has two such accounts")?;
    let (book, debited, credited): (i16, i32, i32) =
        (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    let style = ProgressStyle::with_template("{msg} [{bar:40}] {human_pos}/{human_len} {eta}")?;
    let bar = ProgressBar::new(journals)
        .with_style(style)
        .with_message("journals");
    let chunk = client
        .prepare("SELECT pg_temp.fill($1, $2, $3, $4, $5)")
        .await?;
    let mut done = 0;
    while done < journals {
        let last = done.saturating_add(CHUNK_JOURNALS).min(journals);
        let (from, to) = (i64::try_from(done)?.saturating_add(1), i64::try_from(last)?);
        client
            .execute(&chunk, &[&from, &to, &book, &debited, &credited])
            .await?;
        done = last;
        bar.set_position(done);
    }
    bar.finish();
    // Autovacuum would do this in the night that the fill leaves out.
    client
        .batch_execute("VACUUM (ANALYZE) ledger.journal, ledger.entry, ledger.balance")
        .await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(())
}
