//! Refunds that are paid out by the departments' bank, end to end: our engine and rail against the sandbox.

use epay_domain::proposal::{Person, Subject, Verdict};
use epay_domain::refund::{RefundState, Source};
use epay_domain::{Receipt, recall};
use epay_engine::{
    DecideProposal, DeclineRecall, ProposePayoutAccount, RecallRefund, RedirectRefund,
    RequestRefund, ReturnRecall,
};
use epay_money::{Money, PayoutAccountId, ProposalId, RefundId};
use epay_rail::PayoutAccount;
use epay_store::{PageRequest, RecallFilter};
use jiff::SignedDuration;
use serde_json::json;

use crate::house::{House, RVD, biller};
use crate::payee_bank::PayeeBank;

const NUMBER: &str = "000123456789011";
const CENTS: i64 = 36_003;
/// The payer's account, at another bank.
pub(crate) const PAYER: &str = "998000000001";
const PAID_ONCE: &str = "1110 Dr 720.06, 2010.rvd.main Cr 360.03";
/// A refund left and came back, and no statement has either yet.
const PAID_AND_BACK: &str =
    "1110 Dr 720.06, 1180 Dr 360.03, 2010.rvd.main Cr 360.03, 2140 Cr 360.03, 2150 Cr 360.03";

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        roles: vec!["controller".to_owned()],
    }
}

async fn decide(house: &House, proposal: ProposalId, approve: bool) {
    let command = DecideProposal {
        proposal,
        verdict: Verdict {
            approve,
            reason: "seen".to_owned(),
        },
        caller: person("bob"),
    };
    house.engine.decide_proposal(command).await.unwrap();
}

/// A bill of HK$360.03 that was paid twice by its one code: both receipts, the duplicate last.
pub(crate) async fn paid_twice(house: &mut House, bank: &mut PayeeBank) -> Vec<Receipt> {
    let bill = house.bill("rvd-rates", NUMBER, CENTS).await;
    let payment = house.payment(&bill, "k1").await;
    let reference = payment.payment.reference.to_string();
    bank.pay(&reference, CENTS, 2).await;
    bank.tell(house).await;
    bank.tell(house).await;
    let mut receipts = house.receipts("rvd").await;
    receipts.sort_by_key(|receipt| receipt.duplicate_minor);
    receipts
}

async fn account(house: &House, receipt: &Receipt, number: &str) -> PayoutAccountId {
    let propose = ProposePayoutAccount {
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        account: PayoutAccount {
            bank_code: "998".to_owned(),
            number: number.to_owned(),
            name: "CHAN Tai Man".to_owned(),
        },
        reason: "bank statement seen".to_owned(),
        idempotency_key: format!("account-{number}"),
        caller: person("ann"),
    };
    let proposal = house.engine.propose_payout_account(propose).await.unwrap();
    decide(house, proposal.id, true).await;
    match proposal.subject {
        Subject::PayoutAccount { account } => account,
        other => unreachable!("{other:?}"),
    }
}

fn request(receipt: &Receipt, account: Option<PayoutAccountId>) -> RequestRefund {
    RequestRefund {
        biller: receipt.biller.clone(),
        receipt: receipt.id,
        source: Some(Source::Duplicate),
        amount: None,
        account,
        reason: "paid twice".to_owned(),
        consent: None,
        idempotency_key: "r1".to_owned(),
        caller: person("ann"),
    }
}

/// The clerk asks, the supervisor agrees, the worker sends.
pub(crate) async fn sent(house: &House, receipt: &Receipt, number: &str) -> RefundId {
    let account = account(house, receipt, number).await;
    let asked = request(receipt, Some(account));
    let view = house.engine.request_refund(asked).await.unwrap();
    decide(house, view.proposal.id, true).await;
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    view.refund.id
}

async fn state(house: &House, refund: RefundId) -> (RefundState, Option<String>) {
    let view = house.engine.reader().refund(&biller("rvd"), refund).await;
    let refund = view.unwrap().refund;
    (refund.state, refund.problem)
}

