//! Water and sewage of a household, for four months.

use epay_money::Money;

/// Domestic water: so many cubic metres at so many cents each, the first free.
const WATER_CENTS: [(u32, i64); 4] = [(12, 0), (31, 416), (19, 645), (u32::MAX, 905)];
/// Cubic metres for which no sewage charge is made.
const SEWAGE_FREE_M3: u32 = 12;
/// Cents of sewage charge for each cubic metre above.
const SEWAGE_CENTS: i64 = 292;

/// What a bill is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaterBill {
    /// Water.
    pub water: Money,
    /// Sewage.
    pub sewage: Money,
}

/// The charges for a consumption. `None` only beyond what an amount holds.
#[must_use]
pub fn water_bill(consumed_m3: u32) -> Option<WaterBill> {
    let mut left = consumed_m3;
    let mut water = 0_i64;
    for (band, cents) in WATER_CENTS {
        let here = left.min(band);
        left = left.saturating_sub(here);
        water = water.checked_add(i64::from(here).checked_mul(cents)?)?;
    }
    let charged = consumed_m3.saturating_sub(SEWAGE_FREE_M3);
    let sewage = i64::from(charged).checked_mul(SEWAGE_CENTS)?;
    Some(WaterBill {
        water: Money::hkd(water),
        sewage: Money::hkd(sewage),
    })
}
