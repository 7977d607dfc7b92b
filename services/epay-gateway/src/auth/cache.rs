//! Tokens that were verified a moment ago, so that a busy caller's signature is not checked on every call.
//!
//! Keyed by the token's SHA-256. An entry lives for [`AGE_MAX`] at most and never beyond the token's own expiry, so a
//! withdrawn key stops working soon after the key set is read again. Readers never wait: the map is replaced whole,
//! which happens once a token and minute. When it is full it is emptied; the next calls fill it again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::Principal;

/// How long an entry is believed.
const AGE_MAX: Duration = Duration::from_secs(60);
/// Most entries: callers are portals and departments, not citizens.
const ENTRIES_MAX: usize = 1_024;

type Digest = [u8; 32];

#[derive(Debug, Clone)]
struct Entry {
    principal: Principal,
    verified: Instant,
    /// The token's own expiry, in seconds since 1970.
    expires: i64,
}

/// Tokens that were verified a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    entries: ArcSwap<HashMap<Digest, Entry>>,
}

impl Cache {
    /// The caller that this token proved, if that was a moment ago and the token has not expired since.
    pub(crate) fn find(&self, token: &str) -> Option<Principal> {
        let entries = self.entries.load();
        let entry = entries.get(&digest(token))?;
        let fresh =
            entry.verified.elapsed() < AGE_MAX && Timestamp::now().as_second() < entry.expires;
        fresh.then(|| entry.principal.clone())
    }

    /// Remembers what a token proved.
    pub(crate) fn put(&self, token: &str, principal: Principal, expires: i64) {
        let key = digest(token);
        let entry = Entry {
            principal,
            verified: Instant::now(),
            expires,
        };
        self.entries.rcu(|old| {
            let mut entries = if old.len() < ENTRIES_MAX {
                HashMap::clone(old)
            } else {
                HashMap::new()
            };
            entries.insert(key, entry.clone());
            Arc::new(entries)
        });
    }
}

fn digest(token: &str) -> Digest {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Role;

    fn principal() -> Principal {
        Principal {
            subject: "s".to_owned(),
            role: Role::Finance,
            biller: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_entry_ends_with_its_minute_and_with_its_token() {
        let cache = Cache::default();
        let later = Timestamp::now().as_second() + 600;
        cache.put("a", principal(), later);
        cache.put("b", principal(), Timestamp::now().as_second() - 1);
        assert_eq!(cache.find("a"), Some(principal()));
        assert_eq!(cache.find("b"), None, "expired");
        assert_eq!(cache.find("c"), None, "never seen");
        tokio::time::advance(AGE_MAX).await;
        assert_eq!(cache.find("a"), None, "too old");
    }

    #[tokio::test]
    async fn the_cache_stays_bounded() {
        let cache = Cache::default();
        let later = Timestamp::now().as_second() + 600;
        for index in 0..ENTRIES_MAX * 2 {
            cache.put(&index.to_string(), principal(), later);
        }
        assert!(cache.entries.load().len() <= ENTRIES_MAX);
        assert!(cache.find(&(ENTRIES_MAX * 2 - 1).to_string()).is_some());
    }
}
