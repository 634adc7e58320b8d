//! Windows of 3 by 3 with fewer products, as in `winograd`, but with channels side by side: for few samples, and many channels.
//!
//! ```text
//! for each chunk of rows of squares, of which the transformed numbers stay near
//!     transform the squares, channels side by side
//!     for each band of the result's channels
//!         transform its weights, the first time
//!         for each of 36: sums over channels, in registers
//!         transform back, finish, put in place
//! ```
//! Each number is computed by the same operations in the same order as there, so it has the same bits. Threads share the rows of
//! squares, after the weights; or the bands, where all squares are one chunk, so that weights stay where they were transformed.

use core::iter;
use core::marker::PhantomData;
use core::ops::Range;

use super::band::{self, Band};
use super::outer::Outer;
use super::packing::{self, Packing};
use super::pooled::{Kept, put_largest};
use super::squares::{Squares, WAYS};
use super::stage::put_line;
use super::sweep::Direction;
use super::transform::of_output;
use super::{Convolution, LANES, LEAST, Room, larger};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::{Finish, Finisher};
use crate::kernel::window::{Window, volume};
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Spare, Threads, ranges};

/// Transformed numbers, and sums of a band, that stay in the second level of the cache beside the weights of the band.
const NEAR: usize = 160 * 1024;

/// How the squares of images are cut into chunks.
#[derive(Clone, Copy, Debug)]
struct Chunks {
    /// Channels of what comes in, in a group, filled up.
    channels: usize,
    /// Channels of a band of the result.
    width: usize,
    /// Squares of a row.
    across: usize,
    /// Rows of squares of a chunk, of one sample or several.
    rows: usize,
}

impl Chunks {
    const fn of(squares: &Squares) -> Chunks {
        let channels = squares.sources.next_multiple_of(LANES);
        let width = if squares.results > LANES { 2 * LANES } else { LANES };
        let rows = NEAR / (WAYS * (channels + width) * squares.across);
        Chunks { channels, width, across: squares.across, rows: larger(rows, 1) }
    }

    /// Places for squares: sums are computed for some more than there may be.
    const fn places(&self) -> usize {
        (self.rows * self.across).next_multiple_of(4)
    }

    /// From one of the 36 to the next: not a power of two, whose lines would all share a place in the cache.
    const fn way_step(&self) -> usize {
        self.places() * self.channels + LANES
    }

    const fn sum_step(&self) -> usize {
        self.places() * self.width + LANES
    }

    /// Numbers for a row of squares of some channels, before and after.
    const fn line(&self) -> usize {
        larger(band::room(1, self.across), 16 * self.across * LANES)
    }

    /// Numbers of the transformed weights.
    const fn packed(&self, squares: &Squares) -> usize {
        packing::length(squares.groups, squares.sources, squares.results, self.width)
    }

    /// Numbers of workspace for each thread.
    const fn own_room(&self) -> usize {
        WAYS * (self.way_step() + self.sum_step()) + self.line() + 3 * LANES
    }
}

/// Numbers of workspace in all.
pub(super) const fn workspace(squares: &Squares) -> usize {
    let chunks = Chunks::of(squares);
    chunks.packed(squares) + LANES + chunks.own_room()
}

/// Whether channels are better side by side than so many samples: whose registers are fuller, and, where there are two of channels
/// on both sides, even if they are a ninth emptier, as no sample is turned for another and less memory is between.
pub(super) fn are_better(squares: &Squares, rows: usize, lanes: usize) -> bool {
    let &Squares { sources, results, .. } = squares;
    let channels_wide = results.next_multiple_of(lanes) * rows;
    let samples_wide = results * rows.next_multiple_of(lanes);
    let full = sources >= 2 * lanes && results >= 2 * lanes;
    channels_wide < samples_wide || full && 8 * channels_wide <= 9 * samples_wide
}

/// Whether there are so many squares in all samples that it is worth to transform the weights for them, rather than to compute
/// plain sums, which are slower on the way back, and with fewer lanes. Many weights are far away.
pub(super) fn are_enough(squares: &Squares, direction: Direction, rows: usize, lanes: usize) -> bool {
    let is_near = squares.sources * squares.results <= 32_768 || lanes < LANES;
    let least = match direction {
        _ if is_near => 4,
        Direction::Backward => 8,
        Direction::Forward => 16,
    };
    rows * squares.down * squares.across >= least
}

