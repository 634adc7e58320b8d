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

/// Where a function of rows reads and where it writes: two matrices, or one in which results take the place of what was read.
trait Edge<T> {
    /// The edge at some rows.
    type Part<'a>: Edge<T>
    where
        Self: 'a;
    /// The edge at `length` numbers from `start` on.
    fn part(&mut self, start: usize, length: usize) -> Self::Part<'_>;
    /// What is read.
    fn source(&self) -> &[T];
    /// What is written, as long as what is read.
    fn target(&mut self) -> &mut [T];
}

/// From one matrix to another.
struct Apart<'s, T> {
    source: &'s [T],
    target: &'s mut [T],
}

impl<'s, T> Apart<'s, T> {
    /// # Panics
    /// The lengths differ.
    #[inline(always)]
    fn new(source: &'s [T], target: &'s mut [T]) -> Self {
        assert_eq!(source.len(), target.len(), "one result for each number");
        Apart { source, target }
    }
}

impl<T> Edge<T> for Apart<'_, T> {
    type Part<'a>
        = Apart<'a, T>
    where
        Self: 'a;
    #[inline(always)]
    fn part(&mut self, start: usize, length: usize) -> Apart<'_, T> {
        Apart { source: &self.source[start..][..length], target: &mut self.target[start..][..length] }
    }
    #[inline(always)]
    fn source(&self) -> &[T] {
        self.source
    }
    #[inline(always)]
    fn target(&mut self) -> &mut [T] {
        self.target
    }
}

/// In one matrix.
struct InPlace<'s, T>(&'s mut [T]);

impl<T> Edge<T> for InPlace<'_, T> {
    type Part<'a>
        = InPlace<'a, T>
    where
        Self: 'a;
    #[inline(always)]
    fn part(&mut self, start: usize, length: usize) -> InPlace<'_, T> {
        InPlace(&mut self.0[start..][..length])
    }
    #[inline(always)]
    fn source(&self) -> &[T] {
        self.0
    }
    #[inline(always)]
    fn target(&mut self) -> &mut [T] {
        self.0
    }
}

/// The number of rows of `n`.
/// # Panics
/// The length isn't whole rows.
#[inline(always)]
fn rows_of(n: usize, length: usize) -> usize {
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
    softmax_at(simd, n.get(), Apart::new(x, y));
}

/// As [`softmax`], with the result in the place of `y`.
/// # Panics
/// The length isn't whole rows.
#[inline(always)]
pub fn softmax_in_place<S: Simd, T: Float>(simd: S, n: impl Extent, y: &mut [T]) {
    softmax_at(simd, n.get(), InPlace(y));
}

