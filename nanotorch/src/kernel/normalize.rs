//! Normalisation of neighbouring numbers: each group is given mean 0 and variance 1, or a mean square of 1.
//!
//! ```text
//! x^ = (x - mean) / √(variance + ε)                   mean = 0 unless centred
//! y  = w x^ + b
//! dx = (g - mean g - x^ mean(g x^)) / √(variance + ε)   g = w dy; without the first mean unless centred
//! ```

mod of_weights;

use self::of_weights::OfWeights;
use super::compiled::compiled;
use super::span::{fold_spans, for_each_span};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, chunk, ranges};

/// What is normalised together, and what shares a weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalization {
    /// Neighbouring numbers that are normalised together.
    pub length: usize,
    /// Neighbouring numbers that share a weight; a divisor of `length`.
    pub shared: usize,
    /// Whether the mean is taken away.
    pub centred: bool,
    /// What is added to the variance, or to the mean square.
    pub epsilon: f64,
}

impl Normalization {
    fn check(&self, numbers: usize, statistics: usize, weights: &[usize]) {
        assert!(self.length > 0 && numbers.is_multiple_of(self.length), "whole groups of {}", self.length);
        assert!(self.shared > 0 && self.length.is_multiple_of(self.shared), "{} share a weight", self.shared);
        assert!(statistics >= 2 * (numbers / self.length), "two statistics for each group");
        for &weights in weights {
            let whole = weights.is_multiple_of(self.length / self.shared);
            assert!(whole, "{weights} weights are none or those of whole groups");
        }
    }

    /// The weights of group number `group`: those of the first follow those of the last.
    #[inline(always)]
    fn weights<'a, T>(&self, group: usize, weights: &'a [T]) -> &'a [T] {
        let count = self.length / self.shared;
        if weights.is_empty() { weights } else { &weights[group * count % weights.len()..][..count] }
    }

    /// As [`Normalization::weights`], to be changed.
    #[inline(always)]
    fn weights_mut<'a, T>(&self, group: usize, weights: &'a mut [T]) -> &'a mut [T] {
        let (count, all) = (self.length / self.shared, weights.len());
        if all == 0 { weights } else { &mut weights[group * count % all..][..count] }
    }
}

/// The mean, or 0, and one over the deviation of a group.
#[inline(always)]
fn statistics<S: Simd, T: Float>(simd: S, size: &Normalization, x: &[T]) -> [T; 2] {
    let zero = VectorOf::<S, T>::zero(simd);
    let count = T::from_usize(x.len());
    let sum = |a, b| a + b;
    let mean = if size.centred {
        // SAFETY: spans lie within the length; lanes behind them are 0.
        fold_spans(x.len(), zero, |sum, span| sum + unsafe { span.load(simd, x) }, sum).sum() / count
    } else {
        T::ZERO
    };
    let centre = VectorOf::<S, T>::splat(simd, mean);
    let squares = fold_spans(
        x.len(),
        zero,
        #[inline(always)]
        |sum, span| {
            // SAFETY: as above.
            let x = span.only(unsafe { span.load::<VectorOf<S, T>>(simd, x) } - centre);
            x.mul_add(x, sum)
        },
        sum,
    );
    [mean, T::ONE / (squares.sum() / count + T::from_f64(size.epsilon)).sqrt()]
}

/// Numbers that are worth handing to another thread.
const LEAST: usize = 16 * 1024;

