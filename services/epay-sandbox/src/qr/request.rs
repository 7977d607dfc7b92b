//! The payment request in a payload: whom to pay, how much, whether the amount may change, until when, and for what.
//!
//! Rules of the Hong Kong profile: template 26 with the FPS GUID, exactly one proxy, currency 344 or 156, an amount with at
//! most two decimals, and the edit flag only beside an amount.

use jiff::Timestamp;
use thiserror::Error;

use super::tlv::{self, Object, TlvError};
use crate::hk_time::parse_time_out;
use crate::money::{AmountError, parse_cents};

/// The GUID of the Faster Payment System, compared without case: upper-case codes are in circulation.
const FPS_GUID: &str = "hk.com.hkicl";

/// The longest bill number or reference label.
const LABEL_CHARS_MAX: usize = 25;

/// How the payee is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// A number that a bank gave to the payee (26/02).
    FpsId(String),
    /// A telephone number (26/03).
    Mobile(String),
    /// An email address (26/04).
    Email(String),
}

/// What the payer is asked to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The payee.
    pub proxy: Proxy,
    /// `HKD` or `CNY`.
    pub currency: &'static str,
    /// Cents asked for; `None` when the payer types the amount.
    pub amount_cents: Option<i64>,
    /// Whether the payer may pay another amount.
    pub amount_editable: bool,
    /// The payee's time-out, after which a bank app refuses the code.
    pub expires_at: Option<Timestamp>,
    /// Object 62/01.
    pub bill_number: Option<String>,
    /// Object 62/05.
    pub reference: Option<String>,
}

