//! A bill: what a department demands, and how much of it has been paid.
//!
//! A bill is open, part paid, paid or withdrawn. Credits never fail: [`told`] splits every one of them
//! into what is applied and what is held, by the policy of the kind of bill.

mod allocation;
mod apply;
mod asked;
mod effects;
mod event;
mod instalments;
mod licence;
mod parts;
mod told;

pub use allocation::{Allocation, allocate, split_over_lines};
pub use apply::apply;
pub(crate) use asked::is_line_code;
pub use asked::{
    BillAsk, DESCRIPTION_CHARACTERS_MAX, LINES_MAX, NewBill, Revision, asked, issue, revise,
};
pub use effects::effects;
pub use event::BillEvent;
pub use instalments::{Instalment, InstalmentFault, InstalmentStanding};
pub use licence::Licence;
pub use parts::{
    BillPart, ClearedPart, PART_LABEL_CHARACTERS_MAX, PART_REFERENCE_BYTES_MAX, PARTS_MAX,
    PartFault,
};
pub use told::{BillFact, told};

use core::fmt;

use epay_money::{BillId, BillTypeCode, BillerId, Money, PaymentId, is_on_time};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Terms;

/// How a bill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillState {
    /// Nothing has been paid.
    Open,
    /// Something has been paid, not all.
    PartPaid,
    /// All has been paid.
    Paid,
    /// The department withdrew it.
    Withdrawn,
}

impl BillState {
    /// Every state, for tables and tests.
    pub const ALL: [Self; 4] = [Self::Open, Self::PartPaid, Self::Paid, Self::Withdrawn];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::PartPaid => "part_paid",
            Self::Paid => "paid",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A share of a bill that belongs to one line of the department's revenue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevenueLine {
    /// The line's code, for instance `02-gr`; it becomes the account `2010.{biller}.{code}`.
    pub code: String,
    /// Minor units.
    pub minor: i64,
}

/// A second factor as it is kept: a keyed digest that tells nothing to whoever has not the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealedFactor(pub [u8; 32]);

impl fmt::Debug for SealedFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedFactor")
    }
}

/// A demand for money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    /// Its id.
    pub id: BillId,
    /// The department.
    pub biller: BillerId,
    /// Its kind.
    pub bill_type: BillTypeCode,
    /// The number printed on it, digits only.
    pub number: String,
    /// What was demanded.
    pub amount: Money,
    /// Minor units applied so far; never above the amount.
    pub applied_minor: i64,
    /// How it stands.
    pub state: BillState,
    /// Last day for payment, as printed.
    pub due_date: Date,
    /// The period or matter, as printed.
    pub description: String,
    /// What the amount is made of, in the order in which receipts clear it.
    pub lines: Vec<RevenueLine>,
    /// What it demands for, where it is a consolidated bill: in the order in which receipts clear it. Its lines are their sums.
    pub parts: Vec<BillPart>,
    /// Its instalments, in order; empty where it is paid at once.
    pub instalments: Vec<Instalment>,
    /// Something was paid after the day of the instalment that it went to.
    pub instalment_missed: bool,
    /// What a payer must know beside the number, where its kind asks for something.
    pub second_factor: Option<SealedFactor>,
    /// The vehicle licence that it renews.
    pub licence: Option<Licence>,
    /// When it was issued here.
    pub created_at: Timestamp,
    /// When the last of it was paid.
    pub paid_at: Option<Timestamp>,
    /// How often the department has replaced what it says.
    pub revision: i32,
    /// Events so far.
    pub version: i32,
    /// Payments that may still take money for it: another attempt waits for their end.
    pub under_way: Vec<PaymentId>,
}

impl Bill {
    /// Minor units still to be paid; nothing on a withdrawn bill.
    #[must_use]
    pub const fn outstanding_minor(&self) -> i64 {
        match self.state {
            BillState::Withdrawn => 0,
            BillState::Open | BillState::PartPaid | BillState::Paid => {
                self.amount.minor().saturating_sub(self.applied_minor)
            }
        }
    }

    /// What is still to be paid.
    #[must_use]
    pub const fn outstanding(&self) -> Money {
        Money::new(self.outstanding_minor(), self.amount.currency())
    }

    /// Whether an instruction given at that time is in time for what it goes to.
    #[must_use]
    pub fn is_in_time(&self, terms: &Terms, instructed_at: Timestamp) -> bool {
        let fell_due = self.instalment_missed && terms.rest_falls_due();
        !fell_due && is_on_time(instructed_at, self.next_due_date())
    }

    /// The last four digits of the number, the rest hidden: what may be shown without a second factor.
    #[must_use]
    pub fn masked_number(&self) -> String {
        let shown = self.number.chars().count().saturating_sub(4);
        self.number
            .chars()
            .enumerate()
            .map(|(index, digit)| if index < shown { '•' } else { digit })
            .collect()
    }
}
