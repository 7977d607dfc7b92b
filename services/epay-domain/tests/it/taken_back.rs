//! What payers' banks take back: what may be refunded follows, bills open again, and what the books say of it.

use epay_domain::bill::{BillFact, BillState, apply as apply_bill, told as tell_bill};
use epay_domain::promise::{Entry, returned};
use epay_domain::refund::{Pot, Source, Unheld, even_out, is_short, reclaim, restore};
use epay_ledger::{Journal, Side};
use epay_money::{BillerId, Currency, JournalId, Money, ReceiptId};
use proptest::prelude::*;

use crate::support::{PART, bill, bill_type, id, now};

fn pot(receipt: u128, source: Source, received_minor: i64) -> Pot {
    Pot {
        biller: BillerId::new("rvd").unwrap(),
        receipt: ReceiptId::new(id(receipt)),
        source,
        currency: Currency::Hkd,
        received_minor,
        taken_minor: 0,
        reclaimed_minor: 0,
        short_minor: 0,
        version: 0,
    }
}

fn sum(pots: &[Pot], of: impl Fn(&Pot) -> i64) -> i64 {
    pots.iter().map(of).sum()
}

fn left(pots: &[Pot]) -> i64 {
    sum(pots, |pot| pot.left().minor())
}

/// Something that happens to what is refundable of a payment.
#[derive(Debug, Clone)]
enum Step {
    Ask { pot: usize, minor: i64 },
    Decline { refund: usize },
    TakeBack { minor: i64 },
    BringAgain { minor: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..6, 1_i64..80_000).prop_map(|(pot, minor)| Step::Ask { pot, minor }),
        1 => (0_usize..40).prop_map(|refund| Step::Decline { refund }),
        1 => (1_i64..120_000).prop_map(|minor| Step::TakeBack { minor }),
        1 => (1_i64..120_000).prop_map(|minor| Step::BringAgain { minor }),
    ]
}

proptest! {
    #[test]
    fn whatever_banks_and_refunds_take_no_cent_of_a_payment_is_given_twice_by_us(
        received in prop::collection::vec(1_i64..100_000, 1..6),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut pots: Vec<Pot> = received
            .iter()
            .enumerate()
            .map(|(place, minor)| pot(place as u128, Source::ALL[place % 4], *minor))
            .collect();
        let received: i64 = received.iter().sum();
        let (mut away, mut refunds) = (0_i64, Vec::<(usize, Money)>::new());
        for step in steps {
            match step {
                Step::Ask { pot, minor } => {
                    let place = pot % pots.len();
                    let amount = Money::hkd(minor);
                    match pots[place].clone().take(amount) {
                        Ok(after) => {
                            pots[place] = after;
                            refunds.push((place, amount));
                            let promised: i64 = refunds.iter().map(|(_, part)| part.minor()).sum();
                            prop_assert!(promised + away <= received, "a refund was granted of money that is gone");
                        }
                        Err(_refused) => prop_assert!(minor > pots[place].left().minor()),
                    }
                }
                Step::Decline { refund } if !refunds.is_empty() => {
                    let (place, amount) = refunds.swap_remove(refund % refunds.len());
                    pots[place] = pots[place].clone().give_back(amount);
                    even_out(&mut pots);
                }
                Step::Decline { .. } => {}
                Step::TakeBack { minor } => {
                    let Unheld { beyond_minor, .. } = reclaim(&mut pots, minor);
                    away += minor;
                    prop_assert_eq!(beyond_minor > 0, away > received);
                }
                Step::BringAgain { minor } => {
                    let minor = minor.min(away);
                    restore(&mut pots, away, minor);
                    away -= minor;
                }
            }
            let promised: i64 = refunds.iter().map(|(_, part)| part.minor()).sum();
            let gone = away.min(received);
            prop_assert_eq!(left(&pots), (received - promised - gone).max(0));
            prop_assert_eq!(sum(&pots, |pot| pot.short_minor), (promised + gone - received).max(0));
            for pot in &pots {
                prop_assert!(pot.taken_minor >= 0 && pot.reclaimed_minor >= 0);
                prop_assert!(pot.taken_minor + pot.reclaimed_minor <= pot.received_minor);
                prop_assert!((0..=pot.taken_minor).contains(&pot.short_minor));
            }
        }
    }
}

