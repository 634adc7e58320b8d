//! Softmax and cross-entropy in one: the loss and its gradient from the logits, which are read once or twice.

use core::fmt;

use super::compiled::compiled;
use super::math::{exp_or_zero, log};
use super::softmax::{row_maximum, row_span, sum_of_exponentials};
use super::span::{Span, for_each_span};
use crate::element::Float;
use crate::extent::Extent;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{MOST, Threads};

/// Numbers whose losses are worth handing to another thread: some microseconds of work.
const LEAST: usize = 8 * 1024;

/// A class index isn't below the number of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassOutOfRange {
    /// The row of the batch.
    pub row: usize,
    /// The class that the row asks for.
    pub class: u32,
    /// The number of classes.
    pub classes: usize,
}

impl fmt::Display for ClassOutOfRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A trait object: what writes a sentence is called for each of them, not compiled into each.
        let formatter: &mut dyn fmt::Write = formatter;
        let Self { row, class, classes } = self;
        write!(formatter, "row {row} of the batch has class {class}, but the model has {classes} classes")?;
        if *classes > 0 {
            write!(formatter, ": classes are numbered from 0 to {}", classes - 1)?;
        }
        Ok(())
    }
}

impl core::error::Error for ClassOutOfRange {}

/// One right class for each row, as PyTorch's `cross_entropy` with class indices has it. The loss of a row is
/// `-sum over c of q[c] log(softmax(x)[c])` with `q[c] = w[c] ((1 - s) [c = class] + s / n)`, where `s` is the smoothing.
#[derive(Clone, Copy, Debug)]
pub struct ClassIndices<'a, T> {
    /// The class of each row.
    pub classes: &'a [u32],
    /// The weight of each class; all are 1 if there are none.
    pub weights: Option<&'a [T]>,
    /// The part of the target that is spread over all classes, from 0 to 1.
    pub smoothing: T,
}

/// A probability of each class for each row, as PyTorch's `cross_entropy` with class probabilities has it: as
/// [`ClassIndices`] with `q[c] = w[c] ((1 - s) p[c] + s / n)`.
#[derive(Clone, Copy, Debug)]
pub struct ClassProbabilities<'a, T> {
    /// `[rows, n]`: the probabilities.
    pub probabilities: &'a [T],
    /// The weight of each class; all are 1 if there are none.
    pub weights: Option<&'a [T]>,
    /// The part of the target that is spread over all classes, from 0 to 1.
    pub smoothing: T,
}

impl<T: Float> ClassIndices<'_, T> {
    /// The sum of the weights of all rows' classes: what PyTorch's mean divides by. Without weights it is the number of rows.
    pub fn total_weight(self) -> T {
        let Some(weights) = self.weights else { return T::from_usize(self.classes.len()) };
        let mut sum = T::ZERO;
        for &class in self.classes {
            sum += weights.get(class as usize).copied().unwrap_or(T::ZERO);
        }
        sum
    }
}

/// The `q` of all rows: of each class, and more of the right one. Spans count from the start of a row.
trait Target<T: Float>: Copy + Sync {
    /// The right class of row `row`, if there is one, and how much more of `q` it has.
    fn right(self, row: usize) -> Option<(usize, T)>;

    /// `q[c]` of a span of row `row`, without what the right class has more; whatever in the lanes behind it.
    /// # Safety
    /// The span lies within `0..n`, and the target has been checked to have this row of `n` classes.
    unsafe fn weights<S: Simd>(self, simd: S, row: usize, n: usize, span: Span) -> VectorOf<S, T>;

    /// Whether `weights` are anything but 0.
    fn is_spread(self) -> bool;

