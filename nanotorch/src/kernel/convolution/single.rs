//! Sums over channels and taps for one sample: a tile is some neighbouring places by some registers of the output's channels.

use core::ops::Range;

use super::pack::Weights;
use super::stage::{Shape, put};
use super::sweep::{Direction, Place, Sweep};
use super::{Convolution, LANES, Room};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::{Finish, Finisher};
use crate::kernel::gemm::transpose;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// Numbers of the sums that wait to be put in place: a register of places by two registers of channels.
pub(super) const OUTPUTS: usize = LANES * 2 * LANES;

/// A few samples on their way through the window, one by one, or a part of their channels or places.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its channels' places, is its own.
#[derive(Clone)]
pub(super) struct Single<'a, T> {
    pub(super) size: &'a Convolution,
    pub(super) rows: usize,
    /// Which bands of channels, each of a group and at most two registers; see [`bands`].
    pub(super) bands: Range<usize>,
    /// The places of the result, from a multiple of [`LANES`] on.
    pub(super) places: Range<usize>,
    pub(super) finish: Finish<'a, T>,
    pub(super) source: *const T,
    pub(super) weight: *const T,
    pub(super) target: *mut T,
    pub(super) workspace: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Single<'_, T> {}

compiled!(Single, "images");

/// How many bands of channels there are in all groups, if a register has so many lanes.
pub(super) fn bands(size: &Convolution, lanes: usize) -> usize {
    size.groups * size.outputs.div_ceil(2 * lanes)
}

impl<T: Float> WithSimd for Single<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Single { size, finish, .. } = self;
        let (window, outputs, taps) = (&size.window, size.outputs, size.window.taps());
        let sweep = Sweep::new(size, Direction::Forward, 1);
        let shape = Shape::of_input(size);
        let lanes = VectorOf::<S, T>::LANES;
        let mut room = Room(self.workspace);
        let stage = room.take(shape.staged());
        let packed = room.take(sweep.lines() * 2 * lanes);
        let sums = room.take(OUTPUTS);
        let places = volume(sweep.places);
        let in_group = outputs.div_ceil(2 * lanes);
        let mut staged = None;
        // SAFETY: the workspace has room for one sample, for the packed weights of two registers of channels, and for the sums.
        unsafe {
            shape.clear(stage, 1);
            // Weights are packed once for all samples; so samples are the inner loop, and padded ones are copied again.
            for band in self.bands {
                let (group, row) = (band / in_group, band % in_group * 2 * lanes);
                let left = outputs - row;
                let registers = if left > lanes { 2 } else { 1 };
                let channel = group * outputs + row;
                let (from, width) = (self.weight.add(channel * sweep.lines()), registers * lanes);
                if sweep.is_natural() {
                    transpose(simd, from, sweep.lines(), sweep.lines(), left.min(width), width, packed);
                } else {
                    let weights =
                        Weights { pointer: from, rows: left, row_step: sweep.lines(), channel_step: taps };
                    weights.pack(&sweep, taps, 0, width, packed);
                }
                for sample in 0..self.rows {
                    let source = self.source.add(sample * shape.length());
                    let source = if window.is_unpadded() {
                        source
                    } else {
                        if staged != Some(sample) {
                            shape.for_each_run(0..shape.channels, |from, to, length| {
                                source.add(from).copy_to_nonoverlapping(stage.add(to), length);
                            });
                            staged = Some(sample);
                        }
                        stage.cast_const()
                    };
                    let tiles = Tiles {
                        sweep: &sweep,
                        stride: window.stride[2],
                        stage: source.add(group * size.inputs * sweep.channel_step()),
                        weights: packed,
                        sums,
                        places: self.places.clone(),
                        finish,
                        channel,
                        channels: left.min(width),
                        target: self.target.add((sample * size.groups * outputs + channel) * places),
                    };
                    if registers == 2 {
                        tiles.run::<S, 2>(simd);
                    } else {
                        tiles.run::<S, 1>(simd);
                    }
                }
            }
        }
    }
}

