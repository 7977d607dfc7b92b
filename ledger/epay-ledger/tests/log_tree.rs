//! The tree beside two that were made otherwise: the recursive definition of RFC 9162 written down as it stands, and the
//! crate `ct-merkle`. And what a store keeps of it suffices for every root and proof.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use epay_ledger::log::{
    ConsistencyProof, Frontier, InclusionProof, LogHash, ProofFault, STORED_LEVELS, Span,
    StoredHashes, Subtree, consistency_spans, inclusion_spans,
};
use proptest::prelude::*;
use sha2::Sha256;

/// MTH of RFC 9162, 2.1.1.
fn mth(leaves: &[LogHash]) -> LogHash {
    match leaves {
        [] => LogHash::of_nothing(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            LogHash::of_node(&mth(left), &mth(right))
        }
    }
}

/// PATH of RFC 9162, 2.1.3.1.
fn path(place: usize, leaves: &[LogHash]) -> Vec<LogHash> {
    if leaves.len() < 2 {
        return vec![];
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut found, other) = if place < left.len() {
        (path(place, left), right)
    } else {
        (path(place - left.len(), right), left)
    };
    found.push(mth(other));
    found
}

/// SUBPROOF of RFC 9162, 2.1.4.1.
fn subproof(first: usize, leaves: &[LogHash], known: bool) -> Vec<LogHash> {
    if first == leaves.len() {
        return if known { vec![] } else { vec![mth(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut found, other) = if first <= left.len() {
        (subproof(first, left, known), right)
    } else {
        (subproof(first - left.len(), right, false), left)
    };
    found.push(mth(other));
    found
}

/// The largest power of two below a length.
fn split(length: usize) -> usize {
    length.next_power_of_two() / 2
}

fn leaf(n: u64) -> LogHash {
    LogHash::of_leaf(&n.to_be_bytes())
}

/// What a store keeps of a tree of so many leaves: the leaves, and the whole subtrees that it was told of.
fn store(size: u64) -> (StoredHashes, Frontier, Vec<LogHash>) {
    let mut stored = StoredHashes::default();
    let mut frontier = Frontier::default();
    let leaves: Vec<LogHash> = (0..size).map(leaf).collect();
    for (index, leaf) in (0..).zip(&leaves) {
        stored.insert(Subtree { level: 0, index }, *leaf);
        frontier
            .append(*leaf, |subtree, hash| {
                assert_eq!(subtree.level % STORED_LEVELS, 0);
                stored.insert(subtree, hash);
            })
            .expect("room");
    }
    (stored, frontier, leaves)
}

fn hashes(stored: &StoredHashes, spans: Vec<Span>) -> Vec<LogHash> {
    spans
        .into_iter()
        .map(|span| stored.root(span).expect("it was stored"))
        .collect()
}

fn inclusion(stored: &StoredHashes, leaf_index: u64, tree_size: u64) -> InclusionProof {
    let spans = inclusion_spans(leaf_index, tree_size).expect("within the tree");
    InclusionProof {
        leaf_index,
        tree_size,
        path: hashes(stored, spans),
    }
}

fn consistency(stored: &StoredHashes, first_size: u64, second_size: u64) -> ConsistencyProof {
    let spans = consistency_spans(first_size, second_size).expect("in order");
    ConsistencyProof {
        first_size,
        second_size,
        path: hashes(stored, spans),
    }
}

fn place(n: u64) -> usize {
    usize::try_from(n).expect("small")
}

#[test]
fn every_proof_of_every_small_tree_is_the_one_that_the_definition_gives() {
    let (stored, _, leaves) = store(70);
    for size in 1..=70 {
        let tree = &leaves[..place(size)];
        let root = mth(tree);
        assert_eq!(stored.root(Span::of_tree(size)), Some(root), "{size}");
        for index in 0..size {
            let proof = inclusion(&stored, index, size);
            assert_eq!(proof.path, path(place(index), tree), "{index} of {size}");
            assert_eq!(
                proof.verify(&leaf(index), &root),
                Ok(()),
                "{index} of {size}"
            );
        }
        for first in 0..=size {
            let proof = consistency(&stored, first, size);
            if first > 0 {
                assert_eq!(proof.path, subproof(place(first), tree, true));
            }
            let first_root = mth(&tree[..place(first)]);
            assert_eq!(
                proof.verify(&first_root, &root),
                Ok(()),
                "{first} of {size}"
            );
        }
    }
    assert_eq!(inclusion_spans(5, 5), None);
    assert_eq!(consistency_spans(6, 5), None);
}

#[test]
fn a_tree_across_three_stored_levels_is_the_one_that_the_definition_gives() {
    let size = 256 * 256 + 256 * 3 + 5;
    let (stored, frontier, leaves) = store(size);
    let root = mth(&leaves);
    assert_eq!(frontier.root(), root);
    assert_eq!(stored.root(Span::of_tree(size)), Some(root));
    for index in [0, 1, 255, 256, 65_535, 65_536, 65_791, 66_303, size - 1] {
        let proof = inclusion(&stored, index, size);
        assert_eq!(proof.path, path(place(index), &leaves), "{index}");
        assert_eq!(proof.verify(&leaf(index), &root), Ok(()), "{index}");
    }
    for first in [1, 255, 256, 257, 65_535, 65_536, 65_537, size - 1] {
        let proof = consistency(&stored, first, size);
        let first_root = mth(&leaves[..place(first)]);
        assert_eq!(proof.verify(&first_root, &root), Ok(()), "{first}");
    }
}

fn root_for_ct(root: &LogHash, size: u64) -> RootHash<Sha256> {
    RootHash::new((*root.as_bytes()).into(), size)
}

proptest! {
    #[test]
    fn ct_merkle_has_our_roots_and_believes_our_proofs(size in 1_u64..300, seed in any::<u64>()) {
        let (stored, frontier, _) = store(size);
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for n in 0..size {
            theirs.push(n.to_be_bytes().to_vec());
        }
        let (root, their_root) = (frontier.root(), theirs.root());
        prop_assert_eq!(their_root.as_bytes().as_slice(), root.as_bytes());

        let index = seed % size;
        let proof = inclusion(&stored, index, size);
        let bytes: Vec<u8> = proof.path.iter().flat_map(|hash| *hash.as_bytes()).collect();
        let proof = ct_merkle::InclusionProof::<Sha256>::try_from_bytes(bytes).expect("whole hashes");
        let believed = root_for_ct(&root, size)
            .verify_inclusion(&index.to_be_bytes().to_vec(), index, &proof);
        prop_assert!(believed.is_ok());

        let first = 1 + seed % size;
        if first < size {
            let proof = consistency(&stored, first, size);
            let bytes: Vec<u8> = proof.path.iter().flat_map(|hash| *hash.as_bytes()).collect();
            let proof = ct_merkle::ConsistencyProof::<Sha256>::try_from_bytes(bytes).expect("whole hashes");
            let first_root = stored.root(Span::of_tree(first)).expect("stored");
            let believed = root_for_ct(&root, size)
                .verify_consistency(&root_for_ct(&first_root, first), &proof);
            prop_assert!(believed.is_ok());
        }
    }

    #[test]
    fn a_proof_with_anything_changed_proves_nothing(
        size in 2_u64..300, seed in any::<u64>(), at in any::<prop::sample::Index>(), how in 0..5,
    ) {
        let (stored, frontier, _) = store(size);
        let (index, root) = (seed % size, frontier.root());
        let mut proof = inclusion(&stored, index, size);
        let at = at.index(proof.path.len());
        match how {
            0 => proof.path[at] = leaf(u64::MAX),
            1 => { proof.path.remove(at); }
            2 => proof.path.insert(at, leaf(u64::MAX)),
            3 => proof.leaf_index = (index + 1) % size,
            _ => proof.tree_size = index,
        }
        prop_assert!(proof.verify(&leaf(index), &root).is_err());

        let first = 1 + seed % (size - 1);
        let first_root = stored.root(Span::of_tree(first)).expect("stored");
        let mut proof = consistency(&stored, first, size);
        let at = at % proof.path.len();
        match how {
            0 => proof.path[at] = leaf(u64::MAX),
            1 => { proof.path.remove(at); }
            2 => proof.path.insert(at, leaf(u64::MAX)),
            3 => proof.first_size = size,
            _ => proof.second_size = first - 1,
        }
        prop_assert!(proof.verify(&first_root, &root).is_err());
    }

    #[test]
    fn bytes_that_somebody_sent_are_judged_and_never_crash(
        leaf_index in any::<u64>(), tree_size in any::<u64>(), hashes in prop::collection::vec(any::<[u8; 32]>(), 0..130),
    ) {
        let path: Vec<LogHash> = hashes.into_iter().map(LogHash::new).collect();
        let root = LogHash::of_nothing();
        let sent = InclusionProof { leaf_index, tree_size, path: path.clone() };
        prop_assert!(sent.verify(&leaf(0), &root).is_err());
        let sent = ConsistencyProof { first_size: leaf_index, second_size: tree_size, path };
        let judged = sent.verify(&root, &leaf(0));
        prop_assert!(judged.is_err() || leaf_index == 0);
    }

    #[test]
    fn a_frontier_goes_on_from_what_was_kept_of_it(size in 0_u64..600, more in 0_u64..300) {
        let (_, kept, _) = store(size);
        let mut again = Frontier::from_bytes(size, &kept.to_bytes()).expect("its own bytes");
        prop_assert_eq!(&again, &kept);
        for n in size..size + more {
            again.append(leaf(n), |_, _| {}).expect("room");
        }
        let (_, whole, _) = store(size + more);
        prop_assert_eq!(again.root(), whole.root());
        prop_assert!(Frontier::from_bytes(size + 1, &kept.to_bytes()).is_err() || (size + 1).count_ones() == size.count_ones());
    }
}

#[test]
fn a_path_of_the_wrong_length_is_told_from_a_wrong_root() {
    let (stored, frontier, _) = store(6);
    let mut proof = inclusion(&stored, 2, 6);
    assert_eq!(
        proof.verify(&leaf(3), &frontier.root()),
        Err(ProofFault::Root)
    );
    proof.path.pop();
    assert_eq!(
        proof.verify(&leaf(2), &frontier.root()),
        Err(ProofFault::PathLength)
    );
    proof.tree_size = 2;
    assert_eq!(
        proof.verify(&leaf(2), &frontier.root()),
        Err(ProofFault::OutsideTree)
    );
}
