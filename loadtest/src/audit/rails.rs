//! The audit of a mix: what each counterparty holds as paid, the payments, the receipts and the ledger, rail by rail and to the cent.
//!
//! Two databases of two houses, added up by hand-written SQL, beside what citizens and clients saw. Any difference is an error.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use epay_pg::{Cluster, Session, connect};

use super::sum_of;
use crate::house::{DATABASE, SANDBOX_DATABASE};
use crate::rails::Rail;

/// Payments and their cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) payments: i64,
    pub(crate) cents: i64,
}

/// A sum for each rail; a rail without any is left out.
pub(crate) type ByRail = BTreeMap<String, Sum>;

/// The sandbox's books: a counterparty each. What they hold as paid is theirs alone to say.
const OTHER_SIDE: &str = "\
    SELECT 'fps', count(*), sum(amount_cents)::bigint FROM transactions WHERE kind = 'payment' \
    UNION ALL SELECT 'card', count(*), sum(amount_cents)::bigint FROM acquirer_transactions WHERE kind = 'CAPTURE' AND result = 'SUCCESS' \
    UNION ALL SELECT wallet, count(*), sum(paid_cents)::bigint FROM wallet_payments WHERE state = 'paid' GROUP BY wallet \
    UNION ALL SELECT 'pps', count(*), sum(amount_cents)::bigint FROM pps_payments \
    UNION ALL SELECT 'pps-checkout', count(*), sum(amount_cents)::bigint FROM pps_attempts WHERE status = 'Accepted' \
    UNION ALL SELECT 'echeque', count(*), sum(amount_cents)::bigint FROM echeque_presentments WHERE state = 'HONOURED'";

/// The gateway's three ways to say the same.
const OURS: [(&str, &str); 3] = [
    (
        "payments settled",
        "SELECT rail, count(*), sum(received_minor)::bigint FROM epay.payment WHERE state = 'settled' GROUP BY rail",
    ),
    (
        "receipts",
        "SELECT rail, count(*), sum(amount_minor)::bigint FROM epay.receipt GROUP BY rail",
    ),
    (
        "ledger",
        "SELECT r.rail, count(DISTINCT j.id), sum(e.amount)::bigint FROM epay.receipt AS r \
         JOIN ledger.journal AS j ON j.id = r.journal_id AND j.kind IN ('receipt', 'conditional_receipt') \
         JOIN ledger.entry AS e ON e.book = j.book AND e.journal_id = j.id WHERE e.amount > 0 GROUP BY r.rail",
    ),
];

/// Sums of every audit that must be none here too.
const NONE_AS_EVER: [&str; 7] = [
    "fees that are not the sum of their receipts'",
    "unbalanced journals",
    "balances that are not the sum of their entries",
    "notices pending",
    "notices set apart",
    "payments without their line in the outbox",
    "batches of the outbox not performed",
];

/// What else must be none at the gateway.
const NONE_OF_OURS: [(&str, &str); 6] = [
    (
        "receipts without their journal",
        "SELECT count(*) FROM epay.receipt AS r WHERE NOT EXISTS (SELECT FROM ledger.journal AS j \
         WHERE j.id = r.journal_id AND j.kind IN ('receipt', 'conditional_receipt'))",
    ),
    (
        "payments that are not at their end",
        "SELECT count(*) FROM epay.payment WHERE state NOT IN ('settled', 'failed', 'expired', 'cancelled')",
    ),
    (
        "cents of payments that are not settled",
        "SELECT coalesce(sum(received_minor), 0)::bigint FROM epay.payment WHERE state <> 'settled'",
    ),
    (
        "cents received that are on no bill",
        "SELECT coalesce(sum(amount_minor - applied_minor), 0)::bigint FROM epay.receipt",
    ),
    (
        "bills paid by two payments",
        "SELECT count(*) FROM (SELECT FROM epay.payment WHERE state = 'settled' GROUP BY biller_id, bill_id HAVING count(*) > 1) AS b",
    ),
    (
        "orders that wait for a rail",
        "SELECT count(*) FROM epay.rail_order WHERE state IN ('queued', 'sent')",
    ),
];

/// And in the sandbox.
const NONE_OF_THEIRS: [(&str, &str); 3] = [
    (
        "transactions of the sandbox that do not balance",
        "SELECT count(*) FROM (SELECT FROM entries GROUP BY bank_reference \
         HAVING sum(CASE side WHEN 'D' THEN amount_cents ELSE -amount_cents END) <> 0) AS u",
    ),
    (
        "notices of the sandbox not delivered",
        "SELECT count(*) FROM notices WHERE status <> 'delivered'",
    ),
    (
        "payments of PPS without their file",
        "SELECT count(*) FROM pps_payments WHERE file_id IS NULL",
    ),
];

/// What citizens were told, and what was found out for them afterwards.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    paid: ByRail,
}

