//! The sums of a matrix's columns.

use core::marker::PhantomData;

use super::target::{Target, load};
use crate::element::Float;
use crate::extent::Extent;
use crate::kernel::Accumulate;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::Threads;

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

/// Numbers that are worth handing to another thread.
const LEAST: usize = 32 * 1024;

/// As [`column_sums`], on several threads where the matrix is large: each has columns of its own.
/// # Panics
/// As [`column_sums`].
#[inline(always)]
pub fn column_sums_on<S, T, M, N>(
    threads: Threads<'_>,
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
    let parts = threads.parts(m.get() * n.get(), LEAST);
    if parts == 1 {
        return column_sums(simd, (m, n), rows, leading, sums, accumulate);
    }
    let columns = n.get();
    assert!(sums.len() >= columns, "there are {columns} columns, and room for {} sums", sums.len());
    // A line of the cache, so that no two threads write to the same one.
    let line = 64 / size_of::<T>();
    threads.each_part(parts, line, &mut sums[..columns], &|first, sums| {
        column_sums(simd, (m.get(), sums.len()), &rows[first..], leading, sums, accumulate);
    });
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
