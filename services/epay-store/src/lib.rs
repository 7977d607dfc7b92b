//! PostgreSQL for bills, payments, receipts, rail messages and the outbox: one file an aggregate.
//!
//! Functions that end in `_in` join the caller's transaction. Writes take slices and send one statement a
//! table (`unnest`), whatever the number of rows; reads for a batch take all keys at once. Nothing is decided
//! here, and nothing is retried here: the engine does both.
//!
//! Lock order, everywhere: bills by (`biller_id`, `bill_id`) first, in one statement; then whatever hangs on
//! them; ledger balances last, in the order of their account.

mod bill;
mod catalogue;
mod day;
mod error;
mod event;
pub mod feed;
mod file;
mod health;
mod holiday;
mod idempotency;
mod message;
mod movement;
pub mod notice;
mod numbered;
pub mod open_data;
mod order;
mod outbox;
mod page;
mod payment;
mod proposal;
mod quarantine;
mod recall;
mod receipt;
pub mod reconciliation;
mod refund;
mod relay;
mod row;
mod statement;
pub mod webhook;

pub use bill::{
    bill, bills, find_bill, insert_bills_in, lock_bills_in, resolve_numbers, revise_bills_in,
    update_bills_in, update_under_way_in,
};
pub use catalogue::{bill_types, put_bill_types};
pub use day::{
    closed_day, insert_closed_day_in, insert_rail_day_in, last_closed_day, rail_reported,
};
pub use error::StoreError;
pub use event::{StoredEvent, events, insert_events_in};
pub use file::{
    DIGEST_DIFFERS, FileState, FileStep, RailFile, begin_file, chunk, name_is_taken, put_chunk,
    rail_file, step_file_in, stored_chunks, touch_file, unfinished_files,
};
pub use health::{forget_rail_health, put_rail_health, rail_health};
pub use holiday::{HolidayTable, holiday_tables, insert_holiday_table_in};
pub use idempotency::{FirstAnswer, IdempotencyKey, first_answers, insert_answers_in};
pub use message::{
    Answers, NewMessage, RawMessage, Recorded, await_message_in, forget_pending_in, message,
    pending_messages, record_messages_in,
};
pub use movement::{Movement, MovementKey, insert_movements_in, known_movements_in, taken_back_in};
pub use numbered::{
    NumberedLine, batches_wait, last_event_number, lock_unnumbered_in, number_in, numbered_lines,
};
pub use order::{
    NewOrder, OrderEnd, OrderKey, OrderState, StoredAsk, StoredOrder, claim_orders, end_orders_in,
    insert_orders_in, instrument, known_uses, lock_orders_in, note_uses, orders, orders_of,
    repeat_order, take_dead_orders,
};
pub use outbox::{
    OutboxBatch, OutboxRow, SEND_ORDER, batch, forget_deadline, note_failure, put_batch_in,
    remove_performed_batches, take_batch_in, take_batches_in, take_deadlines,
};
pub use page::{PAGE_SIZE_MAX, Page, PageRequest};
pub use payment::{
    PaymentFilter, PaymentKey, Resolved, due_payments, insert_payments_in, payment, payment_key,
    payment_versions, payments, payments_due, payments_in, resolve_references, unclear_payments,
    update_payments_in, update_remote_payments_in, waiting_payments,
};
pub use proposal::{
    ProposalFilter, approval_limits, await_proposals_in, awaited_proposals, decide_proposals_in,
    forget_proposal, insert_proposals_in, lock_proposals_in, proposal, proposals,
};
pub use quarantine::{
    BadRow, BadRowFilter, BadRowKey, BadRowState, QuarantineEntry, RowSource, StatementBadRow,
    bad_row, bad_rows, lock_bad_row_in, note_drive_in, quarantine_in, set_statement_rows_apart_in,
};
pub use recall::{
    RecallFilter, claim_recalls, insert_recall, open_recall_of, recall, recall_by_key, recalls,
    receipt_of, returning_recalls, update_recall,
};
pub use receipt::{ReceiptFilter, ReceiptKey, insert_receipts_in, known_receipts_in, receipts};

pub use refund::{
    PayoutRow, PotKey, RefundFilter, claim_refunds, insert_payout_accounts_in, insert_refunds_in,
    lock_pots_in, lock_refunds_in, open_pots_in, payout_accounts_in, receipts_in,
    receipts_of_payments_in, refund, refunds, refunds_by_order, update_refunds_in,
    verify_payout_accounts_in, write_pots_in,
};
pub use relay::{disable_relay, enable_relay, forget_relayed, lock_relay, relay_batches};
pub use statement::entry::{
    accept_statement_entries_in, insert_statement_entries_in, last_statement_line_in,
    statement_entries, statement_entries_after,
};
pub use statement::{
    StatementFilter, complete_statements_in, insert_statements_in, lock_statement_account_in,
    lock_statement_in, statement, statement_neighbours_in, statement_with_sender_id_in, statements,
    statements_like_in, statements_of_file, update_statements_in,
};

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// Name of this crate's set of migrations.
pub const MIGRATIONS: epay_pg::MigrationSet = epay_pg::MigrationSet {
    name: "epay",
    runner: embedded::migrations::runner,
};
