//! Citizens who left their code open: each a stream of `WatchPayment` on a payment that nobody makes.

use std::sync::Arc;

use anyhow::{Context, Result};

use super::turns::in_turns;
use crate::bills::Issued;
use crate::cpu::Parties;
use crate::house::House;
use crate::payer::{Caller, Watch};

/// Streams of one connection: the gateway takes 4,096.
const STREAMS_OF_CONNECTION: usize = 4_000;

/// Open streams, and what the gateway holds for them.
#[derive(Debug)]
pub(crate) struct Watchers {
    watches: Vec<Watch>,
    /// Bytes that the gateway's memory grew by, for each.
    pub(crate) bytes_each: u64,
}

impl Watchers {
    /// Starts a payment for each bill and watches it. The bills are never paid.
    pub(crate) async fn open(house: &House, parties: &Parties, bills: Vec<Issued>) -> Result<Self> {
        let token = house.token("citizen_portal", None).await?;
        let mut callers = Vec::new();
        while callers.len() < bills.len().div_ceil(STREAMS_OF_CONNECTION) {
            for channel in house.connect().await? {
                callers.push(Caller::new(channel, &token)?);
            }
        }
        let (callers, bills): (Arc<[Caller]>, Arc<[Issued]>) = (callers.into(), bills.into());
        let payments = in_turns(bills.len(), |place| {
            let (callers, bills) = (Arc::clone(&callers), Arc::clone(&bills));
            async move {
                let bill = bills.get(place).context("no bill")?;
                let caller = callers.get(place.div_euclid(STREAMS_OF_CONNECTION));
                let caller = caller.context("no caller")?.clone();
                let payment = caller.pay(bill.number, &bill.name).await?;
                Ok((caller, payment))
            }
        });
        let payments: Arc<[_]> = payments.await?.into();
        let before = parties.resident_bytes()?;
        let watches = in_turns(payments.len(), |place| {
            let payments = Arc::clone(&payments);
            async move {
                let (caller, payment) = payments.get(place).context("no payment")?;
                caller.watch(payment).await
            }
        });
        let watches: Vec<Watch> = watches.await?;
        let grown = parties.resident_bytes()?.saturating_sub(before);
        let count = u64::try_from(watches.len())?;
        Ok(Self {
            watches,
            bytes_each: grown.checked_div(count).unwrap_or(0),
        })
    }

    pub(crate) const fn len(&self) -> usize {
        self.watches.len()
    }
}
