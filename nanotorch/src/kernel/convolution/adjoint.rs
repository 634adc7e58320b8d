//! The gradient by the weights of windows of 3 by 3 with fewer products: the adjoint of `winograd`.
//!
//! ```text
//! dw = Gᵀ [Σ over squares (Bᵀ x B) ∘ (A dy Aᵀ)] G        36 products for a square, rather than 144
//!
//! for each chunk of squares, of which the transformed numbers stay near
//!     transform the squares of x and of dy, channels side by side
//!     for each of 36: sums(c, o) += Σ over squares x(c) dy(o), in registers
//! transform the sums back
//! ```
//! The sum over a square of `dy`, which the gradient by the bias is made of, is one of its 36 numbers. Threads share the channels
//! that are transformed, then the 36; so the order of a sum doesn't depend on them.

use core::iter;
use core::marker::PhantomData;
use core::ops::Range;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::band::{self, Band};
use super::outer::Outer;
use super::squares::WAYS;
use super::transform::of_weights_gradient;
use super::{Convolution, LANES, LEAST, Room, WeightGradient};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Transformed numbers that stay in the second level of the cache.
const NEAR: usize = 320 * 1024;

/// Squares of a chunk, at most: the error of a sum grows with its length, that of a sum of sums less.
const LONGEST: usize = 64;

/// Which of the 36 is the sum of the square.
const SUM: usize = 7;

/// How the squares of images are cut into chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunks {
    /// Channels of the input and of the output in a group, filled up.
    inputs: usize,
    outputs: usize,
    /// Squares along each axis.
    down: usize,
    across: usize,
    /// Rows of squares of a chunk.
    rows: usize,
    /// Samples of a chunk; one, unless it has all rows of squares.
    samples: usize,
}

impl Chunks {
    /// Those of a convolution that is computed by squares.
    pub(super) const fn of(size: &Convolution) -> Chunks {
        let (inputs, outputs) = (size.inputs.next_multiple_of(LANES), size.outputs.next_multiple_of(LANES));
        let [_, height, width] = size.window.output;
        let (down, across) = (height.div_ceil(4), width.div_ceil(4));
        let most = NEAR / (WAYS * (inputs + outputs));
        let most = if most < 16 {
            16
        } else if most > LONGEST {
            LONGEST
        } else {
            most
        };
        let rows = if most / across < 1 { 1 } else { most / across };
        let rows = if rows < down { rows } else { down };
        let rows = down.div_ceil(down.div_ceil(rows));
        let samples = if rows < down || most < down * across { 1 } else { most / (down * across) };
        Chunks { inputs, outputs, down, across, rows, samples }
    }

    /// Squares of a chunk.
    const fn squares(&self) -> usize {
        self.samples * self.rows * self.across
    }

    /// From one of the 36 to the next, of so many channels: not a power of two, whose lines would all share a place in the cache.
    const fn way_step(&self, channels: usize) -> usize {
        self.squares() * channels + LANES
    }

    const fn sum_step(&self) -> usize {
        self.inputs * self.outputs + LANES
    }

    /// Numbers of workspace for all threads together.
    const fn shared_room(&self) -> usize {
        let transformed = self.way_step(self.inputs) + self.way_step(self.outputs);
        WAYS * (transformed + self.sum_step()) + self.outputs + 4 * LANES
    }

    /// Numbers of workspace for each thread.
    const fn own_room(&self) -> usize {
        let stage = band::room(self.rows, self.across);
        let lines = 9 * LANES * LANES;
        (if stage > lines { stage } else { lines }) + LANES
    }

    /// Numbers of workspace in all.
    pub(super) const fn workspace(&self) -> usize {
        self.shared_room() + self.own_room()
    }
}

