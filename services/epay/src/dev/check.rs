//! `epay dev --check`: one bill is paid without a person, and three books must agree.
//!
//! The bill is looked up and its payment started through the gateway; the sandbox's bank app fetches the code's
//! picture from the pages, reads it and pays; the payment is watched until it is settled. Then the payment's
//! events, its journal and the bank's own record are printed side by side and compared. Somebody has subscribed
//! to the bill's account before: a telephone of the sandbox must have the news.

mod told;

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use epay_proto::v1::bill_service_client::BillServiceClient;
use epay_proto::v1::ledger_service_client::LedgerServiceClient;
use epay_proto::v1::notification_service_client::NotificationServiceClient;
use epay_proto::v1::payment_service_client::PaymentServiceClient;
use epay_proto::v1::{
    Bill, BillState, CreatePaymentRequest, GetJournalRequest, GetPaymentRequest, Journal,
    ListPaymentEventsRequest, LookupBillRequest, Payment, PaymentEvent, PaymentState,
    WatchPaymentRequest,
};
use serde_json::Value;
use tonic::Request;
use tonic::transport::Channel;

use super::House;
use crate::load::DemoBill;

/// How long the money may take from the bank app to a settled payment.
const SETTLE_WAIT: Duration = Duration::from_secs(60);

/// Pays and compares; answers whether all three agree.
pub(super) async fn run(house: &House) -> anyhow::Result<bool> {
    let client = Client::connect(house).await?;
    let (demanded, bill) = client.unpaid_bill(house).await?;
    let telephone = client.subscribe(demanded).await?;
    println!(
        "Bill      {} {}: {}",
        bill.bill_type,
        bill.number,
        amount(bill.outstanding.as_ref())
    );
    let payment = client.create_payment(&bill).await?;
    println!(
        "Payment   {} by code, reference {}",
        payment.name, payment.reference
    );
    let bank = client.pay_at_bank(house, &payment).await?;
    client.settled(&payment).await?;
    let settled = client.as_finance_sees(&payment).await?;
    let events = client.events(&payment).await?;
    let journal = client.journal(&settled).await?;
    print_all(&events, &journal, &bank);
    let told = client.told(house, (&telephone, &payment)).await?;
    println!("\nTold      {telephone}: {told}");
    let differences = compare(&settled, &events, &journal, &bank);
    if differences.is_empty() {
        println!("\nThe payment, the ledger and the bank agree.");
    } else {
        for difference in &differences {
            println!("\nThey differ: {difference}");
        }
    }
    Ok(differences.is_empty())
}

struct Client {
    bills: BillServiceClient<Channel>,
    payments: PaymentServiceClient<Channel>,
    ledger: LedgerServiceClient<Channel>,
    people: NotificationServiceClient<Channel>,
    http: reqwest::Client,
    citizen: String,
    finance: String,
}

fn bearing<T>(message: T, token: &str) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {token}").parse()?);
    Ok(request)
}

impl Client {
    async fn connect(house: &House) -> anyhow::Result<Self> {
        let channel = Channel::from_shared(house.gateway.clone())?
            .connect()
            .await?;
        Ok(Self {
            bills: BillServiceClient::new(channel.clone()),
            payments: PaymentServiceClient::new(channel.clone()),
            ledger: LedgerServiceClient::new(channel.clone()),
            people: NotificationServiceClient::new(channel),
            http: reqwest::Client::new(),
            citizen: house.folder.token("portal")?,
            finance: house.folder.token("finance")?,
        })
    }

