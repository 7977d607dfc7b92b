//! Behind the door: the outbox, timers and re-drives.
