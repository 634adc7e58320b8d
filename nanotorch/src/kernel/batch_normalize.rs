//! Normalisation of each channel over all samples of a batch and all its places.
//!
//! ```text
//! x^ = (x - mean(c)) / √(variance(c) + ε)     y = w(c) x^ + b(c)
//! dx = w(c) (dy - mean dy - x^ mean(dy x^)) / √(variance(c) + ε)
//! ```
//! Samples are `(channels, places)`. Where there is one place, channels are neighbours and are taken together. Several threads
//! share sums by channels, and what is made of them by samples.

use core::ops::Range;

use super::compiled::compiled;
use super::span::{fold_spans, for_each_span};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, chunk};

/// Numbers that are worth handing to another thread.
const LEAST: usize = 16 * 1024;

/// How samples are made of channels.
#[derive(Clone, Copy)]
struct Layout {
    channels: usize,
    places: usize,
}

impl Layout {
    /// # Panics
    /// The numbers aren't those of whole samples.
    fn of(length: usize, channels: usize, places: usize) -> Self {
        assert!(length.is_multiple_of((channels * places).max(1)), "whole samples");
        Layout { channels, places }
    }

    /// Numbers of a sample.
    fn sample(self) -> usize {
        self.channels * self.places
    }

    /// Calls `run` with some channels of each sample: the number of each, and where its places begin.
    #[inline(always)]
    fn for_each_run(self, channels: Range<usize>, length: usize, mut run: impl FnMut(usize, usize)) {
        for start in (0..length).step_by(self.sample().max(1)) {
            for channel in channels.clone() {
                run(channel, start + channel * self.places);
            }
        }
    }

    /// Adds to the sums of the channels from `first` on: `one` of a channel and place where there is one place, else `run` of a
    /// channel and where its places begin.
    #[inline(always)]
    fn add<T: Float>(
        self,
        first: usize,
        sums: &mut [T],
        length: usize,
        one: impl Fn(usize, usize) -> T,
        run: impl Fn(usize, usize) -> T,
    ) {
        let channels = first..first + sums.len();
        if self.places == 1 {
            self.for_each_run(channels, length, |channel, place| {
                sums[channel - first] += one(channel, place)
            });
        } else {
            self.for_each_run(channels, length, |channel, start| {
                sums[channel - first] += run(channel, start)
            });
        }
    }
}

/// The mean of each channel, one over its deviation, and its variance, of which one is taken off the count, as PyTorch's
/// running variance has it.
/// # Panics
/// The lengths aren't those of whole samples.
#[inline(never)]
pub fn statistics<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    places: usize,
    epsilon: f64,
    x: &[T],
    [mean, scale, variance]: [&mut [T]; 3],
) {
    let channels = mean.len();
    assert!(scale.len() == channels && variance.len() == channels, "three statistics of each channel");
    let layout = Layout::of(x.len(), channels, places);
    let each = chunk(channels, threads.parts(x.len(), LEAST), 1);
    let parts = mean.chunks_mut(each).zip(scale.chunks_mut(each)).zip(variance.chunks_mut(each));
    threads.each(parts.enumerate(), |(index, ((mean, scale), variance))| {
        Statistics { layout, first: index * each, epsilon, x, mean, scale, variance }.call(simd);
    });
}

/// The statistics of the channels from `first` on.
struct Statistics<'a, T> {
    layout: Layout,
    first: usize,
    epsilon: f64,
    x: &'a [T],
    mean: &'a mut [T],
    scale: &'a mut [T],
    variance: &'a mut [T],
}

compiled!(Statistics, "prebuilt");

