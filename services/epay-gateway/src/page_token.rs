//! Page tokens: opaque to callers, bound to the list that gave them.
//!
//! A token is the id after which the next page begins and a digest of the list's parent and filters, in URL-safe
//! base64. A token of another list is refused rather than read as a place in this one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epay_store::PageRequest;
use sha2::{Digest as _, Sha256};
use tonic::Status;
use uuid::Uuid;

use crate::fault;

/// Bytes of the digest that are kept: a mistake is caught, and nobody gains by forging one.
const DIGEST_BYTES: usize = 8;

/// What a list is of: its parent and every filter, in a fixed order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    digest: [u8; DIGEST_BYTES],
}

impl List {
    /// The list `rpc` with these parameters.
    pub(crate) fn new(rpc: &str, parameters: &[&str]) -> Self {
        let mut hash = Sha256::new_with_prefix(rpc.as_bytes());
        for parameter in parameters {
            hash.update(parameter.len().to_be_bytes());
            hash.update(parameter.as_bytes());
        }
        let whole = hash.finalize();
        let mut digest = [0; DIGEST_BYTES];
        for (kept, byte) in digest.iter_mut().zip(whole) {
            *kept = byte;
        }
        Self { digest }
    }

    /// The page that a request wants.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a token that this list did not give.
    pub(crate) fn page(&self, size: i32, token: &str) -> Result<PageRequest, Status> {
        let after = if token.is_empty() {
            None
        } else {
            Some(self.read(token).ok_or_else(invalid)?)
        };
        Ok(PageRequest {
            size: i64::from(size),
            after,
        })
    }

    /// The place after which a page begins, in a list whose rows are named by an id and a number.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a token that this list did not give.
    pub(crate) fn place(&self, token: &str) -> Result<Option<(Uuid, i32)>, Status> {
        if token.is_empty() {
            return Ok(None);
        }
        self.read_place(token).map(Some).ok_or_else(invalid)
    }

    fn read_place(&self, token: &str) -> Option<(Uuid, i32)> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, number) = bytes.strip_prefix(&self.digest)?.split_at_checked(16)?;
        let number = i32::from_be_bytes(number.try_into().ok()?);
        Some((Uuid::from_slice(id).ok()?, number))
    }

    /// The token of the page that begins after a place; empty when there is none.
    pub(crate) fn place_token(&self, next: Option<(Uuid, i32)>) -> String {
        next.map_or_else(String::new, |(id, number)| {
            let place = [&self.digest[..], id.as_bytes(), &number.to_be_bytes()].concat();
            URL_SAFE_NO_PAD.encode(place)
        })
    }

    /// The word after which a page begins, in a list whose rows are named by words.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a token that this list did not give.
    pub(crate) fn word(&self, token: &str) -> Result<Option<String>, Status> {
        if token.is_empty() {
            return Ok(None);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let word = bytes.and_then(|bytes| {
            let word = bytes.strip_prefix(&self.digest)?;
            String::from_utf8(word.to_vec()).ok()
        });
        word.map(Some).ok_or_else(invalid)
    }

    /// The token of the page that begins after a word; empty when there is none.
    pub(crate) fn word_token(&self, next: Option<&str>) -> String {
        next.map_or_else(String::new, |word| {
            URL_SAFE_NO_PAD.encode([&self.digest[..], word.as_bytes()].concat())
        })
    }

    fn read(&self, token: &str) -> Option<Uuid> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let id = bytes.strip_prefix(&self.digest)?;
        Uuid::from_slice(id).ok()
    }

    /// The token of the page that begins after `next`; empty when there is none.
    pub(crate) fn token(&self, next: Option<Uuid>) -> String {
        next.map_or_else(String::new, |id| {
            URL_SAFE_NO_PAD.encode([&self.digest[..], id.as_bytes()].concat())
        })
    }
}

fn invalid() -> Status {
    fault::invalid_field(
        "page_token",
        "PAGE_TOKEN_INVALID",
        "must be the next_page_token of the same list",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_the_list_that_gave_it_and_for_no_other() {
        let list = List::new("ListBills", &["billers/rvd", "open"]);
        let id = Uuid::from_u128(7);
        let token = list.token(Some(id));
        assert_eq!(
            list.page(10, &token).unwrap(),
            PageRequest {
                size: 10,
                after: Some(id)
            }
        );
        for other in [
            List::new("ListBills", &["billers/rvd", "paid"]),
            List::new("ListBills", &["billers/rvdopen", ""]),
            List::new("ListPayments", &["billers/rvd", "open"]),
        ] {
            assert!(other.page(10, &token).is_err());
        }
        for broken in ["x", "AAAA", "!!!", &format!("{token}A")] {
            assert!(list.page(10, broken).is_err(), "{broken}");
        }
        assert_eq!(list.token(None), "");
    }
}
