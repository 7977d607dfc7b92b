//! The mirror of an earlier journal. Nothing is ever edited: a wrong journal is mirrored, then the right one is posted.

use crate::draft::Draft;
use crate::journal::Journal;
use crate::kind::JournalKind;

/// The same postings on the opposite sides, naming the journal they undo. A store accepts one reversal a
/// journal, in the same book.
#[must_use]
pub fn reversal(of: &Journal) -> Draft {
    of.draft()
        .mirrored(JournalKind::Reversal)
        .reversing(of.id())
}
