//! Reads a customer's payment order: pain.001.001.09 with one payment.

use thiserror::Error;

use crate::bank::leaves::{self, Leaves, Unread};
use crate::money::parse_cents;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
const PAYMENT: &str = "PmtInf/CdtTrfTxInf";

/// An order as it was written; what it says is judged later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PaymentOrder {
    pub(super) message_id: String,
    pub(super) payment_id: String,
    pub(super) end_to_end_id: String,
    /// How the debtor's account is named: `FPSID`, `EMAL`, or nothing for an account number.
    pub(super) debtor_scheme: Option<String>,
    pub(super) debtor: String,
    pub(super) debtor_bank: String,
    pub(super) creditor_bank: String,
    pub(super) creditor_account: String,
    pub(super) creditor_name: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) remittance: String,
    pub(super) execution_date: String,
}

/// Why an order is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum NoOrder {
    /// Nothing of it can be read.
    #[error(transparent)]
    Unread(#[from] Unread),
    /// It has no id that an answer could name.
    #[error("it has no message id")]
    NoId,
    /// A field is missing, not of its shape, or contradicts another.
    #[error("{field} is missing or will not do")]
    Field {
        /// The message's id, for the answer.
        message_id: String,
        /// Where.
        field: &'static str,
    },
}

/// Reads an order.
pub(super) fn read(body: &[u8]) -> Result<PaymentOrder, NoOrder> {
    let leaves = leaves::read(body, NAMESPACE, "CstmrCdtTrfInitn")?;
    let message_id = leaves.one("GrpHdr/MsgId").filter(|id| is_id(id));
    let message_id = message_id.ok_or(NoOrder::NoId)?.to_owned();
    fields(&leaves, &message_id).map_err(|field| NoOrder::Field { message_id, field })
}

fn fields(leaves: &Leaves, message_id: &str) -> Result<PaymentOrder, &'static str> {
    let need = |path: &'static str| leaves.one(path).ok_or(path);
    let payment = |name: &'static str| {
        let path = format!("{PAYMENT}/{name}");
        leaves.one(&path).map(str::to_owned).ok_or(name)
    };
    let amount_path = format!("{PAYMENT}/Amt/InstdAmt");
    let (amount, currency) = leaves.amount(&amount_path).ok_or("InstdAmt")?;
    let amount_cents = parse_cents(amount).map_err(|_bad| "InstdAmt")?;
    let sum = parse_cents(need("GrpHdr/CtrlSum")?);
    if need("GrpHdr/NbOfTxs")? != "1" || sum != Ok(amount_cents) {
        return Err("GrpHdr/CtrlSum");
    }
    if need("PmtInf/PmtMtd")? != "TRF" {
        return Err("PmtInf/PmtMtd");
    }
    let end_to_end_id = payment("PmtId/EndToEndId")?;
    if !is_id(&end_to_end_id) {
        return Err("PmtId/EndToEndId");
    }
    Ok(PaymentOrder {
        message_id: message_id.to_owned(),
        payment_id: need("PmtInf/PmtInfId")?.to_owned(),
        end_to_end_id,
        debtor_scheme: leaves
            .one("PmtInf/DbtrAcct/Id/Othr/SchmeNm/Prtry")
            .map(str::to_owned),
        debtor: need("PmtInf/DbtrAcct/Id/Othr/Id")?.to_owned(),
        debtor_bank: need("PmtInf/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId")?.to_owned(),
        creditor_bank: payment("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId")?,
        creditor_account: payment("CdtrAcct/Id/Othr/Id")?,
        creditor_name: payment("Cdtr/Nm")?,
        amount_cents,
        currency: currency.to_owned(),
        remittance: payment("RmtInf/Ustrd").unwrap_or_default(),
        execution_date: need("PmtInf/ReqdExctnDt/Dt")?.to_owned(),
    })
}

/// Whether a text can be an id in an answer and on the channel.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=35).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An order of HK$139.97, as a customer writes it.
    pub(in crate::payouts) const ORDER: &str = include_str!("../../tests/messages/pain001.xml");

    #[test]
    fn an_order_is_read_field_by_field() {
        let order = read(ORDER.as_bytes()).unwrap();
        assert_eq!(order.message_id, "RF0AB1CD2EF3GH4JK5MN-1");
        assert_eq!(order.end_to_end_id, order.message_id);
        assert_eq!(
            (order.amount_cents, order.currency.as_str()),
            (13_997, "HKD")
        );
        assert_eq!(order.debtor_scheme.as_deref(), Some("FPSID"));
        assert_eq!(
            (order.debtor.as_str(), order.debtor_bank.as_str()),
            ("999900201", "999")
        );
        assert_eq!(
            (
                order.creditor_bank.as_str(),
                order.creditor_account.as_str()
            ),
            ("998", "998000000001")
        );
        assert_eq!(order.creditor_name, "CHAN Tai Man & Co");
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_no_order() {
        let rows = [
            (
                "<MsgId>RF0AB1CD2EF3GH4JK5MN-1</MsgId>",
                "<MsgId>no id!</MsgId>",
                NoOrder::NoId,
            ),
            (
                "<NbOfTxs>1</NbOfTxs>",
                "<NbOfTxs>2</NbOfTxs>",
                field("GrpHdr/CtrlSum"),
            ),
            (
                "<CtrlSum>139.97</CtrlSum>",
                "<CtrlSum>139.98</CtrlSum>",
                field("GrpHdr/CtrlSum"),
            ),
            (">139.97</InstdAmt>", ">0.00</InstdAmt>", field("InstdAmt")),
            (
                "<PmtMtd>TRF</PmtMtd>",
                "<PmtMtd>CHK</PmtMtd>",
                field("PmtInf/PmtMtd"),
            ),
            ("<Nm>CHAN Tai Man &amp; Co</Nm>", "", field("Cdtr/Nm")),
        ];
        for (from, to, expected) in rows {
            assert!(ORDER.contains(from), "{from}");
            assert_eq!(
                read(ORDER.replace(from, to).as_bytes()),
                Err(expected),
                "{to}"
            );
        }
    }

    fn field(field: &'static str) -> NoOrder {
        let message_id = "RF0AB1CD2EF3GH4JK5MN-1".to_owned();
        NoOrder::Field { message_id, field }
    }
}
