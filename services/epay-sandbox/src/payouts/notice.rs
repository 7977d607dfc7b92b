//! Writes what an order moved: camt.054.001.08, the debit, and the credit of what came back.

use std::io;

use jiff::Timestamp;

use crate::bank::instruction::masked;
use crate::bank::xml::Document;
use crate::hk_time::{date_text, offset_text};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";

/// An entry on the customer's account.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) message_id: &'a str,
    pub(super) account: &'a str,
    pub(super) currency: &'a str,
    pub(super) amount_cents: i64,
    pub(super) bank_reference: &'a str,
    pub(super) end_to_end_id: &'a str,
    pub(super) creditor_name: &'a str,
    /// The code of a return; nothing for the debit itself.
    pub(super) returned: Option<&'a str>,
    pub(super) at: Timestamp,
}

/// Writes the notice.
pub(super) fn write(entry: &Entry<'_>) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("BkToCstmrDbtCdtNtfctn", |document| {
            document.branch("GrpHdr", |document| {
                document.leaf(&["MsgId"], entry.message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(entry.at))
            })?;
            document.branch("Ntfctn", |document| {
                document.leaf(&["Id"], entry.message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(entry.at))?;
                document.branch("Acct", |document| {
                    document.leaf(&["Id", "Othr", "Id"], entry.account)?;
                    document.leaf(&["Ccy"], entry.currency)
                })?;
                document.branch("Ntry", |document| write_entry(document, entry))
            })
        })
    })
}

fn write_entry(document: &mut Document, entry: &Entry<'_>) -> io::Result<()> {
    // An issued credit transfer, or its return (`ExternalBankTransactionSubFamily1Code`).
    let (direction, family, part) = match entry.returned {
        None => ("DBIT", "IRCT", "DMCT"),
        Some(_) => ("CRDT", "IRCT", "RRTN"),
    };
    document.amount("Amt", entry.currency, entry.amount_cents)?;
    document.leaf(&["CdtDbtInd"], direction)?;
    document.leaf(&["Sts", "Cd"], "BOOK")?;
    document.leaf(&["BookgDt", "Dt"], &date_text(entry.at))?;
    document.leaf(&["ValDt", "Dt"], &date_text(entry.at))?;
    document.leaf(&["AcctSvcrRef"], entry.bank_reference)?;
    document.branch("BkTxCd", |document| {
        document.branch("Domn", |document| {
            document.leaf(&["Cd"], "PMNT")?;
            document.branch("Fmly", |document| {
                document.leaf(&["Cd"], family)?;
                document.leaf(&["SubFmlyCd"], part)
            })
        })
    })?;
    document.branch("NtryDtls", |document| {
        document.branch("TxDtls", |document| details(document, entry, direction))
    })
}

fn details(document: &mut Document, entry: &Entry<'_>, direction: &str) -> io::Result<()> {
    document.branch("Refs", |document| {
        document.leaf(&["AcctSvcrRef"], entry.bank_reference)?;
        document.leaf(&["EndToEndId"], entry.end_to_end_id)
    })?;
    document.amount("Amt", entry.currency, entry.amount_cents)?;
    document.leaf(&["CdtDbtInd"], direction)?;
    document.leaf(
        &["RltdPties", "Cdtr", "Pty", "Nm"],
        &masked(entry.creditor_name),
    )?;
    document.leaf(&["RltdDts", "TxDtTm"], &offset_text(entry.at))?;
    match entry.returned {
        Some(code) => document.leaf(&["RtrInf", "Rsn", "Cd"], code),
        None => Ok(()),
    }
}
