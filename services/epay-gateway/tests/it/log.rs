//! `LogService`: what callers get proves itself.

use epay_gateway::Role;
use epay_ledger::log::{
    ConsistencyProof, Head, InclusionProof, LeafFields, LeafLine, LogHash, PublicKeys, SignedHead,
};
use epay_proto::v1;
use jiff::Timestamp;
use tonic::Code;

use crate::payments::{paid, paid_nth};
use crate::support::{House, http_client, log_key};

/// A head as it came, believed with the key of the test.
fn believed(head: &v1::LogHead) -> Head {
    let at = head.seal_time.as_ref().unwrap();
    let at = Timestamp::new(at.seconds, at.nanos).unwrap();
    let root = LogHash::try_from(head.root_hash.as_slice()).unwrap();
    let signed = SignedHead {
        head: Head::new(&head.origin, head.tree_size.unsigned_abs(), root, at).unwrap(),
        key_id: head.key_id.clone(),
        signature: head.signature.as_slice().try_into().unwrap(),
    };
    let mut keys = PublicKeys::default();
    keys.insert("log-1", log_key().public_key()).unwrap();
    keys.verify(&signed).unwrap();
    assert_eq!(head.name, format!("logHeads/{}", head.tree_size));
    signed.head
}

fn path(path: &[Vec<u8>]) -> Vec<LogHash> {
    path.iter()
        .map(|hash| LogHash::try_from(hash.as_slice()).unwrap())
        .collect()
}

/// The leaf of a journal, made of nothing but what the interface says of it.
fn leaf(journal: &v1::Journal) -> LogHash {
    let at = journal.post_time.as_ref().unwrap();
    let names: Vec<&str> = journal.name.split('/').collect();
    let lines: Vec<(&str, &v1::Amount, i64)> = journal
        .entries
        .iter()
        .map(|entry| {
            let debit = entry.debit.as_ref().map(|amount| (amount, 1));
            let credit = entry.credit.as_ref().map(|amount| (amount, -1));
            let (amount, sign) = debit.xor(credit).expect("an entry has one side");
            (entry.account.as_str(), amount, sign)
        })
        .collect();
    LeafFields {
        id: names[3].parse().unwrap(),
        book: names[1],
        currency: &lines[0].1.currency_code,
        kind: &journal.kind,
        posted_at: Timestamp::new(at.seconds, at.nanos).unwrap(),
        business_date: journal.business_date.as_ref().unwrap().iso.parse().unwrap(),
        source: &journal.source,
        reverses: None,
        lines: lines
            .iter()
            .map(|(account, amount, sign)| LeafLine {
                account,
                amount_minor: sign * amount.minor_units,
            })
            .collect(),
    }
    .hash()
}

fn check(proof: &v1::InclusionProof) {
    let head = believed(proof.head.as_ref().unwrap());
    let included = InclusionProof {
        leaf_index: proof.leaf_index.unsigned_abs(),
        tree_size: head.size(),
        path: path(&proof.path),
    };
    let leaf = leaf(proof.journal.as_ref().unwrap());
    included.verify(&leaf, head.root()).unwrap();
}

#[tokio::test]
async fn a_receipt_proves_itself_to_whoever_holds_the_key() {
    let house = House::start().await;
    let (_, payment) = paid(&house).await;
    let portal = house.caller(Role::CitizenPortal).await;
    let proofs = async || {
        let parent = payment.name.clone();
        let request = v1::ListReceiptProofsRequest { parent };
        let answer = portal.log().list_receipt_proofs(request).await;
        answer.unwrap().into_inner()
    };
    let before = proofs().await;
    assert_eq!((before.proofs.len(), before.unsealed), (0, 1));
    house.seal().await;
    let after = proofs().await;
    assert_eq!((after.proofs.len(), after.unsealed), (1, 0));
    check(&after.proofs[0]);
    let journal = after.proofs[0].journal.as_ref().unwrap();
    assert_eq!(journal.kind, "receipt");

    let department = house.caller(Role::Department).await;
    let request = v1::GetInclusionProofRequest {
        journal: journal.name.clone(),
        head: String::new(),
    };
    let proof = department.log().get_inclusion_proof(request).await;
    assert_eq!(proof.unwrap().into_inner(), after.proofs[0]);

    // The same as a file: proto3 JSON over HTTP.
    let url = house.url(&format!("/v1/{}/receiptProofs", payment.name));
    let answer = http_client()
        .get(url)
        .bearer_auth(house.token(Role::CitizenPortal))
        .send()
        .await
        .unwrap();
    let file: v1::ListReceiptProofsResponse = answer.json().await.unwrap();
    assert_eq!(file, after);
    house.stop().await;
}

