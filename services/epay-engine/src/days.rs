//! Closing the day of a department: frozen totals, one sealed file a currency, one commit.
//!
//! In this order, in one transaction: the feed of Hong Kong dollars is locked, so that one closer works on a department;
//! what stands is read; the domain decides whether the day may be closed; then, for each currency that the department has
//! books in, the rows are gathered from the ledger, read once to be summed, and once more to be written in every shape,
//! of which only length and digest are kept. Whatever crashes, either the day is closed with its files or nothing
//! happened; a day that is closed answers as it stands. What is posted after the rows were gathered is in a later file,
//! because every look goes back over a day and asks what no file has yet.
//!
//! Memory is flat, whatever the number of rows. The locks hold up no payment: nobody else writes these tables.

use deadpool_postgres::Transaction;
use epay_domain::Refusal;
use epay_domain::day::{self, ClosedDay, RailReport};
use epay_feed::{FeedHead, Shape, Tally, Totals, Writer};
use epay_money::{BillerId, Currency, HONG_KONG, RailId, hong_kong_date};
use epay_rail::DayReport;
use epay_store::StoreError;
use epay_store::feed::{FeedFile, FeedKey, FeedPosition, ShapeSeal};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use sha2::{Digest as _, Sha256};
use tracing::{info, warn};

use crate::engine::Core;
use crate::error::{EngineError, chain};
use crate::{Engine, Reader};

/// Who closes days by the clock.
const TIMER: &str = "timer";
/// Most days that one look of the timer closes for a department: the next look goes on.
const DAYS_A_LOOK_MAX: usize = 32;

/// Close a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseDay {
    /// The department.
    pub biller: BillerId,
    /// The day.
    pub day: Date,
    /// Rails that need not be waited for.
    pub late: Vec<RailId>,
    /// Why not; needed where there are any.
    pub reason: Option<String>,
    /// Who closes it.
    pub caller: String,
}

/// A closed day and its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayView {
    /// The day.
    pub day: ClosedDay,
    /// One file a currency.
    pub files: Vec<FeedFile>,
}

impl Engine {
    /// Closes a day. One that is closed is answered as it stands.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with what is in the way; [`EngineError::NotFound`] for a department without bills.
    pub async fn close_day(&self, command: &CloseDay) -> Result<DayView, EngineError> {
        let core = &self.core;
        let reader = self.reader();
        if let Some(view) = reader
            .day_as_it_stands(&command.biller, command.day)
            .await?
        {
            return Ok(view);
        }
        let rails = core.rails_of(&command.biller)?;
        let mut client = core.pool.get().await?;
        let tx = client.transaction().await.map_err(failed)?;
        let closed = close_in(&tx, core, command, &rails).await?;
        if closed {
            tx.commit().await.map_err(failed)?;
            info!(biller = %command.biller, day = %command.day, "A day is closed");
        } else {
            tx.rollback().await.map_err(failed)?;
        }
        drop(client);
        let view = reader
            .day_as_it_stands(&command.biller, command.day)
            .await?;
        view.ok_or_else(|| EngineError::Broken("a day that was closed is not there".to_owned()))
    }

