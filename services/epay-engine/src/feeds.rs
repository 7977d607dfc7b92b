//! Feeds as departments read them: rows after a cursor, files in any shape, and what departments say of them.
//!
//! A file's bytes are not kept. They are written from its rows each time, and the last thing that is looked at is whether
//! they are what they were at the seal: a reader that was told the end has read the same bytes as everybody before.
//!
//! `deliver` keeps how files are brought to departments' servers, `acknowledge` reads what lies there, and `alerts` says
//! what somebody should look at.

mod acknowledge;
mod alerts;
mod deliver;

pub use acknowledge::{AcknowledgementTaken, TakeAcknowledgements};
pub use alerts::{FeedAlert, FeedAlertReason};
pub use deliver::{DELIVERY_LOST_AFTER, DeliveryEnd, RedeliverFeed};

use epay_feed::{FeedRow, Shape, Verdict, Writer};
use epay_money::BillerId;
use epay_store::feed::{Feed, FeedFile, FeedKey, FeedVerdict, StoredAcknowledgement};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use crate::{Engine, EngineError, Reader};

/// Bytes of a piece of a file, but for its last.
const PIECE_BYTES: usize = 65_536;
/// Pieces that may wait for whoever reads them.
const PIECES_WAITING: usize = 4;
/// Most files on one page.
const FILES_PAGE_MAX: i64 = 1_000;
const FILES_PAGE_DEFAULT: i64 = 50;

/// Says what became of a file at the department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgeFeed {
    /// The feed.
    pub key: FeedKey,
    /// The file.
    pub sequence: i64,
    /// What is said of it.
    pub verdict: Verdict,
    /// Who says it.
    pub caller: String,
}

/// The pieces of a file, in order. After the last one comes nothing, or why it is not to be believed.
pub type FilePieces = mpsc::Receiver<Result<Vec<u8>, EngineError>>;

impl Reader {
    /// The feeds of a department, or of all.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn feeds(&self, biller: Option<&BillerId>) -> Result<Vec<Feed>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::feed::feeds(&client, biller).await?)
    }

    /// One file.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn feed_file(&self, key: &FeedKey, sequence: i64) -> Result<FeedFile, EngineError> {
        let client = self.pool().get().await?;
        let file = epay_store::feed::feed_file(&client, key, sequence).await?;
        file.ok_or(EngineError::NotFound { what: "the file" })
    }

    /// Files of a feed, newest first, and the number to go on before, if there are more.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn feed_files(
        &self,
        key: &FeedKey,
        before: Option<i64>,
        size: i64,
    ) -> Result<(Vec<FeedFile>, Option<i64>), EngineError> {
        let size = if size <= 0 {
            FILES_PAGE_DEFAULT
        } else {
            size.min(FILES_PAGE_MAX)
        };
        let client = self.pool().get().await?;
        let before = before.unwrap_or(i64::MAX);
        let limit = size.saturating_add(1);
        let mut files = epay_store::feed::feed_files(&client, key, before, limit).await?;
        let shown = usize::try_from(size).unwrap_or(usize::MAX);
        let more = files.len() > shown;
        files.truncate(shown);
        let next = files.last().map(|file| file.sequence).filter(|_last| more);
        Ok((files, next))
    }

    /// The rows of a file after a line, at most `limit`.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn feed_rows(
        &self,
        key: &FeedKey,
        (sequence, line): (i64, i32),
        limit: i64,
    ) -> Result<Vec<FeedRow>, EngineError> {
        let client = self.pool().get().await?;
        let of = (key, sequence);
        Ok(epay_store::feed::feed_rows_after(&client, of, line, limit).await?)
    }

    /// What a department said of a file, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn acknowledgements(
        &self,
        key: &FeedKey,
        sequence: i64,
    ) -> Result<Vec<StoredAcknowledgement>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::feed::acknowledgements(&client, key, sequence).await?)
    }
}

