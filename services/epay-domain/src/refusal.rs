//! Why a request was refused. Requests may be refused; facts may not.

use epay_money::Money;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::NumberError;
use crate::bill::{InstalmentFault, PartFault};
use crate::payment::PaymentState;

/// A typed refusal. No money has moved, and nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bill has been paid.
    #[error("this bill has been paid; it does not need to be paid again")]
    BillPaid {
        /// When the last of it was paid.
        paid_at: Timestamp,
    },
    /// The department withdrew the bill.
    #[error("the department has withdrawn this bill; it must not be paid")]
    BillWithdrawn,
    /// The bill has money on it, so it cannot be withdrawn.
    #[error("this bill has been paid, wholly or in part, and cannot be withdrawn")]
    BillHasReceipts,
    /// A revision that is not above the one that is known.
    #[error("revision {known} of this bill is known; a later one counts higher")]
    RevisionNotNewer {
        /// The revision that the bill has.
        known: i32,
    },
    /// A revision names another kind or number than the bill has.
    #[error("kind and number of a bill stay; withdraw it and issue another")]
    OtherDemand,
    /// A payment may still take money for the bill, so its amount cannot change.
    #[error("a payment of this bill is under way; its amount can change once that has ended")]
    BillUnderWay,
    /// Nothing or less was asked for.
    #[error("the amount must be more than nothing")]
    AmountNotPositive,
    /// More than is outstanding.
    #[error("the amount must be {max} or less")]
    AmountTooHigh {
        /// What is still to be paid.
        max: Money,
    },
    /// Less than is outstanding, on a bill that must be paid whole.
    #[error("this bill must be paid in full: {due}")]
    PartNotAllowed {
        /// What must be paid.
        due: Money,
    },
    /// Another currency than the bill's.
    #[error("the amount must be in the bill's currency")]
    WrongCurrency,
    /// The rail cannot pay this kind of bill.
    #[error("this kind of bill cannot be paid by that method")]
    MethodNotOffered,
    /// The rail refused to carry the order; it was certainly not sent.
    #[error("the payment method cannot take this payment: {reason}")]
    RailRefused {
        /// The rail's reason.
        reason: String,
    },
    /// What the payer handed over cannot be taken; the payer may hand over another.
    #[error("{reason}")]
    BadInstrument {
        /// A stable word for the rule that was broken.
        code: String,
        /// What is wrong with it, for the payer.
        reason: String,
    },
    /// Another attempt may still take money for one of these bills.
    #[error("another payment of this bill, {reference}, is under way ({}); it must end first", state.as_str())]
    PaymentOpen {
        /// The other attempt's reference.
        reference: String,
        /// Where its money is.
        state: PaymentState,
        /// The payer can give it up; otherwise its end must be waited for.
        can_be_cancelled: bool,
    },
    /// The payment does not wait for something to be handed over.
    #[error("this payment does not wait for anything to be handed over")]
    NothingToHandOver,
    /// The payment waits for something else, or for less.
    #[error("this payment takes {what} of {bytes_max} bytes or fewer")]
    WrongHandover {
        /// What it waits for.
        what: String,
        /// Most bytes.
        bytes_max: u32,
    },
    /// Nothing is authorised that could be captured.
    #[error("nothing of this payment waits to be captured")]
    NotCapturable,
    /// No bill, or more than one payment can carry.
    #[error("a payment is for 1 to {max} bills")]
    BillCount {
        /// Most bills.
        max: usize,
    },
    /// Bills that cannot be paid together.
    #[error("bills that are paid together must be different ones, of one kind and currency")]
    BillsDiffer,
    /// Part of several bills.
    #[error("several bills are paid together only in full: {due}")]
    PartOfSeveral {
        /// What must be paid.
        due: Money,
    },
    /// The payment is past the point where it can be given up.
    #[error("this payment can no longer be cancelled")]
    NotCancellable,
    /// The number of a new bill does not fit its kind.
    #[error("the bill's number is not valid")]
    Number(#[source] NumberError),
    /// The revenue lines of a new bill do not add up to its amount.
    #[error("the revenue lines must be positive and add up to the bill's amount")]
    LinesDoNotAddUp,
    /// A revenue line's code is not a word.
    #[error("a revenue line's code must be 1 to 24 characters a-z, 0-9 or '-'")]
    LineCode,
    /// A line that the kind of bill does not have.
    #[error("this kind of bill has no revenue line {code}")]
    LineUnknown {
        /// The line's code.
        code: String,
    },
    /// Instalments that are no schedule of the bill.
    #[error("instalments: {}", fault.words())]
    Instalments {
        /// What is wrong with them.
        fault: InstalmentFault,
    },
    /// Parts that are none of a consolidated bill.
    #[error("parts: {}", fault.words())]
    Parts {
        /// What is wrong with them.
        fault: PartFault,
    },
    /// The last day for payment is not one that the kind of bill can have.
    #[error("the last day for payment by the department's rule is {expected}")]
    DueDateAgainstRule {
        /// The day by the rule, in the quarter that was meant.
        expected: Date,
    },
    /// A second factor is missing, or none is asked for.
    #[error("{}", if *wanted { "this kind of bill needs a second factor" } else { "this kind of bill has no second factor" })]
    SecondFactor {
        /// The kind asks for one.
        wanted: bool,
    },
    /// A registration mark that is none.
    #[error("a registration mark has 1 to 8 letters and digits")]
    BadMark,
    /// A vehicle licence, on a bill whose kind renews none.
    #[error("this kind of bill renews no vehicle licence")]
    NoLicence,
    /// It is too early or too late to pay the bill here.
    #[error("this bill can be paid here from {opens} to {closes}")]
    OutsideWindow {
        /// First day.
        opens: Date,
        /// Last day.
        closes: Date,
    },
    /// A text is longer than the bill can hold.
    #[error("the description must be {max} characters or fewer")]
    DescriptionTooLong {
        /// Most characters.
        max: usize,
    },
    /// Whoever made a proposal may not decide it.
    #[error("nobody may decide a proposal of their own")]
    OwnProposal,
    /// None of the person's roles may decide this kind of proposal.
    #[error("your roles do not include deciding this")]
    MayNotDecide,
    /// More than the person's roles may agree to.
    #[error("your roles may agree to {most} or less")]
    AboveLimit {
        /// The widest limit of their roles.
        most: Money,
    },
    /// The proposal was decided, otherwise or by somebody else.
    #[error("this has been decided already")]
    AlreadyDecided,
    /// More than is left of the receipt's part.
    #[error("{left} of this can still be refunded")]
    NotRefundable {
        /// What is left.
        left: Money,
    },
    /// The payer's bank took the money back itself: a refund would give it a second time.
    #[error("the payer's bank has taken this money back; a refund would give it twice")]
    TakenBackByBank,
    /// Money that was rightly applied goes back only with the department's consent.
    #[error("the department must consent to a refund of money that was applied to a bill")]
    ConsentNeeded,
    /// The refund does not wait for a person to say where it goes.
    #[error("this refund is not waiting to be sent again")]
    RefundNotQueued,
    /// The account has not been agreed to by two people, or is for another receipt.
    #[error("the account has not been verified for this refund")]
    AccountNotVerified,
    /// The account cannot be written down as it is.
    #[error("the account's {field} is not valid")]
    BadAccount {
        /// Which field.
        field: &'static str,
    },
    /// The recall does not wait for a person of ours.
    #[error("this recall is not waiting for a decision")]
    RecallNotWaiting,
    /// No payment of this refund can be asked back.
    #[error("nothing was paid to an account for this refund that could be asked back")]
    NothingToRecall,
    /// Only an unclear payment can be resolved by people.
    #[error("this payment's outcome is not unclear")]
    NotUnclear,
    /// The row was read again in the meantime, or was never set apart.
    #[error("this row is not waiting to be read again")]
    RowNotWaiting,
    /// Only a statement that was set apart, and is read to its end, can be accepted.
    #[error("this statement is not set apart, or not read to its end yet")]
    StatementNotSetApart,
    /// Only rows that are set apart with bytes of their own can be corrected.
    #[error("only a row of a statement can be corrected; anything else is read again as it came")]
    CorrectionNotPossible,
    /// Only an open break can be resolved or assigned.
    #[error("this break is resolved")]
    BreakResolved,
    /// Facts stay as they are: only what people decided can be taken back.
    #[error("only a break that people resolved can be reopened")]
    BreakNotReopenable,
    /// The break keeps no money that this could move, or not where this would take it from.
    #[error("this break cannot be resolved so: {why}")]
    ResolutionDoesNotFit {
        /// What is in the way.
        why: &'static str,
    },
    /// Only business days are closed.
    #[error("this is no business day")]
    NoBusinessDay,
    /// Days are closed one after the other.
    #[error("the day to be closed next is {next}")]
    DayOutOfOrder {
        /// The day that comes first.
        next: Date,
    },
    /// A rail may still take money that counts for the day.
    #[error("this day is not over before {until}")]
    DayNotOver {
        /// The last cut-off.
        until: Timestamp,
    },
    /// Not every rail has reported the day.
    #[error("not reported yet: {rails}; wait, or name them as late with a reason")]
    DayNotReported {
        /// The rails.
        rails: String,
    },
    /// Only a period that has ended can be closed.
    #[error("this period has not ended: its last day is {last_day}")]
    PeriodNotOver {
        /// Its last day.
        last_day: Date,
    },
    /// The period is closed.
    #[error("this period is closed already")]
    PeriodClosed,
    /// The period is not closed.
    #[error("this period is not closed")]
    PeriodNotClosed,
    /// The table of holidays ends before.
    #[error("the holidays near {near} are not known: load a newer holiday table")]
    HolidaysNotKnown {
        /// The day that was asked about.
        near: Date,
    },
    /// The department has as many receivers of webhooks as it may.
    #[error("a department has at most {most} webhook endpoints; delete one first")]
    TooManyEndpoints {
        /// How many.
        most: i64,
    },
    /// The receiver's keys were changed too often within a short time.
    #[error(
        "at most {most} keys of a webhook endpoint sign at once; wait for an old one to end, or rotate without an overlap"
    )]
    TooManyKeys {
        /// How many.
        most: usize,
    },
    /// The receiver is switched off.
    #[error("this webhook endpoint is switched off; switch it on first")]
    EndpointDisabled,
    /// What was told before then may be removed already: some of it would be missing.
    #[error(
        "events are kept from {kept_from} on: begin the replay there, and read older payments from the feed"
    )]
    ReplayTooOld {
        /// From when on all are there.
        kept_from: Timestamp,
    },
    /// What comes next in a stream of events is not kept any more.
    #[error(
        "the events after this cursor are not kept any more: begin without a cursor, and read what is missing from the feed"
    )]
    EventsRemoved,
    /// No event of the stream has this cursor.
    #[error("no event of this stream has had this cursor")]
    CursorAhead,
    /// The kind of bill asks for a second factor, and no key seals it.
    #[error(
        "bills of this kind ask for a second factor, and this gateway has no key that seals it; its operator must configure one"
    )]
    NoFactorKey,
}

