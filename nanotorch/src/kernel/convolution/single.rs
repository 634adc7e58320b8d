//! Sums over channels and taps for one sample: a tile is some neighbouring places by some registers of the output's channels.

use super::pack::Weights;
use super::stage::put;
use super::sweep::{Direction, Place, Sweep};
use super::{Convolution, LANES, Room};
use crate::element::Float;
use crate::kernel::gemm::transpose;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf};

/// Numbers of the sums that wait to be put in place: a register of places by two registers of channels.
pub(super) const OUTPUTS: usize = LANES * 2 * LANES;

/// As [`super::forward`], sample by sample.
/// # Safety
/// The slices have the lengths that the sizes say; the workspace has room.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "sizes, three operands, a target and room to work")]
pub(super) unsafe fn forward<S: Simd, T: Float>(
    simd: S,
    size: &Convolution,
    rows: usize,
    x: &[T],
    weight: &[T],
    bias: &[T],
    y: &mut [T],
    workspace: &mut [T],
) {
    let (window, inputs, outputs) = (&size.window, size.inputs, size.outputs);
    let sweep = Sweep::new(size, Direction::Forward, 1);
    let shape = super::stage::Shape {
        channels: size.groups * inputs,
        lengths: window.input,
        padded: window.padded(),
        before: window.before,
    };
    let lanes = VectorOf::<S, T>::LANES;
    let mut room = Room(workspace.as_mut_ptr());
    let stage = room.take(shape.staged());
    let packed = room.take(sweep.lines() * 2 * lanes);
    let sums = room.take(OUTPUTS);
    let places = volume(sweep.places);
    // SAFETY: the workspace has room for one sample, for the packed weights of two registers of channels, and for the sums.
    unsafe {
        shape.clear(stage, 1);
        // Weights are packed once for all samples; so samples are the inner loop, and padded ones are copied again.
        for group in 0..size.groups {
            let mut row = 0;
            while row < outputs {
                let left = outputs - row;
                let registers = if left > lanes { 2 } else { 1 };
                let from = (group * outputs + row) * sweep.lines();
                let (from, width) = (weight.as_ptr().add(from), registers * lanes);
                if sweep.is_natural() {
                    transpose(simd, from, sweep.lines(), sweep.lines(), left.min(width), width, packed);
                } else {
                    let weights = Weights {
                        pointer: from,
                        rows: left,
                        row_step: sweep.lines(),
                        channel_step: window.taps(),
                    };
                    weights.pack(&sweep, window.taps(), 0, width, packed);
                }
                for sample in 0..rows {
                    let source = x.as_ptr().add(sample * shape.length());
                    let source = if window.is_unpadded() {
                        source
                    } else {
                        shape.for_each_run(|from, to, length| {
                            source.add(from).copy_to_nonoverlapping(stage.add(to), length);
                        });
                        stage.cast_const()
                    };
                    let channel = group * outputs + row;
                    let tiles = Tiles {
                        sweep: &sweep,
                        stride: window.stride[2],
                        stage: source.add(group * inputs * sweep.channel_step()),
                        weights: packed,
                        sums,
                        bias: bias.get(channel..).unwrap_or(&[]),
                        channels: left.min(width),
                        target: y.as_mut_ptr().add((sample * size.groups * outputs + channel) * places),
                    };
                    if registers == 2 {
                        tiles.run::<S, 2>(simd);
                    } else {
                        tiles.run::<S, 1>(simd);
                    }
                }
                row += width;
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
    bias: &'a [T],
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
        for first in (0..places).step_by(lanes) {
            let count = (places - first).min(lanes);
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
                    self.add_bias(simd, register, V, count, channels);
                    let target = self.target.add(channel * places + first);
                    let zero = VectorOf::<S, T>::zero(simd);
                    put(simd, self.sums.add(channel), V * lanes, count, zero, target, places, channels);
                }
            }
        }
    }

    /// Here channels are lanes, and each has a bias of its own.
    /// # Safety
    /// As [`Tiles::run`].
    #[inline(always)]
    unsafe fn add_bias<S: Simd>(
        &self,
        simd: S,
        register: usize,
        width: usize,
        count: usize,
        channels: usize,
    ) {
        let lanes = VectorOf::<S, T>::LANES;
        let Some(bias) = self.bias.get(register * lanes..).filter(|bias| bias.len() >= channels) else {
            return;
        };
        let bias = VectorOf::<S, T>::load_partial(simd, &bias[..channels], T::ZERO);
        for place in 0..count {
            // SAFETY: the caller's promise.
            unsafe {
                let sums = self.sums.add((place * width + register) * lanes);
                (VectorOf::<S, T>::load_pointer(simd, sums) + bias).store_pointer(sums);
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
