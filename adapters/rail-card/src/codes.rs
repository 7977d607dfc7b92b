//! What the acquirer's words mean, as tables that a reviewer can hold beside its documentation.
//!
//! Every row of [`GATEWAY_CODES`] is a value of `response.gatewayCode`, of [`TRANSACTION_TYPES`] one of
//! `transaction.type`, of [`ERROR_CAUSES`] one of `error.cause`. A word that stands in no row is unclear. So is a row that
//! its `result` contradicts (`SUCCESS` goes with approval, `FAILURE` with a refusal, and `PENDING`, `UNKNOWN`, `ERROR` and
//! whatever else with nothing).

use epay_rail::Finding;

/// What a code says about the transaction that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Approved,
    /// It was not done, and will not be.
    Declined,
    /// It may have been done.
    Unclear,
}

/// A row of the table of gateway codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayRow {
    /// The code as the acquirer writes it.
    pub code: &'static str,
    /// What it says.
    pub outcome: Outcome,
    /// In words, for people.
    pub words: &'static str,
}

/// Every gateway code that we act on. One row a line, to be read beside the documentation.
#[rustfmt::skip]
pub const GATEWAY_CODES: &[GatewayRow] = &[
    row("APPROVED", Outcome::Approved, "approved"),
    row("APPROVED_AUTO", Outcome::Approved, "approved automatically"),
    row("ABORTED", Outcome::Declined, "given up by the payer"),
    row("AUTHENTICATION_FAILED", Outcome::Declined, "the payer was not authenticated"),
    row("BLOCKED", Outcome::Declined, "blocked by a rule against fraud"),
    row("CANCELLED", Outcome::Declined, "cancelled by the payer"),
    row("DECLINED", Outcome::Declined, "declined by the card's issuer"),
    row("DECLINED_AVS", Outcome::Declined, "the address does not match"),
    row("DECLINED_AVS_CSC", Outcome::Declined, "neither address nor security code match"),
    row("DECLINED_CSC", Outcome::Declined, "the security code does not match"),
    row("DECLINED_DO_NOT_CONTACT", Outcome::Declined, "declined; do not try this card again"),
    row("EXCEEDED_RETRY_LIMIT", Outcome::Declined, "tried too often"),
    row("EXPIRED_CARD", Outcome::Declined, "the card has expired"),
    row("INSUFFICIENT_FUNDS", Outcome::Declined, "not enough money on the card"),
    row("INVALID_CSC", Outcome::Declined, "the security code is wrong"),
    row("NOT_ENROLLED_3D_SECURE", Outcome::Declined, "the card takes no part in 3-D Secure"),
    row("NOT_SUPPORTED", Outcome::Declined, "the acquirer does not do this"),
    row("REFERRED", Outcome::Declined, "the issuer wants to be called"),
    row("UNSPECIFIED_FAILURE", Outcome::Declined, "declined without a reason"),
    row("ACQUIRER_SYSTEM_ERROR", Outcome::Unclear, "a fault at the acquirer"),
    row("APPROVED_PENDING_SETTLEMENT", Outcome::Unclear, "approved, but the money is not certain"),
    row("LOCK_FAILURE", Outcome::Unclear, "another transaction of the order was under way"),
    row("PARTIALLY_APPROVED", Outcome::Unclear, "approved for a part, which we never ask for"),
    row("PENDING", Outcome::Unclear, "not decided yet"),
    row("SUBMITTED", Outcome::Unclear, "handed on, not decided yet"),
    row("SYSTEM_ERROR", Outcome::Unclear, "a fault at the gateway"),
    row("TIMED_OUT", Outcome::Unclear, "the acquirer did not answer in time"),
    row("UNKNOWN", Outcome::Unclear, "the gateway does not know"),
];

/// What a transaction does with money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// Nothing that we learn here: it is about who the payer is, or the settlement file tells it.
    Nothing,
    /// Holds the payer's money.
    Authorisation,
    /// Takes the payer's money at once; we never ask for it.
    Purchase,
    /// Takes money that was held.
    Capture,
    /// Lets go of money that was held.
    VoidAuthorisation,
    /// Gives back money on the day that it was taken; a person's doing at the acquirer, never ours.
    VoidCapture,
    /// Gives money back.
    Refund,
    /// Not in the table.
    Unlisted,
}

/// A row of the table of transaction types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeRow {
    /// The type as the acquirer writes it.
    pub code: &'static str,
    /// What it does.
    pub movement: Movement,
}