    /// `sum of q[c]` and `sum of q[c] (x[c] - largest)` over row `row`, of which `x` are the logits.
    /// # Safety
    /// As for [`Self::weights`].
    #[inline(always)]
    unsafe fn moments<S: Simd>(self, simd: S, row: usize, x: &[T], largest: T) -> (T, T) {
        let (mut mass, mut dot) = match self.right(row) {
            Some((class, weight)) => (weight, weight * (x[class] - largest)),
            None => (T::ZERO, T::ZERO),
        };
        if self.is_spread() {
            // A function of its own, as smoothing isn't the rule.
            let (spread_mass, spread_dot) = simd.vectorize(
                #[inline(always)]
                || {
                    let largest = VectorOf::<S, T>::splat(simd, largest);
                    let mut mass = VectorOf::<S, T>::zero(simd);
                    let mut dot = mass;
                    for_each_span::<VectorOf<S, T>, 1>(
                        x.len(),
                        #[inline(always)]
                        |span| {
                            // SAFETY: spans lie within the row; the rest is the caller's.
                            let (q, x) = unsafe {
                                let q = self.weights(simd, row, x.len(), span);
                                (span.only(q), span.load_or(x, largest))
                            };
                            mass += q;
                            dot = q.mul_add(x - largest, dot);
                        },
                    );
                    (mass.sum(), dot.sum())
                },
            );
            mass += spread_mass;
            dot += spread_dot;
        }
        (mass, dot)
    }
}

impl<T: Float> Target<T> for ClassIndices<'_, T> {
    /// `w[class] (1 - s)`.
    #[inline(always)]
    fn right(self, row: usize) -> Option<(usize, T)> {
        let class = self.classes[row] as usize;
        Some((class, (T::ONE - self.smoothing) * self.weights.map_or(T::ONE, |weights| weights[class])))
    }

    /// `w[c] s / n`.
    #[inline(always)]
    unsafe fn weights<S: Simd>(self, simd: S, _: usize, n: usize, span: Span) -> VectorOf<S, T> {
        let share = VectorOf::<S, T>::splat(simd, self.smoothing / T::from_usize(n));
        match self.weights {
            // SAFETY: the span lies within `0..n`, and there are `n` weights.
            Some(weights) if self.is_spread() => unsafe {
                span.load::<VectorOf<S, T>>(simd, weights) * share
            },
            _ => share,
        }
    }

    #[inline(always)]
    fn is_spread(self) -> bool {
        self.smoothing != T::ZERO
    }
}

impl<T: Float> Target<T> for ClassProbabilities<'_, T> {
    #[inline(always)]
    fn right(self, _: usize) -> Option<(usize, T)> {
        None
    }

    /// `w[c] ((1 - s) p[c] + s / n)`.
    #[inline(always)]
    unsafe fn weights<S: Simd>(self, simd: S, row: usize, n: usize, span: Span) -> VectorOf<S, T> {
        let row = &self.probabilities[row * n..][..n];
        // SAFETY: the span lies within `0..n`, and there are `n` probabilities in a row, and `n` weights.
        unsafe {
            let mut q = span.load::<VectorOf<S, T>>(simd, row);
            if self.smoothing != T::ZERO {
                let share = VectorOf::<S, T>::splat(simd, self.smoothing / T::from_usize(n));
                q = q.mul_add(VectorOf::<S, T>::splat(simd, T::ONE - self.smoothing), share);
            }
            if let Some(weights) = self.weights {
                q *= span.load::<VectorOf<S, T>>(simd, weights);
            }
            q
        }
    }

    #[inline(always)]
    fn is_spread(self) -> bool {
        true
    }
}

/// The sum of the rows' losses; the gradient of `scale` times it goes to `gradient`, if there is one.
/// # Safety
/// The target has been checked to have as many rows of `n` classes as there are logits.
#[inline(always)]
unsafe fn cross_entropy<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    n: usize,
    logits: &[T],
    target: impl Target<T>,
    scale: T,
    gradient: Option<&mut [T]>,
) -> T {
    sum_of_blocks(threads, n, logits, gradient, &|first, logits, gradient| {
        simd.vectorize(
            #[inline(always)]
            // SAFETY: these are rows from `first` on; the rest is the caller's.
            || unsafe { cross_entropy_of_rows(simd, n, first, logits, target, scale, gradient) },
        )
    })
}

/// What `of_rows` finds for a block of rows of logits: from where on they are, they themselves, and their gradient, if it is wanted.
type OfRows<'a, T> = dyn Fn(usize, &[T], Option<&mut [T]>) -> T + Sync + 'a;