/// Some samples through the window, on as many threads as it is worth.
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
    let chunks = &Chunks::of(squares);
    let mut room = Room(workspace);
    let packed = room.take(chunks.packed(squares));
    let own = Places::of(chunks, room.take(0));
    let pack = Packing::new(size, direction, chunks.width, weight, packed);
    let mut parts = threads.parts(rows * size.flops() / 4, LEAST);
    let mut spare = threads.spare();
    if spare.piece_length::<T>() < chunks.own_room() {
        parts = 1;
    }
    let (all, bands) = (rows * squares.down, squares.results.div_ceil(chunks.width));
    let by_bands = all <= chunks.rows && bands.is_multiple_of(parts);
    let packs = parts == 1 || by_bands;
    if !packs {
        pack.on(simd, threads, parts);
    }
    for group in 0..squares.groups {
        let turn = Turning {
            squares,
            chunks,
            group,
            rows: 0..all,
            bands: 0..chunks.channels / LANES,
            source,
            turned: own.turned,
            line: own.line,
            borrow: PhantomData,
        };
        let (is_turned, bands) = (parts > 1 && by_bands, 0..bands);
        let sums = own.sums;
        let work = Work { turn, is_turned, bands, pack: &pack, packs, finish, pool, target, sums };
        if parts == 1 {
            work.call(simd);
            continue;
        }
        let places = own.and_others(chunks, &mut spare);
        if by_bands {
            let turns = ranges(work.turn.bands.len(), parts, 1).zip(places);
            let turns =
                turns.map(|(bands, places)| Turning { bands, line: places.line, ..work.turn.clone() });
            threads.each(turns, |part| part.call(simd));
            let places = own.and_others(chunks, &mut spare);
            let works = ranges(work.bands.len(), parts, 1).zip(places).map(|(bands, places)| {
                let turn = Turning { line: places.line, ..work.turn.clone() };
                Work { turn, bands, sums: places.sums, ..work.clone() }
            });
            threads.each(works, |part| part.call(simd));
        } else {
            let works = ranges(all, parts, 1).zip(places).map(|(rows, places)| {
                let turn = Turning { rows, turned: places.turned, line: places.line, ..work.turn.clone() };
                Work { turn, sums: places.sums, ..work.clone() }
            });
            threads.each(works, |part| part.call(simd));
        }
    }
}

/// Where a thread works.
#[derive(Clone, Copy)]
struct Places<T> {
    /// The transformed numbers: way, square, channel.
    turned: *mut T,
    /// The sums of a band: way, square, channel.
    sums: *mut T,
    /// A row of squares of some channels.
    line: *mut T,
}

impl<T> Places<T> {
    #[inline(always)]
    fn of(chunks: &Chunks, room: *mut T) -> Self {
        let mut room = Room(room);
        Places {
            turned: room.take(WAYS * chunks.way_step()),
            sums: room.take(WAYS * chunks.sum_step()),
            line: room.take(chunks.line()),
        }
    }

    /// Those of the caller, then those of the other threads.
    fn and_others(self, chunks: &Chunks, spare: &mut Spare<'_>) -> impl Iterator<Item = Self>
    where
        T: Float,
    {
        iter::once(self).chain(spare.pieces().map(|piece| Places::of(chunks, piece.as_mut_ptr())))
    }
}

/// Rows of squares to be transformed, of sixteen channels at a time.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its channels' transformed numbers and a line,
/// is its own.
#[derive(Clone)]
struct Turning<'a, T> {
    squares: &'a Squares,
    chunks: &'a Chunks,
    group: usize,
    /// Which rows of squares, of all samples.
    rows: Range<usize>,
    /// Which sixteens of channels.
    bands: Range<usize>,
    source: *const T,
    turned: *mut T,
    line: *mut T,
    borrow: PhantomData<&'a mut T>,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Turning<'_, T> {}

compiled!(Turning, "prebuilt");

impl<T: Float> WithSimd for Turning<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Turning { squares, chunks, .. } = self;
        let [_, height, width] = squares.lengths;
        let all = chunks.channels;
        for band in self.bands {
            let channel = band * LANES;
            for (index, row) in self.rows.clone().enumerate() {
                let (sample, row) = (row / squares.down, row % squares.down);
                let plane = (sample * squares.groups + self.group) * squares.sources + channel;
                let band = Band {
                    from: self.source.wrapping_add(plane * height * width),
                    count: (squares.sources - channel).min(LANES),
                    lengths: [height, width],
                    before: [squares.before[1], squares.before[2]],
                    row,
                    rows: 1,
                    across: squares.across,
                    room: self.line,
                    to: self.turned.wrapping_add(index * squares.across * all + channel),
                    square_step: all,
                    way_step: chunks.way_step(),
                };
                // SAFETY: the row is one of the sample's, the line has room for it, and there is a place for each transformed number.
                unsafe { band.turn_input(simd) }
            }
        }
    }
}

/// Rows of squares on their way, of a group.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its rows' channels, is its own.
#[derive(Clone)]
struct Work<'a, T> {
    turn: Turning<'a, T>,
    /// Whether the rows, which are one chunk, have been transformed.
    is_turned: bool,
    /// Which bands of channels.
    bands: Range<usize>,
    pack: &'a Packing<'a, T>,
    /// Whether the weights of the bands are yet to be transformed.
    packs: bool,
    finish: Finish<'a, T>,
    /// The window of a maximum over the result, which lies in a square.
    pool: Option<&'a Window>,
    target: *mut T,
    sums: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Work<'_, T> {}