#[test]
fn a_bank_takes_what_is_left_of_every_part_before_a_refund_is_short() {
    let two = || {
        let refunded = pot(1, Source::Duplicate, 5_000).take(Money::hkd(5_000));
        vec![refunded.unwrap(), pot(2, Source::Applied, 3_000)]
    };
    // What the bank takes, what refunds are short by, what is on no part.
    let rows = [(3_000, 0, 0), (4_000, 1_000, 0), (9_000, 5_000, 1_000)];
    for (minor, short_minor, beyond_minor) in rows {
        let mut pots = two();
        let expected = Unheld {
            short_minor,
            beyond_minor,
        };
        assert_eq!(reclaim(&mut pots, minor), expected, "{minor}");
        assert_eq!(is_short(&pots), short_minor > 0);
        assert_eq!(left(&pots), 0);
        restore(&mut pots, minor, minor);
        let before: Vec<i64> = two().iter().map(|pot| pot.left().minor()).collect();
        let after: Vec<i64> = pots.iter().map(|pot| pot.left().minor()).collect();
        assert_eq!(after, before, "all of it came again");
        assert!(!is_short(&pots));
    }
}

fn lines(journal: &Journal) -> String {
    let lines: Vec<String> = journal
        .postings()
        .iter()
        .map(|posting| {
            let side = match posting.side {
                Side::Debit => "Dr",
                Side::Credit => "Cr",
            };
            let amount = Money::hkd(posting.minor).to_decimal();
            format!("{side} {} {amount}", posting.account.as_str())
        })
        .collect();
    lines.join(", ")
}

#[test]
fn what_a_returned_promise_had_brought_is_given_up_where_it_is_held_and_owed_where_it_is_not() {
    let all = |source| vec![pot(1, source, 372_000)];
    let refunded = pot(1, Source::Duplicate, 372_000).take(Money::hkd(72_000));
    let rows = [
        (all(Source::Applied), "Dr 1230.rvd 3720.00, Cr 1180 3720.00"),
        (all(Source::Duplicate), "Dr 2130 3720.00, Cr 1180 3720.00"),
        (all(Source::Unapplied), "Dr 2110 3720.00, Cr 1180 3720.00"),
        (
            vec![
                pot(1, Source::Applied, 300_000),
                pot(1, Source::Overpaid, 72_000),
            ],
            "Dr 1230.rvd 3000.00, Dr 2120 720.00, Cr 1180 3720.00",
        ),
        // Given to the payer already: nobody holds it.
        (
            vec![refunded.unwrap()],
            "Dr 1230.rvd 720.00, Dr 2130 3000.00, Cr 1180 3720.00",
        ),
        // Carried forward: the department has it.
        (vec![], "Dr 1230.rvd 3720.00, Cr 1180 3720.00"),
    ];
    for (pots, expected) in rows {
        let entry = Entry {
            journal: JournalId::new(id(9)),
            book: BillerId::new("rvd").unwrap(),
            at: now(),
            day: "2026-01-20".parse().unwrap(),
            source: "payment".to_owned(),
        };
        let journal = returned(entry, Money::hkd(372_000), &pots).unwrap();
        assert_eq!(lines(&journal), expected);
    }
}

#[test]
fn a_bill_whose_receipt_was_returned_is_due_again_by_what_had_been_applied() {
    use BillState as S;
    // The state before, what was applied, what was returned of it, the state after, what is due.
    let rows = [
        (S::Paid, 372_000, 372_000, S::Open, 372_000),
        (S::Paid, 372_000, 300_000, S::PartPaid, 300_000),
        (S::PartPaid, 100_000, 100_000, S::Open, 372_000),
        (S::PartPaid, 100_000, 40_000, S::PartPaid, 312_000),
        (S::Withdrawn, 100_000, 100_000, S::Withdrawn, 0),
    ];
    for (state, applied_minor, minor, after, due) in rows {
        let mut before = bill(372_000);
        before.state = state;
        before.applied_minor = applied_minor;
        before.paid_at = (state == S::Paid).then(now);
        let receipt = ReceiptId::new(id(3));
        let fact = BillFact::Returned { receipt, minor };
        let events = tell_bill(&before, bill_type(PART).policy, &fact);
        let bill = events
            .iter()
            .fold(before, |bill, event| apply_bill(bill, event, now()));
        assert_eq!((bill.state, bill.outstanding_minor()), (after, due));
        assert_eq!(bill.paid_at, None);
    }
}
