//! Faults in the words of the contract.

use epay_rail::{Unreadable, UnreadableKind};

/// Why nothing of a message can be read.
pub(crate) fn unreadable(
    kind: UnreadableKind,
    path: impl Into<String>,
    message: impl Into<String>,
) -> Unreadable {
    Unreadable {
        kind,
        path: path.into(),
        message: message.into(),
    }
}
