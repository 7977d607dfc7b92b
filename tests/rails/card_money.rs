//! What the acquirer pays, and takes back: settlement, refunds, disputes.

use epay_money::Money;
use epay_rail::{Ask, Decoded, Finding, Rail, Refund};

use crate::house::House;
use crate::payer::{APPROVED, ask, findings, open, paid, then};

const ONE: &str = "EP0AB1CD2EF3GH4JK5MN";
const TWO: &str = "EP0AB1CD2EF3GH4JK5MP";
const DAY: i64 = 86_400;

/// The next settlement file; notifications on the way are hints.
async fn file(house: &mut House, rail: &dyn Rail) -> Decoded {
    loop {
        let heard = house.next(rail).await.unwrap();
        if heard.decoded.hints.is_empty() {
            return heard.decoded;
        }
    }
}

/// Gross, fee and net of a file's payout, in cents.
fn payout(file: &Decoded) -> (i64, i64, i64) {
    let payout = &file.payouts[0];
    (payout.gross.minor(), payout.fee.minor(), payout.net.minor())
}

async fn balance(house: &House, account: &str) -> i64 {
    let accounts = house.get("/api/books/accounts").await;
    let rows = accounts["accounts"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["account"] == account);
    row.unwrap()["balance_cents"].as_i64().unwrap()
}

fn refund(cents: i64) -> Ask {
    Ask::Refund(Refund {
        amount: Money::hkd(cents),
        original_rail_reference: format!("{ONE}-C1"),
        account: None,
        reason: "paid twice".to_owned(),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_captured_is_paid_two_days_later_net_of_the_discount() {
    let (mut house, rail) = open("").await;
    let before = balance(&house, "999000000401").await;
    paid(&house, rail.as_ref(), ONE, (APPROVED, "X")).await;
    house.advance(3 * DAY).await;
    let told = file(&mut house, rail.as_ref()).await;
    // The worked example J02.
    assert_eq!(payout(&told), (507_400, 4_567, 502_833));
    let key = format!("{ONE}-C1");
    assert_eq!(findings(&told), [(key.as_str(), Finding::Settled)]);
    assert_eq!(told.reports[0].rail_reference, key);
    assert_eq!(balance(&house, "999000000401").await - before, 502_833);
    assert_eq!(balance(&house, "CARD-MERCHANT-TESTTD").await, 0);
    assert_eq!(balance(&house, "CARD-DISCOUNT").await, 4_567);
    assert_eq!(balance(&house, "CARD-HELD").await, 0);
    assert_eq!(house.get("/api/books/summary").await["balanced"], true);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_are_accepted_up_to_what_was_captured_and_leave_with_a_settlement() {
    let (mut house, rail) = open("").await;
    let mut attempt = paid(&house, rail.as_ref(), ONE, (APPROVED, "X")).await;
    for (key, cents, expected) in [
        ("R1", 2_000, Finding::RefundAccepted),
        ("R2", 505_401, Finding::Unclear),
        ("R3", 505_400, Finding::RefundAccepted),
        ("R4", 1, Finding::Unclear),
    ] {
        let answer = then(&house, rail.as_ref(), &attempt, (key, refund(cents))).await;
        assert_eq!(answer.read().reports[0].finding, expected, "{key}");
    }
    let truth = ask(&house, rail.as_ref(), &mut attempt).await;
    let accepted = findings(&truth)
        .into_iter()
        .filter(|(_, finding)| *finding == Finding::RefundAccepted);
    assert_eq!(accepted.count(), 2);
    paid(&house, rail.as_ref(), TWO, (APPROVED, "X")).await;
    house.advance(3 * DAY).await;
    let told = file(&mut house, rail.as_ref()).await;
    let refunded: Vec<i64> = told
        .reports
        .iter()
        .filter(|report| report.finding == Finding::Refunded)
        .map(|report| report.amount.minor())
        .collect();
    assert_eq!(refunded, [2_000, 505_400]);
    assert_eq!(payout(&told), (507_400, 2 * 4_567, 507_400 - 2 * 4_567));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_refund_stays_with_us() {
    let (house, rail) = open("").await;
    let card = ("9999 0000 0000 0150", "X");
    let attempt = paid(&house, rail.as_ref(), ONE, card).await;
    let answer = then(&house, rail.as_ref(), &attempt, ("R1", refund(100))).await;
    let report = answer.read().reports.remove(0);
    assert_eq!(report.finding, Finding::RefundRejected);
    assert!(report.reason.unwrap().starts_with("DECLINED (05)"));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_is_charged_back_on_day_forty_and_won_again_ten_days_later() {
    let (mut house, rail) = open("").await;
    let card = ("9999 0000 0000 0135", "X");
    paid(&house, rail.as_ref(), ONE, card).await;
    house.advance(39 * DAY).await;
    let first = file(&mut house, rail.as_ref()).await;
    assert_eq!(payout(&first), (507_400, 4_567, 502_833));
    house.advance(3 * DAY).await;
    // There was nothing else that day: the file tells of the dispute and pays nothing.
    let dispute = file(&mut house, rail.as_ref()).await;
    assert_eq!(payout(&dispute), (0, 0, 0));
    let report = &dispute.reports[0];
    assert_eq!(report.finding, Finding::ChargedBack);
    assert_eq!(report.amount.minor(), 507_400);
    assert_eq!(report.fee.map(Money::minor), Some(10_000));
    assert_eq!(report.reference.as_deref(), Some(ONE));
    assert_eq!(report.reason.as_deref(), Some("10.4 other fraud"));
    house.advance(10 * DAY).await;
    let won = file(&mut house, rail.as_ref()).await;
    assert_eq!(won.reports[0].finding, Finding::ChargebackReversed);
    assert_eq!(payout(&won), (0, 0, 0), "the fee is still owed: {won:?}");
    // The next capture pays for the fee that is still owed.
    paid(&house, rail.as_ref(), TWO, (APPROVED, "X")).await;
    house.advance(3 * DAY).await;
    let last = file(&mut house, rail.as_ref()).await;
    assert_eq!(payout(&last), (497_400, 4_567, 492_833));
    assert_eq!(balance(&house, "CARD-MERCHANT-TESTTD").await, 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settlement_comes_short_or_late() {
    let (mut house, rail) = open("").await;
    let short = (APPROVED, "FAULT SHORT-SETTLEMENT");
    paid(&house, rail.as_ref(), ONE, short).await;
    let late = (APPROVED, "FAULT LATE-SETTLEMENT");
    paid(&house, rail.as_ref(), TWO, late).await;
    house.advance(5 * DAY).await;
    let told = file(&mut house, rail.as_ref()).await;
    assert_eq!(payout(&told), (507_300, 4_567, 502_733));
    assert_eq!(told.unreadable[0].code, "unlisted_kind");
    let told = file(&mut house, rail.as_ref()).await;
    assert_eq!(payout(&told), (507_400, 4_567, 502_833));
    house.close().await;
}
