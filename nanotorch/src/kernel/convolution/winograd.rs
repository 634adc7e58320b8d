//! Windows of 3 by 3 with fewer products: squares of 4 by 4 places at a time, by Winograd's minimal filtering F(4 x 4, 3 x 3).
//!
//! ```text
//! y = Aᵀ [Σ_c (G w Gᵀ) ∘ (Bᵀ x B)] A        6 by 6 products for 4 by 4 places, rather than 9 for each
//!
//! transform the weights
//! for each block of samples, side by side as in `batch`
//!     for each chunk of squares, of which the transformed numbers stay near
//!         transform the squares of all channels
//!         for each tile of channels
//!             for each of 36: sums over channels, in registers
//!             transform back, finish, put in place
//! ```
//! A gradient by the input is the same with the weights turned round. Errors are some eight times those of plain sums.
//!
//! Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.

use core::iter;
use core::ops::Range;

use super::images;
use super::outer::Outer;
use super::packing::{self, Packing};
use super::pooled::{Kept, put_largest};
use super::squares::{Squares, WAYS};
use super::stage::put_line;
use super::sweep::Direction;
use super::transform::{of_input, of_output};
use super::{Convolution, LANES, LEAST, Room, larger};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::Finish;
use crate::kernel::window::{Window, volume};
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Rows of a tile, at most.
const ROWS: usize = 8;

/// Numbers of workspace for all threads together: the transformed weights.
const fn shared_room(squares: &Squares) -> usize {
    packing::length(squares.groups, squares.sources, squares.results, LANES) + LANES
}

/// Numbers of workspace for each thread.
const fn own_room(squares: &Squares) -> usize {
    let chunk = squares.chunk_rows * squares.chunk_columns;
    let staged = squares.shape().staged();
    let line = 16 * chunk;
    (staged + WAYS * (squares.sources + ROWS) * chunk + line) * LANES + 4 * LANES
}

/// Numbers of workspace in all, whatever is side by side.
pub(super) const fn workspace(squares: &Squares) -> usize {
    larger(shared_room(squares) + own_room(squares), images::workspace(squares))
}

/// A batch through the window, on as many threads as it is worth: samples side by side, or channels.
/// # Safety
/// The pointers are valid for what the sizes say; the workspace has room.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "sizes, three operands, a target, room to work and who does it"
)]
pub(super) unsafe fn run<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    squares: &Squares,
    direction: Direction,
    rows: usize,
    source: *const T,
    weight: *const T,
    finish: Finish<'_, T>,
    pool: Option<&Window>,
    target: *mut T,
    workspace: *mut T,
) {
    let lanes = VectorOf::<S, T>::LANES;
    if images::are_better(squares, rows, lanes) {
        // SAFETY: the caller's promise.
        return unsafe {
            images::run(
                simd, threads, size, squares, direction, rows, source, weight, finish, pool, target,
                workspace,
            )
        };
    }
    let mut room = Room(workspace);
    let packed = room.take(shared_room(squares) - LANES);
    let room = room.take(0);
    let pack = Packing::new(size, direction, LANES, weight, packed);
    let all = 0..squares.down.div_ceil(squares.chunk_rows);
    let work =
        Work { squares, rows: 0..rows, bands: all.clone(), source, packed, finish, pool, target, room };

    let parts = threads.parts(rows * size.flops() / 4, LEAST);
    let mut spare = threads.spare();
    if parts == 1 || spare.piece_length::<T>() < own_room(squares) {
        pack.call(simd);
        return work.call(simd);
    }
    pack.on(simd, threads, parts);
    let by_blocks = rows.div_ceil(lanes).is_multiple_of(parts);
    let ranges = if by_blocks { ranges(rows, parts, lanes) } else { ranges(all.len(), parts, 1) };
    let others = spare.pieces().map(|piece| piece.as_mut_ptr());
    let works = ranges.zip(iter::once(room).chain(others)).map(|(range, room)| {
        if by_blocks {
            Work { rows: range, room, ..work.clone() }
        } else {
            Work { bands: range, room, ..work.clone() }
        }
    });
    threads.each(works, |part| part.call(simd));
}

