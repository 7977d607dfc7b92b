//! The books after the run, added up by hand-written SQL and compared with what the clients did.
//!
//! One statement, one snapshot. What was fast must also be right: any difference is an error, and then there is
//! no report.

mod rails;

pub(crate) use rails::{Seen, audit_rails};

use anyhow::{Result, ensure};
use epay_pg::{Cluster, connect};

use crate::house::DATABASE;

/// Name of a sum, and what it is. Fees are accrued for many receipts at once.
const SUMS: [(&str, &str); 18] = [
    ("payments", "SELECT count(*) FROM epay.payment"),
    (
        "payments settled",
        "SELECT count(*) FROM epay.payment WHERE state = 'settled'",
    ),
    (
        "cents received",
        "SELECT coalesce(sum(received_minor), 0)::bigint FROM epay.payment",
    ),
    (
        "bills paid",
        "SELECT count(*) FROM epay.bill WHERE state = 'paid' AND applied_minor = amount_minor",
    ),
    (
        "receipts",
        "SELECT count(*) FROM epay.receipt WHERE matched_by = 'reference'",
    ),
    (
        "cents applied",
        "SELECT coalesce(sum(applied_minor), 0)::bigint FROM epay.receipt",
    ),
    (
        "receipts without their journal",
        "SELECT count(*) FROM epay.receipt AS r WHERE NOT EXISTS \
         (SELECT FROM ledger.journal AS j WHERE j.id = r.journal_id AND j.kind = 'receipt')",
    ),
    (
        "journals of receipts",
        "SELECT count(*) FROM ledger.journal WHERE kind = 'receipt'",
    ),
    (
        "fees that are not the sum of their receipts'",
        "SELECT count(*) FROM (SELECT fee_journal_id AS id, sum(fee_minor) AS minor FROM epay.receipt \
         WHERE fee_minor > 0 GROUP BY 1) AS told FULL JOIN (SELECT j.id, sum(e.amount) AS minor FROM ledger.journal AS j \
         JOIN ledger.entry AS e ON e.book = j.book AND e.journal_id = j.id WHERE j.kind = 'fee_accrual' AND e.amount > 0 \
         GROUP BY 1) AS booked USING (id) WHERE told.minor IS DISTINCT FROM booked.minor",
    ),
    (
        "unbalanced journals",
        "SELECT count(*) FROM (SELECT FROM ledger.entry GROUP BY book, journal_id HAVING sum(amount) <> 0) AS u",
    ),
    (
        "balances that are not the sum of their entries",
        "SELECT count(*) FROM ledger.balance AS b LEFT JOIN \
         (SELECT account, sum(amount) AS total FROM ledger.entry GROUP BY account) AS e USING (account) \
         WHERE b.debit - b.credit <> coalesce(e.total, 0)",
    ),
    (
        "cents on 1110",
        "SELECT coalesce(sum(b.debit - b.credit), 0)::bigint FROM ledger.balance AS b \
         JOIN ledger.account AS a ON a.id = b.account WHERE a.code = '1110'",
    ),
    (
        "events of settled payments",
        "SELECT count(*) FROM epay.event WHERE kind = 'settled'",
    ),
    ("notices stored", "SELECT count(*) FROM epay.rail_message"),
    (
        "notices pending",
        "SELECT count(*) FROM epay.rail_message_pending",
    ),
    ("notices set apart", "SELECT count(*) FROM epay.quarantine"),
    (
        "payments without their line in the outbox",
        "SELECT count(*) FROM epay.payment AS p WHERE NOT EXISTS \
         (SELECT FROM epay.outbox AS o WHERE o.payment_id = p.payment_id AND o.due_at IS NULL)",
    ),
    (
        "batches of the outbox not performed",
        "SELECT count(*) FROM epay.outbox_batch WHERE performed_at IS NULL",
    ),
];

/// The statement of a sum by its name; nothing where there is none.
fn sum_of(name: &str) -> &'static str {
    let sum = SUMS.iter().find(|(other, _)| *other == name);
    sum.map_or("", |(_, statement)| *statement)
}

/// What the clients did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expected {
    payments: i64,
    cents: i64,
    /// Payments that were started and never made.
    unpaid: i64,
    /// Notices of the bank, where it told of several credits in one; otherwise there is one a payment.
    notices: Option<i64>,
}

impl Expected {
    /// Payments that were made: those of the load, and those that were asked about afterwards.
    pub(crate) fn add_paid(&mut self, payments: u64, asked: usize, cents: i64) -> Result<()> {
        let payments = i64::try_from(payments)?.saturating_add(i64::try_from(asked)?);
        self.payments = self.payments.saturating_add(payments);
        self.cents = self.cents.saturating_add(cents);
        Ok(())
    }

    /// Payments that were started and never made.
    pub(crate) fn add_unpaid(&mut self, payments: usize) -> Result<()> {
        self.unpaid = self.unpaid.saturating_add(i64::try_from(payments)?);
        Ok(())
    }

    /// How many notices the bank's credits came in.
    pub(crate) fn set_notices(&mut self, notices: u64) -> Result<()> {
        self.notices = Some(i64::try_from(notices)?);
        Ok(())
    }

    fn of(self, name: &str) -> i64 {
        match name {
            "cents received" | "cents applied" | "cents on 1110" => self.cents,
            "payments" => self.payments.saturating_add(self.unpaid),
            "payments settled" | "bills paid" | "receipts" => self.payments,
            "journals of receipts" | "events of settled payments" => self.payments,
            "notices stored" => self.notices.unwrap_or(self.payments),
            _ => 0,
        }
    }
}

/// Adds up and compares; answers one line for the report.
pub(crate) async fn audit(cluster: &Cluster, expected: Expected) -> Result<String> {
    let session = connect(&cluster.config(DATABASE)).await?;
    let columns: Vec<String> = SUMS.iter().map(|(_, sum)| format!("({sum})")).collect();
    let statement = format!("SELECT {}", columns.join(", "));
    let row = session.client().query_one(&statement, &[]).await?;
    session.close().await;
    let mut differences = Vec::new();
    for (place, (name, _)) in SUMS.iter().enumerate() {
        let (found, wanted): (i64, i64) = (row.try_get(place)?, expected.of(name));
        if found != wanted {
            differences.push(format!("{name}: {found}, not {wanted}"));
        }
    }
    ensure!(
        differences.is_empty(),
        "the audit found differences, so there is no report: {}",
        differences.join("; ")
    );
    Ok(format!(
        "Audit: {} payments, receipts and journals, {} cents on 1110, {} sums as they must be",
        expected.payments,
        expected.cents,
        SUMS.len()
    ))
}
