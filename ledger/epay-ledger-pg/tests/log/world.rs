//! A ledger with a sealer, and what an auditor knows of it.

use std::cell::RefCell;

use epay_ledger::Journal;
use epay_ledger::log::{Frontier, LeafFields, LogHash, PublicKeys, SignedHead, SigningKey};
use epay_ledger_pg::{
    Evidence, LedgerPgError, Sealed, Sealer, VerifyReport, log_heads, verify_against,
};

use crate::support::{Ledger, instant};

pub(crate) const ORIGIN: &str = "test.example/ledger";

/// A key made of one byte, in PKCS#8.
pub(crate) fn key(id: &str, seed: u8) -> SigningKey {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend([seed; 32]);
    SigningKey::from_pkcs8(id, &der).expect("a key")
}

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    sealer: RefCell<Sealer>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let sealer = Sealer::new(key("k1", 1), ORIGIN).expect("a sealer");
        Self {
            ledger: Ledger::new().await,
            sealer: RefCell::new(sealer),
        }
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "a test seals one batch at a time"
    )]
    pub(crate) async fn seal(&self) -> Result<Sealed, LedgerPgError> {
        let mut client = self.ledger.client().await;
        let mut sealer = self.sealer.borrow_mut();
        sealer.seal(&mut client, instant(1_000)).await
    }

    /// Seals until nothing waits; how many journals that were.
    pub(crate) async fn seal_all(&self) -> usize {
        let mut count = 0;
        loop {
            let sealed = self.seal().await.expect("seals");
            assert_ne!(sealed, Sealed::Elsewhere, "nobody else seals here");
            if let Sealed::Batch { journals, more } = sealed {
                count += journals;
                if !more {
                    return count;
                }
            }
        }
    }

    /// Posts and seals journals one by one, so that each has a head of its own.
    pub(crate) async fn post_and_seal(&self, journals: &[Journal]) {
        for journal in journals {
            let one = std::slice::from_ref(journal);
            self.ledger.post(one).await.expect("posts");
            assert_eq!(self.seal_all().await, 1);
        }
    }

    /// Every head, the smallest first.
    pub(crate) async fn heads(&self) -> Vec<SignedHead> {
        let client = self.ledger.client().await;
        let mut heads = log_heads(&**client, None, 1_000).await.expect("reads");
        heads.reverse();
        heads
    }

    /// What an auditor has: the key, and these heads.
    pub(crate) fn evidence(heads: Vec<SignedHead>) -> Evidence {
        let mut keys = PublicKeys::default();
        keys.insert("k1", key("k1", 1).public_key())
            .expect("a name");
        Evidence {
            keys: Some(keys),
            heads,
        }
    }

    pub(crate) async fn verify(&self, evidence: &Evidence) -> VerifyReport {
        let mut client = self.ledger.client().await;
        verify_against(&mut client, evidence, |_step| {})
            .await
            .expect("reads")
    }

    /// What no constraint or trigger of the database would let through.
    pub(crate) async fn force(&self, statements: &str) {
        let forced = format!(
            "SET session_replication_role = replica; {statements}; RESET session_replication_role;"
        );
        let superuser = self.ledger.superuser().await;
        superuser.batch_execute(&forced).await.expect(statements);
    }
}

/// The root over journals, made leaf by leaf.
pub(crate) fn root<'a>(journals: impl IntoIterator<Item = &'a Journal>) -> LogHash {
    let mut frontier = Frontier::default();
    for journal in journals {
        let leaf = LeafFields::of(journal).hash();
        frontier.append(leaf, |_, _| {}).expect("room");
    }
    frontier.root()
}
