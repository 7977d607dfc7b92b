//! Notices to people: when each is due, whether it still is when it is sent, and what became of it.
//!
//! 1. [`of_bill`] and [`of_licence`]: a bill or a licence has a fixed list of moments at which its payer is told, on the business days of Hong Kong.
//!    Each has a name ([`Planned::name`]): under one name a person is told once, whatever crashes and whatever is planned again.
//! 2. [`decide`]: at the moment of sending, the bill and the person's wishes are looked at anew. Nobody is reminded of a bill that is
//!    paid, while money may be on its way, against their wish, or at night.
//! 3. [`told`]: what a channel says of a notice, folded into one of eight states. A channel that cannot reach the person gives way to the next.
//! 4. [`Notice`]: one notice, and what decisions, tries and a channel's later words make of it; [`MoneyNews`]: what is told at once.
//!
//! What is said, and in which language, is `epay-notice`'s. Time and holidays arrive as arguments.
//!
//! Bounds: [`TRIES_MAX`] tries on one channel within [`TRY_WITHIN`].

mod decide;
mod message;
mod news;
mod notice;
mod plan;
mod say;
mod state;

pub use decide::{
    BillNow, Decision, Preferences, QuietHours, RECHECK_AFTER, Situation, Suppression, decide,
};
pub use message::{MessageKey, ROUNDS_MAX, notice_id};
pub use news::{EndedPayment, MoneyNews, NEWS_WITHIN};
pub use notice::{Notice, Step, Tried, Try};
pub use plan::{
    DUE_SOON_DAYS, LICENCE_DAYS, LicenceDays, MORNING, Occasion, Planned, bill_ready, of_bill,
    of_licence,
};
pub use say::{bill_now, details_now, with_names};
pub use state::{Failure, NoticeFact, NoticeState, TRIES_MAX, TRY_WITHIN, Then, after, told};

use epay_notice::Kind;

/// Whether a kind is news of something that the person did: it comes at once, and whether reminders are wanted or not.
#[must_use]
pub const fn is_news(kind: Kind) -> bool {
    match kind {
        Kind::PaymentReceived
        | Kind::PaymentFailed
        | Kind::RefundSent
        | Kind::ChequeDishonoured => true,
        Kind::BillReady
        | Kind::DueSoon
        | Kind::Overdue
        | Kind::LicenceRenewalOpen
        | Kind::LicenceExpiring => false,
    }
}