/// Samples on their way, or some bands of their squares.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its samples' squares, is its own.
#[derive(Clone)]
struct Work<'a, T> {
    squares: &'a Squares,
    rows: Range<usize>,
    /// Which bands of so many rows of squares as a chunk has.
    bands: Range<usize>,
    source: *const T,
    packed: *const T,
    finish: Finish<'a, T>,
    /// The window of a maximum over the result, which lies in a square.
    pool: Option<&'a Window>,
    target: *mut T,
    room: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Work<'_, T> {}

compiled!(Work, "prebuilt");

impl<T: Float> WithSimd for Work<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let squares = self.squares;
        let shape = squares.shape();
        let lanes = VectorOf::<S, T>::LANES;
        let most = squares.chunk_rows * squares.chunk_columns;
        let mut room = Room(self.room);
        let stage = room.take(shape.staged() * lanes);
        let turned = room.take(WAYS * squares.sources * most * lanes);
        let sums = room.take(WAYS * ROWS * most * lanes);
        let line = room.take(16 * most * lanes);
        let places = self.pool.map_or(squares.height * squares.width, |pool| volume(pool.output));
        let sample_step = squares.groups * squares.results * places;
        // SAFETY: the room is for one block of samples and one chunk of squares; samples and bands are among those that there are.
        unsafe {
            shape.clear(stage, lanes);
            for first in self.rows.clone().step_by(lanes) {
                let samples = (self.rows.end - first).min(lanes);
                shape.fill(simd, self.source.add(first * shape.length()), samples, lanes, stage);
                for group in 0..squares.groups {
                    for band in self.bands.clone() {
                        let row = band * squares.chunk_rows;
                        for column in (0..squares.across).step_by(squares.chunk_columns) {
                            let chunk = Chunk {
                                work: &self,
                                group,
                                row,
                                rows: squares.chunk_rows.min(squares.down - row),
                                column,
                                columns: squares.chunk_columns.min(squares.across - column),
                                turned,
                                sums,
                                line,
                                target: self.target.add(first * sample_step),
                                sample_step,
                                samples,
                            };
                            chunk.turn(simd, stage);
                            chunk.run(simd);
                        }
                    }
                }
            }
        }
    }
}

/// Some neighbouring squares of a block of samples.
struct Chunk<'a, T> {
    work: &'a Work<'a, T>,
    group: usize,
    /// Squares, from the first row and column of them on.
    row: usize,
    rows: usize,
    column: usize,
    columns: usize,
    /// The transformed numbers: way, channel, square, sample.
    turned: *mut T,
    /// Sums of a tile: way, row, square, sample.
    sums: *mut T,
    /// The results of a channel.
    line: *mut T,
    target: *mut T,
    sample_step: usize,
    samples: usize,
}

