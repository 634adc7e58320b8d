//! Losses of numbers against numbers, and of rows against a class by margins: value and derivatives in one pass.
//!
//! Sums are made in the order of [`super::reduce`], or row by row with what rounding loses carried along, so that they are
//! accurate for any length and the same every time. Cross-entropy is [`super::cross_entropy`].

use super::reduce::{sum_of_parts, sum_spans};
use super::span::{Span, fold_spans};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};
use crate::threads::Threads;

/// A loss of one prediction and one target, lane by lane.
///
/// Mark the implementation `#[inline(always)]`. In lanes behind the end of a slice all is 0; their results are dropped.
pub trait PairLoss<T: Float>: Copy {
    /// The loss of the prediction `x`, and its derivative by `x`. The weight is 1 where there are none.
    fn apply<V: Vector<Scalar = T>>(self, x: V, target: V, weight: V) -> (V, V);
}

/// `sum of f(x[i], target[i])`; `scale` times the derivatives go to `gradient`. On several threads where there are many.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn sum_of_losses<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    f: impl PairLoss<T> + Sync,
    x: &[T],
    target: &[T],
    scale: T,
    mut gradient: Option<&mut [T]>,
) -> T {
    check_lengths(x, target, gradient.as_deref());
    sum_of_parts(
        simd,
        threads,
        x.len(),
        #[inline(always)]
        |range| {
            let gradient = gradient.as_mut().and_then(|gradient| gradient.split_off_mut(..range.len()));
            (&x[range.clone()], &target[range], gradient)
        },
        #[inline(always)]
        |(x, target, gradient)| sum_of_part(simd, f, x, target, scale, gradient),
    )
}

/// The same of slices of one length, on one thread.
#[inline(always)]
fn sum_of_part<S: Simd, T: Float>(
    simd: S,
    f: impl PairLoss<T>,
    x: &[T],
    target: &[T],
    scale: T,
    mut gradient: Option<&mut [T]>,
) -> T {
    let (one, scale) = (VectorOf::<S, T>::splat(simd, T::ONE), VectorOf::<S, T>::splat(simd, scale));
    sum_spans::<VectorOf<S, T>>(
        simd,
        x.len(),
        #[inline(always)]
        |sum, span| {
            // SAFETY: spans lie within the common length of the slices.
            unsafe {
                let (value, derivative) = f.apply(span.load(simd, x), span.load(simd, target), one);
                if let Some(gradient) = &mut gradient {
                    span.store::<VectorOf<S, T>>(derivative * scale, gradient);
                }
                sum + span.only(value)
            }
        },
    )
}

/// As [`sum_of_losses`] over rows as long as `weights`, each column with its weight.
/// # Panics
/// The lengths differ, or aren't whole rows.
#[inline(always)]
pub fn sum_of_weighted_losses<S: Simd, T: Float>(
    simd: S,
    f: impl PairLoss<T>,
    weights: &[T],
    (x, target): (&[T], &[T]),
    scale: T,
    mut gradient: Option<&mut [T]>,
) -> T {
    check_lengths(x, target, gradient.as_deref());
    let n = weights.len();
    let scale = VectorOf::<S, T>::splat(simd, scale);
    let mut total = CarriedSum::default();
    for row in 0..rows_of(n, x.len()) {
        let (x, target) = (&x[row * n..][..n], &target[row * n..][..n]);
        let mut gradient = gradient.as_deref_mut().map(|gradient| &mut gradient[row * n..][..n]);
        let sum = fold_spans(
            n,
            VectorOf::<S, T>::zero(simd),
            #[inline(always)]
            |sum, span: Span| {
                // SAFETY: spans lie within the row, which is as long as the weights.
                unsafe {
                    let weight = span.load(simd, weights);
                    let (value, derivative) = f.apply(span.load(simd, x), span.load(simd, target), weight);
                    if let Some(gradient) = &mut gradient {
                        span.store::<VectorOf<S, T>>(derivative * scale, gradient);
                    }
                    sum + span.only(value)
                }
            },
            #[inline(always)]
            |a, b| a + b,
        );
        total.add(sum.sum());
    }
    total.value()
}

