//! Payments and the credits that arrived for them.

use epay_money::{BillerId, Money, PaymentId};
use epay_proto::v1;
use jiff::Timestamp;
use jiff::civil::Date;

use super::bill::biller_of;
use super::{Unreadable, amount, amount_or_zero, date, time};

/// Where the money is, in as many words as pages need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentState {
    /// The payer must act.
    AwaitingPayer,
    /// An order is under way, or the rail took responsibility and is not finished.
    Sending,
    /// Money may have moved.
    Unclear,
    /// Being made unpayable.
    Closing,
    Settled,
    Failed,
    Expired,
    Cancelled,
}

/// A code to show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Code {
    pub(crate) payload: String,
    pub(crate) payee_name: Option<v1::LocalizedText>,
    pub(crate) amount_editable: bool,
    /// Opens the payer's app on the same phone.
    pub(crate) app_link: Option<String>,
}

/// What the payer must do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Next {
    /// Scan a code.
    Scan(Code),
    /// Go to a page of the rail.
    Redirect { url: String },
    /// Post a form to a page of the rail.
    Form {
        action: String,
        fields: Vec<(String, String)>,
    },
    /// Type this elsewhere: stable words for the labels, and the values.
    Instructions { fields: Vec<(String, String)> },
    /// Hand something over.
    Hand(Handover),
}

/// Something that the payer hands over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handover {
    /// A stable word: `echeque`, `apple_pay`, `google_pay`.
    pub(crate) what: String,
    pub(crate) media_type: String,
    pub(crate) bytes_max: usize,
    pub(crate) request_json: String,
}

/// Why no money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The payer's bank said no.
    Declined,
    /// A cheque was returned.
    Dishonoured,
    /// Anything else; certainly no money was taken.
    Other,
}

/// A credit that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credit {
    /// Resource name of the bill that it went to; empty where none was found.
    pub(crate) bill: String,
    pub(crate) rail_reference: String,
    pub(crate) amount: Money,
    pub(crate) applied: Money,
    pub(crate) overpaid: Money,
    pub(crate) duplicate: Money,
    pub(crate) unapplied: Money,
    pub(crate) instructed_at: Timestamp,
    pub(crate) business_date: Date,
    pub(crate) on_time: bool,
}

/// A bill that a payment pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PaidBill {
    /// Resource name.
    pub(crate) name: String,
    /// Masked.
    pub(crate) number: String,
    /// How much of the payment is meant for it.
    pub(crate) amount: Money,
}

impl PaidBill {
    fn read(bill: v1::PaidBill) -> Result<Self, Unreadable> {
        Ok(Self {
            amount: amount("payment.bills.amount", bill.amount)?,
            name: bill.bill,
            number: bill.number,
        })
    }
}

/// One attempt to pay a bill.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Payment {
    pub(crate) biller: BillerId,
    pub(crate) id: PaymentId,
    /// The bills that it pays, in order: at least one.
    pub(crate) bills: Vec<PaidBill>,
    /// The reference that the payer keeps.
    pub(crate) reference: String,
    /// The way that the payer chose; the rail's id where the gateway does not say.
    pub(crate) method: String,
    pub(crate) amount: Money,
    pub(crate) state: PaymentState,
    /// What arrived is a promise that the bank has not honoured yet.
    pub(crate) conditional: bool,
    pub(crate) failure: Option<FailureKind>,
    /// When the bill is due, where the gateway says so.
    pub(crate) due_date: Option<Date>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) next: Option<Next>,
    pub(crate) credits: Vec<Credit>,
    pub(crate) version: i64,
    pub(crate) is_final: bool,
    pub(crate) kind: String,
    /// Masked.
    pub(crate) bill_number: String,
}

impl Payment {
    pub(crate) fn read(payment: v1::Payment) -> Result<Self, Unreadable> {
        let field = "payment.name";
        let id = payment
            .name
            .rsplit_once("/payments/")
            .and_then(|(_, id)| id.parse().ok())
            .ok_or(Unreadable { field })?;
        let state = state(payment.state())?;
        let asked = amount("payment.amount", payment.amount)?;
        let mut credits: Vec<Credit> = payment
            .receipts
            .into_iter()
            .map(credit)
            .collect::<Result<_, _>>()?;
        // In the order in which they were paid; of two at the same time, the one that paid the bill.
        credits.sort_by_key(|credit| (credit.instructed_at, !credit.applied.is_positive()));
        let next = payment.next_action.and_then(|next| next.action);
        let due_date = payment.bills.first().and_then(|bill| bill.due_date.clone());
        let mut bills: Vec<PaidBill> = payment
            .bills
            .into_iter()
            .map(PaidBill::read)
            .collect::<Result<_, _>>()?;
        if bills.is_empty() {
            bills.push(PaidBill {
                name: payment.bill,
                number: payment.bill_number.clone(),
                amount: asked,
            });
        }
        Ok(Self {
            biller: biller_of(field, &payment.name)?,
            id,
            bills,
            reference: payment.reference,
            method: if payment.method.is_empty() {
                payment.rail
            } else {
                payment.method
            },
            amount: asked,
            state,
            conditional: payment.conditional,
            failure: payment.failure.map(|failure| failure_kind(&failure.kind)),
            due_date: due_date
                .map(|due| date("payment.bills.due_date", Some(due)))
                .transpose()?,
            created_at: moment("payment.create_time", payment.create_time)?,
            expires_at: moment("payment.expire_time", payment.expire_time)?,
            next: next.map(step).transpose()?,
            credits,
            version: payment.version,
            is_final: payment.r#final,
            kind: payment.bill_type,
            bill_number: payment.bill_number,
        })
    }
}

