//! `[counterparties.iam-smart]`: the service that may ask, and the people who have a telephone.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Characters of a tokenised ID.
const OPEN_ID_CHARS: usize = 32;

/// The machine's own addresses, without a port.
const OWN: [&str; 2] = ["http://127.0.0.1", "http://localhost"];

/// What stands behind a port.
fn past_port(rest: &str) -> &str {
    rest.strip_prefix(':').map_or(rest, |rest| {
        rest.trim_start_matches(|sign: char| sign.is_ascii_digit())
    })
}

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// The service's id.
    pub(super) client_id: String,
    /// What the telephone calls it.
    pub(super) service_name: String,
    /// Addresses to which a browser may be sent back begin with one of these. One of the machine's own without a port allows every port
    /// (RFC 8252, section 7.3).
    pub(super) redirects: Vec<String>,
    /// For how long a content key is good.
    #[serde(default = "an_hour")]
    pub(super) key_seconds: i64,
    /// For how long a token is good.
    #[serde(default = "an_hour")]
    pub(super) token_seconds: i64,
    /// People with iAM Smart.
    pub(super) people: Vec<String>,
    /// What some of them keep in the app ("e-ME"), by the names of its fields.
    #[serde(default)]
    pub(super) own_fields: BTreeMap<String, BTreeMap<String, String>>,
}

const fn an_hour() -> i64 {
    3_600
}

impl Settings {
    /// The rules of the settings.
    pub(super) fn check(&self) -> Result<(), String> {
        let rules = [
            (!self.client_id.is_empty(), "client_id is not empty"),
            (!self.people.is_empty(), "there is somebody in people"),
            (
                self.key_seconds > 0 && self.token_seconds > 0,
                "key_seconds and token_seconds are above zero",
            ),
            (
                self.redirects
                    .iter()
                    .all(|address| address.starts_with("http")),
                "redirects are addresses",
            ),
        ];
        match rules.iter().find(|(holds, _words)| !holds) {
            Some((_broken, words)) => Err(format!("[counterparties.iam-smart]: {words}")),
            None => Ok(()),
        }
    }

    /// Whether a browser may be sent there. An address of a longer host with the same beginning is another one.
    pub(super) fn may_return_to(&self, address: &str) -> bool {
        self.redirects.iter().any(|allowed| {
            let rest = address.strip_prefix(allowed.trim_end_matches('/'));
            let rest = rest.map(|rest| {
                if OWN.contains(&allowed.as_str()) {
                    past_port(rest)
                } else {
                    rest
                }
            });
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The name by which the service knows a person: another one at every other service.
    pub(super) fn open_id(&self, person: &str) -> String {
        let digest = Sha256::digest(format!("{}\n{person}", self.client_id));
        hex::encode(digest).chars().take(OPEN_ID_CHARS).collect()
    }

    /// The person whom the service knows by a name.
    pub(super) fn person(&self, open_id: &str) -> Option<&str> {
        let mut people = self.people.iter();
        people
            .find(|person| self.open_id(person) == open_id)
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        toml::from_str(
            "client_id = 'c'\nservice_name = 's'\nredirects = ['http://127.0.0.1:8080/']\npeople = ['A', 'B']",
        )
        .unwrap()
    }

    #[test]
    fn a_browser_goes_back_to_the_service_and_nowhere_else() {
        let rows = [
            ("http://127.0.0.1:8080/en/back?x=1", true),
            ("http://127.0.0.1:8080", true),
            ("http://127.0.0.1:80801/", false),
            ("http://127.0.0.1:8080.evil.example/", false),
            ("https://127.0.0.1:8080/", false),
            ("", false),
        ];
        for (address, may) in rows {
            assert_eq!(settings().may_return_to(address), may, "{address}");
        }
    }

    #[test]
    fn an_address_of_the_machine_itself_may_have_any_port() {
        let mut settings = settings();
        settings.redirects = vec!["http://127.0.0.1".to_owned()];
        let rows = [
            ("http://127.0.0.1:9/en/back", true),
            ("http://127.0.0.1/", true),
            ("http://127.0.0.1:9.evil.example/", false),
            ("http://127.0.0.1.evil.example/", false),
        ];
        for (address, may) in rows {
            assert_eq!(settings.may_return_to(address), may, "{address}");
        }
    }

    #[test]
    fn a_person_has_another_name_at_every_service() {
        let (one, mut other) = (settings(), settings());
        other.client_id = "d".to_owned();
        assert_ne!(one.open_id("A"), one.open_id("B"));
        assert_ne!(one.open_id("A"), other.open_id("A"));
        assert_eq!(one.person(&one.open_id("B")), Some("B"));
        assert_eq!(one.person(&other.open_id("B")), None);
    }
}
