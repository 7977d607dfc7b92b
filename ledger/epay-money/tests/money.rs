//! Amounts: text, arithmetic, rounding.

use epay_money::{Currency, Money, MoneyError, Rounding};
use proptest::prelude::*;
use rust_decimal::Decimal;

#[expect(
    clippy::expect_used,
    reason = "a helper of a test stops it as the test itself would"
)]
fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a decimal")
}

#[test]
fn text_is_read_exactly_or_not_at_all() {
    for (text, expected) in [
        ("3720.00", Ok(372_000)),
        ("3720", Ok(372_000)),
        ("3720.5", Ok(372_050)),
        ("0.01", Ok(1)),
        ("0", Ok(0)),
        ("1.", Ok(100)),
        ("92233720368547758.07", Ok(i64::MAX)),
        ("92233720368547758.08", Err(MoneyError::Overflow)),
        ("1.001", Err(MoneyError::TooPrecise(decimal("1.001")))),
        ("1.000", Ok(100)),
        ("", Err(MoneyError::NotDecimal)),
        (".5", Err(MoneyError::NotDecimal)),
        ("-1", Err(MoneyError::NotDecimal)),
        ("+1", Err(MoneyError::NotDecimal)),
        ("1,000", Err(MoneyError::NotDecimal)),
        ("1e3", Err(MoneyError::NotDecimal)),
        ("1.0.0", Err(MoneyError::NotDecimal)),
        (" 1", Err(MoneyError::NotDecimal)),
        ("１", Err(MoneyError::NotDecimal)),
    ] {
        let found = Money::parse(text, Currency::Hkd).map(Money::minor);
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn an_amount_is_written_with_its_currency_and_separators() {
    for (minor, expected) in [
        (0, "HKD 0.00"),
        (1, "HKD 0.01"),
        (-1, "HKD -0.01"),
        (99_999, "HKD 999.99"),
        (372_000, "HKD 3,720.00"),
        (100_000_000, "HKD 1,000,000.00"),
        (-372_000, "HKD -3,720.00"),
        (i64::MIN, "HKD -92,233,720,368,547,758.08"),
    ] {
        assert_eq!(Money::hkd(minor).to_string(), expected);
    }
}

#[test]
fn currencies_never_mix_and_sums_never_wrap() {
    let (hkd, cny) = (Money::hkd(1), Money::new(1, Currency::Cny));
    let mixed = Err(MoneyError::Mixed {
        left: Currency::Hkd,
        right: Currency::Cny,
    });
    assert_eq!(hkd.checked_add(cny), mixed);
    assert_eq!(hkd.checked_sub(cny), mixed);
    assert_eq!(
        Money::hkd(i64::MAX).checked_add(hkd),
        Err(MoneyError::Overflow)
    );
    assert_eq!(
        Money::hkd(i64::MIN).checked_sub(hkd),
        Err(MoneyError::Overflow)
    );
    assert_eq!(
        Money::hkd(i64::MIN).checked_neg(),
        Err(MoneyError::Overflow)
    );
}

#[test]
fn each_rounding_does_what_its_name_says() {
    for (text, half_up, half_even, down, up) in [
        ("1.004", 100, 100, 100, 101),
        ("1.005", 101, 100, 100, 101),
        ("1.015", 102, 102, 101, 102),
        ("1.006", 101, 101, 100, 101),
        ("1.00", 100, 100, 100, 100),
        ("-1.005", -101, -100, -100, -101),
        ("-1.004", -100, -100, -100, -101),
        ("0.0001", 0, 0, 0, 1),
    ] {
        for (rounding, expected) in [
            (Rounding::HalfUp, half_up),
            (Rounding::HalfEven, half_even),
            (Rounding::Down, down),
            (Rounding::Up, up),
        ] {
            let found = Money::from_decimal_rounded(decimal(text), Currency::Hkd, rounding)
                .map(Money::minor);
            assert_eq!(found, Ok(expected), "{text} {rounding:?}");
        }
    }
}

#[test]
fn surcharges_and_discounts_are_worked_out_to_the_cent() {
    for (minor, rate, expected) in [
        // Five per cent at once, ten per cent of what is unpaid six months later.
        (3_600_000, "0.05", 180_000),
        (3_780_000, "0.10", 378_000),
        // A merchant's discount of 0.90 and 0.60 per cent.
        (507_400, "0.009", 4_567),
        (36_003, "0.006", 216),
        (1, "0.5", 1),
        (-1, "0.5", -1),
        (0, "0.123456789", 0),
    ] {
        let found = Money::hkd(minor)
            .times(decimal(rate), Rounding::HalfUp)
            .map(Money::minor);
        assert_eq!(found, Ok(expected), "{minor} x {rate}");
    }
}

#[test]
fn a_product_that_cannot_be_exact_is_refused_and_not_rounded_twice() {
    let long = decimal("0.1234567890123456789012345678");
    assert_eq!(
        Money::hkd(i64::MAX).times(long, Rounding::HalfUp),
        Err(MoneyError::Overflow)
    );
    assert_eq!(
        Money::hkd(i64::MAX).times(decimal("2"), Rounding::Down),
        Err(MoneyError::Overflow)
    );
}

proptest! {
    #[test]
    fn what_is_added_can_be_taken_away(left in any::<i64>(), right in any::<i64>()) {
        let (left, right) = (Money::hkd(left), Money::hkd(right));
        if let Ok(sum) = left.checked_add(right) {
            prop_assert_eq!(sum.checked_sub(right), Ok(left));
        }
    }

    #[test]
    fn decimals_and_text_bring_the_amount_back(minor in any::<i64>()) {
        let money = Money::hkd(minor);
        prop_assert_eq!(Money::from_decimal(money.to_decimal(), Currency::Hkd), Ok(money));
        if minor >= 0 {
            prop_assert_eq!(Money::parse(&money.to_decimal().to_string(), Currency::Hkd), Ok(money));
        }
        let plain: String = money.to_string().chars().filter(|c| c.is_ascii_digit() || "-.".contains(*c)).collect();
        prop_assert_eq!(plain, money.to_decimal().to_string());
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}") {
        drop(Money::parse(&text, Currency::Hkd));
    }

    #[test]
    fn rounding_moves_less_than_a_cent_and_in_its_direction(mantissa in -10_i64.pow(15)..10_i64.pow(15), scale in 0_u32..10) {
        let exact = Decimal::new(mantissa, scale);
        for rounding in Rounding::ALL {
            let rounded = Money::from_decimal_rounded(exact, Currency::Hkd, rounding).expect("fits").to_decimal();
            let moved = (rounded - exact).abs();
            prop_assert!(moved < Decimal::new(1, 2), "{exact} {rounding:?}");
            match rounding {
                Rounding::HalfUp | Rounding::HalfEven => prop_assert!(moved <= Decimal::new(5, 3)),
                Rounding::Down => prop_assert!(rounded.abs() <= exact.abs()),
                Rounding::Up => prop_assert!(rounded.abs() >= exact.abs()),
            }
        }
    }

    #[test]
    fn one_time_the_amount_is_the_amount(minor in any::<i64>()) {
        for rounding in Rounding::ALL {
            prop_assert_eq!(Money::hkd(minor).times(Decimal::ONE, rounding), Ok(Money::hkd(minor)));
        }
    }
}
