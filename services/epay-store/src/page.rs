//! Pages of a list: newest first, continued after the last id that was seen.

use uuid::Uuid;

/// Most rows on a page; a larger wish is cut to this.
pub const PAGE_SIZE_MAX: i64 = 1_000;
const PAGE_SIZE_DEFAULT: i64 = 50;

/// Which page is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows wanted; 0 means the usual number.
    pub size: i64,
    /// The last id of the page before.
    pub after: Option<Uuid>,
}

impl PageRequest {
    /// Rows to read: one more than shown, so that the end is known without counting.
    pub(crate) const fn limit(self) -> i64 {
        self.shown().saturating_add(1)
    }

    const fn shown(self) -> i64 {
        if self.size <= 0 {
            PAGE_SIZE_DEFAULT
        } else if self.size > PAGE_SIZE_MAX {
            PAGE_SIZE_MAX
        } else {
            self.size
        }
    }
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
}

impl<T> Page<T> {
    pub(crate) fn cut(mut items: Vec<T>, request: PageRequest, id: impl Fn(&T) -> Uuid) -> Self {
        let shown = usize::try_from(request.shown()).unwrap_or(usize::MAX);
        let more = items.len() > shown;
        items.truncate(shown);
        let next = if more { items.last().map(id) } else { None };
        Self { items, next }
    }
}
