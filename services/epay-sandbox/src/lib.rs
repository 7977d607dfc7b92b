//! The other side: a bank and FPS with its own books, and faults on demand.
