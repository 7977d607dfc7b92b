//! Bills by instalments and bills with a second factor, from the file to the payment.

use epay_bill_file::Format;
use epay_domain::bill::BillState;
use epay_domain::{
    BillType, InstalmentPolicy, LocalizedText, PayWindow, Policy, SecondFactor, SecondFactorKind,
    Terms,
};
use epay_engine::{BillView, CreatePayment, EngineError, Imported};
use epay_money::{BillTypeCode, Money};

use crate::house::{House, RVD, biller, credit, notice};

const KIND: &str = "rvd-rates";
const NUMBER: &str = "000123456789011";

fn text(words: &str) -> LocalizedText {
    LocalizedText {
        en: words.to_owned(),
        zh_hant: words.to_owned(),
        zh_hans: words.to_owned(),
    }
}

fn terms() -> Terms {
    Terms {
        instalments: Some(InstalmentPolicy {
            count_max: 2,
            rest_falls_due: true,
        }),
        second_factor: Some(SecondFactor {
            kind: SecondFactorKind::PayerName,
            label: text("Name"),
        }),
        ..Terms::default()
    }
}

/// A house whose kind is paid whole or by instalments, and asks for a name.
async fn house(terms: Terms) -> House {
    let house = House::open().await;
    let change = |kind: &mut BillType| {
        kind.terms = terms;
        kind.policy = Policy {
            part_allowed: false,
            ..kind.policy
        };
    };
    house.change_kind(KIND, change).await;
    house
}

async fn import(
    house: &House,
    document: &str,
    revision: &str,
    instalments: &str,
    name: &str,
) -> Imported {
    let file = format!(
        "document,revision,bill_type,number,amount,due_date,instalments,second_factor\n\
         {document},{revision},{KIND},{NUMBER},3600.00,2026-12-31,{instalments},{name}\n"
    );
    let mut import = house.engine.import_bills(biller("rvd"), Format::Csv);
    import.feed(file.as_bytes()).await.unwrap();
    import.end().await.unwrap().0
}

fn faults(done: &Imported) -> Vec<(&'static str, &'static str)> {
    let faults = done.faults.iter();
    faults.map(|fault| (fault.field, fault.code)).collect()
}

async fn found(house: &House, name: &str) -> Result<BillView, EngineError> {
    let code = BillTypeCode::new(KIND).unwrap();
    house.engine.look_up_bill(&code, NUMBER, name).await
}

const HALVES: &str = "2026-12-31=2700.00;2027-04-08=900.00";

#[tokio::test]
async fn instalments_are_paid_one_by_one_and_a_part_of_one_is_held() {
    let mut house = house(terms()).await;
    let done = import(&house, "A", "", HALVES, "CHAN Tai Man").await;
    assert_eq!((done.issued, faults(&done)), (1, vec![]));
    let again = import(&house, "A", "", HALVES, "chan tai-man").await;
    assert_eq!(again.known, 1, "a name is the same however it is written");
    let bill = found(&house, "Chan Tai Man").await.unwrap();
    let pay = |minor: i64, key: &str| CreatePayment {
        amount: Some(Money::hkd(minor)),
        ..House::pay(&bill, key)
    };
    let part = house.engine.create_payment(pay(100_000, "k1")).await;
    assert!(
        matches!(part, Err(EngineError::Refused(refusal)) if refusal.code() == "PART_PAYMENT_NOT_ALLOWED")
    );
    let first = house
        .engine
        .create_payment(pay(270_000, "k2"))
        .await
        .unwrap();
    assert_eq!(first.payment.amount, Money::hkd(270_000));
    let paid = credit(RVD, "B1", 270_000).for_payment(&first);
    let part = credit(RVD, "B2", 50_000).for_number(NUMBER);
    house.receive("m1", &notice(&[paid, part])).await.unwrap();
    house.settle().await;
    let after = found(&house, "Chan Tai Man").await.unwrap().bill;
    assert_eq!(
        (after.state, after.applied_minor),
        (BillState::PartPaid, 270_000)
    );
    assert!(!after.instalment_missed);
    assert_eq!(after.next_due_date().to_string(), "2027-04-08");
    let receipts = house.receipts("rvd").await;
    let held: i64 = receipts.iter().map(|receipt| receipt.unapplied_minor).sum();
    assert_eq!(held, 50_000);
    let rest = credit(RVD, "B3", 90_000).for_number(NUMBER);
    house.receive("m2", &notice(&[rest])).await.unwrap();
    house.settle().await;
    let after = found(&house, "Chan Tai Man").await.unwrap().bill;
    assert_eq!(after.state, BillState::Paid);
}

