//! Sums over channels and taps for one sample: a tile is some neighbouring places by some registers of the output's channels.

use core::iter;
use core::ops::Range;

use super::images;
use super::pack::Weights;
use super::pooled::{Kept, largest, walk};
use super::squares::Squares;
use super::stage::{Shape, put};
use super::sweep::{Direction, Neighbours, Place, Sweep};
use super::{Convolution, LANES, LEAST, Room, Way};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::{Finish, Finisher};
use crate::kernel::gemm::transpose;
use crate::kernel::window::{Window, volume};
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Numbers of the sums that wait to be put in place: a register of places by two registers of channels.
const OUTPUTS: usize = LANES * 2 * LANES;

/// A few samples on their way through the window, one by one, or a part of their channels or places.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its channels' places, is its own.
#[derive(Clone)]
pub(super) struct Single<'a, T> {
    pub(super) size: &'a Convolution,
    pub(super) direction: Direction,
    pub(super) rows: usize,
    /// Which bands of channels, each of a group and at most two registers.
    pub(super) bands: Range<usize>,
    /// The places of the result, from a multiple of [`LANES`] on; if it is pooled, the rows of what comes of that.
    pub(super) places: Range<usize>,
    pub(super) finish: Finish<'a, T>,
    /// The window of a maximum over the result.
    pub(super) pool: Option<&'a Window>,
    pub(super) source: *const T,
    pub(super) weight: *const T,
    pub(super) target: *mut T,
    pub(super) workspace: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Single<'_, T> {}

compiled!(Single, "prebuilt");

/// How many bands of channels there are in all groups, if a register has so many lanes.
fn bands(size: &Convolution, direction: Direction, lanes: usize) -> usize {
    size.groups * size.channels(direction).1.div_ceil(2 * lanes)
}

/// Numbers of workspace, beside what the pooling of the result takes.
pub(super) const fn workspace(size: &Convolution, direction: Direction) -> usize {
    let (sources, _) = size.channels(direction);
    let staged = match direction {
        Direction::Forward => size.groups * sources * volume(size.window.padded()),
        Direction::Backward => 0,
    };
    staged + sources * size.window.taps() * 2 * LANES + OUTPUTS + 3 * LANES
}

/// Whether so few samples are better computed one by one: whose registers are fuller, of channels or of samples. By squares,
/// samples take 2.5 times fewer products, side by side or with their channels so.
pub(super) fn is_better(size: &Convolution, direction: Direction, rows: usize, lanes: usize) -> bool {
    let (_, results) = size.channels(direction);
    let products = match Squares::of(size, direction) {
        Some(_) if size.way == Way::Squares => return false,
        Some(squares)
            if images::are_better(&squares, rows, lanes)
                && images::are_enough(&squares, direction, rows, lanes) =>
        {
            return false;
        }
        Some(_) => 5 * rows,
        None => 2 * rows,
    };
    rows < lanes && 2 * results * lanes > products * results.next_multiple_of(lanes)
}

impl<T: Float> Single<'_, T> {
    /// All bands, on as many threads as it is worth, each of which needs `room` numbers of workspace: cut by bands, or, where
    /// these can't be shared out equally, by places.
    #[inline(always)]
    pub(super) fn on<S: Simd>(self, simd: S, threads: Threads<'_>, room: usize) {
        let (lanes, places) = (VectorOf::<S, T>::LANES, self.places.len());
        let bands = bands(self.size, self.direction, lanes);
        let single = Single { bands: 0..bands, ..self };
        let mut spare = threads.spare();
        let parts = threads.parts(single.rows * single.size.flops() / 2, LEAST);
        if parts == 1 || spare.piece_length::<T>() < room {
            return single.call(simd);
        }
        let by_bands = bands.is_multiple_of(parts);
        let multiple = if single.pool.is_some() { 1 } else { LANES };
        let ranges = if by_bands { ranges(bands, parts, 1) } else { ranges(places, parts, multiple) };
        let others = spare.pieces().map(|piece| piece.as_mut_ptr());
        let works = ranges.zip(iter::once(single.workspace).chain(others)).map(|(range, workspace)| {
            if by_bands {
                Single { bands: range, workspace, ..single.clone() }
            } else {
                Single { places: range, workspace, ..single.clone() }
            }
        });
        threads.each(works, |part| part.call(simd));
    }
}

