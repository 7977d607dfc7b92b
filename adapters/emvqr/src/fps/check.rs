//! The rules of the FPS profile.

use crate::code::Code;
use crate::document::Document;
use crate::finding::{Finding, Findings, Severity};
use crate::fps::proxy::{is_digits, is_email, is_mobile};
use crate::fps::{Currency, GUID, TimeOut};
use crate::object::Object;

/// The rules of template 26.
pub(super) fn account(account: &Object<'_>, document: &Document<'_>, findings: &mut Findings) {
    proxy_count(account, findings);
    for object in account.objects() {
        let (value, path, offset) = (object.value(), object.path(), object.offset());
        let mut error = |code, message: &str| findings.error(code, path, offset, message);
        match object.id().number() {
            0 if value != GUID => {
                findings.warning(
                    Code::FpsGuidCase,
                    path,
                    offset,
                    "the scheme's identifier should be in lower case",
                );
            }
            1 if !is_digits(value) || value.len() != 3 => {
                error(Code::FpsClearingCode, "a clearing code has 3 digits");
            }
            2 => fps_id(object, findings),
            3 => mobile(object, findings),
            4 if !is_email(value) => error(Code::FpsEmailFormat, "this is not an email address"),
            5 if TimeOut::parse(value).is_none() => {
                error(
                    Code::FpsTimeOutFormat,
                    "the time-out should be a moment written YYMMDDhhmmss",
                );
            }
            6 if value != "1" => error(
                Code::FpsEditableFlag,
                "the edit flag should be 1, or be left out",
            ),
            6 if document.get(54).is_none() => {
                error(
                    Code::FpsEditableFlag,
                    "the edit flag has no meaning without an amount",
                );
            }
            7.. => findings.warning(
                Code::UndefinedObject,
                path,
                offset,
                "this object is not part of the profile",
            ),
            _ => {}
        }
    }
}

/// No proxy has precedence over another: with none or several, nobody can say who is paid.
fn proxy_count(account: &Object<'_>, findings: &mut Findings) {
    let proxies = account
        .objects()
        .iter()
        .filter(|object| matches!(object.id().number(), 2..=4))
        .count();
    let (path, offset) = (account.path(), account.offset());
    match proxies {
        0 => {
            let message = "there is no FPS identifier, mobile number or email address to pay";
            findings.error(Code::FpsProxyMissing, path, offset, message);
        }
        1 => {}
        _ => {
            let message = "exactly one FPS identifier, mobile number or email address is allowed";
            findings.error(Code::FpsProxyAmbiguous, path, offset, message);
        }
    }
}

fn fps_id(object: &Object<'_>, findings: &mut Findings) {
    let (value, path, offset) = (object.value(), object.path(), object.offset());
    if !is_digits(value) {
        findings.error(
            Code::FpsIdFormat,
            path,
            offset,
            "an FPS identifier has digits only",
        );
    } else if !matches!(value.len(), 7 | 9) {
        let message = format!("an FPS identifier has 7 or 9 digits, not {}", value.len());
        findings.warning(Code::FpsIdLength, path, offset, message);
    }
}

fn mobile(object: &Object<'_>, findings: &mut Findings) {
    let (value, path, offset) = (object.value(), object.path(), object.offset());
    if is_mobile(value) {
        return;
    }
    let has_digits_only = value
        .strip_prefix('+')
        .is_some_and(|digits| is_digits(digits) && digits.len() <= 15);
    if has_digits_only && value.len() >= 8 {
        let message = "the mobile number lacks the hyphen after the country code";
        findings.warning(Code::FpsMobileHyphen, path, offset, message);
    } else {
        findings.error(
            Code::FpsMobileFormat,
            path,
            offset,
            "a mobile number looks like +852-91234567",
        );
    }
}

/// The rules about what stands beside template 26.
pub(super) fn document(document: &Document<'_>, findings: &mut Findings) {
    if let Some(currency) = document.get(53)
        && Currency::from_numeric(currency.value()).is_none()
    {
        let message = "FPS pays in Hong Kong dollars (344) or renminbi (156) only";
        findings.error(
            Code::FpsCurrency,
            currency.path(),
            currency.offset(),
            message,
        );
    }
    if let Some(object) = document.get(54)
        && document
            .amount()
            .is_some_and(|amount| amount.decimals() > usize::from(Currency::EXPONENT))
    {
        let message = "the amount should have at most two decimals";
        findings.error(
            Code::FpsAmountDecimals,
            object.path(),
            object.offset(),
            message,
        );
    }
    if let (Some(_), Some(reference)) = (document.find(&[62, 1]), document.find(&[62, 5])) {
        let message = "a code should carry a bill number or a reference label, not both";
        findings.warning(
            Code::FpsBillAndReference,
            reference.path(),
            reference.offset(),
            message,
        );
    }
}

/// The finding about a code that has ended.
pub(super) fn time_out_past(object: &Object<'_>) -> Finding {
    Finding {
        severity: Severity::Error,
        code: Code::FpsTimeOutPast,
        path: object.path(),
        offset: object.offset(),
        message: "the code has ended".to_owned(),
    }
}