    /// The first demo bill that is still to be paid.
    async fn unpaid_bill<'a>(&self, house: &'a House) -> anyhow::Result<(&'a DemoBill, Bill)> {
        for demanded in &house.bills {
            let wanted = LookupBillRequest {
                bill_type: demanded.bill_type.to_string(),
                number: demanded.number.clone(),
                second_factor: demanded.second_factor.clone(),
                ..LookupBillRequest::default()
            };
            let request = bearing(wanted, &self.citizen)?;
            let bill = self.bills.clone().lookup_bill(request).await?.into_inner();
            if matches!(bill.state(), BillState::Open | BillState::PartPaid) {
                return Ok((demanded, bill));
            }
        }
        bail!(
            "every demo bill has been paid: remove {} and start again",
            house.folder.root.display()
        )
    }

    async fn create_payment(&self, bill: &Bill) -> anyhow::Result<Payment> {
        let wanted = CreatePaymentRequest {
            bill: bill.name.clone(),
            rail: "fps".to_owned(),
            idempotency_key: format!("check-{:016x}", rand::random::<u64>()),
            ..CreatePaymentRequest::default()
        };
        let request = bearing(wanted, &self.citizen)?;
        Ok(self
            .payments
            .clone()
            .create_payment(request)
            .await?
            .into_inner())
    }

    /// The bank app fetches the picture from the pages and pays; answers the bank's own record, read back.
    async fn pay_at_bank(&self, house: &House, payment: &Payment) -> anyhow::Result<Value> {
        let mut parts = payment.name.split('/');
        let (biller, id) = (parts.nth(1), parts.nth(1));
        let (biller, id) = biller
            .zip(id)
            .context("the payment's name has another form")?;
        let picture = format!("{}/en/pay/{biller}/{id}/code.png", house.portal);
        let answer = self
            .http
            .post(format!("{}/api/pay", house.sandbox.url))
            .json(&serde_json::json!({ "url": picture }))
            .send()
            .await?;
        let status = answer.status();
        let paid: Value = answer.json().await?;
        ensure!(status.is_success(), "the bank did not pay: {paid}");
        let found: Value = self
            .http
            .get(format!(
                "{}/api/books/transactions?reference={}",
                house.sandbox.url, payment.reference
            ))
            .send()
            .await?
            .json()
            .await?;
        let transactions = found.get("transactions").and_then(Value::as_array);
        let [transaction] = transactions.map(Vec::as_slice).unwrap_or_default() else {
            bail!(
                "the bank's books should hold one transaction of {}: {found}",
                payment.reference
            );
        };
        Ok(transaction.clone())
    }

    /// Watches, as the pages do, until the payment is settled.
    async fn settled(&self, payment: &Payment) -> anyhow::Result<()> {
        let request = bearing(
            WatchPaymentRequest {
                name: payment.name.clone(),
            },
            &self.citizen,
        )?;
        let mut changes = self
            .payments
            .clone()
            .watch_payment(request)
            .await?
            .into_inner();
        let watch = async {
            while let Some(change) = changes.message().await? {
                if let Some(payment) = change.payment
                    && payment.state() == PaymentState::Settled
                {
                    return Ok(());
                }
            }
            bail!("the watch ended before the payment was settled")
        };
        tokio::time::timeout(SETTLE_WAIT, watch)
            .await
            .context("the payment was not settled in time")?
    }

    /// The payment with the names of its journals, which citizens are not shown.
    async fn as_finance_sees(&self, payment: &Payment) -> anyhow::Result<Payment> {
        let wanted = GetPaymentRequest {
            name: payment.name.clone(),
        };
        let request = bearing(wanted, &self.finance)?;
        Ok(self
            .payments
            .clone()
            .get_payment(request)
            .await?
            .into_inner())
    }

    async fn events(&self, payment: &Payment) -> anyhow::Result<Vec<PaymentEvent>> {
        let wanted = ListPaymentEventsRequest {
            parent: payment.name.clone(),
        };
        let request = bearing(wanted, &self.finance)?;
        Ok(self
            .payments
            .clone()
            .list_payment_events(request)
            .await?
            .into_inner()
            .events)
    }

    async fn journal(&self, payment: &Payment) -> anyhow::Result<Journal> {
        let receipt = payment
            .receipts
            .first()
            .context("the settled payment has no receipt")?;
        let wanted = GetJournalRequest {
            name: receipt.journal.clone(),
        };
        let request = bearing(wanted, &self.finance)?;
        Ok(self.ledger.clone().get_journal(request).await?.into_inner())
    }
}

fn amount(amount: Option<&epay_proto::v1::Amount>) -> String {
    amount.map_or_else(String::new, |amount| {
        let minor = amount.minor_units;
        format!(
            "{} {}.{:02}",
            amount.currency_code,
            minor.div_euclid(100),
            minor.rem_euclid(100)
        )
    })
}

fn print_all(events: &[PaymentEvent], journal: &Journal, bank: &Value) {
    println!("\nEvents of the payment");
    for event in events {
        println!(
            "  {} {:<12} {}",
            event.version, event.kind, event.detail_json
        );
    }
    println!("\nJournal {} ({})", journal.name, journal.kind);
    for entry in &journal.entries {
        let (side, money) = match (&entry.debit, &entry.credit) {
            (Some(debit), _) => ("Dr", amount(Some(debit))),
            (None, credit) => ("Cr", amount(credit.as_ref())),
        };
        println!("  {side} {:<22} {money:>18}", entry.account);
    }
    println!("\nThe bank's own record");
    for field in [
        "bank_reference",
        "account",
        "amount_cents",
        "currency",
        "reference",
        "booked_at",
    ] {
        println!("  {field:<15} {}", bank.get(field).unwrap_or(&Value::Null));
    }
}

/// Everything in which payment, ledger and bank differ.
fn compare(
    payment: &Payment,
    events: &[PaymentEvent],
    journal: &Journal,
    bank: &Value,
) -> Vec<String> {
    let mut differences = Vec::new();
    let mut same = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            differences.push(format!("{what}: {ours} here, {theirs} there"));
        }
    };
    let text = |field: &str| {
        bank.get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let bank_cents = bank
        .get("amount_cents")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let receipt = payment.receipts.first();
    let received = receipt.and_then(|receipt| receipt.amount.as_ref());
    let received_cents = received.map_or(0, |amount| amount.minor_units);
    let side = |pick: fn(&epay_proto::v1::Entry) -> Option<&epay_proto::v1::Amount>| -> i64 {
        journal
            .entries
            .iter()
            .filter_map(pick)
            .map(|amount| amount.minor_units)
            .sum()
    };
    same(
        "amount received and at the bank",
        received_cents.to_string(),
        bank_cents.to_string(),
    );
    same(
        "debits and the bank",
        side(|entry| entry.debit.as_ref()).to_string(),
        bank_cents.to_string(),
    );
    same(
        "credits and the bank",
        side(|entry| entry.credit.as_ref()).to_string(),
        bank_cents.to_string(),
    );
    same(
        "bank reference",
        receipt
            .map(|receipt| receipt.rail_reference.clone())
            .unwrap_or_default(),
        text("bank_reference"),
    );
    same("reference", payment.reference.clone(), text("reference"));
    same(
        "currency",
        received
            .map(|amount| amount.currency_code.clone())
            .unwrap_or_default(),
        text("currency"),
    );
    same(
        "last event",
        events
            .last()
            .map(|event| event.kind.clone())
            .unwrap_or_default(),
        "settled".to_owned(),
    );
    differences
}
