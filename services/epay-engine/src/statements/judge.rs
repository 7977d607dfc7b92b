//! The first reading: what the file's statements say, and whether they agree with themselves and each other.

use std::collections::BTreeSet;

use deadpool_postgres::Transaction;
use epay_domain::statement::{
    Declared, Statement, StatementFinding, StatementState, chain_findings, own_findings,
    tells_again,
};
use epay_money::{BillerId, Money, StatementId};
use epay_statement::{Part, StatementReader, Summary, Tally, Unreadable};
use epay_store::{FileState, FileStep, RailFile, StoreError};

use super::kind_of;
use crate::engine::Core;
use crate::error::EngineError;
use crate::inbound::chunks::each_chunk;
use crate::inbound::files::{FirstReading, OTHER_BYTES, refuse};

/// Reads the file once and puts its statements down, or sets the whole file apart.
pub(crate) async fn judge(core: &Core, file: &RailFile) -> Result<(), EngineError> {
    let (digest, read) = summaries(core, file).await?;
    if digest != file.digest {
        return refuse(core, file, epay_store::DIGEST_DIFFERS, OTHER_BYTES).await;
    }
    match read {
        Ok(summaries) => record(core, file, summaries).await,
        Err(fault) => {
            let words = format!("{} at {}", fault.message, fault.path);
            refuse(core, file, fault.code, &words).await
        }
    }
}

async fn summaries(
    core: &Core,
    file: &RailFile,
) -> Result<FirstReading<Vec<Summary>, Unreadable>, EngineError> {
    let mut reader = StatementReader::new();
    let mut tally = Tally::default();
    let (mut parts, mut found): (Vec<Part>, Vec<Summary>) = (Vec::new(), Vec::new());
    let mut read = Ok(());
    let digest = each_chunk(core, file, |bytes| {
        if read.is_ok() {
            read = reader.feed(bytes, &mut parts);
        }
        found.extend(parts.drain(..).filter_map(|part| tally.add(&part)));
    });
    let digest = digest.await?;
    let read = read.and_then(|()| reader.end(&mut parts));
    found.extend(parts.drain(..).filter_map(|part| tally.add(&part)));
    Ok((digest, read.map(|()| found)))
}

/// Puts the statements down in one transaction, and the file is whole.
async fn record(core: &Core, file: &RailFile, summaries: Vec<Summary>) -> Result<(), EngineError> {
    let statements: Vec<Statement> = summaries
        .into_iter()
        .zip(1..)
        .map(|(summary, place)| statement(core, file, summary, place))
        .collect();
    let mut client = core.pool.get().await?;
    let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
    let tx = client.transaction().await.map_err(failed)?;
    let accounts: BTreeSet<(&BillerId, &str)> = statements
        .iter()
        .map(|one| (&one.biller, one.account.as_str()))
        .collect();
    for (biller, account) in accounts {
        epay_store::lock_statement_account_in(&tx, biller, account).await?;
    }
    // One after the other: a file may hold several statements of one account.
    for one in &statements {
        place(&tx, one.clone()).await?;
    }
    let step = FileStep::default();
    let now = core.clock.now();
    if epay_store::step_file_in(&tx, file, FileState::Whole, step, now).await? {
        tx.commit().await.map_err(failed)
    } else {
        // Another task took this step first, and its statements stand.
        tx.rollback().await.map_err(failed)
    }
}

fn statement(core: &Core, file: &RailFile, summary: Summary, place: i32) -> Statement {
    let Summary { opened, closed, .. } = summary;
    let catalogue = core.catalogue.load();
    let owner = catalogue.bank_account_owner(&opened.account);
    let mut statement = Statement {
        id: StatementId::new(core.ids.next()),
        biller: owner.unwrap_or(&core.treasury).clone(),
        file: file.id,
        place,
        kind: kind_of(opened.kind),
        format: opened.format,
        account: opened.account,
        currency: opened.currency,
        sender_id: opened.id,
        sequence_number: opened.sequence_number,
        from_date: closed.from_date,
        to_date: closed.to_date,
        opening_minor: opened.opening.map(Money::minor),
        closing_minor: closed.closing.map(Money::minor),
        digest: summary.digest,
        rows_written: i64::from(closed.rows),
        entries: i64::from(summary.entries),
        bad_rows: i64::from(summary.bad_rows),
        credits_minor: summary.credits_minor,
        debits_minor: summary.debits_minor,
        declared: Declared {
            rows: closed.declared_rows,
            credits_minor: closed.declared_credits_minor,
            debits_minor: closed.declared_debits_minor,
        },
        state: StatementState::Reading,
        findings: Vec::new(),
        received_at: file.received_at,
        changed_at: core.clock.now(),
    };
    if owner.is_none() {
        statement.findings.push(StatementFinding::AccountUnknown);
    }
    statement
        .findings
        .extend(own_findings(&statement.summary()));
    statement
}

/// Puts one statement down where it belongs.
async fn place(tx: &Transaction<'_>, mut statement: Statement) -> Result<(), StoreError> {
    if let Some(first) = epay_store::statement_with_sender_id_in(tx, &statement).await? {
        statement.state = if first.digest == statement.digest {
            StatementState::Repeated
        } else {
            let reused = StatementFinding::IdReused { first: first.id };
            statement.findings.push(reused);
            StatementState::SetApart
        };
        return epay_store::insert_statements_in(tx, &[&statement]).await;
    }
    let like = epay_store::statements_like_in(tx, &statement).await?;
    if let Some(first) = like.iter().find(|first| tells_again(first, &statement)) {
        let told = StatementFinding::ToldBefore { first: first.id };
        statement.findings.push(told);
        statement.state = StatementState::SetApart;
        return epay_store::insert_statements_in(tx, &[&statement]).await;
    }
    let (before, after) = epay_store::statement_neighbours_in(tx, &statement).await?;
    let before = before.map(|one| one.link());
    statement
        .findings
        .extend(chain_findings(before.as_ref(), &statement.link()));
    epay_store::insert_statements_in(tx, &[&statement]).await?;
    let Some(mut after) = after else {
        return Ok(());
    };
    // What came before it is another statement now.
    after.findings.retain(|finding| !finding.is_of_chain());
    let link = statement.link();
    after
        .findings
        .extend(chain_findings(Some(&link), &after.link()));
    after.changed_at = statement.changed_at;
    epay_store::update_statements_in(tx, &[&after]).await
}