/// Tells the gateway what the bank says until the refund is in a state.
pub(crate) async fn until(
    house: &mut House,
    bank: &mut PayeeBank,
    refund: RefundId,
    wanted: RefundState,
) {
    while state(house, refund).await.0 != wanted {
        bank.tell(house).await;
    }
}

/// Everything that was said is said, and both books agree on what the department has.
async fn agreed(house: &House, bank: &PayeeBank, department: i64) {
    assert_eq!(bank.balance(RVD).await, department);
    assert_eq!(bank.get("/api/books/summary").await["balanced"], true);
    assert_eq!(house.count("SELECT count(*) FROM epay.quarantine").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_paid_twice_is_asked_back_agreed_to_paid_out_and_booked_by_both_sides() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    let held = format!("{PAID_ONCE}, 2130 Cr 360.03");
    assert_eq!(house.book("rvd").await, held);
    let before = bank.balance(PAYER).await;
    let refund = sent(&house, &receipt, PAYER).await;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    assert_eq!(
        house.book("rvd").await,
        format!("{PAID_ONCE}, 2150 Cr 360.03")
    );
    assert_eq!(bank.balance(PAYER).await - before, CENTS);
    let kinds = "SELECT count(DISTINCT kind) FROM ledger.journal WHERE kind IN \
        ('refund_approved', 'refund_sent', 'refund_debited')";
    assert_eq!(house.count(kinds).await, 2, "no statement has it yet");
    assert!(bank.page("/payouts/book").await.contains("360.03"));
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_in_transit_that_is_rejected_goes_back_to_the_queue_and_out_again() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    bank.fault("rejected-later").await;
    let refund = sent(&house, &receipt, PAYER).await;
    assert_eq!(state(&house, refund).await.0, RefundState::InTransit);
    assert_eq!(
        house.book("rvd").await,
        format!("{PAID_ONCE}, 2150 Cr 360.03")
    );
    bank.tell(&mut house).await;
    let queued = (RefundState::Queued, Some("RJCT AC04".to_owned()));
    assert_eq!(state(&house, refund).await, queued);
    assert_eq!(
        house.book("rvd").await,
        format!("{PAID_ONCE}, 2140 Cr 360.03")
    );
    let again = RedirectRefund {
        biller: biller("rvd"),
        refund,
        account: None,
        caller: person("ann"),
    };
    house.engine.redirect_refund(again).await.unwrap();
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_account_is_rejected_at_once_and_another_one_is_paid() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    let refund = sent(&house, &receipt, "998000000009").await;
    let queued = (RefundState::Queued, Some("RJCT AC04".to_owned()));
    assert_eq!(state(&house, refund).await, queued);
    let again = RedirectRefund {
        biller: biller("rvd"),
        refund,
        account: Some(account(&house, &receipt, PAYER).await),
        caller: person("ann"),
    };
    house.engine.redirect_refund(again).await.unwrap();
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_payees_bank_returns_the_next_day_is_queued_again() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    bank.fault("returned").await;
    let refund = sent(&house, &receipt, PAYER).await;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    agreed(&house, &bank, CENTS).await;
    bank.advance(86_400).await;
    until(&mut house, &mut bank, refund, RefundState::Queued).await;
    assert_eq!(state(&house, refund).await.1.as_deref(), Some("AC04"));
    assert_eq!(house.book("rvd").await, PAID_AND_BACK);
    agreed(&house, &bank, 2 * CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_that_nobody_knows_for_an_hour_is_asked_for_and_paid_once() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    bank.fault("unknown").await;
    let refund = sent(&house, &receipt, PAYER).await;
    assert_eq!(state(&house, refund).await.0, RefundState::Unclear);
    house.clock.forward(SignedDuration::from_mins(1));
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    assert_eq!(state(&house, refund).await.0, RefundState::Unclear);
    assert_eq!(bank.balance(RVD).await, 2 * CENTS);
    bank.advance(3_600).await;
    house.clock.forward(SignedDuration::from_hours(1));
    assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_is_never_answered_stays_unclear_until_the_bank_tells() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    bank.fault("never").await;
    let refund = sent(&house, &receipt, PAYER).await;
    for _look in 0..3 {
        assert_eq!(state(&house, refund).await.0, RefundState::Unclear);
        house.clock.forward(SignedDuration::from_hours(2));
        assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
    }
    bank.post("/api/notices/release", &json!({ "group": "never" }))
        .await;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bank_that_says_nothing_of_a_refund_in_transit_leaves_it_unclear_after_five_days() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    bank.fault("rejected-later").await;
    let refund = sent(&house, &receipt, PAYER).await;
    let day = SignedDuration::from_hours(24);
    for (days, then) in [(4, RefundState::InTransit), (1, RefundState::Unclear)] {
        house.clock.forward(day * days);
        assert_eq!(house.engine.send_refunds().await.unwrap(), 1);
        assert_eq!(state(&house, refund).await.0, then);
    }
    bank.tell(&mut house).await;
    assert_eq!(state(&house, refund).await.0, RefundState::Queued);
    agreed(&house, &bank, 2 * CENTS).await;
    bank.close().await;
}

async fn recalls(house: &House) -> Vec<recall::Recall> {
    let (filter, page) = (RecallFilter::default(), PageRequest::default());
    let reader = house.engine.reader();
    reader.recalls(&filter, page).await.unwrap().items
}

/// The payer's bank asks for the credit of a receipt, and the gateway hears of it.
async fn wanted(house: &mut House, bank: &mut PayeeBank, receipt: &Receipt) -> recall::Recall {
    let asked = json!({ "bank_reference": receipt.rail_reference, "reason": "DUPL" });
    bank.post("/payouts/recalls", &asked).await;
    bank.tell(house).await;
    recalls(house).await.remove(0)
}

/// The one recall, once it was answered: the bank promises no order among its messages.
async fn answer(house: &mut House, bank: &mut PayeeBank) -> recall::Recall {
    loop {
        let recall = recalls(house).await.remove(0);
        if recall.state != recall::RecallState::Waiting {
            return recall;
        }
        bank.tell(house).await;
    }
}

/// What the bank's page says became of the newest request.
async fn bank_was_told(bank: &PayeeBank, words: &str) {
    let page = bank.page("/payouts/book").await;
    assert!(page.contains(&format!("<td>{words}</td>")), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_a_payers_bank_wants_moves_only_by_a_refund_of_two_people() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    let recall = wanted(&mut house, &mut bank, &receipt).await;
    assert_eq!(recall.state, recall::RecallState::Waiting);
    assert_eq!(recall.receipt, Some(receipt.id));
    assert_eq!(recall.payment, receipt.payment);
    assert_eq!(
        (recall.amount, recall.why.as_str()),
        (Money::hkd(CENTS), "DUPL")
    );
    // The same request told again is no news.
    let again = bank.heard.last().unwrap().clone();
    house.receive("again", &again).await.unwrap();
    house.settle().await;
    assert_eq!(recalls(&house).await.len(), 1);
    let held = format!("{PAID_ONCE}, 2130 Cr 360.03");
    assert_eq!(house.book("rvd").await, held);

    let account = account(&house, &receipt, PAYER).await;
    let command = ReturnRecall {
        recall: recall.id,
        refund: request(&receipt, Some(account)),
    };
    let returned = house.engine.return_recall(command.clone()).await.unwrap();
    assert_eq!(returned.0.state, recall::RecallState::Returning);
    let repeated = house.engine.return_recall(command).await.unwrap();
    assert_eq!(repeated, returned, "one key, one refund");
    assert_eq!(house.engine.tell_recalls().await.unwrap(), 0);
    assert_eq!(house.book("rvd").await, held);
    bank_was_told(&bank, "waiting").await;

    decide(&house, returned.1.proposal.id, true).await;
    assert_eq!(house.engine.tell_recalls().await.unwrap(), 1);
    assert_eq!(recalls(&house).await[0].state, recall::RecallState::Agreed);
    bank_was_told(&bank, "CNCL").await;
    assert_eq!(house.engine.tell_recalls().await.unwrap(), 0, "said once");
    house.engine.send_refunds().await.unwrap();
    let refund = returned.1.refund.id;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recall_may_be_declined_also_after_a_second_person_would_not_pay() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    let recall = wanted(&mut house, &mut bank, &receipt).await;
    let command = ReturnRecall {
        recall: recall.id,
        refund: request(&receipt, None),
    };
    let (_, view) = house.engine.return_recall(command).await.unwrap();
    decide(&house, view.proposal.id, false).await;
    house.engine.tell_recalls().await.unwrap();
    let back = recalls(&house).await.remove(0);
    assert_eq!(
        (back.state, back.refund),
        (recall::RecallState::Waiting, None)
    );

    let decline = DeclineRecall {
        biller: biller("rvd"),
        recall: recall.id,
        reason: "the bill was due".to_owned(),
        caller: person("ann"),
    };
    let declined = house.engine.decline_recall(decline.clone()).await.unwrap();
    assert_eq!(declined.state, recall::RecallState::Declined);
    let again = house.engine.decline_recall(decline.clone()).await.unwrap();
    assert_eq!(again, declined);
    let other = DeclineRecall {
        reason: "something else".to_owned(),
        ..decline
    };
    let error = house.engine.decline_recall(other).await.unwrap_err();
    assert_eq!(error.code(), "RECALL_NOT_WAITING");
    assert_eq!(house.engine.tell_recalls().await.unwrap(), 1);
    bank_was_told(&bank, "RJCR CUST").await;
    assert_eq!(
        house.book("rvd").await,
        format!("{PAID_ONCE}, 2130 Cr 360.03")
    );
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistaken_payout_is_asked_back_and_its_money_waits_in_the_queue() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    let refund = sent(&house, &receipt, PAYER).await;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    let ask = RecallRefund {
        biller: biller("rvd"),
        refund,
        reason: "paid to another person".to_owned(),
        caller: person("ann"),
    };
    let asked = house.engine.recall_refund(ask.clone()).await.unwrap();
    let again = house.engine.recall_refund(ask.clone()).await.unwrap();
    assert_eq!(again, asked, "one question at a time");
    assert_eq!(house.engine.tell_recalls().await.unwrap(), 1);
    until(&mut house, &mut bank, refund, RefundState::Queued).await;
    let answered = answer(&mut house, &mut bank).await;
    assert_eq!(answered.state, recall::RecallState::Agreed);
    assert_eq!(answered.answer.as_deref(), Some("CNCL"));
    assert_eq!(house.book("rvd").await, PAID_AND_BACK);
    agreed(&house, &bank, 2 * CENTS).await;
    let error = house.engine.recall_refund(ask).await.unwrap_err();
    assert_eq!(error.code(), "NOTHING_TO_RECALL");
    bank.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payee_may_keep_what_we_ask_back() {
    let mut bank = PayeeBank::open().await;
    let mut house = House::open_with(&bank.rails()).await;
    let receipt = paid_twice(&mut house, &mut bank).await.remove(1);
    bank.fault("recall-refused").await;
    let refund = sent(&house, &receipt, PAYER).await;
    until(&mut house, &mut bank, refund, RefundState::Refunded).await;
    let ask = RecallRefund {
        biller: biller("rvd"),
        refund,
        reason: "paid to another person".to_owned(),
        caller: person("ann"),
    };
    house.engine.recall_refund(ask).await.unwrap();
    house.engine.tell_recalls().await.unwrap();
    let answered = answer(&mut house, &mut bank).await;
    assert_eq!(answered.state, recall::RecallState::Declined);
    assert_eq!(answered.answer.as_deref(), Some("RJCR CUST"));
    assert_eq!(state(&house, refund).await.0, RefundState::Refunded);
    agreed(&house, &bank, CENTS).await;
    bank.close().await;
}
