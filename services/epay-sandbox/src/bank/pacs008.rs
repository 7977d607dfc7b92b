//! Writes the interbank credit transfer for the bank's own record: pacs.008.001.08, one transfer a message.

use std::io;

use super::booking::Transaction;
use super::ids::BANK_CODE;
use super::xml::Document;
use crate::hk_time::{date_text, offset_text};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08";

/// The parties that a transfer message names beside the transaction.
#[derive(Debug, Clone, Copy)]
pub struct Parties<'a> {
    /// Clearing code of the payer's bank.
    pub payer_bank_code: &'a str,
    /// The payee's registered name.
    pub payee_name: &'a str,
}

/// Writes the message under the given message id.
///
/// # Errors
/// Only if writing into memory fails.
pub fn write(
    message_id: &str,
    transaction: &Transaction,
    parties: Parties<'_>,
) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("FIToFICstmrCdtTrf", |document| {
            document.branch("GrpHdr", |document| {
                document.leaf(&["MsgId"], message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(transaction.instructed_at))?;
                document.leaf(&["NbOfTxs"], "1")?;
                document.branch("SttlmInf", |document| {
                    document.leaf(&["SttlmMtd"], "CLRG")?;
                    document.leaf(&["ClrSys", "Prtry"], "FPS")
                })
            })?;
            document.branch("CdtTrfTxInf", |document| {
                transfer(document, transaction, parties)
            })
        })
    })
}

fn transfer(
    document: &mut Document,
    transaction: &Transaction,
    parties: Parties<'_>,
) -> io::Result<()> {
    document.branch("PmtId", |document| {
        document.leaf(&["EndToEndId"], &transaction.end_to_end_id)?;
        document.leaf(&["TxId"], &transaction.transaction_id)?;
        document.leaf(&["ClrSysRef"], &transaction.fps_reference)
    })?;
    document.leaf(&["PmtTpInf", "CtgyPurp", "Prtry"], "CXMRCH")?;
    document.amount(
        "IntrBkSttlmAmt",
        &transaction.currency,
        transaction.amount_cents,
    )?;
    document.leaf(&["IntrBkSttlmDt"], &date_text(transaction.booked_at))?;
    document.leaf(&["ChrgBr"], "SLEV")?;
    document.leaf(&["Dbtr", "Nm"], &transaction.payer_name)?;
    document.leaf(
        &["DbtrAcct", "Id", "Othr", "Id"],
        &transaction.payer_account,
    )?;
    document.leaf(
        &["DbtrAgt", "FinInstnId", "ClrSysMmbId", "MmbId"],
        parties.payer_bank_code,
    )?;
    document.leaf(
        &["CdtrAgt", "FinInstnId", "ClrSysMmbId", "MmbId"],
        BANK_CODE,
    )?;
    document.leaf(&["Cdtr", "Nm"], parties.payee_name)?;
    document.leaf(
        &["CdtrAcct", "Id", "Othr", "Id"],
        &transaction.payee_account,
    )?;
    let remittance: Vec<&str> = [&transaction.bill_number, &transaction.reference]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if remittance.is_empty() {
        Ok(())
    } else {
        document.leaf(&["RmtInf", "Ustrd"], &remittance.join(" "))
    }
}
