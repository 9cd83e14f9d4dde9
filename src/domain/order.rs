//! Sorting by one routine. The standard library's is compiled again for each type and each comparison: 195 KB of 6.3 MB in all, which every
//! hook would have to load.

use std::cmp::Ordering;

/// Sorts as [`slice::sort_by`] does: equal elements keep their order.
pub fn by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..list.len()).collect();
    sort(&mut places, &|a, b| compare(&list[a], &list[b]));
    // Cycle by cycle, each position gets its final element.
    for start in 0..list.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut places[at], at);
            if from == start {
                break;
            }
            list.swap(at, from);
            at = from;
        }
    }
}

/// Sorts as [`slice::sort_by_key`] does.
pub fn by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    by(list, |a, b| key(a).cmp(&key(b)));
}

#[expect(clippy::disallowed_methods, reason = "this is the one")]
fn sort(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|a, b| compare(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        #[expect(clippy::disallowed_methods, reason = "it is compared with that")]
        fn as_the_standard_library_does(list: Vec<(u8, u16)>) {
            let (mut ours, mut theirs) = (list.clone(), list);
            by_key(&mut ours, |(key, _)| key % 16);
            theirs.sort_by_key(|(key, _)| key % 16);
            prop_assert_eq!(ours, theirs);
        }
    }
}
