//! The log against answers that were computed elsewhere: the eight leaves of Certificate Transparency's own tests, and
//! a journal, a head and a key that a few lines of Python hashed and signed from `docs/ledger-log.md` alone.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use epay_ledger::log::{
    Frontier, Head, HeadFault, KeyError, LeafFields, LogHash, PublicKeys, SigningKey,
};
use epay_ledger::recipes::{Line, RailAccounts, ReceiptParts, receipt};
use epay_ledger::{AccountCode, Draft, Journal, reversal};
use epay_money::{BillerId, Currency, JournalId};
use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

/// The leaves in hexadecimal, each with the root of the tree that ends with it.
const LEAVES: [(&str, &str); 8] = [
    (
        "",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    ),
    (
        "00",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    ),
    (
        "10",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ),
    (
        "2021",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (
        "3031",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    ),
    (
        "40414243",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ),
    (
        "5051525354555657",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    ),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

#[test]
fn a_tree_has_the_roots_that_certificate_transparency_gives_it() {
    let mut frontier = Frontier::default();
    assert_eq!(
        frontier.root().to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (leaf, root) in LEAVES {
        let bytes = hex::decode(leaf).expect("hexadecimal");
        frontier
            .append(LogHash::of_leaf(&bytes), |_, _| {})
            .expect("room");
        assert_eq!(frontier.root().to_string(), root, "{}", frontier.size());
    }
}

fn code(text: &str) -> AccountCode {
    AccountCode::new(text).expect("an account code")
}

fn id(n: u128) -> JournalId {
    JournalId::new(Uuid::from_u128((0x0198_0000_0000_7000_8000_u128 << 48) | n))
}

fn journal(n: u128, draft: Draft) -> Journal {
    let at = Timestamp::from_microsecond(1_795_395_600_123_456).expect("an instant");
    let book = BillerId::new("rvd").expect("a biller");
    draft
        .journal(id(n), book, at, date(2026, 11, 23), "receipt-1")
        .expect("a journal")
}

fn paid() -> Journal {
    let rail = RailAccounts {
        clearing: code("1110"),
        fee_expense: code("5010.fps"),
        fee_accrued: code("2310.fps"),
    };
    let parts = ReceiptParts {
        applied: vec![Line {
            account: code("2010.rvd.01-general"),
            minor: 372_000,
        }],
        ..ReceiptParts::default()
    };
    journal(1, receipt(&rail, Currency::Hkd, &parts).expect("balances"))
}

#[test]
fn a_journal_is_the_bytes_and_the_hash_that_a_stranger_makes_of_it() {
    let paid = paid();
    let fields = LeafFields::of(&paid);
    assert_eq!(
        hex::encode(fields.to_bytes()),
        concat!(
            "0101980000000070008000000000000001",
            "00000003727664",
            "00000003484b44",
            "0000000772656365697074",
            "000660e71cfa0640",
            "0000000a323032362d31312d3233",
            "00000009726563656970742d31",
            "00",
            "00000002",
            "0000000431313130",
            "000000000005ad20",
            "00000013323031302e7276642e30312d67656e6572616c",
            "fffffffffffa52e0"
        )
    );
    assert_eq!(
        fields.hash().to_string(),
        "c091dc461ddb7c55e932cc38947c17ab5cf1c388423969bd920b13033cf7668b"
    );
    let undone = journal(2, reversal(&paid));
    assert_eq!(
        LeafFields::of(&undone).hash().to_string(),
        "90f36f5c528562b3880fe858974b7c267c1768bdc5249b8d87bfba6ddbb53e27"
    );
}

#[test]
fn every_field_of_a_journal_changes_its_hash() {
    type Change = fn(&mut LeafFields<'_>);
    let changes: [(&str, Change); 12] = [
        ("id", |f| f.id = Uuid::nil()),
        ("book", |f| f.book = "wsd"),
        ("currency", |f| f.currency = "CNY"),
        ("kind", |f| f.kind = "sweep"),
        ("instant", |f| f.posted_at = Timestamp::UNIX_EPOCH),
        ("day", |f| f.business_date = date(2026, 11, 24)),
        ("source", |f| f.source = "receipt-2"),
        ("reversed", |f| f.reverses = Some(Uuid::nil())),
        ("amount", |f| {
            f.lines.iter_mut().for_each(|line| line.amount_minor /= 2);
        }),
        ("account", |f| {
            f.lines.iter_mut().for_each(|line| line.account = "1120");
        }),
        ("order", |f| f.lines.reverse()),
        ("fewer", |f| f.lines.truncate(1)),
    ];
    let paid = paid();
    for (name, change) in changes {
        let mut fields = LeafFields::of(&paid);
        change(&mut fields);
        assert_ne!(fields.hash(), LeafFields::of(&paid).hash(), "{name}");
    }
    // What moves from one text to the next is noticed too, because each has its length before it.
    let mut moved = LeafFields::of(&paid);
    (moved.book, moved.currency) = ("rvdH", "KD");
    assert_ne!(moved.hash(), LeafFields::of(&paid).hash());
}

/// The private key of bytes 0 to 31, in PKCS#8.
const KEY: &str = "302e020100300506032b657004220420000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PUBLIC_KEY: &str = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
const SIGNATURE: &str = "4e40f97b9a9959801f8e787f9c72078c0c278175672ff1ecc0649ab7d6c51d921684acb215ae835c36b5261b0b1cdb0cac4c65560d5f022338abd73c33dc050f";

fn signing_key(id: &str) -> SigningKey {
    SigningKey::from_pkcs8(id, &hex::decode(KEY).expect("hexadecimal")).expect("a key")
}

fn head(size: u64) -> Head {
    let root = hex::decode(LEAVES.map(|(_, root)| root)[7]).expect("hexadecimal");
    let root = LogHash::try_from(root.as_slice()).expect("a hash");
    let at = Timestamp::from_millisecond(1_795_395_600_123).expect("an instant");
    Head::new("pay.example/ledger", size, root, at).expect("a head")
}

#[test]
fn a_head_is_signed_as_python_signs_it() {
    let key = signing_key("2026-11");
    assert_eq!(hex::encode(key.public_key()), PUBLIC_KEY);
    assert_eq!(
        head(8).signed_text(),
        "pay.example/ledger\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\ntime 1795395600123\n"
    );
    let signed = key.sign(head(8)).expect("signs");
    assert_eq!(hex::encode(signed.signature), SIGNATURE);
}

#[test]
fn a_head_is_believed_with_the_key_of_its_time_and_no_other() {
    let (old, new) = (signing_key("2025-11"), signing_key("2026-11"));
    let mut keys = PublicKeys::default();
    keys.insert("2026-11", new.public_key()).expect("a name");
    let signed = old.sign(head(8)).expect("signs");
    assert_eq!(keys.verify(&signed), Err(HeadFault::UnknownKey));
    keys.insert("2025-11", old.public_key()).expect("a name");
    assert_eq!(keys.verify(&signed), Ok(()));
    let mut forged = signed.clone();
    forged.head = head(9);
    assert_eq!(keys.verify(&forged), Err(HeadFault::Signature));
    keys.insert("2025-11", [7; 32]).expect("a name");
    assert_eq!(keys.verify(&signed), Err(HeadFault::Signature));
}

#[test]
fn names_and_keys_that_are_none_are_refused() {
    let der = hex::decode(KEY).expect("hexadecimal");
    for id in ["", "two words", "schlüssel", &"k".repeat(65)] {
        let refused = SigningKey::from_pkcs8(id, &der).expect_err(id);
        assert_eq!(refused, KeyError::Id);
    }
    for bytes in [&der[1..], b"-----BEGIN", b""] {
        let refused = SigningKey::from_pkcs8("k", bytes).expect_err("no key");
        assert_eq!(refused, KeyError::NotPrivateKey);
    }
    let at = Timestamp::UNIX_EPOCH;
    for origin in ["", "two words", "a\nb", &"o".repeat(129)] {
        assert!(
            Head::new(origin, 0, LogHash::of_nothing(), at).is_err(),
            "{origin:?}"
        );
    }
}
