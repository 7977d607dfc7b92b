//! Settlement files of wallets: whatever the rows are, each is told as it was written and the payout is their sum.

use std::fmt::Write as _;

use epay_money::Money;
use epay_rail::{Decoded, Finding, Inbound, Unreadable};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::support;

fn read(body: &str) -> Result<Decoded, Unreadable> {
    support::wechat().decode(&Inbound::notice(body.as_bytes(), Timestamp::UNIX_EPOCH))
}

/// Whether it is a payment, its cents, and the fee.
type Row = (bool, i64, i64);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let one = (
        prop::bool::weighted(0.8),
        1_i64..1_000_000_000,
        0_i64..10_000,
    );
    prop::collection::vec(one, 0..40)
}

/// The file, its payments less its refunds, and its fees.
fn file(rows: &[Row]) -> (String, i64, i64) {
    let mut text = "EPAY-SETTLEMENT,2,1900000201,S-1,2026-01-21,HKD\n".to_owned();
    let (mut gross, mut fees) = (0, 0);
    for ((is_payment, cents, fee), number) in rows.iter().zip(1..) {
        let (kind, sign) = if *is_payment { ("P", 1) } else { ("R", -1) };
        writeln!(
            text,
            "{kind},EP0AB1CD2EF3GH4JK5MN,T-{number},2026-01-20T15:45:20+08:00,{cents},{fee}"
        )
        .unwrap();
        (gross, fees) = (gross + sign * cents, fees + sign * fee);
    }
    let (count, net) = (rows.len(), gross - fees);
    writeln!(text, "TOTAL,{count},{gross},{fees},{net}").unwrap();
    (text, gross, fees)
}

proptest! {
    #[test]
    fn each_row_is_told_and_the_payout_is_the_sum(rows in rows()) {
        let (text, gross, fees) = file(&rows);
        let told = read(&text).unwrap();
        prop_assert!(told.unreadable.is_empty());
        prop_assert_eq!(told.reports.len(), rows.len());
        for ((is_payment, cents, fee), report) in rows.iter().zip(&told.reports) {
            let finding = if *is_payment { Finding::Settled } else { Finding::Refunded };
            prop_assert_eq!((report.finding, report.amount), (finding, Money::hkd(*cents)));
            prop_assert_eq!(report.fee, Some(Money::hkd(*fee)));
        }
        let payouts: Vec<_> = told.payouts.iter().map(|one| (one.gross.minor(), one.fee.minor(), one.net.minor())).collect();
        let wanted = if gross > fees { (gross, fees, gross - fees) } else { (0, 0, 0) };
        prop_assert_eq!(payouts, [wanted], "less than nothing is not paid over");
    }

    #[test]
    fn a_file_whose_total_is_off_by_a_cent_is_no_file(rows in rows(), field in 1_usize..5) {
        let (text, ..) = file(&rows);
        let (before, total) = text.trim_end().rsplit_once('\n').unwrap();
        let mut fields: Vec<String> = total.split(',').map(str::to_owned).collect();
        let number: i64 = fields[field].parse().unwrap();
        fields[field] = (number + 1).to_string();
        let changed = format!("{before}\n{}\n", fields.join(","));
        prop_assert_eq!(read(&changed).unwrap_err().code(), "wrong_totals");
    }

    #[test]
    fn any_line_in_the_place_of_another_is_read_or_refused(rows in rows(), place in any::<prop::sample::Index>(), line in "[PRTOAL,0-9:+-]{0,60}") {
        let (text, ..) = file(&rows);
        let mut lines: Vec<&str> = text.lines().collect();
        let place = place.index(lines.len());
        lines[place] = &line;
        if let Ok(told) = read(&lines.join("\n")) {
            prop_assert!(told.payouts.len() <= 1);
        }
    }
}
