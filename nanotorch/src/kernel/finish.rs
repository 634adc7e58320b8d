//! What becomes of the sums on their way out: a factor and a shift for each channel, and negative ones become 0.

#[cfg(feature = "convolution")]
mod lines;

use super::compiled::compiled;
use super::span::for_each_span;
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

#[cfg(feature = "convolution")]
pub(super) use lines::finish_lines;

/// `y(c) = sum(c) * scale(c) + shift(c)`, and 0 where that is negative, if it is `rectified`.
///
/// A bias is a shift; a normalisation with known statistics is both, an activation `relu` says the rest. NaN stays NaN.
#[derive(Clone, Copy, Debug)]
pub struct Finish<'a, T> {
    /// A factor for each channel; empty for none.
    pub scale: &'a [T],
    /// What is added to each channel; empty for nothing.
    pub shift: &'a [T],
    /// Whether negative numbers become 0.
    pub rectified: bool,
}

impl<'a, T: Float> Finish<'a, T> {
    /// A bias for each channel, or none where it is empty.
    pub const fn bias(shift: &'a [T]) -> Self {
        Finish { scale: &[], shift, rectified: false }
    }

    /// Whether there is a number for each of so many channels, or none.
    pub(super) fn fits(&self, channels: usize) -> bool {
        [self.scale, self.shift].into_iter().all(|numbers| numbers.is_empty() || numbers.len() == channels)
    }

    /// For a register of channels from `first` on, of which there are `count`.
    #[inline(always)]
    pub(super) fn of_channels<S: Simd>(
        &self,
        simd: S,
        first: usize,
        count: usize,
    ) -> Finisher<VectorOf<S, T>> {
        let some = |numbers: &[T], otherwise| {
            let numbers = numbers.get(first..first + count).unwrap_or(&[]);
            VectorOf::<S, T>::load_partial(simd, numbers, otherwise)
        };
        Finisher {
            scale: some(self.scale, T::ONE),
            shift: some(self.shift, T::ZERO),
            is_scaled: !self.scale.is_empty(),
            rectified: self.rectified,
        }
    }
}

/// A [`Finish`] of the channels of a register.
#[derive(Clone, Copy)]
pub(super) struct Finisher<V> {
    scale: V,
    shift: V,
    is_scaled: bool,
    rectified: bool,
}

impl<V: Vector> Finisher<V> {
    #[inline(always)]
    pub(super) fn apply(&self, sums: V) -> V {
        let y = if self.is_scaled { sums.mul_add(self.scale, self.shift) } else { sums + self.shift };
        if self.rectified { V::zero(y.isa()).max(y) } else { y }
    }
}

/// `y(r, c) = finish(y(r, c))`, for rows of as many channels as there are neighbours.
/// # Panics
/// The finish is for another number of channels.
#[inline(never)]
pub fn finish_rows<S: Simd, T: Float>(simd: S, finish: Finish<'_, T>, channels: usize, y: &mut [T]) {
    assert!(finish.fits(channels), "a number for each channel, or none");
    Rows { finish, channels, y }.call(simd);
}

/// Rows that are finished where they are.
struct Rows<'a, T> {
    finish: Finish<'a, T>,
    channels: usize,
    y: &'a mut [T],
}

compiled!(Rows, "prebuilt");

impl<T: Float> WithSimd for Rows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Rows { finish, channels, y } = self;
        for y in y.chunks_exact_mut(channels.max(1)) {
            for_each_span::<VectorOf<S, T>, 2>(
                channels,
                #[inline(always)]
                |span| {
                    let count = (channels - span.start).min(VectorOf::<S, T>::LANES);
                    let finisher = finish.of_channels(simd, span.start, count);
                    // SAFETY: spans lie within the channels.
                    unsafe { span.store(finisher.apply(span.load(simd, y)), y) }
                },
            );
        }
    }
}
