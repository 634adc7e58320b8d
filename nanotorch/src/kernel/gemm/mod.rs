//! Products of matrices: C = A B, with either factor transposed, a bias or an activation on the way out.
//!
//! | a dense layer's | as a product | |
//! | --- | --- | --- |
//! | forward | Y(m, n) = X(m, k) W(n, k)ᵀ + b(n) | `gemm(.., rows(x, k), columns(w, k), .., Bias(b))` |
//! | data gradient | dX(m, k) = dY(m, n) W(n, k) | `gemm(.., rows(dy, n), rows(w, k), .., Plain)` |
//! | weight gradient | dW(n, k) += dY(m, n)ᵀ X(m, k) | `gemm(.., columns(dy, n), rows(x, k), .., Plain)` |
//!
//! Sizes known when the program is compiled, if all are small, become part of the caller; all others go through the same few
//! functions, which are compiled in this crate. There the order of each sum depends on the depth alone, so a row has the same
//! bits whatever the other rows are, and a product may be split by rows or columns. A single row is the exception: it is a
//! [`matrix_vector`].

mod beside;
mod block;
mod epilogue;
mod operand;
mod part;
mod product;
mod short;
mod small;
mod strip;
mod sums;
mod target;
mod tile;
mod vector;

pub use epilogue::{Bias, Epilogue, Plain, Then};
#[cfg(feature = "convolution")]
pub(in crate::kernel) use operand::transpose;
pub use operand::{ColumnMajor, Layout, Matrix, RowMajor, columns, rows};
pub use sums::{column_sums, column_sums_on};
pub use vector::matrix_vector;

use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};
use crate::threads::Threads;
use product::{OneRow, Product};
use target::Target;

/// Numbers of workspace for [`gemm`] of these sizes, any number of rows and any layouts, whatever the instruction set.
pub const fn workspace(columns: usize, depth: usize) -> usize {
    // Either factor may be the one that is copied.
    let direct = larger(
        block::workspace((usize::MAX, columns, depth), false),
        block::workspace((usize::MAX, columns, depth), true),
    );
    larger(direct, swapped_workspace(columns, depth))
}

/// Numbers of workspace for [`gemm`] of a left factor that lies row by row.
pub const fn row_major_workspace(columns: usize, depth: usize) -> usize {
    larger(block::workspace((usize::MAX, columns, depth), false), swapped_workspace(columns, depth))
}

/// Numbers of workspace for [`gemm`] of a left factor that lies column by column and a right one that lies row by row, of any
/// depth: for a weight gradient, whose depth is the batch.
pub const fn column_major_workspace(rows: usize, columns: usize) -> usize {
    block::workspace((rows, columns, usize::MAX), true)
}

const fn swapped_workspace(columns: usize, depth: usize) -> usize {
    let rows = if columns < block::SWAPPED { columns } else { block::SWAPPED };
    block::workspace((columns, rows, depth), false)
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Whether [`gemm`] of these sizes becomes part of its caller; if it doesn't, it is the same function for all sizes.
pub const fn is_inlined<M: Extent, N: Extent, K: Extent>() -> bool {
    small::is_small(M::KNOWN, N::KNOWN, K::KNOWN)
}

/// C(m, n) = map(C? + A(m, k) B(k, n) + bias(n)).
///
/// The workspace has as many numbers as [`workspace`] says, or as one of its kin does for the factors' layouts; a single row
/// needs none.
/// # Panics
/// A slice is too short for the sizes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "three sizes, two factors, a target and room to work")]
pub fn gemm<S, T, M, N, K, LA, LB, E>(
    simd: S,
    sizes: (M, N, K),
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
    gemm_on(Threads::ALONE, simd, sizes, a, b, c, leading, accumulate, epilogue, workspace);
}

/// As [`gemm`], on several threads where it is large, with the same bits.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "as of `gemm`")]
pub fn gemm_on<S, T, M, N, K, LA, LB, E>(
    threads: Threads<'_>,
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
    let (columns, sizes) = (n, (m.get(), n.get(), k.get()));
    let bias = epilogue.bias();
    let product =
        Product::new(sizes, a.strided(), b.strided(), c, leading, accumulate, bias, workspace, threads);
    let pointer = product.c;
    if const { is_inlined::<M, N, K>() && VectorOf::<S, T>::LANES > 1 } {
        product.check();
        let target = Target::new(pointer, leading, accumulate, bias);
        let sizes = (sizes.0, columns, sizes.2);
        // SAFETY: checked above.
        unsafe { small::small(simd, sizes, a, b, target, epilogue, product.workspace) };
        return;
    }
    if const { matches!(M::KNOWN, Some(1)) && LA::ROW_MAJOR } {
        OneRow(product).call(simd);
    } else {
        product.call(simd);
    }
    if E::MAPS {
        let target = Target::new(pointer, leading, accumulate, None);
        // SAFETY: the product was checked to have the sizes.
        unsafe { map_all(simd, (sizes.0, sizes.1), target, epilogue) };
    }
}

/// C = map(C), where the sums have been stored before.
/// # Safety
/// The product has `m` rows and `n` columns.
#[inline(always)]
unsafe fn map_all<S: Simd, T: Float>(
    simd: S,
    (m, n): (usize, usize),
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    for row in 0..m {
        for column in (0..n).step_by(lanes) {
            let (place, count) = (target.place(row, column), (n - column).min(lanes));
            // SAFETY: the caller's promise.
            unsafe { target::store(epilogue.map(simd, target::load(simd, place, count)), place, count) };
        }
    }
}
