//! What `decode` has to say about a payload, as JSON and as text.

use std::fmt::Write;

use emvqr::fps::{Currency, FpsView};
use emvqr::{Finding, Object, Parsed, PointOfInitiation};
use serde_json::{Value, json};

/// A payload, judged by the profile that was asked for.
pub(super) struct Report<'p> {
    parsed: &'p Parsed<'p>,
    fps: Option<FpsView<'p>>,
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
}

impl<'p> Report<'p> {
    /// Puts the findings of plain EMV and of the FPS profile together. Broken FPS rules are errors only where FPS was asked for.
    pub(super) fn new(parsed: &'p Parsed<'p>, fps_counts: bool) -> Self {
        let fps = FpsView::read(parsed.document());
        let of_fps = fps.iter().flat_map(|fps| fps.findings().iter());
        let mut errors: Vec<Finding> = parsed.errors().cloned().collect();
        let mut warnings: Vec<Finding> = parsed.warnings().cloned().collect();
        for finding in of_fps {
            let side = if fps_counts && finding.is_error() {
                &mut errors
            } else {
                &mut warnings
            };
            side.push(finding.clone());
        }
        errors.sort_by_key(|finding| finding.offset);
        warnings.sort_by_key(|finding| finding.offset);
        Self {
            parsed,
            fps,
            errors,
            warnings,
        }
    }

    pub(super) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// One JSON object: `valid`, `objects`, `fps`, `errors`, `warnings`.
    pub(super) fn json(&self) -> Value {
        json!({
            "valid": self.is_valid(),
            "objects": self.parsed.document().objects().iter().map(object).collect::<Vec<_>>(),
            "fps": self.fps.as_ref().map(fps),
            "errors": self.errors.iter().map(finding).collect::<Vec<_>>(),
            "warnings": self.warnings.iter().map(finding).collect::<Vec<_>>(),
        })
    }

    /// Lines for a person: the objects, then what is wrong, then what is unusual.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for object in self.parsed.document().objects() {
            lines(object, 0, &mut text);
        }
        for (kind, findings) in [("error", &self.errors), ("warning", &self.warnings)] {
            for finding in findings {
                line(&mut text, &format!("{kind}: {finding}"));
            }
        }
        line(
            &mut text,
            if self.is_valid() {
                "valid"
            } else {
                "not valid"
            },
        );
        text
    }
}

fn object(object: &Object<'_>) -> Value {
    let mut value = json!({ "id": object.id().to_string(), "value": object.value() });
    if object.is_template()
        && let Some(members) = value.as_object_mut()
    {
        let inside = object.objects().iter().map(self::object).collect();
        members.insert("objects".to_owned(), Value::Array(inside));
    }
    value
}

fn finding(finding: &Finding) -> Value {
    json!({
        "path": finding.path.to_string(),
        "code": finding.code.as_str(),
        "message": finding.message,
        "offset": finding.offset,
    })
}

fn fps(fps: &FpsView<'_>) -> Value {
    json!({
        "fps_id": fps.fps_id,
        "mobile": fps.mobile,
        "email": fps.email,
        "clearing_code": fps.clearing_code,
        "expires": fps.time_out.map(|moment| moment.to_string()),
        "editable": fps.is_editable,
        "point_of_initiation": fps.point_of_initiation.map(|point| match point {
            PointOfInitiation::Static => "static",
            PointOfInitiation::Dynamic => "dynamic",
        }),
        "currency": fps.currency.map(Currency::letters),
        "amount": fps.amount.map(|amount| amount.as_str()),
        "amount_minor": fps.amount_minor_units(),
        "bill_number": fps.bill_number,
        "reference": fps.reference,
        "merchant_name": fps.merchant_name,
    })
}

fn lines(object: &Object<'_>, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    if object.is_template() {
        line(text, &format!("{indent}{}", object.id()));
        for inside in object.objects() {
            lines(inside, depth.saturating_add(1), text);
        }
    } else {
        // Shown as a quoted string, so that no control character reaches the terminal.
        line(
            text,
            &format!("{indent}{} {:?}", object.id(), object.value()),
        );
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    writeln!(text, "{line}").unwrap_or_default();
}