/// Every transaction type that we act on.
pub const TRANSACTION_TYPES: &[TypeRow] = &[
    kind("AUTHENTICATION", Movement::Nothing),
    kind("AUTHORIZATION", Movement::Authorisation),
    kind("PAYMENT", Movement::Purchase),
    kind("CAPTURE", Movement::Capture),
    kind("VOID_AUTHORIZATION", Movement::VoidAuthorisation),
    kind("VOID_CAPTURE", Movement::VoidCapture),
    kind("VOID_PAYMENT", Movement::VoidCapture),
    kind("REFUND", Movement::Refund),
    kind("CHARGEBACK", Movement::Nothing),
    kind("CHARGEBACK_REVERSAL", Movement::Nothing),
];

/// A row of the table of error causes: what it says about a request to begin a checkout, which takes no money by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorRow {
    /// The cause as the gateway writes it.
    pub code: &'static str,
    /// Whether the checkout certainly did not begin.
    pub begun: Outcome,
}

/// Every error cause that we act on. For a transaction each of them is unclear: a repeat of a transaction that was done
/// may be refused with the same words.
#[rustfmt::skip]
pub const ERROR_CAUSES: &[ErrorRow] = &[
    ErrorRow { code: "INVALID_REQUEST", begun: Outcome::Declined },
    ErrorRow { code: "REQUEST_REJECTED", begun: Outcome::Declined },
    ErrorRow { code: "SERVER_BUSY", begun: Outcome::Unclear },
    ErrorRow { code: "SERVER_FAILED", begun: Outcome::Unclear },
];

const fn row(code: &'static str, outcome: Outcome, words: &'static str) -> GatewayRow {
    GatewayRow {
        code,
        outcome,
        words,
    }
}

const fn kind(code: &'static str, movement: Movement) -> TypeRow {
    TypeRow { code, movement }
}

/// The row of a gateway code.
pub(crate) fn gateway(code: Option<&str>) -> Option<&'static GatewayRow> {
    GATEWAY_CODES.iter().find(|row| Some(row.code) == code)
}

/// What a result and a gateway code say together.
pub(crate) fn outcome(result: Option<&str>, code: Option<&str>) -> Outcome {
    let said = gateway(code).map_or(Outcome::Unclear, |row| row.outcome);
    match (result, said) {
        (Some("SUCCESS"), Outcome::Approved) | (Some("FAILURE"), Outcome::Declined) => said,
        _ => Outcome::Unclear,
    }
}

/// What a transaction of a type does.
pub(crate) fn movement(code: Option<&str>) -> Movement {
    TRANSACTION_TYPES
        .iter()
        .find(|row| Some(row.code) == code)
        .map_or(Movement::Unlisted, |row| row.movement)
}

/// What an error says about a checkout that was to begin.
pub(crate) fn begun(cause: Option<&str>) -> Outcome {
    ERROR_CAUSES
        .iter()
        .find(|row| Some(row.code) == cause)
        .map_or(Outcome::Unclear, |row| row.begun)
}

/// The finding of a transaction; nothing for one that is not about money.
pub(crate) const fn finding(movement: Movement, outcome: Outcome) -> Option<Finding> {
    Some(match (movement, outcome) {
        (Movement::Nothing, _) => return None,
        (Movement::Authorisation, Outcome::Approved) => Finding::Accepted,
        (Movement::Purchase | Movement::Capture, Outcome::Approved) => Finding::Settled,
        (Movement::VoidAuthorisation, Outcome::Approved) => Finding::Voided,
        (Movement::VoidCapture, Outcome::Approved) => Finding::Returned,
        // The acquirer gives it back with a later settlement, whose file says so.
        (Movement::Refund, Outcome::Approved) => Finding::RefundAccepted,
        (Movement::Refund, Outcome::Declined) => Finding::RefundRejected,
        (Movement::Authorisation | Movement::Purchase | Movement::Capture, Outcome::Declined) => {
            Finding::Declined
        }
        // A void that was refused leaves things as they were, and how they were the order itself must say.
        (Movement::VoidAuthorisation | Movement::VoidCapture, Outcome::Declined)
        | (Movement::Unlisted, _)
        | (_, Outcome::Unclear) => Finding::Unclear,
    })
}

/// The code and our words for it, never the acquirer's own text: that may name the payer.
pub(crate) fn reason(code: Option<&str>, acquirer_code: Option<&str>) -> Option<String> {
    let row = gateway(code)?;
    let own = acquirer_code.filter(|own| {
        (1..=8).contains(&own.len()) && own.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    Some(match own {
        Some(own) => format!("{} ({own}): {}", row.code, row.words),
        None => format!("{}: {}", row.code, row.words),
    })
}
