//! What callers ask of the bank, and what a scan shows.

use serde::{Deserialize, Serialize};

use crate::faults::Faults;

/// Where the image of a code comes from: exactly one of the two.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageSource {
    /// PNG bytes in base 64, with or without a `data:` prefix.
    pub image_base64: Option<String>,
    /// An address under one of the configured prefixes.
    pub url: Option<String>,
}

/// What a scan shows to the payer.
#[derive(Debug, Clone, Serialize)]
pub struct Scanned {
    /// The code's text.
    pub payload: String,
    /// Its SHA-256.
    pub qr_sha256: String,
    /// The payee's FPS identifier.
    pub fps_id: String,
    /// The payee's account.
    pub account: String,
    /// The name that the directory holds, not the one in the code.
    pub registered_name: String,
    /// `HKD` or `CNY`.
    pub currency: String,
    /// Cents asked for; absent when the payer types the amount.
    pub amount_cents: Option<i64>,
    /// Whether the payer may pay another amount.
    pub amount_editable: bool,
    /// Object 62/01.
    pub bill_number: Option<String>,
    /// Object 62/05.
    pub reference: Option<String>,
    /// The payee's time-out, with its offset.
    pub expires_at: Option<String>,
    /// Whether that has passed.
    pub expired: bool,
}

/// A payment of a scanned code.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayRequest {
    /// PNG bytes in base 64.
    pub image_base64: Option<String>,
    /// An allowed address.
    pub url: Option<String>,
    /// What the payer confirms, when it differs from the code or the code names none.
    pub amount_cents: Option<i64>,
    /// A configured payer by name or account; any other name is a customer of another bank; absent is the first configured one.
    pub payer: Option<String>,
    /// What goes wrong.
    pub faults: Option<Faults>,
}

/// A payment without a code, for load.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectInstruction {
    /// The payee's FPS identifier.
    pub fps_id: String,
    /// Cents to move.
    pub amount_cents: i64,
    /// Told as object 62/05 would be.
    pub reference: Option<String>,
    /// Told as object 62/01 would be.
    pub bill_number: Option<String>,
    /// As in [`PayRequest`], but a customer of another bank when absent.
    pub payer: Option<String>,
    /// What goes wrong.
    pub faults: Option<Faults>,
}
