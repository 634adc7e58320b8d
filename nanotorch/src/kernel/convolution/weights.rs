//! The gradient by the weights: sums over places and samples, each in a register of its own whose lanes are samples.
//!
//! ```text
//! for each block of samples
//!     copy x and dy to stages
//!     for each tile of output channels
//!         for each band of places, of which so much of dy is near at once
//!             for three weights at a time: sums += dy * x, in registers
//!         add up the lanes
//! ```
//! Several threads share the copying of a block, then its sums.

use core::marker::PhantomData;
use core::ops::Range;
use core::{iter, slice};

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::pack::{padded_rows, tile_rows};
use super::stage::Shape;
use super::{Convolution, LANES, LEAST, Room, WeightGradient};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::window::{Window, volume};
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Places in a band: so many of eight channels stay in the first level of the cache.
const BAND: usize = 48;

/// Numbers of the sums of a tile.
pub(super) const fn sums(size: &Convolution) -> usize {
    let rows = padded_rows(size.outputs);
    (if rows < 8 { rows } else { 8 }) * size.inputs * size.window.taps() * LANES
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
    let width = VectorOf::<S, T>::LANES;
    let (input, output) = (Shape::of_input(size), Shape::of_output(size));
    let mut room = Room(workspace.as_mut_ptr());
    let x_stage = room.take(input.staged() * width);
    let dy_stage = room.take(output.staged() * width);
    let sums = room.take(self::sums(size));
    // SAFETY: the workspace has room for the stage.
    unsafe { input.clear(x_stage, width) };

    let mut parts = threads.parts(rows * size.flops() / 2, LEAST);
    let mut spare = threads.spare();
    if spare.piece_length::<T>() < self::sums(size) + LANES {
        parts = 1;
    }
    let tile_count = size.groups * tiles(size.outputs, S::REGISTERS);
    let lines = size.inputs * size.window.taps();
    let by_tiles = tile_count.is_multiple_of(parts);
    let (dweight, dbias_length, dbias) = (dweight.as_mut_ptr(), dbias.len(), dbias.as_mut_ptr());
    for first in (0..rows).step_by(width) {
        let copy = Copying {
            input,
            output,
            samples: (rows - first).min(width),
            x_channels: 0..input.channels,
            dy_channels: 0..output.channels,
            x: x.as_ptr().wrapping_add(first * input.length()),
            dy: dy.as_ptr().wrapping_add(first * output.length()),
            x_stage,
            dy_stage,
            dbias: if dbias_length == 0 { core::ptr::null_mut() } else { dbias },
            borrow: PhantomData,
        };
        let work = Sums { size, tiles: 0..tile_count, lines: 0..lines, x_stage, dy_stage, dweight, sums };
        if parts == 1 {
            copy.call(simd);
            work.call(simd);
            continue;
        }
        let channels = ranges(input.channels, parts, 1).zip(ranges(output.channels, parts, 1));
        let copies =
            channels.map(|(x_channels, dy_channels)| Copying { x_channels, dy_channels, ..copy.clone() });
        threads.each(copies, |part| part.call(simd));
        let rooms = iter::once(sums).chain(spare.pieces().map(|piece| Room(piece.as_mut_ptr()).take(0)));
        let works =
            ranges(if by_tiles { tile_count } else { lines }, parts, 1).zip(rooms).map(|(range, sums)| {
                if by_tiles {
                    Sums { tiles: range, sums, ..work.clone() }
                } else {
                    Sums { lines: range, sums, ..work.clone() }
                }
            });
        threads.each(works, |part| part.call(simd));
    }
}

/// A block of samples on its way to the stages, or a part of its channels.
///
/// The pointers are valid for what the shapes say as long as it lives; what it writes, its channels in the stages and their
/// sums, is its own.
#[derive(Clone)]
struct Copying<'a, T> {
    input: Shape,
    output: Shape,
    samples: usize,
    x_channels: Range<usize>,
    dy_channels: Range<usize>,
    x: *const T,
    dy: *const T,
    x_stage: *mut T,
    dy_stage: *mut T,
    /// The gradient by the bias, or null where there is none.
    dbias: *mut T,
    borrow: PhantomData<&'a mut T>,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Copying<'_, T> {}

compiled!(Copying, "prebuilt");

impl<T: Float> WithSimd for Copying<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let width = VectorOf::<S, T>::LANES;
        let Copying { input, output, samples, x, dy, x_stage, dy_stage, .. } = self;
        let step = volume(output.padded) * width;
        // SAFETY: the stages have room for the channels; there is a bias for each channel of the output, or none.
        unsafe {
            input.fill_channels(simd, self.x_channels, x, samples, width, x_stage);
            output.fill_channels(simd, self.dy_channels.clone(), dy, samples, width, dy_stage);
            if !self.dbias.is_null() {
                for channel in self.dy_channels {
                    *self.dbias.add(channel) +=
                        total::<S, T>(simd, dy_stage.add(channel * step), volume(output.padded));
                }
            }
        }
    }
}

