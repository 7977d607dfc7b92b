//! The caller, as its token names it.

use epay_money::BillerId;
use serde::Deserialize;

/// What a caller is. The names in tokens are those of `serde`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The citizen pages, on behalf of whoever holds a bill.
    CitizenPortal,
    /// A department that issues bills; sees its own only.
    Department,
    /// Finance staff who only look: see all money, of all departments.
    Finance,
    /// Collections clerks: look after what is not clear, and propose what is to be done about it.
    Clerk,
    /// Supervisors: decide what clerks propose, up to a limit.
    Supervisor,
    /// Finance controllers: decide what is above a supervisor's limit; propose nothing.
    Controller,
    /// Auditors: see everything, change nothing.
    Auditor,
    /// Administrators of the system: nothing about money.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 8] = [
        Self::CitizenPortal,
        Self::Department,
        Self::Finance,
        Self::Clerk,
        Self::Supervisor,
        Self::Controller,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The name in tokens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CitizenPortal => "citizen_portal",
            Self::Department => "department",
            Self::Finance => "finance",
            Self::Clerk => "clerk",
            Self::Supervisor => "supervisor",
            Self::Controller => "controller",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The token's subject. Idempotency keys are unique within it.
    pub subject: String,
    /// What it is.
    pub role: Role,
    /// Whose bills it may see, where the role is [`Role::Department`]; always set there.
    pub biller: Option<BillerId>,
}
