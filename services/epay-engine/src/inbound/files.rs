//! Files of any size: stored in chunks, read twice, booked part by part.
//!
//! Order: [`Engine::begin_file`] names the file by its digest, so that the same bytes are the same file and a broken-off
//! upload goes on where it was; [`Engine::store_chunk`] stores it raw; [`Engine::file_stored`] acknowledges it. Then
//! [`Engine::book_file`] reads it once to see that its bytes and totals agree, and again to book it: the rows of one chunk
//! go through the same matching and committers as any notice, [`PART_ROWS_MAX`] at a time, and only when all of
//! them are recorded is the chunk done. After a crash the file is read again from its front, because a reader has state,
//! but booked from the first chunk that is not done; a row that was booked before is recognised by its rail reference.
//! Memory is bounded by a chunk and its rows, whatever the size of the file.

use epay_money::{MessageId, RailId};
use epay_rail::{Decoded, Unreadable};
use epay_store::{FileState, FileStep, RailFile, RawMessage};
use jiff::SignedDuration;
use tokio::sync::oneshot;
use tracing::{error, info};

use super::chunks::{chunk, each_chunk};
use super::{Matches, Opened, sort, whole};
use crate::batch::{Command, CreditCommand};
use crate::committer::Envelope;
use crate::engine::{Core, Engine};
use crate::error::{BatchError, EngineError, chain};
use crate::queues::Queues;
use crate::statements;

/// Bytes of a chunk; the last one may have fewer.
pub const FILE_CHUNK_BYTES: usize = 1_048_576;
/// Most bytes of a file: the most chunks that their number can count is far beyond it.
pub const FILE_BYTES_MAX: i64 = 8 * 1_024 * 1_024 * 1_024;
/// Most rows on their way to the committers at once.
const PART_ROWS_MAX: usize = 1_024;
/// A file that nobody touched for so long was left behind.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_secs(60);
/// Most files that one call of [`Engine::resume_files`] takes up.
const RESUMED_FILES_MAX: i64 = 8;

impl Engine {
    /// Names a file by the digest of its bytes. A file that was known before is answered as it stands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a rail that is not open or sends no files; [`EngineError::Broken`] beyond
    /// [`FILE_BYTES_MAX`].
    pub async fn begin_file(
        &self,
        rail: &RailId,
        digest: [u8; 32],
        size: i64,
    ) -> Result<RailFile, EngineError> {
        let now = self.core.clock.now();
        let known = self.core.rails.get(rail);
        if known.and_then(|rail| rail.rail.open_file(now)).is_none() {
            return Err(EngineError::NotFound {
                what: "a rail of this name that sends files",
            });
        }
        self.begin_file_of(rail, digest, size).await
    }

    /// Names a file of bank statements by the digest of its bytes, as [`Engine::begin_file`] does a rail's.
    ///
    /// # Errors
    /// [`EngineError::Broken`] beyond [`FILE_BYTES_MAX`].
    pub async fn begin_statement_file(
        &self,
        digest: [u8; 32],
        size: i64,
    ) -> Result<RailFile, EngineError> {
        self.begin_file_of(&self.core.statements, digest, size)
            .await
    }

    async fn begin_file_of(
        &self,
        source: &RailId,
        digest: [u8; 32],
        size: i64,
    ) -> Result<RailFile, EngineError> {
        if !(0..=FILE_BYTES_MAX).contains(&size) {
            let words = format!("a file has at most {FILE_BYTES_MAX} bytes");
            return Err(EngineError::Broken(words));
        }
        let (id, now) = (MessageId::new(self.core.ids.next()), self.core.clock.now());
        let client = self.core.pool.get().await?;
        Ok(epay_store::begin_file(&client, id, source, (digest, size), now).await?)
    }

