//! Vehicle licences: published fees of private cars that run on petrol, the levy inside them, and when a licence is renewed.

use epay_money::Money;
use jiff::civil::Date;

use crate::PayWindow;

/// Fee of twelve months, levy included, by engine size: up to so many cubic centimetres, so many dollars (24 February 2021).
const ANNUAL_DOLLARS: [(u32, i64); 5] = [
    (1_500, 5_074),
    (2_500, 7_498),
    (3_500, 9_929),
    (4_500, 12_360),
    (u32::MAX, 14_694),
];
/// What diesel adds for twelve months, in dollars.
const DIESEL_DOLLARS: i64 = 1_898;
/// The Traffic Accident Victims Assistance Fund levy of twelve and of four months, in dollars.
const LEVY_DOLLARS: (i64, i64) = (114, 38);
/// What four months cost beside 35 % of the year, in dollars.
const SHORT_TERM_DOLLARS: i64 = 30;
/// Per cent of the year's fee that four months cost.
const SHORT_TERM_PER_CENT: i64 = 35;
/// A licence is renewed from four months before it ends to two years after.
const WINDOW: PayWindow = PayWindow {
    months_before: 4,
    months_after: 24,
};

/// How long a licence runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LicenceTerm {
    /// Twelve months.
    Year,
    /// Four months.
    FourMonths,
}

/// A fee as its two revenue lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LicenceFee {
    /// The licence.
    pub licence: Money,
    /// The levy, which belongs to a fund.
    pub levy: Money,
}

impl LicenceFee {
    /// What the payer pays. `None` beyond what an amount holds.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        self.licence.checked_add(self.levy).ok()
    }
}

/// The fee of a private car. `None` only beyond what an amount holds.
#[must_use]
pub fn licence_fee(engine_cc: u32, diesel: bool, term: LicenceTerm) -> Option<LicenceFee> {
    let (_, annual) = ANNUAL_DOLLARS
        .into_iter()
        .find(|(to, _)| engine_cc <= *to)?;
    let (levy_year, levy_short) = LEVY_DOLLARS;
    let more = if diesel { DIESEL_DOLLARS } else { 0 };
    let licence = annual.checked_add(more)?.checked_sub(levy_year)?;
    let (licence, levy) = match term {
        LicenceTerm::Year => (licence, levy_year),
        LicenceTerm::FourMonths => (short_term(licence, levy_short)?, levy_short),
    };
    Some(LicenceFee {
        licence: Money::hkd(licence.checked_mul(100)?),
        levy: Money::hkd(levy.checked_mul(100)?),
    })
}

/// 30 dollars and 35 % of the year, together with the levy rounded up to a whole dollar.
fn short_term(annual: i64, levy: i64) -> Option<i64> {
    let hundredths = annual.checked_mul(SHORT_TERM_PER_CENT)?;
    let whole = SHORT_TERM_DOLLARS.checked_add(levy)?.checked_mul(100)?;
    let up = hundredths.checked_add(whole)?.checked_add(99)?;
    up.checked_div(100)?.checked_sub(levy)
}

/// First and last day on which a licence that ends on that day can be renewed.
#[must_use]
pub fn licence_window(expires_on: Date) -> (Date, Date) {
    WINDOW.days(expires_on)
}
