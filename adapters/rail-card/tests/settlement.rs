//! Any batch that adds up is read to the cent, and none that does not.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::fmt::Write as _;

use epay_money::{Money, RailId};
use epay_rail::{Decoded, Inbound, Rail, Unreadable};
use jiff::Timestamp;
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::select;

/// A line: kind, gross and fee in cents.
type Row = (&'static str, i64, i64);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let kinds = select(vec![
        "CAPTURE",
        "REFUND",
        "CHARGEBACK",
        "CHARGEBACK_REVERSAL",
    ]);
    let row = (kinds, 1..10_000_000_i64, 0..100_000_i64);
    proptest::collection::vec(row, 0..20)
}

fn text(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn net((kind, gross, fee): Row) -> i64 {
    match kind {
        "CAPTURE" | "CHARGEBACK_REVERSAL" => gross - fee,
        _ => -gross - fee,
    }
}

/// Sums of captures, of their fees, and of all nets.
fn sums(rows: &[Row]) -> (i64, i64, i64) {
    let captures = rows.iter().filter(|(kind, ..)| *kind == "CAPTURE");
    let (collected, discount) = captures.fold((0, 0), |(collected, discount), (_, gross, fee)| {
        (collected + gross, discount + fee)
    });
    (collected, discount, rows.iter().copied().map(net).sum())
}

fn file(rows: &[Row], (collected, discount, total): (i64, i64, i64)) -> String {
    let mut file = "H,EPAY-CARD-SETTLEMENT,1,B-1,TESTTD,HKD,2026-01-22\n".to_owned();
    for (index, row) in rows.iter().enumerate() {
        let (kind, gross, fee) = (row.0, text(row.1), text(row.2));
        let at = "2026-01-20T15:45:00Z";
        let net = text(net(*row));
        writeln!(
            file,
            "T,{kind},EP0AB1CD2EF3GH4JK5MN,X-{index},{at},{at},{gross},{fee},{net},,"
        )
        .unwrap();
    }
    let (collected, discount, total) = (text(collected), text(discount), text(total));
    writeln!(file, "Z,{},{collected},{discount},{total}", rows.len()).unwrap();
    file
}

fn decode(file: &str) -> Result<Decoded, Unreadable> {
    let rail: Box<dyn Rail> = rail_card::open(&RailId::new("card").unwrap(), "").unwrap();
    rail.decode(&Inbound::notice(file.as_bytes(), Timestamp::UNIX_EPOCH))
}

/// The same file where it comes as one, in pieces.
fn read(file: &str, piece: usize) -> Result<Decoded, Unreadable> {
    let rail: Box<dyn Rail> = rail_card::open(&RailId::new("card").unwrap(), "").unwrap();
    let mut reader = rail.open_file(Timestamp::UNIX_EPOCH).unwrap();
    let mut decoded = Decoded::default();
    for bytes in file.as_bytes().chunks(piece) {
        reader.feed(bytes, &mut decoded)?;
    }
    reader.end(&mut decoded)?;
    Ok(decoded)
}

proptest! {
    #[test]
    fn a_file_says_the_same_as_a_message(rows in rows(), off in 0..2_i64, piece in 1..300_usize) {
        let (collected, discount, total) = sums(&rows);
        let file = file(&rows, (collected, discount, total + off));
        assert_eq!(read(&file, piece), decode(&file));
    }

    #[test]
    fn a_batch_that_adds_up_is_read_to_the_cent(rows in rows()) {
        let (collected, discount, total) = sums(&rows);
        let decoded = decode(&file(&rows, (collected, discount, total))).unwrap();
        assert_eq!(decoded.reports.len(), rows.len());
        assert!(decoded.unreadable.is_empty());
        for (report, row) in decoded.reports.iter().zip(&rows) {
            assert_eq!(report.amount, Money::hkd(row.1));
        }
        match decoded.payouts.as_slice() {
            // A batch of nothing tells its lines; a later one carries its sum.
            [payout] if total <= 0 => {
                let amounts = (payout.gross, payout.fee, payout.net);
                assert_eq!(amounts, (Money::hkd(0), Money::hkd(0), Money::hkd(0)));
            }
            [payout] => {
                assert_eq!(payout.net, Money::hkd(total));
                assert_eq!(payout.fee, Money::hkd(discount));
                assert_eq!(payout.gross, payout.net.checked_add(payout.fee).unwrap());
            }
            more => panic!("{more:?}"),
        }
    }

    #[test]
    fn a_trailer_that_is_one_cent_off_is_refused(rows in rows(), which in 0..3_usize, up in any::<bool>()) {
        let right = sums(&rows);
        let off = if up || which < 2 { 1 } else { -1 };
        let wrong = match which {
            0 => (right.0 + off, right.1, right.2),
            1 => (right.0, right.1 + off, right.2),
            _ => (right.0, right.1, right.2 + off),
        };
        let refused = decode(&file(&rows, wrong)).unwrap_err();
        assert_eq!(refused.code(), "wrong_totals");
    }
}
