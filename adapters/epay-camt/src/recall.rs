//! Reads requests to have payments back (`camt.056`, any version `001.xx`): one for each transaction that is named.
//!
//! A transaction that breaks a rule is set apart alone. The bank's own reference of the credit stands in `OrgnlInstrId`, by
//! agreement with the bank (`docs/recalls.md`).

use core::fmt;

use epay_money::{Currency, Money};

use crate::fault::Wrong;
use crate::limits::ENTRIES_MAX;
use crate::xml::{Step, Walk};
use crate::{BadEntry, Remittance, Unreadable, UnreadableKind};

const NAMESPACE_PREFIX: &str = "urn:iso:std:iso:20022:tech:xsd:camt.056.001.";
const MESSAGE: &str = "/Document/FIToFIPmtCxlReq";
const TRANSACTION: &str = "/Document/FIToFIPmtCxlReq/Undrlyg/TxInf";
/// `Max35Text`, which ids, codes and account numbers fit.
const SHORT_CHARS_MAX: usize = 35;
/// `Max140Text`.
const LONG_CHARS_MAX: usize = 140;

/// A request to have one payment back.
#[derive(Clone, PartialEq, Eq)]
pub struct RecallRequest {
    /// The sender's name for the request: `CxlId`, else the case's.
    pub case_id: String,
    /// The account that was credited.
    pub account: Option<String>,
    /// The bank's own reference of the credit.
    pub bank_reference: Option<String>,
    /// The payment's end-to-end identification.
    pub end_to_end_id: Option<String>,
    /// How much was paid; always positive.
    pub amount: Money,
    /// The reason's code.
    pub reason: Option<String>,
    /// What the payment said it was for.
    pub remittance: Remittance,
    /// The payer, as the bank named or masked it. Personal data: hidden from `Debug`.
    pub debtor: Option<String>,
}

/// Everything but the payer, of whom only the presence is shown, and free texts, which may name people.
impl fmt::Debug for RecallRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecallRequest")
            .field("case_id", &self.case_id)
            .field("account", &self.account)
            .field("bank_reference", &self.bank_reference)
            .field("end_to_end_id", &self.end_to_end_id)
            .field("amount", &self.amount)
            .field("reason", &self.reason)
            .field("debtor", &self.debtor.as_ref().map(|_hidden| "hidden"))
            .finish_non_exhaustive()
    }
}

/// What a message asked for. Requests and bad entries are each in the message's own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecallRequests {
    /// What is wanted back.
    pub requests: Vec<RecallRequest>,
    /// Transactions that cannot be read; their neighbours are unharmed.
    pub bad_entries: Vec<BadEntry>,
}

/// Reads a message.
///
/// # Errors
/// [`Unreadable`] when nothing of it can be believed.
pub fn read_recall(body: &[u8]) -> Result<RecallRequests, Unreadable> {
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
            message: "it is not a camt.056 request".to_owned(),
        });
    }
    Ok(reading.asked)
}

/// A transaction as it was written.
#[derive(Debug, Default)]
struct Raw {
    case_id: Option<String>,
    account: Option<String>,
    bank_reference: Option<String>,
    end_to_end_id: Option<String>,
    amount: Option<(String, Option<String>)>,
    reason: Option<String>,
    remittance: Remittance,
    debtor: Option<String>,
    /// A field that occurred twice or is too long.
    wrong: Option<Wrong>,
}

#[derive(Debug, Default)]
struct Reading {
    is_message: bool,
    /// The case of the whole message.
    case_id: Option<String>,
    transactions: usize,
    transaction: Option<Raw>,
    asked: RecallRequests,
}

impl Reading {
    fn open(&mut self, walk: &Walk<'_>) -> Result<(), Unreadable> {
        match walk.path() {
            MESSAGE => self.is_message = true,
            TRANSACTION => {
                self.transactions = self.transactions.saturating_add(1);
                self.transaction = Some(Raw::default());
            }
            _ => {}
        }
        if self.transactions > ENTRIES_MAX {
            return Err(walk.fault(
                UnreadableKind::TooManyEntries,
                &format!("more than {ENTRIES_MAX} transactions"),
            ));
        }
        Ok(())
    }

