//! The payee's bank and the payer's bank app in one.
//!
//! [`desk`] is the counter: scan, pay, pay many. It turns a request into [`Instruction`]s; [`booking`] turns each into a
//! [`Booking`] (rows, interbank messages and notices) without touching clock or database; the books store it whole.
//! Message writers are one a file: [`camt054`] for the payee, [`pacs008`] and [`pacs002`] for the record.

pub mod booking;
pub mod camt054;
pub mod desk;
pub mod fetch;
mod ids;
pub(crate) mod instruction;
pub(crate) mod leaves;
pub mod pacs002;
pub mod pacs008;
pub(crate) mod xml;

pub use booking::{Booking, Notice, Transaction};
pub use desk::{Bank, BankError, DirectInstruction, ImageSource, PayRequest, Scanned};
pub use ids::Ids;
pub(crate) use ids::{BANK_CODE, message_id};
pub use instruction::{Account, Instruction};