#[tokio::test]
async fn heads_are_listed_the_latest_first_and_each_begins_the_next() {
    let house = House::start().await;
    let (_, payment) = paid(&house).await;
    house.seal().await;
    for n in 2..=4_u64 {
        paid_nth(&house, n).await;
        house.seal().await;
    }
    let auditor = house.caller(Role::Auditor).await;
    let mut log = auditor.log();
    let list = async |log: &mut v1::log_service_client::LogServiceClient<_>, token: &str| {
        let request = v1::ListLogHeadsRequest {
            page_size: 3,
            page_token: token.to_owned(),
        };
        log.list_log_heads(request).await.unwrap().into_inner()
    };
    let first_page = list(&mut log, "").await;
    let second_page = list(&mut log, &first_page.next_page_token).await;
    let heads: Vec<v1::LogHead> = [first_page.log_heads, second_page.log_heads].concat();
    assert!(heads.len() >= 4, "{heads:?}");
    assert!(
        heads
            .windows(2)
            .all(|pair| pair[0].tree_size > pair[1].tree_size)
    );
    for pair in heads.windows(2) {
        let request = v1::GetConsistencyProofRequest {
            head: pair[0].name.clone(),
            first_head: pair[1].name.clone(),
        };
        let proof = log
            .get_consistency_proof(request)
            .await
            .unwrap()
            .into_inner();
        let (first, second) = (
            believed(proof.first.as_ref().unwrap()),
            believed(proof.second.as_ref().unwrap()),
        );
        let consistent = ConsistencyProof {
            first_size: first.size(),
            second_size: second.size(),
            path: path(&proof.path),
        };
        consistent.verify(first.root(), second.root()).unwrap();
    }
    // An older head vouches for what it covers, and for nothing later.
    let proofs = v1::ListReceiptProofsRequest {
        parent: payment.name,
    };
    let proofs = log.list_receipt_proofs(proofs).await.unwrap().into_inner();
    check(&proofs.proofs[0]);
    house.stop().await;
}

#[tokio::test]
async fn what_is_not_there_or_cannot_be_meant_is_told_so() {
    let house = House::start().await;
    let mut log = house.caller(Role::Auditor).await.log();
    let mut head = async |name: &str| {
        let name = name.to_owned();
        let answer = log.get_log_head(v1::GetLogHeadRequest { name }).await;
        answer.map_or_else(|status| status.code(), |_head| Code::Ok)
    };
    assert_eq!(head("logHeads/latest").await, Code::NotFound);
    paid(&house).await;
    house.seal().await;
    for (name, code) in [
        ("logHeads/latest", Code::Ok),
        ("logHeads/999", Code::NotFound),
        ("logHeads/-1", Code::InvalidArgument),
        ("logHeads/one", Code::InvalidArgument),
        ("heads/1", Code::InvalidArgument),
        ("", Code::InvalidArgument),
    ] {
        assert_eq!(head(name).await, code, "{name}");
    }
    let mut log = house.caller(Role::Auditor).await.log();
    let latest = log.get_log_head(v1::GetLogHeadRequest {
        name: "logHeads/latest".to_owned(),
    });
    let size = latest.await.unwrap().into_inner().tree_size;
    for (head, first_head, code) in [
        (size, size, Code::Ok),
        (size, size + 1, Code::NotFound),
        (size + 1, size, Code::NotFound),
    ] {
        let request = v1::GetConsistencyProofRequest {
            head: format!("logHeads/{head}"),
            first_head: format!("logHeads/{first_head}"),
        };
        let answer = log.get_consistency_proof(request).await;
        let found = answer.map_or_else(|status| status.code(), |_proof| Code::Ok);
        assert_eq!(found, code, "{first_head} to {head}");
    }
    let nothing = v1::GetInclusionProofRequest {
        journal: "billers/rvd/journals/01940000-0000-7000-8000-000000000001".to_owned(),
        head: String::new(),
    };
    let status = log.get_inclusion_proof(nothing).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    house.stop().await;
}
