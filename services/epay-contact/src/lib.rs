//! People who agreed to be told of bills: what they want, and where they are reached.
//!
//! * [`ContactKeys`]: keys from files. Each person has a data key that they wrap (envelope encryption); contacts and accounts are sealed
//!   with it, and found by keyed digests (blind indexes). To forget a person is to destroy the data key.
//! * [`Contacts`]: the schema `contact`, which only the role [`CONTACT_ROLE`] may read. Whoever opens a contact says who they are and what
//!   for ([`Reader`]), and that is written in the same transaction.
//! * [`Point`] and [`Addresses`]: an address as it was typed, judged; and as it is opened, which no `Debug` shows.
//! * [`NewForm`], [`FormAnswer`], [`FormView`]: forms that the sign-in service fills in, kept sealed for [`FORM_SECONDS`] until their person has read them.
//!
//! Ids and times are arguments; nonces and data keys are drawn here. Nothing that this crate logs or returns as an error has a contact in it.
//!
//! Bounds: [`KEYS_MAX`] keys, [`BATCH_MAX`] people or accounts a statement, [`ROTATED_MAX`] people a transaction of a rotation, [`ACCOUNTS_MAX`] accounts a person, [`SUBSCRIBERS_MAX`] people an account.

mod account;
mod change;
mod error;
mod export;
mod form;
mod keys;
mod person;
mod point;
mod read;
mod retention;
mod rotate;
mod row;
mod seal;
mod store;
mod subscription;
mod view;

pub use account::AccountKey;
pub use change::Change;
pub use error::ContactError;
pub use export::{CASE_CHARACTERS_MAX, CONSENTS_PAGE_MAX, ConsentRecord, OpenedPerson};
pub use form::{
    FORM_SECONDS, FORMS_REMOVED_MAX, FormAnswer, FormEffect, FormState, FormView, NewForm,
};
pub use keys::{ContactKeys, KEY_BYTES_MIN, KEYS_MAX, KeyFault};
pub use person::{CLIENT_CHARACTERS_MAX, Consent, NewPerson, WORDS_CHARACTERS_MAX};
pub use point::{ADDRESS_CHARACTERS_MAX, Addresses, Point, PointFault};
pub use read::{Purpose, Reader};
pub use retention::{FORGOTTEN_KEPT, FORGOTTEN_MAX, IDLE_KEPT, READS_KEPT, REMOVED_MAX};
pub use rotate::{ROTATED_MAX, Rotated};
pub use store::{BATCH_MAX, CONTACT_ROLE, Contacts};
pub use subscription::{ACCOUNTS_MAX, Account, NewSubscription, SUBSCRIBERS_MAX, Subscriber};
pub use view::{PersonView, READS_PAGE_MAX, Read, ReadFilter};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Name of this crate's set of migrations.
pub const MIGRATIONS: epay_pg::MigrationSet = epay_pg::MigrationSet {
    name: "contact",
    runner: embedded::migrations::runner,
};
