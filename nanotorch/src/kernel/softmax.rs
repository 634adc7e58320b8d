//! Softmax and log-softmax over the rows of a matrix, forward and backward.
//!
//! A row that fits in one register is read once and written once; a longer one is read three times. The loss that is built on
//! them is [`crate::kernel::cross_entropy`].

use super::math::{exp_or_zero, log};
use super::span::{Span, fold_spans, for_each_span};
use crate::element::Float;
use crate::extent::Extent;
use crate::simd::{Simd, Vector, VectorOf};

/// The largest number of `x`, unspecified if one is NaN.
#[inline(always)]
pub(super) fn row_maximum<S: Simd, T: Float>(simd: S, x: &[T]) -> T {
    type V<S, T> = VectorOf<S, T>;
    let lowest = V::<S, T>::splat(simd, T::NEG_INFINITY);
    fold_spans(
        x.len(),
        lowest,
        #[inline(always)]
        // SAFETY: spans lie within the row.
        |largest, span| unsafe { span.load_or(x, lowest) }.max(largest),
        #[inline(always)]
        |a, b| a.max(b),
    )
    .maximum()
}

/// The span of row `row` where a row is at most a register.
#[inline(always)]
pub(super) fn row_span<V: Vector>(row: usize, n: usize) -> Span {
    if n == V::LANES { Span::whole(row * n) } else { Span::rest(row * n, n) }
}

/// The number of rows of `n`.
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
fn rows_of(n: usize, length: usize, others: [usize; 2]) -> usize {
    assert!(others == [length; 2], "slices of {length}, {} and {} numbers", others[0], others[1]);
    if length == 0 {
        return 0;
    }
    assert!(n > 0 && length.is_multiple_of(n), "{length} numbers aren't rows of {n}");
    length / n
}

/// `y[r, c] = exp(x[r, c]) / sum over k of exp(x[r, k])`.
///
/// `x` and `y` are `[rows, n]`. The largest number of a row is subtracted first, so that nothing overflows.
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn softmax<S: Simd, T: Float>(simd: S, n: impl Extent, x: &[T], y: &mut [T]) {
    type V<S, T> = VectorOf<S, T>;
    let n = n.get();
    let rows = rows_of(n, x.len(), [y.len(); 2]);
    let lowest = V::<S, T>::splat(simd, T::NEG_INFINITY);
    for row in 0..rows {
        if n <= V::<S, T>::LANES {
            let span = row_span::<V<S, T>>(row, n);
            // SAFETY: the span is a row of both matrices.
            unsafe {
                let x = span.load_or(x, lowest);
                let e = exp_or_zero(x - V::<S, T>::splat(simd, x.maximum()));
                span.store(e / V::<S, T>::splat(simd, e.sum()), y);
            }
            continue;
        }
        let (x, y) = (&x[row * n..][..n], &mut y[row * n..][..n]);
        let largest = V::<S, T>::splat(simd, row_maximum(simd, x));
        let sum = sum_of_exponentials(
            simd,
            x,
            largest,
            #[inline(always)]
            // SAFETY: spans lie within the row.
            |span, e| unsafe { span.store(e, y) },
        );
        let factor = V::<S, T>::splat(simd, T::ONE / sum);
        for_each_span::<V<S, T>, 4>(
            n,
            #[inline(always)]
            // SAFETY: spans lie within the row.
            |span| unsafe { span.store(span.load::<V<S, T>>(simd, y) * factor, y) },
        );
    }
}

/// `y[r, c] = x[r, c] - log(sum over k of exp(x[r, k]))`.
///
/// `x` and `y` are `[rows, n]`. The largest number of a row is subtracted first, so that nothing overflows.
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn log_softmax<S: Simd, T: Float>(simd: S, n: impl Extent, x: &[T], y: &mut [T]) {
    type V<S, T> = VectorOf<S, T>;
    let n = n.get();
    let rows = rows_of(n, x.len(), [y.len(); 2]);
    let lowest = V::<S, T>::splat(simd, T::NEG_INFINITY);
    for row in 0..rows {
        if n <= V::<S, T>::LANES {
            let span = row_span::<V<S, T>>(row, n);
            // SAFETY: the span is a row of both matrices.
            unsafe {
                let x = span.load_or(x, lowest);
                let shifted = x - V::<S, T>::splat(simd, x.maximum());
                let sum = exp_or_zero(shifted).sum();
                span.store(shifted - log(V::<S, T>::splat(simd, sum)), y);
            }
            continue;
        }
        let (x, y) = (&x[row * n..][..n], &mut y[row * n..][..n]);
        let largest = V::<S, T>::splat(simd, row_maximum(simd, x));
        let sum = sum_of_exponentials(simd, x, largest, |_, _| {});
        let log_sum = log(V::<S, T>::splat(simd, sum));
        for_each_span::<V<S, T>, 4>(
            n,
            #[inline(always)]
            // SAFETY: spans lie within the row.
            |span| unsafe { span.store(span.load::<V<S, T>>(simd, x) - largest - log_sum, y) },
        );
    }
}

