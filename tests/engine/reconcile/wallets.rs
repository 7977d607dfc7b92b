//! A wallet's payment, from its settlement file to the bank's entry.

use epay_engine::CreatePayment;
use epay_money::RailId;

use super::{assert_sound, in_bank, open_breaks, reconcile};
use crate::house::{House, RVD};
use crate::statements::{one, statement};

const RAILS: &str = "[fps]\n[octopus]\nurl = 'https://octopus.example/v1'\n\
    notify_url = 'https://epay.example/rails/octopus/notices'\napi_key = 'test-api-key'\n\
    [octopus.webhook_secrets]\n2026 = 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY='\n";

#[tokio::test]
async fn a_wallets_file_makes_a_batch_and_the_banks_entry_meets_it_net_of_its_fee() {
    let mut house = House::open_with(RAILS).await;
    let bill = house.bill("rvd-rates", "000123456789011", 36_000).await;
    let pay = CreatePayment {
        rail: Some(RailId::new("octopus").unwrap()),
        return_url: Some("https://epay.example/done".to_owned()),
        ..House::pay(&bill, "k1")
    };
    let payment = house.engine.create_payment(pay).await.unwrap().payment;
    let reference = &payment.reference;
    // The notice of the payment was lost: the file tells of it, and of the 0.6 % that the wallet keeps.
    let file = format!(
        "EPAY-SETTLEMENT,2,OCT-TEST-201,S-20261123-0001,2026-11-24,HKD\n\
         P,{reference},T-1,2026-11-23T11:00:00+08:00,36000,216\nTOTAL,1,36000,216,35784\n"
    );
    house.receive_of("octopus", "s1", &file).await;
    house.settle().await;
    reconcile(&house).await;
    assert_eq!(in_bank(&house).await, 0, "nothing moves at a wallet's word");
    assert_eq!(
        house.book("rvd").await,
        "1140.octopus Dr 360.00, 2010.rvd.main Cr 360.00"
    );
    one(
        &house,
        &statement(RVD, 24, 0, &[("S-20261123-0001", 35_784)]),
    )
    .await;
    reconcile(&house).await;
    assert_eq!(open_breaks(&house).await, Vec::<String>::new());
    assert_eq!(
        house.book("rvd").await,
        "1010 Dr 357.84, 2010.rvd.main Cr 360.00"
    );
    let fee = "SELECT sum(debit - credit)::bigint FROM ledger.balance JOIN ledger.account ON account.id = balance.account \
        WHERE code LIKE '5010%'";
    assert_eq!(house.count(fee).await, 216);
    for level in ["L1", "L2"] {
        let matches = format!("SELECT count(*) FROM recon.match WHERE level = '{level}'");
        assert_eq!(house.count(&matches).await, 1, "{level}");
    }
    assert_eq!(reconcile(&house).await, epay_engine::Reconciled::default());
    assert_sound(&house).await;
}
