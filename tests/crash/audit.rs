//! The comparison: plan, acknowledgements, the bank, payments, receipts and the ledger, to the cent.
//!
//! Every difference is collected before anything fails, so that one run tells all that is wrong.

use std::collections::BTreeMap;

use anyhow::ensure;

use crate::bank::Credit;
use crate::books::Books;
use crate::caller::Started;
use crate::plan::{Expected, Plan};

/// Differences that are told; more of the same say nothing new.
const DIFFERENCES_SHOWN: usize = 40;

/// One department's figures as they were found, in cents, for the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) biller: String,
    pub(crate) bills: i64,
    pub(crate) payments: usize,
    pub(crate) at_the_bank: i64,
    pub(crate) received: i64,
    pub(crate) receipts: i64,
    pub(crate) ledger: i64,
    pub(crate) suspense: i64,
}

/// Compares; answers the figures by department.
pub(crate) fn compare(plan: &Plan, started: &[Started], books: &Books) -> anyhow::Result<Vec<Row>> {
    let mut differences: Vec<String> = books
        .faults
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    every_credit_is_one_receipt(books, &mut differences);
    let expected = every_payment_is_there_once(plan, started, books, &mut differences)?;
    let mut rows = Vec::new();
    for (biller, expected) in &expected {
        let row = department(biller, books);
        the_ledger_is_as_planned(biller, *expected, books, &mut differences);
        same(
            &mut differences,
            biller,
            "at the bank",
            row.at_the_bank,
            expected.credited,
        );
        same(
            &mut differences,
            biller,
            "ledger 1110",
            row.ledger,
            row.at_the_bank,
        );
        same(
            &mut differences,
            biller,
            "receipts",
            row.receipts,
            row.at_the_bank,
        );
        same(
            &mut differences,
            biller,
            "received by payments and unidentified",
            row.received + expected.unidentified,
            row.at_the_bank,
        );
        rows.push(row);
    }
    for (book, code) in books.ledger.keys() {
        if !expected.contains_key(book.as_str()) {
            differences.push(format!("the book {book} holds something on {code}"));
        }
    }
    let found = differences.len();
    differences.truncate(DIFFERENCES_SHOWN);
    ensure!(found == 0, "{found} differences: {differences:#?}");
    Ok(rows)
}

fn same(differences: &mut Vec<String>, whose: &str, what: &str, found: i64, wanted: i64) {
    if found != wanted {
        differences.push(format!("{whose}: {what} is {found} and should be {wanted}"));
    }
}

/// Both ways: what the bank booked and the gateway did not, and what the gateway booked and the bank did not.
fn every_credit_is_one_receipt(books: &Books, differences: &mut Vec<String>) {
    let mut unknown = books.receipts.clone();
    for credit in &books.credits {
        let key = (credit.account.clone(), credit.bank_reference.clone());
        match unknown.remove(&key) {
            None => differences.push(format!("no receipt, or a second credit: {credit:?}")),
            Some(receipt) if receipt.minor != credit.amount_cents => {
                differences.push(format!("{receipt:?} is not {credit:?}"));
            }
            Some(_same) => {}
        }
    }
    for (key, receipt) in unknown {
        differences.push(format!(
            "the bank knows nothing of {receipt:?} under {key:?}"
        ));
    }
}

/// Every acknowledged creation exists once, as asked and as answered, with the money that its payer sent.
/// Answers what every department must have.
fn every_payment_is_there_once(
    plan: &Plan,
    started: &[Started],
    books: &Books,
    differences: &mut Vec<String>,
) -> anyhow::Result<BTreeMap<&'static str, Expected>> {
    let mut sent: BTreeMap<&str, i64> = BTreeMap::new();
    for credit in &books.credits {
        let reference = credit.reference.as_deref().unwrap_or_default();
        *sent.entry(reference).or_default() += credit.amount_cents;
    }
    let mut unknown = books.payments.clone();
    let mut departments: BTreeMap<&'static str, Expected> = BTreeMap::new();
    for (payment, answer) in plan.payments.iter().zip(started) {
        let expected = payment.expected();
        let biller = plan.bill(payment)?.biller;
        departments.entry(biller).or_default().add(expected);
        let Some(row) = unknown.remove(&answer.reference) else {
            differences.push(format!("lost, or acknowledged twice: {answer:?}"));
            continue;
        };
        if row.name != answer.name || row.minor != payment.minor {
            differences.push(format!("{row:?} is not what was answered: {answer:?}"));
        }
        let at_the_bank = sent
            .get(answer.reference.as_str())
            .copied()
            .unwrap_or_default();
        let whose = &row.name;
        same(differences, whose, "sent", at_the_bank, expected.credited);
        same(
            differences,
            whose,
            "received",
            row.received,
            expected.credited - expected.unidentified,
        );
    }
    for (reference, row) in unknown {
        differences.push(format!(
            "nobody was told of the payment {reference}: {row:?}"
        ));
    }
    Ok(departments)
}