impl<T: Float> WithSimd for Statistics<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Statistics { layout, first, epsilon, x, mean, scale, variance } = self;
        let places = layout.places;
        let zero = VectorOf::<S, T>::zero(simd);
        let count = T::from_usize(x.len() / layout.channels.max(1));
        mean.fill(T::ZERO);
        let sum = |_: usize, start: usize| {
            let x = &x[start..][..places];
            // SAFETY: spans lie within the places; lanes behind them are 0.
            fold_spans(places, zero, |sum, span| sum + unsafe { span.load(simd, x) }, |a, b| a + b).sum()
        };
        layout.add(first, mean, x.len(), |_, place| x[place], sum);
        mean.iter_mut().for_each(|mean| *mean /= count);
        variance.fill(T::ZERO);
        let square = |channel: usize, place: usize| {
            let distance = x[place] - mean[channel - first];
            distance * distance
        };
        let squares = |channel: usize, start: usize| {
            let (x, mean) = (&x[start..][..places], VectorOf::<S, T>::splat(simd, mean[channel - first]));
            fold_spans(
                places,
                zero,
                #[inline(always)]
                |sum, span| {
                    // SAFETY: as above.
                    let x = span.only(unsafe { span.load::<VectorOf<S, T>>(simd, x) } - mean);
                    x.mul_add(x, sum)
                },
                |a, b| a + b,
            )
            .sum()
        };
        layout.add(first, variance, x.len(), square, squares);
        for (scale, variance) in scale.iter_mut().zip(variance) {
            *scale = T::ONE / (*variance / count + T::from_f64(epsilon)).sqrt();
            *variance /= (count - T::ONE).max(T::ONE);
        }
    }
}

/// `y = (x - mean) scale w + b`, in place where `x` is none; `weight` and `bias` may be empty.
/// # Panics
/// The lengths aren't those of whole samples.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "five operands, a target and who does it")]
pub fn forward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    places: usize,
    mean: &[T],
    scale: &[T],
    weight: &[T],
    bias: &[T],
    x: Option<&[T]>,
    y: &mut [T],
) {
    let (channels, length) = (mean.len(), y.len());
    assert!(scale.len() == channels && x.is_none_or(|x| x.len() == length), "as many numbers of both");
    let layout = Layout::of(length, channels, places);
    let samples = length / layout.sample().max(1);
    let each = chunk(samples, threads.parts(length, LEAST), 1) * layout.sample().max(1);
    threads.each(y.chunks_mut(each).enumerate(), |(index, y)| {
        let x = x.map(|x| &x[index * each..][..y.len()]);
        Forward { layout, mean, scale, weight, bias, x, y }.call(simd);
    });
}

/// Samples on their way.
struct Forward<'a, T> {
    layout: Layout,
    mean: &'a [T],
    scale: &'a [T],
    weight: &'a [T],
    bias: &'a [T],
    x: Option<&'a [T]>,
    y: &'a mut [T],
}

compiled!(Forward, "prebuilt");

impl<T: Float> WithSimd for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Forward { layout, mean, scale, weight, bias, x, y } = self;
        let places = layout.places;
        layout.for_each_run(0..layout.channels, y.len(), |channel, start| {
            let weight = weight.get(channel).copied().unwrap_or(T::ONE);
            let bias = bias.get(channel).copied().unwrap_or(T::ZERO);
            let (mean, scale) = (mean[channel], scale[channel] * weight);
            let (x, y) = (x.map(|x| &x[start..][..places]), &mut y[start..][..places]);
            if places == 1 {
                y[0] = (x.map_or(y[0], |x| x[0]) - mean) * scale + bias;
                return;
            }
            let splat = |number| VectorOf::<S, T>::splat(simd, number);
            let (mean, scale, bias) = (splat(mean), splat(scale), splat(bias));
            for_each_span::<VectorOf<S, T>, 2>(
                places,
                #[inline(always)]
                // SAFETY: spans lie within the places.
                |span| unsafe {
                    let x = span.load::<VectorOf<S, T>>(simd, x.unwrap_or(y));
                    span.store((x - mean).mul_add(scale, bias), y);
                },
            );
        });
    }
}

/// The gradient by the input of [`forward`] with statistics of the same batch, and the sums `Σ dy` and `Σ dy x^` of each
/// channel, which are the gradients by bias and weight.
/// # Panics
/// The lengths aren't those of whole samples.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "five operands, three targets and who does it")]
pub fn backward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    places: usize,
    mean: &[T],
    scale: &[T],
    weight: &[T],
    x: &[T],
    dy: &[T],
    [sums, products]: [&mut [T]; 2],
    dx: Option<&mut [T]>,
) {
    let channels = mean.len();
    assert!(scale.len() == channels && sums.len() == channels && products.len() == channels, "channels");
    assert_eq!(x.len(), dy.len(), "as many numbers of both");
    let layout = Layout::of(x.len(), channels, places);
    let parts = threads.parts(x.len(), LEAST);
    let each = chunk(channels, parts, 1);
    threads.each(
        sums.chunks_mut(each).zip(products.chunks_mut(each)).enumerate(),
        |(index, (sums, products))| {
            Sums { layout, first: index * each, mean, scale, x, dy, sums, products }.call(simd);
        },
    );
    let Some(dx) = dx else { return };
    assert_eq!(x.len(), dx.len(), "as many numbers of both");
    let sample = layout.sample().max(1);
    let (samples, each) = (x.len() / sample, chunk(x.len() / sample, parts, 1) * sample);
    let count = T::from_usize(samples * places);
    let (sums, products) = (&*sums, &*products);
    threads.each(x.chunks(each).zip(dy.chunks(each)).zip(dx.chunks_mut(each)), |((x, dy), dx)| {
        Gradient { layout, count, mean, scale, weight, sums, products, x, dy, dx }.call(simd);
    });
}

