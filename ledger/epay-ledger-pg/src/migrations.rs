//! The embedded migrations of schema `ledger`. They only go forward, one transaction a file.

use epay_pg::MigrationSet;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// The name of this set of migrations; its history is the table `migrations_ledger`.
pub const NAME: &str = "ledger";

/// This crate's migrations, to be applied together with other crates' by [`epay_pg::migrate`].
pub const MIGRATIONS: MigrationSet = MigrationSet {
    name: NAME,
    runner: migrations,
};

/// The runner over the embedded files, with its history apart from other crates'.
#[must_use]
pub fn migrations() -> refinery::Runner {
    let mut runner = embedded::migrations::runner();
    runner.set_migration_table_name(format!("migrations_{NAME}"));
    runner
}
