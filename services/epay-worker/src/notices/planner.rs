//! The planner: takes news that wait, reads what they are about and who subscribes to it, and writes plans.
//!
//! Everything happens in one transaction of the store: news that were planned are gone, and their plans are there. It may be done again, by
//! whoever comes first: a plan that is there stays as it is.

use std::collections::{BTreeSet, HashMap};

use deadpool_postgres::{Pool, Transaction};
use epay_contact::{AccountKey, Contacts};
use epay_domain::notification::notice_id;
use epay_engine::{Engine, Ids};
use epay_money::{BillId, PersonId};
use epay_pg::{PoolOptions, build_pool};
use epay_store::notice::{self, NewNotice, NewsItem};
use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Config;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use super::wishes::{BillKey, Facts, Plan, Rules, Wishes, plans, plans_again};
use super::{AGAIN_MAX, BACK_OFF, BEAT, NEWS_MAX};
use crate::WorkerError;

/// How much older than its news a receipt or refund may be: they are written in one commit, by one clock.
const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// Plans notices.
#[derive(Debug)]
pub struct Planner {
    pool: Pool,
    contacts: Contacts,
    engine: Engine,
    ids: Box<dyn Ids>,
}

impl Planner {
    /// A planner on two connections of its own, as the service role.
    ///
    /// # Errors
    /// [`WorkerError`] when they cannot be set up at all.
    pub fn new(
        config: &Config,
        contacts: Contacts,
        engine: Engine,
        ids: Box<dyn Ids>,
    ) -> Result<Self, WorkerError> {
        let session = PoolOptions {
            size: 2,
            ..PoolOptions::named("epay notices").as_service()
        };
        Ok(Self {
            pool: build_pool(config, &session).map_err(WorkerError::broken)?,
            contacts,
            engine,
            ids,
        })
    }

