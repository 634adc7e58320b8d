//! The gradient by the weights with the output's channels side by side, rather than samples: so registers are full for a few
//! samples, too.
//!
//! ```text
//! for each sample
//!     copy x and dy to stages whose innermost axis is the channel
//!     for each row of the window: sums(tap and c, o) += Σ over places x(place + tap, c) dy(place, o), in registers
//! put the sums where the weights are
//! ```
//! In a stage of `x`, the taps of a row of the window and all their channels are neighbours. Threads share the channels that are
//! copied, then the sums.

use core::iter;
use core::marker::PhantomData;
use core::ops::Range;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::outer::Outer;
use super::{Convolution, LANES, LEAST, Room, Way, WeightGradient};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::gemm::transpose;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Places whose products are one sum: the error of a sum grows with its length, that of a sum of sums less.
const LONGEST: usize = 512;

/// Rows of a tile, at most.
const ROWS: usize = 8;

/// Whether the taps of a row of the window are neighbours, and the output's channels fill registers.
pub(super) const fn is_possible(size: &Convolution) -> bool {
    (size.window.dilation[2] == 1 || size.window.kernel[2] == 1) && 2 * size.outputs > LANES
}

/// Whether registers are fuller so than with so many samples side by side, or as full, with channels enough that few rows of a tile
/// are for nothing: then a sample's copies are nearer than a block's, and sums need not be added up across lanes.
pub(super) fn is_better(size: &Convolution, rows: usize, lanes: usize) -> bool {
    let (outputs, all) = (size.outputs, size.outputs.next_multiple_of(LANES));
    let is_fuller = outputs * rows.next_multiple_of(lanes) > rows * all;
    let is_full = outputs == all && size.inputs >= LANES && !matches!(size.way, Way::Sums);
    is_possible(size) && (is_fuller || is_full)
}

/// Numbers that a row of the window takes, of all channels of the input in a group.
const fn row_length(size: &Convolution) -> usize {
    size.window.kernel[2] * size.inputs
}

/// Numbers of a row of sums, filled up to whole tiles.
const fn row_step(size: &Convolution) -> usize {
    row_length(size).next_multiple_of(ROWS) * size.outputs.next_multiple_of(LANES)
}

/// Numbers of workspace for all threads together.
const fn shared_room(size: &Convolution) -> usize {
    let (x, outputs) = (volume(size.window.padded()) * size.inputs, size.outputs.next_multiple_of(LANES));
    let rows = size.window.kernel[0] * size.window.kernel[1];
    x + volume(size.window.output) * outputs + rows * row_step(size) + outputs + 6 * LANES
}

/// Numbers of workspace for each thread: a line of sixteen channels.
const fn own_room(size: &Convolution) -> usize {
    let (input, output) = (size.window.input[2], size.window.output[2]);
    (if input > output { input } else { output }) * LANES + LANES
}

/// Numbers of workspace in all.
pub(super) const fn workspace(size: &Convolution) -> usize {
    if is_possible(size) { shared_room(size) + own_room(size) } else { 0 }
}

/// What all threads read, and where each writes its own part.
///
/// The pointers are valid for what the sizes say as long as it lives.
#[derive(Clone)]
struct Sample<'a, T> {
    size: &'a Convolution,
    /// A sample's group of channels.
    x: *const T,
    dy: *const T,
    /// The weights' gradient, of the group.
    dweight: *mut T,
    x_stage: *mut T,
    dy_stage: *mut T,
    /// The sums: row of the window, tap and input channel, output channel; and those of `dy`.
    sums: *mut T,
    bias: *mut T,
    borrow: PhantomData<&'a mut T>,
}

