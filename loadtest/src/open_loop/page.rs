//! The page that follows one payment: a stream of its changes, opened again where it ends or finds no room.

use std::time::Duration;

use anyhow::Result;
use epay_proto::v1::{Payment, PaymentState, WatchPaymentResponse};
use tonic::Streaming;

use super::citizen;
use crate::payer::Caller;
use crate::rails::action;

/// Before a stream is opened again.
const OPEN_AGAIN: Duration = Duration::from_millis(200);

/// A payment as it was last seen.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    caller: &'a Caller,
    payment: Payment,
    changes: Option<Streaming<WatchPaymentResponse>>,
}

/// Whether the money is here, or certainly not coming.
pub(crate) fn is_at_its_end(payment: &Payment) -> bool {
    matches!(
        payment.state(),
        PaymentState::Settled
            | PaymentState::Failed
            | PaymentState::Expired
            | PaymentState::Cancelled
    )
}

/// Whether the payer can do something now, or never will.
pub(crate) fn asks_the_payer(payment: &Payment) -> bool {
    action(payment).is_some() || is_at_its_end(payment)
}

impl<'a> Page<'a> {
    pub(crate) const fn of(caller: &'a Caller, payment: Payment) -> Self {
        Self {
            caller,
            payment,
            changes: None,
        }
    }

    pub(crate) const fn payment(&self) -> &Payment {
        &self.payment
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.payment.state() == PaymentState::Settled
    }

    /// Waits until the payment is so.
    pub(crate) async fn until(&mut self, so: fn(&Payment) -> bool) -> Result<()> {
        while !so(&self.payment) {
            self.next().await?;
        }
        Ok(())
    }

    /// The next change; the first one of a stream is the payment as it stands.
    async fn next(&mut self) -> Result<()> {
        let changes = match &mut self.changes {
            Some(changes) => changes,
            None => match self.caller.changes(&self.payment.name).await {
                Ok(changes) => self.changes.insert(changes),
                Err(status) => {
                    citizen::fate(&status)?;
                    tokio::time::sleep(OPEN_AGAIN).await;
                    return Ok(());
                }
            },
        };
        match changes.message().await {
            Ok(Some(change)) => {
                if let Some(payment) = change.payment {
                    self.payment = payment;
                }
            }
            Ok(None) => {
                self.changes = None;
                tokio::time::sleep(OPEN_AGAIN).await;
            }
            Err(status) => {
                citizen::fate(&status)?;
                self.changes = None;
                tokio::time::sleep(OPEN_AGAIN).await;
            }
        }
        Ok(())
    }
}