/// How many tiles the channels of a group are cut into.
fn tiles(outputs: usize, registers: usize) -> usize {
    outputs.div_ceil(tile_height(outputs, outputs, registers))
}

/// Rows of the next tile of a group, where `left` of its channels are left. A tile may have more rows than there are channels
/// left: it reads those before again.
fn tile_height(outputs: usize, left: usize, registers: usize) -> usize {
    let most = if outputs >= 8 { 8 } else { outputs / 4 * 4 };
    tile_rows(left, registers).min(most.max(1))
}

/// The sums of a block of samples, or of some tiles of channels, or of some weights of each channel.
///
/// The pointers are valid for what the sizes say as long as it lives; its weights' gradient and its sums are its own.
#[derive(Clone)]
struct Sums<'a, T> {
    size: &'a Convolution,
    tiles: Range<usize>,
    lines: Range<usize>,
    x_stage: *const T,
    dy_stage: *const T,
    dweight: *mut T,
    sums: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Sums<'_, T> {}

compiled!(Sums, "prebuilt");

impl<T: Float> WithSimd for Sums<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Sums { size, sums, .. } = self;
        let (window, outputs, width) = (&size.window, size.outputs, VectorOf::<S, T>::LANES);
        let all_lines = size.inputs * window.taps();
        let input_step = size.inputs * volume(window.padded()) * width;
        let output_step = volume(window.output) * width;
        let height = tile_height(outputs, outputs, S::REGISTERS);
        let in_group = outputs.div_ceil(height);
        for tile in self.tiles {
            let (group, row) = (tile / in_group, tile % in_group * height);
            let left = outputs - row;
            let tile = tile_height(outputs, left, S::REGISTERS);
            let start = if left < tile { outputs - tile } else { row };
            // SAFETY: the stages hold the group and the channels; the gradient has `all_lines` weights for each channel.
            unsafe {
                let work = Tile {
                    window,
                    taps: Taps::new(window, width, self.lines.start),
                    lines: self.lines.len(),
                    x: self.x_stage.add(group * input_step),
                    dy: self.dy_stage.add((group * outputs + start) * output_step),
                    sums,
                };
                match tile {
                    8 if const { S::REGISTERS >= 32 } => work.run::<S, 8>(simd),
                    4 => work.run::<S, 4>(simd),
                    _ => work.run::<S, 1>(simd),
                }
                for channel in row..outputs.min(start + tile) {
                    let sums = sums.add((channel - start) * self.lines.len() * width);
                    let first = (group * outputs + channel) * all_lines + self.lines.start;
                    let target = slice::from_raw_parts_mut(self.dweight.add(first), self.lines.len());
                    add_lanes(simd, sums, target);
                }
            }
        }
    }
}

/// The sum of all lanes of `count` registers.
/// # Safety
/// The pointer is valid for reading them.
#[inline(always)]
unsafe fn total<S: Simd, T: Float>(simd: S, from: *const T, count: usize) -> T {
    let mut sums = [VectorOf::<S, T>::zero(simd); 4];
    for index in 0..count {
        // SAFETY: the caller's promise.
        sums[index % 4] +=
            unsafe { VectorOf::<S, T>::load_pointer(simd, from.add(index * VectorOf::<S, T>::LANES)) };
    }
    let [a, b, c, d] = sums;
    ((a + b) + (c + d)).sum()
}

/// Adds the lanes of each register of sums to a number of the target.
/// # Safety
/// There are as many registers as numbers.
#[inline(always)]
unsafe fn add_lanes<S: Simd, T: Float>(simd: S, sums: *const T, target: &mut [T]) {
    let lanes = VectorOf::<S, T>::LANES;
    for (index, target) in target.chunks_mut(lanes).enumerate() {
        let count = target.len();
        let rows = GenericArray::generate(
            #[inline(always)]
            |row| {
                // The last one is read again where there are no more.
                let row = index * lanes + row.min(count - 1);
                // SAFETY: the caller's promise.
                unsafe { VectorOf::<S, T>::load_pointer(simd, sums.add(row * lanes)) }
            },
        );
        let before = VectorOf::<S, T>::load_partial(simd, target, T::ZERO);
        (before + VectorOf::<S, T>::sum_rows(rows)).store_partial(target);
    }
}

/// Where the taps of one weight after the other begin in the stage.
#[derive(Clone, Copy)]
struct Taps {
    kernel: [usize; 3],
    channel: usize,
    step: [usize; 3],
    at: [usize; 3],
    first: usize,
}

impl Taps {
    /// From the weight number `line` of a channel on.
    #[inline(always)]
    fn new(window: &Window, width: usize, line: usize) -> Taps {
        let [_, rows, columns] = window.padded();
        let ([a, b, c], kernel) = (window.dilation, window.kernel);
        let (channel, tap) = (line / window.taps(), line % window.taps());
        let channel_step = volume(window.padded()) * width;
        Taps {
            kernel,
            channel: channel_step,
            step: [a * rows * columns * width, b * columns * width, c * width],
            at: [tap / kernel[2] / kernel[1], tap / kernel[2] % kernel[1], tap % kernel[2]],
            first: channel * channel_step,
        }
    }