    /// How many chunks of a file are stored: where an upload goes on.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn stored_chunks(&self, file: MessageId) -> Result<i64, EngineError> {
        let client = self.core.pool.get().await?;
        Ok(epay_store::stored_chunks(&client, file).await?.0)
    }

    /// Stores a chunk of [`FILE_CHUNK_BYTES`], raw. Chunks come in order, without gaps.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn store_chunk(
        &self,
        file: MessageId,
        place: i32,
        body: &[u8],
    ) -> Result<(), EngineError> {
        let client = self.core.pool.get().await?;
        Ok(epay_store::put_chunk(&client, file, place, body).await?)
    }

    /// Acknowledges a file: all of its bytes are stored, and it will be booked, whatever crashes.
    ///
    /// # Errors
    /// [`EngineError::Broken`] when bytes are missing.
    pub async fn file_stored(&self, file: &RailFile) -> Result<RailFile, EngineError> {
        let stored = {
            let client = self.core.pool.get().await?;
            epay_store::stored_chunks(&client, file.id).await?.1
        };
        if file.state != FileState::Arriving {
            return self.file(file.id).await;
        }
        if stored != file.size {
            let words = format!("{stored} of {} bytes of the file are stored", file.size);
            return Err(EngineError::Broken(words));
        }
        step(&self.core, file, FileState::Stored, FileStep::default()).await?;
        self.file(file.id).await
    }

    /// A file as it stands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn file(&self, id: MessageId) -> Result<RailFile, EngineError> {
        let client = self.core.pool.get().await?;
        let file = epay_store::rail_file(&client, id).await?;
        file.ok_or(EngineError::NotFound { what: "the file" })
    }

    /// A rail's file as it stands.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], also for a file of statements.
    pub async fn rail_file(&self, id: MessageId) -> Result<RailFile, EngineError> {
        let file = self.file(id).await?;
        if file.rail == self.core.statements {
            return Err(EngineError::NotFound { what: "the file" });
        }
        Ok(file)
    }

    /// Reads a stored file and books it, from where it stands to its end. `progress` hears the file after each step.
    ///
    /// # Errors
    /// [`EngineError`]: the file stays where it is and is taken up again.
    pub async fn book_file(
        &self,
        id: MessageId,
        mut progress: impl FnMut(&RailFile) + Send,
    ) -> Result<RailFile, EngineError> {
        let mut file = self.file(id).await?;
        let of_statements = file.rail == self.core.statements;
        if file.state == FileState::Stored {
            if of_statements {
                statements::judge(&self.core, &file).await?;
            } else {
                judge(&self.core, &file).await?;
            }
            file = self.file(id).await?;
            progress(&file);
        }
        if file.state == FileState::Whole {
            if of_statements {
                statements::write(&self.core, &mut file, &mut progress).await?;
            } else {
                book(self, &mut file, &mut progress).await?;
            }
        }
        Ok(file)
    }

    /// Takes up files that were stored and not finished, and that nobody works on. Answers how many were finished. One that cannot be
    /// finished is told of, goes behind the others, and stands in nobody's way.
    ///
    /// # Errors
    /// [`EngineError`], when not even the list of them can be read.
    pub async fn resume_files(&self) -> Result<usize, EngineError> {
        let now = self.core.clock.now();
        let before = now.checked_sub(LEFT_BEHIND).unwrap_or(now);
        let files = {
            let client = self.core.pool.get().await?;
            epay_store::unfinished_files(&client, before, RESUMED_FILES_MAX).await?
        };
        let mut finished = 0_usize;
        for file in &files {
            match self.book_file(file.id, |_file| {}).await {
                Ok(_booked) => finished = finished.saturating_add(1),
                Err(failure) => {
                    error!(file = %file.id, rail = %file.rail, %failure, "A file cannot be taken further; it is tried again later");
                    let client = self.core.pool.get().await?;
                    epay_store::touch_file(&client, file.id, now).await?;
                }
            }
        }
        Ok(finished)
    }
}

/// Takes a file a step further; a step that somebody else took first is no fault.
pub(crate) async fn step(
    core: &Core,
    file: &RailFile,
    state: FileState,
    step: FileStep<'_>,
) -> Result<(), EngineError> {
    let mut client = core.pool.get().await?;
    let now = core.clock.now();
    let failed =
        |error: tokio_postgres::Error| EngineError::from(epay_store::StoreError::from(error));
    let tx = client.transaction().await.map_err(failed)?;
    if let Some((code, detail)) = step.refusal {
        epay_store::quarantine_in(&tx, &[whole(file.id, code, detail)], now).await?;
    }
    epay_store::step_file_in(&tx, file, state, step, now).await?;
    tx.commit().await.map_err(failed)
}

