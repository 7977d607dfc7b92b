//! What an order of a refund is made of: the receipt, the payment and the account behind it.

use epay_domain::refund::{Refund, Route};
use epay_domain::{Receipt, Reference};
use epay_money::PaymentId;
use epay_rail::{Ask, Collect, Header, Order};
use epay_store::PayoutRow;
use jiff::SignedDuration;

use crate::order::collect_of;
use crate::{Engine, EngineError, PaymentView};

/// Everything that the words of an order need.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) receipt: Receipt,
    pub(super) payment: Option<PaymentView>,
    pub(super) account: Option<PayoutRow>,
    /// The department's identifier on the rail that pays out, where it has one.
    payees: Vec<(epay_money::RailId, String)>,
}

impl Engine {
    /// Reads what an order of a refund is made of.
    pub(super) async fn subject(&self, refund: &Refund) -> Result<Subject, EngineError> {
        let mut client = self.core.pool.get().await?;
        let receipts = {
            let tx = client
                .transaction()
                .await
                .map_err(epay_store::StoreError::from)?;
            let key = (refund.biller.clone(), refund.receipt);
            epay_store::receipts_in(&tx, &[key]).await?
        };
        let receipt = receipts.into_iter().next().ok_or(EngineError::NotFound {
            what: "the receipt",
        })?;
        let account = match refund.account {
            None => None,
            Some(id) => {
                let key = (refund.biller.clone(), id);
                let rows = epay_store::payout_accounts_in(&client, &[key]).await?;
                rows.into_iter().next()
            }
        };
        drop(client);
        let payment = match receipt.payment {
            None => None,
            Some(id) => Some(self.reader.payment(&receipt.biller, id).await?),
        };
        let catalogue = self.core.catalogue.load();
        let payees = catalogue
            .kinds()
            .iter()
            .filter(|kind| kind.biller == refund.biller)
            .flat_map(|kind| &kind.payees)
            .map(|payee| (payee.rail.clone(), payee.identifier.clone()))
            .collect();
        Ok(Subject {
            receipt,
            payment,
            account,
            payees,
        })
    }
}

impl Subject {
    /// An order about a refund.
    ///
    /// # Errors
    /// Why there is none, for the person who must find a way.
    pub(super) fn order(&self, refund: &Refund, route: &Route, ask: Ask) -> Result<Order, String> {
        let (collect, kept) = if route.original {
            self.collected()
                .ok_or("the payment that brought the money is not known")?
        } else {
            let collect = self
                .payout(refund, route)
                .ok_or_else(|| format!("the department has no account with {}", route.rail))?;
            (collect, None)
        };
        Ok(Order {
            header: Header {
                key: route.order_key.clone(),
                at: route.at,
                nonce: route.nonce,
                kept,
                bearer: None,
            },
            collect,
            ask,
        })
    }

    /// The collection that brought the money, as it was asked for, and what the rail asked to have handed back.
    fn collected(&self) -> Option<(Collect, Option<String>)> {
        let view = self.payment.as_ref()?;
        Some(match &view.payment.remote {
            Some(remote) => (remote.collect.clone(), remote.kept.clone()),
            None => (collect_of(&view.payment, &view.bill, None), None),
        })
    }

    /// A stand-in for a collection on a rail that only pays out: who pays, and under which reference.
    fn payout(&self, refund: &Refund, route: &Route) -> Option<Collect> {
        let (_rail, payee) = self.payees.iter().find(|(rail, _)| *rail == route.rail)?;
        let view = self.payment.as_ref();
        let reference = view.map_or_else(
            || Reference::of(PaymentId::new(refund.id.uuid())),
            |view| view.payment.reference.clone(),
        );
        let asked_at = self.receipt.created_at;
        Some(Collect {
            method: String::new(),
            payee: payee.clone(),
            amount: self.receipt.amount,
            amount_editable: false,
            reference: reference.to_string(),
            bill_number: view.map_or_else(String::new, |view| view.bill.number.clone()),
            bills: 1,
            description: refund.reason.clone(),
            return_url: None,
            asked_at,
            expires_at: asked_at
                .checked_add(SignedDuration::from_secs(1))
                .unwrap_or(asked_at),
        })
    }
}
