//! What is told, by which way, and with which facts.

use serde::{Deserialize, Serialize};

/// Why a person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A department has issued a bill.
    BillReady,
    /// The last day for payment is near.
    DueSoon,
    /// The last day for payment has passed.
    Overdue,
    /// Money has come.
    PaymentReceived,
    /// A payment ended without money.
    PaymentFailed,
    /// Money was sent back.
    RefundSent,
    /// A vehicle licence can be renewed.
    LicenceRenewalOpen,
    /// A vehicle licence is about to end.
    LicenceExpiring,
    /// An e-Cheque was returned unpaid.
    ChequeDishonoured,
}

/// A fact that a notice may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The department's name.
    Department,
    /// What the bill is called.
    BillType,
    /// The last characters of the number on the bill.
    AccountTail,
    /// An amount of money.
    Amount,
    /// The last day for payment.
    DueDate,
    /// The reference of a payment or refund.
    Reference,
    /// When the payer paid.
    PaidAt,
    /// The last characters of a registration mark.
    Mark,
    /// The last day of a licence.
    Expiry,
    /// The first day on which a licence can be renewed.
    OpenDate,
}

/// A way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A push message of iAM Smart.
    IamSmartPush,
    /// An SMS.
    Sms,
    /// An e-mail.
    Email,
}

/// A text of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The head of a push message, the subject of an e-mail.
    Title,
    /// The body of an SMS.
    Sms,
    /// The body of a push message.
    Push,
    /// The body of an e-mail.
    Mail,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::BillReady,
        Self::DueSoon,
        Self::Overdue,
        Self::PaymentReceived,
        Self::PaymentFailed,
        Self::RefundSent,
        Self::LicenceRenewalOpen,
        Self::LicenceExpiring,
        Self::ChequeDishonoured,
    ];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BillReady => "bill_ready",
            Self::DueSoon => "due_soon",
            Self::Overdue => "overdue",
            Self::PaymentReceived => "payment_received",
            Self::PaymentFailed => "payment_failed",
            Self::RefundSent => "refund_sent",
            Self::LicenceRenewalOpen => "licence_renewal_open",
            Self::LicenceExpiring => "licence_expiring",
            Self::ChequeDishonoured => "cheque_dishonoured",
        }
    }

    /// The name of its message in a file of texts.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::BillReady => "bill-ready",
            Self::DueSoon => "due-soon",
            Self::Overdue => "overdue",
            Self::PaymentReceived => "payment-received",
            Self::PaymentFailed => "payment-failed",
            Self::RefundSent => "refund-sent",
            Self::LicenceRenewalOpen => "licence-renewal-open",
            Self::LicenceExpiring => "licence-expiring",
            Self::ChequeDishonoured => "cheque-dishonoured",
        }
    }

    /// The facts that it must be given, and that each of its bodies says: without them nobody knows what is meant.
    #[must_use]
    pub const fn essential(self) -> &'static [Field] {
        match self {
            Self::BillReady | Self::DueSoon | Self::Overdue => &[
                Field::BillType,
                Field::AccountTail,
                Field::Amount,
                Field::DueDate,
            ],
            Self::PaymentReceived => &[
                Field::BillType,
                Field::Amount,
                Field::PaidAt,
                Field::Reference,
            ],
            Self::PaymentFailed | Self::RefundSent | Self::ChequeDishonoured => {
                &[Field::BillType, Field::Amount, Field::Reference]
            }
            Self::LicenceRenewalOpen => &[Field::Mark, Field::Expiry, Field::OpenDate],
            Self::LicenceExpiring => &[Field::Mark, Field::Expiry],
        }
    }

    /// Whether a text of this kind may say a fact: those that are essential, and the department's name.
    #[must_use]
    pub fn carries(self, field: Field) -> bool {
        field == Field::Department || self.essential().contains(&field)
    }
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 10] = [
        Self::Department,
        Self::BillType,
        Self::AccountTail,
        Self::Amount,
        Self::DueDate,
        Self::Reference,
        Self::PaidAt,
        Self::Mark,
        Self::Expiry,
        Self::OpenDate,
    ];

    /// The name of its variable in a file of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::BillType => "bill_type",
            Self::AccountTail => "account_tail",
            Self::Amount => "amount",
            Self::DueDate => "due_date",
            Self::Reference => "reference",
            Self::PaidAt => "paid_at",
            Self::Mark => "mark",
            Self::Expiry => "expiry",
            Self::OpenDate => "open_date",
        }
    }
}

impl Channel {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::IamSmartPush, Self::Sms, Self::Email];

    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IamSmartPush => "iamsmart_push",
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    /// The text that is its head, if it has one.
    pub(crate) const fn title(self) -> Option<Part> {
        match self {
            Self::IamSmartPush | Self::Email => Some(Part::Title),
            Self::Sms => None,
        }
    }

    /// The text that is its body.
    pub(crate) const fn body(self) -> Part {
        match self {
            Self::IamSmartPush => Part::Push,
            Self::Sms => Part::Sms,
            Self::Email => Part::Mail,
        }
    }
}

impl Part {
    /// Every text of a template.
    pub const ALL: [Self; 4] = [Self::Title, Self::Sms, Self::Push, Self::Mail];

    /// The name of its attribute in a file of texts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Sms => "sms",
            Self::Push => "push",
            Self::Mail => "mail",
        }
    }
}
