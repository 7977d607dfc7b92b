//! What a kind of bill says of itself beside its number and its payees: lines, instalments, lateness, who may look.
//!
//! A late charge is a *displayed* fact. The department works it out and demands it by a bill of its own; nothing here ever
//! adds one to a bill.

use epay_money::narrow;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::LocalizedText;

/// Most instalments of one bill.
pub const INSTALMENTS_MAX: usize = 24;

/// Everything that a kind says; each part may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// The lines that a bill of this kind may name; any line where there are none.
    pub revenue_lines: Vec<LineName>,
    /// A bill may be paid by instalments.
    pub instalments: Option<InstalmentPolicy>,
    /// A bill may be a consolidated one, made of parts.
    pub parts: Option<PartPolicy>,
    /// What a late payer must expect, in order of time.
    pub late_rules: Vec<LateRule>,
    /// What a payer must know beside the number.
    pub second_factor: Option<SecondFactor>,
    /// Which dates can be the last day for payment.
    pub due_dates: DueDates,
    /// When a payment may be started here, counted from the due date.
    pub window: Option<PayWindow>,
    /// Which digits of the number stay the same from bill to bill; all of them where nothing is said.
    pub account: Option<AccountDigits>,
    /// A bill of this kind may say which vehicle licence it renews; its subscribers are then told of the licence.
    pub vehicle_licence: bool,
}

/// The digits of a number that name the account. What is before and after them may change with every bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDigits {
    /// How many digits stand before them.
    pub skipped: u32,
    /// How many they are.
    pub count: u32,
}

/// A revenue line by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineName {
    /// The code in the books.
    pub code: String,
    /// What people call it.
    pub name: LocalizedText,
}

/// How a bill of this kind may be cut into instalments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalmentPolicy {
    /// Most instalments, at least two.
    pub count_max: u32,
    /// Once one was not paid in time, all that is left is due at once.
    pub rest_falls_due: bool,
}

/// How a bill of this kind may be made of parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPolicy {
    /// Most parts.
    pub count_max: u32,
    /// What the department calls a part's reference.
    pub reference_label: LocalizedText,
    /// Whoever finds a bill sees the labels and references of its parts. Without it they see amounts only: a number must not
    /// tell which properties somebody owns.
    pub shown: bool,
}

/// What a late payer must expect, for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateRule {
    /// Whole months after the due date; 0 for at once.
    pub after_months: u32,
    /// Hundredths of a per cent of what is then unpaid, earlier charges included; 0 where it is no percentage.
    pub basis_points: u32,
    /// The department's words.
    pub words: LocalizedText,
}

/// What a payer must know beside the number, so that a number alone tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// What it is.
    pub kind: SecondFactorKind,
    /// What the page calls it.
    pub label: LocalizedText,
}

/// What can be asked for beside a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorKind {
    /// The mark on the vehicle's plates.
    VehicleRegistrationMark,
    /// The payer's name, as printed on the bill.
    PayerName,
}

/// Which dates can be the last day for payment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueDates {
    /// Whatever is printed on the bill.
    #[default]
    AsPrinted,
    /// The last business day of January, April, July or October.
    QuarterRollsBack,
}

/// When a payment may be started here, counted from the last day for payment, or of the licence that a bill renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayWindow {
    /// Whole months before the due date; the window opens on that day.
    pub months_before: u32,
    /// Whole months after the due date; that day is the last.
    pub months_after: u32,
}

impl Terms {
    /// Whether a bill may name this line.
    #[must_use]
    pub fn knows_line(&self, code: &str) -> bool {
        self.revenue_lines.is_empty() || self.revenue_lines.iter().any(|line| line.code == code)
    }

    /// Once an instalment was missed, all that is left is due.
    #[must_use]
    pub fn rest_falls_due(&self) -> bool {
        self.instalments.is_some_and(|policy| policy.rest_falls_due)
    }
}

impl AccountDigits {
    /// The account's digits in a number; the whole number where it is too short to have them.
    #[must_use]
    pub fn within(self, number: &str) -> &str {
        let cut = || {
            let first = usize::try_from(self.skipped).ok()?;
            let last = first.checked_add(usize::try_from(self.count).ok()?)?;
            number.get(first..last)
        };
        cut().unwrap_or(number)
    }

    /// The lowest and the highest number that bills of the same account can have: all of them lie between, and others may too.
    #[must_use]
    pub fn range(self, number: &str) -> (String, String) {
        let first = usize::try_from(self.skipped).unwrap_or(usize::MAX);
        let end = first.saturating_add(usize::try_from(self.count).unwrap_or(usize::MAX));
        let filled = |filler: char| -> String {
            let places = number.chars().enumerate();
            places
                .map(|(place, digit)| {
                    if (first..end).contains(&place) {
                        digit
                    } else {
                        filler
                    }
                })
                .collect()
        };
        (filled('0'), filled('9'))
    }
}

impl PayWindow {
    /// First and last day; at the ends of the calendar it is open.
    #[must_use]
    pub fn days(self, due_date: Date) -> (Date, Date) {
        let first = due_date.checked_sub(i64::from(self.months_before).months());
        let last = due_date.checked_add(i64::from(self.months_after).months());
        (first.unwrap_or(Date::MIN), last.unwrap_or(Date::MAX))
    }
}

impl SecondFactorKind {
    /// A stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VehicleRegistrationMark => "vehicle_registration_mark",
            Self::PayerName => "payer_name",
        }
    }

    /// What was typed, without what print and keyboards add: width, case, spaces and marks between the characters. `None`
    /// where nothing is left.
    #[must_use]
    pub fn normalise(self, typed: &str) -> Option<String> {
        let plain = typed
            .chars()
            .take(FACTOR_CHARACTERS_MAX)
            .map(narrow)
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase);
        let plain: String = match self {
            // People read O for 0 and I for 1 on a plate, so they are taken for the same.
            Self::VehicleRegistrationMark => plain
                .map(|c| match c {
                    'O' => '0',
                    'I' => '1',
                    other => other,
                })
                .collect(),
            Self::PayerName => plain.collect(),
        };
        (!plain.is_empty()).then_some(plain)
    }
}

/// Longest factor that is looked at, in characters.
pub const FACTOR_CHARACTERS_MAX: usize = 200;
