//! Normalisation of each channel over all samples of a batch and all its places.
//!
//! ```text
//! x^ = (x - mean(c)) / √(variance(c) + ε)     y = w(c) x^ + b(c)
//! dx = w(c) (dy - mean dy - x^ mean(dy x^)) / √(variance(c) + ε)
//! ```
//! Samples are `(channels, places)`. Where there is one place, channels are neighbours and are taken together.

use super::span::{fold_spans, for_each_span};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};

/// Calls `run` with each channel of each sample: its number, and where its places begin.
#[inline(always)]
fn for_each_run(channels: usize, places: usize, length: usize, mut run: impl FnMut(usize, usize)) {
    for (index, start) in (0..length).step_by(places).enumerate() {
        run(index % channels, start);
    }
}

/// Adds to the sum of each channel: `f` of a channel and place where there is one place, else `run` of a channel and where its
/// places begin.
#[inline(always)]
fn add_to_channels<T: Float>(
    places: usize,
    sums: &mut [T],
    length: usize,
    f: impl Fn(usize, usize) -> T,
    run: impl Fn(usize, usize) -> T,
) {
    if places == 1 {
        for start in (0..length).step_by(sums.len()) {
            for (channel, sum) in sums.iter_mut().enumerate() {
                *sum += f(channel, start + channel);
            }
        }
    } else {
        for_each_run(sums.len(), places, length, |channel, start| sums[channel] += run(channel, start));
    }
}

/// The mean of each channel, one over its deviation, and its variance, of which one is taken off the count, as PyTorch's
/// running variance has it.
/// # Panics
/// The lengths aren't those of whole samples.
#[inline(never)]
pub fn statistics<S: Simd, T: Float>(
    simd: S,
    places: usize,
    epsilon: f64,
    x: &[T],
    [mean, scale, variance]: [&mut [T]; 3],
) {
    type V<S, T> = VectorOf<S, T>;
    let channels = mean.len();
    assert!(scale.len() == channels && variance.len() == channels, "three statistics of each channel");
    assert!(x.len().is_multiple_of((channels * places).max(1)), "whole samples");
    simd.vectorize(
        #[inline(always)]
        || {
            let zero = V::<S, T>::zero(simd);
            let count = T::from_usize(x.len() / channels.max(1));
            mean.fill(T::ZERO);
            let sum = |_: usize, start: usize| {
                let x = &x[start..][..places];
                // SAFETY: spans lie within the places; lanes behind them are 0.
                fold_spans(places, zero, |sum, span| sum + unsafe { span.load(simd, x) }, |a, b| a + b).sum()
            };
            add_to_channels(places, mean, x.len(), |_, place| x[place], sum);
            mean.iter_mut().for_each(|mean| *mean /= count);
            variance.fill(T::ZERO);
            let square =
                |channel: usize, place: usize| (x[place] - mean[channel]) * (x[place] - mean[channel]);
            let squares = |channel: usize, start: usize| {
                let (x, mean) = (&x[start..][..places], V::<S, T>::splat(simd, mean[channel]));
                fold_spans(
                    places,
                    zero,
                    #[inline(always)]
                    |sum, span| {
                        // SAFETY: as above.
                        let x = span.only(unsafe { span.load::<V<S, T>>(simd, x) } - mean);
                        x.mul_add(x, sum)
                    },
                    |a, b| a + b,
                )
                .sum()
            };
            add_to_channels(places, variance, x.len(), square, squares);
            for (scale, variance) in scale.iter_mut().zip(variance) {
                *scale = T::ONE / (*variance / count + T::from_f64(epsilon)).sqrt();
                *variance /= (count - T::ONE).max(T::ONE);
            }
        },
    );
}

