//! What both houses know in the end, read through the bank's interface and by SQL on the gateway's database.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use crate::bank::{Bank, Credit};

/// Checks of the gateway's own records. Each counts the rows that must not be.
const CHECKS: [(&str, &str); 17] = [
    (
        "journals that do not balance",
        "SELECT count(*) FROM (SELECT FROM ledger.entry GROUP BY book, journal_id HAVING sum(amount) <> 0) AS wrong",
    ),
    (
        "journals without entries",
        "SELECT count(*) FROM ledger.journal AS j WHERE NOT EXISTS \
         (SELECT FROM ledger.entry AS e WHERE e.book = j.book AND e.journal_id = j.id)",
    ),
    (
        "balances that are not the sum of their entries",
        "SELECT count(*) FROM ledger.balance AS b FULL JOIN \
         (SELECT book, account, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debit, \
          coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS credit FROM ledger.entry GROUP BY book, account) AS e \
         USING (book, account) \
         WHERE coalesce(b.debit, 0) <> coalesce(e.debit, 0) OR coalesce(b.credit, 0) <> coalesce(e.credit, 0)",
    ),
    (
        "receipts whose journal does not bring their cents to the bank account",
        "SELECT count(*) FROM epay.receipt AS r WHERE r.amount_minor IS DISTINCT FROM \
         (SELECT sum(e.amount) FROM ledger.entry AS e JOIN ledger.account AS a ON a.id = e.account \
          JOIN ledger.book AS k ON k.id = e.book \
          WHERE e.journal_id = r.journal_id AND a.code = '1110' AND k.biller_id = r.biller_id)",
    ),
    (
        "receipt journals without a receipt",
        "SELECT count(*) FROM ledger.journal AS j WHERE kind = 'receipt' AND NOT EXISTS \
         (SELECT FROM epay.receipt AS r WHERE r.journal_id = j.id)",
    ),
    (
        "receipts with two journals",
        "SELECT count(*) FROM (SELECT FROM ledger.journal WHERE kind = 'receipt' GROUP BY source HAVING count(*) > 1) AS wrong",
    ),
    (
        "fees that are not the sum of their receipts'",
        "SELECT count(*) FROM (SELECT fee_journal_id AS id, sum(fee_minor) AS minor FROM epay.receipt \
         WHERE fee_minor > 0 GROUP BY 1) AS told FULL JOIN (SELECT j.id, sum(e.amount) AS minor FROM ledger.journal AS j \
         JOIN ledger.entry AS e ON e.book = j.book AND e.journal_id = j.id WHERE j.kind = 'fee_accrual' AND e.amount > 0 \
         GROUP BY 1) AS booked USING (id) WHERE told.minor IS DISTINCT FROM booked.minor",
    ),
    (
        "payments whose receipts are not what they received",
        "SELECT count(*) FROM epay.payment AS p WHERE p.received_minor <> coalesce((SELECT sum(r.amount_minor) \
         FROM epay.receipt AS r WHERE r.biller_id = p.biller_id AND r.payment_id = p.payment_id), 0)",
    ),
    (
        "payments whose state is not that of their money",
        "SELECT count(*) FROM epay.payment \
         WHERE state <> CASE WHEN received_minor > 0 THEN 'settled' ELSE 'awaiting_payer' END",
    ),
    (
        "bills whose receipts are not what was applied",
        "SELECT count(*) FROM epay.bill AS b WHERE b.applied_minor <> coalesce((SELECT sum(r.applied_minor) \
         FROM epay.receipt AS r WHERE r.biller_id = b.biller_id AND r.bill_id = b.bill_id), 0)",
    ),
    (
        "bills whose state is not that of their money",
        "SELECT count(*) FROM epay.bill WHERE state <> CASE WHEN applied_minor = amount_minor THEN 'paid' \
         WHEN applied_minor > 0 THEN 'part_paid' ELSE 'open' END",
    ),
    (
        "bills and payments whose events have a gap, or are not all",
        "SELECT count(*) FROM (SELECT biller_id, bill_id AS id, version FROM epay.bill UNION ALL \
         SELECT biller_id, payment_id, version FROM epay.payment) AS one LEFT JOIN \
         (SELECT biller_id, aggregate_id AS id, count(*) AS events, max(version) AS last FROM epay.event GROUP BY 1, 2) AS e \
         USING (biller_id, id) WHERE (one.version, one.version) IS DISTINCT FROM (e.events, e.last)",
    ),
    (
        "events of nothing",
        "SELECT count(*) FROM epay.event AS e WHERE NOT EXISTS (SELECT FROM epay.bill AS b WHERE b.bill_id = e.aggregate_id) \
         AND NOT EXISTS (SELECT FROM epay.payment AS p WHERE p.payment_id = e.aggregate_id)",
    ),
    (
        "bills and payments that no key, or two keys, made",
        "SELECT count(*) FROM (SELECT bill_id AS id FROM epay.bill UNION ALL SELECT payment_id FROM epay.payment) AS one \
         FULL JOIN (SELECT answer_id AS id, count(*) AS keys FROM epay.idempotency GROUP BY answer_id) AS k \
         ON k.id = one.id WHERE one.id IS NULL OR k.keys IS DISTINCT FROM 1",
    ),
    (
        "payments without a timer, or with two",
        "SELECT count(*) FROM epay.payment AS p WHERE 1 <> (SELECT count(*) FROM epay.outbox AS o \
         WHERE o.payment_id = p.payment_id AND o.due_at IS NOT NULL)",
    ),
    (
        "timers that nobody keeps",
        "SELECT count(*) FROM (SELECT DISTINCT batch_id FROM epay.outbox WHERE due_at IS NOT NULL) AS timed \
         WHERE NOT EXISTS (SELECT FROM epay.deadline AS d WHERE d.batch_id = timed.batch_id)",
    ),
    (
        "messages that could not be read",
        "SELECT count(*) FROM epay.quarantine",
    ),
];

