//! What is to be paid: 370 bills of five kinds and four departments, and 500 payments of them.
//!
//! Tax bills are paid in three or four parts at the same time, so that payments meet on one bill. Some payments go wrong
//! at the bank on purpose: the plan knows what each must then look like in the books.

use anyhow::Context;
use epay_domain::CheckDigit;
use serde_json::{Value, json};

/// Payments in a run.
pub(crate) const PAYMENTS: usize = 500;

/// Kinds of bill: code, department, digits of a number, bills, payments a bill, whole dollars of the first bill.
const KINDS: [(&str, &str, usize, usize, usize, i64); 5] = [
    ("rvd-rates", "rvd", 15, 120, 1, 3_720),
    ("ird-salaries", "ird", 11, 30, 4, 41_200),
    ("ird-profits", "ird", 11, 20, 3, 99_990),
    ("wsd-water", "wsd", 10, 100, 1, 310),
    ("td-licence", "td", 12, 100, 1, 5_074),
];
/// Cents that a payer pays too much where the plan says so.
const OVER_MINOR: i64 = 100;
/// Shares no factor with the number of bills, so that stepping by it visits each once, kinds mixed.
const STRIDE: usize = 149;
/// Every so many payments the bank app reads the picture of the code instead of being told the reference.
const PICTURE_EVERY: usize = 10;

/// A bill that is issued for the run.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub(crate) kind: &'static str,
    pub(crate) biller: &'static str,
    pub(crate) number: String,
    pub(crate) minor: i64,
}

/// What goes wrong at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    /// One credit, told under two message ids.
    ToldTwice,
    /// Two credits for one code.
    PaidTwice,
    /// A dollar too much.
    Over,
    /// The credit arrives without reference and bill number.
    LostReference,
}

/// A payment that a caller makes.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    /// Its place in the plan's list of bills.
    pub(crate) bill: usize,
    pub(crate) key: String,
    pub(crate) minor: i64,
    pub(crate) fault: Fault,
    /// Paid from the picture of the code.
    pub(crate) by_picture: bool,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) bills: Vec<Bill>,
    pub(crate) payments: Vec<Payment>,
}

/// What one payment, or one department, must have in the end, in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) credited: i64,
    pub(crate) applied: i64,
    /// Matched to nothing.
    pub(crate) unidentified: i64,
    /// Above what was due.
    pub(crate) overpaid: i64,
    /// Paid although it had been paid.
    pub(crate) duplicate: i64,
}

impl Expected {
    pub(crate) fn add(&mut self, other: Self) {
        self.credited += other.credited;
        self.applied += other.applied;
        self.unidentified += other.unidentified;
        self.overpaid += other.overpaid;
        self.duplicate += other.duplicate;
    }
}

impl Plan {
    pub(crate) fn new() -> Self {
        let mut bills = Vec::new();
        let mut parts = Vec::new();
        for (kind, biller, digits, count, payments, dollars) in KINDS {
            for place in 0..count {
                let step = i64::try_from(place).unwrap_or(0);
                // Odd cents, and every part of a bill the same.
                let part = dollars * 100 + step * 37 + 1;
                let payments_of_bill = i64::try_from(payments).unwrap_or(1);
                bills.push(Bill {
                    kind,
                    biller,
                    // Its place among all bills, so that no two of a department are the same.
                    number: number(digits, bills.len()),
                    minor: part * payments_of_bill,
                });
                parts.push((payments, part, fault(kind, place)));
            }
        }
        let mut payments = Vec::with_capacity(PAYMENTS);
        for step in 0..bills.len() {
            let bill = (step * STRIDE) % bills.len();
            let (count, minor, fault) = parts.get(bill).copied().unwrap_or((0, 0, Fault::Nothing));
            for _ in 0..count {
                let place = payments.len();
                payments.push(Payment {
                    bill,
                    key: format!("crash-{place}"),
                    minor,
                    fault,
                    by_picture: fault == Fault::Nothing && place.is_multiple_of(PICTURE_EVERY),
                });
            }
        }
        assert_eq!(payments.len(), PAYMENTS, "the table of kinds adds up");
        Self { bills, payments }
    }

    /// The bill of a payment.
    pub(crate) fn bill(&self, payment: &Payment) -> anyhow::Result<&Bill> {
        self.bills
            .get(payment.bill)
            .context("a payment of no bill was planned")
    }
}

impl Payment {
    pub(crate) fn expected(&self) -> Expected {
        let honest = Expected {
            credited: self.minor,
            applied: self.minor,
            ..Expected::default()
        };
        match self.fault {
            Fault::Nothing | Fault::ToldTwice => honest,
            Fault::PaidTwice => Expected {
                credited: self.minor * 2,
                duplicate: self.minor,
                ..honest
            },
            Fault::Over => Expected {
                credited: self.minor + OVER_MINOR,
                overpaid: OVER_MINOR,
                ..honest
            },
            Fault::LostReference => Expected {
                credited: self.minor,
                unidentified: self.minor,
                ..Expected::default()
            },
        }
    }
}

impl Fault {
    /// As the bank's API names it.
    pub(crate) fn ask(self) -> Value {
        match self {
            Self::Nothing => json!({}),
            Self::ToldTwice => json!({"duplicate": true}),
            Self::PaidTwice => json!({"paid_twice": true}),
            Self::Over => json!({"amount_delta_cents": OVER_MINOR}),
            Self::LostReference => json!({"lost_reference": true}),
        }
    }
}

/// Which bills have their payment go wrong; only bills that are paid in one go, where the outcome does not
/// depend on which of two credits is first.
fn fault(kind: &str, place: usize) -> Fault {
    match (kind, place % 20) {
        ("rvd-rates", 3) => Fault::PaidTwice,
        ("rvd-rates", 7) | ("td-licence", 11) => Fault::ToldTwice,
        ("wsd-water", 5) => Fault::Over,
        ("td-licence", 9) => Fault::LostReference,
        _ => Fault::Nothing,
    }
}

fn number(digits: usize, place: usize) -> String {
    let width = digits - 1;
    let body = format!("{:0width$}", 700_000_000 + place);
    let check = CheckDigit::Mod11Radix10.of(&body).unwrap_or_default();
    format!("{body}{check}")
}
