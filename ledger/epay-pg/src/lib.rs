//! PostgreSQL ground: what every crate that keeps rows stands on.
//!
//! * [`pool`](PoolOptions): a bounded connection pool from a connection string, one error type with four kinds,
//!   and a bounded retry for serialization conflicts;
//! * [`migrate`]: the embedded migrations of several crates, applied under one lock;
//! * [`Cluster`]: a private server in a folder of its own, for `epay dev`, benchmarks and tests;
//! * `testing` (feature `testing`): a database a test, copied from a migrated template.
//!
//! No table is known here. Connections are plain or over a Unix socket: this crate holds no TLS connector, and a
//! connection string that demands TLS is refused instead of being downgraded.

mod error;
mod fingerprint;
mod local;
mod migrate;
mod plans;
mod pool;
mod retry;
mod session;
#[cfg(feature = "testing")]
pub mod testing;

pub use error::{PgError, PgErrorKind};
pub use local::{Cluster, ClusterConfig, ClusterError, Durability};
pub use migrate::{AppliedMigration, MigrateError, MigrationReport, MigrationSet, migrate};
pub use plans::keep_plans_in;
pub use pool::{PoolOptions, SERVICE_ROLE, build_pool, parse_config};
pub use retry::{CONFLICT_ATTEMPTS_MAX, Conflicting, retry_serialization};
pub use session::{Session, connect};
