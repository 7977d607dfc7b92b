//! The store: a pool on the role that may read contacts, and the keys that open them.

use deadpool_postgres::{Object, Pool};

use crate::{ContactError, ContactKeys};

/// The group role that may read and write contacts, and nothing else; the migrations create it.
pub const CONTACT_ROLE: &str = "epay_contact";
/// Most people or accounts that one statement takes; longer lists are cut.
pub const BATCH_MAX: usize = 1_000;

/// People and where they are reached. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Contacts {
    pool: Pool,
    keys: ContactKeys,
}

impl Contacts {
    /// A store over a pool whose connections took on [`CONTACT_ROLE`].
    #[must_use]
    pub const fn new(pool: Pool, keys: ContactKeys) -> Self {
        Self { pool, keys }
    }

    /// What finds accounts, for whoever has bills.
    #[must_use]
    pub const fn keys(&self) -> &ContactKeys {
        &self.keys
    }

    pub(crate) async fn client(&self) -> Result<Object, ContactError> {
        Ok(self.pool.get().await?)
    }
}
