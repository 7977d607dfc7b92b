//! Bills by the file: every row a command of its own, many rows under way at once.
//!
//! The file is read piece by piece. Rows are gathered into windows in which no demand occurs twice, so that a revision finds
//! the bill that the same file issues; the rows of a window are decided together by the committers, and the next window
//! waits for them. A demand is known by the department's own name of it, which is the idempotency key of its rows: a file
//! that broke off is imported again from the front, and what it did before is recognised. A row that is refused is reported
//! with its field and takes no other with it; nothing is written for it.
//!
//! Bounds: [`WINDOW_ROWS_MAX`] rows under way, [`FAULTS_MAX`] faults kept; after that many the import stops and says where.

use std::collections::{HashMap, HashSet};

use epay_bill_file::{Action, Demand, Fault, Format, Reader, Row};
use epay_domain::Refusal;
use epay_domain::bill::{BillPart, Instalment, Licence, RevenueLine, Revision, SealedFactor};
use epay_money::{BillId, BillerId};
use epay_store::IdempotencyKey;
use tokio::sync::oneshot;

use crate::batch::{Command, Decided};
use crate::command::{IssueBill, ReviseBill, WithdrawBill, keyed};
use crate::committer::Envelope;
use crate::{Engine, EngineError};

/// Most rows that wait for their commits at once: several batches, so that one is prepared while another is written.
const WINDOW_ROWS_MAX: usize = 1_024;
/// Most faults that an import keeps. A file with more is the wrong file, and is not read on.
pub const FAULTS_MAX: usize = 10_000;
/// Whose keys the names of demands are. No caller is called so: two people may send parts of one file.
const SCOPE: &str = "bill file";

/// What is wrong with a row, and that nothing was done for it.
pub type RowFault = Fault;

/// What an import did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that were read, faults among them.
    pub rows: u64,
    /// Bills issued.
    pub issued: u64,
    /// Bills revised.
    pub revised: u64,
    /// Bills withdrawn.
    pub withdrawn: u64,
    /// Rows that an earlier file, or this one before, had done already.
    pub known: u64,
    /// Rows for which nothing was done.
    pub refused: u64,
    /// Why, in the order of the file; a row has one for each field that is wrong.
    pub faults: Vec<RowFault>,
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportEnd {
    /// The file was read to its end.
    Whole,
    /// It was not read on: it is no such file, or has too many faults. Rows before stand as [`Imported`] says.
    Stopped {
        /// A stable code.
        code: &'static str,
        /// What was wrong.
        message: String,
    },
}

/// An import under way. Dropped, it stops behind the last whole window.
#[derive(Debug)]
pub struct BillImport {
    engine: Engine,
    biller: BillerId,
    reader: Option<Reader>,
    waiting: Vec<Row>,
    documents: HashSet<String>,
    done: Imported,
    stopped: Option<ImportEnd>,
}

impl Engine {
    /// Begins to import a file of bills of one department.
    #[must_use]
    pub fn import_bills(&self, biller: BillerId, format: Format) -> BillImport {
        BillImport {
            engine: self.clone(),
            biller,
            reader: Some(Reader::new(format)),
            waiting: vec![],
            documents: HashSet::new(),
            done: Imported::default(),
            stopped: None,
        }
    }
}

impl BillImport {
    /// What was done so far.
    #[must_use]
    pub const fn done(&self) -> &Imported {
        &self.done
    }

    /// Takes the next bytes. After a stop they are ignored.
    ///
    /// # Errors
    /// [`EngineError`] when rows could not be confirmed: import the file again from the front.
    pub async fn feed(&mut self, piece: &[u8]) -> Result<(), EngineError> {
        let Some(reader) = self.reader.as_mut().filter(|_| self.stopped.is_none()) else {
            return Ok(());
        };
        let mut rows = vec![];
        let fault = reader.feed(piece, &mut rows).err();
        self.take(rows).await?;
        self.stop_at(fault);
        Ok(())
    }

    /// Takes the end of the file and waits for its last rows.
    ///
    /// # Errors
    /// [`EngineError`] when rows could not be confirmed: import the file again from the front.
    pub async fn end(mut self) -> Result<(Imported, ImportEnd), EngineError> {
        if let Some(reader) = self.reader.take().filter(|_| self.stopped.is_none()) {
            let mut rows = vec![];
            let fault = reader.end(&mut rows).err();
            self.take(rows).await?;
            self.stop_at(fault);
        }
        self.settle().await?;
        Ok((self.done, self.stopped.unwrap_or(ImportEnd::Whole)))
    }

