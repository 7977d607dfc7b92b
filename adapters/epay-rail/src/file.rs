//! Files that are too large to be held: read chunk by chunk, in memory that does not grow with them.

use crate::{Decoded, Unreadable};

/// Reads one file from front to back.
///
/// The caller feeds chunks of any size, in order, then calls [`end`](FileReader::end) once. What could be read so far
/// is put into `out`, which the caller empties between chunks. A file is read twice: once to see that its trailer
/// agrees with it, and only then to book it; so a reader must not give a report that a bad trailer would take back,
/// but may assume that a file whose first reading ended well is whole.
pub trait FileReader: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Unreadable`] when the whole file must be quarantined: it is then not fed any further.
    fn feed(&mut self, chunk: &[u8], out: &mut Decoded) -> Result<(), Unreadable>;

    /// The sender's own name of the file, once it was read: 1 to 64 visible ASCII characters, the same when the file comes
    /// again. A second file under one name is a repeat if its bytes are the same, and otherwise a contradiction.
    fn name(&self) -> Option<&str> {
        None
    }

    /// Takes the end of the file: trailer, count and totals are judged.
    ///
    /// # Errors
    /// [`Unreadable`] when the file is cut off or does not add up.
    fn end(self: Box<Self>, out: &mut Decoded) -> Result<(), Unreadable>;
}
