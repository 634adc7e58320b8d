//! Things in order, by the places that they have.
//!
//! One sort for all, behind a function that compares, and as short as one can be: the standard library's has many times the code,
//! which each program would wait for.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

/// The places of a range in the order that `compare` says, equal ones as they were: both halves in order, then merged.
pub(super) fn order_of(places: Range<usize>, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let Range { start, end } = places;
    if end - start < 2 {
        return places.collect();
    }
    let middle = start + (end - start) / 2;
    let (first, second) = (order_of(start..middle, compare), order_of(middle..end, compare));
    let (mut first, mut order) = (&first[..], Vec::with_capacity(end - start));
    for place in second {
        while let [before, rest @ ..] = first
            && compare(*before, place).is_le()
        {
            order.push(*before);
            first = rest;
        }
        order.push(place);
    }
    order.extend_from_slice(first);
    order
}

/// The places of so many names in their order.
pub(super) fn order_of_names<'a>(count: usize, name: &dyn Fn(usize) -> &'a str) -> Vec<usize> {
    order_of(0..count, &|a, b| name(a).cmp(name(b)))
}

/// The first name that stands there already, if there is one.
pub(super) fn given_twice<'a>(count: usize, name: &dyn Fn(usize) -> &'a str) -> Option<&'a str> {
    let (order, mut again) = (order_of_names(count, name), count);
    // Equal names stay in the order in which they were given.
    for pair in order.windows(2) {
        if pair[1] < again && name(pair[0]) == name(pair[1]) {
            again = pair[1];
        }
    }
    (again < count).then(|| name(again))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_order_is_that_of_the_standard_library() {
        let mut random = Random::new(3);
        for count in (0..40).chain([1000]) {
            // Few different ones, so that many are equal.
            let keys: Vec<usize> = (0..count).map(|_| random.below(1 + count / 3)).collect();
            let mut expected: Vec<usize> = (0..count).collect();
            expected.sort_by_key(|&place| keys[place]);
            assert_eq!(order_of(0..count, &|a, b| keys[a].cmp(&keys[b])), expected);
        }
    }

    #[test]
    fn the_first_name_again_is_found() {
        for (names, again) in [
            (&["b", "c", "a"][..], None),
            (&["b", "c", "c", "b"], Some("c")),
            (&["b", "c", "b", "c"], Some("b")),
            (&[], None),
        ] {
            assert_eq!(given_twice(names.len(), &|index| names[index]), again);
        }
    }
}
