//! Departments' figures, as they are published or worked by hand.

use epay_domain::LateRule;
use epay_domain::rules::{
    LicenceTerm, last_business_day, late_charges, licence_fee, licence_window, quarter_due_date,
    rates_demand, tax_instalments, water_bill,
};
use epay_money::{Currency, Money};
use jiff::civil::{Date, date};

use crate::support::{calendar, text};

#[test]
fn the_last_day_of_a_quarter_rolls_back() {
    let rows = [
        (2025, 1, date(2025, 1, 28)),
        (2026, 1, date(2026, 1, 30)),
        (2026, 2, date(2026, 4, 30)),
        (2026, 3, date(2026, 7, 31)),
        (2026, 4, date(2026, 10, 30)),
        (2027, 1, date(2027, 1, 29)),
        (2027, 2, date(2027, 4, 30)),
        (2027, 3, date(2027, 7, 30)),
        (2027, 4, date(2027, 10, 29)),
    ];
    for (year, quarter, expected) in rows {
        let day = quarter_due_date(year, quarter, &calendar());
        assert_eq!(day, Ok(expected), "{year} quarter {quarter}");
    }
    let within = last_business_day(date(2026, 6, 1), &calendar());
    assert_eq!(within, Ok(date(2026, 4, 30)));
    for (year, quarter) in [(2026, 0), (2026, 5), (2026, i8::MIN), (2035, 1)] {
        assert!(quarter_due_date(year, quarter, &calendar()).is_err());
    }
}

#[test]
fn rates_and_rent_are_a_quarter_of_the_years() {
    // Rateable value, domestic, rent; cents of rates and of rent.
    let rows = [
        (186_000, true, true, 232_500, 139_500),
        (186_000, true, false, 232_500, 0),
        (550_000, true, true, 687_500, 412_500),
        (550_001, true, false, 687_502, 0),
        (800_000, true, true, 1_187_500, 600_000),
        (1_000_000, true, true, 1_787_500, 750_000),
        (1_000_000, false, true, 1_250_000, 750_000),
        (1, true, true, 1, 1),
        (0, true, true, 0, 0),
    ];
    for (value, domestic, rent, rates, government_rent) in rows {
        let demand = rates_demand(value, domestic, rent).unwrap();
        let found = (demand.rates.minor(), demand.rent.minor());
        assert_eq!(found, (rates, government_rent), "{value}");
    }
    assert_eq!(rates_demand(-1, true, true), None);
    assert_eq!(rates_demand(i64::MAX, false, true), None);
}

#[test]
fn water_is_charged_by_the_band() {
    // Cubic metres; cents of water and of sewage.
    let rows = [
        (0, 0, 0),
        (12, 0, 0),
        (13, 416, 292),
        (43, 12_896, 9_052),
        (58, 22_571, 13_432),
        (62, 25_151, 14_600),
        (63, 26_056, 14_892),
    ];
    for (consumed, water, sewage) in rows {
        let bill = water_bill(consumed).unwrap();
        let found = (bill.water.minor(), bill.sewage.minor());
        assert_eq!(found, (water, sewage), "{consumed} cubic metres");
    }
}

#[test]
fn licence_fees_are_the_published_ones() {
    // Engine, and dollars of a year and of four months.
    let rows = [
        (1_500, 5_074, 1_804),
        (2_500, 7_498, 2_653),
        (3_500, 9_929, 3_504),
        (4_500, 12_360, 4_355),
        (4_501, 14_694, 5_171),
    ];
    for (engine, year, four_months) in rows {
        let terms = [
            (LicenceTerm::Year, year, 114),
            (LicenceTerm::FourMonths, four_months, 38),
        ];
        for (term, dollars, levy) in terms {
            let fee = licence_fee(engine, false, term).unwrap();
            assert_eq!(
                fee.total(),
                Some(Money::hkd(dollars * 100)),
                "{engine} {term:?}"
            );
            assert_eq!(fee.levy, Money::hkd(levy * 100));
        }
    }
    let diesel = licence_fee(1_500, true, LicenceTerm::Year).unwrap();
    assert_eq!(diesel.total(), Some(Money::hkd(697_200)));
}

#[test]
fn a_licence_is_renewed_from_four_months_before_to_two_years_after() {
    let rows: [(Date, Date, Date); 3] = [
        (date(2026, 6, 30), date(2026, 2, 28), date(2028, 6, 30)),
        (date(2026, 1, 15), date(2025, 9, 15), date(2028, 1, 15)),
        (date(2024, 2, 29), date(2023, 10, 29), date(2026, 2, 28)),
    ];
    for (expires, opens, closes) in rows {
        assert_eq!(licence_window(expires), (opens, closes), "{expires}");
    }
}

#[test]
fn tax_is_cut_three_to_one_in_whole_dollars() {
    let (first, second) = (date(2026, 1, 5), date(2026, 4, 8));
    let rows = [
        (3_600_000, Some((2_700_000, 900_000))),
        (3_600_100, Some((2_700_100, 900_000))),
        (3_600_300, Some((2_700_300, 900_000))),
        (400, Some((300, 100))),
        (300, None),
        (3_600_050, None),
        (0, None),
        (-400, None),
    ];
    for (minor, expected) in rows {
        let cut = tax_instalments(Money::hkd(minor), first, second);
        let found = cut.map(|[one, two]| (one.minor, two.minor));
        assert_eq!(found, expected, "{minor}");
    }
    assert_eq!(tax_instalments(Money::hkd(400), second, first), None);
    let yuan = Money::new(400, Currency::Cny);
    assert_eq!(tax_instalments(yuan, first, second), None);
}

#[test]
fn lateness_is_shown_step_by_step() {
    let rule = |after_months, basis_points| LateRule {
        after_months,
        basis_points,
        words: text("late"),
    };
    let rules = [rule(0, 500), rule(1, 0), rule(6, 1_000)];
    let steps = late_charges(Money::hkd(3_600_000), date(2026, 1, 30), &rules).unwrap();
    let found: Vec<(Date, i64, i64)> = steps
        .iter()
        .map(|step| (step.after, step.charge.minor(), step.total.minor()))
        .collect();
    assert_eq!(
        found,
        [
            (date(2026, 1, 30), 180_000, 3_780_000),
            (date(2026, 7, 30), 378_000, 4_158_000),
        ]
    );
    // Half a cent goes up.
    let odd = late_charges(Money::hkd(10), date(2026, 1, 30), &rules[..1]).unwrap();
    assert_eq!(odd[0].charge.minor(), 1);
    assert_eq!(
        late_charges(Money::hkd(i64::MAX), date(2026, 1, 30), &rules),
        None
    );
}
