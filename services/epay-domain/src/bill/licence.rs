//! The vehicle licence that a bill renews.

use epay_notice::Mark;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Bill;
use crate::notification::LicenceDays;
use crate::rules::licence_window;
use crate::{Refusal, Terms};

/// The licence of a vehicle, as far as a bill says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// The registration mark by its last characters: the whole of it is not kept.
    pub mark: Mark,
    /// Its last day.
    pub expires_on: Date,
}

impl Licence {
    /// A licence, of whose mark only the last characters are kept.
    ///
    /// # Errors
    /// [`Refusal::BadMark`].
    pub fn new(mark: &str, expires_on: Date) -> Result<Self, Refusal> {
        let mark = Mark::of(mark).map_err(|_fault| Refusal::BadMark)?;
        Ok(Self { mark, expires_on })
    }

    /// Its first day of renewal and its last day, by the window of the kind of bill; where that has none, by the rule of all licences.
    #[must_use]
    pub fn days(&self, terms: &Terms) -> LicenceDays {
        let window = terms.window.map_or_else(
            || licence_window(self.expires_on),
            |window| window.days(self.expires_on),
        );
        LicenceDays {
            opens_on: window.0,
            expires_on: self.expires_on,
        }
    }
}

impl Bill {
    /// The first and the last day on which a payment may be started; nothing where it always may. They are counted from the last day of the
    /// licence that the bill renews, else from the last day for payment.
    #[must_use]
    pub fn window(&self, terms: &Terms) -> Option<(Date, Date)> {
        let licence = self.licence.as_ref();
        let from = licence.map_or(self.due_date, |licence| licence.expires_on);
        terms.window.map(|window| window.days(from))
    }
}
