//! Items of both sides brought together under a key: one number an item is sorted, then two sorted lists are merged.
//!
//! The number is a hash of the key without a secret, so that the order is the same on every machine. Keys that share a
//! number are told apart by themselves, by sorting: whoever chooses references cannot make this quadratic.

use std::hash::{DefaultHasher, Hash, Hasher};

/// An item's key, as a number, and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Keyed {
    hash: u64,
    place: u32,
}

/// The places of both sides that share a key.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) expected: Vec<u32>,
    pub(super) observed: Vec<u32>,
}

/// Places of one side, in the order of their keys.
fn sorted<K: Hash>(count: usize, wanted: &[bool], key: &impl Fn(usize) -> Option<K>) -> Vec<Keyed> {
    let mut keys: Vec<Keyed> = Vec::with_capacity(count);
    for (index, open) in wanted.iter().enumerate() {
        if !open {
            continue;
        }
        if let (Some(key), Ok(place)) = (key(index), u32::try_from(index)) {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            keys.push(Keyed {
                hash: hasher.finish(),
                place,
            });
        }
    }
    keys.sort_unstable();
    keys
}

/// One side of a join: which items take part, and their keys.
pub(super) struct Side<'w, F> {
    pub(super) open: &'w [bool],
    pub(super) key: F,
}

/// Calls `each` with every group of items under one key of which the observed side has some. Groups come in the order of
/// their keys' hashes, and so in no order that depends on the input; places within a group are in input order.
pub(super) fn join<K: Hash + Ord, E>(
    expected: &Side<'_, impl Fn(usize) -> Option<K>>,
    observed: &Side<'_, impl Fn(usize) -> Option<K>>,
    mut each: impl FnMut(&mut Group) -> Result<(), E>,
) -> Result<(), E> {
    let count = |open: &[bool]| open.iter().filter(|open| **open).count();
    let left = sorted(count(expected.open), expected.open, &expected.key);
    let right = sorted(count(observed.open), observed.open, &observed.key);
    let (mut left, mut right) = (left.as_slice(), right.as_slice());
    let mut group = Group::default();
    while let Some(first) = right.first() {
        let hash = first.hash;
        // What nobody saw under this key stays open; it is nearly always a few steps.
        let before = left.iter().take_while(|keyed| keyed.hash < hash).count();
        left = left.get(before..).unwrap_or_default();
        let these_left = run(&mut left, hash);
        let these_right = run(&mut right, hash);
        apart(
            expected,
            observed,
            these_left,
            these_right,
            &mut group,
            &mut each,
        )?;
    }
    Ok(())
}

/// Takes the places with this number off the front.
fn run<'k>(keys: &mut &'k [Keyed], hash: u64) -> &'k [Keyed] {
    let length = keys.iter().take_while(|keyed| keyed.hash == hash).count();
    let (these, rest) = keys.split_at_checked(length).unwrap_or((keys, &[]));
    *keys = rest;
    these
}

/// Tells keys apart that share a number, and hands on each group.
fn apart<K: Hash + Ord, E>(
    expected: &Side<'_, impl Fn(usize) -> Option<K>>,
    observed: &Side<'_, impl Fn(usize) -> Option<K>>,
    these_left: &[Keyed],
    these_right: &[Keyed],
    group: &mut Group,
    each: &mut impl FnMut(&mut Group) -> Result<(), E>,
) -> Result<(), E> {
    let mut all: Vec<(K, bool, u32)> = Vec::new();
    if let ([left], [right]) = (these_left, these_right) {
        let same = key_of(expected, left) == key_of(observed, right);
        group.expected.clear();
        group.observed.clear();
        group.observed.push(right.place);
        if same {
            group.expected.push(left.place);
        }
        return each(group);
    }
    for keyed in these_left {
        all.extend(key_of(expected, keyed).map(|key| (key, false, keyed.place)));
    }
    for keyed in these_right {
        all.extend(key_of(observed, keyed).map(|key| (key, true, keyed.place)));
    }
    all.sort_unstable();
    for same in all.chunk_by(|one, next| one.0 == next.0) {
        group.expected.clear();
        group.observed.clear();
        for (_key, seen, place) in same {
            if *seen {
                group.observed.push(*place);
            } else {
                group.expected.push(*place);
            }
        }
        if !group.observed.is_empty() {
            each(group)?;
        }
    }
    Ok(())
}

fn key_of<K>(side: &Side<'_, impl Fn(usize) -> Option<K>>, keyed: &Keyed) -> Option<K> {
    (side.key)(usize::try_from(keyed.place).ok()?)
}
