//! Rules about hostile bytes: whatever arrives, `decode` answers.

use epay_rail::{Inbound, Order, Rail};
use jiff::Timestamp;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::{Broken, Suite, Verdict, broken, goldens};

/// Bodies that each of the two rules tries.
const CASES: u32 = 256;
/// Bytes of an arbitrary body, and of a piece that is spliced into a golden.
const BYTES_MAX: usize = 1_024;
const SPLICE_MAX: usize = 16;
/// Changes made to one golden at once.
const CHANGES_MAX: usize = 6;

/// A change to a message.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    Repeat(Index, u8),
    Cut(Index),
}

impl Suite {
    /// Any bytes are decoded or refused; an empty body is refused.
    pub fn arbitrary_bytes_never_panic(&self) -> Verdict {
        let rail = (self.open)();
        if rail
            .decode(&Inbound::notice(b"", Timestamp::UNIX_EPOCH))
            .is_ok()
        {
            return broken("an empty body is decoded");
        }
        let bytes = proptest::collection::vec(any::<u8>(), 0..BYTES_MAX);
        self.try_all(rail.as_ref(), &bytes)
    }

    /// Goldens with bytes set, inserted, removed, repeated or cut off are decoded or refused.
    pub fn mutated_goldens_never_panic(&self) -> Verdict {
        let rail = (self.open)();
        let bodies: Vec<Vec<u8>> = goldens(&self.goldens)?
            .into_iter()
            .map(|case| case.body)
            .collect();
        let changes = proptest::collection::vec(change(), 1..=CHANGES_MAX);
        let mutated = (proptest::sample::select(bodies), changes).prop_map(|(body, changes)| {
            changes
                .into_iter()
                .fold(body, |body, change| change.on(body))
        });
        self.try_all(rail.as_ref(), &mutated)
    }

    /// Each body is tried as a notice, and as the answer to every kind of order that the rail takes.
    fn try_all(&self, rail: &dyn Rail, bodies: &impl Strategy<Value = Vec<u8>>) -> Verdict {
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        let at = self.received_at();
        let orders: Vec<Order> = rail
            .profile()
            .orders
            .iter()
            .map(|kind| self.sample(*kind))
            .collect();
        TestRunner::new(config)
            .run(bodies, |body| {
                // Any answer will do; what must not happen is a panic, which the runner reports.
                let _answer = rail.decode(&Inbound::notice(&body, at));
                for order in &orders {
                    let _answer = rail.decode(&Inbound::reply(order, 200, &body, at));
                }
                Ok(())
            })
            .map_err(|fault| Broken(fault.to_string()))
    }
}

fn change() -> impl Strategy<Value = Change> {
    let splice = proptest::collection::vec(any::<u8>(), 0..SPLICE_MAX);
    let markup = proptest::sample::select(vec![
        &b"<"[..],
        b">",
        b"/>",
        b"&",
        b"&#0;",
        b"<!DOCTYPE a>",
        b"]]>",
        b"\xff",
        b"\0",
        b"-",
        b"999999999999999999999",
        "\u{202e}".as_bytes(),
    ])
    .prop_map(<[u8]>::to_vec);
    proptest::prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), splice).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), markup).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Change::Remove(at, count)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, count)| Change::Repeat(at, count)),
        (any::<Index>(), Just(())).prop_map(|(at, ())| Change::Cut(at)),
    ]
}

impl Change {
    fn on(self, mut body: Vec<u8>) -> Vec<u8> {
        if body.is_empty() {
            return body;
        }
        let length = body.len();
        let end = |at: usize, count: u8| at.saturating_add(usize::from(count)).min(length);
        match self {
            Self::Set(at, byte) => {
                if let Some(place) = body.get_mut(at.index(length)) {
                    *place = byte;
                }
            }
            Self::Insert(at, bytes) => {
                let at = at.index(length);
                body.splice(at..at, bytes);
            }
            Self::Remove(at, count) => {
                let at = at.index(length);
                body.drain(at..end(at, count));
            }
            Self::Repeat(at, count) => {
                let at = at.index(length);
                let piece = body.get(at..end(at, count)).unwrap_or_default().to_vec();
                body.splice(at..at, piece);
            }
            Self::Cut(at) => body.truncate(at.index(length)),
        }
        body
    }
}
