//! What is printed, as plain facts, and the bounds of it.

use epay_money::Money;
use jiff::civil::Date;

/// Most characters of any text.
pub const TEXT_CHARACTERS_MAX: usize = 200;
/// Most shares of an amount.
pub const SHARES_MAX: usize = 64;
/// Most parts of a consolidated bill.
pub const PARTS_MAX: usize = 100;
/// Most slips: one for each instalment that a bill may have.
pub const SLIPS_MAX: usize = 24;
/// Most rules about paying late.
pub const LATE_RULES_MAX: usize = 8;
/// Most names of ways to pay.
pub const METHODS_MAX: usize = 16;
/// Most characters of such a name: all of them are one sentence.
pub const METHOD_CHARACTERS_MAX: usize = 40;

/// The same text in the two languages of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bilingual {
    /// Traditional Chinese.
    pub chinese: String,
    /// English.
    pub english: String,
}

impl Bilingual {
    /// Both languages.
    #[must_use]
    pub fn new(chinese: &str, english: &str) -> Self {
        Self {
            chinese: chinese.to_owned(),
            english: english.to_owned(),
        }
    }
}

/// Which amounts pay a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayRule {
    /// Less may be paid at a time.
    InParts,
    /// All of it at once.
    Whole,
    /// Nothing but the exact amount discharges it.
    ExactOnly,
}

/// A bill as it is printed. Nothing is masked: the paper goes to its payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The department.
    pub biller: Bilingual,
    /// The kind of bill.
    pub kind: Bilingual,
    /// What its number is called.
    pub number_label: Bilingual,
    /// Its number.
    pub number: String,
    /// What is demanded.
    pub amount: Money,
    /// Minor units paid by the day of printing.
    pub paid_minor: i64,
    /// Last day for payment; of the first instalment where there are several.
    pub due_date: Date,
    /// The period or matter.
    pub description: String,
    /// What the amount is made of; nothing where it is all one thing.
    pub shares: Vec<Share>,
    /// What a part's reference is called.
    pub reference_label: Bilingual,
    /// What a consolidated bill demands for; nothing where it is one thing.
    pub parts: Vec<Part>,
    /// A slip for each instalment that is still to be paid, one where it is paid at once, none where nothing is to be paid.
    pub slips: Vec<Slip>,
    /// Which amounts pay it.
    pub rule: PayRule,
    /// What a late payer must expect, in the department's words.
    pub late_rules: Vec<Bilingual>,
    /// Where the citizen pages are, as people type it.
    pub pages_address: Option<String>,
    /// Names of the ways to pay there.
    pub methods: Vec<String>,
    /// The day of printing.
    pub printed_on: Date,
}

/// A share of the amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// What it is for.
    pub name: Bilingual,
    /// Minor units.
    pub minor: i64,
}

/// One of the things that a consolidated bill demands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What people call it, for instance an address: in whatever language the department wrote it.
    pub label: String,
    /// The department's own reference of it.
    pub reference: String,
    /// The revenue line that it belongs to.
    pub line: Bilingual,
    /// Minor units.
    pub minor: i64,
}

/// What is cut off and paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// How much.
    pub amount: Money,
    /// Last day for it.
    pub due_date: Date,
    /// The code, where a payer's app can pay it by one.
    pub code: Option<SlipCode>,
}

/// A code to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipCode {
    /// The text inside.
    pub payload: String,
    /// Who is paid: the name to look for in the app.
    pub payee: Bilingual,
}

/// What keeps a demand from being printed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DemandFault {
    /// A text is longer than it may be.
    #[error("{field}: a text has at most {most} characters")]
    TextTooLong {
        /// Which one.
        field: &'static str,
        /// The bound.
        most: usize,
    },
    /// A list is longer than it may be.
    #[error("{field}: there are at most {most}")]
    TooMany {
        /// Which one.
        field: &'static str,
        /// The bound.
        most: usize,
    },
    /// A code cannot be drawn.
    #[error("slip {slip}: its code cannot be drawn: {problem}")]
    Code {
        /// Its place, from 1.
        slip: usize,
        /// Why.
        problem: String,
    },
}

impl DemandFault {
    /// A stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TextTooLong { .. } => "TEXT_TOO_LONG",
            Self::TooMany { .. } => "TOO_MANY",
            Self::Code { .. } => "CODE_NOT_DRAWN",
        }
    }
}

impl Demand {
    /// Minor units still to be paid.
    #[must_use]
    pub const fn outstanding(&self) -> Money {
        let minor = self.amount.minor().saturating_sub(self.paid_minor);
        Money::new(minor, self.amount.currency())
    }

    /// Whether it keeps to the bounds of the page.
    ///
    /// # Errors
    /// The first [`DemandFault`].
    pub fn check(&self) -> Result<(), DemandFault> {
        let lists = [
            ("shares", self.shares.len(), SHARES_MAX),
            ("parts", self.parts.len(), PARTS_MAX),
            ("slips", self.slips.len(), SLIPS_MAX),
            ("late_rules", self.late_rules.len(), LATE_RULES_MAX),
            ("methods", self.methods.len(), METHODS_MAX),
        ];
        for (field, count, most) in lists {
            if count > most {
                return Err(DemandFault::TooMany { field, most });
            }
        }
        let methods = self.methods.iter().map(|name| ("methods", name.as_str()));
        let long = |most| move |text: &(&'static str, &str)| text.1.chars().count() > most;
        let texts = self.texts().find(long(TEXT_CHARACTERS_MAX));
        let most = METHOD_CHARACTERS_MAX;
        match (texts, methods.into_iter().find(long(most))) {
            (Some((field, _)), _) => Err(DemandFault::TextTooLong {
                field,
                most: TEXT_CHARACTERS_MAX,
            }),
            (None, Some((field, _))) => Err(DemandFault::TextTooLong { field, most }),
            (None, None) => Ok(()),
        }
    }

    /// Every text with the name of its field.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let fixed = [
            ("biller", &self.biller),
            ("kind", &self.kind),
            ("number_label", &self.number_label),
            ("reference_label", &self.reference_label),
        ];
        let shares = self.shares.iter().map(|share| ("shares", &share.name));
        let lines = self.parts.iter().map(|part| ("parts", &part.line));
        let rules = self.late_rules.iter().map(|rule| ("late_rules", rule));
        let codes = self.slips.iter().filter_map(|slip| slip.code.as_ref());
        let payees = codes.map(|code| ("slips", &code.payee));
        let of_parts = self.parts.iter().flat_map(|part| {
            [
                ("parts", part.label.as_str()),
                ("parts", part.reference.as_str()),
            ]
        });
        let shares = shares.chain(lines);
        let both = fixed.into_iter().chain(shares).chain(rules).chain(payees);
        let plain = [
            ("number", self.number.as_str()),
            ("description", self.description.as_str()),
        ];
        let address = self.pages_address.iter();
        let address = address.map(|address| ("pages_address", address.as_str()));
        both.flat_map(|(field, text)| [(field, text.chinese.as_str()), (field, &text.english)])
            .chain(plain)
            .chain(of_parts)
            .chain(address)
    }
}
