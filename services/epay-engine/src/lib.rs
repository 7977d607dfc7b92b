//! The shell: read a batch, decide in memory, write once, commit; then answer.
//!
//! Commands queue, what is asked and what has happened apart; a committer takes what is waiting (up to a named bound), so
//! that one commit carries many payments under load and a single one when idle. What one queue holds about one bill is
//! decided in the order in which it came. Everything is decided before anything is written, so one bad command gets its own
//! refusal and never spoils its neighbours. Every command can be decided again: a batch that was in somebody's way, or whose
//! commit was never confirmed, runs anew and finds by its keys what is already there.
//!
//! Rail messages are stored raw first ([`Engine::receive`]), then decoded, matched and booked. A message that
//! was stored and not finished (a crash) is found again by [`Engine::redrive`].
#![deny(missing_docs)]

mod batch;
mod catalogue;
mod clock;
mod command;
mod commits;
mod committer;
mod days;
mod desk;
mod engine;
mod error;
mod events;
mod feeds;
mod health;
mod holidays;
mod imports;
mod inbound;
mod inbox;
mod kinds;
mod notices;
mod order;
mod orders;
mod outbox;
mod periods;
mod plans;
mod queues;
mod reader;
mod recalls;
mod reconcile;
mod refund_orders;
mod refunds;
mod remote;
mod route;
mod second_factor;
mod statements;
mod token;
mod turns;
mod view;
mod watch;
mod webhooks;

pub use catalogue::{Catalogue, TREASURY};
pub use clock::{Clock, Ids, SystemClock, V7Ids};
pub use command::{
    CancelPayment, CapturePayment, CreatePayment, Found, IssueBill, ReceivedMessage,
    ResolvePayment, ReviseBill, SubmitInstrument, WithdrawBill,
};
pub use commits::Commits;
pub use days::{CloseDay, DayView};
pub use desk::{
    DecideProposal, ProposeAcceptance, ProposePayoutAccount, ProposePeriod, ProposeRedrive,
    ProposeResolution, RedirectRefund, RequestRefund,
};
pub use engine::{Engine, EngineOptions, Stored};
pub use epay_store::{FileState, RailFile};
pub use error::{EngineError, chain};
pub use events::{EVENTS_PAGE_MAX, NumberedEvent, events_of, happenings};
pub use feeds::{
    AcknowledgeFeed, AcknowledgementTaken, DELIVERY_LOST_AFTER, DeliveryEnd, FeedAlert,
    FeedAlertReason, FilePieces, RedeliverFeed, TakeAcknowledgements,
};
pub use holidays::HolidaysError;
pub use imports::{BillImport, FAULTS_MAX, ImportEnd, Imported, RowFault};
pub use inbound::{FILE_BYTES_MAX, FILE_CHUNK_BYTES, FileDoor, LocalFileError};
pub use notices::{MessageReceipt, NoticeView, ReceiptEffect};
pub use reader::Reader;
pub use recalls::{DeclineRecall, RecallRefund, ReturnRecall};
pub use reconcile::{BookSummary, CaseView, ProposeBreakResolution, Reconciled};
pub use route::{MethodOffer, PaymentRouting, RoutingDecision};
pub use second_factor::{FACTOR_KEY_BYTES_MIN, FACTOR_KEYS_MAX, FactorKeyFault, FactorKeys};
pub use statements::IngestedFile;
pub use view::{BillView, PaymentView, RefundView, UnclearView};
pub use watch::Watch;
pub use webhooks::{
    CreateWebhookEndpoint, Removed, ReplayWebhooks, RotateWebhookKey, TestWebhook,
    WebhookEndpointView, WebhookKeyView, key_place,
};