    fn stop_at(&mut self, fault: Option<epay_bill_file::FileFault>) {
        if let Some(fault) = fault {
            self.stopped.get_or_insert(ImportEnd::Stopped {
                code: fault.code,
                message: fault.message,
            });
        }
    }

    async fn take(&mut self, rows: Vec<epay_bill_file::Read>) -> Result<(), EngineError> {
        for read in rows {
            if self.stopped.is_some() {
                return Ok(());
            }
            self.done.rows = self.done.rows.saturating_add(1);
            match read {
                Ok(row) => {
                    let full = self.waiting.len() >= WINDOW_ROWS_MAX;
                    if full || self.documents.contains(&row.document) {
                        self.settle().await?;
                    }
                    self.documents.insert(row.document.clone());
                    self.waiting.push(row);
                }
                Err(faults) => self.refuse(faults),
            }
        }
        Ok(())
    }

    /// Notes a row for which nothing is done.
    fn refuse(&mut self, faults: Vec<RowFault>) {
        self.done.refused = self.done.refused.saturating_add(1);
        self.done.faults.extend(faults);
        if self.done.faults.len() >= FAULTS_MAX {
            let line = self.done.faults.last().map_or(0, |fault| fault.line);
            self.stopped.get_or_insert(ImportEnd::Stopped {
                code: "TOO_MANY_FAULTS",
                message: format!(
                    "more than {FAULTS_MAX} fields are wrong up to line {line}; nothing after it was read"
                ),
            });
        }
    }

    /// Has the rows of the window decided, and counts what came of them.
    async fn settle(&mut self) -> Result<(), EngineError> {
        let rows = std::mem::take(&mut self.waiting);
        self.documents.clear();
        let bills = self.bills_of(&rows).await?;
        let work = rows.iter().map(|row| self.decide(row, &bills));
        let answers = futures_util::future::join_all(work).await;
        let mut refused = vec![];
        for (row, answer) in rows.iter().zip(answers) {
            match (answer, row.action) {
                (Ok(Decided::BillAgain { .. }), _) => add(&mut self.done.known),
                (Ok(_), Action::Issue) => add(&mut self.done.issued),
                (Ok(_), Action::Revise) => add(&mut self.done.revised),
                (Ok(_), Action::Withdraw) => add(&mut self.done.withdrawn),
                (Err(error), _) => refused.push(fault_of(row, error)?),
            }
        }
        for fault in refused {
            self.refuse(vec![fault]);
        }
        // Rows that were refused here stand behind rows of the same window that could not be read.
        self.done.faults.sort_by_key(|fault| fault.line);
        Ok(())
    }

    /// The bills that revisions and withdrawals are about, by the names of their demands.
    async fn bills_of(&self, rows: &[Row]) -> Result<HashMap<String, BillId>, EngineError> {
        let keys: Vec<IdempotencyKey> = rows
            .iter()
            .filter(|row| row.action != Action::Issue)
            .map(|row| keyed(&self.biller, SCOPE, "issue", &row.document, &[]).key)
            .collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let client = self.engine.core.pool.get().await?;
        let known = epay_store::first_answers(&client, &keys).await?;
        let bills = known.into_iter();
        Ok(bills
            .map(|first| (first.key.key, BillId::new(first.answer)))
            .collect())
    }

    async fn decide(
        &self,
        row: &Row,
        bills: &HashMap<String, BillId>,
    ) -> Result<Decided, EngineError> {
        let bill = || {
            bills
                .get(&row.document)
                .copied()
                .ok_or(EngineError::NotFound {
                    what: "a bill issued under this name",
                })
        };
        let command = match (row.action, &row.demand) {
            (Action::Issue, Some(demand)) => {
                let command = self.issue(row, demand)?;
                let keyed = command.keyed();
                Command::Issue(Box::new(command), keyed)
            }
            (Action::Revise, Some(demand)) => {
                let command = self.revise(row, demand, bill()?)?;
                let keyed = command.keyed();
                Command::Revise(Box::new(command), keyed)
            }
            (Action::Withdraw | Action::Issue | Action::Revise, _) => {
                let command = WithdrawBill {
                    biller: self.biller.clone(),
                    bill: bill()?,
                    reason: row.reason.clone(),
                    idempotency_key: row.document.clone(),
                    caller: SCOPE.to_owned(),
                };
                let keyed = command.keyed();
                Command::Withdraw(command, keyed)
            }
        };
        let (reply, answer) = oneshot::channel();
        // Waits where the queue is full: an import has time, and leaves room for those who have not.
        self.engine
            .queues()?
            .put(Envelope {
                command,
                reply: Some(reply),
            })
            .await;
        answer.await.map_err(|_dropped| EngineError::Unavailable)?
    }

