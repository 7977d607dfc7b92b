//! Reads what a bank says of payment orders that it was sent (`pain.002`, any version `001.xx`).
//!
//! A report speaks of a message, of its groups of payments, and of single transactions; each may have a status. One
//! [`OrderStatus`] comes out for each transaction that is named, and one for the whole message when none is. A status
//! that stands above a transaction holds for it when it has none of its own.

use epay_money::{Currency, Money};
use jiff::Timestamp;

use crate::limits::ENTRIES_MAX;
use crate::xml::{Step, Walk};
use crate::{Unreadable, UnreadableKind, dates};

const NAMESPACE_PREFIX: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.";
const MESSAGE: &str = "/Document/CstmrPmtStsRpt";
const GROUP: &str = "/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts";
const TRANSACTION: &str = "/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts";

/// What a bank says of one payment order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderStatus {
    /// The id of the message that carried the order (`OrgnlMsgId`).
    pub message_id: String,
    /// The order's end-to-end identification; nothing when the whole message is spoken of.
    pub end_to_end_id: Option<String>,
    /// The status code (`ACSC`, `RJCT` …), of the transaction, its group or the message.
    pub status: Option<String>,
    /// The reason's code.
    pub reason: Option<String>,
    /// The bank's own reference of the payment.
    pub bank_reference: Option<String>,
    /// The order's amount, where the bank repeats it.
    pub amount: Option<Money>,
}

/// What a report said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusReport {
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// One for each order.
    pub orders: Vec<OrderStatus>,
}

/// Reads a report.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub fn read_status_report(body: &[u8]) -> Result<StatusReport, Unreadable> {
    let mut walk = Walk::new(body, NAMESPACE_PREFIX)?;
    let mut reading = Reading::default();
    while let Some(step) = walk.step()? {
        match step {
            Step::Open => reading.open(&walk)?,
            Step::Leaf => {
                reading.leaf(walk.path(), walk.text(), walk.currency());
                reading.close(walk.path());
            }
            Step::Close => reading.close(walk.path()),
        }
    }
    if !walk.has_document() || !reading.is_message {
        return Err(Unreadable {
            kind: UnreadableKind::WrongMessage,
            path: "/".to_owned(),
            message: "it is not a pain.002 report".to_owned(),
        });
    }
    Ok(reading.finish())
}

/// A status with its reason.
#[derive(Debug, Clone, Default)]
struct Said {
    status: Option<String>,
    reason: Option<String>,
}

#[derive(Debug, Default)]
struct Reading {
    is_message: bool,
    created_at: Option<Timestamp>,
    message_id: String,
    message: Said,
    group: Said,
    transaction: Option<OrderStatus>,
    orders: Vec<OrderStatus>,
}

impl Reading {
    fn open(&mut self, walk: &Walk<'_>) -> Result<(), Unreadable> {
        match walk.path() {
            MESSAGE => self.is_message = true,
            GROUP => self.group = Said::default(),
            TRANSACTION => self.transaction = Some(OrderStatus::default()),
            _ => {}
        }
        if self.orders.len() >= ENTRIES_MAX {
            return Err(walk.fault(
                UnreadableKind::TooManyEntries,
                &format!("more than {ENTRIES_MAX} transactions"),
            ));
        }
        Ok(())
    }

    fn leaf(&mut self, path: &str, text: &str, currency: Option<&str>) {
        let Some(place) = path.strip_prefix(MESSAGE) else {
            return;
        };
        let written = || (!text.is_empty()).then(|| text.to_owned());
        match (place, &mut self.transaction) {
            ("/GrpHdr/CreDtTm", _) => self.created_at = dates::moment(text),
            ("/OrgnlGrpInfAndSts/OrgnlMsgId", _) => text.clone_into(&mut self.message_id),
            ("/OrgnlGrpInfAndSts/GrpSts", _) => self.message.status = written(),
            ("/OrgnlGrpInfAndSts/StsRsnInf/Rsn/Cd", _) => self.message.reason = written(),
            ("/OrgnlPmtInfAndSts/PmtInfSts", _) => self.group.status = written(),
            ("/OrgnlPmtInfAndSts/StsRsnInf/Rsn/Cd", _) => self.group.reason = written(),
            (_, Some(transaction)) => {
                let field = path.strip_prefix(TRANSACTION).unwrap_or_default();
                match field {
                    "/OrgnlEndToEndId" => transaction.end_to_end_id = written(),
                    "/TxSts" => transaction.status = written(),
                    "/StsRsnInf/Rsn/Cd" | "/StsRsnInf/Rsn/Prtry" => {
                        transaction.reason = written();
                    }
                    "/AcctSvcrRef" => transaction.bank_reference = written(),
                    "/OrgnlTxRef/Amt/InstdAmt" => {
                        let currency: Option<Currency> =
                            currency.and_then(|code| code.parse().ok());
                        transaction.amount =
                            currency.and_then(|currency| Money::parse(text, currency).ok());
                    }
                    _ => {}
                }
            }
            (_, None) => {}
        }
    }

    fn close(&mut self, path: &str) {
        if path != TRANSACTION {
            return;
        }
        if let Some(mut order) = self.transaction.take() {
            order.message_id.clone_from(&self.message_id);
            if order.status.is_none() {
                let above = [&self.group, &self.message];
                let said = above.into_iter().find(|said| said.status.is_some());
                if let Some(said) = said {
                    order.status.clone_from(&said.status);
                    order.reason = order.reason.or_else(|| said.reason.clone());
                }
            }
            self.orders.push(order);
        }
    }

    fn finish(mut self) -> StatusReport {
        if self.orders.is_empty() {
            let said = if self.group.status.is_some() {
                self.group
            } else {
                self.message
            };
            self.orders.push(OrderStatus {
                message_id: self.message_id,
                status: said.status,
                reason: said.reason,
                ..OrderStatus::default()
            });
        }
        StatusReport {
            created_at: self.created_at,
            orders: self.orders,
        }
    }
}
