//! One connection, and what is done over it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{Config as SshConfig, Handle, Handler, connect};
use russh::keys::{PrivateKeyWithHashAlg, PublicKeyOrCertificate};
use russh::{Disconnect, Preferred};
use russh_sftp::client::{Config as SftpConfig, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};

use crate::{HostKey, Server, SftpError, Upload};

/// A session that does not stand after so long is not made.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A request that is not answered after so long has failed.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes that are asked for at once.
const READ_BYTES: u32 = 32_768;
/// Largest packet of the server that is taken.
const PACKET_BYTES_MAX: u32 = 262_144;
/// Asked of the server after so long a silence; after three without an answer the connection has ended.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as the server says it.
    pub name: String,
    /// Its size, where it is told.
    pub size_bytes: Option<u64>,
    /// When it was changed last, in seconds since 1970, where it is told.
    pub modified_second: Option<u32>,
    /// It is a file, and no folder, link or device.
    pub is_file: bool,
}

/// A connection to a server that has shown its pinned key and let us in.
pub struct Session {
    ssh: Handle<Pinned>,
    pub(crate) sftp: RawSftpSession,
    /// The server can be told to bring a file to its disk.
    pub(crate) syncs: bool,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

/// Looks at the server's key, and at nothing else.
struct Pinned(HostKey);

impl Handler for Pinned {
    type Error = SftpError;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, SftpError> {
        let judged = self.0.judge(shown);
        judged
            .map(|()| true)
            .map_err(|found| SftpError::HostKey { found })
    }
}

impl Session {
    /// Connects: the server's key first, then ours.
    ///
    /// # Errors
    /// [`SftpError`]: nothing was written.
    pub async fn connect(server: &Server) -> Result<Self, SftpError> {
        let made = tokio::time::timeout(CONNECT_TIMEOUT, Box::pin(Self::make(server))).await;
        made.unwrap_or(Err(SftpError::Timeout))
    }

    async fn make(server: &Server) -> Result<Self, SftpError> {
        let mut preferred = Preferred::default();
        if let Some(algorithm) = server.host_key.algorithm() {
            preferred.key = Cow::Owned(vec![algorithm]);
        }
        let config = SshConfig {
            preferred,
            keepalive_interval: Some(KEEPALIVE),
            nodelay: true,
            ..SshConfig::default()
        };
        let pinned = Pinned(server.host_key.clone());
        let address = (server.host.as_str(), server.port);
        let mut ssh = connect(Arc::new(config), address, pinned).await?;
        let key = PrivateKeyWithHashAlg::new(Arc::clone(&server.private_key), None);
        let proved = ssh.authenticate_publickey(&server.user, key).await?;
        if !proved.success() {
            return Err(SftpError::Authentication);
        }
        let channel = ssh.channel_open_session().await?;
        channel.request_subsystem(true, "sftp").await?;
        let config = SftpConfig {
            max_packet_len: PACKET_BYTES_MAX,
            request_timeout_secs: REQUEST_TIMEOUT.as_secs(),
            ..SftpConfig::default()
        };
        let sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
        let version = sftp.init().await;
        let version = version.map_err(|error| SftpError::about("the subsystem sftp", error))?;
        let syncs = version.extensions.contains_key("fsync@openssh.com");
        Ok(Self { ssh, sftp, syncs })
    }

    /// How many bytes lie under a name; nothing where the name is free. A link counts as what it is, whatever it leads to.
    ///
    /// # Errors
    /// [`SftpError`].
    pub async fn size_bytes(&self, path: &str) -> Result<Option<u64>, SftpError> {
        match self.sftp.lstat(path).await {
            Ok(found) => Ok(Some(found.attrs.size.unwrap_or(0))),
            Err(error) => match SftpError::about(path, error) {
                SftpError::Missing(_) => Ok(None),
                error => Err(error),
            },
        }
    }

