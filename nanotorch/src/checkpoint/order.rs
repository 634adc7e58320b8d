//! Things in order, by the places that they have.
//!
//! One sort for all, behind a function that compares, rather than a map for each kind of key: that is compiled faster.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// The places `0..count` in the order that `compare` says.
pub(super) fn order_of(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// The places of `names` in their order.
pub(super) fn order_of_names(names: &[&str]) -> Vec<usize> {
    order_of(names.len(), &|a, b| names[a].cmp(names[b]))
}

/// The first name that stands there already, if there is one.
pub(super) fn given_twice<'a>(names: &[&'a str]) -> Option<&'a str> {
    let order = order_of_names(names);
    // Equal names stay in the order in which they were given.
    let again = order.windows(2).filter(|pair| names[pair[0]] == names[pair[1]]).map(|pair| pair[1]);
    again.min().map(|place| names[place])
}
