//! A matrix by a vector, and the sums of a matrix's columns: work at the speed of memory.

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::tile::Target;
use super::{Epilogue, Layout, Matrix, Plain};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// y(n) = finish(y? + W(n, k) x(k)).
///
/// The epilogue sees row 0 of a product with n columns, as in the product x(1, k) W(n, k)ᵀ that this is.
///
/// Sums over the depth: of a row-major W, lane by lane, then the lanes in pairs; of a column-major one, in order.
/// # Panics
/// A slice is too short for the sizes.
#[inline(always)]
pub fn matrix_vector<S, T, N, K, L, E>(
    simd: S,
    (n, k): (N, K),
    w: Matrix<'_, T, L>,
    x: &[T],
    y: &mut [T],
    accumulate: Accumulate,
    epilogue: E,
) where
    S: Simd,
    T: Float,
    N: Extent,
    K: Extent,
    L: Layout,
    E: Epilogue<S, T>,
{
    let (n, k) = (n.get(), k.get());
    assert!(w.holds(n, k), "the matrix is shorter than {n} x {k}");
    assert!(x.len() >= k && y.len() >= n, "{k} numbers in and {n} out don't fit the slices");
    assert!(epilogue.holds(1, n), "the epilogue is for fewer than {n} columns");
    let target = Target { pointer: y.as_mut_ptr(), leading: n, accumulate, finished: true, epilogue };
    // SAFETY: checked above.
    unsafe { product(simd, n, k, w, x.as_ptr(), target) }
}

/// As [`matrix_vector`].
/// # Safety
/// The matrix, the pointer and the target hold the sizes.
#[inline(always)]
pub(super) unsafe fn product<S, T, L, E>(
    simd: S,
    n: usize,
    k: usize,
    w: Matrix<'_, T, L>,
    x: *const T,
    target: Target<T, E>,
) where
    S: Simd,
    T: Float,
    L: Layout,
    E: Epilogue<S, T>,
{
    // SAFETY: the caller's promise.
    unsafe {
        if L::ROW_MAJOR {
            dot(simd, n, k, w.pointer(), w.row_step(), x, target);
        } else {
            combine(simd, n, k, w.pointer(), w.column_step(), x, target);
        }
    }
}

/// As many rows at once as a vector has lanes, each with a vector of partial sums, so that the sums end in a vector.
/// # Safety
/// The pointers and the target hold the sizes.
#[inline(always)]
unsafe fn dot<S: Simd, T: Float, E: Epilogue<S, T>>(
    simd: S,
    n: usize,
    k: usize,
    w: *const T,
    leading: usize,
    x: *const T,
    target: Target<T, E>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    for first in (0..n).step_by(lanes) {
        let count = (n - first).min(lanes);
        // Rows beyond the last are read as the last, and their sums dropped.
        let offset = |i: usize| (first + i.min(count - 1)) * leading;
        let mut sums = GenericArray::generate(|_| zero);
        let mut p = 0;
        // SAFETY: rows and columns below n and k.
        unsafe {
            while p + lanes <= k {
                let factor = VectorOf::<S, T>::load_pointer(simd, x.add(p));
                for i in 0..lanes {
                    let row = VectorOf::<S, T>::load_pointer(simd, w.add(offset(i) + p));
                    sums[i] = row.mul_add(factor, sums[i]);
                }
                p += lanes;
            }
            if p < k {
                let factor = VectorOf::<S, T>::load_partial_pointer(simd, x.add(p), k - p, zero);
                for i in 0..lanes {
                    let row = VectorOf::<S, T>::load_partial_pointer(simd, w.add(offset(i) + p), k - p, zero);
                    sums[i] = row.mul_add(factor, sums[i]);
                }
            }
            target.put(simd, 0, first, count, VectorOf::<S, T>::sum_rows(sums));
        }
    }
}

/// Columns of the matrix, each times a number, added up in registers for some outputs at a time.
/// # Safety
/// The pointers and the target hold the sizes.
#[inline(always)]
unsafe fn combine<S: Simd, T: Float, E: Epilogue<S, T>>(
    simd: S,
    n: usize,
    k: usize,
    w: *const T,
    leading: usize,
    x: *const T,
    target: Target<T, E>,
) {
    const WIDE: usize = 8;
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let mut first = 0;
    // SAFETY: rows and columns below n and k.
    unsafe {
        while first + WIDE * lanes <= n {
            let mut sums = [zero; WIDE];
            for p in 0..k {
                let factor = VectorOf::<S, T>::splat(simd, *x.add(p));
                for (v, sum) in sums.iter_mut().enumerate() {
                    let column = VectorOf::<S, T>::load_pointer(simd, w.add(p * leading + first + v * lanes));
                    *sum = factor.mul_add(column, *sum);
                }
            }
            for (v, sum) in sums.into_iter().enumerate() {
                target.put(simd, 0, first + v * lanes, lanes, sum);
            }
            first += WIDE * lanes;
        }
        while first < n {
            let count = (n - first).min(lanes);
            let mut sum = zero;
            for p in 0..k {
                let factor = VectorOf::<S, T>::splat(simd, *x.add(p));
                let column =
                    VectorOf::<S, T>::load_partial_pointer(simd, w.add(p * leading + first), count, zero);
                sum = factor.mul_add(column, sum);
            }
            target.put(simd, 0, first, count, sum);
            first += lanes;
        }
    }
}

/// sums(n) = sums? + Σ_m rows(m, n): the gradient of a bias.
///
/// Rows are added in order, in four interleaved chains that are added at the end.
/// # Panics
/// A slice is too short for the sizes.
#[inline(always)]
pub fn column_sums<S, T, M, N>(
    simd: S,
    (m, n): (M, N),
    rows: &[T],
    leading: usize,
    sums: &mut [T],
    accumulate: Accumulate,
) where
    S: Simd,
    T: Float,
    M: Extent,
    N: Extent,
{
    const CHAINS: usize = 4;
    let (m, n) = (m.get(), n.get());
    assert!(super::rows(rows, leading).holds(m, n), "the matrix is shorter than {m} x {n}");
    assert!(sums.len() >= n, "there are {n} columns, and room for {} sums", sums.len());
    let target =
        Target { pointer: sums.as_mut_ptr(), leading: n, accumulate, finished: true, epilogue: Plain };
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    for first in (0..n).step_by(lanes) {
        let count = (n - first).min(lanes);
        let mut chains = [zero; CHAINS];
        // SAFETY: rows below m, columns below n.
        unsafe {
            let load = |row: usize| {
                let from = rows.as_ptr().add(row * leading + first);
                if count == lanes {
                    VectorOf::<S, T>::load_pointer(simd, from)
                } else {
                    VectorOf::<S, T>::load_partial_pointer(simd, from, count, zero)
                }
            };
            let mut row = 0;
            while row + CHAINS <= m {
                for (chain, sum) in chains.iter_mut().enumerate() {
                    *sum += load(row + chain);
                }
                row += CHAINS;
            }
            while row < m {
                chains[row % CHAINS] += load(row);
                row += 1;
            }
            let [a, b, c, d] = chains;
            target.put(simd, 0, first, count, (a + b) + (c + d));
        }
    }
}
