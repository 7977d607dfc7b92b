//! A sound ledger verifies; whatever is broken by force is found.

use epay_ledger::reversal;
use epay_ledger_pg::{Finding, VerifyReport, verify, verify_with};

use crate::support::{Ledger, journal, paid, unapplied};

async fn verified(ledger: &Ledger) -> VerifyReport {
    verify(&mut **ledger.client().await).await.expect("reads")
}

/// A ledger with a receipt (journal 1, accounts 1 and 2), a suspense receipt (2, accounts 1 and 3) and its reversal (3).
async fn some() -> Ledger {
    let ledger = Ledger::new().await;
    let wrong = unapplied(2, "rvd", 500);
    let undo = journal(3, "rvd", reversal(&wrong));
    ledger
        .post(&[paid(1, "rvd", 372_000), wrong, undo])
        .await
        .expect("posts");
    ledger
}

#[tokio::test]
async fn a_ledger_that_was_only_posted_to_is_sound() {
    let ledger = some().await;
    let many: Vec<_> = (10..6_010)
        .map(|n| paid(n, if n % 3 == 0 { "wsd" } else { "rvd" }, 100))
        .collect();
    ledger.post(&many).await.expect("posts");
    let mut seen = Vec::new();
    let report = verify_with(&mut **ledger.client().await, |entries| seen.push(entries))
        .await
        .expect("reads");
    assert!(report.is_sound(), "{report}");
    assert_eq!(
        (report.journals, report.entries, report.accounts),
        (6_003, 12_006, 5)
    );
    assert_eq!(seen, [10_000]);
    assert!(
        report
            .to_string()
            .starts_with("6003 journals, 12006 entries and 5 accounts were read.")
    );
}

#[tokio::test]
async fn an_empty_ledger_is_sound() {
    assert!(verified(&Ledger::new().await).await.is_sound());
}

#[tokio::test]
async fn whatever_is_broken_by_force_is_found() {
    for (name, force, expected) in [
        ("a balance", "UPDATE ledger.balance SET debit = debit + 1 WHERE account = 2", &["balance"][..]),
        ("a balance less", "DELETE FROM ledger.balance WHERE account = 1", &["balance"]),
        ("a balance more", "INSERT INTO ledger.balance (book, account) VALUES (7, 1)", &["stray_balance"]),
        ("an amount", "UPDATE ledger.entry SET amount = 371999 WHERE amount = 372000", &["unbalanced", "balance", "invariant"]),
        ("an account", "UPDATE ledger.entry SET account = 3 WHERE amount = -372000", &["balance", "balance"]),
        ("an entry less", "DELETE FROM ledger.entry WHERE amount = -372000", &["malformed", "unbalanced", "balance", "invariant"]),
        (
            "an entry of no account",
            "UPDATE ledger.entry SET account = 99 WHERE amount = -372000",
            &["malformed", "balance", "invariant"],
        ),
        ("a gap", "UPDATE ledger.entry SET line = 3 WHERE amount = -372000", &["malformed"]),
        ("a journal less", "DELETE FROM ledger.journal WHERE source = 'receipt-1'", &["malformed"]),
        (
            "a journal without entries",
            "INSERT INTO ledger.journal (posted_at, id, business_date, kind, book, source)
             VALUES (now(), 'ffffffff-0000-7000-8000-000000000001', '2026-11-23', 'receipt', 1, 'by force')",
            &["malformed"],
        ),
        (
            "a reversal of another journal",
            "UPDATE ledger.journal r SET reverses = j.id FROM ledger.journal j
              WHERE r.source = 'receipt-3' AND j.source = 'receipt-1'",
            &["false_reversal"],
        ),
        (
            "suspense below zero",
            "UPDATE ledger.entry SET amount = amount * 2 WHERE abs(amount) = 500 AND journal_id =
                (SELECT id FROM ledger.journal WHERE source = 'receipt-3')",
            &["balance", "balance", "invariant", "false_reversal"],
        ),
        ("an account outside the chart", "UPDATE ledger.account SET code = '3999' WHERE id = 2", &["unknown_account", "invariant"]),
    ] {
        let ledger = some().await;
        // What no constraint or trigger of the database would let through.
        let force = format!("SET session_replication_role = replica; {force}; RESET session_replication_role;");
        ledger.superuser().await.batch_execute(&force).await.expect(name);
        let report = verified(&ledger).await;
        let found: Vec<String> = report.findings.iter().map(kind).collect();
        assert_eq!(found, expected, "{name}: {report}");
        assert!(report.to_string().ends_with("THE LEDGER IS NOT SOUND."), "{name}");
    }
}

/// The stable word that machines see.
fn kind(finding: &Finding) -> String {
    let json = serde_json::to_value(finding).expect("serialises");
    json.get("kind")
        .and_then(|kind| kind.as_str())
        .expect("a kind")
        .to_owned()
}
