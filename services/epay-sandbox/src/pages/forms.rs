//! What forms send: the upload, the confirm form with its faults, the buttons of the books.

use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::Problem;
use crate::faults::Faults;
use crate::money::parse_cents;

/// The upload form.
#[derive(Debug, Default)]
pub(super) struct Upload {
    pub(super) image: Vec<u8>,
    pub(super) url: String,
    pub(super) payer: String,
}

/// Reads the upload form; unknown fields are left out.
pub(super) async fn read_upload(mut form: Multipart) -> Result<Upload, Problem> {
    let bad = |error: MultipartError| Problem::bad_form(error.status().as_u16(), error.body_text());
    let mut upload = Upload::default();
    while let Some(field) = form.next_field().await.map_err(bad)? {
        match field.name().map(str::to_owned).as_deref() {
            Some("image") => upload.image = field.bytes().await.map_err(bad)?.to_vec(),
            Some("url") => field
                .text()
                .await
                .map_err(bad)?
                .trim()
                .clone_into(&mut upload.url),
            Some("payer") => upload.payer = field.text().await.map_err(bad)?,
            _ => {}
        }
    }
    Ok(upload)
}

/// The confirm form. Check boxes are absent when they are off.
#[derive(Debug, Deserialize)]
pub(super) struct Confirm {
    pub(super) scan_id: Uuid,
    pub(super) payer: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    delay_seconds: String,
    #[serde(default)]
    amount_delta: String,
    #[serde(default)]
    group: String,
    hold: Option<String>,
    out_of_order: Option<String>,
    duplicate: Option<String>,
    lost_reference: Option<String>,
    paid_twice: Option<String>,
    after_expiry: Option<String>,
}

impl Confirm {
    /// The amount that the payer typed, in cents; `None` when the field is empty or was not shown.
    pub(super) fn amount_cents(&self) -> Result<Option<i64>, Problem> {
        let text = self.amount.trim().replace(',', "");
        if text.is_empty() {
            return Ok(None);
        }
        parse_cents(&text)
            .map(Some)
            .map_err(|error| Problem::bad_form(422, format!("Enter another amount: {error}")))
    }

    /// The faults that the payer switched on.
    pub(super) fn faults(&self) -> Result<Faults, Problem> {
        let bad = |what: &str| Problem::bad_form(422, format!("Enter another {what}"));
        let delay = self.delay_seconds.trim();
        let delay_seconds = if delay.is_empty() {
            0
        } else {
            delay
                .parse()
                .ok()
                .ok_or_else(|| bad("delay in whole seconds"))?
        };
        let delta = self.amount_delta.trim();
        let (size, negative) = delta
            .strip_prefix('-')
            .map_or((delta.trim_start_matches('+'), false), |rest| (rest, true));
        let cents = match size {
            "" | "0" | "0.00" => 0,
            size => parse_cents(size)
                .ok()
                .ok_or_else(|| bad("difference, such as -1.00"))?,
        };
        Ok(Faults {
            delay_seconds,
            hold: self.hold.is_some(),
            group: Some(self.group.trim().to_owned()).filter(|group| !group.is_empty()),
            out_of_order: self.out_of_order.is_some(),
            duplicate: self.duplicate.is_some(),
            amount_delta_cents: if negative {
                cents.saturating_neg()
            } else {
                cents
            },
            lost_reference: self.lost_reference.is_some(),
            paid_twice: self.paid_twice.is_some(),
            after_expiry: self.after_expiry.is_some(),
        })
    }
}

/// A button of the books page; an empty field means all.
#[derive(Debug, Deserialize)]
pub(super) struct Button {
    #[serde(default)]
    pub(super) group: String,
    #[serde(default)]
    pub(super) bank_reference: String,
}

/// The text of a field, or nothing when it is empty.
pub(super) fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
