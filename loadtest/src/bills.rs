//! Bills to be paid: issued through the gateway by their departments before anything is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use epay_domain::{BillType, CheckDigit};
use epay_money::RailId;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use tokio::task::JoinSet;

use crate::bank::Credit;
use crate::house::{House, RAIL};
use crate::payer::{Caller, NewBill};
use crate::rails::Mix;

/// Callers that issue at once.
const IN_FLIGHT: usize = 256;
/// Bills are due well after the run.
const DUE_DAYS: i32 = 30;
/// Amounts differ, so that a mix-up cannot stay unseen: from one hundred dollars on, a cent more each, then again.
const AMOUNT_MINOR_MIN: u64 = 10_000;
const AMOUNTS: u64 = 90_001;

/// An issued bill.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    /// Counts from 1 over the whole run.
    pub(crate) number: u64,
    /// Its resource name.
    pub(crate) name: String,
    pub(crate) bill_number: String,
    pub(crate) amount_minor: i64,
    /// The department's account that the bank credits.
    pub(crate) account: Arc<str>,
}

impl Issued {
    /// What the bank books when it is paid under a reference.
    pub(crate) fn credit(&self, reference: &str) -> Credit {
        Credit {
            number: self.number,
            account: Arc::clone(&self.account),
            amount_minor: self.amount_minor,
            bill_number: self.bill_number.clone(),
            reference: reference.to_owned(),
        }
    }
}

/// A kind of bill with a caller that may issue it.
#[derive(Debug)]
struct Desk {
    kind: BillType,
    account: Arc<str>,
    callers: Vec<Caller>,
}

/// Issues so many bills, turn by turn over all kinds.
pub(crate) async fn issue(house: &House, count: usize) -> Result<Vec<Issued>> {
    Issuer::open(house, &[], None).await?.issue(count).await
}

/// The departments' callers, and how far they have counted.
#[derive(Debug)]
pub(crate) struct Issuer {
    desks: Arc<[Desk]>,
    mix: Option<Arc<Mix>>,
    issued: usize,
}

impl Issuer {
    /// For bills of these kinds, or of every kind where none is named, that every rail of the mix carries.
    pub(crate) async fn open(house: &House, kinds: &[String], mix: Option<&Mix>) -> Result<Self> {
        Ok(Self {
            desks: open_desks(house, kinds, mix).await?.into(),
            mix: mix.cloned().map(Arc::new),
            issued: 0,
        })
    }

    /// Issues so many more.
    pub(crate) async fn issue(&mut self, count: usize) -> Result<Vec<Issued>> {
        let from = self.issued;
        self.issued = from.saturating_add(count);
        self.issue_between(from, self.issued).await
    }

    /// Those numbered from `from` to below `end`.
    async fn issue_between(&self, from: usize, end: usize) -> Result<Vec<Issued>> {
        let due_date = Timestamp::now()
            .to_zoned(TimeZone::UTC)
            .date()
            .checked_add(DUE_DAYS.days())?
            .to_string();
        let next = Arc::new(AtomicUsize::new(from));
        let mut tasks = JoinSet::new();
        for place in 0..IN_FLIGHT {
            let (desks, mix) = (Arc::clone(&self.desks), self.mix.clone());
            let (next, due_date) = (Arc::clone(&next), due_date.clone());
            tasks.spawn(async move {
                let mut issued = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= end {
                        return anyhow::Ok(issued);
                    }
                    let desk = index.checked_rem(desks.len()).and_then(|at| desks.get(at));
                    let desk = desk.context("no kind of bill")?;
                    issued.push(
                        desk.issue((index, place), &due_date, mix.as_deref())
                            .await?,
                    );
                }
            });
        }
        let mut bills = Vec::with_capacity(end.saturating_sub(from));
        while let Some(issued) = tasks.join_next().await {
            bills.extend(issued??);
        }
        bills.sort_by_key(|bill| bill.number);
        Ok(bills)
    }
}

async fn open_desks(house: &House, kinds: &[String], mix: Option<&Mix>) -> Result<Vec<Desk>> {
    let rail = RailId::new(RAIL)?;
    let rails: Vec<RailId> = mix
        .iter()
        .flat_map(|mix| mix.rails())
        .map(|rail| rail.id())
        .collect::<Result<_>>()?;
    let channels = house.connect().await?;
    let mut desks = Vec::with_capacity(house.kinds.len());
    // The house has no key to seal second factors with, so nobody is demanded by a kind that asks for one.
    let wanted = |kind: &&BillType| {
        let named = kinds.is_empty() || kinds.iter().any(|code| code == kind.code.as_str());
        let carried = rails.iter().all(|rail| kind.payee(rail).is_some());
        named && carried && kind.terms.second_factor.is_none()
    };
    for kind in house.kinds.iter().filter(wanted) {
        let token = house
            .token("department", Some(kind.biller.as_str()))
            .await?;
        let payee = kind.payee(&rail).context("a kind without this rail")?;
        let callers = channels
            .iter()
            .map(|channel| Caller::new(channel.clone(), &token));
        desks.push(Desk {
            account: payee.account.as_str().into(),
            callers: callers.collect::<Result<_>>()?,
            kind: kind.clone(),
        });
    }
    ensure!(
        !desks.is_empty(),
        "none of the kinds of bill is known, and paid by every rail of the mix"
    );
    Ok(desks)
}

impl Desk {
    async fn issue(
        &self,
        (index, place): (usize, usize),
        due_date: &str,
        mix: Option<&Mix>,
    ) -> Result<Issued> {
        let number = u64::try_from(index)?.saturating_add(1);
        let bill_number = bill_number(&self.kind, number).context("no number of this kind")?;
        let amount = AMOUNT_MINOR_MIN.saturating_add(number.checked_rem(AMOUNTS).unwrap_or(0));
        let whole = mix.is_some_and(|mix| mix.rail_of(number).wants_whole_dollars());
        let cents = if whole { amount.rem_euclid(100) } else { 0 };
        let amount_minor = i64::try_from(amount.saturating_sub(cents))?;
        let caller = place
            .checked_rem(self.callers.len())
            .and_then(|at| self.callers.get(at))
            .context("no caller")?;
        let bill = NewBill {
            biller: self.kind.biller.as_str(),
            bill_type: self.kind.code.as_str(),
            number: bill_number.clone(),
            amount_minor,
            due_date: due_date.to_owned(),
        };
        Ok(Issued {
            number,
            name: caller.issue(number, bill).await?,
            bill_number,
            amount_minor,
            account: Arc::clone(&self.account),
        })
    }
}

/// A number of the kind's own shape, with its check digit.
pub(crate) fn bill_number(kind: &BillType, number: u64) -> Option<String> {
    let digits = usize::try_from(kind.number.digits).ok()?;
    match kind.number.check_digit {
        CheckDigit::None => Some(format!("{number:0digits$}")),
        check @ (CheckDigit::Mod11Radix10 | CheckDigit::Luhn) => {
            let width = digits.checked_sub(1)?;
            let body = format!("{number:0width$}");
            let digit = check.of(&body)?;
            Some(format!("{body}{digit}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_demonstration_takes_the_numbers_made_for_it() {
        let kinds: Vec<BillType> =
            serde_json::from_str(include_str!("../../deploy/demo/bill-types.json")).unwrap();
        assert!(kinds.len() > 1);
        for kind in &kinds {
            for number in [1, 10, 99_999, 1_000_000] {
                let text = bill_number(kind, number).unwrap();
                assert_eq!(kind.number.read(&text), Ok(text.clone()), "{}", kind.code);
            }
        }
    }
}
