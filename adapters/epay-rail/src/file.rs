//! Files: those that are too large to be held are read chunk by chunk, in memory that does not grow with them; small ones whole.

use core::fmt;

use crate::{Decoded, Unreadable, UnreadableKind};

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

/// Reads a file of a bounded size at its end, by a function that reads it whole: what comes as a message may come as a file.
pub struct WholeFile<F> {
    bytes: Vec<u8>,
    bytes_max: usize,
    read: F,
}

impl<F> WholeFile<F>
where
    F: FnOnce(&[u8]) -> Result<Decoded, Unreadable> + Send,
{
    /// A reader of a file of at most `bytes_max` bytes.
    #[must_use]
    pub const fn new(bytes_max: usize, read: F) -> Self {
        Self {
            bytes: Vec::new(),
            bytes_max,
            read,
        }
    }
}

impl<F> fmt::Debug for WholeFile<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WholeFile of {} bytes", self.bytes.len())
    }
}

impl<F> FileReader for WholeFile<F>
where
    F: FnOnce(&[u8]) -> Result<Decoded, Unreadable> + Send,
{
    fn feed(&mut self, chunk: &[u8], _out: &mut Decoded) -> Result<(), Unreadable> {
        if self.bytes.len().saturating_add(chunk.len()) > self.bytes_max {
            return Err(Unreadable {
                kind: UnreadableKind::TooLarge,
                path: "/".to_owned(),
                message: format!("it has more than {} bytes", self.bytes_max),
            });
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    fn end(self: Box<Self>, out: &mut Decoded) -> Result<(), Unreadable> {
        let whole = *self;
        *out = (whole.read)(&whole.bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_at_its_end_and_never_beyond_its_bound() {
        let mut out = Decoded::default();
        let read = |bytes: &[u8]| {
            assert_eq!(bytes, b"abcd");
            Ok(Decoded {
                keep: Some("read".to_owned()),
                ..Decoded::default()
            })
        };
        let mut file = Box::new(WholeFile::new(4, read));
        file.feed(b"ab", &mut out).unwrap();
        file.feed(b"cd", &mut out).unwrap();
        assert_eq!(out.keep, None);
        let long = file.feed(b"e", &mut out).unwrap_err();
        assert_eq!(long.kind, UnreadableKind::TooLarge);
        file.end(&mut out).unwrap();
        assert_eq!(out.keep.as_deref(), Some("read"));
    }
}
