//! Where a book stands: a row a day, level and rail, and what the bank says that it has. Sums here are for people to read;
//! nothing is booked or decided by them.

use deadpool_postgres::GenericClient;
use epay_domain::reconciliation::Level;
use epay_money::{BillerId, Currency, RailId};
use jiff::civil::Date;

use crate::StoreError;
use crate::row::Reading;

/// Counts and minor units of one day, level and rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRow {
    /// The day: on which something was seen, is expected, or was found to be wrong.
    pub day: Date,
    /// Which two books of record.
    pub level: Level,
    /// The rail; unset for what is of no rail that is known.
    pub rail: Option<RailId>,
    /// The currency of the sums.
    pub currency: Currency,
    /// What matched.
    pub matched: (i64, i64),
    /// What is expected and not seen yet; at the third level, files that no department took and people did not accept.
    pub expected: (i64, i64),
    /// Open breaks, and the sum of their differences without regard to sign.
    pub broken: (i64, i64),
}

/// The rows of a book for a span of days.
///
/// # Errors
/// [`StoreError`].
pub async fn summary(
    client: &impl GenericClient,
    biller: &BillerId,
    (from, until): (Date, Date),
) -> Result<Vec<SummaryRow>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT day, level, rail, currency, sum(matched)::bigint AS matched, sum(matched_minor)::bigint AS matched_minor, \
             sum(expected)::bigint AS expected, sum(expected_minor)::bigint AS expected_minor, sum(broken)::bigint AS broken, \
             sum(broken_minor)::bigint AS broken_minor FROM ( \
             SELECT day, level, rail, currency, count(DISTINCT match_id) AS matched, sum(minor) AS matched_minor, \
             0 AS expected, 0 AS expected_minor, 0 AS broken, 0 AS broken_minor \
             FROM recon.match AS m WHERE biller_id = $1 AND day BETWEEN $2 AND $3 AND NOT EXISTS (SELECT FROM recon.break AS b \
             WHERE b.biller_id = m.biller_id AND b.break_id = m.match_id) GROUP BY day, level, rail, currency \
             UNION ALL SELECT coalesce(expected_on, day), level, rail, currency, 0, 0, count(*), sum(minor), 0, 0 \
             FROM recon.expectation WHERE biller_id = $1 AND state = 'open' AND coalesce(expected_on, day) BETWEEN $2 AND $3 \
             GROUP BY coalesce(expected_on, day), level, rail, currency \
             UNION ALL SELECT ack_due_on, 'L3', NULL, currency, 0, 0, count(*), sum(credits_minor - debits_minor), 0, 0 \
             FROM feed.file AS f WHERE biller_id = $1 AND ack_due_on BETWEEN $2 AND $3 AND NOT EXISTS (SELECT \
             FROM recon.match AS m WHERE m.biller_id = f.biller_id AND m.expected_id = f.file_id) AND NOT EXISTS (SELECT \
             FROM recon.break AS b WHERE b.biller_id = f.biller_id AND b.currency = f.currency AND b.level = 'L3' \
             AND (b.expected #>> '{0,id}')::uuid = f.file_id AND b.ended ->> 'by' = 'people') GROUP BY ack_due_on, currency \
             UNION ALL SELECT opened_on, level, rail, currency, 0, 0, 0, 0, count(*), sum(abs(difference_minor)) \
             FROM recon.break WHERE biller_id = $1 AND state = 'open' AND opened_on BETWEEN $2 AND $3 \
             GROUP BY opened_on, level, rail, currency) AS parts \
             GROUP BY day, level, rail, currency ORDER BY day, level, rail NULLS LAST, currency",
        )
        .await?;
    let rows = client
        .query(&select, &[&biller.as_str(), &from, &until])
        .await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "recon.summary",
                row,
            };
            let unknown = |column| StoreError::Unknown {
                table: "recon.summary",
                column,
            };
            let rail: Option<&str> = reading.get("rail")?;
            let pair =
                |count, minor| Ok::<_, StoreError>((reading.get(count)?, reading.get(minor)?));
            Ok(SummaryRow {
                day: reading.get("day")?,
                level: Level::from_word(reading.get("level")?).ok_or_else(|| unknown("level"))?,
                rail: rail
                    .map(RailId::new)
                    .transpose()
                    .map_err(|_bad| unknown("rail"))?,
                currency: reading.money("matched_minor")?.currency(),
                matched: pair("matched", "matched_minor")?,
                expected: pair("expected", "expected_minor")?,
                broken: pair("broken", "broken_minor")?,
            })
        })
        .collect()
}

/// What the bank says of one account: the last complete statement's closing balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankBalance {
    /// The account.
    pub account: String,
    /// Its currency.
    pub currency: Currency,
    /// The statement's last day.
    pub to_date: Date,
    /// The closing balance, in minor units.
    pub closing_minor: i64,
}

/// What the bank says of every account of a book.
///
/// # Errors
/// [`StoreError`].
pub async fn bank_balances(
    client: &impl GenericClient,
    biller: &BillerId,
) -> Result<Vec<BankBalance>, StoreError> {
    let select = client
        .prepare_cached(
            "SELECT DISTINCT ON (account, currency) account, currency, to_date, closing_minor FROM recon.statement \
             WHERE biller_id = $1 AND kind = 'statement' AND state IN ('complete', 'accepted') AND closing_minor IS NOT NULL \
             ORDER BY account, currency, to_date DESC, coalesce(sequence_number, 0) DESC, statement_id DESC",
        )
        .await?;
    let rows = client.query(&select, &[&biller.as_str()]).await?;
    rows.iter()
        .map(|row| {
            let reading = Reading {
                table: "recon.statement",
                row,
            };
            Ok(BankBalance {
                account: reading.get("account")?,
                currency: reading.money("closing_minor")?.currency(),
                to_date: reading.get("to_date")?,
                closing_minor: reading.get("closing_minor")?,
            })
        })
        .collect()
}
