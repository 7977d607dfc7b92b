//! The rules of the root: which objects must be there, and what the plain ones hold.

use crate::amount::{Amount, AmountError};
use crate::check::fields::{self, Charset};
use crate::check::missing;
use crate::code::Code;
use crate::document::Document;
use crate::finding::Findings;
use crate::id::{Id, Path};
use crate::object::Object;

/// What every payload must have, beside an account and the checksum.
const MANDATORY: [u8; 6] = [0, 52, 53, 58, 59, 60];

pub(super) fn check(document: &Document<'_>, findings: &mut Findings) {
    presence(document, findings);
    for object in document.objects() {
        plain(object, findings);
        content(object, findings);
    }
    tip(document, findings);
}

fn presence(document: &Document<'_>, findings: &mut Findings) {
    if let Some(first) = document.objects().first()
        && first.id().number() != 0
    {
        let message = "the first object should be 00, the payload format indicator";
        findings.error(
            Code::FormatIndicatorNotFirst,
            first.path(),
            first.offset(),
            message,
        );
    }
    for (id, name, ..) in MANDATORY
        .iter()
        .filter_map(|id| fields::row(fields::ROOT, *id))
    {
        if document.get(*id).is_none() {
            let path = Id::new(*id).map_or(Path::ROOT, |id| Path::ROOT.child(id));
            missing(path, 0, name, findings);
        }
    }
    if !document
        .objects()
        .iter()
        .any(|object| matches!(object.id().number(), 2..=51))
    {
        findings.error(
            Code::MissingAccount,
            Path::ROOT,
            0,
            "there is no merchant account (objects 02 to 51)",
        );
    }
}

/// Length and characters of whatever is not a template.
fn plain(object: &Object<'_>, findings: &mut Findings) {
    match object.id().number() {
        2..=51 => {
            let (charset, min, max) = fields::ACCOUNT;
            fields::check(object, "merchant account", charset, min, max, findings);
        }
        65..=79 => {
            fields::check(object, "reserved object", Charset::Text, 1, 99, findings);
            let message = "this object is reserved for EMVCo";
            findings.warning(
                Code::ReservedObject,
                object.path(),
                object.offset(),
                message,
            );
        }
        62 | 64 | 80..=99 => {
            fields::zero_length(object, findings);
        }
        // The checksum has its own rules.
        63 => {}
        id => {
            if let Some((_, name, charset, min, max)) = fields::row(fields::ROOT, id) {
                fields::check(object, name, *charset, *min, *max, findings);
            }
        }
    }
}

/// Values that mean something.
fn content(object: &Object<'_>, findings: &mut Findings) {
    if object.value_chars == 0 {
        return;
    }
    let (value, path, offset) = (object.value(), object.path(), object.offset());
    match object.id().number() {
        0 if value != "01" => {
            let message = format!("the payload format indicator should be 01, not {value:?}");
            findings.error(Code::FormatIndicatorValue, path, offset, message);
        }
        1 if !matches!(value, "11" | "12") => {
            let message = format!("the point of initiation should be 11 or 12, not {value:?}");
            findings.error(Code::PointOfInitiationValue, path, offset, message);
        }
        54 | 56 => amount(object, findings),
        55 if !matches!(value, "01" | "02" | "03") => {
            let message = format!("the tip indicator should be 01, 02 or 03, not {value:?}");
            findings.error(Code::TipIndicatorValue, path, offset, message);
        }
        57 => percentage(object, findings),
        _ => {}
    }
}

fn amount(object: &Object<'_>, findings: &mut Findings) {
    let (code, message) = match Amount::parse(object.value()) {
        Ok(_) => return,
        Err(AmountError::Zero) => (
            Code::AmountZero,
            "an amount of zero should be left out".to_owned(),
        ),
        Err(
            AmountError::Malformed | AmountError::TooManyDecimals { .. } | AmountError::TooLarge,
        ) => {
            let value = object.value();
            (
                Code::AmountMalformed,
                format!(
                    "an amount is digits with at most one point, which may not come first, not {value:?}"
                ),
            )
        }
    };
    findings.error(code, object.path(), object.offset(), message);
}

/// 00.01 to 99.99, without a percent sign.
fn percentage(object: &Object<'_>, findings: &mut Findings) {
    let hundredths = Amount::parse(object.value()).and_then(|fee| fee.minor_units(2));
    if !hundredths.is_ok_and(|hundredths| (1..10_000).contains(&hundredths)) {
        let message = format!(
            "the percentage should be from 00.01 to 99.99, not {:?}",
            object.value()
        );
        findings.error(
            Code::FeePercentageRange,
            object.path(),
            object.offset(),
            message,
        );
    }
}

/// 56 stands if and only if 55 is `02`, 57 if and only if 55 is `03`.
fn tip(document: &Document<'_>, findings: &mut Findings) {
    let indicator = document.get(55);
    for (id, wanted, name) in [(56, "02", "fixed fee"), (57, "03", "percentage")] {
        let is_wanted = indicator.is_some_and(|indicator| indicator.value() == wanted);
        match (is_wanted, document.get(id)) {
            (true, None) => {
                let (path, offset) =
                    indicator.map_or((Path::ROOT, 0), |found| (found.path(), found.offset()));
                let message = format!(
                    "the tip indicator {wanted} asks for a {name} (object {id}), which is missing"
                );
                findings.error(Code::TipInconsistent, path, offset, message);
            }
            (false, Some(fee)) => {
                let message =
                    format!("a {name} may only stand with the tip indicator {wanted} in object 55");
                findings.error(Code::TipInconsistent, fee.path(), fee.offset(), message);
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
}
