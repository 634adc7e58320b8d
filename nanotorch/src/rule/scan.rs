//! Running sums, and orders.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::{Edges, Kind, Layout, Room, Rule};
use crate::element::{Element, Float};

/// `y[i] = x[0] + .. + x[i]` along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Cumulate {
    /// The shape of operand and result.
    pub layout: Layout,
    /// The axis.
    pub axis: usize,
}

impl Cumulate {
    /// Running sums, from the last on where `backwards`.
    fn sums<T: Float>(&self, x: &[T], y: &mut [T], backwards: bool) {
        let (_, length, inner) = self.layout.around(self.axis);
        y.copy_from_slice(x);
        if length * inner == 0 {
            return;
        }
        for y in y.chunks_exact_mut(length * inner) {
            for step in 1..length {
                let (to, from) =
                    if backwards { (length - 1 - step, length - step) } else { (step, step - 1) };
                for place in 0..inner {
                    let before = y[from * inner + place];
                    y[to * inner + place] += before;
                }
            }
        }
    }
}

impl<T: Float> Rule<T> for Cumulate {
    fn name(&self) -> &'static str {
        "CumSum"
    }
    fn layout(&self) -> Layout {
        self.layout
    }
    fn kind(&self) -> Kind {
        Kind::Linear
    }
    fn forward(&self, x: &[&[T]], y: &mut [T], _: Room<'_, T>) {
        self.sums(x[0], y, false);
    }
    fn backward(&self, edges: Edges<'_, '_, T>, _: &mut [T]) {
        self.sums(edges.dy, edges.dx[0], true);
    }
}

/// For each place of the result, along the axis, the place in the operand of the number that belongs there: the `count` first
/// ones by size, equals in the order in which they are. NaN is larger than all else, as in PyTorch.
pub fn order_by<T: Element>(
    x: &[T],
    layout: Layout,
    axis: usize,
    count: usize,
    descending: bool,
) -> Vec<usize> {
    let (outer, length, inner) = layout.around(axis);
    let mut places = alloc::vec![0; outer * count * inner];
    let mut order = Vec::with_capacity(length);
    for block in 0..outer {
        for place in 0..inner {
            let at = |index: usize| (block * length + index) * inner + place;
            order.clear();
            order.extend(0..length);
            order.sort_by(|&a, &b| {
                let order = compare(&x[at(a)], &x[at(b)]);
                if descending { order.reverse() } else { order }
            });
            for (index, &from) in order.iter().take(count).enumerate() {
                places[(block * count + index) * inner + place] = at(from);
            }
        }
    }
    places
}

/// By size, NaN last.
fn compare<T: Element>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| {
        let is_nan = |x: &T| x.partial_cmp(x).is_none();
        is_nan(a).cmp(&is_nan(b))
    })
}
