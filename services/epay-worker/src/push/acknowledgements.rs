//! Acknowledgements that a department leaves in `ack/` on its server.
//!
//! A file counts when it looked the same twice, because somebody may still be writing it. What was taken in goes to
//! `ack/done/`, what cannot be read to `ack/refused/`, both under its own name or, where that is taken, with a number behind
//! it. A crash before that leaves the file where it was; that it was taken in is known, and it is only moved.
//!
//! Bounds: [`ENTRIES_MAX`] names in the folder, [`FILES_A_LOOK_MAX`] files a look, the size of a file by
//! [`ACKNOWLEDGEMENT_BYTES_MAX`].

use std::collections::HashMap;

use epay_engine::{AcknowledgementTaken, Engine, TakeAcknowledgements};
use epay_feed::{ACK_FILE_NAME_END, ACKNOWLEDGEMENT_BYTES_MAX};
use epay_money::BillerId;
use epay_sftp::{Entry, Session, SftpError};
use tracing::warn;

use super::within;
use crate::WorkerError;

/// Where they lie.
const FOLDER: &str = "ack";
/// Where they go.
const DONE: &str = "done";
const REFUSED: &str = "refused";
/// Most names that the folder may hold; with more of them somebody has to tidy up.
const ENTRIES_MAX: usize = 10_000;
/// Most files that one look takes in.
const FILES_A_LOOK_MAX: usize = 64;
/// Longest name that is taken.
const NAME_BYTES_MAX: usize = 128;
/// Numbers that are tried behind a name that is taken.
const NUMBERS_MAX: u32 = 99;

/// What a file was like when it was last looked at.
type Look = (Option<u64>, Option<u32>);

/// The folder, as it was when it was last looked at.
#[derive(Debug, Default)]
pub(super) struct Acknowledgements {
    last: HashMap<String, Look>,
}

impl Acknowledgements {
    /// Takes in what lies there; answers how many files were put away. What goes wrong at the server is for the next look.
    pub(super) async fn take(
        &mut self,
        session: &Session,
        (engine, biller, folder): (&Engine, &BillerId, &str),
    ) -> Result<usize, WorkerError> {
        let folder = within(folder, FOLDER);
        let found = match session.list(&folder, ENTRIES_MAX).await {
            Ok(found) => found,
            Err(SftpError::Missing(_)) => return Ok(0),
            Err(error) => {
                warn!(%biller, %error, "Acknowledgements could not be listed");
                return Ok(0);
            }
        };
        let found: HashMap<String, Look> = found
            .into_iter()
            .filter(is_acknowledgement)
            .map(|one| (one.name, (one.size_bytes, one.modified_second)))
            .collect();
        let mut stable: Vec<&String> = found
            .iter()
            .filter(|(name, look)| self.last.get(*name) == Some(look))
            .map(|(name, _look)| name)
            .collect();
        stable.sort_unstable();
        stable.truncate(FILES_A_LOOK_MAX);
        let mut taken = 0_usize;
        for name in stable {
            let path = within(&folder, name);
            match take_one(session, (engine, biller), (&folder, name)).await? {
                Ok(()) => taken = taken.saturating_add(1),
                Err(error) => warn!(%biller, path, %error, "An acknowledgement was not put away"),
            }
        }
        self.last = found;
        Ok(taken)
    }
}

/// A file whose name is no path and holds nothing that a shell or a log would read as something else.
fn is_acknowledgement(entry: &Entry) -> bool {
    let name = entry.name.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    entry.is_file
        && name.len() <= NAME_BYTES_MAX
        && name.ends_with(ACK_FILE_NAME_END)
        && !name.starts_with('.')
        && name.bytes().all(plain)
}

/// The outer error is the database's, the inner one the server's.
async fn take_one(
    session: &Session,
    (engine, biller): (&Engine, &BillerId),
    (folder, name): (&str, &str),
) -> Result<Result<(), SftpError>, WorkerError> {
    let path = within(folder, name);
    let most = u64::try_from(ACKNOWLEDGEMENT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = session.read(&path, most, |piece| bytes.extend_from_slice(piece));
    let to = match read.await {
        Ok(_length) => {
            let file = TakeAcknowledgements {
                biller,
                name,
                bytes: &bytes,
            };
            match Box::pin(engine.take_acknowledgements(file)).await? {
                AcknowledgementTaken::Taken { .. } | AcknowledgementTaken::KnownBefore => DONE,
                AcknowledgementTaken::Refused { .. } => REFUSED,
            }
        }
        Err(error @ SftpError::TooLarge { .. }) => {
            warn!(%biller, name, %error, "A file of acknowledgements is set apart");
            REFUSED
        }
        Err(error) => return Ok(Err(error)),
    };
    Ok(put_away(session, &path, &within(folder, to), name).await)
}

async fn put_away(
    session: &Session,
    path: &str,
    folder: &str,
    name: &str,
) -> Result<(), SftpError> {
    session.make_folder(folder).await?;
    let numbered = (1..=NUMBERS_MAX).map(|number| format!("{name}.{number}"));
    for name in std::iter::once(name.to_owned()).chain(numbered) {
        let target = within(folder, &name);
        if session.size_bytes(&target).await?.is_none() {
            return session.rename(path, &target).await;
        }
    }
    Err(SftpError::Refused {
        path: within(folder, name),
        words: format!("{NUMBERS_MAX} files of this name lie there"),
    })
}
