//! Notices to people, as desks see them, and what channels tell of them later. Nothing here knows who a person is, or where.

use epay_domain::BillType;
use epay_domain::notification::{Failure, MessageKey, Notice};
use epay_money::{BillerId, hong_kong_zone};
use epay_store::notice::{
    self as store, NoticeCount, NoticeEvent, NoticeFilter, StoredNoticeEvent, WeatherWord,
};
use epay_store::{Page, PageRequest, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::{Engine, EngineError, Reader};

/// Longest word of a channel that is kept, in characters.
const DETAIL_CHARACTERS_MAX: usize = 200;

/// What a channel tells of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageReceipt {
    /// The message's id, as it was sent.
    pub message: Uuid,
    /// Whether the person has it.
    pub outcome: Result<(), Failure>,
    /// The channel's own number for the message.
    pub reference: String,
}

/// What becomes of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptEffect {
    /// It said something new.
    Told,
    /// It was known, or came too late to change anything.
    Known,
    /// No message of ours has that id.
    Foreign,
}

/// A notice with its facts.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeView {
    /// The notice.
    pub notice: Notice,
    /// What was told of it, oldest first.
    pub events: Vec<StoredNoticeEvent>,
}

impl Engine {
    /// Writes what a channel tells of a message. Told again, late or in disorder, it changes nothing that it should not.
    ///
    /// # Errors
    /// [`EngineError`]; nothing was written, and the channel must tell it again.
    pub async fn hear_receipt(
        &self,
        receipt: MessageReceipt,
    ) -> Result<ReceiptEffect, EngineError> {
        let Some(message) = MessageKey::read(receipt.message) else {
            return Ok(ReceiptEffect::Foreign);
        };
        let now = self.core.clock.now();
        let mut client = self.core.pool.get().await?;
        let tx = client.transaction().await.map_err(StoreError::from)?;
        let mut notices = store::lock_notices_in(&tx, &[message.notice]).await?;
        let Some(notice) = notices.first_mut() else {
            return Ok(ReceiptEffect::Foreign);
        };
        let Some(fact) = notice.heard(message, receipt.outcome, now) else {
            return Ok(ReceiptEffect::Known);
        };
        let event = NoticeEvent {
            notice: notice.id,
            version: notice.version,
            fact,
            channel: Some(message.channel),
            detail: Some(
                receipt
                    .reference
                    .chars()
                    .take(DETAIL_CHARACTERS_MAX)
                    .collect(),
            ),
            at: now,
        };
        store::update_notices_in(&tx, &notices, &[event]).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(ReceiptEffect::Told)
    }

    /// Has notices planned of what is to be paid on an account for a person who has just subscribed to it. The account is named by the
    /// number of one of its bills.
    ///
    /// # Errors
    /// [`EngineError`]; nothing is planned, and may be asked for again.
    pub async fn plan_notices(
        &self,
        person: Uuid,
        (kind, number): (&BillType, &str),
        since: Timestamp,
    ) -> Result<(), EngineError> {
        let client = self.core.pool.get().await?;
        let bills = store::unpaid_bills_of_account(&client, kind, number).await?;
        Ok(store::note_subscription(&client, person, &bills, since).await?)
    }

    /// Says whether the weather of a day keeps people at home. Who said so is kept.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn set_severe_weather(
        &self,
        (day, severe): (Date, bool),
        person: String,
    ) -> Result<WeatherWord, EngineError> {
        let word = WeatherWord {
            day,
            severe,
            person,
            at: self.core.clock.now(),
        };
        let client = self.core.pool.get().await?;
        store::set_weather(&client, &word).await?;
        Ok(word)
    }
}

impl Reader {
    /// Notices of a department, the newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn notices(
        &self,
        biller: &BillerId,
        filter: &NoticeFilter,
        page: PageRequest,
    ) -> Result<Page<Notice>, EngineError> {
        let client = self.pool().get().await?;
        Ok(store::notices(&client, biller, filter, page).await?)
    }

    /// One notice with its facts.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn notice(&self, biller: &BillerId, id: Uuid) -> Result<NoticeView, EngineError> {
        let client = self.pool().get().await?;
        let notice = store::notice(&client, biller, id).await?;
        let notice = notice.ok_or(EngineError::NotFound { what: "the notice" })?;
        let events = store::notice_events(&client, id).await?;
        Ok(NoticeView { notice, events })
    }

    /// How a department's notices stand that were planned from one day of Hong Kong to another, both among them.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn notice_counts(
        &self,
        biller: &BillerId,
        (first, last): (Date, Date),
    ) -> Result<Vec<NoticeCount>, EngineError> {
        let end = last.tomorrow().unwrap_or(last);
        let ids = (first_id(first), first_id(end));
        let client = self.pool().get().await?;
        Ok(store::notice_counts(&client, biller, ids).await?)
    }

    /// What was said of a day's weather, oldest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn weather(&self, day: Date) -> Result<Vec<WeatherWord>, EngineError> {
        let client = self.pool().get().await?;
        Ok(store::weather_words(&client, day).await?)
    }
}

/// The least id that a notice of this day can have: ids begin with their time.
fn first_id(day: Date) -> Uuid {
    let midnight = day.to_zoned(hong_kong_zone());
    let milliseconds = midnight.map_or(0, |midnight| midnight.timestamp().as_millisecond());
    Uuid::from_u128(u128::try_from(milliseconds).unwrap_or(0) << 80)
}
