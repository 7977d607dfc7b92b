//! Writes the credit notice to the payee: camt.054.001.08, one booked credit entry a message.
//!
//! Element order follows the published schema. A lost reference leaves the narrative `FPS` and nothing structured, which
//! is what a payee sees when a bank drops the remittance data on the way.

use std::io;

use jiff::Timestamp;

use super::instruction::masked;
use super::xml::Document;
use crate::hk_time::{date_text, offset_text};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08";

/// The credit that a notice tells.
#[derive(Debug, Clone)]
pub struct CreditNotice<'a> {
    /// Group header id, also the channel message id.
    pub message_id: &'a str,
    /// Number of this notice among the account's notices, from 1.
    pub sequence: i64,
    /// When the notice was written.
    pub created_at: Timestamp,
    /// The credited account.
    pub account: &'a str,
    /// `HKD` or `CNY`.
    pub currency: &'a str,
    /// Cents credited.
    pub amount_cents: i64,
    /// The bank's reference.
    pub bank_reference: &'a str,
    /// The clearing system's reference.
    pub fps_reference: &'a str,
    /// From payer to payee.
    pub end_to_end_id: &'a str,
    /// From bank to bank.
    pub transaction_id: &'a str,
    /// The payer's full name; written masked.
    pub payer_name: &'a str,
    /// Bill number to tell.
    pub bill_number: Option<&'a str>,
    /// Reference label to tell.
    pub reference: Option<&'a str>,
    /// When the payer said yes.
    pub instructed_at: Timestamp,
    /// When the bank booked it.
    pub booked_at: Timestamp,
}

/// Writes the message.
///
/// # Errors
/// Only if writing into memory fails.
pub fn write(notice: &CreditNotice<'_>) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("BkToCstmrDbtCdtNtfctn", |document| {
            document.branch("GrpHdr", |document| {
                document.leaf(&["MsgId"], notice.message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(notice.created_at))
            })?;
            document.branch("Ntfctn", |document| {
                document.leaf(&["Id"], notice.message_id)?;
                document.leaf(&["ElctrncSeqNb"], &notice.sequence.to_string())?;
                document.leaf(&["CreDtTm"], &offset_text(notice.created_at))?;
                document.branch("Acct", |document| {
                    document.leaf(&["Id", "Othr", "Id"], notice.account)?;
                    document.leaf(&["Ccy"], notice.currency)
                })?;
                document.branch("Ntry", |document| entry(document, notice))
            })
        })
    })
}

fn entry(document: &mut Document, notice: &CreditNotice<'_>) -> io::Result<()> {
    document.leaf(&["NtryRef"], notice.bank_reference)?;
    document.amount("Amt", notice.currency, notice.amount_cents)?;
    document.leaf(&["CdtDbtInd"], "CRDT")?;
    document.leaf(&["Sts", "Cd"], "BOOK")?;
    document.leaf(&["BookgDt", "Dt"], &date_text(notice.booked_at))?;
    document.leaf(&["ValDt", "Dt"], &date_text(notice.booked_at))?;
    document.leaf(&["AcctSvcrRef"], notice.bank_reference)?;
    document.branch("BkTxCd", |document| {
        document.branch("Domn", |document| {
            document.leaf(&["Cd"], "PMNT")?;
            document.branch("Fmly", |document| {
                document.leaf(&["Cd"], "RRCT")?;
                document.leaf(&["SubFmlyCd"], "DMCT")
            })
        })
    })?;
    document.branch("NtryDtls", |document| {
        document.branch("TxDtls", |document| details(document, notice))
    })
}

fn details(document: &mut Document, notice: &CreditNotice<'_>) -> io::Result<()> {
    document.branch("Refs", |document| {
        document.leaf(&["AcctSvcrRef"], notice.bank_reference)?;
        document.leaf(&["EndToEndId"], notice.end_to_end_id)?;
        document.leaf(&["TxId"], notice.transaction_id)?;
        document.leaf(&["ClrSysRef"], notice.fps_reference)
    })?;
    document.amount("Amt", notice.currency, notice.amount_cents)?;
    document.leaf(&["CdtDbtInd"], "CRDT")?;
    document.leaf(
        &["RltdPties", "Dbtr", "Pty", "Nm"],
        &masked(notice.payer_name),
    )?;
    document.branch("RmtInf", |document| {
        document.leaf(&["Ustrd"], &narrative(notice))?;
        if notice.bill_number.is_none() && notice.reference.is_none() {
            return Ok(());
        }
        document.branch("Strd", |document| {
            if let Some(number) = notice.bill_number {
                document.leaf(&["RfrdDocInf", "Nb"], number)?;
            }
            match notice.reference {
                Some(reference) => document.leaf(&["CdtrRefInf", "Ref"], reference),
                None => Ok(()),
            }
        })
    })?;
    document.leaf(&["RltdDts", "TxDtTm"], &offset_text(notice.instructed_at))
}

/// The line on the payee's statement: `FPS`, then the bill number and the reference when there are any.
fn narrative(notice: &CreditNotice<'_>) -> String {
    let mut line = String::from("FPS");
    for (word, text) in [("BILL", notice.bill_number), ("REF", notice.reference)] {
        if let Some(text) = text {
            line = format!("{line} {word} {text}");
        }
    }
    line
}
