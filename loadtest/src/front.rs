//! The connections through which everybody comes: the pages' and the bank's.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, Result};

use crate::bank::{Bank, Gathering};
use crate::house::House;
use crate::open_loop::Street;
use crate::payer::Caller;

/// Callers and banks, as many as there are connections.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    callers: Vec<Caller>,
    banks: Vec<Bank>,
    /// Where citizens pay by a mix of rails.
    street: Option<Arc<Street>>,
}

impl Front {
    /// To every gateway of the house.
    pub(crate) async fn open(house: &House) -> Result<Self> {
        Self::open_to(house, house.gateways()).await
    }

    /// To so many of its gateways.
    pub(crate) async fn open_to(house: &House, gateways: usize) -> Result<Self> {
        let token = house.token("citizen_portal", None).await?;
        let pages = house.connect_to(gateways).await?;
        let mut banks = house.connect_to(gateways).await?;
        // Where there are several gateways, the bank tells another one than the one that started the payment.
        banks.rotate_left(1);
        let callers = pages
            .into_iter()
            .map(|channel| Caller::new(channel, &token));
        let banks = banks
            .into_iter()
            .map(|channel| Bank::new(channel, house.channel_secret()));
        Ok(Self {
            callers: callers.collect::<Result<_>>()?,
            banks: banks.collect(),
            street: None,
        })
    }

    /// The same for citizens who pay by a mix of rails.
    pub(crate) fn with_street(mut self, street: Option<Street>) -> Self {
        self.street = street.map(Arc::new);
        self
    }

    pub(crate) const fn street(&self) -> Option<&Arc<Street>> {
        self.street.as_ref()
    }

    /// The banks' connections, each with a bank that gathers credits.
    pub(crate) fn gatherings(
        &self,
        credits_max: usize,
        notices: &Arc<AtomicU64>,
    ) -> Vec<Gathering> {
        let banks = self.banks.iter();
        banks
            .map(|bank| Gathering::new(bank.clone(), credits_max, Arc::clone(notices)))
            .collect()
    }

    /// The connections of one payer.
    pub(crate) fn at(&self, place: usize) -> Result<(Caller, Bank)> {
        let at = place.checked_rem(self.callers.len()).unwrap_or_default();
        let (caller, bank) = (self.callers.get(at), self.banks.get(at));
        let (caller, bank) = caller.zip(bank).context("no connection")?;
        Ok((caller.clone(), bank.clone()))
    }
}