    /// Where the tap of the next weight begins.
    #[inline(always)]
    fn next(&mut self) -> usize {
        let [a, b, c] = self.at;
        let offset = self.first + a * self.step[0] + b * self.step[1] + c * self.step[2];
        self.at[2] += 1;
        if self.at[2] == self.kernel[2] {
            self.at = [a, b + 1, 0];
            if self.at[1] == self.kernel[1] {
                self.at = [a + 1, 0, 0];
                if self.at[0] == self.kernel[0] {
                    self.at = [0; 3];
                    self.first += self.channel;
                }
            }
        }
        offset
    }
}

/// Some output channels and all their weights, for a block of samples.
struct Tile<'a, T> {
    window: &'a Window,
    taps: Taps,
    /// Weights of an output channel.
    lines: usize,
    x: *const T,
    dy: *const T,
    sums: *mut T,
}

/// Neighbouring rows of places, or a part of one row.
#[derive(Clone, Copy)]
struct Band {
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
}

impl<T: Float> Tile<'_, T> {
    /// The sums of R channels.
    /// # Safety
    /// The pointers are valid for what the window and the sizes say.
    #[inline(always)]
    unsafe fn run<S: Simd, const R: usize>(&self, simd: S) {
        let lanes = VectorOf::<S, T>::LANES;
        // SAFETY: the sums of R rows are the tile's own; a number of 0 bits is 0.
        unsafe { self.sums.write_bytes(0, R * self.lines * lanes) };
        let [planes, rows, columns] = self.window.output;
        let (rows, most) = (planes * rows, (BAND / columns).max(1));
        let height = rows.div_ceil(rows.div_ceil(most));
        let width = columns.div_ceil(columns.div_ceil(BAND));
        for row in (0..rows).step_by(height) {
            for column in (0..columns).step_by(width) {
                let (rows, columns) = (height.min(rows - row), width.min(columns - column));
                let band = Band { row, rows, column, columns };
                let (mut line, mut taps) = (0, self.taps);
                // SAFETY: the caller's promise.
                unsafe {
                    while line + 3 <= self.lines {
                        self.products::<S, R, 3>(simd, band, &mut taps, line);
                        line += 3;
                    }
                    while line < self.lines {
                        self.products::<S, R, 1>(simd, band, &mut taps, line);
                        line += 1;
                    }
                }
            }
        }
    }

    /// Adds the products of a band to the sums of V weights from `line` on.
    /// # Safety
    /// As [`Tile::run`].
    #[inline(always)]
    unsafe fn products<S: Simd, const R: usize, const V: usize>(
        &self,
        simd: S,
        band: Band,
        taps: &mut Taps,
        line: usize,
    ) {
        let lanes = VectorOf::<S, T>::LANES;
        let (window, width) = (self.window, lanes);
        let [_, output_rows, output_columns] = window.output;
        let [_, input_rows, input_columns] = window.padded();
        let channel = volume(window.output) * width;
        let step = window.stride[2] * width;
        // No `array::from_fn`: it isn't always inlined, and then its closure isn't compiled for the instruction set.
        let mut offsets = [0; V];
        for offset in &mut offsets {
            *offset = taps.next();
        }
        let place = |row: usize, v: usize| self.sums.wrapping_add((row * self.lines + line + v) * lanes);
        // SAFETY: the caller's promise: each row's places and what the taps meet there are in the stages.
        unsafe {
            let mut sums = [[VectorOf::<S, T>::zero(simd); V]; R];
            for (row, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = VectorOf::<S, T>::load_pointer(simd, place(row, v));
                }
            }
            for row in band.row..band.row + band.rows {
                let (plane, in_plane) = (row / output_rows, row % output_rows);
                let input_row = plane * window.stride[0] * input_rows + in_plane * window.stride[1];
                let start = (input_row * input_columns) * width + band.column * step;
                let mut x = [self.x; V];
                for (x, offset) in x.iter_mut().zip(offsets) {
                    *x = x.wrapping_add(start + offset);
                }
                let mut dy = self.dy.add((row * output_columns + band.column) * width);
                for _ in 0..band.columns {
                    let mut numbers = [VectorOf::<S, T>::zero(simd); V];
                    for (numbers, x) in numbers.iter_mut().zip(&mut x) {
                        *numbers = VectorOf::<S, T>::load_pointer(simd, *x);
                        *x = x.wrapping_add(step);
                    }
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let dy = VectorOf::<S, T>::load_pointer(simd, dy.wrapping_add(row * channel));
                        for (sum, numbers) in sums.iter_mut().zip(numbers) {
                            *sum = dy.mul_add(numbers, *sum);
                        }
                    }
                    dy = dy.wrapping_add(width);
                }
            }
            for (row, sums) in sums.into_iter().enumerate() {
                for (v, sum) in sums.into_iter().enumerate() {
                    sum.store_pointer(place(row, v));
                }
            }
        }
    }
}