impl Refusal {
    /// A stable code for interfaces.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BillPaid { .. } => "BILL_PAID",
            Self::BillWithdrawn => "BILL_WITHDRAWN",
            Self::BillHasReceipts => "BILL_HAS_RECEIPTS",
            Self::RevisionNotNewer { .. } => "REVISION_NOT_NEWER",
            Self::OtherDemand => "OTHER_DEMAND",
            Self::BillUnderWay => "BILL_UNDER_WAY",
            Self::AmountNotPositive => "AMOUNT_NOT_POSITIVE",
            Self::AmountTooHigh { .. } => "AMOUNT_TOO_HIGH",
            Self::PartNotAllowed { .. } => "PART_PAYMENT_NOT_ALLOWED",
            Self::WrongCurrency => "WRONG_CURRENCY",
            Self::MethodNotOffered => "METHOD_NOT_OFFERED",
            Self::RailRefused { .. } => "RAIL_REFUSED",
            Self::BadInstrument { .. } => "BAD_INSTRUMENT",
            Self::PaymentOpen { .. } => "PAYMENT_OPEN",
            Self::NothingToHandOver => "NOTHING_TO_HAND_OVER",
            Self::WrongHandover { .. } => "WRONG_HANDOVER",
            Self::NotCapturable => "NOT_CAPTURABLE",
            Self::BillCount { .. } => "BILL_COUNT",
            Self::BillsDiffer => "BILLS_DIFFER",
            Self::PartOfSeveral { .. } => "PART_OF_SEVERAL",
            Self::NotCancellable => "NOT_CANCELLABLE",
            Self::Number(error) => error.code(),
            Self::LinesDoNotAddUp => "LINES_DO_NOT_ADD_UP",
            Self::LineCode => "LINE_CODE",
            Self::LineUnknown { .. } => "LINE_UNKNOWN",
            Self::Instalments { fault } => fault.code(),
            Self::Parts { fault } => fault.code(),
            Self::DueDateAgainstRule { .. } => "DUE_DATE_AGAINST_RULE",
            Self::BadMark => "MARK_MALFORMED",
            Self::NoLicence => "LICENCE_NOT_RENEWED",
            Self::SecondFactor { wanted: true } => "SECOND_FACTOR_MISSING",
            Self::SecondFactor { wanted: false } => "SECOND_FACTOR_NOT_ASKED",
            Self::OutsideWindow { .. } => "OUTSIDE_WINDOW",
            Self::DescriptionTooLong { .. } => "DESCRIPTION_TOO_LONG",
            Self::OwnProposal => "OWN_PROPOSAL",
            Self::MayNotDecide => "MAY_NOT_DECIDE",
            Self::AboveLimit { .. } => "ABOVE_LIMIT",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::NotRefundable { .. } => "NOT_REFUNDABLE",
            Self::TakenBackByBank => "TAKEN_BACK_BY_BANK",
            Self::ConsentNeeded => "CONSENT_NEEDED",
            Self::BreakResolved => "BREAK_RESOLVED",
            Self::BreakNotReopenable => "BREAK_NOT_REOPENABLE",
            Self::ResolutionDoesNotFit { .. } => "RESOLUTION_DOES_NOT_FIT",
            Self::NoBusinessDay => "NO_BUSINESS_DAY",
            Self::DayOutOfOrder { .. } => "DAY_OUT_OF_ORDER",
            Self::DayNotOver { .. } => "DAY_NOT_OVER",
            Self::DayNotReported { .. } => "DAY_NOT_REPORTED",
            Self::HolidaysNotKnown { .. } => "HOLIDAYS_NOT_KNOWN",
            Self::PeriodNotOver { .. } => "PERIOD_NOT_OVER",
            Self::PeriodClosed => "PERIOD_CLOSED",
            Self::PeriodNotClosed => "PERIOD_NOT_CLOSED",
            Self::RefundNotQueued => "REFUND_NOT_QUEUED",
            Self::AccountNotVerified => "ACCOUNT_NOT_VERIFIED",
            Self::BadAccount { .. } => "BAD_ACCOUNT",
            Self::RecallNotWaiting => "RECALL_NOT_WAITING",
            Self::NothingToRecall => "NOTHING_TO_RECALL",
            Self::NotUnclear => "NOT_UNCLEAR",
            Self::RowNotWaiting => "ROW_NOT_WAITING",
            Self::StatementNotSetApart => "STATEMENT_NOT_SET_APART",
            Self::CorrectionNotPossible => "CORRECTION_NOT_POSSIBLE",
            Self::TooManyEndpoints { .. } => "TOO_MANY_WEBHOOK_ENDPOINTS",
            Self::TooManyKeys { .. } => "TOO_MANY_WEBHOOK_KEYS",
            Self::EndpointDisabled => "WEBHOOK_ENDPOINT_DISABLED",
            Self::ReplayTooOld { .. } => "WEBHOOK_EVENTS_REMOVED",
            Self::EventsRemoved => "EVENTS_REMOVED",
            Self::CursorAhead => "CURSOR_AHEAD",
            Self::NoFactorKey => "SECOND_FACTOR_NO_KEY",
        }
    }
}
