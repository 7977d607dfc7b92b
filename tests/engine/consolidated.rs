//! Consolidated bills, from the file to the ledger: one bill, paid as one, every cent on the line of the part that it cleared.

use epay_bill_file::Format;
use epay_domain::bill::BillState;
use epay_domain::{LocalizedText, PartPolicy, Terms};
use epay_engine::{BillView, CreatePayment, Imported};
use epay_money::{BillTypeCode, Money};

use crate::house::{House, RVD, biller, credit, notice};

const KIND: &str = "rvd-rates";
const NUMBER: &str = "000123456789011";
/// Rates of two flats, and government rent of the first: 4,000 dollars.
const PARTS: &str = "A|02-gr|2000.00|Flat A;A|07-govrent|500.00|Flat A;B|02-gr|1500.00|Flat B";

/// A house whose kind may be consolidated and paid in parts.
async fn house() -> House {
    let house = House::open().await;
    let words = "Assessment number".to_owned();
    let policy = PartPolicy {
        count_max: 3,
        reference_label: LocalizedText {
            en: words.clone(),
            zh_hant: words.clone(),
            zh_hans: words,
        },
        shown: false,
    };
    let mut client = house.pool().get().await.unwrap();
    let mut kinds = epay_store::bill_types(&client).await.unwrap();
    for kind in kinds.iter_mut().filter(|kind| kind.code.as_str() == KIND) {
        kind.terms = Terms {
            parts: Some(policy.clone()),
            ..Terms::default()
        };
    }
    let tx = client.transaction().await.unwrap();
    epay_store::put_bill_types(&tx, &kinds).await.unwrap();
    tx.commit().await.unwrap();
    house.engine.reload_catalogue().await.unwrap();
    house
}

async fn import(house: &House, revision: &str, parts: &str) -> Imported {
    let file = format!(
        "document,revision,bill_type,number,amount,due_date,parts\n\
         A,{revision},{KIND},{NUMBER},4000.00,2026-12-31,{parts}\n"
    );
    let mut import = house.engine.import_bills(biller("rvd"), Format::Csv);
    import.feed(file.as_bytes()).await.unwrap();
    import.end().await.unwrap().0
}

fn faults(done: &Imported) -> Vec<(&'static str, &'static str)> {
    let faults = done.faults.iter();
    faults.map(|fault| (fault.field, fault.code)).collect()
}

async fn found(house: &House) -> BillView {
    let code = BillTypeCode::new(KIND).unwrap();
    house
        .engine
        .reader()
        .find_bill(&code, NUMBER)
        .await
        .unwrap()
}

/// What the receipts cleared, oldest first: place of the part and amount.
async fn cleared(house: &House) -> Vec<String> {
    let mut receipts = house.receipts("rvd").await;
    receipts.sort_by_key(|receipt| receipt.id.uuid());
    let of = |receipt: &epay_domain::Receipt| {
        let parts = receipt.cleared.iter();
        let parts = parts.map(|part| format!("{}{} {}", part.number, part.reference, part.minor));
        parts.collect::<Vec<_>>().join(", ")
    };
    receipts.iter().map(of).collect()
}