impl Seen {
    /// Payments by a rail, and their cents.
    pub(crate) fn add(&mut self, rail: Rail, payments: u64, cents: i64) -> Result<()> {
        if payments > 0 {
            let sum = self.paid.entry(rail.name().to_owned()).or_default();
            sum.payments = sum.payments.saturating_add(i64::try_from(payments)?);
            sum.cents = sum.cents.saturating_add(cents);
        }
        Ok(())
    }
}

/// Adds up both houses and compares; answers one line for the report.
pub(crate) async fn audit_rails(cluster: &Cluster, seen: &Seen) -> Result<String> {
    let ours = connect(&cluster.config(DATABASE)).await?;
    let theirs = connect(&cluster.config(SANDBOX_DATABASE)).await?;
    let mut books = vec![("the sandbox's books", by_rail(&theirs, OTHER_SIDE).await?)];
    for (name, statement) in OURS {
        books.push((name, by_rail(&ours, statement).await?));
    }
    let mut differences = Vec::new();
    for (name, found) in &books {
        differences.extend(differ(name, found, &seen.paid));
    }
    let as_ever = NONE_AS_EVER.map(|name| (name, sum_of(name)));
    for (session, sums) in [
        (&ours, as_ever.as_slice()),
        (&ours, NONE_OF_OURS.as_slice()),
        (&theirs, NONE_OF_THEIRS.as_slice()),
    ] {
        for (name, statement) in sums {
            let row = session.client().query_one(*statement, &[]).await?;
            match row.try_get::<_, i64>(0)? {
                0 => {}
                found => differences.push(format!("{name}: {found}, not 0")),
            }
        }
    }
    ours.close().await;
    theirs.close().await;
    ensure!(
        differences.is_empty(),
        "the audit found differences, so there is no report: {}",
        differences.join("; ")
    );
    let all = seen.paid.values().fold(Sum::default(), |all, sum| Sum {
        payments: all.payments.saturating_add(sum.payments),
        cents: all.cents.saturating_add(sum.cents),
    });
    Ok(format!(
        "Audit: {} payments by {} rails, {} cents: the sandbox's books, payments, receipts and ledger agree; {} sums are none, as they must be",
        all.payments,
        seen.paid.len(),
        all.cents,
        NONE_AS_EVER.len() + NONE_OF_OURS.len() + NONE_OF_THEIRS.len()
    ))
}

async fn by_rail(session: &Session, statement: &str) -> Result<ByRail> {
    let mut sums = ByRail::new();
    for row in session.client().query(statement, &[]).await? {
        let payments: i64 = row.try_get(1)?;
        if payments > 0 {
            let cents = row.try_get(2)?;
            sums.insert(row.try_get(0)?, Sum { payments, cents });
        }
    }
    Ok(sums)
}

/// Where a book does not say what was seen.
fn differ(name: &str, found: &ByRail, seen: &ByRail) -> Vec<String> {
    let rails: BTreeSet<&String> = found.keys().chain(seen.keys()).collect();
    let of = |sums: &ByRail, rail: &String| sums.get(rail).copied().unwrap_or_default();
    rails
        .into_iter()
        .filter(|rail| of(found, rail) != of(seen, rail))
        .map(|rail| {
            let (found, seen) = (of(found, rail), of(seen, rail));
            format!(
                "{name}, {rail}: {} of {} cents, not {} of {} cents",
                found.payments, found.cents, seen.payments, seen.cents
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(rows: &[(&str, i64, i64)]) -> ByRail {
        let sum = |(rail, payments, cents): &(&str, i64, i64)| {
            let (payments, cents) = (*payments, *cents);
            ((*rail).to_owned(), Sum { payments, cents })
        };
        rows.iter().map(sum).collect()
    }

    #[test]
    fn a_cent_or_a_payment_more_or_less_on_either_side_is_a_difference() {
        let seen = sums(&[("card", 2, 500), ("fps", 1, 100)]);
        assert_eq!(differ("books", &seen, &seen), Vec::<String>::new());
        let table = [
            (sums(&[("card", 2, 501), ("fps", 1, 100)]), "card: 2 of 501"),
            (sums(&[("card", 3, 500), ("fps", 1, 100)]), "card: 3 of 500"),
            (sums(&[("card", 2, 500)]), "fps: 0 of 0 cents, not 1 of 100"),
            (
                sums(&[("card", 2, 500), ("fps", 1, 100), ("pps", 1, 1)]),
                "pps: 1 of 1 cents, not 0",
            ),
        ];
        for (found, said) in table {
            let differences = differ("books", &found, &seen);
            assert_eq!(differences.len(), 1, "{differences:?}");
            assert!(differences[0].contains(said), "{differences:?}");
        }
    }

    #[test]
    fn every_sum_that_is_named_is_one() {
        for name in NONE_AS_EVER {
            assert!(sum_of(name).starts_with("SELECT"), "{name}");
        }
    }
}
