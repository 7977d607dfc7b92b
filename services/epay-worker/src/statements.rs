//! Watched folders: statements that a bank puts down as files, or whoever fetches from it, and settlement files of rails in folders of their own.
//!
//! On each beat, files are taken in the order of their names. Left alone: folders, names that begin with a point or end
//! with `.part` or `.tmp`, and files whose size or time changed since the last beat, because somebody is still writing
//! them. A file that was read goes to `done/`, one that was set apart whole to `refused/`, both within the folder; only
//! then is it gone from here, so a crash at any moment takes it up again, and its digest tells that it was known. Two
//! workers on one folder do no harm for the same reason.
//!
//! Bounds: [`FILES_A_BEAT_MAX`] files a beat; one file at a time.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use epay_engine::{Engine, FileDoor, FileState, LocalFileError, RailFile};
use epay_money::RailId;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// Between two looks at the folder.
const BEAT: Duration = Duration::from_secs(5);
/// Most files that one look takes up; the next one goes on.
const FILES_A_BEAT_MAX: usize = 64;
/// Where files go that were read.
const DONE: &str = "done";
/// Where files go that were set apart whole.
const REFUSED: &str = "refused";

/// What a file was like when it was last looked at.
type Look = (u64, SystemTime);

/// A folder that is watched.
#[derive(Debug)]
pub struct WatchedFolder {
    engine: Engine,
    folder: PathBuf,
    /// Whose files they are; statements without.
    rail: Option<RailId>,
    last: HashMap<OsString, Look>,
}

impl WatchedFolder {
    /// A folder of statements that nobody has looked at yet.
    #[must_use]
    pub fn new(engine: Engine, folder: PathBuf) -> Self {
        Self {
            engine,
            folder,
            rail: None,
            last: HashMap::new(),
        }
    }

    /// A folder of a rail's files that nobody has looked at yet.
    #[must_use]
    pub fn of_rail(engine: Engine, folder: PathBuf, rail: RailId) -> Self {
        Self {
            rail: Some(rail),
            ..Self::new(engine, folder)
        }
    }

    /// Looks at the folder until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.beat().await {
                let folder = self.folder.display();
                warn!(%error, %folder, "A watched folder was not all taken in; the next look goes on");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    /// Looks once; answers how many files were taken in.
    ///
    /// # Errors
    /// The first [`LocalFileError`]: the files that are left are looked at again. One that cannot be taken in does not keep the others
    /// from it.
    pub async fn beat(&mut self) -> Result<usize, LocalFileError> {
        let found = self.look().await?;
        let mut stable: Vec<&OsString> = found
            .iter()
            .filter(|(name, look)| self.last.get(*name) == Some(look))
            .map(|(name, _look)| name)
            .collect();
        stable.sort_unstable();
        stable.truncate(FILES_A_BEAT_MAX);
        let (mut taken, mut failure) = (0_usize, None);
        for name in &stable {
            match self.take(Path::new(name)).await {
                Ok(()) => taken = taken.saturating_add(1),
                Err(error) => {
                    let name = name.display();
                    warn!(%name, %error, "A file was not taken in");
                    failure.get_or_insert(error);
                }
            }
        }
        self.last = found;
        failure.map_or(Ok(taken), Err)
    }

    async fn look(&self) -> Result<HashMap<OsString, Look>, std::io::Error> {
        let mut found = HashMap::new();
        let mut entries = tokio::fs::read_dir(&self.folder).await?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let text = name.to_string_lossy();
            let half = text.starts_with('.') || text.ends_with(".part") || text.ends_with(".tmp");
            // One that is gone by now was taken by another worker.
            let Ok(metadata) = entry.metadata().await else {
                continue;
            };
            if !half && metadata.is_file() {
                found.insert(name, (metadata.len(), metadata.modified()?));
            }
        }
        Ok(found)
    }

    async fn take(&self, name: &Path) -> Result<(), LocalFileError> {
        let path = self.folder.join(name);
        let door = self
            .rail
            .as_ref()
            .map_or(FileDoor::Statements, FileDoor::Rail);
        let stored = self.engine.store_local_file(door, &path).await;
        let (file, known_before) = match stored {
            Err(LocalFileError::Read(error)) if error.kind() == ErrorKind::NotFound => {
                return Ok(());
            }
            other => other?,
        };
        let file = self.engine.book_file(file.id, |_file| {}).await?;
        let to = match file.state {
            FileState::Refused => REFUSED,
            _ => DONE,
        };
        self.put_away(&path, name, to, &file).await?;
        if to == REFUSED {
            error!(name = %name.display(), file = %file.id, "A file is set apart whole");
        } else {
            info!(name = %name.display(), file = %file.id, known_before, entries = file.reports, "A file was taken in");
        }
        Ok(())
    }

    /// Moves a file within the folder; one of the same name that is there already is never written over.
    async fn put_away(
        &self,
        path: &Path,
        name: &Path,
        to: &str,
        file: &RailFile,
    ) -> Result<(), std::io::Error> {
        let folder = self.folder.join(to);
        tokio::fs::create_dir_all(&folder).await?;
        let mut target = folder.join(name);
        if tokio::fs::try_exists(&target).await? {
            let mut other = name.as_os_str().to_owned();
            other.push(format!(".{}", file.id));
            target = folder.join(other);
        }
        match tokio::fs::rename(path, &target).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }
}
