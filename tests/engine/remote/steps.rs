//! One house with the test's own rails, and the steps that every test here takes.

use std::sync::Arc;

use epay_domain::payment::PaymentState;
use epay_engine::{BillView, CancelPayment, CreatePayment, PaymentView, ReceivedMessage};
use epay_money::RailId;
use epay_rail::Rail;
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::counterparty::Counterparty;
use super::rail::TestRail;
use crate::house::{House, biller};

pub(crate) const NUMBER: &str = "000123456789011";
pub(crate) const SHOWN: &str = r#"{"show":"https://rail.test/pay","keep":"session-1"}"#;

pub(crate) struct Street {
    pub(crate) house: House,
    pub(crate) rail: Counterparty,
}

/// Words with one report.
pub(crate) fn says(finding: &str, rail_reference: &str) -> String {
    format!(r#"{{"reports":[{{"finding":"{finding}","rail_reference":"{rail_reference}"}}]}}"#)
}

impl Street {
    pub(crate) async fn open() -> Self {
        let rail = Counterparty::open().await;
        let rails: Vec<Arc<dyn Rail>> = vec![
            Arc::new(TestRail::wallet(&rail.url)),
            Arc::new(TestRail::card(&rail.url)),
            Arc::new(TestRail::cheque(&rail.url)),
        ];
        let house = House::open_with_own(rails).await;
        Self { house, rail }
    }

    pub(crate) async fn patient() -> Self {
        let rail = Counterparty::open().await;
        let wallet = TestRail::wallet(&rail.url).safe_to_repeat();
        let house = House::open_with_own(vec![Arc::new(wallet)]).await;
        Self { house, rail }
    }

    /// Rails of the caller's choice, all of which speak to this one counterparty or to nobody.
    pub(crate) async fn with(rails: impl FnOnce(&str, &str) -> Vec<TestRail>) -> Self {
        let rail = Counterparty::open().await;
        let nobody = Counterparty::nobody().await;
        let rails = rails(&rail.url, &nobody).into_iter();
        let rails = rails.map(|rail| Arc::new(rail) as Arc<dyn Rail>).collect();
        let house = House::open_with_own(rails).await;
        Self { house, rail }
    }

    pub(crate) async fn bill(&self) -> BillView {
        self.house.bill("rvd-rates", NUMBER, 372_000).await
    }

    pub(crate) fn paying(bill: &BillView, rail: &str, key: &str) -> CreatePayment {
        CreatePayment {
            rail: Some(RailId::new(rail).unwrap()),
            ..House::pay(bill, key)
        }
    }

    pub(crate) async fn pay(&self, bill: &BillView, rail: &str, key: &str) -> PaymentView {
        let command = Self::paying(bill, rail, key);
        self.house.engine.create_payment(command).await.unwrap()
    }

    /// Starts a payment by a method; which rail carries it is the house's choice.
    pub(crate) async fn pay_by(&self, bill: &BillView, method: &str, key: &str) -> PaymentView {
        let command = Self::by_method(bill, method, key);
        self.house.engine.create_payment(command).await.unwrap()
    }

    pub(crate) fn by_method(bill: &BillView, method: &str, key: &str) -> CreatePayment {
        CreatePayment {
            rail: None,
            method: Some(method.to_owned()),
            ..House::pay(bill, key)
        }
    }

    /// Sends what waits and looks at the timers, until there is nothing left to do at this moment.
    pub(crate) async fn run(&self) {
        loop {
            let sent = self.house.engine.send_waiting().await.unwrap();
            let looked = self.house.engine.tick_payments().await.unwrap();
            if sent == 0 && looked == 0 {
                return;
            }
        }
    }

    pub(crate) async fn later(&self, secs: i64) {
        self.house.clock.forward(SignedDuration::from_secs(secs));
        self.run().await;
    }

    pub(crate) async fn view(&self, payment: &PaymentView) -> PaymentView {
        let reader = self.house.engine.reader();
        let of = &payment.payment;
        reader.payment(&of.biller, of.id).await.unwrap()
    }

    pub(crate) async fn state(&self, payment: &PaymentView) -> PaymentState {
        self.view(payment).await.payment.state
    }

    pub(crate) async fn cancel(&self, payment: &PaymentView) -> PaymentView {
        let command = CancelPayment {
            biller: biller("rvd"),
            payment: payment.payment.id,
            idempotency_key: "cancel".to_owned(),
            caller: "test".to_owned(),
        };
        self.house.engine.cancel_payment(command).await.unwrap()
    }

    /// A notice that the rail sends of its own accord, and what it leads to.
    pub(crate) async fn notice(&mut self, rail: &str, words: &str) {
        let digest: [u8; 32] = Sha256::digest(words.as_bytes()).into();
        let message = ReceivedMessage {
            rail: RailId::new(rail).unwrap(),
            channel_key: "rail".to_owned(),
            message_id: format!("{rail}-{:x?}", &digest[..8]),
            digest,
            body: words.as_bytes().to_vec(),
        };
        self.house.engine.receive(message).await.unwrap();
        self.house.settle().await;
        self.run().await;
    }

    /// A notice of one report about a payment.
    pub(crate) async fn reports(&mut self, payment: &PaymentView, finding: &str, name: &str) {
        let reference = payment.payment.reference.to_string();
        let minor = payment.payment.amount.minor();
        let words = format!(
            r#"{{"reports":[{{"finding":"{finding}","rail_reference":"{name}","reference":"{reference}","minor":{minor}}}]}}"#
        );
        let rail = payment.payment.rail.to_string();
        self.notice(&rail, &words).await;
    }

    pub(crate) async fn events(&self, payment: &PaymentView) -> Vec<String> {
        let reader = self.house.engine.reader();
        let of = &payment.payment;
        let events = reader.payment_events(&of.biller, of.id).await.unwrap();
        events.into_iter().map(|event| event.kind).collect()
    }
}