/// As [`super::weight_gradient`], added to what is there.
/// # Safety
/// The slices have the lengths that the sizes say; the workspace has room.
#[inline(always)]
pub(super) unsafe fn add<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    work: WeightGradient<'_, T>,
) {
    let WeightGradient { rows, x, dy, dweight, dbias, workspace } = work;
    if rows == 0 {
        return;
    }
    let outputs = size.outputs.next_multiple_of(LANES);
    let window_rows = size.window.kernel[0] * size.window.kernel[1];
    let (input, output) = (volume(size.window.input), volume(size.window.output));
    let mut room = Room(workspace.as_mut_ptr());
    // A tile of the last taps reads up to seven numbers behind the stage, which it drops.
    let x_stage = room.take(volume(size.window.padded()) * size.inputs + ROWS);
    let dy_stage = room.take(output * outputs);
    let sums = room.take(window_rows * row_step(size));
    let bias = room.take(outputs);
    let own = room.take(0);
    let mut parts = threads.parts(rows * size.flops() / 2, LEAST);
    let mut spare = threads.spare();
    if spare.piece_length::<T>() < own_room(size) {
        parts = 1;
    }
    for group in 0..size.groups {
        // SAFETY: the workspace has room for the stage and the slack behind it.
        unsafe { x_stage.write_bytes(0, volume(size.window.padded()) * size.inputs + ROWS) };
        let dweight =
            dweight.as_mut_ptr().wrapping_add(group * size.outputs * size.inputs * size.window.taps());
        let at = |row: usize| Sample {
            size,
            x: x.as_ptr().wrapping_add((row * size.groups + group) * size.inputs * input),
            dy: dy.as_ptr().wrapping_add((row * size.groups + group) * size.outputs * output),
            dweight,
            x_stage,
            dy_stage,
            sums,
            bias,
            borrow: PhantomData,
        };
        for row in 0..rows {
            let (sample, adds) = (&at(row), row > 0);
            let units = size.inputs.div_ceil(LANES) + outputs / LANES;
            let copy = Copying { sample, units: 0..units, adds, room: own };
            let tiles = window_rows * row_length(size).div_ceil(ROWS);
            let sum = Summing { sample, tiles: 0..tiles, adds };
            if parts == 1 {
                copy.call(simd);
                sum.call(simd);
                continue;
            }
            let rooms = iter::once(own).chain(spare.pieces().map(|piece| Room(piece.as_mut_ptr()).take(0)));
            let copies = ranges(units, parts, 1).zip(rooms);
            let copies = copies.map(|(units, room)| Copying { units, room, ..copy.clone() });
            threads.each(copies, |part| part.call(simd));
            let sums = ranges(tiles, parts, 1).map(|tiles| Summing { tiles, ..sum.clone() });
            threads.each(sums, |part| part.call(simd));
        }
        Returning { sample: &at(0) }.call(simd);
        for (channel, dbias) in dbias.iter_mut().skip(group * size.outputs).take(size.outputs).enumerate() {
            // SAFETY: there is a sum for each channel of the group.
            *dbias += unsafe { *bias.add(channel) };
        }
    }
}

/// Channels of a sample on their way to the stages, sixteen at a time.
///
/// What it writes, its channels in the stages, their sums and its room, is its own.
#[derive(Clone)]
struct Copying<'a, T> {
    sample: &'a Sample<'a, T>,
    /// Which sixteens of channels, first those of the input.
    units: Range<usize>,
    /// Whether there are sums already.
    adds: bool,
    room: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Copying<'_, T> {}

compiled!(Copying, "prebuilt");

impl<T: Float> WithSimd for Copying<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Copying { sample, units, adds, room } = self;
        let (window, lanes) = (&sample.size.window, VectorOf::<S, T>::LANES);
        let bands = sample.size.inputs.div_ceil(LANES);
        for unit in units {
            let is_input = unit < bands;
            let (from, channels, pitch, lengths, padded, before, stage, band) = if is_input {
                let inputs = sample.size.inputs;
                let (padded, before) = (window.padded(), window.before);
                (sample.x, inputs, inputs, window.input, padded, before, sample.x_stage, unit)
            } else {
                let (outputs, lengths) = (sample.size.outputs, window.output);
                let pitch = outputs.next_multiple_of(LANES);
                (sample.dy, outputs, pitch, lengths, lengths, [0; 3], sample.dy_stage, unit - bands)
            };
            let count = (channels - band * LANES).min(LANES);
            // Channels that aren't there are 0 in the stage of `dy`, and have no place in that of `x`.
            let written = (pitch - band * LANES).min(LANES);
            let mut sums = [VectorOf::<S, T>::zero(simd); LANES];
            for line in 0..lengths[0] * lengths[1] {
                let (plane, row) = (line / lengths[1] + before[0], line % lengths[1] + before[1]);
                let place = (plane * padded[1] + row) * padded[2] + before[2];
                // SAFETY: the line is in the sample and in the stage; the room is for one of sixteen channels.
                unsafe {
                    let from = from.add(band * LANES * volume(lengths) + line * lengths[2]);
                    transpose(simd, from, volume(lengths), lengths[2], count, LANES, room);
                    for column in 0..lengths[2] {
                        let to = stage.add((place + column) * pitch + band * LANES);
                        for lane in (0..written).step_by(lanes) {
                            let from = room.add(column * LANES + lane);
                            let numbers = VectorOf::<S, T>::load_pointer(simd, from);
                            numbers.store_partial_pointer(to.add(lane), (written - lane).min(lanes));
                            sums[lane / lanes] += numbers;
                        }
                    }
                }
            }
            if !is_input {
                for lane in (0..LANES).step_by(lanes) {
                    // SAFETY: there is a sum for each channel.
                    unsafe {
                        let to = sample.bias.add(band * LANES + lane);
                        let zero = VectorOf::<S, T>::zero(simd);
                        let before = if adds { VectorOf::<S, T>::load_pointer(simd, to) } else { zero };
                        (before + sums[lane / lanes]).store_pointer(to);
                    }
                }
            }
        }
    }
}

