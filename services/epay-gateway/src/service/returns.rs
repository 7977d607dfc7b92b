//! Where a payer's browser may be sent back to.
//!
//! A page of a rail sends the browser wherever we say, so an address that anybody could choose would make the gateway a
//! way to send payers to a stranger. Only origins that are configured are taken.

use tonic::Status;

use crate::fault;

/// The origins to which payers may come back: `https://host` or `https://host:port`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Returns {
    origins: Vec<String>,
}

impl Returns {
    pub(crate) fn new(origins: &[String]) -> Self {
        let origins = origins
            .iter()
            .map(|origin| origin.trim_end_matches('/').to_owned());
        Self {
            origins: origins.collect(),
        }
    }

    /// The address, where it is under a known origin; nothing where none is given.
    pub(crate) fn check(&self, field: &str, address: &str) -> Result<Option<String>, Status> {
        if address.is_empty() {
            return Ok(None);
        }
        let under = |origin: &String| {
            address
                .strip_prefix(origin.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let plain = address.bytes().all(|byte| byte.is_ascii_graphic());
        if plain && self.origins.iter().any(under) {
            return Ok(Some(address.to_owned()));
        }
        let words = "must be an address under one of the origins that are configured for payers to come back to";
        Err(fault::invalid_field(field, "RETURN_URL_NOT_ALLOWED", words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payers_come_back_to_known_origins_only() {
        let returns = Returns::new(&[
            "https://pay.example/".into(),
            "http://127.0.0.1:8080".into(),
        ]);
        let table = [
            ("", true),
            ("https://pay.example", true),
            ("https://pay.example/en/back/x?y=1", true),
            ("http://127.0.0.1:8080/en/back/x", true),
            ("http://127.0.0.1:80801/", false),
            ("https://pay.example.evil.example/", false),
            ("https://pay.example@evil.example/", false),
            ("https://pay.example:444/", false),
            ("http://pay.example/", false),
            ("https://pay.example/a b", false),
            ("javascript:alert(1)", false),
        ];
        for (address, allowed) in table {
            assert_eq!(
                returns.check("return_url", address).is_ok(),
                allowed,
                "{address}"
            );
        }
        assert!(
            Returns::default()
                .check("return_url", "https://pay.example/")
                .is_err()
        );
    }
}