    /// Begins a file, in place of what an earlier attempt may have left under this name.
    ///
    /// # Errors
    /// [`SftpError`].
    pub async fn create(&self, path: &str) -> Result<Upload<'_>, SftpError> {
        let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
        let opened = self.sftp.open(path, flags, FileAttributes::empty()).await;
        let opened = opened.map_err(|error| SftpError::about(path, error))?;
        Ok(Upload::new(self, path, opened.handle))
    }

    /// Gives a file another name that must be free. Servers keep that rule; it is asked first all the same.
    ///
    /// # Errors
    /// [`SftpError`].
    pub async fn rename(&self, from: &str, to: &str) -> Result<(), SftpError> {
        if self.size_bytes(to).await?.is_some() {
            return Err(SftpError::Refused {
                path: to.to_owned(),
                words: "the name is taken".to_owned(),
            });
        }
        let renamed = self.sftp.rename(from, to).await;
        renamed.map_err(|error| SftpError::about(to, error))?;
        Ok(())
    }

    /// Reads a file piece by piece.
    ///
    /// # Errors
    /// [`SftpError::TooLarge`] where it has more bytes than `most`; others as they come.
    pub async fn read(
        &self,
        path: &str,
        most: u64,
        mut each: impl FnMut(&[u8]) + Send,
    ) -> Result<u64, SftpError> {
        let about = |error| SftpError::about(path, error);
        let opened = self
            .sftp
            .open(path, OpenFlags::READ, FileAttributes::empty());
        let handle = opened.await.map_err(about)?.handle;
        let mut offset = 0_u64;
        loop {
            let piece = match self.sftp.read(handle.as_str(), offset, READ_BYTES).await {
                Ok(piece) => piece.data,
                Err(error) if is_end(&error) => break,
                Err(error) => return Err(about(error)),
            };
            if piece.is_empty() {
                break;
            }
            let more = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            offset = offset.saturating_add(more);
            if offset > most {
                let path = path.to_owned();
                return Err(SftpError::TooLarge { path, most });
            }
            each(&piece);
        }
        self.sftp.close(handle).await.map_err(about)?;
        Ok(offset)
    }

    /// What a folder holds, but for itself and its parent.
    ///
    /// # Errors
    /// [`SftpError::TooLarge`] where it holds more than `most` entries; others as they come.
    pub async fn list(&self, path: &str, most: usize) -> Result<Vec<Entry>, SftpError> {
        let about = |error| SftpError::about(path, error);
        let handle = self.sftp.opendir(path).await.map_err(about)?.handle;
        let mut entries = Vec::new();
        loop {
            let names = match self.sftp.readdir(handle.as_str()).await {
                Ok(names) => names.files,
                Err(error) if is_end(&error) => break,
                Err(error) => return Err(about(error)),
            };
            let real = |name: &str| name != "." && name != "..";
            let found = names.into_iter().filter(|one| real(&one.filename));
            entries.extend(found.map(|one| Entry {
                is_file: one.attrs.is_regular(),
                size_bytes: one.attrs.size,
                modified_second: one.attrs.mtime,
                name: one.filename,
            }));
            if entries.len() > most {
                let most = u64::try_from(most).unwrap_or(u64::MAX);
                let path = path.to_owned();
                return Err(SftpError::TooLarge { path, most });
            }
        }
        self.sftp.close(handle).await.map_err(about)?;
        Ok(entries)
    }

    /// Makes a folder unless it is there.
    ///
    /// # Errors
    /// [`SftpError`].
    pub async fn make_folder(&self, path: &str) -> Result<(), SftpError> {
        if self.size_bytes(path).await?.is_some() {
            return Ok(());
        }
        let made = self.sftp.mkdir(path, FileAttributes::empty()).await;
        made.map_err(|error| SftpError::about(path, error))?;
        Ok(())
    }

    /// Ends the connection in good order. One that is dropped instead ends as well.
    pub async fn close(self) {
        let _gone = self.sftp.close_session();
        let bye = self.ssh.disconnect(Disconnect::ByApplication, "", "");
        let _gone = bye.await;
    }
}

fn is_end(error: &russh_sftp::client::error::Error) -> bool {
    matches!(error, russh_sftp::client::error::Error::Status(status) if status.status_code == StatusCode::Eof)
}
