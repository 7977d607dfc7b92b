//! A collection as a Hong Kong common QR code.
//!
//! What the code holds, in the rail's terms: point of initiation 12 (one payment), template 26 with the
//! biller's FPS ID or registered email address, the expiry in 26/05, the edit flag in 26/06 where the payer
//! may change the amount, currency and amount, and our reference in 62/05.
//!
//! The bill number is **not** in that code. The FPS specification (v1.2) allows a bill number in 62/01 or a
//! reference in 62/05, not both; ours names one attempt of one payer, which a bill number does not, so that
//! two payments of one bill can be told apart. A code on paper has no attempt to name: it carries the bill number
//! instead, no expiry, and is otherwise the same.

use emvqr::PointOfInitiation;
use emvqr::fps::{Currency as QrCurrency, FpsError, FpsRequest, Proxy, TimeOut};
use epay_money::{Currency, HONG_KONG};
use epay_rail::{Collect, PrintedCode, Profile, Refusal};
use jiff::Timestamp;

/// The first year of the century that 26/05 writes with two digits.
const CENTURY: i16 = 2000;

/// The text inside the code.
///
/// # Errors
/// A [`Refusal`] in the order of [`Profile::check_collect`], then the payee's shape and the expiry.
pub(crate) fn payload(profile: &Profile, collect: &Collect) -> Result<String, Refusal> {
    profile.check_collect(collect)?;
    let payee = proxy(&collect.payee)?;
    let expiry = expiry(collect.expires_at).ok_or(Refusal::BadField {
        field: "expires_at",
        problem: "the code writes years 2000 to 2099 only".to_owned(),
    })?;
    FpsRequest::new(payee)
        .point_of_initiation(PointOfInitiation::Dynamic)
        .amount(currency(collect.amount.currency()), collect.amount.minor())
        .editable(collect.amount_editable)
        .time_out(expiry)
        .reference(&collect.reference)
        .build()
        .map_err(|fault| refusal(&fault))
}

/// The text inside a code that is printed on a bill.
///
/// # Errors
/// A [`Refusal`] for an amount beyond the limits, the payee's shape, or a number that does not fit.
pub(crate) fn printed(profile: &Profile, code: &PrintedCode) -> Result<String, Refusal> {
    profile.check_amount(code.amount)?;
    FpsRequest::new(proxy(&code.payee)?)
        .point_of_initiation(PointOfInitiation::Dynamic)
        .amount(currency(code.amount.currency()), code.amount.minor())
        .editable(code.amount_editable)
        .bill_number(&code.bill_number)
        .build()
        .map_err(|fault| refusal(&fault))
}

/// An FPS ID, or the email address that a department registered instead of one.
fn proxy(payee: &str) -> Result<Proxy, Refusal> {
    let made = if payee.contains('@') {
        Proxy::email(payee)
    } else {
        Proxy::fps_id(payee)
    };
    made.map_err(|fault| Refusal::BadPayee {
        problem: fault.to_string(),
    })
}

const fn currency(of: Currency) -> QrCurrency {
    match of {
        Currency::Hkd => QrCurrency::Hkd,
        Currency::Cny => QrCurrency::Cny,
    }
}

/// The moment in Hong Kong time, which is what payers' apps read 26/05 as; a fraction of a second is cut,
/// so that the code never outlives the attempt.
fn expiry(at: Timestamp) -> Option<TimeOut> {
    let local = HONG_KONG.to_datetime(at);
    let year = u8::try_from(local.year().checked_sub(CENTURY)?).ok()?;
    let parts = [
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second(),
    ];
    let [month, day, hour, minute, second] = parts.map(i8::cast_unsigned);
    TimeOut::new(year, month, day, hour, minute, second)
}

/// What the codec will not write although the rules above hold; each names the field it is about.
fn refusal(fault: &FpsError) -> Refusal {
    let field = match fault {
        FpsError::FpsId
        | FpsError::Mobile
        | FpsError::Email
        | FpsError::ClearingCode
        | FpsError::ClearingCodeWithFpsId => {
            return Refusal::BadPayee {
                problem: fault.to_string(),
            };
        }
        FpsError::Amount(_) | FpsError::EditableWithoutAmount => "amount",
        FpsError::BillAndReference => "reference",
        FpsError::Build(_) => "code",
    };
    Refusal::BadField {
        field,
        problem: fault.to_string(),
    }
}