/// The sums of the channels from `first` on.
struct Sums<'a, T> {
    layout: Layout,
    first: usize,
    mean: &'a [T],
    scale: &'a [T],
    x: &'a [T],
    dy: &'a [T],
    sums: &'a mut [T],
    products: &'a mut [T],
}

compiled!(Sums, "prebuilt");

impl<T: Float> WithSimd for Sums<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Sums { layout, first, mean, scale, x, dy, sums, products } = self;
        let (places, zero) = (layout.places, VectorOf::<S, T>::zero(simd));
        sums.fill(T::ZERO);
        products.fill(T::ZERO);
        let sum = |_: usize, start: usize| {
            let dy = &dy[start..][..places];
            // SAFETY: spans lie within the places; lanes behind them are 0.
            fold_spans(places, zero, |sum, span| sum + unsafe { span.load(simd, dy) }, |a, b| a + b).sum()
        };
        layout.add(first, sums, dy.len(), |_, place| dy[place], sum);
        let product = |channel: usize, start: usize| {
            let (x, dy) = (&x[start..][..places], &dy[start..][..places]);
            let mean = VectorOf::<S, T>::splat(simd, mean[channel]);
            let total = fold_spans(
                places,
                zero,
                #[inline(always)]
                // SAFETY: as above; lanes behind the end are 0 in `dy`.
                |sum, span| unsafe {
                    let x = span.load::<VectorOf<S, T>>(simd, x) - mean;
                    x.mul_add(span.load(simd, dy), sum)
                },
                |a, b| a + b,
            );
            total.sum() * scale[channel]
        };
        let one = |channel: usize, place: usize| dy[place] * ((x[place] - mean[channel]) * scale[channel]);
        layout.add(first, products, dy.len(), one, product);
    }
}

/// Gradients of samples on their way back.
struct Gradient<'a, T> {
    layout: Layout,
    /// Numbers of a channel in the batch.
    count: T,
    mean: &'a [T],
    scale: &'a [T],
    weight: &'a [T],
    sums: &'a [T],
    products: &'a [T],
    x: &'a [T],
    dy: &'a [T],
    dx: &'a mut [T],
}

compiled!(Gradient, "prebuilt");

impl<T: Float> WithSimd for Gradient<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Gradient { layout, count, mean, scale, weight, sums, products, x, dy, dx } = self;
        let places = layout.places;
        layout.for_each_run(0..layout.channels, x.len(), |channel, start| {
            let factor = scale[channel] * weight.get(channel).copied().unwrap_or(T::ONE);
            let (sum, product) = (sums[channel] / count, products[channel] / count);
            let (mean, scale) = (mean[channel], scale[channel]);
            if places == 1 {
                dx[start] = factor * (dy[start] - sum - (x[start] - mean) * scale * product);
                return;
            }
            let splat = |number| VectorOf::<S, T>::splat(simd, number);
            let (factor, sum, product) = (splat(factor), splat(sum), splat(product));
            let (mean, scale) = (splat(mean), splat(scale));
            let (x, dy, dx) = (&x[start..][..places], &dy[start..][..places], &mut dx[start..][..places]);
            for_each_span::<VectorOf<S, T>, 2>(
                places,
                #[inline(always)]
                // SAFETY: spans lie within the places.
                |span| unsafe {
                    let normal = (span.load::<VectorOf<S, T>>(simd, x) - mean) * scale;
                    let dy = span.load::<VectorOf<S, T>>(simd, dy) - sum;
                    span.store(factor * normal.neg_mul_add(product, dy), dx);
                },
            );
        });
    }
}
