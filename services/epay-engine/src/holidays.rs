//! Business days, which are data: what the process was started with, and on top of it the tables that somebody has loaded since.
//!
//! 1. [`Engine::load_holidays`] keeps a table in the database, who loaded it, and news for the planner of notices, in one commit.
//! 2. Every process reads tables that it does not know when it starts, and looks for newer ones every [`LOOK_EVERY`].
//!
//! Of a year the last table that has it counts; years that no table has stay as they were. What was decided by older holidays stays: a closed
//! day, a receipt's business date. What was only planned is planned anew.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use deadpool_postgres::GenericClient;
use epay_money::{BusinessCalendar, HolidayTableError};
use epay_store::{HolidayTable, StoreError};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{Engine, EngineError, Reader};

/// How long a process may not know of a table that another one was given.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What is known of business days.
#[derive(Debug)]
pub(crate) struct Holidays(ArcSwap<Known>);

#[derive(Debug, Clone)]
struct Known {
    calendar: Arc<BusinessCalendar>,
    /// The last table that is part of it.
    position: i64,
}

/// Why a table of holidays was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum HolidaysError {
    /// It is none; nothing was kept.
    #[error("the table cannot be used")]
    Table(#[from] HolidayTableError),
    /// It could not be kept, or that is not known: load it again, which changes nothing where it is there.
    #[error("the table could not be kept")]
    Engine(#[from] EngineError),
}

impl Holidays {
    /// What a process starts with, and every table that is there.
    pub(crate) async fn open(
        base: BusinessCalendar,
        client: &impl GenericClient,
    ) -> Result<Self, StoreError> {
        let known = Known {
            calendar: Arc::new(base),
            position: 0,
        };
        let holidays = Self(ArcSwap::from_pointee(known));
        while holidays.learn(epay_store::holiday_tables(client, holidays.position()).await?) {}
        Ok(holidays)
    }

    pub(crate) fn calendar(&self) -> Arc<BusinessCalendar> {
        Arc::clone(&self.0.load().calendar)
    }

    fn position(&self) -> i64 {
        self.0.load().position
    }

    /// Takes tables in, in their order; answers whether there was any.
    fn learn(&self, tables: Vec<HolidayTable>) -> bool {
        let mut news = false;
        for table in tables {
            news = true;
            let read = BusinessCalendar::from_1823_json(&table.content);
            if let Err(error) = &read {
                // It was read before it was kept, by a program that took more than this one does.
                error!(%error, table.position, "A table of holidays cannot be read here; the years stay as they were");
            }
            self.0.rcu(|known| {
                if known.position >= table.position {
                    return Known::clone(known);
                }
                let calendar = BusinessCalendar::clone(&known.calendar);
                Known {
                    calendar: Arc::new(match &read {
                        Ok(newer) => calendar.with(newer.clone()),
                        Err(_told) => calendar,
                    }),
                    position: table.position,
                }
            });
            info!(table.position, "A table of holidays was taken in");
        }
        news
    }
}

impl Engine {
    /// Business days.
    #[must_use]
    pub fn calendar(&self) -> Arc<BusinessCalendar> {
        self.core.calendar()
    }

    /// Keeps a table of holidays, in the shape in which the 1823 service publishes it, and uses it from now on. Where somebody plans notices,
    /// those that wait are given the moments that they have by it.
    ///
    /// # Errors
    /// [`HolidaysError`].
    pub async fn load_holidays(
        &self,
        content: &str,
        person: &str,
        tells_people: bool,
    ) -> Result<Arc<BusinessCalendar>, HolidaysError> {
        BusinessCalendar::from_1823_json(content)?;
        let now = self.core.clock.now();
        let kept = async {
            let mut client = self.core.pool.get().await?;
            let tx = client.transaction().await.map_err(StoreError::from)?;
            epay_store::insert_holiday_table_in(&tx, content, (person, now)).await?;
            if tells_people {
                epay_store::notice::note_holidays_in(&tx).await?;
            }
            tx.commit().await.map_err(StoreError::from)?;
            Ok::<_, EngineError>(())
        };
        kept.await?;
        self.reload_holidays().await?;
        Ok(self.calendar())
    }

    /// Takes in tables that were loaded elsewhere; answers whether there was any.
    ///
    /// # Errors
    /// [`EngineError::Unavailable`]; what is known stays.
    pub async fn reload_holidays(&self) -> Result<bool, EngineError> {
        let holidays = &self.core.holidays;
        let client = self.core.pool.get().await?;
        let newer = epay_store::holiday_tables(&client, holidays.position()).await?;
        Ok(holidays.learn(newer))
    }

    /// Looks for tables that were loaded elsewhere, until `stop`. One of it in a process.
    pub async fn follow_holidays(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.reload_holidays().await {
                warn!(%error, "Tables of holidays could not be looked for; the next look tries again");
            }
            let slept = stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY));
            if slept.await.is_none() {
                return;
            }
        }
    }
}

impl Reader {
    /// The tables of holidays that were loaded, in their order.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn holiday_tables(&self) -> Result<Vec<HolidayTable>, EngineError> {
        let client = self.pool().get().await?;
        Ok(epay_store::holiday_tables(&client, 0).await?)
    }
}
