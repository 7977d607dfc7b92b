//! The interface's messages read into what can be checked. They may come from anybody: nothing in them is believed
//! before its signature or proof is.

use anyhow::{Context, bail};
use epay_ledger::log::{Head, InclusionProof, LeafFields, LeafLine, LogHash, SignedHead};
use epay_proto::pbjson_types::Timestamp as ProtoTimestamp;
use epay_proto::v1;
use jiff::Timestamp;
use uuid::Uuid;

/// A head as the interface shows it.
pub(super) fn signed_head(head: &v1::LogHead) -> anyhow::Result<SignedHead> {
    let root = LogHash::try_from(head.root_hash.as_slice()).context("rootHash")?;
    let size = u64::try_from(head.tree_size).context("treeSize")?;
    let at = instant(head.seal_time.as_ref()).context("sealTime")?;
    let signature = head.signature.as_slice().try_into();
    Ok(SignedHead {
        head: Head::new(head.origin.as_str(), size, root, at).context("origin")?,
        key_id: head.key_id.clone(),
        signature: signature.context("signature is not 64 bytes")?,
    })
}

/// A head to be shown.
pub(super) fn log_head(signed: &SignedHead) -> v1::LogHead {
    let head = &signed.head;
    v1::LogHead {
        name: format!("logHeads/{}", head.size()),
        origin: head.origin().to_owned(),
        tree_size: i64::try_from(head.size()).unwrap_or(i64::MAX),
        root_hash: head.root().as_bytes().to_vec(),
        seal_time: Some(ProtoTimestamp {
            seconds: head.sealed_at().as_second(),
            nanos: head.sealed_at().subsec_nanosecond(),
        }),
        key_id: signed.key_id.clone(),
        signature: signed.signature.to_vec(),
    }
}

/// Where a proof says that its leaf is.
pub(super) fn inclusion(proof: &v1::InclusionProof, head: &Head) -> anyhow::Result<InclusionProof> {
    let path = proof
        .path
        .iter()
        .map(|hash| LogHash::try_from(hash.as_slice()));
    Ok(InclusionProof {
        leaf_index: u64::try_from(proof.leaf_index).context("leafIndex")?,
        tree_size: head.size(),
        path: path.collect::<Result<_, _>>().context("path")?,
    })
}

/// The hash of a journal, made of what is shown of it.
pub(super) fn leaf(journal: &v1::Journal) -> anyhow::Result<LogHash> {
    let (book, id) = journal_name(&journal.name).context("name")?;
    let date = journal.business_date.as_ref().context("businessDate")?;
    let reverses = match journal.reverses.as_str() {
        "" => None,
        name => Some(journal_name(name).context("reverses")?.1),
    };
    let mut currency = None;
    let mut lines = Vec::new();
    for entry in &journal.entries {
        let (amount, sign) = match (&entry.debit, &entry.credit) {
            (Some(debit), None) => (debit, 1),
            (None, Some(credit)) => (credit, -1),
            _ => bail!("an entry has a debit or a credit, and one does not"),
        };
        if *currency.get_or_insert(&amount.currency_code) != &amount.currency_code {
            bail!("a journal is in one currency, and this one is not");
        }
        let amount_minor = amount.minor_units.checked_mul(sign);
        lines.push(LeafLine {
            account: &entry.account,
            amount_minor: amount_minor.context("minorUnits")?,
        });
    }
    let fields = LeafFields {
        id,
        book,
        currency: currency.context("a journal has entries, and this one has none")?,
        kind: &journal.kind,
        posted_at: instant(journal.post_time.as_ref()).context("postTime")?,
        business_date: date.iso.parse().context("businessDate")?,
        source: &journal.source,
        reverses,
        lines,
    };
    Ok(fields.hash())
}

/// `billers/{biller}/journals/{journal}`.
fn journal_name(name: &str) -> anyhow::Result<(&str, Uuid)> {
    let mut parts = name.split('/');
    let named = [parts.next(), parts.next(), parts.next(), parts.next()];
    match (named, parts.next()) {
        ([Some("billers"), Some(book), Some("journals"), Some(id)], None) => {
            Ok((book, id.parse().context("the id of a journal")?))
        }
        _ => bail!("{name:?} is not the name of a journal"),
    }
}

fn instant(at: Option<&ProtoTimestamp>) -> anyhow::Result<Timestamp> {
    let at = at.context("is not set")?;
    Ok(Timestamp::new(at.seconds, at.nanos)?)
}
