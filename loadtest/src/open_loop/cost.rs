//! What a payment costs: processor time of each party, rows and bytes of write-ahead log.

use anyhow::Result;
use epay_pg::Session;
use serde::Serialize;

use crate::cpu::{Parties, Used, micros_each};

/// Rows written and bytes logged so far, by the server's own counters. Sessions hand their counts over when they are idle for a
/// second, so it is asked for at rest.
const COUNTERS: &str = "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint, \
     (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables), \
     pg_database_size(current_database())";

/// The counters at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counters {
    used: Used,
    wal_bytes: i64,
    rows: i64,
    database_bytes: i64,
}

/// What one payment of a part took of everything. Part of the report's JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Cost {
    pub(crate) gateway_micros: u64,
    pub(crate) postgres_micros: u64,
    pub(crate) client_micros: u64,
    /// Of the counterparties, where they are a process of their own.
    pub(crate) sandbox_micros: u64,
    pub(crate) wal_bytes: u64,
    /// Rows inserted, updated and deleted, a tenth each.
    pub(crate) rows_tenths: u64,
    pub(crate) database_bytes: u64,
}

impl Counters {
    pub(crate) async fn read(parties: &Parties, session: &Session) -> Result<Self> {
        let row = session.client().query_one(COUNTERS, &[]).await?;
        Ok(Self {
            used: parties.used()?,
            wal_bytes: row.try_get(0)?,
            rows: row.try_get(1)?,
            database_bytes: row.try_get(2)?,
        })
    }

    /// What each of `payments` took between `earlier` and this.
    pub(crate) fn each(self, earlier: Self, payments: u64) -> Cost {
        let used = self.used.since(earlier.used);
        let each = |now: i64, then: i64| {
            let more = u64::try_from(now.saturating_sub(then)).unwrap_or(0);
            move |times: u64| {
                let all = more.saturating_mul(times);
                all.checked_div(payments).unwrap_or(0)
            }
        };
        Cost {
            gateway_micros: micros_each(used.gateway, payments),
            postgres_micros: micros_each(used.postgres, payments),
            client_micros: micros_each(used.client, payments),
            sandbox_micros: micros_each(used.sandbox, payments),
            wal_bytes: each(self.wal_bytes, earlier.wal_bytes)(1),
            rows_tenths: each(self.rows, earlier.rows)(10),
            database_bytes: each(self.database_bytes, earlier.database_bytes)(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_what_was_used_for_each() {
        let counters = |ticks, wal_bytes, rows| Counters {
            used: Used {
                gateway: ticks,
                postgres: ticks,
                client: 0,
                sandbox: 1,
            },
            wal_bytes,
            rows,
            database_bytes: 0,
        };
        let cost = counters(30, 9_000, 25).each(counters(10, 1_000, 5), 10);
        assert_eq!((cost.gateway_micros, cost.client_micros), (20_000, 0));
        assert_eq!((cost.wal_bytes, cost.rows_tenths), (800, 20));
        assert_eq!(counters(1, 1, 1).each(counters(0, 0, 0), 0).wal_bytes, 0);
    }
}