impl<T: Float> Chunk<'_, T> {
    /// Transforms the squares of all channels.
    /// # Safety
    /// The pointers are valid for the squares.
    #[inline(always)]
    unsafe fn turn<S: Simd>(&self, simd: S, stage: *const T) {
        let (squares, lanes) = (self.work.squares, VectorOf::<S, T>::LANES);
        let [_, height, width] = squares.shape().padded;
        let count = self.rows * self.columns;
        let way_step = squares.sources * count * lanes;
        for channel in 0..squares.sources {
            let plane = stage.wrapping_add((self.group * squares.sources + channel) * height * width * lanes);
            for square in 0..count {
                let (row, column) = (self.row + square / self.columns, self.column + square % self.columns);
                let from = plane.wrapping_add((4 * row * width + 4 * column) * lanes);
                let to = self.turned.wrapping_add((channel * count + square) * lanes);
                // SAFETY: the square lies within the stage, and there is a place for it.
                unsafe {
                    of_input::<S, T>(
                        simd,
                        #[inline(always)]
                        |row, column| {
                            VectorOf::<S, T>::load_pointer(simd, from.add((row * width + column) * lanes))
                        },
                        #[inline(always)]
                        |way, number| number.store_pointer(to.add(way * way_step)),
                    );
                }
            }
        }
    }

    /// Sums, and back.
    /// # Safety
    /// The pointers are valid for the squares, which have been transformed.
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, simd: S) {
        let squares = self.work.squares;
        let results = squares.results;
        let rows = if S::REGISTERS >= 32 { 8 } else { 4 };
        let in_group = results.div_ceil(LANES);
        for row in (0..results).step_by(rows) {
            let band = self.group * in_group + row / LANES;
            let start = band * WAYS * packing::way_step(squares.sources, LANES);
            let packed = self.work.packed.wrapping_add(start + row % LANES);
            // SAFETY: the caller's promise; a tile's rows are in one band of the packed weights.
            unsafe {
                if const { S::REGISTERS >= 32 } {
                    self.tile::<S, 8>(simd, packed);
                } else {
                    self.tile::<S, 4>(simd, packed);
                }
                for index in 0..rows.min(results - row) {
                    self.back(simd, index, rows, self.group * results + row + index);
                }
            }
        }
    }

    /// The sums of R rows, for each way and square.
    /// # Safety
    /// As of `run`.
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize>(&self, simd: S, packed: *const T) {
        let (sources, lanes) = (self.work.squares.sources, VectorOf::<S, T>::LANES);
        let count = self.rows * self.columns;
        for way in 0..WAYS {
            let outer = Outer {
                stretches: (1, 0, 0),
                count: sources,
                left: packed.wrapping_add(way * packing::way_step(sources, LANES)),
                left_step: LANES,
                left_row: 1,
                right: self.turned.wrapping_add(way * sources * count * lanes).cast_const(),
                right_step: count * lanes,
                target: self.sums.wrapping_add(way * R * count * lanes),
                target_step: count * lanes,
                adds: false,
            };
            // SAFETY: the caller's promise.
            unsafe { outer.rows::<S, R>(simd, 0, count) }
        }
    }

    /// Transforms the sums of a channel back, and puts the results in place.
    /// # Safety
    /// As of `run`; the sums have been written.
    #[inline(always)]
    unsafe fn back<S: Simd>(&self, simd: S, index: usize, rows: usize, channel: usize) {
        let (squares, lanes) = (self.work.squares, VectorOf::<S, T>::LANES);
        let (height, width) = (squares.height, squares.width);
        let count = self.rows * self.columns;
        // The places of the chunk that there are.
        let (top, left) = (4 * self.row, 4 * self.column);
        let (bottom, right) = ((top + 4 * self.rows).min(height), (left + 4 * self.columns).min(width));
        let pitch = right - left;
        for square in 0..count {
            let from = self.sums.wrapping_add((index * count + square) * lanes).cast_const();
            let (down, across) = (4 * (square / self.columns), 4 * (square % self.columns));
            // SAFETY: the caller's promise; what isn't there isn't written.
            unsafe {
                of_output::<S, T>(
                    simd,
                    #[inline(always)]
                    |way| VectorOf::<S, T>::load_pointer(simd, from.add(way * rows * count * lanes)),
                    #[inline(always)]
                    |row, column, number| {
                        let (row, column) = (down + row, across + column);
                        if row < bottom - top && column < pitch {
                            number.store_pointer(self.line.add((row * pitch + column) * lanes));
                        }
                    },
                );
            }
        }
        let finish = self.work.finish.of_channel(simd, channel);
        if let Some(pool) = self.work.pool {
            let kept = Kept { numbers: self.line.cast_const(), row: top, column: left, pitch, step: lanes };
            let (target, count) = (self.target.wrapping_add(channel * volume(pool.output)), self.samples);
            // SAFETY: the caller's promise; windows lie in squares.
            unsafe {
                put_largest(
                    simd,
                    pool,
                    finish,
                    &kept,
                    self.line,
                    [bottom, right],
                    target,
                    self.sample_step,
                    count,
                );
            }
            return;
        }
        // Rows that are as wide as the image are one stretch of it.
        let (stretches, length) =
            if pitch == width { (1, (bottom - top) * width) } else { (bottom - top, pitch) };
        for stretch in 0..stretches {
            let line = self.line.wrapping_add(stretch * length * lanes).cast_const();
            let target = channel * height * width + (top + stretch) * width + left;
            // SAFETY: the caller's promise; the stretch is in the channel of each sample.
            unsafe {
                let target = self.target.add(target);
                put_line(simd, line, length, finish, target, self.sample_step, self.samples);
            }
        }
    }
}