#[tokio::test]
async fn however_a_consolidated_bill_is_paid_every_cent_is_on_its_parts_line() {
    let lines = "2010.rvd.02-gr Cr 3500.00, 2010.rvd.07-govrent Cr 500.00";
    let whole = "1A 200000, 2A 50000, 3B 150000";
    let rows: [(&[i64], &[&str], String, BillState); 4] = [
        (
            &[400_000],
            &[whole],
            format!("1110 Dr 4000.00, {lines}"),
            BillState::Paid,
        ),
        (
            &[230_000],
            &["1A 200000, 2A 30000"],
            "1110 Dr 2300.00, 2010.rvd.02-gr Cr 2000.00, 2010.rvd.07-govrent Cr 300.00".to_owned(),
            BillState::PartPaid,
        ),
        (
            &[230_000, 170_000],
            &["1A 200000, 2A 30000", "2A 20000, 3B 150000"],
            format!("1110 Dr 4000.00, {lines}"),
            BillState::Paid,
        ),
        (
            &[400_100],
            &[whole],
            format!("1110 Dr 4001.00, {lines}, 2120 Cr 1.00"),
            BillState::Paid,
        ),
    ];
    for (amounts, parts, book, state) in rows {
        let mut house = house().await;
        let done = import(&house, "", PARTS).await;
        assert_eq!((done.issued, faults(&done)), (1, vec![]));
        for (amount, reference) in amounts.iter().zip(["B1", "B2"]) {
            let paid = credit(RVD, reference, *amount).for_number(NUMBER);
            house.receive(reference, &notice(&[paid])).await.unwrap();
            house.settle().await;
        }
        assert_eq!(cleared(&house).await, parts, "{amounts:?}");
        assert_eq!(house.book("rvd").await, book, "{amounts:?}");
        assert_eq!(found(&house).await.bill.state, state, "{amounts:?}");
    }
}

#[tokio::test]
async fn two_payments_of_a_consolidated_bill_clear_what_each_was_for() {
    let mut house = house().await;
    import(&house, "", PARTS).await;
    let bill = found(&house).await;
    for (minor, key, reference) in [(250_000, "k1", "B1"), (150_000, "k2", "B2")] {
        let command = CreatePayment {
            amount: Some(Money::hkd(minor)),
            ..House::pay(&bill, key)
        };
        let payment = house.engine.create_payment(command).await.unwrap();
        let paid = credit(RVD, reference, minor).for_payment(&payment);
        house.receive(reference, &notice(&[paid])).await.unwrap();
        house.settle().await;
    }
    let expected = ["1A 200000, 2A 50000", "3B 150000"];
    assert_eq!(cleared(&house).await, expected);
    let bill = found(&house).await.bill;
    assert_eq!(bill.state, BillState::Paid);
    let paid: Vec<i64> = bill.paid_of_parts().collect();
    assert_eq!(paid, [200_000, 50_000, 150_000]);
}

#[tokio::test]
async fn a_file_revises_parts_and_is_told_which_are_wrong() {
    let mut house = house().await;
    for (parts, fault) in [
        (
            "A|02-gr|4000.00|Flat A;B|02-gr|1.00|Flat B",
            "PARTS_DO_NOT_ADD_UP",
        ),
        (
            "A|a|1.00|x;B|a|1.00|x;C|a|1.00|x;D|a|3997.00|x",
            "TOO_MANY_PARTS",
        ),
    ] {
        assert_eq!(faults(&import(&house, "", parts).await), [("parts", fault)]);
    }
    import(&house, "", PARTS).await;
    assert_eq!(import(&house, "", PARTS).await.known, 1);
    let relabelled = PARTS.replace("Flat A", "Shop 1");
    let other = import(&house, "", &relabelled).await;
    assert_eq!(faults(&other), [("document", "DOCUMENT_KNOWN")]);
    let cut = "A|02-gr|3000.00|Flat A;B|02-gr|1000.00|Flat B";
    let done = import(&house, "1", cut).await;
    assert_eq!((done.revised, faults(&done)), (1, vec![]));
    assert_eq!(found(&house).await.bill.parts.len(), 2);
    let paid = credit(RVD, "B1", 100).for_number(NUMBER);
    house.receive("m1", &notice(&[paid])).await.unwrap();
    house.settle().await;
    let done = import(&house, "2", PARTS).await;
    assert_eq!(faults(&done), [("amount", "BILL_HAS_RECEIPTS")]);
    let done = import(&house, "2", &cut.replace("Flat", "Unit")).await;
    assert_eq!((done.revised, faults(&done)), (1, vec![]));
    assert_eq!(found(&house).await.bill.parts[0].label, "Unit A");
}
