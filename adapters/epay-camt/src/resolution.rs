//! Reads the answer to a request to have a payment back (`camt.029`, any version `001.xx`).

use crate::xml::{Step, Walk};
use crate::{Unreadable, UnreadableKind};

const NAMESPACE_PREFIX: &str = "urn:iso:std:iso:20022:tech:xsd:camt.029.001.";
const MESSAGE: &str = "/Document/RsltnOfInvstgtn";
/// `Max35Text`.
const SHORT_CHARS_MAX: usize = 35;

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolution {
    /// The case that was asked under.
    pub case_id: String,
    /// What became of it (`Sts/Conf`: `CNCL`, `RJCR` …).
    pub confirmation: Option<String>,
    /// The reason's code, of the first transaction that names one.
    pub reason: Option<String>,
}

/// Reads an answer.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed, or it names no case.
pub fn read_resolution(body: &[u8]) -> Result<Resolution, Unreadable> {
    let mut walk = Walk::new(body, NAMESPACE_PREFIX)?;
    let (mut is_message, mut case_id) = (false, None);
    let mut said = Resolution::default();
    while let Some(step) = walk.step()? {
        is_message |= walk.path() == MESSAGE;
        let Step::Leaf = step else { continue };
        let text = walk.text();
        if text.is_empty() || text.chars().count() > SHORT_CHARS_MAX {
            continue;
        }
        let slot = match walk.path().strip_prefix(MESSAGE) {
            Some("/RslvdCase/Id" | "/CxlDtls/TxInfAndSts/RslvdCase/Id") => &mut case_id,
            Some("/Sts/Conf") => &mut said.confirmation,
            Some(
                "/CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd"
                | "/CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Prtry",
            ) => &mut said.reason,
            _ => continue,
        };
        slot.get_or_insert_with(|| text.to_owned());
    }
    let wrong = |message: &str| Unreadable {
        kind: UnreadableKind::WrongMessage,
        path: "/".to_owned(),
        message: message.to_owned(),
    };
    if !walk.has_document() || !is_message {
        return Err(wrong("it is not a camt.029 answer"));
    }
    said.case_id = case_id.ok_or_else(|| wrong("it names no case"))?;
    Ok(said)
}
