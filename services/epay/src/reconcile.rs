//! Reconciliation from the shell.

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Args;
use epay_engine::{BookSummary, Engine, Reconciled};
use epay_money::{BillerId, Money, hong_kong_date};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::roles::start_engine;
use crate::settings::Settings;

/// Days that are shown unless others are asked for.
const DAYS: i32 = 7;

/// What `epay reconcile` takes.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// Only this department's book; every department's unless given.
    #[arg(long)]
    book: Option<BillerId>,
    /// The first day to show, for instance 2026-01-20.
    #[arg(long)]
    from: Option<Date>,
    /// The last day to show; today unless given.
    #[arg(long)]
    until: Option<Date>,
    /// Print one JSON object a book.
    #[arg(long)]
    json: bool,
}

/// Reconciles and prints. Exits with 1 while a break is open in what is shown.
pub(crate) async fn run(arguments: ReconcileArgs, settings: &Settings) -> anyhow::Result<ExitCode> {
    let engine = start_engine(settings, &settings.database.config()?).await?;
    let until = arguments
        .until
        .unwrap_or_else(|| hong_kong_date(engine.now()));
    let from = arguments
        .from
        .unwrap_or_else(|| until.saturating_sub(DAYS.days()));
    let mut broken = 0_i64;
    for book in books(&engine, arguments.book) {
        let run = engine.reconcile(&book).await?;
        let summary = engine.reader().reconciliation(&book, (from, until)).await?;
        broken = summary
            .rows
            .iter()
            .map(|row| row.broken.0)
            .fold(broken, i64::saturating_add);
        if arguments.json {
            println!("{}", as_json(&book, run, &summary));
        } else {
            print(&book, run, &summary);
        }
    }
    engine.drain().await;
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn books(engine: &Engine, one: Option<BillerId>) -> BTreeSet<BillerId> {
    match one {
        Some(book) => BTreeSet::from([book]),
        None => {
            let reader = engine.reader();
            let kinds = reader.catalogue();
            let mut books: BTreeSet<BillerId> = kinds
                .kinds()
                .iter()
                .map(|kind| kind.biller.clone())
                .collect();
            books.insert(reader.treasury());
            books
        }
    }
}

fn print(book: &BillerId, run: Reconciled, summary: &BookSummary) {
    println!(
        "{book}: {} sources, {} pairs matched, {} breaks opened, {} changed, {} journals",
        run.sources, run.matched, run.opened, run.changed, run.journals
    );
    for row in &summary.rows {
        let money = |minor| Money::new(minor, row.currency).to_decimal();
        println!(
            "  {} {} {:<14} matched {:>8} {:>18}  expected {:>6} {:>16}  broken {:>5} {:>16} {}",
            row.day,
            row.level.as_str(),
            row.rail.as_ref().map_or("-", |rail| rail.as_str()),
            row.matched.0,
            money(row.matched.1),
            row.expected.0,
            money(row.expected.1),
            row.broken.0,
            money(row.broken.1),
            row.currency,
        );
    }
    for balance in &summary.bank {
        let closing = Money::new(balance.closing_minor, balance.currency);
        println!(
            "  bank {} to {}: {closing}",
            balance.account, balance.to_date
        );
    }
    for (currency, minor) in &summary.books {
        println!("  books, 1010: {}", Money::new(*minor, *currency));
    }
}

fn as_json(book: &BillerId, run: Reconciled, summary: &BookSummary) -> Value {
    let rows = summary.rows.iter().map(|row| {
        json!({
            "day": row.day.to_string(), "level": row.level.as_str(),
            "rail": row.rail.as_ref().map(|rail| rail.as_str()), "currency": row.currency.code(),
            "matched": row.matched.0, "matched_minor": row.matched.1,
            "expected": row.expected.0, "expected_minor": row.expected.1,
            "broken": row.broken.0, "broken_minor": row.broken.1,
        })
    });
    let bank = summary.bank.iter().map(|balance| {
        json!({
            "account": balance.account, "to_date": balance.to_date.to_string(),
            "currency": balance.currency.code(), "closing_minor": balance.closing_minor,
        })
    });
    let books = summary.books.iter().map(
        |(currency, minor)| json!({ "currency": currency.code(), "bank_account_minor": minor }),
    );
    json!({
        "book": book.as_str(), "sources": run.sources, "matched": run.matched, "opened": run.opened,
        "changed": run.changed, "journals": run.journals, "rows": rows.collect::<Vec<_>>(),
        "bank": bank.collect::<Vec<_>>(), "books": books.collect::<Vec<_>>(),
    })
}
