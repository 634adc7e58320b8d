//! A matrix by a vector, and the sums of a matrix's columns: work at the speed of memory.

use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, Ordering};

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::operand::Strided;
use super::target::{Target, load};
use super::{Epilogue, Layout, Matrix};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// y(n) = map(y? + W(n, k) x(k) + bias).
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
    super::gemm(
        simd,
        (crate::extent::Const::<1>, n, k),
        super::rows(x, k.get()),
        w.transposed(),
        y,
        n.get(),
        accumulate,
        epilogue,
        &mut [],
    );
}

/// y(n) = map(y? + W(n, k) x(k) + bias).
/// # Safety
/// The matrix, the pointer and the target hold the sizes.
#[inline(always)]
pub(super) unsafe fn product<S: Simd, T: Float>(
    simd: S,
    n: usize,
    k: usize,
    w: Strided<'_, T>,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        if w.row_major {
            dot(simd, (n, k), w.pointer, w.leading, x, target, epilogue);
        } else {
            combine(simd, (n, k), w.pointer, w.leading, x, target, epilogue);
        }
    }
}

/// Bytes of a matrix from which on its rows are taken in alternating order.
const TURNED: usize = 1 << 18;

/// Whether a matrix's rows are to be taken from the last to the first: every other time.
///
/// A matrix that is a little larger than the cache, read from its begin to its end over and over, is never there: each line is
/// thrown out just before it is needed again. What was read last is there still, so that is where the next reading begins. The
/// sums are the same, each is of one row. Who shares a place in the table with another matrix, or with another thread, may read
/// twice in one direction, and no harm is done.
#[inline(always)]
fn is_turned(matrix: *const u8) -> bool {
    /// A prime, as matrices may lie at multiples of a power of two.
    const PLACES: usize = 61;
    static TURNS: [AtomicBool; PLACES] = [const { AtomicBool::new(false) }; PLACES];
    let turn = &TURNS[(matrix.addr() >> 12) % PLACES];
    let backward = turn.load(Ordering::Relaxed);
    turn.store(!backward, Ordering::Relaxed);
    backward
}

/// As many rows at once as a vector has lanes, each with a vector of partial sums, so that the sums end in a vector.
/// # Safety
/// The pointers and the target hold the sizes.
#[inline(always)]
unsafe fn dot<S: Simd, T: Float>(
    simd: S,
    (n, k): (usize, usize),
    w: *const T,
    leading: usize,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let backward = n * k * size_of::<T>() >= TURNED && is_turned(w.cast());
    let blocks = n.div_ceil(lanes);
    for block in 0..blocks {
        let first = lanes * if backward { blocks - 1 - block } else { block };
        let count = (n - first).min(lanes);
        // Rows beyond the last are read as the last, and their sums dropped.
        let offset = |i: usize| (first + i.min(count - 1)) * leading;
        let mut sums = GenericArray::generate(
            #[inline(always)]
            |_| zero,
        );
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
            target.put_mapped(simd, 0, first, count, VectorOf::<S, T>::sum_rows(sums), epilogue);
        }
    }
}

/// Columns of the matrix, each times a number, added up in registers for some outputs at a time.
/// # Safety
/// The pointers and the target hold the sizes.
#[inline(always)]
unsafe fn combine<S: Simd, T: Float>(
    simd: S,
    (n, k): (usize, usize),
    w: *const T,
    leading: usize,
    x: *const T,
    target: Target<T>,
    epilogue: impl Epilogue<S, T>,
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
                target.put_mapped(simd, 0, first + v * lanes, lanes, sum, epilogue);
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
            target.put_mapped(simd, 0, first, count, sum, epilogue);
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
    let (m, n) = (m.get(), n.get());
    assert!(super::rows(rows, leading).holds(m, n), "the matrix is shorter than {m} x {n}");
    assert!(sums.len() >= n, "there are {n} columns, and room for {} sums", sums.len());
    let target = Target::new(sums.as_mut_ptr(), n, accumulate, None);
    let work = ColumnSums { sizes: (m, n), rows: rows.as_ptr(), leading, target, borrow: PhantomData };
    if const { small_sums(M::KNOWN, N::KNOWN) } { work.run(simd) } else { work.call(simd) }
}

/// Whether the sums of a matrix of this size are to be part of their caller.
const fn small_sums(rows: Option<usize>, columns: Option<usize>) -> bool {
    matches!((rows, columns), (Some(rows), Some(columns)) if rows * columns <= 1024)
}

struct ColumnSums<'a, T> {
    sizes: (usize, usize),
    rows: *const T,
    leading: usize,
    target: Target<T>,
    /// All hold the sizes as long as it lives.
    borrow: PhantomData<&'a mut T>,
}

compiled!(ColumnSums);

impl<T: Float> WithSimd for ColumnSums<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        const CHAINS: usize = 4;
        let ColumnSums { sizes: (m, n), rows, leading, target, .. } = self;
        let lanes = VectorOf::<S, T>::LANES;
        for first in (0..n).step_by(lanes) {
            let count = (n - first).min(lanes);
            let mut chains = [VectorOf::<S, T>::zero(simd); CHAINS];
            // SAFETY: rows below m, columns below n.
            unsafe {
                let mut row = 0;
                while row + CHAINS <= m {
                    for (chain, sum) in chains.iter_mut().enumerate() {
                        *sum += load(simd, rows.add((row + chain) * leading + first), count);
                    }
                    row += CHAINS;
                }
                while row < m {
                    chains[row % CHAINS] += load(simd, rows.add(row * leading + first), count);
                    row += 1;
                }
                let [a, b, c, d] = chains;
                target.put(simd, 0, first, count, (a + b) + (c + d));
            }
        }
    }
}