/// Why a code cannot be paid by FPS.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// The text is not a payload at all.
    #[error("the QR code is not a payment code")]
    Payload(#[source] TlvError),
    /// A template inside is broken.
    #[error("template {id} of the QR code is broken")]
    Template {
        /// Which one.
        id: &'static str,
        /// What is wrong in it.
        #[source]
        cause: TlvError,
    },
    /// No template 26 of the Faster Payment System.
    #[error("the QR code does not offer FPS")]
    NotFps,
    /// None, or more than one, of 26/02, 26/03 and 26/04.
    #[error("the QR code names {0} payees, not one")]
    ProxyCount(usize),
    /// An object that must be there is not.
    #[error("object {0} is missing")]
    Missing(&'static str),
    /// An object breaks its own rule.
    #[error("object {path} {rule}")]
    Object {
        /// Path of ids, such as `26/05`.
        path: &'static str,
        /// The rule, ready to follow the path.
        rule: &'static str,
    },
    /// Object 54 is not an amount.
    #[error("object 54 is not an amount")]
    Amount(#[source] AmountError),
}

impl PaymentRequest {
    /// Reads a payload.
    ///
    /// # Errors
    /// The first [`RequestError`] met.
    pub fn read(payload: &str) -> Result<Self, RequestError> {
        let root = tlv::read_payload(payload).map_err(RequestError::Payload)?;
        let fps = tlv::value(&root, "26").ok_or(RequestError::NotFps)?;
        let fps = tlv::split(fps).map_err(|cause| RequestError::Template { id: "26", cause })?;
        if !tlv::value(&fps, "00").is_some_and(|guid| guid.eq_ignore_ascii_case(FPS_GUID)) {
            return Err(RequestError::NotFps);
        }
        let currency = match tlv::value(&root, "53").ok_or(RequestError::Missing("53"))? {
            "344" => "HKD",
            "156" => "CNY",
            _ => {
                return Err(RequestError::Object {
                    path: "53",
                    rule: "is neither 344 nor 156",
                });
            }
        };
        let amount_cents = tlv::value(&root, "54")
            .map(parse_cents)
            .transpose()
            .map_err(RequestError::Amount)?;
        let editable_flag = match (tlv::value(&fps, "06"), amount_cents) {
            (None, _) => false,
            (Some("1"), Some(_)) => true,
            (Some("1"), None) => {
                return Err(RequestError::Object {
                    path: "26/06",
                    rule: "stands without an amount",
                });
            }
            (Some(_), _) => {
                return Err(RequestError::Object {
                    path: "26/06",
                    rule: "is not 1",
                });
            }
        };
        let time_out = RequestError::Object {
            path: "26/05",
            rule: "is not a time as YYMMDDhhmmss",
        };
        let expires_at = tlv::value(&fps, "05")
            .map(|text| parse_time_out(text).ok_or(time_out))
            .transpose()?;
        let extra = match tlv::value(&root, "62") {
            Some(extra) => {
                tlv::split(extra).map_err(|cause| RequestError::Template { id: "62", cause })?
            }
            None => Vec::new(),
        };
        Ok(Self {
            proxy: read_proxy(&fps)?,
            currency,
            amount_cents,
            amount_editable: editable_flag || amount_cents.is_none(),
            expires_at,
            bill_number: read_label(&extra, "01", "62/01")?,
            reference: read_label(&extra, "05", "62/05")?,
        })
    }
}

fn read_proxy(fps: &[Object<'_>]) -> Result<Proxy, RequestError> {
    let id = tlv::value(fps, "02").map(|text| Proxy::FpsId(text.to_owned()));
    let mobile = tlv::value(fps, "03").map(|text| Proxy::Mobile(text.to_owned()));
    let email = tlv::value(fps, "04").map(|text| Proxy::Email(text.to_owned()));
    let mut proxies: Vec<Proxy> = [id, mobile, email].into_iter().flatten().collect();
    match (proxies.pop(), proxies.len()) {
        (Some(Proxy::FpsId(text)), 0) if !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(RequestError::Object {
                path: "26/02",
                rule: "is not digits",
            })
        }
        (Some(proxy), 0) => Ok(proxy),
        (Some(_), others) => Err(RequestError::ProxyCount(others.saturating_add(1))),
        (None, _) => Err(RequestError::ProxyCount(0)),
    }
}

fn read_label(
    extra: &[Object<'_>],
    id: &str,
    path: &'static str,
) -> Result<Option<String>, RequestError> {
    let Some(text) = tlv::value(extra, id) else {
        return Ok(None);
    };
    if text == "***" {
        return Err(RequestError::Object {
            path,
            rule: "asks the payer to type it, which this bank app does not offer",
        });
    }
    if text.chars().count() > LABEL_CHARS_MAX
        || !text.bytes().all(|byte| (0x20..=0x7E).contains(&byte))
    {
        return Err(RequestError::Object {
            path,
            rule: "is not 1 to 25 printable ASCII characters",
        });
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::crc::checksum;
    use super::*;

    fn sealed(body: &str) -> String {
        let text = format!("000201{body}6304");
        format!("{text}{:04X}", checksum(&text))
    }

    fn object(id: &str, value: &str) -> String {
        format!("{id}{:02}{value}", value.chars().count())
    }

    fn fps(extra: &str) -> String {
        object("26", &format!("0012hk.com.hkicl{extra}"))
    }

    #[test]
    fn a_full_government_code_is_read() {
        let body = [
            "010212".to_owned(),
            fps("0209999900201051226012023580306011"),
            "520400005303344540710000.55802HK5902NA6002HK".replace("540710000.5", "54073720.50"),
            object(
                "62",
                &format!(
                    "{}{}",
                    object("01", "000123456789011"),
                    object("05", "P01ABC")
                ),
            ),
        ]
        .concat();
        assert_eq!(
            PaymentRequest::read(&sealed(&body)).unwrap(),
            PaymentRequest {
                proxy: Proxy::FpsId("999900201".into()),
                currency: "HKD",
                amount_cents: Some(372_050),
                amount_editable: true,
                expires_at: Some("2026-01-20T15:58:03Z".parse().unwrap()),
                bill_number: Some("000123456789011".into()),
                reference: Some("P01ABC".into()),
            }
        );
    }

    #[test]
    fn without_an_amount_the_payer_types_it() {
        let request =
            PaymentRequest::read(&sealed(&format!("{}5303156", fps("0209999900201")))).unwrap();
        assert_eq!(
            (
                request.amount_cents,
                request.amount_editable,
                request.currency
            ),
            (None, true, "CNY")
        );
        let fixed = PaymentRequest::read(&sealed(&format!("{}530334454011", fps("0209999900201"))))
            .unwrap();
        assert_eq!(
            (fixed.amount_cents, fixed.amount_editable),
            (Some(100), false)
        );
    }

    #[test]
    fn codes_that_cannot_be_paid_are_told_apart() {
        let id = "0209999900201";
        let rows = [
            (sealed("5303344"), "does not offer FPS"),
            (
                sealed(&format!("{}5303344", object("26", "0003abc"))),
                "does not offer FPS",
            ),
            (
                sealed(&format!("{}5303344", object("26", "0099abc"))),
                "template 26",
            ),
            (sealed(&format!("{}5303344", fps(""))), "0 payees"),
            (
                sealed(&format!("{}5303344", fps("0209999900201030512345"))),
                "2 payees",
            ),
            (
                sealed(&format!("{}5303344", fps("020312a"))),
                "26/02 is not digits",
            ),
            (sealed(&fps(id)), "object 53 is missing"),
            (
                sealed(&format!("{}5303840", fps(id))),
                "object 53 is neither",
            ),
            (
                sealed(&format!("{}530334454010", fps(id))),
                "object 54 is not an amount",
            ),
            (
                sealed(&format!("{}5303344", fps("020999990020106011"))),
                "26/06 stands without",
            ),
            (
                sealed(&format!("{}530334454011", fps("020999990020106010"))),
                "26/06 is not 1",
            ),
            (
                sealed(&format!("{}5303344", fps("020999990020105041234"))),
                "26/05 is not a time",
            ),
            (
                sealed(&format!("{}5303344{}", fps(id), object("62", "0103***"))),
                "asks the payer",
            ),
            (
                sealed(&format!("{}5303344{}", fps(id), object("62", "0104水a b"))),
                "62/01 is not 1 to 25",
            ),
            (
                sealed(&format!("{}5303344{}", fps(id), object("62", "01"))),
                "template 62",
            ),
            ("000201".to_owned(), "not a payment code"),
        ];
        for (payload, expected) in rows {
            let error = PaymentRequest::read(&payload).unwrap_err().to_string();
            assert!(error.contains(expected), "{payload}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_sealed_text_makes_the_reader_panic(body in "(26[0-9]{2}0012hk\\.com\\.hkicl[ -~]{0,30})?([0-9]{4}[ -~]{0,9}){0,6}") {
            drop(PaymentRequest::read(&sealed(&body)));
        }
    }
}