    /// What a row says of a second factor, sealed: the rows of a file are the last to see it as it is.
    fn factor(&self, demand: &Demand) -> Result<Option<SealedFactor>, EngineError> {
        let Demand {
            bill_type,
            number,
            second_factor,
            ..
        } = demand;
        self.engine.seal_factor(bill_type, number, second_factor)
    }

    fn issue(&self, row: &Row, demand: &Demand) -> Result<IssueBill, EngineError> {
        Ok(IssueBill {
            biller: self.biller.clone(),
            bill_type: demand.bill_type.clone(),
            number: demand.number.clone(),
            amount: demand.amount,
            due_date: demand.due_date,
            description: demand.description.clone(),
            lines: lines(demand),
            parts: parts(demand),
            instalments: instalments(demand),
            second_factor: self.factor(demand)?,
            licence: licence(demand)?,
            idempotency_key: row.document.clone(),
            caller: SCOPE.to_owned(),
        })
    }

    fn revise(&self, row: &Row, demand: &Demand, bill: BillId) -> Result<ReviseBill, EngineError> {
        Ok(ReviseBill {
            biller: self.biller.clone(),
            bill,
            bill_type: demand.bill_type.clone(),
            number: demand.number.clone(),
            revision: Revision {
                revision: row.revision,
                amount: demand.amount,
                due_date: demand.due_date,
                description: demand.description.clone(),
                lines: lines(demand),
                parts: parts(demand),
                instalments: instalments(demand),
                second_factor: self.factor(demand)?,
                licence: licence(demand)?,
            },
            idempotency_key: format!("{}@{}", row.document, row.revision),
            caller: SCOPE.to_owned(),
        })
    }
}

fn instalments(demand: &Demand) -> Vec<Instalment> {
    let parts = demand.instalments.iter();
    parts
        .map(|one| Instalment {
            minor: one.minor,
            due_date: one.due_date,
        })
        .collect()
}

fn parts(demand: &Demand) -> Vec<BillPart> {
    let parts = demand.parts.iter();
    parts
        .map(|part| BillPart {
            label: part.label.clone(),
            reference: part.reference.clone(),
            line: part.line.clone(),
            minor: part.minor,
        })
        .collect()
}

/// The licence of a row: the rows of a file are the last to see a registration mark whole.
fn licence(demand: &Demand) -> Result<Option<Licence>, EngineError> {
    let Some(one) = &demand.licence else {
        return Ok(None);
    };
    let licence = Licence::new(&one.mark, one.expires_on);
    licence.map(Some).map_err(EngineError::Refused)
}

fn lines(demand: &Demand) -> Vec<RevenueLine> {
    let shares = demand.shares.iter();
    shares
        .map(|share| RevenueLine {
            code: share.code.clone(),
            minor: share.minor,
        })
        .collect()
}

const fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}

/// A refusal as a fault of its row. What is no refusal ends the import: whether the row was done is then not known.
fn fault_of(row: &Row, error: EngineError) -> Result<RowFault, EngineError> {
    let (field, code, message) = match error {
        EngineError::Refused(refusal) => (field_of(&refusal), refusal.code(), refusal.to_string()),
        EngineError::KeyReused => (
            "document",
            "DOCUMENT_KNOWN",
            "a demand of this name was issued with other words; send a revision".to_owned(),
        ),
        EngineError::NotFound { what } => {
            let field = if row.action == Action::Issue {
                "bill_type"
            } else {
                "document"
            };
            (field, "NOT_FOUND", format!("{what} was not found"))
        }
        other => return Err(other),
    };
    Ok(RowFault {
        line: row.line,
        document: Some(row.document.clone()),
        field,
        code,
        message,
    })
}

/// The column that a refusal is about.
const fn field_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Number(_) => "number",
        Refusal::AmountNotPositive | Refusal::BillHasReceipts | Refusal::BillUnderWay => "amount",
        Refusal::LinesDoNotAddUp | Refusal::LineCode | Refusal::LineUnknown { .. } => "lines",
        Refusal::Parts { .. } => "parts",
        Refusal::Instalments { .. } => "instalments",
        Refusal::DueDateAgainstRule { .. } | Refusal::HolidaysNotKnown { .. } => "due_date",
        Refusal::SecondFactor { .. } => "second_factor",
        Refusal::NoLicence | Refusal::BadMark => "licence_mark",
        Refusal::WrongCurrency => "currency",
        Refusal::RevisionNotNewer { .. } => "revision",
        Refusal::DescriptionTooLong { .. } => "description",
        _ => "row",
    }
}
