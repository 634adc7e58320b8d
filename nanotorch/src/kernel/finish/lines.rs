//! Sums of one channel side by side, as convolutions have them.

use super::{Finish, Finisher};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::span::for_each_span;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

impl<T: Float> Finish<'_, T> {
    /// For the numbers of one channel.
    #[inline(always)]
    pub(in crate::kernel) fn of_channel<S: Simd>(&self, simd: S, channel: usize) -> Finisher<VectorOf<S, T>> {
        let one = |numbers: &[T], otherwise| {
            VectorOf::<S, T>::splat(simd, numbers.get(channel).map_or(otherwise, |&number| number))
        };
        Finisher {
            scale: one(self.scale, T::ONE),
            shift: one(self.shift, T::ZERO),
            is_scaled: !self.scale.is_empty(),
            rectified: self.rectified,
        }
    }
}

impl<V: Vector> Finisher<V> {
    /// Sums that are finished already: -0 is added, which changes no number.
    #[inline(always)]
    pub(in crate::kernel) fn nothing(simd: V::Isa) -> Self {
        let shift = V::splat(simd, -V::Scalar::ZERO);
        Finisher { scale: V::zero(simd), shift, is_scaled: false, rectified: false }
    }
}

/// `y(c, p) = finish(y(c, p))`, for lines of `length` numbers, of a channel each, from `first` on.
#[inline(always)]
pub(in crate::kernel) fn finish_lines<S: Simd, T: Float>(
    simd: S,
    finish: Finish<'_, T>,
    first: usize,
    length: usize,
    y: &mut [T],
) {
    if finish.scale.is_empty() && finish.shift.is_empty() && !finish.rectified {
        return;
    }
    Lines { finish, first, length, y }.call(simd);
}

/// Lines that are finished where they are.
struct Lines<'a, T> {
    finish: Finish<'a, T>,
    first: usize,
    length: usize,
    y: &'a mut [T],
}

compiled!(Lines, "prebuilt");

impl<T: Float> WithSimd for Lines<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Lines { finish, first, length, y } = self;
        for (channel, y) in y.chunks_exact_mut(length.max(1)).enumerate() {
            let finisher = finish.of_channel(simd, first + channel);
            for_each_span::<VectorOf<S, T>, 2>(
                length,
                #[inline(always)]
                |span| {
                    // SAFETY: spans lie within the line.
                    unsafe { span.store(finisher.apply(span.load(simd, y)), y) }
                },
            );
        }
    }
}
