//! Everything that is held of a person, page by page: for the person, or for who answers a request of access (Personal Data (Privacy) Ordinance,
//! section 18).
//!
//! 1. The first page has the person with whole addresses and accounts: the store of contacts opens them and writes down who asked, and in which case.
//! 2. Then comes what was agreed to, then who looked, then what the person was told. Each page is of one kind, and begins where the one before ended.
//!
//! Bounds: a page has as many rows as its list gives at most; [`PersonFile::whole`] stops after [`PAGES_MAX`] pages and says where it stopped.

use deadpool_postgres::{Pool, PoolError};
use epay_contact::{ContactError, Contacts, ReadFilter, Reader};
use epay_money::PersonId;
use epay_proto::v1;
use epay_store::notice::notices_of_person;
use epay_store::{PageRequest, StoreError};
use uuid::Uuid;

use crate::convert;

/// Most pages of a whole file.
pub const PAGES_MAX: usize = 1_000;
/// Rows on a page of a whole file.
const PAGE_SIZE: i64 = 1_000;

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Person,
    Consents(Option<Uuid>),
    Reads(Option<i64>),
    Notices(Option<Uuid>),
}

/// Why a page cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum PersonFileError {
    /// The store of contacts.
    #[error("the contacts")]
    Contacts(#[from] ContactError),
    /// The store of notices.
    #[error("the notices")]
    Store(#[from] StoreError),
    /// No connection to the store of notices.
    #[error("no connection")]
    Pool(#[from] PoolError),
}

/// Who asks for a person's file, and from where it is read.
#[derive(Debug, Clone, Copy)]
pub struct PersonFile<'a> {
    /// Where people are.
    pub contacts: &'a Contacts,
    /// Where notices are.
    pub notices: &'a Pool,
    /// Who asks.
    pub reader: &'a Reader,
    /// The number of the request that is answered.
    pub case: Option<&'a str>,
}

impl Place {
    pub(crate) fn word(self) -> String {
        fn of<T: ToString>(section: &str, place: Option<T>) -> String {
            let place = place.map(|place| place.to_string()).unwrap_or_default();
            format!("{section}/{place}")
        }
        match self {
            Self::Person => String::new(),
            Self::Consents(place) => of("consents", place),
            Self::Reads(place) => of("reads", place),
            Self::Notices(place) => of("notices", place),
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        fn place<T: core::str::FromStr>(text: &str) -> Option<Option<T>> {
            if text.is_empty() {
                return Some(None);
            }
            text.parse().ok().map(Some)
        }
        match word.split_once('/')? {
            ("consents", text) => place(text).map(Self::Consents),
            ("reads", text) => place(text).map(Self::Reads),
            ("notices", text) => place(text).map(Self::Notices),
            _ => None,
        }
    }
}

impl PersonFile<'_> {
    /// One page, and where the next one begins.
    pub(crate) async fn page(
        &self,
        of: PersonId,
        place: Place,
        size: i64,
    ) -> Result<(v1::ExportSubscriberResponse, Option<Place>), PersonFileError> {
        let mut page = v1::ExportSubscriberResponse::default();
        let next = match place {
            Place::Person => {
                let opened = self
                    .contacts
                    .open_person(self.reader, self.case, of)
                    .await?;
                let (subscriber, subscriptions) = convert::opened_person(&opened);
                page.subscriber = Some(subscriber);
                page.subscriptions = subscriptions;
                Some(Place::Consents(None))
            }
            Place::Consents(after) => {
                let (records, next) = self.contacts.consents(of, after, size).await?;
                page.consents = records.iter().map(convert::consent_record).collect();
                Some(next.map_or(Place::Reads(None), |last| Place::Consents(Some(last))))
            }
            Place::Reads(before) => {
                let filter = ReadFilter {
                    person: Some(of),
                    before,
                    size,
                };
                let (reads, next) = self.contacts.reads(filter).await?;
                page.contact_reads = reads.iter().map(convert::contact_read).collect();
                Some(next.map_or(Place::Notices(None), |last| Place::Reads(Some(last))))
            }
            Place::Notices(after) => {
                let client = self.notices.get().await?;
                let wanted = PageRequest { size, after };
                let notices = notices_of_person(&client, of.uuid(), wanted).await?;
                page.notices = notices
                    .items
                    .iter()
                    .map(convert::subscriber_notice)
                    .collect();
                notices.next.map(|last| Place::Notices(Some(last)))
            }
        };
        Ok((page, next))
    }

    /// All of it. Where it is longer than [`PAGES_MAX`] pages, `next_page_token` is set and says that it is not whole.
    ///
    /// # Errors
    /// [`PersonFileError`].
    pub async fn whole(
        &self,
        of: PersonId,
    ) -> Result<v1::ExportSubscriberResponse, PersonFileError> {
        let (mut whole, mut next) = self.page(of, Place::Person, PAGE_SIZE).await?;
        for _page in 1..PAGES_MAX {
            let Some(place) = next else { break };
            let (page, after) = self.page(of, place, PAGE_SIZE).await?;
            whole.consents.extend(page.consents);
            whole.contact_reads.extend(page.contact_reads);
            whole.notices.extend(page.notices);
            next = after;
        }
        whole.next_page_token = next.map(Place::word).unwrap_or_default();
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        let id = Some(Uuid::from_u128(7));
        let places = [
            Place::Consents(None),
            Place::Consents(id),
            Place::Reads(None),
            Place::Reads(Some(9)),
            Place::Notices(None),
            Place::Notices(id),
        ];
        for place in places {
            assert_eq!(Place::read(&place.word()), Some(place));
        }
        for word in ["", "person/", "reads/x", "notices", "consents/7"] {
            assert_eq!(Place::read(word), None, "{word}");
        }
    }
}