    /// Closes every day of every department that is due at `at` on Hong Kong's clocks. One that is not reported yet is
    /// left for the next look. Answers how many were closed.
    ///
    /// # Errors
    /// [`EngineError`]; departments after the one that failed were looked at all the same.
    pub async fn close_due_days(&self, at: Time) -> Result<usize, EngineError> {
        let (mut closed, mut failure) = (0_usize, None);
        for biller in self.core.departments() {
            match self.close_due_days_of(&biller, at).await {
                Ok(count) => closed = closed.saturating_add(count),
                Err(error) => {
                    warn!(%biller, %error, "The days of a department are not closed");
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(closed), Err)
    }

    async fn close_due_days_of(&self, biller: &BillerId, at: Time) -> Result<usize, EngineError> {
        for closed in 0..DAYS_A_LOOK_MAX {
            let Some(day) = self.next_due_day(biller, at).await? else {
                return Ok(closed);
            };
            let command = CloseDay {
                biller: biller.clone(),
                day,
                late: vec![],
                reason: None,
                caller: TIMER.to_owned(),
            };
            match self.close_day(&command).await {
                Ok(_view) => {}
                Err(EngineError::Refused(refusal)) => {
                    warn!(%biller, %day, %refusal, "A day that is due cannot be closed yet");
                    return Ok(closed);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(DAYS_A_LOOK_MAX)
    }

    /// The day of a department that its timer should close now. Its first day is the one on which it is first due.
    async fn next_due_day(&self, biller: &BillerId, at: Time) -> Result<Option<Date>, EngineError> {
        let now = self.core.clock.now();
        let last = {
            let client = self.core.pool.get().await?;
            epay_store::last_closed_day(&client, biller).await?
        };
        let today = hong_kong_date(now);
        let calendar = self.core.calendar();
        let day = match last {
            Some(last) => day::next_open(last.day, &calendar).map_err(EngineError::Refused)?,
            None => {
                let day = calendar.roll_back(today);
                day.map_err(|error| EngineError::Broken(chain(&error)))?
            }
        };
        Ok(moment(day, at).filter(|due| *due <= now).map(|_due| day))
    }
}

impl Reader {
    /// A day with its files, where it is closed.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a day that is open.
    pub async fn closed_day(&self, biller: &BillerId, day: Date) -> Result<DayView, EngineError> {
        let view = self.day_as_it_stands(biller, day).await?;
        view.ok_or(EngineError::NotFound {
            what: "the closed day",
        })
    }

    async fn day_as_it_stands(
        &self,
        biller: &BillerId,
        day: Date,
    ) -> Result<Option<DayView>, EngineError> {
        let client = self.pool().get().await?;
        let Some(closed) = epay_store::closed_day(&client, biller, day).await? else {
            return Ok(None);
        };
        let files = epay_store::feed::feed_files_of_day(&client, biller, day).await?;
        Ok(Some(DayView { day: closed, files }))
    }
}

impl Core {
    /// Every department that issues bills.
    pub(crate) fn departments(&self) -> Vec<BillerId> {
        let catalogue = self.catalogue.load();
        let mut billers: Vec<BillerId> = catalogue
            .kinds()
            .iter()
            .map(|kind| kind.biller.clone())
            .collect();
        billers.sort_unstable();
        billers.dedup();
        billers
    }

    /// The open rails by which bills of a department are paid.
    fn rails_of(&self, biller: &BillerId) -> Result<Vec<RailId>, EngineError> {
        let catalogue = self.catalogue.load();
        let mut kinds = catalogue
            .kinds()
            .iter()
            .filter(|kind| kind.biller == *biller)
            .peekable();
        if kinds.peek().is_none() {
            return Err(EngineError::NotFound {
                what: "the department",
            });
        }
        let mut rails: Vec<RailId> = kinds
            .flat_map(|kind| kind.payees.iter().map(|payee| payee.rail.clone()))
            .filter(|rail| self.rails.get(rail).is_some())
            .collect();
        rails.sort_unstable();
        rails.dedup();
        Ok(rails)
    }
}

/// Closes the day within the transaction; answers `false` where it is closed already.
async fn close_in(
    tx: &Transaction<'_>,
    core: &Core,
    command: &CloseDay,
    rails: &[RailId],
) -> Result<bool, EngineError> {
    let (biller, day) = (&command.biller, command.day);
    let first = FeedKey {
        biller: biller.clone(),
        currency: Currency::Hkd,
    };
    epay_store::feed::lock_feed_in(tx, &first).await?;
    if epay_store::closed_day(tx, biller, day).await?.is_some() {
        return Ok(false);
    }
    let now = core.clock.now();
    let last = epay_store::last_closed_day(tx, biller).await?;
    let reports = reports(tx, core, rails, day).await?;
    let last = last.map(|last| last.day);
    let calendar = core.calendar();
    let late = day::close((day, last), &calendar, &reports, &command.late, now)
        .map_err(EngineError::Refused)?;
    let reason = command.reason.clone().filter(|_reason| !late.is_empty());
    if !late.is_empty() && reason.is_none() {
        return Err(EngineError::Refused(Refusal::DayNotReported {
            rails: late
                .iter()
                .map(RailId::as_str)
                .collect::<Vec<_>>()
                .join(", "),
        }));
    }
    let mut currencies = epay_store::feed::book_currencies_in(tx, biller).await?;
    currencies.retain(|currency| *currency != Currency::Hkd);
    currencies.insert(0, Currency::Hkd);
    let due = calendar.next_business_day(hong_kong_date(now));
    let due = due.map_err(|error| EngineError::Broken(chain(&error)))?;
    for currency in currencies {
        let key = FeedKey {
            biller: biller.clone(),
            currency,
        };
        seal(tx, key, day, (now, due)).await?;
    }
    let closed = ClosedDay {
        biller: biller.clone(),
        day,
        closed_at: now,
        closed_by: command.caller.clone(),
        late,
        reason,
    };
    epay_store::insert_closed_day_in(tx, &closed).await?;
    Ok(true)
}

async fn reports(
    tx: &Transaction<'_>,
    core: &Core,
    rails: &[RailId],
    day: Date,
) -> Result<Vec<RailReport>, EngineError> {
    let mut reports = Vec::with_capacity(rails.len());
    for id in rails {
        let Some(open) = core.rails.get(id) else {
            continue;
        };
        let profile = open.rail.profile();
        let cutoff_at = moment(day, profile.receipt_cutoff)
            .ok_or_else(|| EngineError::Broken(format!("{day} has no moments")))?;
        let sends_files = profile.day_report == DayReport::File;
        let of = (day, cutoff_at);
        let (waits, file_came) = epay_store::rail_reported(tx, id, of).await?;
        reports.push(RailReport {
            rail: id.clone(),
            cutoff_at,
            waits,
            file_missing: sends_files && !file_came,
        });
    }
    Ok(reports)
}

/// Seals the next file of a feed.
async fn seal(
    tx: &Transaction<'_>,
    key: FeedKey,
    day: Date,
    (sealed_at, ack_due_on): (Timestamp, Date),
) -> Result<(), EngineError> {
    let feed = epay_store::feed::lock_feed_in(tx, &key).await?;
    let sequence = feed.last_sequence.saturating_add(1);
    let position = FeedPosition {
        key: &key,
        sequence,
        day,
        looked_until: feed.looked_until,
    };
    let looked_until = epay_store::feed::looked_until_in(tx, position).await?;
    epay_store::feed::gather_feed_rows_in(tx, position).await?;
    let mut file = FeedFile {
        totals: tally(tx, &key, sequence, day).await?,
        key,
        sequence,
        day,
        opening_minor: feed.closing_minor,
        sealed_at,
        ack_due_on,
        shapes: vec![],
        acknowledged: None,
    };
    file.shapes = shapes(tx, &file).await?;
    epay_store::feed::seal_file_in(tx, &file, looked_until).await?;
    Ok(())
}

async fn tally(
    tx: &Transaction<'_>,
    key: &FeedKey,
    sequence: i64,
    day: Date,
) -> Result<Totals, EngineError> {
    let mut tally = Tally::new(day);
    let rows = epay_store::feed::feed_rows_in(tx, key, sequence).await?;
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        let added = tally.add(&row);
        added.map_err(|error| EngineError::Broken(error.to_string()))?;
    }
    Ok(tally.totals())
}

/// What a file comes to in one shape, while it is written.
struct Sealing {
    shape: Shape,
    writer: Writer,
    digest: Sha256,
    bytes: i64,
}

impl Sealing {
    fn new(shape: Shape, head: FeedHead, totals: Totals) -> Self {
        Self {
            shape,
            writer: Writer::new(shape, head, totals),
            digest: Sha256::new(),
            bytes: 0,
        }
    }

    fn note(&mut self, out: &mut Vec<u8>) {
        self.digest.update(&out);
        let more = i64::try_from(out.len()).unwrap_or(i64::MAX);
        self.bytes = self.bytes.saturating_add(more);
        out.clear();
    }
}

/// Writes the file in every shape and keeps what its bytes are.
async fn shapes(tx: &Transaction<'_>, file: &FeedFile) -> Result<Vec<ShapeSeal>, EngineError> {
    let mut out = Vec::new();
    let mut all = Shape::ALL.map(|shape| Sealing::new(shape, file.head(), file.totals));
    for one in &mut all {
        one.writer.open(&mut out);
        one.note(&mut out);
    }
    let rows = epay_store::feed::feed_rows_in(tx, &file.key, file.sequence).await?;
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        for one in &mut all {
            one.writer.row(&row, &mut out);
            one.note(&mut out);
        }
    }
    let seals = all.map(|mut one| {
        one.writer.close(&mut out);
        one.note(&mut out);
        ShapeSeal {
            shape: one.shape,
            bytes: one.bytes,
            digest: one.digest.finalize().into(),
        }
    });
    Ok(seals.to_vec())
}

fn moment(day: Date, at: Time) -> Option<Timestamp> {
    HONG_KONG.to_timestamp(day.to_datetime(at)).ok()
}

fn failed(error: tokio_postgres::Error) -> EngineError {
    StoreError::from(error).into()
}