#[inline(always)]
fn softmax_at<S: Simd, T: Float>(simd: S, n: usize, mut edge: impl Edge<T>) {
    type V<S, T> = VectorOf<S, T>;
    let rows = rows_of(n, edge.source().len());
    let lowest = V::<S, T>::splat(simd, T::NEG_INFINITY);
    for row in 0..rows {
        if n <= V::<S, T>::LANES {
            let span = row_span::<V<S, T>>(row, n);
            // SAFETY: the span is a row of both matrices.
            unsafe {
                let x = span.load_or(edge.source(), lowest);
                let e = exp_or_zero(x - V::<S, T>::splat(simd, x.maximum()));
                span.store(e / V::<S, T>::splat(simd, e.sum()), edge.target());
            }
            continue;
        }
        let mut edge = edge.part(row * n, n);
        let largest = V::<S, T>::splat(simd, row_maximum(simd, edge.source()));
        let sum = fold_spans(
            n,
            V::<S, T>::zero(simd),
            #[inline(always)]
            |sum, span| {
                // SAFETY: spans lie within the row.
                unsafe {
                    let e = exp_or_zero(span.load_or(edge.source(), lowest) - largest);
                    span.store(e, edge.target());
                    sum + e
                }
            },
            #[inline(always)]
            |a, b| a + b,
        );
        let factor = V::<S, T>::splat(simd, T::ONE / sum.sum());
        let y = edge.target();
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
    log_softmax_at(simd, n.get(), Apart::new(x, y));
}

/// As [`log_softmax`], with the result in the place of `y`.
/// # Panics
/// The length isn't whole rows.
#[inline(always)]
pub fn log_softmax_in_place<S: Simd, T: Float>(simd: S, n: impl Extent, y: &mut [T]) {
    log_softmax_at(simd, n.get(), InPlace(y));
}

#[inline(always)]
fn log_softmax_at<S: Simd, T: Float>(simd: S, n: usize, mut edge: impl Edge<T>) {
    type V<S, T> = VectorOf<S, T>;
    let rows = rows_of(n, edge.source().len());
    let lowest = V::<S, T>::splat(simd, T::NEG_INFINITY);
    for row in 0..rows {
        if n <= V::<S, T>::LANES {
            let span = row_span::<V<S, T>>(row, n);
            // SAFETY: the span is a row of both matrices.
            unsafe {
                let x = span.load_or(edge.source(), lowest);
                let shifted = x - V::<S, T>::splat(simd, x.maximum());
                let sum = exp_or_zero(shifted).sum();
                span.store(shifted - log(V::<S, T>::splat(simd, sum)), edge.target());
            }
            continue;
        }
        let mut edge = edge.part(row * n, n);
        let largest = V::<S, T>::splat(simd, row_maximum(simd, edge.source()));
        let sum = sum_of_exponentials(simd, edge.source(), largest, |_, _| {});
        let log_sum = log(V::<S, T>::splat(simd, sum));
        for_each_span::<V<S, T>, 4>(
            n,
            #[inline(always)]
            |span| {
                // SAFETY: spans lie within the row.
                unsafe {
                    let x = span.load::<V<S, T>>(simd, edge.source());
                    span.store(x - largest - log_sum, edge.target());
                }
            },
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
    // One running sum: an exponential takes longer than the addition before it.
    let mut sum = VectorOf::<S, T>::zero(simd);
    for_each_span::<VectorOf<S, T>, 1>(
        x.len(),
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the row.
            let e = exp_or_zero(unsafe { span.load_or(x, lowest) } - largest);
            keep(span, e);
            sum += e;
        },
    );
    sum.sum()
}

/// `dx[r, c] = y[r, c] (dy[r, c] - sum over k of dy[r, k] y[r, k])`: the backward of [`softmax`] from its output `y`.
///
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn softmax_backward<S: Simd, T: Float>(simd: S, n: impl Extent, y: &[T], dy: &[T], dx: &mut [T]) {
    softmax_backward_at(simd, n.get(), y, Apart::new(dy, dx));
}

/// As [`softmax_backward`], with `dx` in the place of `dy`.
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn softmax_backward_in_place<S: Simd, T: Float>(simd: S, n: impl Extent, y: &[T], dy: &mut [T]) {
    softmax_backward_at(simd, n.get(), y, InPlace(dy));
}

#[inline(always)]
fn softmax_backward_at<S: Simd, T: Float>(simd: S, n: usize, y: &[T], mut edge: impl Edge<T>) {
    type V<S, T> = VectorOf<S, T>;
    assert_eq!(y.len(), edge.source().len(), "one derivative for each number");
    for row in 0..rows_of(n, y.len()) {
        let (y, mut edge) = (&y[row * n..][..n], edge.part(row * n, n));
        let dot = fold_spans(
            n,
            V::<S, T>::zero(simd),
            #[inline(always)]
            // SAFETY: spans lie within the rows.
            |sum, span| unsafe { span.load::<V<S, T>>(simd, y).mul_add(span.load(simd, edge.source()), sum) },
            #[inline(always)]
            |a, b| a + b,
        );
        let dot = V::<S, T>::splat(simd, dot.sum());
        for_each_span::<V<S, T>, 4>(
            n,
            #[inline(always)]
            |span| {
                // SAFETY: spans lie within the rows.
                unsafe {
                    let dy = span.load::<V<S, T>>(simd, edge.source());
                    span.store(span.load::<V<S, T>>(simd, y) * (dy - dot), edge.target());
                }
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
    log_softmax_backward_at(simd, n.get(), y, Apart::new(dy, dx));
}

/// As [`log_softmax_backward`], with `dx` in the place of `dy`.
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn log_softmax_backward_in_place<S: Simd, T: Float>(simd: S, n: impl Extent, y: &[T], dy: &mut [T]) {
    log_softmax_backward_at(simd, n.get(), y, InPlace(dy));
}

#[inline(always)]
fn log_softmax_backward_at<S: Simd, T: Float>(simd: S, n: usize, y: &[T], mut edge: impl Edge<T>) {
    type V<S, T> = VectorOf<S, T>;
    assert_eq!(y.len(), edge.source().len(), "one derivative for each number");
    for row in 0..rows_of(n, y.len()) {
        let (y, mut edge) = (&y[row * n..][..n], edge.part(row * n, n));
        let sum = fold_spans(
            n,
            V::<S, T>::zero(simd),
            #[inline(always)]
            // SAFETY: spans lie within the rows.
            |sum, span| sum + unsafe { span.load::<V<S, T>>(simd, edge.source()) },
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
                    let dy = span.load::<V<S, T>>(simd, edge.source());
                    span.store(probability.neg_mul_add(sum, dy), edge.target());
                }
            },
        );
    }
}
