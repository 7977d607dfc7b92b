//! A file on its way to a server.

use futures_util::future::try_join_all;

use crate::{Session, SftpError};

/// Bytes that are sent before their arrival is waited for: a distant server then costs one journey a window.
pub const WINDOW_BYTES: usize = 524_288;
/// Bytes of one request: every server takes as many.
const WRITE_BYTES: usize = 32_768;

/// A file that is being written. Dropped before [`Upload::finish`], it stays as far as it came.
#[derive(Debug)]
pub struct Upload<'a> {
    session: &'a Session,
    path: String,
    handle: String,
    /// Not sent yet, less than a window.
    waiting: Vec<u8>,
    sent_bytes: u64,
}

impl<'a> Upload<'a> {
    pub(crate) fn new(session: &'a Session, path: &str, handle: String) -> Self {
        Self {
            session,
            path: path.to_owned(),
            handle,
            waiting: Vec::with_capacity(WINDOW_BYTES),
            sent_bytes: 0,
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`SftpError`].
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), SftpError> {
        while !bytes.is_empty() {
            let room = WINDOW_BYTES.saturating_sub(self.waiting.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.waiting.extend_from_slice(now);
            bytes = later;
            if self.waiting.len() >= WINDOW_BYTES {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), SftpError> {
        let mut offset = self.sent_bytes;
        let writes: Vec<_> = self
            .waiting
            .chunks(WRITE_BYTES)
            .map(|chunk| {
                let at = offset;
                offset = offset.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                let handle = self.handle.as_str();
                self.session.sftp.write(handle, at, chunk.to_vec())
            })
            .collect();
        let written = try_join_all(writes).await;
        written.map_err(|error| SftpError::about(&self.path, error))?;
        self.sent_bytes = offset;
        self.waiting.clear();
        Ok(())
    }

    /// Sends what is left, has the server bring it to its disk where it can, and closes the file. Answers its length.
    ///
    /// # Errors
    /// [`SftpError`]: the file is not whole.
    pub async fn finish(mut self) -> Result<u64, SftpError> {
        self.send().await?;
        let sftp = &self.session.sftp;
        if self.session.syncs {
            let synced = sftp.fsync(self.handle.as_str()).await;
            synced.map_err(|error| SftpError::about(&self.path, error))?;
        }
        let closed = sftp.close(self.handle.as_str()).await;
        closed.map_err(|error| SftpError::about(&self.path, error))?;
        Ok(self.sent_bytes)
    }
}
