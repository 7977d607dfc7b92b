//! What can be asked of the engine, and the digest that tells a repeat from another request.

use core::fmt;

use epay_domain::bill::{BillPart, Instalment, Licence, RevenueLine, Revision, SealedFactor};
use epay_money::{BillId, BillTypeCode, BillerId, Money, PaymentId, RailId};
use epay_store::IdempotencyKey;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Issue a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueBill {
    /// The department.
    pub biller: BillerId,
    /// The kind of bill.
    pub bill_type: BillTypeCode,
    /// The number as the department wrote it.
    pub number: String,
    /// What is demanded.
    pub amount: Money,
    /// Last day for payment.
    pub due_date: Date,
    /// The period or matter.
    pub description: String,
    /// What the amount is made of; empty for the kind's default line.
    pub lines: Vec<RevenueLine>,
    /// What it demands for, where it is a consolidated bill; empty where it is for one thing.
    pub parts: Vec<BillPart>,
    /// By what instalments it may be paid; empty where it is paid at once.
    pub instalments: Vec<Instalment>,
    /// What a payer must know beside the number ([`crate::Engine::seal_factor`]).
    pub second_factor: Option<SealedFactor>,
    /// The vehicle licence that it renews.
    pub licence: Option<Licence>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Replace what a bill says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviseBill {
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// Its kind, which stays.
    pub bill_type: BillTypeCode,
    /// Its number as the department writes it, which stays.
    pub number: String,
    /// What it says from now on.
    pub revision: Revision,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Withdraw a bill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawBill {
    /// The department.
    pub biller: BillerId,
    /// The bill.
    pub bill: BillId,
    /// Why.
    pub reason: String,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Start a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatePayment {
    /// The department.
    pub biller: BillerId,
    /// The bills, all of one kind, in the order in which money is applied to them.
    pub bills: Vec<BillId>,
    /// The method that the payer chose; the rail's first when unset.
    pub method: Option<String>,
    /// The rail; chosen when unset.
    pub rail: Option<RailId>,
    /// What to pay; all that is outstanding when unset.
    pub amount: Option<Money>,
    /// Where the payer's browser comes back to from a rail's own page.
    pub return_url: Option<String>,
    /// What is authorised waits for [`CapturePayment`] instead of being captured at once.
    pub capture_by_hand: bool,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// Send on what the payer handed over.
#[derive(Clone, PartialEq, Eq)]
pub struct SubmitInstrument {
    /// The department.
    pub biller: BillerId,
    /// The payment, which waits for it.
    pub payment: PaymentId,
    /// What it is, in the words of the payment's presentation.
    pub kind: String,
    /// Its bytes, untouched. They may be secret.
    pub bytes: Vec<u8>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

impl fmt::Debug for SubmitInstrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitInstrument")
            .field("payment", &self.payment)
            .field("kind", &self.kind)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Take what was authorised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturePayment {
    /// The department.
    pub biller: BillerId,
    /// The payment.
    pub payment: PaymentId,
    /// How much; all of it when unset.
    pub amount: Option<Money>,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// What two people found out about an unclear payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvePayment {
    /// The department.
    pub biller: BillerId,
    /// The payment.
    pub payment: PaymentId,
    /// What they found.
    pub found: Found,
    /// The proposal that was agreed to: it stands for the message that reported the money.
    pub proposal: Uuid,
}

/// What became of the money of an unclear payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It came.
    Came {
        /// The rail.
        rail: RailId,
        /// The payee's account on the rail.
        rail_account: String,
        /// The rail's own reference of the movement: the same movement told by the rail later is no second one.
        rail_reference: String,
        /// How much came.
        amount: Money,
        /// The day from which the bank counts it.
        value_date: Date,
    },
    /// It did not come, and will not.
    DidNotCome {
        /// What they went by, in a few words.
        evidence: String,
    },
}

/// Give a payment up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelPayment {
    /// The department.
    pub biller: BillerId,
    /// The payment.
    pub payment: PaymentId,
    /// The key that the caller chose.
    pub idempotency_key: String,
    /// Who asks.
    pub caller: String,
}

/// A message of a rail whose signature has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The rail.
    pub rail: RailId,
    /// The channel key that signed it.
    pub channel_key: String,
    /// The sender's id of it.
    pub message_id: String,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
    /// The bytes.
    pub body: Vec<u8>,
}

/// A key with the digest of what was asked under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keyed {
    pub(crate) key: IdempotencyKey,
    pub(crate) digest: Vec<u8>,
}

/// The fields of a request, hashed with their lengths, so that no two requests run into each other.
fn digest(fields: &[&str]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update(field.len().to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().to_vec()
}

pub(crate) fn keyed(
    biller: &BillerId,
    caller: &str,
    kind: &str,
    key: &str,
    fields: &[&str],
) -> Keyed {
    Keyed {
        key: IdempotencyKey {
            biller: biller.clone(),
            scope: format!("{kind}:{caller}"),
            key: key.to_owned(),
        },
        digest: digest(fields),
    }
}

/// Revenue lines as one field of a digest.
fn lines_field(lines: &[RevenueLine]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{}={}", line.code, line.minor))
        .collect();
    lines.join(",")
}

/// Fields that not every bill has, each under its name. A bill without them has the digest that it always had.
fn more_fields(
    parts: &[BillPart],
    instalments: &[Instalment],
    factor: Option<SealedFactor>,
    licence: Option<&Licence>,
) -> Vec<String> {
    let mut fields = vec![];
    for part in parts {
        let share = format!("part:{}={}", part.line, part.minor);
        fields.extend([share, part.reference.clone(), part.label.clone()]);
    }
    if !instalments.is_empty() {
        let parts: Vec<String> = instalments
            .iter()
            .map(|one| format!("{}={}", one.due_date, one.minor))
            .collect();
        fields.push(format!("instalments:{}", parts.join(",")));
    }
    if let Some(SealedFactor(bytes)) = factor {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        fields.push(format!("second factor:{digits}"));
    }
    if let Some(Licence { mark, expires_on }) = licence {
        fields.push(format!("licence:{}={expires_on}", mark.as_str()));
    }
    fields
}

impl ReviseBill {
    pub(crate) fn keyed(&self) -> Keyed {
        let revision = &self.revision;
        let more = more_fields(
            &revision.parts,
            &revision.instalments,
            revision.second_factor,
            revision.licence.as_ref(),
        );
        let (bill, lines) = (self.bill.to_string(), lines_field(&revision.lines));
        let (number, amount, due_date) = (
            revision.revision.to_string(),
            revision.amount.to_string(),
            revision.due_date.to_string(),
        );
        let fields = [
            bill.as_str(),
            self.bill_type.as_str(),
            &self.number,
            &number,
            &amount,
            &due_date,
            &revision.description,
            &lines,
        ];
        let fields: Vec<&str> = fields
            .into_iter()
            .chain(more.iter().map(String::as_str))
            .collect();
        keyed(
            &self.biller,
            &self.caller,
            "revise",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl IssueBill {
    pub(crate) fn keyed(&self) -> Keyed {
        let more = more_fields(
            &self.parts,
            &self.instalments,
            self.second_factor,
            self.licence.as_ref(),
        );
        let (amount, due_date) = (self.amount.to_string(), self.due_date.to_string());
        let lines = lines_field(&self.lines);
        let fields = [
            self.bill_type.as_str(),
            &self.number,
            &amount,
            &due_date,
            &self.description,
            &lines,
        ];
        let fields: Vec<&str> = fields
            .into_iter()
            .chain(more.iter().map(String::as_str))
            .collect();
        keyed(
            &self.biller,
            &self.caller,
            "issue",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl WithdrawBill {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [&self.bill.to_string(), self.reason.as_str()];
        keyed(
            &self.biller,
            &self.caller,
            "withdraw",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl CreatePayment {
    pub(crate) fn keyed(&self) -> Keyed {
        let amount = self
            .amount
            .map_or_else(String::new, |amount| amount.to_string());
        let bills: Vec<String> = self.bills.iter().map(ToString::to_string).collect();
        let bills = bills.join(",");
        let fields = [
            bills.as_str(),
            self.rail.as_ref().map_or("", RailId::as_str),
            amount.as_str(),
            self.method.as_deref().unwrap_or_default(),
            self.return_url.as_deref().unwrap_or_default(),
            if self.capture_by_hand { "by hand" } else { "" },
        ];
        keyed(
            &self.biller,
            &self.caller,
            "pay",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl SubmitInstrument {
    pub(crate) fn keyed(&self) -> Keyed {
        let bytes: String = Sha256::digest(&self.bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let fields = [&self.payment.to_string(), self.kind.as_str(), &bytes];
        keyed(
            &self.biller,
            &self.caller,
            "submit",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl CapturePayment {
    pub(crate) fn keyed(&self) -> Keyed {
        let amount = self
            .amount
            .map_or_else(String::new, |amount| amount.to_string());
        let fields = [&self.payment.to_string(), amount.as_str()];
        keyed(
            &self.biller,
            &self.caller,
            "capture",
            &self.idempotency_key,
            &fields,
        )
    }
}

impl CancelPayment {
    pub(crate) fn keyed(&self) -> Keyed {
        let fields = [self.payment.to_string()];
        keyed(
            &self.biller,
            &self.caller,
            "cancel",
            &self.idempotency_key,
            &fields.each_ref().map(String::as_str),
        )
    }
}
