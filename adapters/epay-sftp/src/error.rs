//! Why something was not done on a server.

use russh_sftp::client::error::Error as Protocol;
use russh_sftp::protocol::StatusCode;

/// Longest words of a server that are passed on.
const WORDS_CHARACTERS_MAX: usize = 200;

/// Why something was not done. Whatever it says, a file under its final name is whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SftpError {
    /// No connection stands.
    #[error("no connection could be made: {0}")]
    Connect(String),
    /// The server showed another key than the pinned one: nothing was sent to it.
    #[error("the server's key is not the pinned one, it is {found}")]
    HostKey {
        /// Its SHA-256 fingerprint, or what it showed instead of a key.
        found: String,
    },
    /// The server does not let us in.
    #[error("the server does not accept our key for this user")]
    Authentication,
    /// No answer came in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// The connection ended under way.
    #[error("the connection broke off: {0}")]
    Broken(String),
    /// There is no such file or folder.
    #[error("{0} is not there")]
    Missing(String),
    /// The server refused it.
    #[error("the server refused {path}: {words}")]
    Refused {
        /// What it was about.
        path: String,
        /// What the server said.
        words: String,
    },
    /// There is more of it than the caller wants to hear of.
    #[error("{path} is larger than {most}")]
    TooLarge {
        /// What it was about.
        path: String,
        /// The bound.
        most: u64,
    },
}

impl SftpError {
    /// What the protocol said about `path`.
    pub(crate) fn about(path: &str, error: Protocol) -> Self {
        match error {
            Protocol::Timeout => Self::Timeout,
            Protocol::Status(status) => match status.status_code {
                StatusCode::NoSuchFile => Self::Missing(path.to_owned()),
                StatusCode::NoConnection | StatusCode::ConnectionLost => {
                    Self::Broken(shown(&status.error_message))
                }
                StatusCode::Ok
                | StatusCode::Eof
                | StatusCode::PermissionDenied
                | StatusCode::Failure
                | StatusCode::BadMessage
                | StatusCode::OpUnsupported => Self::Refused {
                    path: path.to_owned(),
                    words: format!("{}: {}", status.status_code, shown(&status.error_message)),
                },
            },
            other => Self::Broken(shown(&other.to_string())),
        }
    }
}

impl From<russh::Error> for SftpError {
    fn from(error: russh::Error) -> Self {
        Self::Connect(shown(&error.to_string()))
    }
}

/// A stranger's words for people: short, and without control characters.
pub(crate) fn shown(words: &str) -> String {
    words
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .take(WORDS_CHARACTERS_MAX)
        .collect()
}
