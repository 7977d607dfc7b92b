//! Events: what departments hear of their bills, made of the outbox by one pure mapping, and read in order.
//!
//! Webhooks and the relay make events of batches ([`happenings`], [`events_of`]); a department that reads a stream asks for
//! those after a number ([`Engine::events_after`]). Numbers are given when somebody reads, by whoever reads: so no worker
//! is needed, and the commits of payments pay for one small row a batch. Of one bill, and of one refund, numbers follow the
//! commits: its batches are written while it is locked, and a batch is numbered when it can be seen.
//!
//! Bounds: [`ROUND_BATCHES_MAX`] batches are numbered in one transaction, and [`EVENTS_PAGE_MAX`] events read at once.

use std::collections::HashMap;

use deadpool_postgres::GenericClient;
use epay_domain::webhook::{BillFacts, EventType, Happening, WebhookEvent, webhook_event};
use epay_domain::{PublicEventKind, Refusal};
use epay_money::{BillId, BillerId};
use epay_store::{OutboxBatch, OutboxRow, StoreError};

use crate::{Engine, EngineError};

/// Most batches that are numbered in one transaction.
const ROUND_BATCHES_MAX: i64 = 256;
/// Most events of one read.
pub const EVENTS_PAGE_MAX: i64 = 200;

/// An event with its number among its department's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedEvent {
    /// From 1, without a gap.
    pub number: i64,
    /// The event, with the same bytes wherever it is read.
    pub event: WebhookEvent,
}

type Facts = HashMap<(BillerId, BillId), BillFacts>;

/// The lines of a batch that are news of bills.
#[must_use]
pub fn happenings(batch: &OutboxBatch) -> Vec<Happening> {
    let lines = batch.rows.iter().zip(0_u32..);
    lines
        .filter_map(|(row, line)| happening(batch, row, line))
        .collect()
}

fn happening(batch: &OutboxBatch, row: &OutboxRow, line: u32) -> Option<Happening> {
    Some(Happening {
        batch: batch.id,
        line,
        at: batch.at,
        biller: row.biller.clone(),
        kind: PublicEventKind::read(&row.kind)?,
        bill: row.bill?,
        payment: row.payment,
        minor: row.minor,
    })
}

/// The events of news, in its order, each with its bill. The same news makes the same events whenever it is asked for.
///
/// # Errors
/// [`EngineError`].
pub async fn events_of(
    client: &impl GenericClient,
    happenings: &[&Happening],
) -> Result<Vec<(BillId, WebhookEvent)>, EngineError> {
    let facts = facts_of(client, happenings).await?;
    let mut events = Vec::new();
    for happening in happenings {
        let event = event_of(&facts, happening)?;
        events.extend(event.map(|event| (happening.bill, event)));
    }
    Ok(events)
}

async fn facts_of(
    client: &impl GenericClient,
    happenings: &[&Happening],
) -> Result<Facts, EngineError> {
    let bills: Vec<_> = happenings
        .iter()
        .map(|one| (one.biller.clone(), one.bill))
        .collect();
    Ok(epay_store::webhook::bill_facts(client, &bills).await?)
}

/// A bill is written with its first event: there is none without.
fn event_of(facts: &Facts, happening: &Happening) -> Result<Option<WebhookEvent>, EngineError> {
    let Some(bill) = facts.get(&(happening.biller.clone(), happening.bill)) else {
        return Ok(None);
    };
    webhook_event(happening, bill).map_err(|fault| EngineError::Broken(fault.to_string()))
}

impl Engine {
    /// Events of a department after a number, oldest first, at most [`EVENTS_PAGE_MAX`]; from the oldest that is kept without
    /// one. What was committed before the call is there.
    ///
    /// # Errors
    /// [`Refusal::EventsRemoved`] when what comes after the number is not kept any more, [`Refusal::CursorAhead`] when the
    /// number was never given; [`EngineError`].
    pub async fn events_after(
        &self,
        biller: &BillerId,
        after: Option<i64>,
    ) -> Result<Vec<NumberedEvent>, EngineError> {
        self.number_events().await?;
        let client = self.core.pool.get().await?;
        // First the last number: every event up to it can be seen by the read that follows, unless it was removed.
        let last = epay_store::last_event_number(&client, biller).await?;
        let page = (after.unwrap_or(0), EVENTS_PAGE_MAX);
        let lines = epay_store::numbered_lines(&client, biller, page).await?;
        if let Some(after) = after {
            check(after, last, lines.first().map(|line| line.number))?;
        }
        let news: Vec<(i64, Happening)> = lines
            .iter()
            .filter_map(|line| {
                let row = line.batch.rows.first()?;
                Some((line.number, happening(&line.batch, row, line.line)?))
            })
            .collect();
        let happenings: Vec<&Happening> = news.iter().map(|(_number, one)| one).collect();
        let facts = facts_of(&client, &happenings).await?;
        let mut events = Vec::with_capacity(news.len());
        for (number, happening) in &news {
            let number = *number;
            let event = event_of(&facts, happening)?;
            events.extend(event.map(|event| NumberedEvent { number, event }));
        }
        Ok(events)
    }

    /// Numbers what nobody has numbered yet, round by round.
    async fn number_events(&self) -> Result<(), EngineError> {
        let mut client = self.core.pool.get().await?;
        if !epay_store::batches_wait(&client).await? {
            return Ok(());
        }
        loop {
            let tx = client.transaction().await.map_err(StoreError::from)?;
            let (positions, batches) =
                epay_store::lock_unnumbered_in(&tx, ROUND_BATCHES_MAX).await?;
            let told: Vec<Happening> = batches.iter().flat_map(happenings).collect();
            let mut lines = Vec::with_capacity(told.len());
            for one in told.iter().filter(|one| EventType::of(one.kind).is_some()) {
                let line = i32::try_from(one.line);
                let line = line.map_err(|error| EngineError::Broken(error.to_string()))?;
                lines.push((&one.biller, one.batch, line));
            }
            epay_store::number_in(&tx, &lines, &positions).await?;
            tx.commit().await.map_err(StoreError::from)?;
            if i64::try_from(positions.len()) != Ok(ROUND_BATCHES_MAX) {
                return Ok(());
            }
        }
    }
}

/// Whether the events after a number are all there: the next one, where there is one at all.
fn check(after: i64, last: i64, next: Option<i64>) -> Result<(), EngineError> {
    let refusal = match next {
        Some(next) if next == after.saturating_add(1) => return Ok(()),
        None if after == last => return Ok(()),
        None if after > last => Refusal::CursorAhead,
        Some(_) | None => Refusal::EventsRemoved,
    };
    Err(EngineError::Refused(refusal))
}