/// Some registers of channels of one sample.
struct Tiles<'a, T> {
    sweep: &'a Sweep,
    stride: usize,
    stage: *const T,
    weights: *const T,
    sums: *mut T,
    places: Range<usize>,
    finish: Finish<'a, T>,
    /// The first channel, and how many there are.
    channel: usize,
    channels: usize,
    target: *mut T,
}

impl<T: Float> Tiles<'_, T> {
    /// All places, for V registers of channels.
    /// # Safety
    /// The pointers are valid for what the sweep says.
    #[inline(always)]
    unsafe fn run<S: Simd, const V: usize>(&self, simd: S) {
        let lanes = VectorOf::<S, T>::LANES;
        let (places, columns) = (volume(self.sweep.places), self.sweep.places[2]);
        for first in self.places.clone().step_by(lanes) {
            let count = (self.places.end - first).min(lanes);
            let mut done = 0;
            while done < count {
                // As many neighbours in a row as a tile has room for.
                let left = (count - done).min(columns - (first + done) % columns);
                let place = self.sweep.place(first + done);
                // SAFETY: the caller's promise; the places of a tile are in one row.
                unsafe {
                    done += match left {
                        8.. => self.tile::<S, 8, V>(simd, &place, done),
                        4..8 => self.tile::<S, 4, V>(simd, &place, done),
                        _ => self.tile::<S, 1, V>(simd, &place, done),
                    };
                }
            }
            for register in 0..V {
                let channel = register * lanes;
                let channels = self.channels.saturating_sub(channel).min(lanes);
                // SAFETY: the caller's promise; the sums of all places have just been written.
                unsafe {
                    // Here channels are lanes, and each is finished in its own way.
                    let finish = self.finish.of_channels(simd, self.channel + channel, channels);
                    for place in 0..count {
                        let sums = self.sums.add((place * V + register) * lanes);
                        finish.apply(VectorOf::<S, T>::load_pointer(simd, sums)).store_pointer(sums);
                    }
                    let (sums, target) = (self.sums.add(channel), self.target.add(channel * places + first));
                    put(simd, sums, V * lanes, count, Finisher::nothing(simd), target, places, channels);
                }
            }
        }
    }

    /// The sums of R places in a row, from the place number `index` of the register on; returns R.
    /// # Safety
    /// As [`Tiles::run`]; the places are in one row.
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize, const V: usize>(
        &self,
        simd: S,
        place: &Place,
        index: usize,
    ) -> usize {
        let lanes = VectorOf::<S, T>::LANES;
        let mut sums = [[VectorOf::<S, T>::zero(simd); V]; R];
        let [a, b, c, d] = self.sweep.loops(place);
        let width = V * lanes;
        let mut at_a = (self.stage.wrapping_add(place.offset), self.weights.wrapping_add(place.line * width));
        for _ in 0..a.count {
            let mut at_b = at_a;
            for _ in 0..b.count {
                let mut at_c = at_b;
                for _ in 0..c.count {
                    let (mut number, mut weight) = at_c;
                    for _ in 0..d.count {
                        // SAFETY: the caller's promise.
                        unsafe {
                            let mut weights = [VectorOf::<S, T>::zero(simd); V];
                            for (register, weights) in weights.iter_mut().enumerate() {
                                *weights = VectorOf::<S, T>::load_pointer(simd, weight.add(register * lanes));
                            }
                            for (row, sums) in sums.iter_mut().enumerate() {
                                let spread = VectorOf::<S, T>::splat(simd, *number.add(row * self.stride));
                                for (sum, weights) in sums.iter_mut().zip(weights) {
                                    *sum = spread.mul_add(weights, *sum);
                                }
                            }
                        }
                        number = number.wrapping_offset(d.step);
                        weight = weight.wrapping_add(d.line * width);
                    }
                    at_c = (at_c.0.wrapping_offset(c.step), at_c.1.wrapping_add(c.line * width));
                }
                at_b = (at_b.0.wrapping_offset(b.step), at_b.1.wrapping_add(b.line * width));
            }
            at_a = (at_a.0.wrapping_offset(a.step), at_a.1.wrapping_add(a.line * width));
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (register, sum) in sums.into_iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe { sum.store_pointer(self.sums.add(((index + row) * V + register) * lanes)) }
            }
        }
        R
    }
}