/// Reads the file once: its digest, and whether it is whole.
async fn judge(core: &Core, file: &RailFile) -> Result<(), EngineError> {
    let (digest, read) = first_reading(core, file).await?;
    if digest != file.digest {
        return refuse(core, file, epay_store::DIGEST_DIFFERS, OTHER_BYTES).await;
    }
    match read {
        Ok(name) => {
            let taken = match &name {
                Some(name) => {
                    let client = core.pool.get().await?;
                    epay_store::name_is_taken(&client, file, name).await?
                }
                None => false,
            };
            if taken {
                let words = "another file came under the same name";
                return refuse(core, file, "name_reused", words).await;
            }
            let found = FileStep {
                name: name.as_deref(),
                ..FileStep::default()
            };
            step(core, file, FileState::Whole, found).await
        }
        Err(fault) => refuse(core, file, fault.code(), &fault.message).await,
    }
}

pub(crate) async fn refuse(
    core: &Core,
    file: &RailFile,
    code: &str,
    words: &str,
) -> Result<(), EngineError> {
    error!(file = %file.id, rail = %file.rail, code, "A file is set apart whole");
    let refused = FileStep {
        refusal: Some((code, words)),
        ..FileStep::default()
    };
    step(core, file, FileState::Refused, refused).await
}

/// What is said of a file whose bytes are others than its sender announced.
pub(crate) const OTHER_BYTES: &str = "the bytes that came are not those of the digest that was announced; nothing of them is booked, and the file may be sent again";

/// What a first reading found: the digest of the bytes, and what they say.
pub(crate) type FirstReading<T, E> = ([u8; 32], Result<T, E>);

/// The file's own name, or why it cannot be booked.
async fn first_reading(
    core: &Core,
    file: &RailFile,
) -> Result<FirstReading<Option<String>, Unreadable>, EngineError> {
    let mut reader = open(core, file)?;
    let mut out = Decoded::default();
    let mut read = Ok(None);
    let digest = each_chunk(core, file, |chunk| {
        if read.is_ok() {
            let fed = reader.feed(chunk, &mut out);
            read = fed.map(|()| reader.name().map(str::to_owned));
            out = Decoded::default();
        }
    });
    let digest = digest.await?;
    let read = read.and_then(|name| reader.end(&mut out).map(|()| name));
    Ok((digest, read))
}

/// Reads the file again and books it from the first chunk that is not done.
async fn book(
    engine: &Engine,
    file: &mut RailFile,
    progress: &mut (impl FnMut(&RailFile) + Send),
) -> Result<(), EngineError> {
    let core = &engine.core;
    let mut reader = open(core, file)?;
    let mut place = 0;
    let mut rows = 0_i32;
    loop {
        let mut out = Decoded::default();
        let unlike = |fault: Unreadable| {
            EngineError::Broken(format!("the second reading differs: {}", chain(&fault)))
        };
        let chunk = chunk(core, file, place).await?;
        let state = match &chunk {
            Some(chunk) => {
                reader.feed(chunk, &mut out).map_err(unlike)?;
                FileState::Whole
            }
            None => FileState::Booked,
        };
        if state == FileState::Booked {
            reader.end(&mut out).map_err(unlike)?;
            record(engine, file, out, rows, FileState::Booked, place).await?;
            *file = engine.file(file.id).await?;
            info!(file = %file.id, rail = %file.rail, reports = file.reports, "A file is booked");
            progress(file);
            return Ok(());
        }
        let done = place < file.booked_chunks;
        let count = i32::try_from(out.reports.len()).unwrap_or(i32::MAX);
        place = place.saturating_add(1);
        if !done {
            record(engine, file, out, rows, state, place).await?;
            *file = engine.file(file.id).await?;
            progress(file);
        }
        rows = rows.saturating_add(count);
    }
}

/// A file, as the message that it is for whoever books what it says. Its bytes stay where they are.
pub(super) fn message_of(file: &RailFile) -> RawMessage {
    RawMessage {
        id: file.id,
        rail: file.rail.clone(),
        body: Vec::new(),
        received_at: file.received_at,
        answers: None,
    }
}

