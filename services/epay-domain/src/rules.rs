//! How departments work out what they demand, and by when: one file a department.
//!
//! The gateway never decides what a bill says; these functions make demonstration data, judge dates where a kind of bill asks
//! for it ([`crate::DueDates`]), and show what a late payer must expect. Figures are dated facts of the departments: a change
//! of a tariff is a change here, with its table. Pure, checked, in whole cents.

mod late;
mod rates;
mod tax;
mod vehicles;
mod water;

pub use late::{LateCharge, late_charges};
pub use rates::{RatesDemand, last_business_day, quarter_due_date, rates_demand};
pub use tax::tax_instalments;
pub use vehicles::{LicenceFee, LicenceTerm, licence_fee, licence_window};
pub use water::{WaterBill, water_bill};
