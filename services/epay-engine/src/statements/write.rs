//! The second reading: entries written chunk by chunk.

use epay_domain::statement::{
    EntryDirection, Standing, Statement, StatementEntry, StatementKind, StatementState,
};
use epay_money::MessageId;
use epay_statement::{BadRow, Direction, Entry, Part, StatementReader};
use epay_store::{BadRowKey, FileState, FileStep, RailFile, StatementBadRow, StoreError};
use tracing::info;

use crate::engine::Core;
use crate::error::EngineError;
use crate::inbound::chunks::chunk;

/// Reads the file again and writes it from the first chunk that is not done.
pub(crate) async fn write(
    core: &Core,
    file: &mut RailFile,
    progress: &mut (impl FnMut(&RailFile) + Send),
) -> Result<(), EngineError> {
    let mut pen = Pen::new(of_file(core, file).await?);
    let mut reader = StatementReader::new();
    let mut parts = Vec::new();
    let mut place = 0;
    loop {
        let bytes = chunk(core, file, place).await?;
        let read = match &bytes {
            Some(bytes) => reader.feed(bytes, &mut parts),
            None => reader.end(&mut parts),
        };
        read.map_err(|fault| EngineError::Broken(format!("the second reading differs: {fault}")))?;
        pen.take(parts.drain(..));
        let last = bytes.is_none();
        let done = place < file.booked_chunks;
        if !last {
            place = place.saturating_add(1);
        }
        if last || !done {
            commit(core, file, &mut pen, place, last).await?;
            progress(file);
        }
        pen.rest();
        if last {
            info!(file = %file.id, entries = file.reports, "A file of statements is read");
            return Ok(());
        }
    }
}

async fn of_file(core: &Core, file: &RailFile) -> Result<Vec<Statement>, EngineError> {
    let client = core.pool.get().await?;
    Ok(epay_store::statements_of_file(&client, file.id).await?)
}

/// Writes what a chunk gave and notes that the chunks before `chunks` are done.
async fn commit(
    core: &Core,
    file: &mut RailFile,
    pen: &mut Pen,
    chunks: i32,
    last: bool,
) -> Result<(), EngineError> {
    let mut client = core.pool.get().await?;
    let failed = |error: tokio_postgres::Error| EngineError::from(StoreError::from(error));
    let tx = client.transaction().await.map_err(failed)?;
    let now = core.clock.now();
    if !pen.entries.is_empty() {
        epay_store::insert_statement_entries_in(&tx, &pen.entries).await?;
    }
    if !pen.bad_rows.is_empty() {
        epay_store::set_statement_rows_apart_in(&tx, &pen.bad_rows, now).await?;
    }
    let step = FileStep {
        booked_chunks: chunks,
        reports: i64::try_from(pen.entries.len()).unwrap_or(i64::MAX),
        unreadable: i64::try_from(pen.bad_rows.len()).unwrap_or(i64::MAX),
        ..FileStep::default()
    };
    let state = if last {
        FileState::Booked
    } else {
        FileState::Whole
    };
    if last {
        // The findings of others may have changed since: only the state is ours to say.
        epay_store::complete_statements_in(&tx, file.id, now).await?;
    }
    if epay_store::step_file_in(&tx, file, state, step, now).await? {
        tx.commit().await.map_err(failed)?;
    } else {
        tx.rollback().await.map_err(failed)?;
    }
    let stood = epay_store::rail_file(&client, file.id).await?;
    *file = stood.ok_or(EngineError::NotFound { what: "the file" })?;
    Ok(())
}

/// Where the reading stands, and what it gave since the last rest.
struct Pen {
    statements: std::vec::IntoIter<Statement>,
    under: Option<Statement>,
    line: i32,
    entries: Vec<StatementEntry>,
    bad_rows: Vec<StatementBadRow>,
}

impl Pen {
    fn new(statements: Vec<Statement>) -> Self {
        Self {
            statements: statements.into_iter(),
            under: None,
            line: 0,
            entries: Vec::new(),
            bad_rows: Vec::new(),
        }
    }

    fn take(&mut self, parts: impl Iterator<Item = Part>) {
        for part in parts {
            match part {
                Part::Opened(_) => {
                    self.under = self.statements.next();
                    self.line = 0;
                }
                Part::Row(row) => {
                    for entry in row.entries {
                        self.line = self.line.saturating_add(1);
                        let under = self.under.as_ref().filter(|one| is_written(one));
                        self.entries
                            .extend(under.map(|of| stored(of, entry, self.line)));
                    }
                }
                Part::Bad(row) => {
                    self.line = self.line.saturating_add(1);
                    let under = self.under.as_ref().filter(|one| is_written(one));
                    self.bad_rows
                        .extend(under.map(|of| set_apart(of, row, self.line)));
                }
                Part::Closed(_) => self.under = None,
            }
        }
    }

    fn rest(&mut self) {
        self.entries.clear();
        self.bad_rows.clear();
    }
}

/// A repeat has its entries with the first.
fn is_written(statement: &Statement) -> bool {
    statement.state != StatementState::Repeated
}

/// The entry as it is stored.
pub(super) fn stored(of: &Statement, entry: Entry, line: i32) -> StatementEntry {
    let standing = match (of.kind, of.state) {
        (StatementKind::Statement, StatementState::SetApart) if entry.booked => Standing::SetApart,
        (StatementKind::Statement, _) if entry.booked => Standing::Counts,
        (_, _) => Standing::Early,
    };
    StatementEntry {
        biller: of.biller.clone(),
        statement: of.id,
        line,
        account: of.account.clone(),
        direction: match entry.direction {
            Direction::Credit => EntryDirection::Credit,
            Direction::Debit => EntryDirection::Debit,
        },
        amount: entry.amount,
        booking_date: entry.booking_date,
        value_date: entry.value_date,
        bank_reference: entry.bank_reference,
        reference: entry.reference,
        bill_number: entry.bill_number,
        end_to_end_id: entry.end_to_end_id,
        clearing_reference: entry.clearing_reference,
        reversal: entry.reversal,
        return_reason: entry.return_reason,
        items: i32::try_from(entry.items).unwrap_or(i32::MAX).max(1),
        narrative_code: entry.code,
        standing,
    }
}

fn set_apart(of: &Statement, row: BadRow, line: i32) -> StatementBadRow {
    StatementBadRow {
        key: BadRowKey {
            message: MessageId::new(of.id.uuid()),
            entry: line,
        },
        biller: of.biller.clone(),
        path: row.path,
        code: row.code.to_owned(),
        detail: row.message,
        raw: row.raw,
    }
}
