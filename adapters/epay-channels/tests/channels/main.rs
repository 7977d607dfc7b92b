//! The channels against peers on real sockets, and receipts as tables.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

mod mail;
mod push_receipts;
mod receipts;
mod sms;

/// Chooses the TLS library; the first choice in a process stands.
fn install_crypto_provider() {
    let _first_choice_stands = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
