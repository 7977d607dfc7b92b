//! Puts files on servers that speak SFTP, and fetches small ones: a thin transport that decides nothing.
//!
//! A [`Server`] is known by a pinned [`HostKey`] before the first connection: another key ends the handshake before we
//! have proved who we are, and there is no trust on first use. A [`Session`] is one connection to it. Nothing is ever
//! written over: an [`Upload`] goes to a name of the caller's choice, and [`Session::rename`] fails where the new name is
//! taken.
//!
//! Bounds: [`CONNECT_TIMEOUT`] until a session stands, [`REQUEST_TIMEOUT`] a request, [`WINDOW_BYTES`] on their way,
//! and what callers say of entries and bytes that they want to hear of.
#![deny(missing_docs)]

mod error;
mod host_key;
mod server;
mod session;
mod upload;

pub use error::SftpError;
pub use host_key::{BadHostKey, HostKey};
pub use server::{BadPrivateKey, Server, ServerOptions};
pub use session::{CONNECT_TIMEOUT, Entry, REQUEST_TIMEOUT, Session};
pub use upload::{Upload, WINDOW_BYTES};
