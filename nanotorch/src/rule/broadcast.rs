//! Two operands laid over one result: which numbers meet.

use super::Layout;
use crate::element::Element;
use crate::shape::{Dims, MAX_RANK};

/// How two operands are repeated along the axes of a result, with axes merged where both run on.
///
/// Along the last of the merged axes an operand is either consecutive (step 1) or one number (step 0).
#[derive(Clone, Copy, Debug)]
pub struct Broadcasting {
    rank: usize,
    dims: Dims,
    strides: [Dims; 2],
}

impl Broadcasting {
    /// Operands that broadcast to the shape `result`.
    pub fn new(result: Layout, operands: [Layout; 2]) -> Broadcasting {
        let mut merged = Broadcasting { rank: 0, dims: [0; MAX_RANK], strides: [[0; MAX_RANK]; 2] };
        // Strides of each operand, 0 along axes that repeat it.
        let mut strides = [[0; MAX_RANK]; 2];
        for (strides, operand) in strides.iter_mut().zip(&operands) {
            let mut stride = 1;
            for axis in (0..result.rank()).rev() {
                let length = operand.aligned(result.rank(), axis);
                strides[axis] = if length == 1 { 0 } else { stride };
                stride *= length;
            }
        }
        for (axis, &length) in result.lengths().iter().enumerate() {
            if length == 1 {
                continue;
            }
            let runs_on = |operand: usize, last: usize| {
                merged.strides[operand][last] == strides[operand][axis] * length
            };
            match merged.rank.checked_sub(1) {
                Some(last) if runs_on(0, last) && runs_on(1, last) => {
                    merged.dims[last] *= length;
                    for (merged, strides) in merged.strides.iter_mut().zip(&strides) {
                        merged[last] = strides[axis];
                    }
                }
                _ => {
                    merged.dims[merged.rank] = length;
                    for (merged_strides, strides) in merged.strides.iter_mut().zip(&strides) {
                        merged_strides[merged.rank] = strides[axis];
                    }
                    merged.rank += 1;
                }
            }
        }
        if merged.rank == 0 {
            (merged.rank, merged.dims[0]) = (1, 1);
            merged.strides = [[1; MAX_RANK]; 2];
        }
        merged
    }

    /// The length of a run along the last merged axis.
    #[inline(always)]
    pub(super) fn run(&self) -> usize {
        self.dims[self.rank - 1]
    }

    /// Whether an operand is consecutive along a run, rather than one number.
    #[inline(always)]
    pub(super) fn runs(&self, operand: usize) -> bool {
        self.strides[operand][self.rank - 1] == 1
    }

    /// Whether neither operand is repeated.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.rank == 1 && self.runs(0) && self.runs(1)
    }

    /// Calls `visit` with the position of each run in the result, and in the operands.
    #[inline(always)]
    pub(super) fn for_each_run(&self, mut visit: impl FnMut(usize, [usize; 2])) {
        if self.dims[..self.rank].contains(&0) {
            return;
        }
        let (mut index, mut at, mut position) = ([0; MAX_RANK], [0; 2], 0);
        loop {
            visit(position, at);
            position += self.run();
            let mut axis = self.rank - 1;
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                index[axis] += 1;
                for (at, strides) in at.iter_mut().zip(&self.strides) {
                    *at += strides[axis];
                }
                if index[axis] < self.dims[axis] {
                    break;
                }
                for (at, strides) in at.iter_mut().zip(&self.strides) {
                    *at -= strides[axis] * self.dims[axis];
                }
                index[axis] = 0;
            }
        }
    }

    /// `y = f(a, b)`, element by element.
    pub fn zip<T: Element, U: Element>(&self, f: impl Fn(T, T) -> U, a: &[T], b: &[T], y: &mut [U]) {
        let run = self.run();
        self.for_each_run(|position, [first, second]| {
            let y = &mut y[position..][..run];
            match (self.runs(0), self.runs(1)) {
                (true, true) => {
                    for ((y, &a), &b) in y.iter_mut().zip(&a[first..][..run]).zip(&b[second..][..run]) {
                        *y = f(a, b);
                    }
                }
                (true, false) => {
                    let b = b[second];
                    y.iter_mut().zip(&a[first..][..run]).for_each(|(y, &a)| *y = f(a, b));
                }
                (false, true) => {
                    let a = a[first];
                    y.iter_mut().zip(&b[second..][..run]).for_each(|(y, &b)| *y = f(a, b));
                }
                (false, false) => y.fill(f(a[first], b[second])),
            }
        });
    }
}
