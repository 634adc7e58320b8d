//! Products whose sizes and layouts are known at run time only: checked, and handed to what suits them.

use super::block::{self, blocked};
use super::operand::Strided;
use super::target::Target;
use super::{Plain, vector};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, WithSimd};

/// C = C? + A B + bias.
pub(super) struct Product<'a, T> {
    /// Rows, columns, depth.
    pub(super) sizes: (usize, usize, usize),
    pub(super) a: Strided<'a, T>,
    pub(super) b: Strided<'a, T>,
    pub(super) c: &'a mut [T],
    /// From one row of C to the next.
    pub(super) leading: usize,
    pub(super) accumulate: Accumulate,
    pub(super) bias: Option<&'a [T]>,
    pub(super) workspace: &'a mut [T],
}

compiled!(Product);

impl<T: Float> WithSimd for Product<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.check();
        let Product { sizes: (m, n, k), a, b, c, leading, accumulate, bias, workspace } = self;
        let (target, workspace) = (Target::new(c, leading, accumulate, bias), workspace.as_mut_ptr());
        // SAFETY: checked above.
        unsafe {
            if m == 1 && a.row_major {
                vector::product(simd, n, k, b.transposed(), a.pointer, target, Plain);
            } else if a.row_major && !b.row_major && m <= block::SWAPPED && m < n {
                blocked(simd, (n, m, k), b.transposed(), a.transposed(), target, true, workspace);
            } else {
                blocked(simd, (m, n, k), a, b, target, false, workspace);
            }
        }
    }
}

impl<T: Float> Product<'_, T> {
    /// # Panics
    /// A slice is too short for the sizes.
    #[inline(always)]
    pub(super) fn check(&self) {
        let Product { sizes: (m, n, k), a, b, c, leading, bias, workspace, .. } = self;
        let (m, n, k) = (*m, *n, *k);
        let room = room((m, n, k), a.row_major, b.row_major);
        if !(a.holds(m, k)
            && b.holds(k, n)
            && (m == 0 || n == 0 || (m - 1) * leading + n <= c.len())
            && bias.is_none_or(|bias| bias.len() >= n)
            && workspace.len() >= room)
        {
            let lengths = [a.length, b.length, c.len(), bias.map_or(n, <[T]>::len), workspace.len()];
            too_short((m, n, k), room, lengths);
        }
    }
}

/// The workspace that a product needs.
#[inline(always)]
const fn room((m, n, k): (usize, usize, usize), a_row_major: bool, b_row_major: bool) -> usize {
    if m == 1 && a_row_major {
        0
    } else if a_row_major {
        super::row_major_workspace(n, k)
    } else if b_row_major {
        block::workspace((m, n, k), true)
    } else {
        super::workspace(n, k)
    }
}

#[cold]
#[inline(never)]
fn too_short((m, n, k): (usize, usize, usize), room: usize, lengths: [usize; 5]) -> ! {
    let [a, b, c, bias, workspace] = lengths;
    panic!(
        "a product of {m} x {k} by {k} x {n} doesn't fit factors of {a} and {b} numbers, a product of {c}, a bias of {bias} \
         and a workspace of {workspace}, which must have {room}"
    )
}