/// `y = w x^ + b`, and the statistics of each group: its mean, and one over its deviation. `weight` and `bias` may be empty.
/// Where there are many groups, several threads share them.
/// # Panics
/// The lengths aren't those of whole groups.
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "sizes, three operands and two targets")]
pub fn forward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Normalization,
    x: &[T],
    weight: &[T],
    bias: &[T],
    y: &mut [T],
    kept: &mut [T],
) {
    size.check(x.len(), kept.len(), &[weight.len(), bias.len()]);
    assert_eq!(x.len(), y.len(), "as many numbers of both");
    let each = chunk(x.len() / size.length, threads.parts(x.len(), LEAST), 1);
    let length = each * size.length;
    let parts = x.chunks(length).zip(y.chunks_mut(length)).zip(kept.chunks_mut(2 * each));
    threads.each(parts.enumerate(), |(index, ((x, y), kept))| {
        Forward { size: *size, first: index * each, x, weight, bias, y, kept }.call(simd);
    });
}

/// Groups from number `first` on.
struct Forward<'a, T> {
    size: Normalization,
    first: usize,
    x: &'a [T],
    weight: &'a [T],
    bias: &'a [T],
    y: &'a mut [T],
    kept: &'a mut [T],
}

compiled!(Forward, "prebuilt");

impl<T: Float> WithSimd for Forward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        type V<S, T> = VectorOf<S, T>;
        let Forward { size, first, x, weight, bias, y, kept } = self;
        let groups = x.chunks_exact(size.length).zip(y.chunks_exact_mut(size.length));
        for (group, (x, y)) in groups.enumerate() {
            let [mean, scale] = statistics(simd, &size, x);
            kept[2 * group..][..2].copy_from_slice(&[mean, scale]);
            let (weight, bias) = (size.weights(first + group, weight), size.weights(first + group, bias));
            let (mean, scale) = (V::<S, T>::splat(simd, mean), V::<S, T>::splat(simd, scale));
            if size.shared == 1 {
                for_each_span::<V<S, T>, 2>(
                    x.len(),
                    #[inline(always)]
                    // SAFETY: spans lie within the group, which has as many weights.
                    |span| unsafe {
                        let mut normal = (span.load::<V<S, T>>(simd, x) - mean) * scale;
                        if !weight.is_empty() {
                            normal *= span.load(simd, weight);
                        }
                        if !bias.is_empty() {
                            normal += span.load(simd, bias);
                        }
                        span.store(normal, y);
                    },
                );
                continue;
            }
            let channels = x.chunks_exact(size.shared).zip(y.chunks_exact_mut(size.shared));
            for (channel, (x, y)) in channels.enumerate() {
                let weight = V::<S, T>::splat(simd, weight.get(channel).copied().unwrap_or(T::ONE));
                let bias = V::<S, T>::splat(simd, bias.get(channel).copied().unwrap_or(T::ZERO));
                for_each_span::<V<S, T>, 2>(
                    x.len(),
                    #[inline(always)]
                    // SAFETY: spans lie within the channel.
                    |span| unsafe {
                        let normal = (span.load::<V<S, T>>(simd, x) - mean) * scale;
                        span.store(normal.mul_add(weight, bias), y);
                    },
                );
            }
        }
    }
}