impl Payment {
    /// Resource names of its bills.
    pub(crate) fn bill_names(&self) -> Vec<String> {
        self.bills.iter().map(|bill| bill.name.clone()).collect()
    }

    /// The code, where that is what the payer is shown.
    pub(crate) const fn code(&self) -> Option<&Code> {
        match &self.next {
            Some(Next::Scan(code)) => Some(code),
            _ => None,
        }
    }
}

fn moment(
    field: &'static str,
    at: Option<epay_proto::pbjson_types::Timestamp>,
) -> Result<Option<Timestamp>, Unreadable> {
    at.map(|at| time(field, Some(&at))).transpose()
}

fn state(state: v1::PaymentState) -> Result<PaymentState, Unreadable> {
    match state {
        v1::PaymentState::AwaitingPayer => Ok(PaymentState::AwaitingPayer),
        v1::PaymentState::Created | v1::PaymentState::Submitting | v1::PaymentState::Accepted => {
            Ok(PaymentState::Sending)
        }
        v1::PaymentState::Unclear => Ok(PaymentState::Unclear),
        v1::PaymentState::Closing => Ok(PaymentState::Closing),
        v1::PaymentState::Settled => Ok(PaymentState::Settled),
        v1::PaymentState::Failed => Ok(PaymentState::Failed),
        v1::PaymentState::Expired => Ok(PaymentState::Expired),
        v1::PaymentState::Cancelled => Ok(PaymentState::Cancelled),
        v1::PaymentState::Unspecified => Err(Unreadable {
            field: "payment.state",
        }),
    }
}

fn failure_kind(word: &str) -> FailureKind {
    match word {
        "declined" => FailureKind::Declined,
        "dishonoured" => FailureKind::Dishonoured,
        _ => FailureKind::Other,
    }
}

/// What the payer must do. An address that a browser must not be sent to makes the answer unreadable: better no page
/// than a page that runs somebody's script.
fn step(action: v1::next_action::Action) -> Result<Next, Unreadable> {
    use v1::next_action::Action;
    Ok(match action {
        Action::ShowQr(qr) => Next::Scan(Code {
            payload: qr.payload,
            payee_name: qr.payee_name,
            amount_editable: qr.amount_editable,
            app_link: Some(qr.app_link).filter(|link| is_app_link(link)),
        }),
        Action::Redirect(redirect) => Next::Redirect {
            url: web_address("payment.next_action.redirect.url", redirect.url)?,
        },
        Action::PostForm(form) => Next::Form {
            action: web_address("payment.next_action.post_form.action", form.action)?,
            fields: pairs(form.fields),
        },
        Action::Instructions(instructions) => Next::Instructions {
            fields: pairs(instructions.fields),
        },
        Action::Handover(handover) => Next::Hand(Handover {
            what: handover.what,
            media_type: handover.media_type,
            bytes_max: usize::try_from(handover.bytes_max).unwrap_or(usize::MAX),
            request_json: handover.request_json,
        }),
    })
}

fn pairs(fields: Vec<v1::NamedValue>) -> Vec<(String, String)> {
    fields
        .into_iter()
        .map(|field| (field.name, field.value))
        .collect()
}

/// An address of the web, in visible ASCII.
fn web_address(field: &'static str, address: String) -> Result<String, Unreadable> {
    let web = address.starts_with("https://") || address.starts_with("http://");
    if web && address.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(address)
    } else {
        Err(Unreadable { field })
    }
}

/// A link to an app or a page: any scheme but those that run or read something in the page itself.
fn is_app_link(link: &str) -> bool {
    const NEVER: [&str; 5] = ["javascript", "data", "vbscript", "blob", "file"];
    let Some((scheme, rest)) = link.split_once(':') else {
        return false;
    };
    let word = scheme
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    word && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && !NEVER.contains(&scheme.to_ascii_lowercase().as_str())
        && !rest.is_empty()
        && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

fn credit(receipt: v1::Receipt) -> Result<Credit, Unreadable> {
    let arrived = amount("receipt.amount", receipt.amount)?;
    let part = |field, given| amount_or_zero(field, given, arrived.currency());
    Ok(Credit {
        bill: receipt.bill,
        rail_reference: receipt.rail_reference,
        amount: arrived,
        applied: part("receipt.applied", receipt.applied)?,
        overpaid: part("receipt.overpaid", receipt.overpaid)?,
        duplicate: part("receipt.duplicate", receipt.duplicate)?,
        unapplied: part("receipt.unapplied", receipt.unapplied)?,
        instructed_at: time("receipt.instructed_time", receipt.instructed_time.as_ref())?,
        business_date: date(
            "receipt.receipt_business_date",
            receipt.receipt_business_date,
        )?,
        on_time: receipt.on_time,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_to_addresses_of_the_web_only() {
        for (address, fine) in [
            ("https://pay.example/checkout?x=1", true),
            ("http://127.0.0.1:9900/acquirer/page/1", true),
            ("javascript:alert(1)", false),
            ("//pay.example/", false),
            ("https://pay.example/\" onload=x", false),
            ("", false),
        ] {
            assert_eq!(
                web_address("url", address.to_owned()).is_ok(),
                fine,
                "{address}"
            );
        }
    }

    #[test]
    fn a_link_to_an_app_may_have_any_scheme_that_runs_nothing() {
        for (link, fine) in [
            ("weixin://wxpay/bizpayurl?pr=AbC", true),
            ("https://wallet.example/pay/1", true),
            ("JavaScript:alert(1)", false),
            ("data:text/html,x", false),
            ("weixin:", false),
            ("no scheme", false),
            ("", false),
        ] {
            assert_eq!(is_app_link(link), fine, "{link}");
        }
    }
}
