//! Finding FPS in a payload.

use crate::amount::Amount;
use crate::document::Document;
use crate::finding::{Finding, Findings, Profile};
use crate::fps::{ACCOUNT_ID, Currency, GUID, TimeOut, check};
use crate::object::Object;
use crate::view::PointOfInitiation;

/// What an FPS code asks for. Values that cannot be read are absent; the findings say why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FpsView<'a> {
    /// 26/01, the clearing code of the payee's bank.
    pub clearing_code: Option<&'a str>,
    /// 26/02, the FPS identifier.
    pub fps_id: Option<&'a str>,
    /// 26/03, the mobile number.
    pub mobile: Option<&'a str>,
    /// 26/04, the email address.
    pub email: Option<&'a str>,
    /// 26/05, when the code ends.
    pub time_out: Option<TimeOut>,
    /// 26/06, whether the payer may change the amount.
    pub is_editable: bool,
    /// 01, static or dynamic.
    pub point_of_initiation: Option<PointOfInitiation>,
    /// 53, the currency.
    pub currency: Option<Currency>,
    /// 54, the amount.
    pub amount: Option<Amount<'a>>,
    /// 62/01, the bill number.
    pub bill_number: Option<&'a str>,
    /// 62/05, the reference label.
    pub reference: Option<&'a str>,
    /// 59, the payee's name as printed in the code; the registered name is the one to show.
    pub merchant_name: Option<&'a str>,
    findings: Vec<Finding>,
}

impl<'a> FpsView<'a> {
    /// The FPS account of a payload, if it has one: template 26 with the operator's identifier, in any case.
    #[must_use]
    pub fn read(document: &Document<'a>) -> Option<Self> {
        let account = document.get(ACCOUNT_ID)?;
        if !account.get(0)?.value().eq_ignore_ascii_case(GUID) {
            return None;
        }
        let mut findings = Findings::new(Profile::Strict);
        check::account(account, document, &mut findings);
        check::document(document, &mut findings);
        let value = |id| account.get(id).map(Object::value);
        let additional = document.additional_data();
        Some(Self {
            clearing_code: value(1),
            fps_id: value(2),
            mobile: value(3),
            email: value(4),
            time_out: value(5).and_then(TimeOut::parse),
            is_editable: value(6) == Some("1"),
            point_of_initiation: document.point_of_initiation(),
            currency: document.currency().and_then(Currency::from_numeric),
            amount: document.amount(),
            bill_number: additional.and_then(|data| data.bill_number()),
            reference: additional.and_then(|data| data.reference_label()),
            merchant_name: document.merchant_name(),
            findings: findings.into_sorted(),
        })
    }

    /// What breaks the profile (errors) and what is unusual in it (warnings), in the order of the text.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The amount in cents (or fen).
    #[must_use]
    pub fn amount_minor_units(&self) -> Option<i64> {
        self.amount?.minor_units(Currency::EXPONENT).ok()
    }

    /// Whether the code has ended at `now`, a moment of Hong Kong time. A code without an end has not.
    #[must_use]
    pub fn is_over(&self, now: TimeOut) -> bool {
        self.time_out.is_some_and(|end| end < now)
    }

    /// The finding to add when the code has ended at `now`.
    #[must_use]
    pub fn time_out_finding(document: &Document<'a>, now: TimeOut) -> Option<Finding> {
        let object = document.find(&[ACCOUNT_ID, 5])?;
        let view = Self::read(document)?;
        view.is_over(now).then(|| check::time_out_past(object))
    }
}