/// Everything applied waits for its department, everything else in the suspense account that the plan names, and
/// nowhere else. What the bank charges is apart from the money.
fn the_ledger_is_as_planned(
    biller: &str,
    expected: Expected,
    books: &Books,
    differences: &mut Vec<String>,
) {
    let mut found: BTreeMap<&str, i64> = BTreeMap::new();
    for ((book, code), net) in &books.ledger {
        if book == biller {
            let head = code.split('.').next().unwrap_or(code);
            *found.entry(head).or_default() += net;
        }
    }
    for (code, wanted) in [
        ("1110", expected.credited),
        ("2010", -expected.applied),
        ("2110", -expected.unidentified),
        ("2120", -expected.overpaid),
        ("2130", -expected.duplicate),
    ] {
        let net = found.remove(code).unwrap_or_default();
        same(differences, biller, code, net, wanted);
    }
    let charges = found.remove("5010").unwrap_or_default();
    let accrued = found.remove("2310").unwrap_or_default();
    same(differences, biller, "accrued charges", accrued, -charges);
    for (code, net) in found {
        differences.push(format!("{biller}: {net} on {code}, where nothing belongs"));
    }
}

fn department(biller: &str, books: &Books) -> Row {
    let owned = |account: &str| {
        books
            .owners
            .get(account)
            .is_some_and(|owner| owner == biller)
    };
    let head = format!("billers/{biller}/");
    let payments: Vec<_> = books
        .payments
        .values()
        .filter(|payment| payment.name.starts_with(&head))
        .collect();
    let on = |codes: &[&str]| -> i64 {
        books
            .ledger
            .iter()
            .filter(|((book, code), _net)| book == biller && codes.contains(&code.as_str()))
            .map(|(_key, net)| net)
            .sum()
    };
    let at_the_bank = |(account, balance): (&String, &i64)| owned(account).then_some(*balance);
    Row {
        biller: biller.to_owned(),
        bills: books.bills.get(biller).copied().unwrap_or_default(),
        payments: payments.len(),
        at_the_bank: books.balances.iter().filter_map(at_the_bank).sum(),
        received: payments.iter().map(|payment| payment.received).sum(),
        receipts: books
            .receipts
            .values()
            .filter(|receipt| receipt.biller == biller)
            .map(|receipt| receipt.minor)
            .sum(),
        ledger: on(&["1110"]),
        suspense: -on(&["2110", "2120", "2130"]),
    }
}

#[test]
fn a_missing_receipt_and_a_strange_one_are_both_told() {
    let credit = |reference: &str| Credit {
        bank_reference: reference.to_owned(),
        account: "1".to_owned(),
        amount_cents: 5,
        reference: None,
    };
    let receipt = crate::books::ReceiptRow {
        biller: "rvd".to_owned(),
        minor: 5,
    };
    let key = |reference: &str| ("1".to_owned(), reference.to_owned());
    let books = Books {
        credits: vec![credit("A"), credit("B")],
        balances: BTreeMap::new(),
        payments: BTreeMap::new(),
        receipts: BTreeMap::from([(key("B"), receipt.clone()), (key("C"), receipt)]),
        ledger: BTreeMap::new(),
        owners: BTreeMap::new(),
        bills: BTreeMap::new(),
        faults: vec![],
    };
    let mut differences = Vec::new();
    every_credit_is_one_receipt(&books, &mut differences);
    let told: Vec<bool> = differences
        .iter()
        .map(|difference| difference.starts_with("no receipt"))
        .collect();
    assert_eq!(told, [true, false], "{differences:?}");
}