/// What all threads read, and where each writes its own part.
///
/// The pointers are valid for what the sizes say as long as it lives.
#[derive(Clone)]
struct Group<'a, T> {
    size: &'a Convolution,
    chunks: &'a Chunks,
    /// All samples of the group.
    x: *const T,
    dy: *const T,
    /// The weights' gradient, of the group.
    dweight: *mut T,
    /// The transformed numbers: way, square, channel.
    turned_x: *mut T,
    turned_dy: *mut T,
    /// The sums: way, input channel, output channel; and those of `dy`.
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
    let chunks = &Chunks::of(size);
    let mut room = Room(workspace.as_mut_ptr());
    let turned_x = room.take(WAYS * chunks.way_step(chunks.inputs));
    let turned_dy = room.take(WAYS * chunks.way_step(chunks.outputs));
    let sums = room.take(WAYS * chunks.sum_step());
    let bias = room.take(chunks.outputs);
    let own = room.take(0);
    let mut parts = threads.parts(rows * size.flops() / 4, LEAST);
    let mut spare = threads.spare();
    if spare.piece_length::<T>() < chunks.own_room() {
        parts = 1;
    }
    let [input, output] =
        [size.window.input, size.window.output].map(|lengths| lengths.iter().product::<usize>());
    for number in 0..size.groups {
        let group = Group {
            size,
            chunks,
            x: x.as_ptr().wrapping_add(number * size.inputs * input),
            dy: dy.as_ptr().wrapping_add(number * size.outputs * output),
            dweight: dweight.as_mut_ptr().wrapping_add(number * size.outputs * size.inputs * 9),
            turned_x,
            turned_dy,
            sums,
            bias,
            borrow: PhantomData,
        };
        let mut adds = false;
        for first in (0..rows).step_by(chunks.samples) {
            let samples = (rows - first).min(chunks.samples);
            for row in (0..chunks.down).step_by(chunks.rows) {
                let rows = (chunks.down - row).min(chunks.rows);
                let bands = chunks.inputs / LANES + chunks.outputs / LANES;
                let turn = Turning { group: &group, first, row, rows, units: 0..samples * bands, room: own };
                let squares = samples * rows * chunks.across;
                let sum = Summing { group: &group, squares, ways: 0..WAYS, adds };
                adds = true;
                if parts == 1 {
                    turn.call(simd);
                    sum.call(simd);
                    continue;
                }
                let rooms =
                    iter::once(own).chain(spare.pieces().map(|piece| Room(piece.as_mut_ptr()).take(0)));
                let turns = ranges(samples * bands, parts, 1).zip(rooms);
                let turns = turns.map(|(units, room)| Turning { units, room, ..turn.clone() });
                threads.each(turns, |part| part.call(simd));
                let sums = ranges(WAYS, parts, 1).map(|ways| Summing { ways, ..sum.clone() });
                threads.each(sums, |part| part.call(simd));
            }
        }
        let units = chunks.inputs / LANES * (chunks.outputs / LANES);
        let back = Returning { group: &group, units: 0..units, room: own };
        if parts == 1 {
            back.call(simd);
        } else {
            let rooms = iter::once(own).chain(spare.pieces().map(|piece| Room(piece.as_mut_ptr()).take(0)));
            let backs = ranges(units, parts, 1).zip(rooms);
            threads.each(backs.map(|(units, room)| Returning { units, room, ..back.clone() }), |part| {
                part.call(simd)
            });
        }
        let first = number * size.outputs;
        for (channel, dbias) in dbias.iter_mut().skip(first).take(size.outputs).enumerate() {
            // SAFETY: there is a sum for each channel of the group.
            *dbias += unsafe { *bias.add(channel) };
        }
    }
}

/// Squares to be transformed, of sixteen channels of a sample at a time.
///
/// What it writes, its channels' transformed numbers and its room, is its own.
#[derive(Clone)]
struct Turning<'a, T> {
    group: &'a Group<'a, T>,
    /// The first sample of the chunk.
    first: usize,
    /// Rows of squares.
    row: usize,
    rows: usize,
    /// Which sixteens of channels, first those of the input, sample after sample.
    units: Range<usize>,
    room: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Turning<'_, T> {}

compiled!(Turning, "prebuilt");

impl<T: Float> WithSimd for Turning<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Turning { group, first, row, rows, units, room } = self;
        let Group { size, chunks, .. } = *group;
        let (inputs, outputs) = (chunks.inputs / LANES, chunks.outputs / LANES);
        let (window, squares) = (&size.window, rows * chunks.across);
        for unit in units {
            let (sample, band) = (unit / (inputs + outputs), unit % (inputs + outputs));
            let (is_input, band) = if band < inputs { (true, band) } else { (false, band - inputs) };
            let (from, channels, all, lengths, before, turned) = if is_input {
                (group.x, size.inputs, chunks.inputs, window.input, window.before, group.turned_x)
            } else {
                (group.dy, size.outputs, chunks.outputs, window.output, [0; 3], group.turned_dy)
            };
            let plane = lengths[1] * lengths[2];
            let start = ((first + sample) * size.groups * channels + band * LANES) * plane;
            let band = Band {
                from: from.wrapping_add(start),
                count: (channels - band * LANES).min(LANES),
                lengths: [lengths[1], lengths[2]],
                before: [before[1], before[2]],
                row,
                rows,
                across: chunks.across,
                room,
                to: turned.wrapping_add(sample * squares * all + band * LANES),
                square_step: all,
                way_step: chunks.way_step(all),
            };
            // SAFETY: the room is for a band of squares of sixteen channels; the channels are among those of the sample.
            unsafe {
                if is_input {
                    band.turn_input(simd);
                } else {
                    band.turn_output_gradient(simd);
                }
            }
        }
    }
}

