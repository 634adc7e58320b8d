//! Transformed weights, in the order in which they are used.

use core::marker::PhantomData;
use core::ops::Range;

use super::squares::WAYS;
use super::sweep::Direction;
use super::transform::of_weights;
use super::{Convolution, LANES};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::gemm::transpose;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Channels of which the weights are turned at a time: their numbers nearly fill as many registers.
const TURNED: usize = 7;

/// Weights to be transformed: `band`, of so many rows of the result; then way, channel of what comes in, row.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its bands, is its own.
#[derive(Clone)]
pub(super) struct Packing<'a, T> {
    size: &'a Convolution,
    direction: Direction,
    /// Channels of what comes in and of the result, in a group.
    sources: usize,
    results: usize,
    /// Rows of a band, a multiple of 16. The last one of a group may have fewer.
    width: usize,
    /// Which bands, of all groups.
    bands: Range<usize>,
    weight: *const T,
    packed: *mut T,
    borrow: PhantomData<&'a mut T>,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Packing<'_, T> {}

compiled!(Packing, "prebuilt");

/// Numbers that the weights of all groups become, in bands of `width` rows.
pub(super) const fn length(groups: usize, sources: usize, results: usize, width: usize) -> usize {
    groups * WAYS * (sources * results.next_multiple_of(LANES) + results.div_ceil(width) * LANES)
}

/// From one of the 36 to the next: not a power of two, whose lines would all share a place in the cache.
pub(super) const fn way_step(sources: usize, width: usize) -> usize {
    sources * width + LANES
}

impl<'a, T: Float> Packing<'a, T> {
    /// All bands, of `width` rows each.
    pub(super) fn new(
        size: &'a Convolution,
        direction: Direction,
        width: usize,
        weight: *const T,
        packed: *mut T,
    ) -> Self {
        let (sources, results) = size.channels(direction);
        let bands = 0..size.groups * results.div_ceil(width);
        Packing { size, direction, sources, results, width, bands, weight, packed, borrow: PhantomData }
    }

    /// Some bands only.
    #[inline(always)]
    pub(super) fn some(&self, bands: Range<usize>) -> Self {
        Packing { bands, ..self.clone() }
    }

    /// All bands, by so many threads.
    #[inline(always)]
    pub(super) fn on<S: Simd>(&self, simd: S, threads: Threads<'_>, parts: usize) {
        let parts = ranges(self.bands.len(), parts, 1).map(|bands| self.some(bands));
        threads.each(parts, |part| part.call(simd));
    }

    /// The first row of a band in its group, how many there are with those that are filled up, and where it is packed.
    #[inline(always)]
    pub(super) fn band(&self, band: usize) -> (usize, usize, *mut T) {
        let (all, in_group) = (self.results.next_multiple_of(LANES), self.results.div_ceil(self.width));
        let (group, row) = (band / in_group, band % in_group * self.width);
        let start = WAYS * ((group * all + row) * self.sources + band * LANES);
        (row, self.width.min(all - row), self.packed.wrapping_add(start))
    }
}

impl<T: Float> WithSimd for Packing<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Packing { size, sources, .. } = self;
        let lanes = VectorOf::<S, T>::LANES;
        let (inputs, outputs, taps) = (size.inputs, size.outputs, 9);
        // Forward, the weights of a row's channels are neighbours; back, those of a channel's rows are.
        let (row_step, channel_step, together, turned) = match self.direction {
            Direction::Forward => (inputs * taps, taps, TURNED, false),
            Direction::Backward => (taps, inputs * taps, 1, true),
        };
        let in_group = self.results.div_ceil(self.width);
        let mut panel = [T::ZERO; TURNED * 9 * LANES];
        for band in self.bands.clone() {
            let (first, width, packed) = self.band(band);
            let start = band / in_group * inputs * outputs * taps;
            for row in (0..width).step_by(LANES) {
                let count = (self.results - first - row).min(LANES);
                for channel in (0..sources).step_by(together) {
                    let channels = together.min(sources - channel);
                    let start = start + (first + row) * row_step + channel * channel_step;
                    // SAFETY: rows and channels are among the weights; the packed weights have a place for each.
                    unsafe {
                        let from = self.weight.add(start);
                        transpose(simd, from, row_step, channels * taps, count, LANES, panel.as_mut_ptr());
                        for index in 0..channels {
                            for lane in (0..LANES).step_by(lanes) {
                                let mut weights = [[VectorOf::<S, T>::zero(simd); 3]; 3];
                                for tap in 0..9 {
                                    let tap_of = index * 9 + if turned { 8 - tap } else { tap };
                                    let from = panel.as_ptr().add(tap_of * LANES + lane);
                                    weights[tap / 3][tap % 3] = VectorOf::<S, T>::load_pointer(simd, from);
                                }
                                let to = packed.add((channel + index) * width + row + lane);
                                of_weights(simd, &weights, |way, weight| {
                                    weight.store_pointer(to.add(way * way_step(sources, width)));
                                });
                            }
                        }
                    }
                }
            }
        }
    }
}