    fn leaf(&mut self, path: &str, text: &str, currency: Option<&str>) {
        if text.is_empty() {
            return;
        }
        match &mut self.transaction {
            Some(raw) => {
                let field = path.strip_prefix(TRANSACTION).unwrap_or_default();
                if let Err(wrong) = raw.take(field, text, currency) {
                    raw.wrong.get_or_insert(wrong);
                }
            }
            None if path.strip_prefix(MESSAGE) == Some("/Case/Id") => {
                self.case_id = Some(text.to_owned());
            }
            None => {}
        }
    }

    fn close(&mut self, path: &str) {
        if path != TRANSACTION {
            return;
        }
        let Some(raw) = self.transaction.take() else {
            return;
        };
        match raw.judged(self.case_id.as_deref()) {
            Ok(request) => self.asked.requests.push(request),
            Err(wrong) => self.asked.bad_entries.push(BadEntry {
                index: self.transactions.saturating_sub(1),
                path: format!("{TRANSACTION}[{}]", self.transactions),
                code: wrong.code(),
                message: wrong.to_string(),
            }),
        }
    }
}

impl Raw {
    fn take(&mut self, field: &str, text: &str, currency: Option<&str>) -> Result<(), Wrong> {
        match field {
            "/CxlId" => self.case_id = Some(short(text)?),
            "/Case/Id" => {
                let id = short(text)?;
                self.case_id.get_or_insert(id);
            }
            "/OrgnlInstrId" => self.bank_reference = Some(short(text)?),
            "/OrgnlEndToEndId" => self.end_to_end_id = Some(short(text)?),
            "/OrgnlIntrBkSttlmAmt" => {
                self.amount = Some((short(text)?, currency.map(str::to_owned)));
            }
            "/CxlRsnInf/Rsn/Cd" | "/CxlRsnInf/Rsn/Prtry" => self.reason = Some(short(text)?),
            "/OrgnlTxRef/CdtrAcct/Id/Othr/Id" | "/OrgnlTxRef/CdtrAcct/Id/IBAN" => {
                self.account = Some(short(text)?);
            }
            "/OrgnlTxRef/Dbtr/Pty/Nm" => self.debtor = Some(long(text)?),
            "/OrgnlTxRef/RmtInf/Ustrd" => self.remittance.unstructured.push(long(text)?),
            "/OrgnlTxRef/RmtInf/Strd/CdtrRefInf/Ref" => {
                self.remittance.creditor_references.push(short(text)?);
            }
            _ => {}
        }
        Ok(())
    }

    fn judged(self, case_of_message: Option<&str>) -> Result<RecallRequest, Wrong> {
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        let of_message = || case_of_message.and_then(|id| short(id).ok());
        let case_id = self.case_id.or_else(of_message).ok_or(Wrong::Missing)?;
        let (number, currency) = self.amount.ok_or(Wrong::Missing)?;
        let currency: Currency = currency
            .and_then(|code| code.parse().ok())
            .ok_or(Wrong::Currency)?;
        let amount = Money::parse(&number, currency).map_err(Wrong::Amount)?;
        if !amount.is_positive() {
            return Err(Wrong::NotPositive);
        }
        Ok(RecallRequest {
            case_id,
            account: self.account,
            bank_reference: self.bank_reference,
            end_to_end_id: self.end_to_end_id,
            amount,
            reason: self.reason,
            remittance: self.remittance,
            debtor: self.debtor,
        })
    }
}

fn short(text: &str) -> Result<String, Wrong> {
    bounded(text, SHORT_CHARS_MAX)
}

fn long(text: &str) -> Result<String, Wrong> {
    bounded(text, LONG_CHARS_MAX)
}

fn bounded(text: &str, chars_max: usize) -> Result<String, Wrong> {
    if text.chars().count() > chars_max {
        Err(Wrong::TooLong(chars_max))
    } else {
        Ok(text.to_owned())
    }
}