/// The gradient by the input, from the statistics that [`forward`] kept; gradients by weight and bias, which may be empty, are
/// added to what is there.
///
/// Several threads first share the weights, each adding up the gradient of its own over all groups, and then the groups. One
/// thread does the same where each number has a weight of its own: so sums over the groups stay in registers.
/// # Panics
/// As [`forward`].
#[inline(never)]
#[expect(clippy::too_many_arguments, reason = "sizes, four operands and three targets")]
pub fn backward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Normalization,
    x: &[T],
    weight: &[T],
    kept: &[T],
    dy: &[T],
    dx: Option<&mut [T]>,
    dweight: &mut [T],
    dbias: &mut [T],
) {
    size.check(x.len(), kept.len(), &[weight.len(), dweight.len(), dbias.len()]);
    assert_eq!(x.len(), dy.len(), "as many numbers of both");
    assert!(dx.as_ref().is_none_or(|dx| dx.len() == x.len()), "as many numbers of both");
    let parts = threads.parts(x.len(), LEAST);
    if parts == 1 && size.shared > 1 {
        return Backward { size: *size, first: 0, x, weight, kept, dy, dx, dweight, dbias }.call(simd);
    }
    let (mut dweight, mut dbias) = (dweight, dbias);
    let weights = dweight.len().max(dbias.len());
    if weights > 0 {
        let own = ranges(weights, parts, 64 / size_of::<T>()).map(|range| {
            let dweight = dweight.split_off_mut(..range.len()).unwrap_or_default();
            let dbias = dbias.split_off_mut(..range.len()).unwrap_or_default();
            (range, dweight, dbias)
        });
        threads.each(own, |(range, dweight, dbias)| {
            OfWeights { size: *size, weights, range, x, kept, dy, dweight, dbias }.call(simd);
        });
    }
    if let Some(dx) = dx {
        let each = chunk(x.len() / size.length, parts, 1);
        let length = each * size.length;
        let parts = x.chunks(length).zip(dy.chunks(length)).zip(kept.chunks(2 * each));
        threads.each(parts.zip(dx.chunks_mut(length)).enumerate(), |(index, (((x, dy), kept), dx))| {
            let (first, dx) = (index * each, Some(dx));
            let (dweight, dbias) = (&mut [][..], &mut [][..]);
            Backward { size: *size, first, x, weight, kept, dy, dx, dweight, dbias }.call(simd);
        });
    }
}

/// Groups from number `first` on.
struct Backward<'a, T> {
    size: Normalization,
    first: usize,
    x: &'a [T],
    weight: &'a [T],
    kept: &'a [T],
    dy: &'a [T],
    dx: Option<&'a mut [T]>,
    dweight: &'a mut [T],
    dbias: &'a mut [T],
}

compiled!(Backward, "prebuilt");

impl<T: Float> WithSimd for Backward<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Backward { size, first, x, weight, kept, dy, mut dx, dweight, dbias } = self;
        for (group, (x, dy)) in x.chunks_exact(size.length).zip(dy.chunks_exact(size.length)).enumerate() {
            let weight = size.weights(first + group, weight);
            let one = Group::new(simd, x, dy, weight, &kept[2 * group..][..2]);
            let dweight = size.weights_mut(first + group, dweight);
            let dbias = size.weights_mut(first + group, dbias);
            let [sum, product] =
                if size.shared == 1 { one.sums() } else { one.sums_of_channels(size.shared, dweight, dbias) };
            if let Some(dx) = &mut dx {
                let count = T::from_usize(size.length);
                let sum = if size.centred { sum / count } else { T::ZERO };
                let means = [sum, product / count].map(|mean| VectorOf::<S, T>::splat(simd, mean));
                let dx = &mut dx[group * size.length..][..size.length];
                if size.shared == 1 {
                    one.input(means, dx);
                } else {
                    one.input_of_channels(size.shared, means, dx);
                }
            }
        }
    }
}

/// A group on the way back.
struct Group<'a, S: Simd, T: Float> {
    simd: S,
    x: &'a [T],
    dy: &'a [T],
    weight: &'a [T],
    mean: VectorOf<S, T>,
    scale: VectorOf<S, T>,
}

impl<'a, S: Simd, T: Float> Group<'a, S, T> {
    #[inline(always)]
    fn new(simd: S, x: &'a [T], dy: &'a [T], weight: &'a [T], kept: &[T]) -> Self {
        let [mean, scale] = [kept[0], kept[1]].map(|number| VectorOf::<S, T>::splat(simd, number));
        Group { simd, x, dy, weight, mean, scale }
    }