compiled!(Work, "prebuilt");

impl<T: Float> WithSimd for Work<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Turning { squares, chunks, group, ref rows, .. } = self.turn;
        let in_group = squares.results.div_ceil(chunks.width);
        // Chunks as equal as can be.
        let step = rows.len().div_ceil(rows.len().div_ceil(chunks.rows).max(1)).max(1);
        for first in rows.clone().step_by(step) {
            let chunk = first..(first + step).min(rows.end);
            if !self.is_turned {
                Turning { rows: chunk.clone(), ..self.turn.clone() }.call(simd);
            }
            for band in self.bands.clone() {
                let band = group * in_group + band;
                if self.packs && first == rows.start {
                    self.pack.some(band..band + 1).call(simd);
                }
                let (row, width, packed) = self.pack.band(band);
                let channels = width.min(squares.results - row);
                // SAFETY: the squares and the weights have been transformed.
                unsafe {
                    self.sum(simd, chunk.len() * squares.across, channels, width, packed);
                    for lane in (0..channels).step_by(VectorOf::<S, T>::LANES) {
                        self.back(simd, chunk.clone(), row + lane, self.sums.add(lane), width);
                    }
                }
            }
        }
    }
}

impl<T: Float> Work<'_, T> {
    /// The sums of a band of channels, for each way and square: of so many rows of its `width`.
    /// # Safety
    /// The squares and the weights of the band, `packed`, have been transformed.
    #[inline(always)]
    unsafe fn sum<S: Simd>(&self, simd: S, count: usize, rows: usize, width: usize, packed: *const T) {
        let Turning { squares, chunks, turned, .. } = self.turn;
        let registers = rows.div_ceil(VectorOf::<S, T>::LANES);
        for way in 0..WAYS {
            let outer = Outer {
                stretches: (1, 0, 0),
                count: squares.sources,
                left: turned.wrapping_add(way * chunks.way_step()).cast_const(),
                left_step: 1,
                left_row: chunks.channels,
                right: packed.wrapping_add(way * packing::way_step(squares.sources, width)),
                right_step: width,
                target: self.sums.wrapping_add(way * chunks.sum_step()),
                target_step: width,
                adds: false,
            };
            let mut square = 0;
            while square < count {
                // SAFETY: the caller's promise; there are places for a multiple of four squares.
                unsafe {
                    if const { S::REGISTERS >= 32 } && count - square > 4 {
                        outer.rows::<S, 8>(simd, square, registers);
                        square += 8;
                    } else {
                        outer.rows::<S, 4>(simd, square, registers);
                        square += 4;
                    }
                }
            }
        }
    }

    /// Transforms the sums of a register of channels back, and puts the results in place.
    /// # Safety
    /// The `sums`, for `width` channels of each square of the chunk, have been written.
    #[inline(always)]
    unsafe fn back<S: Simd>(
        &self,
        simd: S,
        chunk: Range<usize>,
        channel: usize,
        sums: *const T,
        width_of_band: usize,
    ) {
        let Turning { squares, chunks, group, line, .. } = self.turn;
        let lanes = VectorOf::<S, T>::LANES;
        let (height, width) = (squares.height, squares.width);
        let count = (squares.results - channel).min(lanes);
        let finish = self.finish.of_channels(simd, group * squares.results + channel, count);
        let places = self.pool.map_or(height * width, |pool| volume(pool.output));
        for (index, row) in chunk.enumerate() {
            let (sample, row) = (row / squares.down, row % squares.down);
            let rows = (height - 4 * row).min(4);
            for square in 0..squares.across {
                let from = sums.wrapping_add((index * squares.across + square) * width_of_band);
                // SAFETY: the caller's promise; what isn't there isn't written.
                unsafe {
                    of_output::<S, T>(
                        simd,
                        #[inline(always)]
                        |way| VectorOf::<S, T>::load_pointer(simd, from.add(way * chunks.sum_step())),
                        #[inline(always)]
                        |down, across, number| {
                            let across = 4 * square + across;
                            if down < rows && across < width {
                                let to = line.add((down * width + across) * lanes);
                                finish.apply(number).store_pointer(to);
                            }
                        },
                    );
                }
            }
            let plane = (sample * squares.groups + group) * squares.results + channel;
            let target = self.target.wrapping_add(plane * places);
            let nothing = Finisher::nothing(simd);
            // SAFETY: the caller's promise; windows lie in squares.
            unsafe {
                if let Some(pool) = self.pool {
                    let kept = Kept {
                        numbers: line.cast_const(),
                        row: 4 * row,
                        column: 0,
                        pitch: width,
                        step: lanes,
                    };
                    let end = [4 * row + rows, width];
                    put_largest(simd, pool, nothing, &kept, line, end, target, places, count);
                } else {
                    let target = target.add(4 * row * width);
                    put_line(simd, line.cast_const(), rows * width, nothing, target, places, count);
                }
            }
        }
    }
}
