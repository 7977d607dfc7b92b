//! PostgreSQL for bills, payments, receipts, rail messages and the outbox: one file an aggregate.