/// `y = (x - mean) scale w + b`; `weight` and `bias` may be empty.
/// # Panics
/// The lengths aren't those of whole samples.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "five operands and a target")]
pub fn forward<S: Simd, T: Float>(
    simd: S,
    places: usize,
    mean: &[T],
    scale: &[T],
    weight: &[T],
    bias: &[T],
    x: &[T],
    y: &mut [T],
) {
    type V<S, T> = VectorOf<S, T>;
    let channels = mean.len();
    assert!(scale.len() == channels && x.len() == y.len(), "as many numbers of both");
    let factors = |channel: usize| {
        let weight = weight.get(channel).copied().unwrap_or(T::ONE);
        let bias = bias.get(channel).copied().unwrap_or(T::ZERO);
        (mean[channel], scale[channel] * weight, bias)
    };
    simd.vectorize(
        #[inline(always)]
        || {
            for_each_run(channels, places, x.len(), |channel, start| {
                let (mean, scale, bias) = factors(channel);
                let (x, y) = (&x[start..][..places], &mut y[start..][..places]);
                if places == 1 {
                    y[0] = (x[0] - mean) * scale + bias;
                    return;
                }
                let [mean, scale, bias] = [mean, scale, bias].map(|number| V::<S, T>::splat(simd, number));
                for_each_span::<V<S, T>, 2>(
                    places,
                    #[inline(always)]
                    // SAFETY: spans lie within the places.
                    |span| unsafe {
                        span.store((span.load::<V<S, T>>(simd, x) - mean).mul_add(scale, bias), y);
                    },
                );
            });
        },
    );
}

/// The gradient by the input of [`forward`] with statistics of the same batch, and the sums `Σ dy` and `Σ dy x^` of each
/// channel, which are the gradients by bias and weight.
/// # Panics
/// The lengths aren't those of whole samples.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "five operands and three targets")]
pub fn backward<S: Simd, T: Float>(
    simd: S,
    places: usize,
    mean: &[T],
    scale: &[T],
    weight: &[T],
    x: &[T],
    dy: &[T],
    [sums, products]: [&mut [T]; 2],
    dx: Option<&mut [T]>,
) {
    type V<S, T> = VectorOf<S, T>;
    let channels = mean.len();
    assert!(scale.len() == channels && sums.len() == channels && products.len() == channels, "channels");
    assert_eq!(x.len(), dy.len(), "as many numbers of both");
    simd.vectorize(
        #[inline(always)]
        || {
            let zero = V::<S, T>::zero(simd);
            sums.fill(T::ZERO);
            products.fill(T::ZERO);
            let normal = |channel: usize, place: usize| (x[place] - mean[channel]) * scale[channel];
            let sum = |_: usize, start: usize| {
                let dy = &dy[start..][..places];
                // SAFETY: spans lie within the places; lanes behind them are 0.
                fold_spans(places, zero, |sum, span| sum + unsafe { span.load(simd, dy) }, |a, b| a + b).sum()
            };
            add_to_channels(places, sums, dy.len(), |_, place| dy[place], sum);
            let product = |channel: usize, start: usize| {
                let (x, dy) = (&x[start..][..places], &dy[start..][..places]);
                let mean = V::<S, T>::splat(simd, mean[channel]);
                let total = fold_spans(
                    places,
                    zero,
                    #[inline(always)]
                    // SAFETY: as above; lanes behind the end are 0 in `dy`.
                    |sum, span| unsafe {
                        let x = span.load::<V<S, T>>(simd, x) - mean;
                        x.mul_add(span.load(simd, dy), sum)
                    },
                    |a, b| a + b,
                );
                total.sum() * scale[channel]
            };
            let one = |channel: usize, place: usize| dy[place] * normal(channel, place);
            add_to_channels(places, products, dy.len(), one, product);

            let Some(dx) = dx else { return };
            assert_eq!(x.len(), dx.len(), "as many numbers of both");
            let count = T::from_usize(x.len() / channels.max(1));
            for_each_run(channels, places, x.len(), |channel, start| {
                let factor = scale[channel] * weight.get(channel).copied().unwrap_or(T::ONE);
                let (sum, product) = (sums[channel] / count, products[channel] / count);
                if places == 1 {
                    dx[start] = factor * (dy[start] - sum - normal(channel, start) * product);
                    return;
                }
                let numbers = [factor, sum, product, mean[channel], scale[channel]];
                let [factor, sum, product, mean, scale] =
                    numbers.map(|number| V::<S, T>::splat(simd, number));
                let (x, dy, dx) = (&x[start..][..places], &dy[start..][..places], &mut dx[start..][..places]);
                for_each_span::<V<S, T>, 2>(
                    places,
                    #[inline(always)]
                    // SAFETY: spans lie within the places.
                    |span| unsafe {
                        let normal = (span.load::<V<S, T>>(simd, x) - mean) * scale;
                        let dy = span.load::<V<S, T>>(simd, dy) - sum;
                        span.store(factor * normal.neg_mul_add(product, dy), dx);
                    },
                );
            });
        },
    );
}