    /// Plans until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while let Some(round) = stop.run_until_cancelled(Box::pin(self.round())).await {
            let pause = match round {
                Ok(0) => BEAT,
                Ok(_) => continue,
                Err(error) => {
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "Notices are not planned; news wait in the database"
                    );
                    BACK_OFF
                }
            };
            let slept = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
            if slept.is_none() {
                return;
            }
        }
    }

    /// Plans one bounded piece of what waits; answers how many news that were.
    ///
    /// # Errors
    /// [`WorkerError`]; the news still wait.
    pub async fn round(&self) -> Result<usize, WorkerError> {
        let now = self.engine.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        let news = notice::take_news_in(&tx, NEWS_MAX).await?;
        let (positions, items): (Vec<i64>, Vec<_>) = news.into_iter().unzip();
        if positions.is_empty() {
            return Ok(0);
        }
        let mut wishes = Wishes::of(items.iter());
        let mut planned = Vec::with_capacity(positions.len());
        for (position, item) in positions.iter().zip(&items) {
            let ended = match item {
                NewsItem::Holidays { after } => {
                    self.again(&tx, (*position, after.as_ref()), &mut wishes)
                        .await?
                }
                NewsItem::Batch(_) | NewsItem::Subscribed { .. } => true,
            };
            planned.extend(ended.then_some(*position));
        }
        let facts = self.facts(&tx, &wishes, now).await?;
        let (calendar, catalogue) = (self.engine.calendar(), self.engine.reader().catalogue());
        let rules = Rules {
            calendar: &calendar,
            catalogue: &catalogue,
        };
        let again = self.notices(plans_again(&wishes, &facts, &rules, now), &facts);
        let notices = self.notices(plans(&wishes, &facts, &rules), &facts);
        for some in [&notices, &again]
            .into_iter()
            .filter(|some| !some.is_empty())
        {
            notice::insert_notices_in(&tx, some, now).await?;
        }
        if !again.is_empty() {
            notice::move_notices_in(&tx, &again).await?;
        }
        notice::forget_news_in(&tx, &planned).await?;
        tx.commit().await?;
        Ok(positions.len())
    }

    /// Takes up the next bills that are planned anew because the holidays are others; answers whether these were the last.
    async fn again(
        &self,
        tx: &Transaction<'_>,
        (position, after): (i64, Option<&BillKey>),
        wishes: &mut Wishes,
    ) -> Result<bool, WorkerError> {
        // Whoever loaded the table was another process.
        self.engine.reload_holidays().await?;
        let bills = notice::unpaid_bills_after(tx, after, AGAIN_MAX).await?;
        let last = bills.last().cloned();
        let more =
            last.filter(|_last| i64::try_from(bills.len()).is_ok_and(|count| count >= AGAIN_MAX));
        wishes.again.extend(bills);
        if let Some(last) = &more {
            notice::advance_holidays_in(tx, position, last).await?;
        }
        Ok(more.is_none())
    }

    /// Plans as rows.
    fn notices(&self, plans: Vec<Plan>, facts: &Facts) -> Vec<NewNotice> {
        let notice = |plan: Plan| NewNotice {
            id: notice_id(self.ids.next()),
            person: plan.person,
            biller: plan.bill.0,
            bill: plan.bill.1,
            channel: facts
                .preferences
                .get(&plan.person)
                .and_then(|wants| wants.channels.first().copied()),
            planned: plan.planned,
            details: plan.details,
        };
        plans.into_iter().map(notice).collect()
    }

    async fn facts(
        &self,
        tx: &Transaction<'_>,
        wishes: &Wishes,
        now: Timestamp,
    ) -> Result<Facts, WorkerError> {
        let bills = notice::bills_of(tx, &wishes.bills()).await?;
        let mut facts = Facts {
            bills,
            ..Facts::default()
        };
        facts.subscribers = self.subscribers(&facts).await?;
        if facts.subscribers.is_empty() {
            return Ok(facts);
        }
        let people: BTreeSet<Uuid> = facts
            .subscribers
            .values()
            .flatten()
            .map(|(person, _since)| *person)
            .collect();
        let people: Vec<PersonId> = people.into_iter().map(PersonId::new).collect();
        let preferences = self.contacts.preferences(&people).await?;
        facts.preferences = preferences
            .into_iter()
            .map(|(person, wants)| (person.uuid(), wants))
            .collect();
        let since = wishes.since.unwrap_or(now);
        let since = since.checked_sub(SLACK).map_err(WorkerError::broken)?;
        let told = |keys: &BTreeSet<_>| -> Vec<_> { keys.iter().cloned().collect() };
        facts.receipts = notice::receipts_of_bills(tx, &told(&wishes.paid), since).await?;
        facts.refunds = notice::refunds_of_bills(tx, &told(&wishes.refunded), since).await?;
        let ended: Vec<_> = wishes
            .ended
            .iter()
            .map(|((biller, _bill), payment, _at)| (biller.clone(), *payment))
            .collect();
        facts.ends = notice::ended_payments(tx, &ended).await?;
        Ok(facts)
    }

    /// Who is told of each bill, by its account.
    async fn subscribers(
        &self,
        facts: &Facts,
    ) -> Result<HashMap<BillId, Vec<(Uuid, Timestamp)>>, WorkerError> {
        let catalogue = self.engine.reader().catalogue();
        let mut bills: HashMap<AccountKey, Vec<BillId>> = HashMap::new();
        for bill in facts.bills.values() {
            if let Some(kind) = catalogue.kind(&bill.bill_type) {
                let account = self.contacts.keys().account(kind, &bill.number);
                bills.entry(account).or_default().push(bill.id);
            }
        }
        let accounts: Vec<AccountKey> = bills.keys().cloned().collect();
        let mut people: HashMap<BillId, Vec<(Uuid, Timestamp)>> = HashMap::new();
        for one in self.contacts.subscribers(&accounts).await? {
            for bill in bills.get(&one.account).into_iter().flatten() {
                let told = (one.person.uuid(), one.since);
                people.entry(*bill).or_default().push(told);
            }
        }
        Ok(people)
    }
}