#[tokio::test]
async fn a_revision_may_move_the_days_of_instalments_and_cut_them_otherwise_only_before_money_came()
{
    let house = house(terms()).await;
    import(&house, "A", "", HALVES, "CHAN Tai Man").await;
    let moved = "2026-12-31=2700.00;2027-05-10=900.00";
    let done = import(&house, "A", "1", moved, "").await;
    assert_eq!((done.revised, faults(&done)), (1, vec![]));
    let bill = found(&house, "chantaiman").await.unwrap();
    assert_eq!(bill.bill.instalments[1].due_date.to_string(), "2027-05-10");
    let paid = credit(RVD, "B1", 270_000).for_number(NUMBER);
    house.receive("m1", &notice(&[paid])).await.unwrap();
    let mut house = house;
    house.settle().await;
    let otherwise = "2026-12-31=1800.00;2027-05-10=1800.00";
    let done = import(&house, "A", "2", otherwise, "").await;
    assert_eq!(faults(&done), [("amount", "BILL_HAS_RECEIPTS")]);
    let later = "2026-12-31=2700.00;2027-06-10=900.00";
    let done = import(&house, "A", "2", later, "WONG Siu Ming").await;
    assert_eq!((done.revised, faults(&done)), (1, vec![]));
    assert!(found(&house, "chantaiman").await.is_err());
    assert!(found(&house, "Wong siu-ming").await.is_ok());
}

#[tokio::test]
async fn of_a_second_factor_nothing_is_kept_that_could_be_read_or_tried_out() {
    let house = house(terms()).await;
    let rows = [
        (
            import(&house, "A", "", "", "").await,
            "SECOND_FACTOR_MISSING",
        ),
        (
            import(&house, "B", "", "", "- -").await,
            "SECOND_FACTOR_MISSING",
        ),
    ];
    for (done, code) in rows {
        assert_eq!(faults(&done), [("second_factor", code)]);
    }
    import(&house, "C", "", "", "CHAN Tai Man").await;
    let other = import(&house, "C", "", "", "WONG Siu Ming").await;
    assert_eq!(faults(&other), [("document", "DOCUMENT_KNOWN")]);
    let told = "SELECT count(*) FROM epay.event AS e WHERE e.body::text ILIKE '%chan%'";
    assert_eq!(house.count(told).await, 0);
    let kept = "SELECT count(*) FROM epay.bill WHERE octet_length(second_factor) = 32 \
                AND second_factor <> sha256('CHANTAIMAN')";
    assert_eq!(house.count(kept).await, 1);
    for name in ["", "CHAN", "CHAN Tai Man 2"] {
        let wrong = found(&house, name).await;
        assert!(
            matches!(wrong, Err(EngineError::NotFound { what: "the bill" })),
            "{name}"
        );
    }
}

#[tokio::test]
async fn money_outside_a_window_is_booked_though_no_payment_can_be_started() {
    let mut house = house(Terms {
        window: Some(PayWindow {
            months_before: 0,
            months_after: 1,
        }),
        ..Terms::default()
    })
    .await;
    let bill = house.bill(KIND, NUMBER, 360_000).await;
    let refused = house.engine.create_payment(House::pay(&bill, "k1")).await;
    assert!(
        matches!(refused, Err(EngineError::Refused(refusal)) if refusal.code() == "OUTSIDE_WINDOW")
    );
    let paid = credit(RVD, "B1", 360_000).for_number(NUMBER);
    house.receive("m1", &notice(&[paid])).await.unwrap();
    house.settle().await;
    let after = house
        .engine
        .reader()
        .bill(&biller("rvd"), bill.bill.id)
        .await;
    assert_eq!(after.unwrap().bill.state, BillState::Paid);
}
