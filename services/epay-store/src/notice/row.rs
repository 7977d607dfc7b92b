//! A notice and its row.

use epay_domain::notification::{Notice, NoticeState, Suppression};
use epay_money::{BillId, Language};
use epay_notice::{Channel, Details, Kind, Tongue};
use postgres_types::Json;
use tokio_postgres::Row;

use crate::StoreError;
use crate::row::Reading;

const TABLE: &str = "notice";

pub(super) fn read(row: &Row) -> Result<Notice, StoreError> {
    let reading = Reading { table: TABLE, row };
    let unknown = |column| StoreError::Unknown {
        table: TABLE,
        column,
    };
    let state: &str = reading.get("state")?;
    let failed: Vec<&str> = reading.get("failed")?;
    let version: Option<i32> = reading.get("template_version")?;
    Ok(Notice {
        id: reading.get("notice_id")?,
        person: reading.get("person_id")?,
        biller: reading.biller()?,
        bill: BillId::new(reading.get("bill_id")?),
        kind: kind(reading.get("kind")?).ok_or_else(|| unknown("kind"))?,
        name: reading.get("name")?,
        about: reading.get("about")?,
        expires_at: reading.get("expires_at")?,
        state: NoticeState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unknown("state"))?,
        channel: word(reading, "channel", channel)?,
        failed: failed
            .into_iter()
            .map(channel)
            .collect::<Option<_>>()
            .ok_or_else(|| unknown("failed"))?,
        next_at: reading.get("next_at")?,
        attempts: reading.get("attempts")?,
        tries: reading.get("tries")?,
        round: u8::try_from(reading.get::<i16>("round")?).map_err(|_range| unknown("round"))?,
        first_try_at: reading.get("first_try_at")?,
        unsure: reading.get("unsure")?,
        template_version: version
            .map(u32::try_from)
            .transpose()
            .map_err(|_range| unknown("template_version"))?,
        tongue: word(reading, "tongue", tongue)?,
        reason: word(reading, "reason", |text| {
            Suppression::ALL
                .into_iter()
                .find(|known| known.as_str() == text)
        })?,
        details: reading.get::<Json<Details>>("details")?.0,
        created_at: reading.get("created_at")?,
        changed_at: reading.get("changed_at")?,
        version: reading.get("version")?,
    })
}

fn word<T>(
    reading: Reading<'_>,
    column: &'static str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let Some(text) = reading.get::<Option<&str>>(column)? else {
        return Ok(None);
    };
    read(text).map(Some).ok_or(StoreError::Unknown {
        table: TABLE,
        column,
    })
}

pub(super) fn kind(text: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|known| known.as_str() == text)
}

pub(super) fn channel(text: &str) -> Option<Channel> {
    Channel::ALL
        .into_iter()
        .find(|known| known.as_str() == text)
}

fn tongue(text: &str) -> Option<Tongue> {
    if text == BOTH {
        return Some(Tongue::Both);
    }
    Language::ALL
        .into_iter()
        .find(|known| known.locale() == text)
        .map(Tongue::One)
}

/// The word for two languages.
const BOTH: &str = "both";

pub(super) const fn tongue_word(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::One(language) => language.locale(),
        Tongue::Both => BOTH,
    }
}
