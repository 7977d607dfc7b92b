//! The two signature fields: what each covers, to the byte.
//!
//! A signature's byte range is everything from the file's first byte to the end of its own revision, but for the
//! hexadecimal text of the signature itself. So it must be of four numbers, begin at 0, leave out exactly that text
//! inside that very object, and end, for the first signature, inside the file, for the last one with it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use lopdf::{Dictionary, Object, ObjectId};

use super::{Pdf, broken, dictionary, occurs, resolve};
use crate::fault::Fault;

/// Bytes of one signature with its padding.
const CONTENTS_MAX: usize = 32 * 1024;

/// The forms of signature that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SubFilter {
    /// `ETSI.CAdES.detached`: `PAdES`.
    CAdES,
    /// `adbe.pkcs7.detached`.
    Pkcs7,
}

/// A signature of the file.
pub(crate) struct Signature<'a> {
    /// The field that holds it.
    pub(super) field: ObjectId,
    /// The object of the signature itself.
    pub(super) object: ObjectId,
    /// Its form.
    pub(crate) sub_filter: SubFilter,
    /// The signed bytes before and behind its own text.
    pub(crate) signed: [&'a [u8]; 2],
    /// Where its revision ends.
    pub(super) end: usize,
    /// The signature, and zeros behind it.
    pub(crate) contents: Vec<u8>,
    /// When it says that it was made (`M`).
    pub(crate) claimed_at: Option<Timestamp>,
}

/// The two signatures, the earlier one first.
///
/// # Errors
/// [`Fault::Signatures`] unless there are exactly two, [`Fault::Coverage`] unless they cover everything.
pub(crate) fn signatures<'a>(pdf: &Pdf<'a>) -> Result<Vec<Signature<'a>>, Fault> {
    let document = &pdf.document;
    let form = pdf.catalogue()?.get(b"AcroForm");
    let form = dictionary(document, form.map_err(|_none| Fault::Signatures)?)?;
    let fields = form.get(b"Fields").map_err(|_none| Fault::Signatures)?;
    let fields = resolve(document, fields)?.as_array().map_err(broken)?;
    let [one, other] = fields.as_slice() else {
        return Err(Fault::Signatures);
    };
    let mut found = vec![signature(pdf, one)?, signature(pdf, other)?];
    found.sort_by_key(|signature| signature.end);
    let ranged = document.objects.values().filter(|object| {
        object
            .as_dict()
            .is_ok_and(|dictionary| dictionary.has(b"ByteRange"))
    });
    let [first, last] = found.as_slice() else {
        return Err(Fault::Signatures);
    };
    if ranged.count() != 2 || first.object == last.object || first.field == last.field {
        return Err(Fault::Signatures);
    }
    if first.end >= last.end || last.end != pdf.bytes.len() {
        return Err(Fault::Coverage);
    }
    Ok(found)
}

fn signature<'a>(pdf: &Pdf<'a>, field: &Object) -> Result<Signature<'a>, Fault> {
    let document = &pdf.document;
    let wrong = |_missing: lopdf::Error| Fault::Signatures;
    let field_id = field.as_reference().map_err(wrong)?;
    let field = dictionary(document, field)?;
    let kind = field.get(b"FT").and_then(Object::as_name).map_err(wrong)?;
    if kind != b"Sig" || field.has(b"Kids") {
        return Err(Fault::Signatures);
    }
    let value = field.get(b"V").map_err(wrong)?;
    let object = value.as_reference().map_err(wrong)?;
    let value = dictionary(document, value)?;
    let sub_filter = match value.get(b"SubFilter").and_then(Object::as_name) {
        Ok(b"ETSI.CAdES.detached") => SubFilter::CAdES,
        Ok(b"adbe.pkcs7.detached") => SubFilter::Pkcs7,
        Ok(_) | Err(_) => return Err(Fault::Signatures),
    };
    let contents = value.get(b"Contents").and_then(Object::as_str);
    let contents = contents.map_err(wrong)?.to_vec();
    if contents.is_empty() || contents.len() > CONTENTS_MAX {
        return Err(Fault::BadCms);
    }
    let (signed, end) = covered(pdf, object, value, &contents).ok_or(Fault::Coverage)?;
    let claimed_at = value
        .get(b"M")
        .and_then(Object::as_str)
        .ok()
        .and_then(|text| core::str::from_utf8(text).ok())
        .and_then(moment);
    Ok(Signature {
        field: field_id,
        object,
        sub_filter,
        signed,
        end,
        contents,
        claimed_at,
    })
}

/// The signed bytes and their end, if everything about the byte range is as the module says.
fn covered<'a>(
    pdf: &Pdf<'a>,
    object: ObjectId,
    value: &Dictionary,
    contents: &[u8],
) -> Option<([&'a [u8]; 2], usize)> {
    let range = value.get(b"ByteRange").and_then(Object::as_array).ok()?;
    let numbers: Vec<usize> = range
        .iter()
        .filter_map(|number| usize::try_from(number.as_i64().ok()?).ok())
        .collect();
    let (&[0, until, from, length], 4) = (numbers.as_slice(), range.len()) else {
        return None;
    };
    let end = from.checked_add(length)?;
    let before = pdf.bytes.get(..until)?;
    let behind = pdf.bytes.get(from..end)?;
    let own = pdf.bytes.get(until..from)?;
    let text = own.strip_prefix(b"<")?.strip_suffix(b">")?;
    // The text that is left out must be this signature, and stand inside this signature's object.
    let begins = pdf.offset(object)?;
    let inside = !occurs(before.get(begins..)?, b"endobj");
    (inside && hex::decode(text).ok()? == contents).then_some(([before, behind], end))
}

/// A moment as PDF writes it: `D:20261123185804Z`, `D:20261123185804+08'00'`.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.strip_prefix("D:")?;
    let (local, zone) = text.split_at_checked(14)?;
    if !local.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let civil = DateTime::strptime("%Y%m%d%H%M%S", local).ok()?;
    let zone = zone.replace('\'', "");
    let offset = match zone.split_at_checked(1) {
        Some(("Z", "" | "0000" | "00")) => Offset::UTC,
        Some((sign @ ("+" | "-"), digits)) => {
            let (hours, minutes) = digits.split_at_checked(2)?;
            let minutes = if minutes.is_empty() { "00" } else { minutes };
            let seconds = hours
                .parse::<i32>()
                .ok()?
                .checked_mul(60)?
                .checked_add(minutes.parse().ok()?)?
                .checked_mul(60)?;
            let signed = if sign == "-" {
                seconds.checked_neg()?
            } else {
                seconds
            };
            Offset::from_seconds(signed).ok()?
        }
        Some(_) | None => return None,
    };
    offset.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_read_with_its_zone_and_not_without() {
        let table = [
            ("D:20261123185804Z", Some("2026-11-23T18:58:04Z")),
            ("D:20261123185804+08'00'", Some("2026-11-23T10:58:04Z")),
            ("D:20261123185804-03'30", Some("2026-11-23T22:28:04Z")),
            ("D:20261123185804+0800", Some("2026-11-23T10:58:04Z")),
            ("D:20261123185804Z00'00'", Some("2026-11-23T18:58:04Z")),
            ("D:20261123185804", None),
            ("D:20261323185804Z", None),
            ("D:20261123185804+99'99'", None),
            ("D:20261123185804+xx'00'", None),
            ("20261123185804Z", None),
            ("D:2026", None),
            ("D:２０２６112318", None),
        ];
        for (text, expected) in table {
            let read = moment(text).map(|moment| moment.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }
}
