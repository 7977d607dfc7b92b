//! What a check has to say, and the list that collects it.

use std::fmt;

use crate::code::Code;
use crate::id::Path;

/// How strictly a payload is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Every rule of EMVCo's specification.
    #[default]
    Strict,
    /// Broken rules that leave the account and the amount beyond doubt become warnings ([`Code::is_tolerable`]).
    Lenient,
}

/// Whether a finding makes the payload invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The payload breaks a rule.
    Error,
    /// The payload is usable; something about it is unusual.
    Warning,
}

/// One thing found in a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it makes the payload invalid.
    pub severity: Severity,
    /// What kind of thing it is.
    pub code: Code,
    /// The object it is about; of a missing object, the place where it should be.
    pub path: Path,
    /// Characters (not bytes) from the start of the input to the object, or to the very character where one is at fault.
    /// For a missing object, that of the template that lacks it.
    pub offset: usize,
    /// A sentence for people. Its wording may change; match on the code.
    pub message: String,
}

impl Finding {
    /// Whether this makes the payload invalid.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path != Path::ROOT {
            write!(f, "object {}, ", self.path)?;
        }
        write!(
            f,
            "character {}: {} [{}]",
            self.offset, self.message, self.code
        )
    }
}

/// A payload was refused; here is everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    errors: Vec<Finding>,
}

impl Invalid {
    pub(crate) fn new(errors: Vec<Finding>) -> Self {
        Self { errors }
    }

    /// The errors, in the order of the text; never empty.
    #[must_use]
    pub fn errors(&self) -> &[Finding] {
        &self.errors
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the payload is not valid: ")?;
        for (position, error) in self.errors.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// Collects findings and decides, once, what the profile makes of them.
#[derive(Debug)]
pub(crate) struct Findings {
    profile: Profile,
    found: Vec<Finding>,
}

impl Findings {
    pub(crate) fn new(profile: Profile) -> Self {
        Self {
            profile,
            found: Vec::new(),
        }
    }

    pub(crate) fn error(
        &mut self,
        code: Code,
        path: Path,
        offset: usize,
        message: impl Into<String>,
    ) {
        let severity = if self.profile == Profile::Lenient && code.is_tolerable() {
            Severity::Warning
        } else {
            Severity::Error
        };
        self.push(severity, code, path, offset, message.into());
    }

    pub(crate) fn warning(
        &mut self,
        code: Code,
        path: Path,
        offset: usize,
        message: impl Into<String>,
    ) {
        self.push(Severity::Warning, code, path, offset, message.into());
    }

    fn push(&mut self, severity: Severity, code: Code, path: Path, offset: usize, message: String) {
        self.found.push(Finding {
            severity,
            code,
            path,
            offset,
            message,
        });
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Finding> {
        // The sort is stable: at one place, findings stay in the order in which the rules were tried.
        self.found.sort_by_key(|finding| finding.offset);
        self.found
    }
}
