//! Access tokens of rails that work with them: kept in memory, fetched by one caller at a time, never stored.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use epay_money::RailId;
use epay_rail::Rail;
use epay_rail_kit::transport::{Sent, Transport};
use jiff::{SignedDuration, Timestamp};

/// A token that ends sooner than this is not used any more: the call has to arrive with it.
const SLACK: SignedDuration = SignedDuration::from_secs(30);

/// The tokens, by rail.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    rails: Arc<Mutex<BTreeMap<RailId, Slot>>>,
}

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

struct Token {
    text: String,
    ends_at: Timestamp,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token(until {})", self.ends_at)
    }
}

impl Tokens {
    /// The token to call a rail with; nothing where it works without.
    ///
    /// # Errors
    /// Why none could be had, for the record.
    pub(crate) async fn bearer(
        &self,
        rail: &dyn Rail,
        transport: &Transport,
        now: Timestamp,
        nonce: [u8; 16],
    ) -> Result<Option<String>, String> {
        let Some(call) = rail.grant(now, nonce) else {
            return Ok(None);
        };
        let profile = rail.profile();
        let slot = self.slot(&profile.rail);
        let mut kept = slot.lock().await;
        if let Some(token) = kept.as_ref()
            && token.ends_at.duration_since(now) > SLACK
        {
            return Ok(Some(token.text.clone()));
        }
        match transport.send(profile, &call, "grant").await {
            Sent::Replied { status, body, .. } => {
                let (text, secs) = rail
                    .granted(status, &body)
                    .map_err(|error| format!("no access token was granted: {error}"))?;
                let ends_at = now
                    .checked_add(SignedDuration::from_secs(i64::from(secs)))
                    .unwrap_or(now);
                *kept = Some(Token {
                    text: text.clone(),
                    ends_at,
                });
                Ok(Some(text))
            }
            Sent::NotSent(why) => Err(format!("no access token: {why}")),
            Sent::Unknown(why) => Err(format!("no access token: {why}")),
        }
    }

    /// A token that the rail did not take is not kept.
    pub(crate) async fn forget(&self, rail: &RailId) {
        *self.slot(rail).lock().await = None;
    }

    fn slot(&self, rail: &RailId) -> Slot {
        // A panic elsewhere leaves the map whole: it only ever gains entries.
        let mut rails = self.rails.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(rails.entry(rail.clone()).or_default())
    }
}
