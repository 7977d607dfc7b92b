//! The two-digit name of a data object, and the path of names that leads to one.

use std::fmt;

/// A template inside a template inside the payload: nothing in the format nests deeper.
pub const DEPTH_MAX: usize = 3;

/// The identifier of a data object: `00` to `99`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u8);

impl Id {
    /// The identifier with this number, if it fits in two digits.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number <= 99 {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Reads two ASCII digits. Digits of other scripts are refused.
    #[must_use]
    pub fn from_digits(tens: u8, units: u8) -> Option<Self> {
        two_digits(tens, units).map(Self)
    }

    /// The number, 0 to 99.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Two ASCII digits as a number, 0 to 99.
pub(crate) fn two_digits(tens: u8, units: u8) -> Option<u8> {
    if !tens.is_ascii_digit() || !units.is_ascii_digit() {
        return None;
    }
    let tens = tens.checked_sub(b'0')?.checked_mul(10)?;
    tens.checked_add(units.checked_sub(b'0')?)
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// Where an object stands: the identifiers from the root down, printed as `62/50/01`. The root itself prints as nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path {
    ids: [Option<Id>; DEPTH_MAX],
}

impl Path {
    /// The payload as a whole.
    pub const ROOT: Self = Self {
        ids: [None; DEPTH_MAX],
    };

    /// The path of the object `id` inside this one. A path that is already as deep as the format goes stays what it is.
    #[must_use]
    pub fn child(mut self, id: Id) -> Self {
        if let Some(free) = self.ids.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(id);
        }
        self
    }

    /// The identifiers, outermost first.
    pub fn ids(&self) -> impl Iterator<Item = Id> + '_ {
        self.ids.iter().flatten().copied()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, id) in self.ids().enumerate() {
            if depth > 0 {
                f.write_str("/")?;
            }
            write!(f, "{id}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}
