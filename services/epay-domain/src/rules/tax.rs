//! Tax: two instalments, three quarters and one quarter, in whole dollars.

use epay_money::{Currency, Money};
use jiff::civil::Date;

use crate::bill::Instalment;

/// Cents of a dollar.
const DOLLAR: i64 = 100;

/// The two instalments of a tax demand. The first is 75 %, rounded up to a whole dollar; the second is the rest. `None` for
/// another currency, an amount that is no whole dollar, too small to be cut in two, or days that do not rise.
#[must_use]
pub fn tax_instalments(amount: Money, first: Date, second: Date) -> Option<[Instalment; 2]> {
    let minor = amount.minor();
    if amount.currency() != Currency::Hkd || minor.checked_rem(DOLLAR)? != 0 || first >= second {
        return None;
    }
    let dollars = minor.checked_div(DOLLAR)?;
    let quarter = dollars.checked_div(4).filter(|quarter| *quarter > 0)?;
    let rest = quarter.checked_mul(DOLLAR)?;
    Some([
        Instalment {
            minor: minor.checked_sub(rest)?,
            due_date: first,
        },
        Instalment {
            minor: rest,
            due_date: second,
        },
    ])
}
