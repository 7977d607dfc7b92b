//! `QrService`: Hong Kong common QR codes, written and read by `emvqr`. Nothing is stored and no department is named.

use emvqr::fps::{Currency as QrCurrency, FpsError, FpsRequest, FpsView, Proxy, TimeOut};
use emvqr::render::{ErrorCorrection, PngOptions, RenderError, SvgOptions, Symbol};
use emvqr::{BuildError, Finding, Object, Profile};
use epay_money::Currency;
use epay_proto::pbjson_types::Timestamp as ProtoTimestamp;
use epay_proto::v1;
use epay_proto::v1::qr_service_server::QrService;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use tonic::{Request, Response, Status};

use super::read;
use crate::auth::{Method, authorise};
use crate::fault::{self, check_shape};

/// What the picture says to those who cannot see it.
const PICTURE_TITLE: &str = "QR code for payment";

/// The first year of the century that the code writes with two digits.
const CENTURY: i16 = 2000;

/// Makes and reads codes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Qr;

#[tonic::async_trait]
impl QrService for Qr {
    async fn encode_qr(
        &self,
        request: Request<v1::EncodeQrRequest>,
    ) -> Result<Response<v1::EncodeQrResponse>, Status> {
        authorise(&request, Method::EncodeQr)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        let payload = payload(asked)?;
        let (mut svg, mut png) = (String::new(), Vec::new());
        if asked.svg || asked.png {
            let symbol = Symbol::encode(&payload, ErrorCorrection::Medium)
                .map_err(|error| undrawn(&error))?;
            if asked.svg {
                let options = SvgOptions {
                    title: Some(PICTURE_TITLE.to_owned()),
                    ..SvgOptions::default()
                };
                svg = symbol.svg(&options).map_err(|error| undrawn(&error))?;
            }
            if asked.png {
                png = symbol
                    .png(&PngOptions::default())
                    .map_err(|error| undrawn(&error))?;
            }
        }
        Ok(Response::new(v1::EncodeQrResponse { payload, svg, png }))
    }

    async fn decode_qr(
        &self,
        request: Request<v1::DecodeQrRequest>,
    ) -> Result<Response<v1::DecodeQrResponse>, Status> {
        authorise(&request, Method::DecodeQr)?;
        let asked = request.get_ref();
        check_shape(asked)?;
        Ok(Response::new(decode(&asked.payload)))
    }
}

fn payload(asked: &v1::EncodeQrRequest) -> Result<String, Status> {
    let payee = Proxy::fps_id(&asked.fps_id)
        .map_err(|error| fault::invalid_field("fps_id", "FPS_ID_MALFORMED", &error.to_string()))?;
    let mut code = FpsRequest::new(payee).editable(asked.amount_editable);
    if let Some(amount) = &asked.amount {
        let amount = read::money("amount", amount)?;
        code = code.amount(currency(amount.currency()), amount.minor());
    }
    if !asked.bill_number.is_empty() {
        code = code.bill_number(&asked.bill_number);
    }
    if !asked.reference.is_empty() {
        code = code.reference(&asked.reference);
    }
    if let Some(end) = &asked.expire_time {
        let end = moment(end).ok_or_else(|| {
            fault::invalid_field(
                "expire_time",
                "FIELD_OUT_OF_RANGE",
                "must be a moment of the years 2000 to 2099",
            )
        })?;
        code = code.time_out(end);
    }
    code.build().map_err(|error| refused(&error))
}

const fn currency(of: Currency) -> QrCurrency {
    match of {
        Currency::Hkd => QrCurrency::Hkd,
        Currency::Cny => QrCurrency::Cny,
    }
}

/// The moment in Hong Kong time, as payers' apps read it.
fn moment(at: &ProtoTimestamp) -> Option<TimeOut> {
    let at = Timestamp::new(at.seconds, at.nanos).ok()?;
    let local = TimeZone::fixed(Offset::constant(8)).to_datetime(at);
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

/// Each refusal of the encoder with the field that it is about.
fn refused(error: &FpsError) -> Status {
    let (field, reason) = match error {
        FpsError::FpsId | FpsError::Mobile | FpsError::Email => ("fps_id", "FPS_ID_MALFORMED"),
        FpsError::ClearingCode | FpsError::ClearingCodeWithFpsId => ("fps_id", "CLEARING_CODE"),
        FpsError::Amount(_) => ("amount.minor_units", "AMOUNT_NOT_ENCODABLE"),
        FpsError::EditableWithoutAmount => ("amount_editable", "EDITABLE_WITHOUT_AMOUNT"),
        FpsError::BillAndReference => ("reference", "BILL_NUMBER_AND_REFERENCE"),
        FpsError::Build(cause) => return not_written(cause),
    };
    fault::invalid_field(field, reason, &error.to_string())
}

fn not_written(cause: &BuildError) -> Status {
    fault::invalid_field("payload", "CODE_NOT_ENCODABLE", &cause.to_string())
}

fn undrawn(error: &RenderError) -> Status {
    tracing::error!(
        error = error as &dyn std::error::Error,
        "A code could be written but not drawn"
    );
    fault::internal()
}

fn decode(payload: &str) -> v1::DecodeQrResponse {
    let parsed = emvqr::parse(payload, Profile::Strict);
    let reading = FpsView::read(parsed.document());
    let profile = reading.as_ref().map_or(&[][..], FpsView::findings);
    let mut all: Vec<&Finding> = parsed.findings().iter().chain(profile).collect();
    all.sort_by_key(|finding| finding.offset);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|finding| finding.is_error());
    v1::DecodeQrResponse {
        valid: errors.is_empty(),
        objects: parsed.document().objects().iter().map(object).collect(),
        errors: errors.into_iter().map(finding).collect(),
        warnings: warnings.into_iter().map(finding).collect(),
        fps: reading.as_ref().map(fps),
    }
}

