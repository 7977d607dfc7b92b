//! `LedgerService`.
