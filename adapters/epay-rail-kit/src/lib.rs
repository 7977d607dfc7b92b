//! Transports, signing and verification for rails, and the conformance suite every rail passes.
