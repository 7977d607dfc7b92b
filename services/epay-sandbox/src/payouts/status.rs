//! Writes what became of an order: pain.002.001.10.

use std::io;

use jiff::Timestamp;

use crate::bank::xml::Document;
use crate::hk_time::offset_text;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10";

/// What is said of an order.
#[derive(Debug, Clone)]
pub(super) struct Status<'a> {
    pub(super) message_id: &'a str,
    pub(super) order_id: &'a str,
    pub(super) end_to_end_id: &'a str,
    /// `ACSP`, `ACSC` or `RJCT`.
    pub(super) status: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) bank_reference: Option<&'a str>,
    pub(super) amount: (&'a str, i64),
    pub(super) at: Timestamp,
}

/// Writes the report about one payment.
pub(super) fn write(status: &Status<'_>) -> io::Result<String> {
    report(status.message_id, status.order_id, status.at, |document| {
        document.branch("OrgnlPmtInfAndSts", |document| {
            document.leaf(&["OrgnlPmtInfId"], status.order_id)?;
            document.branch("TxInfAndSts", |document| {
                document.leaf(&["OrgnlEndToEndId"], status.end_to_end_id)?;
                document.leaf(&["TxSts"], status.status)?;
                if let Some(reason) = status.reason {
                    document.leaf(&["StsRsnInf", "Rsn", "Cd"], reason)?;
                }
                if let Some(reference) = status.bank_reference {
                    document.leaf(&["AcctSvcrRef"], reference)?;
                }
                document.branch("OrgnlTxRef", |document| {
                    document.branch("Amt", |document| {
                        document.amount("InstdAmt", status.amount.0, status.amount.1)
                    })
                })
            })
        })
    })
}

/// Writes that a whole message is refused, because it is not of its format.
pub(super) fn refuse_whole(message_id: &str, order_id: &str, at: Timestamp) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("CstmrPmtStsRpt", |document| {
            header(document, message_id, at)?;
            document.branch("OrgnlGrpInfAndSts", |document| {
                document.leaf(&["OrgnlMsgId"], order_id)?;
                document.leaf(&["OrgnlMsgNmId"], "pain.001.001.09")?;
                document.leaf(&["GrpSts"], "RJCT")?;
                document.leaf(&["StsRsnInf", "Rsn", "Cd"], "FF01")
            })
        })
    })
}

fn report(
    message_id: &str,
    order_id: &str,
    at: Timestamp,
    fill: impl FnOnce(&mut Document) -> io::Result<()>,
) -> io::Result<String> {
    Document::write(NAMESPACE, |document| {
        document.branch("CstmrPmtStsRpt", |document| {
            header(document, message_id, at)?;
            document.branch("OrgnlGrpInfAndSts", |document| {
                document.leaf(&["OrgnlMsgId"], order_id)?;
                document.leaf(&["OrgnlMsgNmId"], "pain.001.001.09")
            })?;
            fill(document)
        })
    })
}

fn header(document: &mut Document, message_id: &str, at: Timestamp) -> io::Result<()> {
    document.branch("GrpHdr", |document| {
        document.leaf(&["MsgId"], message_id)?;
        document.leaf(&["CreDtTm"], &offset_text(at))
    })
}
