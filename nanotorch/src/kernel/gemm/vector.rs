//! A matrix by a vector: work at the speed of memory.

use core::sync::atomic::{AtomicBool, Ordering};

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::operand::Strided;
use super::target::Target;
use super::{Epilogue, Layout, Matrix};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

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
    // How many numbers each row begins behind a line of the cache.
    let skew = if VectorOf::<S, T>::JOINS && lanes == 2 * HALF && leading.is_multiple_of(lanes) && k >= LONG {
        w.addr() / size_of::<T>() % lanes
    } else {
        0
    };
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
            if skew > 0 {
                // By halves, as each row needs two registers.
                for half in 0..2 {
                    let mut rows = [w; HALF];
                    for (i, row) in rows.iter_mut().enumerate() {
                        *row = w.add(offset(half * HALF + i));
                    }
                    let part = skewed::<S, T>(simd, rows, k, x, skew);
                    for (i, part) in part.into_iter().enumerate() {
                        sums[half * HALF + i] = part;
                    }
                }
                p = k - k % lanes;
            }
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

/// Rows that are read at a time where they are out of step with the lines of the cache.
const HALF: usize = 8;
/// The length of a row from which on that is worth it.
const LONG: usize = 128;

/// The vectors of sums of [`dot`] for some rows that all begin `skew` numbers behind a line of the cache, but for the last
/// numbers, if there are fewer than a vector of them.
///
/// A large block from the allocator begins 16 bytes behind a line. Then each vector lies in two lines, which costs nearly twice
/// the time. Here lines are read as they are, and each vector is joined from two of them.
/// # Safety
/// Rows and vector have `k >= LANES` numbers; `0 < skew < LANES`.
#[inline(always)]
unsafe fn skewed<S: Simd, T: Float>(
    simd: S,
    rows: [*const T; HALF],
    k: usize,
    x: *const T,
    skew: usize,
) -> [VectorOf<S, T>; HALF] {
    let lanes = VectorOf::<S, T>::LANES;
    // Numbers of a row in its first line.
    let begin = lanes - skew;
    let mut sums = [VectorOf::<S, T>::zero(simd); HALF];
    let mut before = sums;
    let mut p = 0;
    // SAFETY: the caller's promise.
    unsafe {
        for (row, before) in rows.into_iter().zip(&mut before) {
            let first = VectorOf::<S, T>::load_pointer(simd, row);
            *before = first.join(first, begin);
        }
        while p + begin + lanes <= k {
            let factor = VectorOf::<S, T>::load_pointer(simd, x.add(p));
            for i in 0..HALF {
                let line = VectorOf::<S, T>::load_pointer(simd, rows[i].add(p + begin));
                sums[i] = before[i].join(line, skew).mul_add(factor, sums[i]);
                before[i] = line;
            }
            p += lanes;
        }
        while p + lanes <= k {
            let factor = VectorOf::<S, T>::load_pointer(simd, x.add(p));
            for i in 0..HALF {
                sums[i] = VectorOf::<S, T>::load_pointer(simd, rows[i].add(p)).mul_add(factor, sums[i]);
            }
            p += lanes;
        }
    }
    sums
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