impl<T: Float> WithSimd for Single<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Single { size, finish, .. } = self;
        let (window, taps) = (&size.window, size.window.taps());
        let (sources, results) = size.channels(self.direction);
        let sweep = Sweep::new(size, self.direction, 1);
        let (shape, is_padded) = match self.direction {
            Direction::Forward => (Shape::of_input(size), !window.is_unpadded()),
            Direction::Backward => (Shape::of_output(size), false),
        };
        let lanes = VectorOf::<S, T>::LANES;
        let mut room = Room(self.workspace);
        let stage = room.take(if is_padded { shape.staged() } else { 0 });
        let packed = room.take(sweep.lines() * 2 * lanes);
        let sums = room.take(OUTPUTS);
        let kept = room.take(0);
        let places = volume(self.pool.map_or(sweep.places, |pool| pool.output));
        let in_group = results.div_ceil(2 * lanes);
        let mut staged = None;
        // SAFETY: the workspace has room for one sample, for the packed weights of two registers of channels, and for the sums.
        unsafe {
            if is_padded {
                shape.clear(stage, 1);
            }
            // Weights are packed once for all samples; so samples are the inner loop, and padded ones are copied again.
            for band in self.bands {
                let (group, row) = (band / in_group, band % in_group * 2 * lanes);
                let left = results - row;
                let registers = if left > lanes { 2 } else { 1 };
                let channel = group * results + row;
                let (width, group_start) = (registers * lanes, group * sources * results * taps);
                let (row_step, channel_step) = size.weight_steps(self.direction);
                let pointer = self.weight.add(group_start + row * row_step);
                if !sweep.is_natural() {
                    let weights = Weights { pointer, rows: left, row_step, channel_step };
                    weights.pack(&sweep, taps, 0, width, packed);
                } else if self.direction == Direction::Forward {
                    transpose(simd, pointer, row_step, sweep.lines(), left.min(width), width, packed);
                } else {
                    for source in 0..sources {
                        let from = pointer.add(source * channel_step);
                        let to = packed.add(source * taps * width);
                        transpose(simd, from, row_step, taps, left.min(width), width, to);
                    }
                }
                for sample in 0..self.rows {
                    let source = self.source.add(sample * shape.length());
                    let source = if !is_padded {
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
                        direction: self.direction,
                        stride: window.stride[2],
                        stage: source.add(group * sources * sweep.channel_step()),
                        weights: packed,
                        sums,
                        places: self.places.clone(),
                        finish,
                        pool: self.pool,
                        kept,
                        channel,
                        channels: left.min(width),
                        target: self.target.add((sample * size.groups * results + channel) * places),
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
    direction: Direction,
    stride: usize,
    stage: *const T,
    weights: *const T,
    sums: *mut T,
    places: Range<usize>,
    finish: Finish<'a, T>,
    pool: Option<&'a Window>,
    /// The sums that are to be pooled.
    kept: *mut T,
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
        let Some(pool) = self.pool else {
            for first in self.places.clone().step_by(lanes) {
                let count = (self.places.end - first).min(lanes);
                // SAFETY: the caller's promise.
                unsafe {
                    self.sums_at::<S, V>(simd, first, count, self.sums);
                    self.put::<S, V>(simd, first, count);
                }
            }
            return;
        };
        let columns = pool.input[2];
        // SAFETY: the caller's promise; there is room for the rows that are kept, of V registers of channels.
        unsafe {
            walk(
                pool,
                self.places.clone(),
                self.kept,
                1,
                V * lanes,
                #[inline(always)]
                |rows, origin| {
                    let end = rows.end * columns;
                    for first in (rows.start * columns..end).step_by(lanes) {
                        let at = self.kept.wrapping_add((first - origin * columns) * V * lanes);
                        self.sums_at::<S, V>(simd, first, (end - first).min(lanes), at);
                    }
                },
                #[inline(always)]
                |rows, origin| {
                    for row in rows {
                        self.put_largest::<S, V>(simd, pool, row, origin);
                    }
                },
            );
        }
    }

    /// The sums at a register of places.
    /// # Safety
    /// As [`Tiles::run`]; there is room for them.
    #[inline(always)]
    unsafe fn sums_at<S: Simd, const V: usize>(&self, simd: S, first: usize, count: usize, sums: *mut T) {
        if self.direction == Direction::Backward {
            let (mut taps, mut tiles) = ([Place::default(); LANES], [Neighbours::default(); LANES]);
            for (index, place) in taps.iter_mut().enumerate().take(count) {
                *place = self.sweep.place(first + index);
            }
            let wide = |left: usize| match left {
                8.. => 8,
                4..8 => 4,
                _ => 1,
            };
            let tile_count = self.sweep.neighbours(&taps[..count], wide, &mut tiles);
            for tile in &tiles[..tile_count] {
                let place = &taps[tile.first];
                // SAFETY: the caller's promise.
                unsafe {
                    match tile.count {
                        8 => self.tile::<S, 8, V>(simd, place, tile, sums),
                        4 => self.tile::<S, 4, V>(simd, place, tile, sums),
                        _ => self.tile::<S, 1, V>(simd, place, tile, sums),
                    };
                }
            }
            return;
        }
        // Forward, neighbours in a row have the same taps, a stride apart, so there is no need to look for them.
        let columns = self.sweep.places[2];
        let mut done = 0;
        while done < count {
            // As many neighbours in a row as a tile has room for.
            let left = (count - done).min(columns - (first + done) % columns);
            let place = self.sweep.place(first + done);
            let tile = Neighbours { first: done, count: left, hop: 1, step: self.stride };
            // SAFETY: the caller's promise; the places of a tile are in one row.
            unsafe {
                done += match left {
                    8.. => self.tile::<S, 8, V>(simd, &place, &tile, sums),
                    4..8 => self.tile::<S, 4, V>(simd, &place, &tile, sums),
                    _ => self.tile::<S, 1, V>(simd, &place, &tile, sums),
                };
            }
        }
    }

    /// Puts the sums of a register of places where they belong.
    /// # Safety
    /// As [`Tiles::run`]; they have been written.
    #[inline(always)]
    unsafe fn put<S: Simd, const V: usize>(&self, simd: S, first: usize, count: usize) {
        let (lanes, places) = (VectorOf::<S, T>::LANES, volume(self.sweep.places));
        for register in 0..V {
            let channel = register * lanes;
            let channels = self.channels.saturating_sub(channel).min(lanes);
            // SAFETY: the caller's promise.
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

    /// Puts the largest of what is kept, of a row of the pooled image, where it belongs.
    /// # Safety
    /// As [`Tiles::run`]; what the windows of the row take is kept, from the row `origin` of the image on.
    #[inline(always)]
    unsafe fn put_largest<S: Simd, const V: usize>(&self, simd: S, pool: &Window, row: usize, origin: usize) {
        let (lanes, places, columns) = (VectorOf::<S, T>::LANES, volume(pool.output), pool.output[2]);
        for register in 0..V {
            let channel = register * lanes;
            let channels = self.channels.saturating_sub(channel).min(lanes);
            let numbers = self.kept.wrapping_add(channel).cast_const();
            let kept = Kept { numbers, row: origin, column: 0, pitch: pool.input[2], step: V * lanes };
            let finish = self.finish.of_channels(simd, self.channel + channel, channels);
            for first in (0..columns).step_by(lanes) {
                let count = (columns - first).min(lanes);
                let target = self.target.wrapping_add(channel * places + row * columns + first);
                // SAFETY: the caller's promise.
                unsafe {
                    largest(simd, pool, finish, &kept, row, first..first + count, self.sums);
                    let nothing = Finisher::nothing(simd);
                    put(simd, self.sums, lanes, count, nothing, target, places, channels);
                }
            }
        }
    }

    /// The sums of the R first places of a tile; returns R.
    /// # Safety
    /// As [`Tiles::run`].
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize, const V: usize>(
        &self,
        simd: S,
        place: &Place,
        tile: &Neighbours,
        target: *mut T,
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
                                let spread = VectorOf::<S, T>::splat(
                                    simd,
                                    *number.wrapping_add(row.wrapping_mul(tile.step)),
                                );
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
                unsafe {
                    sum.store_pointer(target.add(((tile.first + row * tile.hop) * V + register) * lanes))
                }
            }
        }
        R
    }
}
