//! Writes the clearing system's answer to a transfer for the bank's own record: pacs.002.001.10, settled.

use std::io;

use super::booking::Transaction;
use super::xml::Document;
use crate::hk_time::offset_text;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10";

/// Writes the message under its own id, naming the transfer message that it answers.
///
/// # Errors
/// Only if writing into memory fails.
pub fn write(message_id: &str, answers: &str, transaction: &Transaction) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("FIToFIPmtStsRpt", |document| {
            document.branch("GrpHdr", |document| {
                document.leaf(&["MsgId"], message_id)?;
                document.leaf(&["CreDtTm"], &offset_text(transaction.booked_at))
            })?;
            document.branch("OrgnlGrpInfAndSts", |document| {
                document.leaf(&["OrgnlMsgId"], answers)?;
                document.leaf(&["OrgnlMsgNmId"], "pacs.008.001.08")
            })?;
            document.branch("TxInfAndSts", |document| {
                document.leaf(&["OrgnlEndToEndId"], &transaction.end_to_end_id)?;
                document.leaf(&["OrgnlTxId"], &transaction.transaction_id)?;
                document.leaf(&["TxSts"], "ACSC")?;
                document.leaf(&["AccptncDtTm"], &offset_text(transaction.booked_at))?;
                document.leaf(&["AcctSvcrRef"], &transaction.bank_reference)?;
                document.leaf(&["ClrSysRef"], &transaction.fps_reference)
            })
        })
    })
}