/// `sum over rows of sum over c other than t of max(0, margin - x[t] + x[c])`, where `t` is the row's class; `scale` times the
/// derivatives go to `gradient`. The derivative at a corner is 0.
///
/// `x` and `gradient` are `[rows, n]`. A row whose class isn't below `n` counts as NaN.
/// # Panics
/// The lengths don't fit each other.
#[inline(always)]
pub fn multi_class_hinge<S: Simd, T: Float>(
    simd: S,
    x: &[T],
    classes: &[u32],
    margin: T,
    scale: T,
    mut gradient: Option<&mut [T]>,
) -> T {
    check_lengths(x, x, gradient.as_deref());
    let n = x.len().checked_div(classes.len()).unwrap_or(0);
    assert_eq!(n * classes.len(), x.len(), "as many rows as classes");
    let mut total = CarriedSum::default();
    for (row, &class) in classes.iter().enumerate() {
        let (x, class) = (&x[row * n..][..n], class as usize);
        let gradient = gradient.as_deref_mut().map(|gradient| &mut gradient[row * n..][..n]);
        if class >= n {
            total.add(T::NAN);
            gradient.into_iter().for_each(|row| row.fill(T::NAN));
            continue;
        }
        let least = x[class] - margin;
        let (before, after) = (&x[..class], &x[class + 1..]);
        let (mut first, mut own, mut last) = (None, None, None);
        if let Some(gradient) = gradient {
            let (before, rest) = gradient.split_at_mut(class);
            let (class, after) = rest.split_at_mut(1);
            (first, own, last) = (Some(before), Some(class), Some(after));
        }
        let (sum_before, hits_before) = exceeding(simd, before, least, scale, first);
        let (sum_after, hits_after) = exceeding(simd, after, least, scale, last);
        if let Some(own) = own {
            own[0] = -(hits_before + hits_after) * scale;
        }
        total.add(sum_before + sum_after);
    }
    total.value()
}

/// `sum of max(0, x[i] - least)`, and how many are above; `scale` goes to `gradient` where one is, else 0.
#[inline(always)]
fn exceeding<S: Simd, T: Float>(
    simd: S,
    x: &[T],
    least: T,
    scale: T,
    mut gradient: Option<&mut [T]>,
) -> (T, T) {
    let zero = VectorOf::<S, T>::zero(simd);
    let (least, one, scale) = (
        VectorOf::<S, T>::splat(simd, least),
        VectorOf::<S, T>::splat(simd, T::ONE),
        VectorOf::<S, T>::splat(simd, scale),
    );
    let mut hits = zero;
    let sum = fold_spans(
        x.len(),
        zero,
        #[inline(always)]
        |sum, span: Span| {
            // SAFETY: spans lie within the slices, which have one length.
            unsafe {
                let excess = span.only(span.load::<VectorOf<S, T>>(simd, x) - least);
                let above = excess.gt(zero);
                hits += VectorOf::<S, T>::select(above, one, zero);
                if let Some(gradient) = &mut gradient {
                    span.store(VectorOf::<S, T>::select(above, scale, zero), gradient);
                }
                // In this order a NaN stays one.
                sum + zero.max(excess)
            }
        },
        #[inline(always)]
        |a, b| a + b,
    );
    (sum.sum(), hits.sum())
}

/// # Panics
/// The lengths differ.
#[inline(always)]
fn check_lengths<T>(x: &[T], target: &[T], gradient: Option<&[T]>) {
    assert_eq!(x.len(), target.len(), "one target for each prediction");
    if let Some(gradient) = gradient {
        assert_eq!(gradient.len(), x.len(), "one derivative for each prediction");
    }
}

/// # Panics
/// `length` isn't whole rows of `n`.
#[inline(always)]
fn rows_of(n: usize, length: usize) -> usize {
    assert!(n > 0 && length.is_multiple_of(n), "{length} numbers aren't rows of {n}");
    length / n
}

/// A sum that carries along what rounding loses (Neumaier, 1974).
#[derive(Clone, Copy)]
struct CarriedSum<T> {
    sum: T,
    lost: T,
}

impl<T: Float> Default for CarriedSum<T> {
    fn default() -> Self {
        CarriedSum { sum: T::ZERO, lost: T::ZERO }
    }
}

impl<T: Float> CarriedSum<T> {
    #[inline(always)]
    fn add(&mut self, number: T) {
        let sum = self.sum + number;
        self.lost += if self.sum.abs() >= number.abs() {
            (self.sum - sum) + number
        } else {
            (number - sum) + self.sum
        };
        self.sum = sum;
    }

    #[inline(always)]
    fn value(self) -> T {
        // What an infinite sum has lost is NaN, or infinite.
        if self.sum.is_finite() { self.sum + self.lost } else { self.sum }
    }
}
