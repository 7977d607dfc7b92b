//! Time and ids, as arguments: the core never looks at the world.

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};

/// What time it is.
pub trait Clock: Send + Sync + std::fmt::Debug + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// New ids.
pub trait Ids: Send + Sync + std::fmt::Debug + 'static {
    /// A new id: a UUID of version 7 that sorts after those made before.
    fn next(&self) -> Uuid;
}

/// The machine's own clock, cut to the microseconds that PostgreSQL keeps, so that what is answered now and
/// what is read later are equal.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}

/// UUIDs of version 7 (RFC 9562), with a counter so that ids of one millisecond keep their order.
#[derive(Debug, Default)]
pub struct V7Ids {
    context: std::sync::Mutex<ContextV7>,
}

impl Ids for V7Ids {
    fn next(&self) -> Uuid {
        match self.context.lock() {
            Ok(context) => Uuid::new_v7(uuid::Timestamp::now(&*context)),
            Err(_poisoned) => Uuid::now_v7(),
        }
    }
}
