//! Writing a code that asks for a payment through FPS.

use thiserror::Error;

use crate::amount::{AmountError, format_minor_units};
use crate::build::{BuildError, Builder, Template};
use crate::fps::proxy::is_digits;
use crate::fps::{ACCOUNT_ID, Currency, GUID, Proxy, TimeOut};
use crate::view::PointOfInitiation;

/// Why a request makes no code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FpsError {
    /// The FPS identifier has the wrong shape.
    #[error("an FPS identifier has 7 or 9 digits")]
    FpsId,
    /// The mobile number has the wrong shape.
    #[error("a mobile number looks like +852-91234567: country code, hyphen, number")]
    Mobile,
    /// The email address has the wrong shape.
    #[error("this is not an email address of at most 79 characters")]
    Email,
    /// The clearing code has the wrong shape.
    #[error("a clearing code has 3 digits")]
    ClearingCode,
    /// An FPS identifier belongs to one account already.
    #[error(
        "a clearing code goes with a mobile number or an email address, not with an FPS identifier"
    )]
    ClearingCodeWithFpsId,
    /// The amount cannot be printed.
    #[error("the amount cannot be asked for")]
    Amount(#[source] AmountError),
    /// Without an amount there is nothing to edit.
    #[error("an editable amount needs an amount")]
    EditableWithoutAmount,
    /// FPS takes one or the other.
    #[error("a code carries a bill number or a reference label, not both")]
    BillAndReference,
    /// The payload cannot be written.
    #[error("the payload cannot be written")]
    Build(#[from] BuildError),
}

/// A request for payment. What is not set takes the fixed values that FPS asks for: merchant category `0000`, country `HK`,
/// name `NA`, city `HK`; payers are shown the name that is registered for the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FpsRequest {
    proxy: Proxy,
    clearing_code: Option<String>,
    time_out: Option<TimeOut>,
    amount: Option<(Currency, i64)>,
    currency: Currency,
    is_editable: bool,
    bill_number: Option<String>,
    reference: Option<String>,
    point: Option<PointOfInitiation>,
    merchant_name: String,
    merchant_city: String,
    language: Option<(String, String)>,
}

impl FpsRequest {
    /// A request to pay `proxy`, in Hong Kong dollars, any amount.
    #[must_use]
    pub fn new(proxy: Proxy) -> Self {
        Self {
            proxy,
            clearing_code: None,
            time_out: None,
            amount: None,
            currency: Currency::Hkd,
            is_editable: false,
            bill_number: None,
            reference: None,
            point: None,
            merchant_name: "NA".to_owned(),
            merchant_city: "HK".to_owned(),
            language: None,
        }
    }

    /// The bank that is to receive the money, where a mobile number or email address is registered with several: 3 digits.
    #[must_use]
    pub fn clearing_code(mut self, digits: impl Into<String>) -> Self {
        self.clearing_code = Some(digits.into());
        self
    }

    /// The moment after which the code should not be paid.
    #[must_use]
    pub fn time_out(mut self, moment: TimeOut) -> Self {
        self.time_out = Some(moment);
        self
    }

    /// The amount, in cents (or fen).
    #[must_use]
    pub fn amount(mut self, currency: Currency, minor_units: i64) -> Self {
        self.amount = Some((currency, minor_units));
        self.currency = currency;
        self
    }

    /// The currency, where the payer is to type the amount.
    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self.amount = self.amount.map(|(_, minor_units)| (currency, minor_units));
        self
    }

    /// Whether the payer may change the amount.
    #[must_use]
    pub fn editable(mut self, is_editable: bool) -> Self {
        self.is_editable = is_editable;
        self
    }

    /// What is paid: at most 25 characters. Excludes a reference label.
    #[must_use]
    pub fn bill_number(mut self, number: impl Into<String>) -> Self {
        self.bill_number = Some(number.into());
        self
    }

    /// The payee's own reference: at most 25 characters. Excludes a bill number.
    #[must_use]
    pub fn reference(mut self, label: impl Into<String>) -> Self {
        self.reference = Some(label.into());
        self
    }

    /// Static or dynamic; left alone, a code with an amount is dynamic and one without is static.
    #[must_use]
    pub fn point_of_initiation(mut self, point: PointOfInitiation) -> Self {
        self.point = Some(point);
        self
    }

    /// The payee's name and city, printable ASCII, at most 25 and 15 characters.
    #[must_use]
    pub fn merchant(mut self, name: impl Into<String>, city: impl Into<String>) -> Self {
        self.merchant_name = name.into();
        self.merchant_city = city.into();
        self
    }

    /// The payee's name in another language, for instance `ZH`: at most 25 characters.
    #[must_use]
    pub fn merchant_in(mut self, language: impl Into<String>, name: impl Into<String>) -> Self {
        self.language = Some((language.into(), name.into()));
        self
    }

    /// The payload.
    ///
    /// # Errors
    /// The first part of the request that FPS does not allow, or everything that the specification refuses.
    pub fn build(&self) -> Result<String, FpsError> {
        Ok(self.to_builder()?.build()?)
    }

    /// The request as a general builder, to put other accounts or objects beside FPS.
    ///
    /// # Errors
    /// The first part of the request that FPS does not allow.
    pub fn to_builder(&self) -> Result<Builder, FpsError> {
        let default_point = if self.amount.is_some() {
            PointOfInitiation::Dynamic
        } else {
            PointOfInitiation::Static
        };
        let mut builder = Builder::new()
            .point_of_initiation(self.point.unwrap_or(default_point))
            .template(ACCOUNT_ID, self.account()?)
            .merchant("0000", "HK", &self.merchant_name, &self.merchant_city)
            .set(53, self.currency.numeric());
        if let Some((_, minor_units)) = self.amount {
            let text =
                format_minor_units(minor_units, Currency::EXPONENT).map_err(FpsError::Amount)?;
            builder = builder.set(54, text);
        }
        builder = match (&self.bill_number, &self.reference) {
            (Some(_), Some(_)) => return Err(FpsError::BillAndReference),
            (Some(number), None) => builder.template(62, Template::new().set(1, number)),
            (None, Some(label)) => builder.template(62, Template::new().set(5, label)),
            (None, None) => builder,
        };
        if let Some((language, name)) = &self.language {
            builder = builder.template(64, Template::new().set(0, language).set(1, name));
        }
        Ok(builder)
    }

    /// Template 26.
    fn account(&self) -> Result<Template, FpsError> {
        let mut account = Template::of(GUID).set(self.proxy.object_id(), self.proxy.as_str());
        if let Some(code) = &self.clearing_code {
            if self.proxy.object_id() == 2 {
                return Err(FpsError::ClearingCodeWithFpsId);
            }
            if !is_digits(code) || code.len() != 3 {
                return Err(FpsError::ClearingCode);
            }
            account = account.set(1, code);
        }
        if let Some(moment) = self.time_out {
            account = account.set(5, moment.to_string());
        }
        if self.is_editable {
            if self.amount.is_none() {
                return Err(FpsError::EditableWithoutAmount);
            }
            account = account.set(6, "1");
        }
        Ok(account)
    }
}