/// Work that is not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pending_messages: i64,
    outbox_batches: i64,
    /// Batches whose payments are to be told that their time has run out.
    deadlines: i64,
}

impl Left {
    pub(crate) fn is_nothing(self) -> bool {
        self.pending_messages == 0 && self.outbox_batches == 0 && self.deadlines == 0
    }
}

/// Counts what is left to do.
pub(crate) async fn left_to_do(client: &Client) -> anyhow::Result<Left> {
    let row = client
        .query_one(
            "SELECT (SELECT count(*) FROM epay.rail_message_pending), \
             (SELECT count(*) FROM epay.outbox_batch WHERE performed_at IS NULL), \
             (SELECT count(*) FROM epay.deadline WHERE due_at <= now())",
            &[],
        )
        .await?;
    Ok(Left {
        pending_messages: row.try_get(0)?,
        outbox_batches: row.try_get(1)?,
        deadlines: row.try_get(2)?,
    })
}

/// A payment as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaymentRow {
    pub(crate) name: String,
    pub(crate) minor: i64,
    pub(crate) received: i64,
}

/// A credit as the gateway has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReceiptRow {
    pub(crate) biller: String,
    pub(crate) minor: i64,
}

/// Everything that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Books {
    /// The bank's credits.
    pub(crate) credits: Vec<Credit>,
    /// What stands on the bank's accounts.
    pub(crate) balances: BTreeMap<String, i64>,
    /// Payments by reference. Two of one reference cannot be: the table's index forbids it.
    pub(crate) payments: BTreeMap<String, PaymentRow>,
    /// Receipts by account and the bank's reference.
    pub(crate) receipts: BTreeMap<(String, String), ReceiptRow>,
    /// Debits less credits of every account of the ledger, by book and code.
    pub(crate) ledger: BTreeMap<(String, String), i64>,
    /// Departments of the bank's accounts, as the kinds of bill say.
    pub(crate) owners: BTreeMap<String, String>,
    /// Number of bills by department.
    pub(crate) bills: BTreeMap<String, i64>,
    /// What the checks found: name and count, where the count is not zero.
    pub(crate) faults: Vec<(&'static str, i64)>,
}

impl Books {
    pub(crate) async fn read(client: &Client, bank: &Bank) -> anyhow::Result<Self> {
        let mut faults = Vec::new();
        for (name, query) in CHECKS {
            let count: i64 = client.query_one(query, &[]).await?.try_get(0)?;
            if count != 0 {
                faults.push((name, count));
            }
        }
        Ok(Self {
            credits: bank.credits().await?,
            balances: bank.balances().await?,
            payments: payments(client).await?,
            receipts: receipts(client).await?,
            ledger: ledger(client).await?,
            owners: owners(client).await?,
            bills: bills(client).await?,
            faults,
        })
    }
}

async fn payments(client: &Client) -> anyhow::Result<BTreeMap<String, PaymentRow>> {
    let query = "SELECT reference, 'billers/' || biller_id || '/payments/' || payment_id, amount_minor, \
                 received_minor FROM epay.payment";
    let mut found = BTreeMap::new();
    for row in client.query(query, &[]).await? {
        let payment = PaymentRow {
            name: row.try_get(1)?,
            minor: row.try_get(2)?,
            received: row.try_get(3)?,
        };
        found.insert(row.try_get(0)?, payment);
    }
    Ok(found)
}

async fn receipts(client: &Client) -> anyhow::Result<BTreeMap<(String, String), ReceiptRow>> {
    let query = "SELECT rail_account, rail_reference, biller_id, amount_minor FROM epay.receipt";
    let mut found = BTreeMap::new();
    for row in client.query(query, &[]).await? {
        let receipt = ReceiptRow {
            biller: row.try_get(2)?,
            minor: row.try_get(3)?,
        };
        let key: (String, String) = (row.try_get(0)?, row.try_get(1)?);
        anyhow::ensure!(
            found.insert(key.clone(), receipt).is_none(),
            "the credit {key:?} was booked twice"
        );
    }
    Ok(found)
}

async fn ledger(client: &Client) -> anyhow::Result<BTreeMap<(String, String), i64>> {
    let query = "SELECT book.biller_id, account.code, balance.debit - balance.credit FROM ledger.balance AS balance \
                 JOIN ledger.account AS account ON account.id = balance.account \
                 JOIN ledger.book AS book ON book.id = account.book WHERE balance.debit <> balance.credit";
    let mut found = BTreeMap::new();
    for row in client.query(query, &[]).await? {
        found.insert((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?);
    }
    Ok(found)
}

async fn owners(client: &Client) -> anyhow::Result<BTreeMap<String, String>> {
    let query = "SELECT payee ->> 'account', biller_id FROM epay.bill_type, \
                 jsonb_array_elements(definition -> 'payees') AS payee";
    let mut found = BTreeMap::new();
    for row in client.query(query, &[]).await? {
        found.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(found)
}

async fn bills(client: &Client) -> anyhow::Result<BTreeMap<String, i64>> {
    let query = "SELECT biller_id, count(*) FROM epay.bill GROUP BY biller_id";
    let mut found = BTreeMap::new();
    for row in client.query(query, &[]).await? {
        found.insert(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(found)
}
