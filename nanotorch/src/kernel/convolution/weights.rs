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

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::pack::{padded_rows, tile_rows};
use super::stage::Shape;
use super::{Convolution, LANES, Room};
use crate::element::Float;
use crate::kernel::window::{Window, volume};
use crate::simd::{Simd, Vector, VectorOf};

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
#[expect(clippy::too_many_arguments, reason = "sizes, two operands, two targets and room to work")]
pub(super) unsafe fn add<S: Simd, T: Float>(
    simd: S,
    size: &Convolution,
    rows: usize,
    x: &[T],
    dy: &[T],
    dweight: &mut [T],
    dbias: &mut [T],
    workspace: &mut [T],
) {
    let (window, groups, outputs) = (&size.window, size.groups, size.outputs);
    let width = VectorOf::<S, T>::LANES;
    let input = Shape {
        channels: groups * size.inputs,
        lengths: window.input,
        padded: window.padded(),
        before: window.before,
    };
    let lengths = window.output;
    let output = Shape { channels: groups * outputs, lengths, padded: lengths, before: [0; 3] };
    let mut room = Room(workspace.as_mut_ptr());
    let x_stage = room.take(input.staged() * width);
    let dy_stage = room.take(output.staged() * width);
    let sums = room.take(self::sums(size));
    let (lines, places) = (size.inputs * window.taps(), volume(lengths));
    // SAFETY: the workspace has room for all of it; blocks of samples are among the rows.
    unsafe {
        input.clear(x_stage, width);
        for first in (0..rows).step_by(width) {
            let samples = (rows - first).min(width);
            input.fill(simd, x.as_ptr().add(first * input.length()), samples, width, x_stage);
            output.fill(simd, dy.as_ptr().add(first * output.length()), samples, width, dy_stage);
            if !dbias.is_empty() {
                for (channel, sum) in dbias.iter_mut().enumerate() {
                    let dy = dy_stage.add(channel * places * width);
                    *sum += total::<S, T>(simd, dy, places);
                }
            }
            for group in 0..groups {
                let mut row = 0;
                while row < outputs {
                    let left = outputs - row;
                    // A tile may have more rows than there are channels left: it reads those before again.
                    let tile = tile_rows(left, S::REGISTERS)
                        .min(if outputs >= 8 { 8 } else { outputs / 4 * 4 }.max(1));
                    let start = if left < tile { outputs - tile } else { row };
                    let channel = group * outputs + start;
                    let work = Tile {
                        window,
                        taps: Taps::new(window, width),
                        lines,
                        x: x_stage.add(group * size.inputs * volume(input.padded) * width),
                        dy: dy_stage.add(channel * places * width),
                        sums,
                    };
                    match tile {
                        8 if const { S::REGISTERS >= 32 } => work.run::<S, 8>(simd),
                        4 => work.run::<S, 4>(simd),
                        _ => work.run::<S, 1>(simd),
                    }
                    for channel in row..outputs.min(start + tile) {
                        let sums = sums.add((channel - start) * lines * width);
                        let target = &mut dweight[(group * outputs + channel) * lines..][..lines];
                        add_lanes(simd, sums, target);
                    }
                    row = start + tile;
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
    #[inline(always)]
    fn new(window: &Window, width: usize) -> Taps {
        let [_, rows, columns] = window.padded();
        let [a, b, c] = window.dilation;
        Taps {
            kernel: window.kernel,
            channel: volume(window.padded()) * width,
            step: [a * rows * columns * width, b * columns * width, c * width],
            at: [0; 3],
            first: 0,
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
        let offsets: [usize; V] = core::array::from_fn(|_| taps.next());
        let place = |row: usize, v: usize| {
            // SAFETY: the caller's promise.
            unsafe { self.sums.add((row * self.lines + line + v) * lanes) }
        };
        // SAFETY: the caller's promise: each row's places and what the taps meet there are in the stages.
        unsafe {
            let mut sums: [[VectorOf<S, T>; V]; R] = core::array::from_fn(
                #[inline(always)]
                |row| {
                    core::array::from_fn(
                        #[inline(always)]
                        |v| VectorOf::<S, T>::load_pointer(simd, place(row, v)),
                    )
                },
            );
            for row in band.row..band.row + band.rows {
                let (plane, in_plane) = (row / output_rows, row % output_rows);
                let input_row = plane * window.stride[0] * input_rows + in_plane * window.stride[1];
                let start = (input_row * input_columns) * width + band.column * step;
                let mut x: [*const T; V] = core::array::from_fn(|v| self.x.add(start + offsets[v]));
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