/// The format is three levels deep, so the recursion is too.
fn object(object: &Object<'_>) -> v1::QrObject {
    v1::QrObject {
        id: object.id().to_string(),
        value: object.value().to_owned(),
        objects: object.objects().iter().map(self::object).collect(),
    }
}

fn finding(finding: &Finding) -> v1::QrFinding {
    v1::QrFinding {
        path: finding.path.to_string(),
        code: finding.code.as_str().to_owned(),
        message: finding.message.clone(),
        offset: u32::try_from(finding.offset).unwrap_or(u32::MAX),
    }
}

fn fps(view: &FpsView<'_>) -> v1::FpsReading {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    v1::FpsReading {
        fps_id: text(view.fps_id),
        mobile: text(view.mobile),
        email: text(view.email),
        clearing_code: text(view.clearing_code),
        amount: view
            .amount_minor_units()
            .zip(view.currency)
            .map(|(minor_units, currency)| v1::Amount {
                minor_units,
                currency_code: currency.letters().to_owned(),
            }),
        amount_editable: view.is_editable,
        bill_number: text(view.bill_number),
        reference: text(view.reference),
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt as _;

    use super::*;

    fn asked() -> v1::EncodeQrRequest {
        v1::EncodeQrRequest {
            fps_id: "1234567".to_owned(),
            amount: Some(v1::Amount {
                minor_units: 12_500,
                currency_code: "HKD".to_owned(),
            }),
            reference: "EP0123456789ABCDEFGH".to_owned(),
            ..v1::EncodeQrRequest::default()
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let reading = decode(&payload(&asked()).unwrap());
        assert!(reading.valid, "{:?}", reading.errors);
        let fps = reading.fps.unwrap();
        assert_eq!(fps.fps_id, "1234567");
        assert_eq!(fps.amount.unwrap().minor_units, 12_500);
        assert_eq!(fps.reference, "EP0123456789ABCDEFGH");
    }

    #[test]
    fn each_refusal_names_its_field() {
        let both = v1::EncodeQrRequest {
            bill_number: "1".to_owned(),
            ..asked()
        };
        let negative = v1::EncodeQrRequest {
            amount: Some(v1::Amount {
                minor_units: -1,
                currency_code: "HKD".to_owned(),
            }),
            ..asked()
        };
        let euro = v1::EncodeQrRequest {
            amount: Some(v1::Amount {
                minor_units: 1,
                currency_code: "EUR".to_owned(),
            }),
            ..asked()
        };
        let editable = v1::EncodeQrRequest {
            amount: None,
            amount_editable: true,
            ..asked()
        };
        let payee = v1::EncodeQrRequest {
            fps_id: "12".to_owned(),
            ..asked()
        };
        let table = [
            (both, "reference", "BILL_NUMBER_AND_REFERENCE"),
            (negative, "amount.minor_units", "AMOUNT_NOT_ENCODABLE"),
            (euro, "amount.currency_code", "CURRENCY_UNKNOWN"),
            (editable, "amount_editable", "EDITABLE_WITHOUT_AMOUNT"),
            (payee, "fps_id", "FPS_ID_MALFORMED"),
        ];
        for (request, field, reason) in table {
            let status = payload(&request).unwrap_err();
            let fields = status.get_details_bad_request().unwrap().field_violations;
            assert_eq!(
                (fields[0].field.as_str(), fields[0].reason.as_str()),
                (field, reason)
            );
        }
    }

    #[test]
    fn text_that_is_wrong_is_an_answer() {
        let reading = decode("https://example.com");
        assert!(!reading.valid && !reading.errors.is_empty() && reading.fps.is_none());
    }
}
