//! Heads and hashes of the log.

use epay_ledger::log::{LogHash, SignedHead};
use epay_proto::v1;

use super::timestamp;
use crate::names;

pub(crate) fn log_head(signed: &SignedHead) -> v1::LogHead {
    let head = &signed.head;
    v1::LogHead {
        name: names::of_log_head(head.size()),
        origin: head.origin().to_owned(),
        tree_size: i64::try_from(head.size()).unwrap_or(i64::MAX),
        root_hash: head.root().as_bytes().to_vec(),
        seal_time: Some(timestamp(head.sealed_at())),
        key_id: signed.key_id.clone(),
        signature: signed.signature.to_vec(),
    }
}

pub(crate) fn log_path(path: &[LogHash]) -> Vec<Vec<u8>> {
    path.iter().map(|hash| hash.as_bytes().to_vec()).collect()
}
