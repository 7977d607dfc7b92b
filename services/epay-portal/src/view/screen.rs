//! Which screen a payment's page shows.
//!
//! Money that arrived decides before the state does: a code that expired and was paid all the same shows what
//! became of the money, never "expired".

use epay_money::{Money, MoneyError};
use jiff::Timestamp;

use super::{FailureKind, Next, Payment, PaymentState};

/// The screens of a payment's page. The names are in addresses of no page and in no stored thing; the script
/// compares them to see whether the page has to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// Show the code.
    Scan,
    /// Send the payer to a page of the rail.
    Leave,
    /// Say what to type elsewhere.
    Instruct,
    /// Take something from the payer.
    Hand,
    /// An order is under way.
    Sending,
    /// Money may have moved; do not pay again.
    Checking,
    /// A promise was received; the bank has not honoured it yet.
    Clearing,
    /// Being made unpayable.
    Closing,
    /// All that was asked arrived, or more.
    Received,
    /// Less than was asked arrived.
    Part,
    /// Money arrived and none of it could be applied.
    Held,
    /// The code's time is over.
    Expired,
    Cancelled,
    Failed,
}

/// How the page learns of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Live {
    /// By server-sent events, else by asking again.
    Events,
    /// By asking again now and then: money may still come, but nobody promised it.
    Poll,
    /// Nothing more is expected.
    Still,
}

/// What arrived for a payment, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) received: Money,
    pub(crate) applied: Money,
    pub(crate) overpaid: Money,
    pub(crate) duplicate: Money,
    pub(crate) unapplied: Money,
}

impl Payment {
    /// The screen at an instant.
    pub(crate) fn screen(&self, now: Timestamp) -> Screen {
        if self.conditional && self.state == PaymentState::Sending {
            return Screen::Clearing;
        }
        // A cheque that was returned after it had counted: what came is gone again.
        let returned =
            self.state == PaymentState::Failed && self.failure == Some(FailureKind::Dishonoured);
        if !self.credits.is_empty() && !returned {
            return match self.totals() {
                Ok(totals) if totals.applied.is_zero() => Screen::Held,
                Ok(totals) if totals.received.minor() < self.amount.minor() => Screen::Part,
                Ok(_) => Screen::Received,
                // Two currencies in one payment: let nobody pay again before someone has looked.
                Err(_) => Screen::Checking,
            };
        }
        match self.state {
            PaymentState::AwaitingPayer => self.waiting_for_payer(self.has_expired(now)),
            PaymentState::Sending => Screen::Sending,
            PaymentState::Closing => Screen::Closing,
            PaymentState::Unclear => Screen::Checking,
            PaymentState::Settled => Screen::Received,
            PaymentState::Failed => Screen::Failed,
            PaymentState::Expired => Screen::Expired,
            PaymentState::Cancelled => Screen::Cancelled,
        }
    }

    /// What the payer does next. A page of the rail may be paid up to its very end, so after that we wait for what the
    /// rail says; whatever else has run out, nobody can pay any more without our noticing.
    const fn waiting_for_payer(&self, expired: bool) -> Screen {
        match (&self.next, expired) {
            (None, _) | (Some(Next::Redirect { .. } | Next::Form { .. }), true) => Screen::Checking,
            (Some(_), true) => Screen::Expired,
            (Some(Next::Scan(_)), false) => Screen::Scan,
            (Some(Next::Redirect { .. } | Next::Form { .. }), false) => Screen::Leave,
            (Some(Next::Instructions { .. }), false) => Screen::Instruct,
            (Some(Next::Hand(_)), false) => Screen::Hand,
        }
    }

    /// How the page learns of changes. A final payment is watched by nobody, though late money may still come.
    pub(crate) fn live(&self, now: Timestamp) -> Live {
        match self.screen(now).live() {
            Live::Events if self.is_final => Live::Poll,
            live => live,
        }
    }

    /// What arrived, added up in the payment's currency.
    pub(crate) fn totals(&self) -> Result<Totals, MoneyError> {
        let nothing = Money::zero(self.amount.currency());
        let start = Totals {
            received: nothing,
            applied: nothing,
            overpaid: nothing,
            duplicate: nothing,
            unapplied: nothing,
        };
        self.credits.iter().try_fold(start, |sum, credit| {
            Ok(Totals {
                received: sum.received.checked_add(credit.amount)?,
                applied: sum.applied.checked_add(credit.applied)?,
                overpaid: sum.overpaid.checked_add(credit.overpaid)?,
                duplicate: sum.duplicate.checked_add(credit.duplicate)?,
                unapplied: sum.unapplied.checked_add(credit.unapplied)?,
            })
        })
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| now >= expires_at)
    }
}

impl Screen {
    /// Every screen, for tables and tests.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 14] = [
        Self::Scan,
        Self::Leave,
        Self::Instruct,
        Self::Hand,
        Self::Sending,
        Self::Checking,
        Self::Clearing,
        Self::Closing,
        Self::Received,
        Self::Part,
        Self::Held,
        Self::Expired,
        Self::Cancelled,
        Self::Failed,
    ];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Leave => "leave",
            Self::Instruct => "instruct",
            Self::Hand => "hand",
            Self::Sending => "sending",
            Self::Checking => "checking",
            Self::Clearing => "clearing",
            Self::Closing => "closing",
            Self::Received => "received",
            Self::Part => "part",
            Self::Held => "held",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    const fn live(self) -> Live {
        match self {
            Self::Scan
            | Self::Leave
            | Self::Hand
            | Self::Sending
            | Self::Checking
            | Self::Closing => Live::Events,
            // Tomorrow at the earliest; or never, and then nobody waits.
            Self::Instruct | Self::Clearing | Self::Expired | Self::Cancelled => Live::Poll,
            Self::Received | Self::Part | Self::Held | Self::Failed => Live::Still,
        }
    }

    /// Whether money arrived, so that there is a receipt to show.
    pub(crate) const fn has_receipt(self) -> bool {
        matches!(self, Self::Received | Self::Part | Self::Held)
    }

    /// Whether the attempt is over without money, so that another may begin.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Expired | Self::Cancelled | Self::Failed)
    }
}

impl Live {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Poll => "poll",
            Self::Still => "still",
        }
    }
}

#[cfg(test)]
mod tests;
