//! Writes the clearing's notice: camt.054.001.08, one entry.

use std::io;

use jiff::Timestamp;

use crate::bank::instruction::masked;
use crate::bank::xml::Document;
use crate::hk_time::{date_text, offset_text};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";

/// What became of a cheque.
#[derive(Debug, Clone)]
pub(super) struct Outcome<'a> {
    pub(super) message_id: &'a str,
    pub(super) account: &'a str,
    pub(super) item: &'a str,
    pub(super) cheque_number: &'a str,
    pub(super) reference: &'a str,
    pub(super) amount_cents: i64,
    pub(super) payer_name: &'a str,
    /// The code of a return; nothing when it was honoured.
    pub(super) returned: Option<&'a str>,
    pub(super) received_at: Timestamp,
    pub(super) at: Timestamp,
}

/// Writes the message.
pub(super) fn write(outcome: &Outcome<'_>) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("BkToCstmrDbtCdtNtfctn", |document| {
            document.branch("GrpHdr", |document| {
                document.leaf(&["MsgId"], outcome.message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(outcome.at))
            })?;
            document.branch("Ntfctn", |document| {
                document.leaf(&["Id"], outcome.message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(outcome.at))?;
                document.branch("Acct", |document| {
                    document.leaf(&["Id", "Othr", "Id"], outcome.account)?;
                    document.leaf(&["Ccy"], "HKD")
                })?;
                document.branch("Ntry", |document| entry(document, outcome))
            })
        })
    })
}

fn entry(document: &mut Document, outcome: &Outcome<'_>) -> io::Result<()> {
    // A cheque that comes back was never booked: the bank tells of it, and moves nothing.
    let (direction, status, family) = match outcome.returned {
        None => ("CRDT", "BOOK", "CCHQ"),
        Some(_) => ("DBIT", "INFO", "UPCQ"),
    };
    document.amount("Amt", "HKD", outcome.amount_cents)?;
    document.leaf(&["CdtDbtInd"], direction)?;
    document.leaf(&["Sts", "Cd"], status)?;
    document.leaf(&["BookgDt", "Dt"], &date_text(outcome.at))?;
    document.leaf(&["ValDt", "Dt"], &date_text(outcome.at))?;
    document.leaf(&["AcctSvcrRef"], outcome.item)?;
    document.branch("BkTxCd", |document| {
        document.branch("Domn", |document| {
            document.leaf(&["Cd"], "PMNT")?;
            document.branch("Fmly", |document| {
                document.leaf(&["Cd"], "RCHQ")?;
                document.leaf(&["SubFmlyCd"], family)
            })
        })
    })?;
    document.branch("NtryDtls", |document| {
        document.branch("TxDtls", |document| {
            document.branch("Refs", |document| {
                document.leaf(&["EndToEndId"], outcome.reference)?;
                document.leaf(&["ChqNb"], outcome.cheque_number)
            })?;
            document.leaf(
                &["RltdPties", "Dbtr", "Pty", "Nm"],
                &masked(outcome.payer_name),
            )?;
            document.leaf(&["RltdDts", "TxDtTm"], &offset_text(outcome.received_at))?;
            match outcome.returned {
                Some(code) => document.leaf(&["RtrInf", "Rsn", "Cd"], code),
                None => Ok(()),
            }
        })
    })
}