/// The sum of what `of_rows` says of the blocks that rows of `n` logits are cut into.
///
/// Into how many depends on the sizes alone, and so do the sum's bits.
// One function for all targets and instruction sets.
#[inline(never)]
fn sum_of_blocks<T: Float>(
    threads: Threads<'_>,
    n: usize,
    logits: &[T],
    mut gradient: Option<&mut [T]>,
    of_rows: &OfRows<'_, T>,
) -> T {
    let each = (logits.len() / n).div_ceil((logits.len() / LEAST).clamp(1, MOST)).max(1);
    let mut sums = [T::ZERO; MOST];
    let parts = logits.chunks(each * n).zip(&mut sums).enumerate().map(|(index, (logits, sum))| {
        let gradient = gradient.as_mut().and_then(|gradient| gradient.split_off_mut(..logits.len()));
        (index * each, logits, gradient, sum)
    });
    threads.each(parts, |(first, logits, gradient, sum)| *sum = of_rows(first, logits, gradient));
    let mut total = T::ZERO;
    for sum in &sums[..logits.len().div_ceil(each * n)] {
        total += *sum;
    }
    total
}

/// The same of the rows from `first` on, whose logits these are.
/// # Safety
/// The target has been checked to have these rows of `n` classes.
#[inline(always)]
unsafe fn cross_entropy_of_rows<S: Simd, T: Float>(
    simd: S,
    n: usize,
    first: usize,
    logits: &[T],
    target: impl Target<T>,
    scale: T,
    mut gradient: Option<&mut [T]>,
) -> T {
    type V<S, T> = VectorOf<S, T>;
    let lowest = V::<S, T>::splat(simd, T::NEG_INFINITY);
    let one = V::<S, T>::splat(simd, T::ONE);
    let rows = logits.len() / n;
    let (mut log_sums, mut dots) = (V::<S, T>::zero(simd), T::ZERO);
    // One logarithm for a register full of rows; that of a lane without a row is 0.
    for block in (0..rows).step_by(V::<S, T>::LANES) {
        let (mut sums, mut masses) = (one.to_array(), one.to_array());
        for row in block..rows.min(block + V::<S, T>::LANES) {
            let x = &logits[row * n..][..n];
            let mut row_gradient = gradient.as_deref_mut().map(|gradient| &mut gradient[row * n..][..n]);
            let short = n <= V::<S, T>::LANES;
            let span = row_span::<V<S, T>>(0, n.min(V::<S, T>::LANES));
            // SAFETY: the span lies within the row.
            let lanes = unsafe { span.load_or(x, lowest) };
            let largest = if short { lanes.maximum() } else { row_maximum(simd, x) };
            // SAFETY: the caller's.
            let (mass, dot) = unsafe { target.moments(simd, first + row, x, largest) };
            let largest = V::<S, T>::splat(simd, largest);
            // The derivatives are `e factor - scale q`, and for the right class less.
            let factor = |sum| V::<S, T>::splat(simd, scale * mass / sum);
            let minus_scale = V::<S, T>::splat(simd, -scale);
            let sum = if short {
                let e = exp_or_zero(lanes - largest);
                let sum = e.sum();
                if let Some(gradient) = row_gradient.as_deref_mut() {
                    // SAFETY: the span is the row; the target is the caller's.
                    unsafe {
                        let q = target.weights(simd, first + row, n, span);
                        span.store(q.mul_add(minus_scale, e * factor(sum)), gradient);
                    }
                }
                sum
            } else {
                let sum = sum_of_exponentials(
                    simd,
                    x,
                    largest,
                    #[inline(always)]
                    |span, e| {
                        if let Some(gradient) = row_gradient.as_deref_mut() {
                            // SAFETY: spans lie within the row.
                            unsafe { span.store(e, gradient) }
                        }
                    },
                );
                if let Some(gradient) = row_gradient.as_deref_mut() {
                    let factor = factor(sum);
                    for_each_span::<V<S, T>, 1>(
                        n,
                        #[inline(always)]
                        |span| {
                            // SAFETY: spans lie within the row; the target is the caller's.
                            unsafe {
                                let q = target.weights(simd, first + row, n, span);
                                let e = span.load::<V<S, T>>(simd, gradient);
                                span.store(q.mul_add(minus_scale, e * factor), gradient);
                            }
                        },
                    );
                }
                sum
            };
            if let (Some(gradient), Some((class, weight))) = (row_gradient, target.right(first + row)) {
                gradient[class] -= scale * weight;
            }
            (sums[row - block], masses[row - block]) = (sum, mass);
            dots += dot;
        }
        log_sums =
            V::<S, T>::from_array(simd, &masses).mul_add(log(V::<S, T>::from_array(simd, &sums)), log_sums);
    }
    log_sums.sum() - dots
}