    /// `Σ g` and `Σ g x^`, where each number has a weight of its own.
    #[inline(always)]
    fn sums(&self) -> [T; 2] {
        let (simd, zero) = (self.simd, VectorOf::<S, T>::zero(self.simd));
        let mut products = zero;
        let sum = fold_spans(
            self.x.len(),
            zero,
            #[inline(always)]
            // SAFETY: spans lie within the group, and so within as many weights.
            |sum, span| unsafe {
                let dy = span.load::<VectorOf<S, T>>(simd, self.dy);
                let normal = (span.load::<VectorOf<S, T>>(simd, self.x) - self.mean) * self.scale;
                // Lanes behind the end are 0 in `dy`.
                let g = if self.weight.is_empty() { dy } else { dy * span.load(simd, self.weight) };
                products = g.mul_add(normal, products);
                sum + g
            },
            #[inline(always)]
            |a, b| a + b,
        );
        [sum.sum(), products.sum()]
    }

    /// The same where `shared` neighbours have one weight.
    #[inline(always)]
    fn sums_of_channels(&self, shared: usize, dweight: &mut [T], dbias: &mut [T]) -> [T; 2] {
        let (simd, zero) = (self.simd, VectorOf::<S, T>::zero(self.simd));
        let [mut sum, mut product] = [T::ZERO; 2];
        for (channel, (x, dy)) in self.x.chunks_exact(shared).zip(self.dy.chunks_exact(shared)).enumerate() {
            let mut products = zero;
            let gradients = fold_spans(
                shared,
                zero,
                #[inline(always)]
                // SAFETY: spans lie within the channel.
                |sum, span| unsafe {
                    let dy = span.load::<VectorOf<S, T>>(simd, dy);
                    let normal = (span.load::<VectorOf<S, T>>(simd, x) - self.mean) * self.scale;
                    products = dy.mul_add(normal, products);
                    sum + dy
                },
                #[inline(always)]
                |a, b| a + b,
            );
            let (of_bias, of_weight) = (gradients.sum(), products.sum());
            if let Some(dweight) = dweight.get_mut(channel) {
                *dweight += of_weight;
            }
            if let Some(dbias) = dbias.get_mut(channel) {
                *dbias += of_bias;
            }
            let weight = self.weight.get(channel).copied().unwrap_or(T::ONE);
            sum += weight * of_bias;
            product += weight * of_weight;
        }
        [sum, product]
    }

    /// The gradient by the input, where each number has a weight of its own.
    #[inline(always)]
    fn input(&self, [sum, product]: [VectorOf<S, T>; 2], dx: &mut [T]) {
        let simd = self.simd;
        for_each_span::<VectorOf<S, T>, 2>(
            dx.len(),
            #[inline(always)]
            // SAFETY: spans lie within the group, and so within as many weights.
            |span| unsafe {
                let dy = span.load::<VectorOf<S, T>>(simd, self.dy);
                let normal = (span.load::<VectorOf<S, T>>(simd, self.x) - self.mean) * self.scale;
                let g = if self.weight.is_empty() { dy } else { dy * span.load(simd, self.weight) };
                span.store(self.scale * (normal.neg_mul_add(product, g) - sum), dx);
            },
        );
    }

    /// The same where `shared` neighbours have one weight.
    #[inline(always)]
    fn input_of_channels(&self, shared: usize, [sum, product]: [VectorOf<S, T>; 2], dx: &mut [T]) {
        let simd = self.simd;
        let channels = self.x.chunks_exact(shared).zip(self.dy.chunks_exact(shared));
        for (channel, ((x, dy), dx)) in channels.zip(dx.chunks_exact_mut(shared)).enumerate() {
            let weight = VectorOf::<S, T>::splat(simd, self.weight.get(channel).copied().unwrap_or(T::ONE));
            for_each_span::<VectorOf<S, T>, 2>(
                shared,
                #[inline(always)]
                // SAFETY: spans lie within the channel.
                |span| unsafe {
                    let g = span.load::<VectorOf<S, T>>(simd, dy) * weight;
                    let normal = (span.load::<VectorOf<S, T>>(simd, x) - self.mean) * self.scale;
                    span.store(self.scale * (normal.neg_mul_add(product, g) - sum), dx);
                },
            );
        }
    }
}
