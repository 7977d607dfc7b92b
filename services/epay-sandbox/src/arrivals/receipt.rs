//! A message that is kept together with its receipt, in one commit: what the SMS gateway and iAM Smart do alike.

use jiff::SignedDuration;
use serde_json::Value;

use super::store::{self, Kept, New};
use crate::books::BooksError;
use crate::faults::Chosen;
use crate::faults::menu::TWICE;
use crate::frame::{Frame, NewNotice, Start, Writing};
use crate::hk_time::offset_text;

/// How long a telephone takes to say that it has a message.
const RECEIPT_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// Who carries messages, and how it tells what became of them.
pub(crate) struct Carrier {
    /// The counterparty's name.
    pub(crate) name: &'static str,
    /// What the ids of its receipts begin with.
    pub(crate) prefix: &'static str,
    /// Where they are posted.
    pub(crate) path: &'static str,
}

/// Keeps a message with its receipt, which `receipt` writes from the message's number and the moment at which it is told. One whose
/// name another message has is left alone.
pub(crate) async fn keep(
    frame: &Frame,
    carrier: &Carrier,
    new: &New<'_>,
    faults: &Chosen,
    receipt: impl FnOnce(i64, String) -> Value,
) -> Result<Kept, BooksError> {
    let now = frame.now();
    let mut client = frame.client().await?;
    let writing = Writing::begin(&mut client, carrier.name, now).await?;
    let kept = store::keep(writing.sql(), new, now).await?;
    if !kept.is_same {
        return Ok(kept);
    }
    if kept.is_new {
        let told_at = now.saturating_add(RECEIPT_AFTER).unwrap_or(now);
        let body = receipt(kept.sequence, offset_text(told_at)).to_string();
        let copies = if faults.on(&TWICE).is_some() { 2 } else { 1 };
        for copy in 1..=copies {
            let message_id = format!("{}-{}-{copy}", carrier.prefix, kept.sequence);
            writing
                .notice(&NewNotice {
                    message_id: &message_id,
                    path: carrier.path,
                    content_type: "application/json",
                    body: &body,
                    subject: Some(new.name),
                    extra: Value::Null,
                    start: Start::with(faults, told_at),
                })
                .await?;
        }
    }
    writing.commit().await?;
    frame.wake();
    Ok(kept)
}
