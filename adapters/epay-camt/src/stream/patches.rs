//! Bytes that are no UTF-8, set aside so that the text around them can be read.
//!
//! Each is replaced by a character that XML forbids, which spoils the text it stands in; the byte itself is kept for as
//! long as its place is in the buffer, so that whoever looks at the raw row sees what came.

/// The substitute character of ASCII: never allowed in XML.
const SUBSTITUTE: u8 = 0x1A;
/// Bytes of the longest UTF-8 character, less one: a character may be cut by the end of a piece.
const CUT_BYTES_MAX: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Patches {
    /// Places in the buffer and what stood there, in order.
    replaced: Vec<(usize, u8)>,
}

impl Patches {
    /// Makes the buffer UTF-8 from a place on; answers up to where. A character that is cut by the end is left for the
    /// next piece, unless this was the last one.
    pub(super) fn make_readable(&mut self, buffer: &mut [u8], from: usize, last: bool) -> usize {
        let mut at = from;
        loop {
            let rest = buffer.get(at..).unwrap_or_default();
            let Err(fault) = core::str::from_utf8(rest) else {
                return buffer.len();
            };
            let good = at.saturating_add(fault.valid_up_to());
            let cut = buffer.len().saturating_sub(good) <= CUT_BYTES_MAX;
            if fault.error_len().is_none() && cut && !last {
                return good;
            }
            let Some(byte) = buffer.get_mut(good) else {
                return buffer.len();
            };
            self.replaced
                .push((good, core::mem::replace(byte, SUBSTITUTE)));
            at = good.saturating_add(1);
        }
    }

    /// Puts back what was replaced in a copy of the buffer that begins at `from`.
    pub(super) fn undo(&self, from: usize, copy: &mut [u8]) {
        for (place, byte) in &self.replaced {
            let inside = place.checked_sub(from);
            if let Some(slot) = inside.and_then(|place| copy.get_mut(place)) {
                *slot = *byte;
            }
        }
    }

    /// The buffer loses its first bytes.
    pub(super) fn forget_before(&mut self, bytes: usize) {
        self.replaced.retain_mut(|(place, _byte)| {
            let kept = *place >= bytes;
            *place = place.saturating_sub(bytes);
            kept
        });
    }
}