impl Engine {
    /// Writes a file again, piece by piece.
    #[must_use]
    pub fn feed_bytes(&self, file: &FeedFile, shape: Shape) -> FilePieces {
        let (send, receive) = mpsc::channel(PIECES_WAITING);
        let (engine, file) = (self.clone(), file.clone());
        tokio::spawn(async move {
            if let Err(error) = engine.write_feed(&file, shape, &send).await {
                let _gone = send.send(Err(error)).await;
            }
        });
        receive
    }

    async fn write_feed(
        &self,
        file: &FeedFile,
        shape: Shape,
        send: &mpsc::Sender<Result<Vec<u8>, EngineError>>,
    ) -> Result<(), EngineError> {
        let client = self.core.pool.get().await?;
        let rows = epay_store::feed::feed_rows(&client, &file.key, file.sequence).await?;
        let mut rows = std::pin::pin!(rows);
        let mut writer = Writer::new(shape, file.head(), file.totals);
        let (mut digest, mut out) = (Sha256::new(), Vec::with_capacity(PIECE_BYTES));
        writer.open(&mut out);
        while let Some(row) = rows.try_next().await? {
            writer.row(&row, &mut out);
            if out.len() >= PIECE_BYTES {
                digest.update(&out);
                let piece = std::mem::replace(&mut out, Vec::with_capacity(PIECE_BYTES));
                if send.send(Ok(piece)).await.is_err() {
                    // Whoever read it has gone.
                    return Ok(());
                }
            }
        }
        writer.close(&mut out);
        digest.update(&out);
        let sealed = file.shapes.iter().find(|seal| seal.shape == shape);
        let digest: [u8; 32] = digest.finalize().into();
        if sealed.map(|seal| seal.digest) != Some(digest) {
            error!(biller = %file.key.biller, sequence = file.sequence, shape = shape.as_str(), "A file is not what it was at its seal");
            return Err(EngineError::Broken(
                "the file is not what it was at its seal".to_owned(),
            ));
        }
        let _gone = send.send(Ok(out)).await;
        Ok(())
    }

    /// Records what a department says of a file. Another count or net than the file has is a difference, and recorded as
    /// such: what was said is a fact. The same word again is no news.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] for a file that is not there.
    pub async fn acknowledge_feed(
        &self,
        command: AcknowledgeFeed,
    ) -> Result<FeedFile, EngineError> {
        let file = self
            .reader()
            .feed_file(&command.key, command.sequence)
            .await?;
        let mut said = StoredAcknowledgement {
            id: self.core.ids.next(),
            key: command.key,
            sequence: command.sequence,
            verdict: FeedVerdict::Refused,
            found: None,
            refusal: None,
            caller: command.caller,
            at: self.core.clock.now(),
        };
        match command.verdict {
            Verdict::Accepted { rows, net_minor } => {
                let same = (rows, net_minor) == (file.totals.rows, file.totals.net_minor());
                said.verdict = if same {
                    FeedVerdict::Accepted
                } else {
                    FeedVerdict::Differs
                };
                said.found = Some((i64::try_from(rows).unwrap_or(i64::MAX), net_minor));
            }
            Verdict::Refused { line, reason } => {
                said.refusal = Some((i32::try_from(line).unwrap_or(i32::MAX), reason));
            }
        }
        let known = self
            .reader()
            .acknowledgements(&said.key, said.sequence)
            .await?;
        let again = known.first().is_some_and(|last| {
            (last.verdict, &last.found, &last.refusal) == (said.verdict, &said.found, &said.refusal)
        });
        if !again {
            let client = self.core.pool.get().await?;
            epay_store::feed::insert_acknowledgement(&client, &said).await?;
            match said.verdict {
                FeedVerdict::Accepted => {
                    info!(biller = %said.key.biller, sequence = said.sequence, "A file is acknowledged");
                }
                FeedVerdict::Differs | FeedVerdict::Refused => {
                    warn!(
                        biller = %said.key.biller, sequence = said.sequence, verdict = said.verdict.as_str(),
                        "A department does not take a file as it is"
                    );
                }
            }
        }
        self.reader().feed_file(&said.key, said.sequence).await
    }
}
