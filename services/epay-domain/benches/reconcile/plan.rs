//! A day of a large department: what the gateway captured, what the bank's statement has, and the faults between the two.
//!
//! Everything follows from the numbers of the items, so that two runs are the same day. Every thousandth item carries a
//! fault of each class, beside what is in order.

use std::collections::BTreeMap;

use epay_domain::reconciliation::{BreakClass, Direction, Expected, ItemId, Kind, Observed};
use jiff::civil::{Date, date};
use uuid::Uuid;

/// One item in this many has a fault of a given class.
const FAULT_EVERY: usize = 1_000;
/// A Tuesday, on which everything is expected.
const DAY: Date = date(2026, 1, 20);
/// Later than one business day after it.
const TOO_LATE: Date = date(2026, 1, 23);
/// The bank account.
const ACCOUNT: u32 = 1;

/// An item's own texts.
#[derive(Debug)]
struct Texts {
    rail: String,
    ours: String,
    bill: String,
}

/// The texts of every item; both sides borrow them.
#[derive(Debug)]
pub(crate) struct Day {
    texts: Vec<Texts>,
    strange: Vec<String>,
}

/// Both sides, and what must be found.
#[derive(Debug)]
pub(crate) struct Sides<'a> {
    pub(crate) expected: Vec<Expected<'a>>,
    pub(crate) observed: Vec<Observed<'a>>,
    /// Of each class, the items that carry it: expected by number, observed with a minus sign.
    pub(crate) planted: BTreeMap<BreakClass, Vec<i64>>,
}

/// A number that looks like none in particular; the same for the same number.
const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl Day {
    pub(crate) fn new(items: usize) -> Self {
        let number = |index: usize| mixed(u64::try_from(index).expect("small") + 1);
        let texts = (0..items).map(|index| Texts {
            rail: format!("FT26020{:012}", number(index) % 1_000_000_000_000),
            ours: format!("EP{:018X}", u128::from(number(index)) << 8 | 7),
            bill: format!("{:015}", number(index + items) % 1_000_000_000_000_000),
        });
        Self {
            texts: texts.collect(),
            strange: (0..items / FAULT_EVERY)
                .map(|index| format!("XX{index:012}"))
                .collect(),
        }
    }

    /// Every item twice, once a side, and the faults.
    pub(crate) fn sides(&self) -> Sides<'_> {
        let mut sides = Sides {
            expected: Vec::with_capacity(self.texts.len()),
            observed: Vec::with_capacity(self.texts.len() + self.texts.len() / 100),
            planted: BTreeMap::new(),
        };
        for (index, texts) in self.texts.iter().enumerate() {
            let number = i64::try_from(index).expect("small") + 1;
            let (wanted, seen) = pair(number, texts);
            let strange = self.strange.get(index / FAULT_EVERY).map(String::as_str);
            match fault(index % FAULT_EVERY) {
                None => sides.put(wanted, Some(seen)),
                Some(class) => sides.fault(class, number, (wanted, seen), strange),
            }
        }
        // As a file brings them: in no order of ours.
        sides
            .observed
            .sort_unstable_by_key(|item| mixed(u64::from(item.id.line.unsigned_abs())));
        sides
    }
}

/// Which fault the items at a place carry.
fn fault(place: usize) -> Option<BreakClass> {
    let slot = place.checked_sub(FAULT_EVERY - BreakClass::ALL.len())?;
    BreakClass::ALL.get(slot).copied()
}

fn pair(number: i64, texts: &Texts) -> (Expected<'_>, Observed<'_>) {
    let minor = 100 + i64::try_from(mixed(number.unsigned_abs()) % 1_000_000).expect("small");
    // Some banks pass on our reference alone, some payers type the bill's number alone.
    let (rail_reference, reference, bill) = match number % 20 {
        0 => (None, Some(texts.ours.as_str()), None),
        1 => (None, None, Some(texts.bill.as_str())),
        _ => (
            Some(texts.rail.as_str()),
            Some(texts.ours.as_str()),
            Some(texts.bill.as_str()),
        ),
    };
    let wanted = Expected {
        id: ItemId {
            id: Uuid::from_u128(u128::from(number.unsigned_abs())),
            line: 0,
        },
        kind: Kind::Item,
        direction: Direction::In,
        account: ACCOUNT,
        rail_reference: Some(&texts.rail),
        reference: Some(&texts.ours),
        batch: None,
        bill_number: Some(&texts.bill),
        minor,
        fee_minor: Some(80),
        day: DAY,
        expected_on: Some(DAY),
        met: false,
    };
    let seen = Observed {
        id: ItemId {
            id: Uuid::nil(),
            line: i32::try_from(number).expect("small"),
        },
        direction: Direction::In,
        account: ACCOUNT,
        rail_reference,
        reference,
        bill_number: bill,
        minor,
        fee_minor: None,
        day: DAY,
        returned: false,
    };
    (wanted, seen)
}

impl<'a> Sides<'a> {
    fn put(&mut self, wanted: Expected<'a>, seen: Option<Observed<'a>>) {
        self.expected.push(wanted);
        self.observed.extend(seen);
    }

    /// Spoils a pair. A fault that stands on one side alone leaves the pair's other side out.
    fn fault(
        &mut self,
        class: BreakClass,
        number: i64,
        (mut wanted, mut seen): (Expected<'a>, Observed<'a>),
        strange: Option<&'a str>,
    ) {
        let mut told = number;
        match class {
            BreakClass::MissingInRail => self.put(wanted, None),
            BreakClass::MissingInGateway => {
                seen.rail_reference = strange;
                seen.reference = strange;
                seen.bill_number = None;
                told = -number;
                self.observed.push(seen);
            }
            BreakClass::UnidentifiedCredit => {
                seen.rail_reference = None;
                seen.reference = None;
                seen.bill_number = None;
                told = -number;
                self.observed.push(seen);
            }
            BreakClass::AmountMismatch => {
                seen.reference = wanted.reference;
                seen.minor += 1;
                self.put(wanted, Some(seen));
            }
            BreakClass::DuplicateRailRef => {
                seen.rail_reference = wanted.rail_reference;
                let mut second = seen;
                second.id.line = -seen.id.line;
                second.day = TOO_LATE;
                self.put(wanted, Some(seen));
                self.observed.push(second);
                told = number;
            }
            BreakClass::LateSettlement => {
                seen.rail_reference = wanted.rail_reference;
                seen.day = TOO_LATE;
                self.put(wanted, Some(seen));
            }
            BreakClass::ShortSettlement | BreakClass::OverSettlement => {
                wanted.kind = Kind::Batch;
                seen.reference = wanted.reference;
                let by = if class == BreakClass::ShortSettlement {
                    -50
                } else {
                    50
                };
                seen.minor += by;
                self.put(wanted, Some(seen));
            }
            BreakClass::FeeMismatch => {
                seen.reference = wanted.reference;
                seen.fee_minor = Some(81);
                self.put(wanted, Some(seen));
            }
            BreakClass::ReturnedItem => {
                seen.direction = Direction::Out;
                seen.returned = true;
                told = -number;
                self.observed.push(seen);
            }
        }
        self.planted.entry(class).or_default().push(told);
    }
}
