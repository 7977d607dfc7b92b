//! `epay ledger verify-proof`: a receipt's proof, with the public key and nothing else.
//!
//! The file is what the receipt's page gives: JSON with the journal of each credit, its place, the head that vouches for
//! it and the hashes in between. The journal is hashed as it is shown, so whoever changed a cent of it changed the hash.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use epay_ledger::log::{PublicKeys, SignedHead};
use epay_money::{Currency, Money};
use epay_proto::v1;
use serde::Serialize;

use super::proto;
use crate::log::read_public_keys;

/// Largest file that is read: far more than the proofs of a payment for twenty bills.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Which proof, and whose key.
#[derive(Debug, Args)]
pub(crate) struct ProofArgs {
    /// The file of the receipt's page.
    file: PathBuf,
    /// A JWKS with the keys of the log.
    #[arg(long)]
    public_key: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What was found of one proof.
#[derive(Debug, Serialize)]
struct Judged {
    journal: String,
    amount: String,
    tree_size: u64,
    sealed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
}

/// Whether every proof of the file holds, and there is one.
pub(super) fn run(arguments: &ProofArgs) -> anyhow::Result<bool> {
    let keys = read_public_keys(&arguments.public_key)?;
    let proofs = read(&arguments.file)?;
    ensure!(
        !proofs.is_empty(),
        "{} holds no proof: ask for it again, the newest credits wait a second for theirs",
        arguments.file.display()
    );
    let judged = proofs
        .iter()
        .map(|proof| judge(proof, &keys))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if arguments.json {
        println!("{}", serde_json::to_string(&judged)?);
    } else {
        judged.iter().for_each(print);
    }
    Ok(judged.iter().all(|one| one.fault.is_none()))
}

fn read(path: &Path) -> anyhow::Result<Vec<v1::InclusionProof>> {
    let shown = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let mut text = String::new();
    let length = file
        .take(FILE_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .with_context(|| format!("{shown} cannot be read"))?;
    ensure!(
        u64::try_from(length)? <= FILE_BYTES_MAX,
        "{shown} is larger than any proof"
    );
    let answer: v1::ListReceiptProofsResponse = serde_json::from_str(&text)
        .with_context(|| format!("{shown} is no file of a receipt's proofs"))?;
    Ok(answer.proofs)
}

/// An error is a file that cannot be read; a proof that can be read and does not hold is a finding.
fn judge(proof: &v1::InclusionProof, keys: &PublicKeys) -> anyhow::Result<Judged> {
    let journal = proof.journal.as_ref().context("journal")?;
    let signed = proof.head.as_ref().context("head")?;
    let signed = proto::signed_head(signed).context("head")?;
    Ok(Judged {
        journal: journal.name.clone(),
        amount: amount(journal),
        tree_size: signed.head.size(),
        sealed_at: signed.head.sealed_at().to_string(),
        fault: fault(proof, journal, &signed, keys)?,
    })
}

fn fault(
    proof: &v1::InclusionProof,
    journal: &v1::Journal,
    signed: &SignedHead,
    keys: &PublicKeys,
) -> anyhow::Result<Option<String>> {
    if let Err(fault) = keys.verify(signed) {
        return Ok(Some(format!("the head is not believed: {fault}")));
    }
    let leaf = proto::leaf(journal).context("journal")?;
    let included = proto::inclusion(proof, &signed.head)?;
    let held = included.verify(&leaf, signed.head.root());
    Ok(held.err().map(|fault| fault.to_string()))
}

/// What the journal moved: the sum of its debits.
fn amount(journal: &v1::Journal) -> String {
    let debits = journal
        .entries
        .iter()
        .filter_map(|entry| entry.debit.as_ref());
    let mut sum = 0_i64;
    let mut currency = Currency::Hkd;
    for debit in debits {
        sum = sum.saturating_add(debit.minor_units);
        currency = debit.currency_code.parse().unwrap_or(currency);
    }
    Money::new(sum, currency).to_string()
}

fn print(judged: &Judged) {
    let Judged {
        journal,
        amount,
        tree_size,
        sealed_at,
        fault,
    } = judged;
    match fault {
        None => println!(
            "{journal} ({amount}) is in the log of {tree_size} journals that was signed at {sealed_at}."
        ),
        Some(fault) => println!("{journal} ({amount}) IS NOT PROVED: {fault}."),
    }
}

#[cfg(test)]
mod tests {
    use epay_ledger::log::{Frontier, Head, LogHash, SigningKey};
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;
    use crate::ledger::proto::{leaf, log_head};

    const ID: &str = "01980000-0000-7000-8000-000000000001";

    fn journal() -> v1::Journal {
        let amount = json!({"minorUnits": "372000", "currencyCode": "HKD"});
        serde_json::from_value(json!({
            "name": format!("billers/rvd/journals/{ID}"), "kind": "receipt",
            "postTime": "2026-11-23T01:00:00.123456Z", "businessDate": {"iso": "2026-11-23"}, "source": "receipt-1",
            "entries": [
                {"account": "1110", "debit": amount},
                {"account": "2010.rvd.01-general", "credit": amount},
            ],
        }))
        .unwrap()
    }

    /// The key of one byte.
    fn key(id: &str) -> SigningKey {
        let mut der = vec![
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        der.extend([3; 32]);
        SigningKey::from_pkcs8(id, &der).unwrap()
    }

    /// The journal between two others, under a signed head.
    fn file() -> Value {
        let (before, after) = (LogHash::of_leaf(b"before"), LogHash::of_leaf(b"after"));
        let mut frontier = Frontier::default();
        for hash in [before, leaf(&journal()).unwrap(), after] {
            frontier.append(hash, |_, _| {}).unwrap();
        }
        let head = Head::new("test/ledger", 3, frontier.root(), Timestamp::UNIX_EPOCH).unwrap();
        let proof = v1::InclusionProof {
            journal: Some(journal()),
            leaf_index: 1,
            head: Some(log_head(&key("k1").sign(head).unwrap())),
            path: [before, after]
                .map(|hash| hash.as_bytes().to_vec())
                .to_vec(),
        };
        serde_json::to_value(v1::ListReceiptProofsResponse {
            proofs: vec![proof],
            unsealed: 0,
        })
        .unwrap()
    }

    fn judged(file: &Value) -> anyhow::Result<Option<String>> {
        let mut keys = PublicKeys::default();
        keys.insert("k1", key("k1").public_key())?;
        let file: v1::ListReceiptProofsResponse = serde_json::from_value(file.clone())?;
        let proof = file.proofs.first().context("a proof")?;
        Ok(judge(proof, &keys)?.fault)
    }

    #[test]
    fn the_leaf_of_a_journal_that_is_shown_is_the_one_of_the_specification() {
        assert_eq!(
            leaf(&journal()).unwrap().to_string(),
            "c091dc461ddb7c55e932cc38947c17ab5cf1c388423969bd920b13033cf7668b"
        );
    }

    #[test]
    fn a_proof_holds_and_with_anything_changed_it_does_not() {
        assert_eq!(judged(&file()).unwrap(), None);
        let changes = [
            ("/proofs/0/journal/source", json!("receipt-2")),
            ("/proofs/0/journal/kind", json!("sweep")),
            (
                "/proofs/0/journal/postTime",
                json!("2026-11-23T01:00:00.123457Z"),
            ),
            (
                "/proofs/0/journal/entries/0/debit/minorUnits",
                json!("372001"),
            ),
            (
                "/proofs/0/journal/entries/1/account",
                json!("2010.rvd.02-other"),
            ),
            (
                "/proofs/0/journal/name",
                json!(format!("billers/wsd/journals/{ID}")),
            ),
            ("/proofs/0/leafIndex", json!("0")),
            ("/proofs/0/path/0", file()["proofs"][0]["path"][1].clone()),
            ("/proofs/0/head/treeSize", json!("4")),
            ("/proofs/0/head/keyId", json!("k2")),
            ("/proofs/0/head/sealTime", json!("2026-11-23T01:00:00Z")),
        ];
        for (place, value) in changes {
            let mut changed = file();
            *changed.pointer_mut(place).unwrap() = value;
            assert!(judged(&changed).unwrap().is_some(), "{place}");
        }
    }

    #[test]
    fn a_file_that_is_no_proof_is_an_error_and_no_finding() {
        let changes = [
            ("/proofs/0/journal/name", json!("journal 1")),
            ("/proofs/0/journal/entries", json!([])),
            ("/proofs/0/journal/entries/0", json!({"account": "1110"})),
            (
                "/proofs/0/journal/entries/0/debit/currencyCode",
                json!("CNY"),
            ),
            ("/proofs/0/head/rootHash", json!("AAAA")),
            ("/proofs/0/head/signature", json!("AAAA")),
            ("/proofs/0/head/origin", json!("two words")),
            ("/proofs/0/path/0", json!("AAAA")),
            ("/proofs/0/leafIndex", json!("-1")),
        ];
        for (place, value) in changes {
            let mut changed = file();
            *changed.pointer_mut(place).unwrap() = value;
            assert!(judged(&changed).is_err(), "{place}");
        }
    }
}
