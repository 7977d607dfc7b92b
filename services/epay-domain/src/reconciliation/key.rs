//! Items of both sides brought together under a key: one number an item is sorted, then two sorted lists are merged.
//!
//! The number is a hash of the key without a secret, so that every machine makes the same one. It only proposes: whether two
//! items share a key is asked of the keys. Keys that share a number are told apart by sorting them, so whoever chooses
//! references cannot make this quadratic.

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

/// What shares keys.
#[derive(Debug, Default)]
pub(super) struct Joined {
    /// One expected and one observed item whose numbers are the same, in the order of the expected side: memory is read
    /// from front to back. Whether they share a key is still to be asked.
    pub(super) pairs: Vec<(u32, u32)>,
    /// Everything else with an observed item that shares its key with another item.
    pub(super) groups: Vec<Group>,
}

/// One side of a join: which items take part, and their keys.
pub(super) struct Side<'w, F> {
    pub(super) open: &'w [bool],
    pub(super) key: F,
}

impl<F> Side<'_, F> {
    /// The key of the item at a place.
    pub(super) fn key_of<K>(&self, place: u32) -> Option<K>
    where
        F: Fn(usize) -> Option<K>,
    {
        (self.key)(usize::try_from(place).ok()?)
    }

    /// The places of the side, in the order of their numbers.
    fn sorted<K: Hash>(&self) -> Vec<Keyed>
    where
        F: Fn(usize) -> Option<K>,
    {
        let count = self.open.iter().filter(|open| **open).count();
        let mut keys = Vec::with_capacity(count);
        for (index, open) in self.open.iter().enumerate() {
            if !open {
                continue;
            }
            if let (Some(key), Ok(place)) = ((self.key)(index), u32::try_from(index)) {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                let hash = hasher.finish();
                keys.push(Keyed { hash, place });
            }
        }
        keys.sort_unstable();
        keys
    }
}

/// Brings both sides together. What is observed alone under its key is not mentioned, nor is what is expected alone.
pub(super) fn join<K: Hash + Ord>(
    expected: &Side<'_, impl Fn(usize) -> Option<K>>,
    observed: &Side<'_, impl Fn(usize) -> Option<K>>,
) -> Joined {
    let (left, right) = (expected.sorted(), observed.sorted());
    let (mut left, mut right) = (left.as_slice(), right.as_slice());
    let mut joined = Joined {
        pairs: Vec::with_capacity(left.len().min(right.len())),
        groups: Vec::new(),
    };
    while let Some(first) = right.first() {
        let hash = first.hash;
        // Nobody saw what is expected under these numbers. It is nearly always a few.
        let unseen = left.iter().take_while(|keyed| keyed.hash < hash).count();
        left = left.get(unseen..).unwrap_or_default();
        let these_left = run(&mut left, hash);
        let these_right = run(&mut right, hash);
        match (these_left, these_right) {
            ([], [_alone]) => {}
            ([left], [right]) => joined.pairs.push((left.place, right.place)),
            _ => apart(
                expected,
                observed,
                (these_left, these_right),
                &mut joined.groups,
            ),
        }
    }
    joined.pairs.sort_unstable();
    joined
}

/// Takes the places with this number off the front.
fn run<'k>(keys: &mut &'k [Keyed], hash: u64) -> &'k [Keyed] {
    let length = keys.iter().take_while(|keyed| keyed.hash == hash).count();
    let (these, rest) = keys.split_at_checked(length).unwrap_or((keys, &[]));
    *keys = rest;
    these
}

/// Tells keys apart that share a number.
fn apart<K: Ord>(
    expected: &Side<'_, impl Fn(usize) -> Option<K>>,
    observed: &Side<'_, impl Fn(usize) -> Option<K>>,
    (left, right): (&[Keyed], &[Keyed]),
    groups: &mut Vec<Group>,
) {
    let mut all: Vec<(K, bool, u32)> = Vec::new();
    for Keyed { place, .. } in left {
        all.extend(expected.key_of(*place).map(|key| (key, false, *place)));
    }
    for Keyed { place, .. } in right {
        all.extend(observed.key_of(*place).map(|key| (key, true, *place)));
    }
    all.sort_unstable();
    for same in all.chunk_by(|one, next| one.0 == next.0) {
        let mut group = Group::default();
        for (_key, seen, place) in same {
            if *seen {
                group.observed.push(*place);
            } else {
                group.expected.push(*place);
            }
        }
        if same.len() > 1 && !group.observed.is_empty() {
            groups.push(group);
        }
    }
}

/// Whether a text names something: the name stands in it as a whole, between its ends or characters that are neither
/// letters nor digits. Nothing is named by less than [`NAME_LENGTH_MIN`] characters.
#[must_use]
pub fn named(text: &str, name: &str) -> bool {
    if name.len() < NAME_LENGTH_MIN {
        return false;
    }
    let outside = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    text.match_indices(name).any(|(place, found)| {
        let before = text
            .get(..place)
            .and_then(|before| before.chars().next_back());
        let after = text.get(place.saturating_add(found.len())..);
        outside(before) && outside(after.and_then(|after| after.chars().next()))
    })
}

/// Shorter names stand in texts by chance.
pub const NAME_LENGTH_MIN: usize = 4;