/// Sums over the squares of a chunk, of some of the 36.
///
/// What it writes, the sums of its ways, is its own.
#[derive(Clone)]
struct Summing<'a, T> {
    group: &'a Group<'a, T>,
    squares: usize,
    ways: Range<usize>,
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
        let Summing { group, squares, ways, adds } = self;
        let Group { size, chunks, .. } = *group;
        let lanes = VectorOf::<S, T>::LANES;
        let (inputs, outputs) = (chunks.inputs, chunks.outputs);
        for way in ways {
            let dy = group.turned_dy.wrapping_add(way * chunks.way_step(outputs)).cast_const();
            let outer = Outer {
                stretches: (1, 0, 0),
                count: squares,
                left: group.turned_x.wrapping_add(way * chunks.way_step(inputs)).cast_const(),
                left_step: inputs,
                left_row: 1,
                right: dy,
                right_step: outputs,
                target: group.sums.wrapping_add(way * chunks.sum_step()),
                target_step: outputs,
                adds,
            };
            let rows = if const { S::REGISTERS >= 32 } { 8 } else { 4 };
            for row in (0..size.inputs).step_by(rows) {
                // SAFETY: the channels are filled up to a multiple of 16, so there are as many rows and registers.
                unsafe {
                    if const { S::REGISTERS >= 32 } {
                        outer.rows::<S, 8>(simd, row, outputs / lanes);
                    } else {
                        outer.rows::<S, 4>(simd, row, outputs / lanes);
                    }
                }
            }
            if way == SUM {
                for channel in (0..outputs).step_by(lanes) {
                    // SAFETY: there is a number for each square and channel, and a sum for each channel.
                    unsafe {
                        let to = group.bias.add(channel);
                        let mut sum = VectorOf::<S, T>::zero(simd);
                        for square in 0..squares {
                            sum += VectorOf::<S, T>::load_pointer(simd, dy.add(square * outputs + channel));
                        }
                        let before = if adds {
                            VectorOf::<S, T>::load_pointer(simd, to)
                        } else {
                            VectorOf::<S, T>::zero(simd)
                        };
                        (before + sum).store_pointer(to);
                    }
                }
            }
        }
    }
}

/// Sums on their way back to the weights, of sixteen channels of either side at a time.
///
/// What it writes, the gradient by those weights and its room, is its own.
#[derive(Clone)]
struct Returning<'a, T> {
    group: &'a Group<'a, T>,
    /// Which sixteens: of the output's channels, and of the input's for each of them.
    units: Range<usize>,
    room: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Returning<'_, T> {}

compiled!(Returning, "prebuilt");

impl<T: Float> WithSimd for Returning<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Returning { group, units, room } = self;
        let Group { size, chunks, .. } = *group;
        let lanes = VectorOf::<S, T>::LANES;
        let in_band = chunks.inputs / LANES;
        let zero = VectorOf::<S, T>::zero(simd);
        for unit in units {
            let (output, input) = (unit / in_band * LANES, unit % in_band * LANES);
            let (channels, inputs) = ((size.outputs - output).min(LANES), (size.inputs - input).min(LANES));
            // SAFETY: the sums are of all channels, filled up; the room is for the weights of sixteen; those that are written are there.
            unsafe {
                for channel in 0..inputs {
                    let from = group.sums.add((input + channel) * chunks.outputs + output).cast_const();
                    let to = room.add(channel * 9 * LANES);
                    for lane in (0..LANES).step_by(lanes) {
                        of_weights_gradient::<S, T>(
                            simd,
                            #[inline(always)]
                            |way| {
                                VectorOf::<S, T>::load_pointer(simd, from.add(way * chunks.sum_step() + lane))
                            },
                            #[inline(always)]
                            |tap, weight| weight.store_pointer(to.add(tap * LANES + lane)),
                        );
                    }
                }
                for lane in (0..channels).step_by(lanes) {
                    for first in (0..inputs * 9).step_by(lanes) {
                        let count = (inputs * 9 - first).min(lanes);
                        let lines = GenericArray::generate(
                            #[inline(always)]
                            |line| {
                                // The last one is read again where there are no more.
                                let line = first + line.min(count - 1);
                                VectorOf::<S, T>::load_pointer(simd, room.add(line * LANES + lane))
                            },
                        );
                        let weights = VectorOf::<S, T>::transpose(lines);
                        for channel in 0..lanes.min(channels - lane) {
                            let to = (output + lane + channel) * size.inputs * 9 + input * 9 + first;
                            let to = group.dweight.add(to);
                            let before = VectorOf::<S, T>::load_partial_pointer(simd, to, count, zero);
                            (before + weights[channel]).store_partial_pointer(to, count);
                        }
                    }
                }
            }
        }
    }
}