/// Sums over the places of a sample.
///
/// What it writes, the sums of its tiles, is its own.
#[derive(Clone)]
struct Summing<'a, T> {
    sample: &'a Sample<'a, T>,
    /// Which eights of taps and channels, of all rows of the window.
    tiles: Range<usize>,
    /// Whether there are sums already.
    adds: bool,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Summing<'_, T> {}

compiled!(Summing, "prebuilt");

impl<T: Float> WithSimd for Summing<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Summing { sample, tiles, adds } = self;
        let Sample { size, .. } = *sample;
        let (window, inputs) = (&size.window, size.inputs);
        let (outputs, lanes) = (size.outputs.next_multiple_of(LANES), VectorOf::<S, T>::LANES);
        let in_row = row_length(size).div_ceil(ROWS);
        let [planes, rows, columns] = window.output;
        let [_, height, width] = window.padded();
        let most = (LONGEST / columns).max(1);
        // Places outermost, so that much of `dy` is near for all tiles.
        for plane in 0..planes {
            for line in (0..rows).step_by(most) {
                for tile in tiles.clone() {
                    let (row, first) = (tile / in_row, tile % in_row * ROWS);
                    let from = [
                        plane * window.stride[0] + row / window.kernel[1] * window.dilation[0],
                        line * window.stride[1] + row % window.kernel[1] * window.dilation[1],
                    ];
                    let place = (from[0] * height + from[1]) * width;
                    let left_stretch = window.stride[1] * width * inputs;
                    let outer = Outer {
                        stretches: ((rows - line).min(most), left_stretch, columns * outputs),
                        count: columns,
                        left: sample.x_stage.wrapping_add(place * inputs + first).cast_const(),
                        left_step: window.stride[2] * inputs,
                        left_row: 1,
                        right: sample.dy_stage.wrapping_add((plane * rows + line) * columns * outputs),
                        right_step: outputs,
                        target: sample.sums.wrapping_add(row * row_step(size) + first * outputs),
                        target_step: outputs,
                        adds: adds || plane + line > 0,
                    };
                    // SAFETY: all places are in the stages; rows of sums are filled up to whole tiles.
                    unsafe {
                        if const { S::REGISTERS >= 32 } {
                            outer.rows::<S, 8>(simd, 0, outputs / lanes);
                        } else {
                            outer.rows::<S, 4>(simd, 0, outputs / lanes);
                            outer.rows::<S, 4>(simd, 4, outputs / lanes);
                        }
                    }
                }
            }
        }
    }
}

/// Sums on their way to the weights.
struct Returning<'a, T> {
    sample: &'a Sample<'a, T>,
}

compiled!(Returning, "prebuilt");

impl<T: Float> WithSimd for Returning<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let sample = self.sample;
        let Sample { size, .. } = *sample;
        let (taps, across, inputs) = (size.window.taps(), size.window.kernel[2], size.inputs);
        let (all, lanes) = (size.outputs.next_multiple_of(LANES), VectorOf::<S, T>::LANES);
        let zero = VectorOf::<S, T>::zero(simd);
        let length = inputs * taps;
        for output in (0..size.outputs).step_by(lanes) {
            for start in (0..length).step_by(lanes) {
                let count = (length - start).min(lanes);
                // SAFETY: there is a sum for each weight; the last one is read again where there are no more.
                unsafe {
                    let lines = GenericArray::generate(
                        #[inline(always)]
                        |line| {
                            let weight = start + line.min(count - 1);
                            let (channel, tap) = (weight / taps, weight % taps);
                            let row = tap / across * row_step(size);
                            let at = row + (tap % across * inputs + channel) * all + output;
                            VectorOf::<S, T>::load_pointer(simd, sample.sums.add(at))
                        },
                    );
                    let weights = VectorOf::<S, T>::transpose(lines);
                    for channel in 0..lanes.min(size.outputs - output) {
                        let to = sample.dweight.add((output + channel) * length + start);
                        let before = VectorOf::<S, T>::load_partial_pointer(simd, to, count, zero);
                        (before + weights[channel]).store_partial_pointer(to, count);
                    }
                }
            }
        }
    }
}
