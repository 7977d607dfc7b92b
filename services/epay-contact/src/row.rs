//! Words of rows, as the types that they stand for.

use epay_domain::notification::{Preferences, QuietHours};
use epay_money::{Language, PersonId};
use epay_notice::{Channel, Tongue};
use tokio_postgres::Row;

use crate::ContactError;

const BOTH: &str = "both";

pub(crate) const fn tongue_word(tongue: Tongue) -> &'static str {
    match tongue {
        Tongue::One(language) => language.locale(),
        Tongue::Both => BOTH,
    }
}

pub(crate) fn channel(word: &str) -> Option<Channel> {
    Channel::ALL
        .into_iter()
        .find(|known| known.as_str() == word)
}

pub(crate) fn person(row: &Row) -> Result<PersonId, ContactError> {
    Ok(PersonId::new(row.try_get("person_id")?))
}

/// What a row of `contact.person` wants.
pub(crate) fn preferences(row: &Row) -> Result<Preferences, ContactError> {
    let unknown = |column| ContactError::Unknown {
        table: "contact.person",
        column,
    };
    let tongue = match row.try_get("tongue")? {
        BOTH => Tongue::Both,
        word => Language::ALL
            .into_iter()
            .find(|language| language.locale() == word)
            .map(Tongue::One)
            .ok_or_else(|| unknown("tongue"))?,
    };
    let words: Vec<&str> = row.try_get("channels")?;
    let channels = words
        .into_iter()
        .map(|word| channel(word).ok_or_else(|| unknown("channels")));
    let from: Option<jiff::civil::Time> = row.try_get("quiet_from")?;
    let until: Option<jiff::civil::Time> = row.try_get("quiet_until")?;
    Ok(Preferences {
        tongue,
        channels: channels.collect::<Result<_, _>>()?,
        reminders: row.try_get("reminders")?,
        quiet: from
            .zip(until)
            .map(|(from, until)| QuietHours { from, until }),
    })
}