/// The sum of `exp(x[c] - largest)`; each term is handed to `keep`.
#[inline(always)]
pub(super) fn sum_of_exponentials<S: Simd, T: Float>(
    simd: S,
    x: &[T],
    largest: VectorOf<S, T>,
    mut keep: impl FnMut(Span, VectorOf<S, T>),
) -> T {
    let lowest = VectorOf::<S, T>::splat(simd, T::NEG_INFINITY);
    fold_spans(
        x.len(),
        VectorOf::<S, T>::zero(simd),
        #[inline(always)]
        |sum, span| {
            // SAFETY: spans lie within the row.
            let e = exp_or_zero(unsafe { span.load_or(x, lowest) } - largest);
            keep(span, e);
            sum + e
        },
        #[inline(always)]
        |a, b| a + b,
    )
    .sum()
}

/// `dx[r, c] = y[r, c] (dy[r, c] - sum over k of dy[r, k] y[r, k])`: the backward of [`softmax`] from its output `y`.
///
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn softmax_backward<S: Simd, T: Float>(simd: S, n: impl Extent, y: &[T], dy: &[T], dx: &mut [T]) {
    type V<S, T> = VectorOf<S, T>;
    let n = n.get();
    let rows = rows_of(n, y.len(), [dy.len(), dx.len()]);
    for row in 0..rows {
        let (y, dy, dx) = (&y[row * n..][..n], &dy[row * n..][..n], &mut dx[row * n..][..n]);
        let dot = fold_spans(
            n,
            V::<S, T>::zero(simd),
            #[inline(always)]
            // SAFETY: spans lie within the rows.
            |sum, span| unsafe { span.load::<V<S, T>>(simd, y).mul_add(span.load(simd, dy), sum) },
            #[inline(always)]
            |a, b| a + b,
        );
        let dot = V::<S, T>::splat(simd, dot.sum());
        for_each_span::<V<S, T>, 4>(
            n,
            #[inline(always)]
            // SAFETY: spans lie within the rows.
            |span| unsafe {
                span.store(span.load::<V<S, T>>(simd, y) * (span.load::<V<S, T>>(simd, dy) - dot), dx)
            },
        );
    }
}

/// `dx[r, c] = dy[r, c] - exp(y[r, c]) sum over k of dy[r, k]`: the backward of [`log_softmax`] from its output `y`.
///
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn log_softmax_backward<S: Simd, T: Float>(simd: S, n: impl Extent, y: &[T], dy: &[T], dx: &mut [T]) {
    type V<S, T> = VectorOf<S, T>;
    let n = n.get();
    let rows = rows_of(n, y.len(), [dy.len(), dx.len()]);
    for row in 0..rows {
        let (y, dy, dx) = (&y[row * n..][..n], &dy[row * n..][..n], &mut dx[row * n..][..n]);
        let sum = fold_spans(
            n,
            V::<S, T>::zero(simd),
            #[inline(always)]
            // SAFETY: spans lie within the rows.
            |sum, span| sum + unsafe { span.load::<V<S, T>>(simd, dy) },
            #[inline(always)]
            |a, b| a + b,
        );
        let sum = V::<S, T>::splat(simd, sum.sum());
        for_each_span::<V<S, T>, 2>(
            n,
            #[inline(always)]
            |span| {
                // SAFETY: spans lie within the rows.
                unsafe {
                    let probability = exp_or_zero(span.load::<V<S, T>>(simd, y));
                    span.store(probability.neg_mul_add(sum, span.load(simd, dy)), dx);
                }
            },
        );
    }
}
