//! Products of matrices: C = A B, with either factor transposed, a bias or an activation on the way out.
//!
//! | a dense layer's | as a product | |
//! | --- | --- | --- |
//! | forward | Y(m, n) = X(m, k) W(n, k)ᵀ + b(n) | `gemm(.., rows(x, k), columns(w, k), .., Bias(b))` |
//! | data gradient | dX(m, k) = dY(m, n) W(n, k) | `gemm(.., rows(dy, n), rows(w, k), .., Plain)` |
//! | weight gradient | dW(n, k) += dY(m, n)ᵀ X(m, k) | `gemm(.., columns(dy, n), rows(x, k), .., Plain)` |
//!
//! Sizes known when the program is compiled, if small, become part of the caller; all others share one function for each form.
//! In that function the order of each sum depends on the depth alone, so a row has the same bits whatever the other rows are,
//! and a product may be split by rows or columns. A single row is the exception: it is a [`matrix_vector`].

mod block;
mod epilogue;
mod operand;
mod small;
mod tile;
mod vector;

#[cfg(test)]
mod tests;

pub use epilogue::{Bias, Epilogue, Plain, Then};
pub(in crate::kernel) use operand::transpose;
pub use operand::{ColumnMajor, Layout, Matrix, Panels, RowMajor, columns, rows};
pub use vector::{column_sums, matrix_vector};

use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::simd::Simd;
use tile::Target;

/// Numbers of workspace for [`gemm`] of these sizes and any number of rows, whatever the instruction set.
pub const fn workspace(columns: usize, depth: usize) -> usize {
    // The left factor may be the one that is copied.
    let direct = block::workspace(columns, depth);
    let swapped = block::workspace(SWAPPED, depth);
    if direct > swapped { direct } else { swapped }
}

/// C(m, n) = finish(C? + A(m, k) B(k, n)).
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "three sizes, two factors, a target and room to work")]
pub fn gemm<S, T, M, N, K, LA, LB, E>(
    simd: S,
    (m, n, k): (M, N, K),
    a: Matrix<'_, T, LA>,
    b: Matrix<'_, T, LB>,
    c: &mut [T],
    leading: usize,
    accumulate: Accumulate,
    epilogue: E,
    workspace: &mut [T],
) where
    S: Simd,
    T: Float,
    M: Extent,
    N: Extent,
    K: Extent,
    LA: Layout,
    LB: Layout,
    E: Epilogue<S, T>,
{
    let (columns, (m, n, k)) = (n, (m.get(), n.get(), k.get()));
    assert!(a.holds(m, k) && b.holds(k, n), "a factor is shorter than {m} x {k} or {k} x {n}");
    assert!(m == 0 || n == 0 || (m - 1) * leading + n <= c.len(), "the product has no room for {m} x {n}");
    assert!(epilogue.holds(m, n), "the epilogue is for less than {m} x {n}");
    let room = self::workspace(n, k);
    assert!(workspace.len() >= room, "a workspace of {} numbers, where {room} are needed", workspace.len());
    let target = Target { pointer: c.as_mut_ptr(), leading, accumulate, finished: true, epilogue };
    // SAFETY: checked above.
    unsafe {
        if const { small::is_small(M::KNOWN, N::KNOWN, K::KNOWN) } {
            small::small(simd, (m, columns, k), a, b, target, workspace);
        } else {
            large(simd, (m, n, k), a, b, target, workspace);
        }
    }
}

/// The products that are shared by all sizes.
/// # Safety
/// The factors, the target and its epilogue hold the sizes; the workspace has room.
#[inline(never)]
unsafe fn large<S, T, LA, LB, E>(
    simd: S,
    (m, n, k): (usize, usize, usize),
    a: Matrix<'_, T, LA>,
    b: Matrix<'_, T, LB>,
    target: Target<T, E>,
    workspace: &mut [T],
) where
    S: Simd,
    T: Float,
    LA: Layout,
    LB: Layout,
    E: Epilogue<S, T>,
{
    simd.vectorize(
        #[inline(always)]
        || {
            // SAFETY: the caller's promise.
            unsafe {
                if m == 1 && LA::ROW_MAJOR {
                    vector::product(simd, n, k, b.transposed(), a.pointer(), target);
                } else if !LB::ROW_MAJOR && LA::ROW_MAJOR && prefer_swapped(m, n) {
                    let (left, right) = (b.transposed().with_layout::<RowMajor>(), a.transposed());
                    block::blocked::<S, T, _, _, E, true>(simd, (n, m, k), left, right, target, workspace);
                } else if LA::ROW_MAJOR {
                    let left = a.with_layout::<RowMajor>();
                    block::blocked::<S, T, _, _, E, false>(simd, (m, n, k), left, b, target, workspace);
                } else {
                    let left = a.with_layout::<ColumnMajor>();
                    block::blocked::<S, T, _, _, E, false>(simd, (m, n, k), left, b, target, workspace);
                }
            }
        },
    )
}

/// Rows of A for which [`prefer_swapped`] may be true, at most.
const SWAPPED: usize = 96;

/// Whether Cᵀ = B Aᵀ is to be computed for C = A Bᵀ: where A has fewer rows than B, it is the cheaper one to copy.
const fn prefer_swapped(m: usize, n: usize) -> bool {
    m <= SWAPPED && m < n
}