/// Has what one chunk gave recorded by the committers; answers with what they do not record. `rows` were given before it.
async fn route(
    engine: &Engine,
    file: &RailFile,
    out: Decoded,
    rows: i32,
) -> Result<Opened, EngineError> {
    let core = &engine.core;
    let message = message_of(file);
    let mut opened = [sort(core, &message, out, None, None)];
    let away = |error: BatchError| {
        error!(?error, file = %file.id, "A part of a file waits to be taken up again");
        EngineError::Unavailable
    };
    let matches = Matches::look_up(core, &opened).await.map_err(away)?;
    let [part] = &mut opened;
    send(&engine.queues()?, &message, part, &matches, rows).await?;
    let [part] = opened;
    Ok(part)
}

/// Books what one chunk gave and notes that the chunks before `chunks` are done. `rows` were given before it.
async fn record(
    engine: &Engine,
    file: &RailFile,
    out: Decoded,
    rows: i32,
    state: FileState,
    chunks: i32,
) -> Result<(), EngineError> {
    let core = &engine.core;
    let (reports, unreadable) = (out.reports.len(), out.unreadable.len());
    let part = route(engine, file, out, rows).await?;
    let mut client = core.pool.get().await?;
    let failed =
        |error: tokio_postgres::Error| EngineError::from(epay_store::StoreError::from(error));
    let tx = client.transaction().await.map_err(failed)?;
    let now = core.clock.now();
    if !part.unreadable.is_empty() {
        epay_store::quarantine_in(&tx, &part.unreadable, now).await?;
    }
    if !part.items.is_empty() {
        epay_store::reconciliation::insert_settlement_items_in(&tx, &part.items).await?;
    }
    if let Some(day) = part.tells_day {
        epay_store::insert_rail_day_in(&tx, (&file.rail, day), file.id, now).await?;
    }
    let step = FileStep {
        booked_chunks: chunks,
        reports: i64::try_from(reports).unwrap_or(i64::MAX),
        unreadable: i64::try_from(unreadable).unwrap_or(i64::MAX),
        ..FileStep::default()
    };
    epay_store::step_file_in(&tx, file, state, step, now).await?;
    tx.commit().await.map_err(failed)
}

/// Hands the credits of a part to their committers, some at a time, and waits until every one is recorded.
pub(super) async fn send(
    queues: &Queues,
    message: &RawMessage,
    part: &mut Opened,
    matches: &Matches,
    rows: i32,
) -> Result<(), EngineError> {
    let mut credits = std::mem::take(&mut part.credits).into_iter().peekable();
    while credits.peek().is_some() {
        let mut answers = Vec::with_capacity(PART_ROWS_MAX);
        for (book, report, entry) in credits.by_ref().take(PART_ROWS_MAX) {
            let (bills, payment, matched_by) = matches.of(&message.rail, &book, &report);
            let command = Command::Credit(Box::new(CreditCommand {
                rail: message.rail.clone(),
                message: message.id,
                book,
                entry: rows.saturating_add(entry),
                report,
                bills,
                payment,
                matched_by,
                completes_message: false,
            }));
            let (reply, answer) = oneshot::channel();
            queues
                .put(Envelope {
                    command,
                    reply: Some(reply),
                })
                .await;
            answers.push(answer);
        }
        for answer in answers {
            answer
                .await
                .map_err(|_dropped| EngineError::Unavailable)??;
        }
    }
    for item in &mut part.items {
        item.line = item.line.saturating_add(rows);
    }
    // Last: whoever sees a batch finds every row of its report.
    for mut payout in std::mem::take(&mut part.payouts) {
        for item in &mut payout.items {
            item.line = item.line.saturating_add(rows);
        }
        let (reply, answer) = oneshot::channel();
        let command = Command::Payout(Box::new(payout));
        let reply = Some(reply);
        queues.put(Envelope { command, reply }).await;
        answer
            .await
            .map_err(|_dropped| EngineError::Unavailable)??;
    }
    Ok(())
}

pub(super) fn open(
    core: &Core,
    file: &RailFile,
) -> Result<Box<dyn epay_rail::FileReader>, EngineError> {
    let rail = core.rails.get(&file.rail);
    let reader = rail.and_then(|rail| rail.rail.open_file(file.received_at));
    reader.ok_or(EngineError::NotFound {
        what: "a rail of this name that sends files",
    })
}
