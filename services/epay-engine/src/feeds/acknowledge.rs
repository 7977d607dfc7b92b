//! Files of acknowledgements, as departments leave them: each taken once, and by the same code as every acknowledgement.
//!
//! All lines are read before any is recorded, so that a file that is cut off says nothing. That a file was taken is kept
//! after its lines: a crash in between has them recorded again, and the same word again is no news.

use epay_money::BillerId;
use epay_store::feed::{AcknowledgementFile, FeedKey};
use sha2::{Digest as _, Sha256};
use tracing::{info, warn};

use super::AcknowledgeFeed;
use crate::error::chain;
use crate::{Engine, EngineError};

/// A file of acknowledgements.
#[derive(Debug, Clone, Copy)]
pub struct TakeAcknowledgements<'a> {
    /// The department that left it.
    pub biller: &'a BillerId,
    /// Its name.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// What became of a file of acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcknowledgementTaken {
    /// Its lines are recorded.
    Taken {
        /// How many.
        lines: usize,
    },
    /// It was taken before, and nothing is recorded again.
    KnownBefore,
    /// It cannot be read, or says something of a file that is not there. Nothing of it counts.
    Refused {
        /// Why.
        problem: String,
    },
}

impl Engine {
    /// Takes in a file of acknowledgements, unless one of its name and bytes was taken in before.
    ///
    /// # Errors
    /// [`EngineError`]: the file is to be brought again.
    pub async fn take_acknowledgements(
        &self,
        file: TakeAcknowledgements<'_>,
    ) -> Result<AcknowledgementTaken, EngineError> {
        let digest: [u8; 32] = Sha256::digest(file.bytes).into();
        let of = (file.biller, file.name);
        let known = {
            let client = self.core.pool.get().await?;
            epay_store::feed::acknowledgement_file(&client, of, digest).await?
        };
        if let Some(known) = known {
            return Ok(known
                .problem
                .map_or(AcknowledgementTaken::KnownBefore, |problem| {
                    AcknowledgementTaken::Refused { problem }
                }));
        }
        let key = FeedKey {
            biller: file.biller.clone(),
            currency: epay_feed::acknowledged_currency(file.name),
        };
        let said = self.read_acknowledgements(&key, file).await?;
        let mut lines = 0;
        if let Ok(said) = &said {
            for one in said {
                Box::pin(self.acknowledge_feed(one.clone())).await?;
            }
            lines = said.len();
        }
        let (biller, name) = of;
        let problem = said.err();
        match &problem {
            None => info!(%biller, name, lines, "A file of acknowledgements was taken in"),
            Some(problem) => {
                warn!(%biller, name, problem, "A file of acknowledgements is set apart")
            }
        }
        let kept = AcknowledgementFile {
            biller: biller.clone(),
            name: name.to_owned(),
            digest,
            taken_at: self.core.clock.now(),
            lines: i32::try_from(lines).unwrap_or(i32::MAX),
            problem: problem.clone(),
        };
        let client = self.core.pool.get().await?;
        epay_store::feed::insert_acknowledgement_file(&client, &kept).await?;
        Ok(
            problem.map_or(AcknowledgementTaken::Taken { lines }, |problem| {
                AcknowledgementTaken::Refused { problem }
            }),
        )
    }

    /// What a file says, or why nothing of it counts.
    async fn read_acknowledgements(
        &self,
        key: &FeedKey,
        file: TakeAcknowledgements<'_>,
    ) -> Result<Result<Vec<AcknowledgeFeed>, String>, EngineError> {
        let read = match epay_feed::read_acknowledgements(file.bytes) {
            Ok(read) => read,
            Err(fault) => return Ok(Err(chain(&fault))),
        };
        let mut said = Vec::with_capacity(read.len());
        for (number, one) in (1_usize..).zip(read) {
            let sequence = i64::try_from(one.sequence).unwrap_or(i64::MAX);
            match self.reader().feed_file(key, sequence).await {
                Ok(_file) => {}
                Err(EngineError::NotFound { what }) => {
                    return Ok(Err(format!("line {number}: {what} was not found")));
                }
                Err(error) => return Err(error),
            }
            said.push(AcknowledgeFeed {
                key: key.clone(),
                sequence,
                verdict: one.verdict,
                caller: format!("file:{}", file.name),
            });
        }
        if said.is_empty() {
            return Ok(Err("it is empty".to_owned()));
        }
        Ok(Ok(said))
    }
}