/// The number of rows.
/// # Panics
/// The lengths don't fit.
#[inline(always)]
fn check_lengths<T>(n: usize, logits: &[T], weights: Option<&[T]>, gradient: Option<&[T]>) -> usize {
    assert!(n > 0 && logits.len().is_multiple_of(n), "{} logits aren't rows of {n} classes", logits.len());
    if let Some(weights) = weights {
        assert_eq!(weights.len(), n, "one weight for each class");
    }
    if let Some(gradient) = gradient {
        assert_eq!(gradient.len(), logits.len(), "one derivative for each logit");
    }
    logits.len() / n
}

/// `sum over rows of -sum over c of q[c] log(softmax(x)[c])`, with the `q` of [`ClassIndices`]; returns that sum, and writes
/// the derivatives of `scale` times it to `gradient`: `scale (Q softmax(x)[c] - q[c])`, where Q is the sum of the row's `q`.
///
/// `logits` and `gradient` are `[rows, n]`. For PyTorch's mean, `scale` is 1 over [`ClassIndices::total_weight`], and the
/// result is to be multiplied by it.
/// # Errors
/// A class isn't below `n`; then nothing is written.
/// # Panics
/// The lengths don't fit each other.
#[inline(always)]
pub fn cross_entropy_indices<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    n: impl Extent,
    logits: &[T],
    target: ClassIndices<'_, T>,
    scale: T,
    gradient: Option<&mut [T]>,
) -> Result<T, ClassOutOfRange> {
    Indices { threads, n: n.get(), logits, target, scale, gradient }.call(simd)
}

/// What [`cross_entropy_indices`] is given.
struct Indices<'a, T> {
    threads: Threads<'a>,
    n: usize,
    logits: &'a [T],
    target: ClassIndices<'a, T>,
    scale: T,
    gradient: Option<&'a mut [T]>,
}

compiled!(Indices);

impl<T: Float> WithSimd for Indices<'_, T> {
    type Output = Result<T, ClassOutOfRange>;
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Result<T, ClassOutOfRange> {
        let Indices { threads, n, logits, target, scale, gradient } = self;
        let rows = check_lengths(n, logits, target.weights, gradient.as_deref());
        assert_eq!(target.classes.len(), rows, "one class for each row");
        for (row, &class) in target.classes.iter().enumerate() {
            if class as usize >= n {
                return Err(ClassOutOfRange { row, class, classes: n });
            }
        }
        // SAFETY: the lengths and the classes are as it takes them, as just checked.
        Ok(unsafe { cross_entropy(simd, threads, n, logits, target, scale, gradient) })
    }
}

/// As [`cross_entropy_indices`], with the `q` of [`ClassProbabilities`]. PyTorch's mean divides by the number of rows.
/// # Panics
/// The lengths don't fit each other.
#[inline(always)]
pub fn cross_entropy_probabilities<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    n: impl Extent,
    logits: &[T],
    target: ClassProbabilities<'_, T>,
    scale: T,
    gradient: Option<&mut [T]>,
) -> T {
    let n = n.get();
    check_lengths(n, logits, target.weights, gradient.as_deref());
    assert_eq!(target.probabilities.len(), logits.len(), "one probability for each logit");
    // SAFETY: the lengths are as it takes them, as just checked.
    unsafe { cross_entropy(simd, threads, n, logits, target, scale, gradient) }
}
