//! The ledger in PostgreSQL: migrations, batched posting, balances, verification.
