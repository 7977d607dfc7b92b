//! Settlement reports of PPS: whatever the details are, each is told as it was written and the credits are their sums.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use epay_money::{Money, RailId};
use epay_rail::{Decoded, Inbound, Unreadable};
use jiff::Timestamp;
use proptest::prelude::*;

fn read(body: &str) -> Result<Decoded, Unreadable> {
    let rail = rail_pps::bill::open(&RailId::new("pps").unwrap(), "").unwrap();
    rail.decode(&Inbound::notice(body.as_bytes(), Timestamp::UNIX_EPOCH))
}

/// Merchant, bill, cents and the PPS reference of a payment.
type Detail = (u8, u64, i64, u32);

fn details() -> impl Strategy<Value = Vec<Detail>> {
    let one = (
        0_u8..4,
        0_u64..1_000_000_000_000,
        1_i64..1_000_000_000_000,
        any::<u32>(),
    );
    prop::collection::vec(one, 0..40)
}

fn report(details: &[Detail]) -> String {
    let mut text = "H|EPAY-PPS-SETTLEMENT|1|S-PPS-1|20260121063000|20260121\n".to_owned();
    let (mut amounts, mut hash) = (0_u128, 0_u128);
    for (merchant, bill, cents, reference) in details {
        writeln!(
            text,
            "D|99010{merchant}|{bill:015}|{cents}|P{reference}|20260120185903|20260121|****1234"
        )
        .unwrap();
        amounts += u128::try_from(*cents).unwrap();
        hash += u128::from(*bill);
    }
    let modulus = 10_000_000_000_000_000;
    let (count, amounts, hash) = (details.len(), amounts % modulus, hash % modulus);
    text + &format!("T|{count}|{amounts}|{hash}\n")
}

proptest! {
    #[test]
    fn each_detail_is_told_and_each_merchants_credit_is_the_sum_of_its_own(details in details()) {
        let told = read(&report(&details)).unwrap();
        prop_assert!(told.unreadable.is_empty());
        let mut sums: BTreeMap<String, (u32, i64)> = BTreeMap::new();
        prop_assert_eq!(told.reports.len(), details.len());
        for ((merchant, bill, cents, reference), report) in details.iter().zip(&told.reports) {
            let account = format!("99010{merchant}");
            prop_assert_eq!(&report.rail_account, &account);
            prop_assert_eq!(report.amount, Money::hkd(*cents));
            prop_assert_eq!(&report.rail_reference, &format!("P{reference}"));
            prop_assert_eq!(report.bill_number.clone(), Some(format!("{bill:015}")));
            let (count, sum) = sums.entry(account).or_default();
            (*count, *sum) = (*count + 1, *sum + cents);
        }
        let credits = told.payouts.iter().map(|one| {
            assert_eq!((one.gross, one.fee.minor()), (one.net, 0), "PPS keeps nothing back");
            (one.rail_account.clone(), (one.items, one.net.minor()))
        });
        prop_assert_eq!(credits.collect::<BTreeMap<_, _>>(), sums);
    }

    #[test]
    fn a_report_that_lost_a_detail_is_no_report(details in details(), lost in any::<prop::sample::Index>()) {
        prop_assume!(!details.is_empty());
        let text = report(&details);
        let lost = lost.index(details.len()) + 1;
        let lines = text.lines().enumerate().filter(|(place, _line)| *place != lost);
        let rest: String = lines.map(|(_place, line)| format!("{line}\n")).collect();
        prop_assert!(read(&rest).is_err());
    }

    #[test]
    fn any_line_in_the_place_of_another_is_read_or_refused(details in details(), place in any::<prop::sample::Index>(), line in "[DHT|0-9A-Z\\-]{0,60}") {
        let text = report(&details);
        let mut lines: Vec<&str> = text.lines().collect();
        let place = place.index(lines.len());
        if let Some(one) = lines.get_mut(place) {
            *one = &line;
        }
        if let Ok(told) = read(&lines.join("\n")) {
            let credited: i64 = told.payouts.iter().map(|one| one.net.minor()).sum();
            let named: i64 = told.reports.iter().map(|one| one.amount.minor()).sum();
            prop_assert!(named <= credited, "nothing is told that is not credited");
        }
    }
}
