//! Sums over channels and taps for a register of samples at once: a tile is some channels of the result at some neighbouring
//! places.

use core::iter;
use core::ops::Range;

use super::pack::{Weights, padded_rows, tile_rows};
use super::pooled::{Kept, kept, largest, walk};
use super::stage::{Shape, put};
use super::sweep::{Direction, Neighbours, Place, Sweep};
use super::{Convolution, LANES, LEAST, Room};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::{Finish, Finisher};
use crate::kernel::window::{Window, volume};
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Numbers of the sums that wait to be put in place: a register of places, for each row of a tile.
pub(super) const OUTPUTS: usize = 8 * LANES * LANES;

/// A batch on its way through the window, or a part of its samples or places.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its samples' places, is its own.
#[derive(Clone)]
pub(super) struct Batch<'a, T> {
    pub(super) size: &'a Convolution,
    pub(super) direction: Direction,
    /// The samples.
    pub(super) rows: Range<usize>,
    /// The places of the result, from a multiple of [`LANES`] on; if it is pooled, the rows of what comes of that.
    pub(super) places: Range<usize>,
    pub(super) finish: Finish<'a, T>,
    /// The window of a maximum over the result.
    pub(super) pool: Option<&'a Window>,
    /// All samples, as long as the direction says.
    pub(super) source: *const T,
    pub(super) weight: *const T,
    /// The results of all samples.
    pub(super) target: *mut T,
    pub(super) workspace: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Batch<'_, T> {}

compiled!(Batch, "prebuilt");

impl<T: Float> Batch<'_, T> {
    /// On as many threads as it is worth, each of which needs `room` numbers of workspace: cut by blocks of samples, or, where
    /// these can't be shared out equally, by places.
    #[inline(always)]
    pub(super) fn on<S: Simd>(self, simd: S, threads: Threads<'_>, room: usize) {
        let (lanes, rows, places) = (VectorOf::<S, T>::LANES, self.rows.len(), self.places.len());
        let parts = threads.parts(rows * self.size.flops() / 2, LEAST);
        let mut spare = threads.spare();
        if parts == 1 || spare.piece_length::<T>() < room {
            return self.call(simd);
        }
        let by_blocks = rows.div_ceil(lanes).is_multiple_of(parts);
        let multiple = if self.pool.is_some() { 1 } else { LANES };
        let ranges = if by_blocks { ranges(rows, parts, lanes) } else { ranges(places, parts, multiple) };
        let others = spare.pieces().map(|piece| piece.as_mut_ptr());
        let works = ranges.zip(iter::once(self.workspace).chain(others)).map(|(range, workspace)| {
            if by_blocks {
                Batch { rows: range, workspace, ..self.clone() }
            } else {
                Batch { places: range, workspace, ..self.clone() }
            }
        });
        threads.each(works, |part| part.call(simd));
    }
}

/// What a block of samples has in common.
struct Block<'a, T> {
    sweep: &'a Sweep,
    groups: usize,
    /// Channels of the result in a group.
    outputs: usize,
    /// Numbers of the stage in a group.
    group_step: usize,
    stage: *const T,
    weights: *const T,
    sums: *mut T,
    places: Range<usize>,
    finish: Finish<'a, T>,
    pool: Option<&'a Window>,
    /// The sums that are to be pooled.
    kept: *mut T,
    target: *mut T,
    samples: usize,
}

impl<T: Float> WithSimd for Batch<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (size, window) = (self.size, &self.size.window);
        let (inputs, outputs, taps) = (size.inputs, size.outputs, window.taps());
        let width = VectorOf::<S, T>::LANES;
        let sweep = Sweep::new(size, self.direction, width);
        let shape = match self.direction {
            Direction::Forward => Shape::of_input(size),
            Direction::Backward => Shape::of_output(size),
        };
        let ((_, results), (row_step, channel_step)) =
            (size.channels(self.direction), size.weight_steps(self.direction));
        let mut room = Room(self.workspace);
        let stage = room.take(shape.staged() * width);
        let packed = room.take(size.groups * padded_rows(results) * sweep.lines());
        let sums = room.take(OUTPUTS);
        let kept = room.take(0);

        // SAFETY: the workspace has room for the stage and the packed weights, whose rows are at most `padded_rows`.
        unsafe {
            shape.clear(stage, width);
            let mut to = packed;
            for group in 0..size.groups {
                let pointer = self.weight.add(group * inputs * outputs * taps);
                let weights = Weights { pointer, rows: results, row_step, channel_step };
                let mut first = 0;
                while first < results {
                    let rows = tile_rows(results - first, S::REGISTERS);
                    weights.pack(&sweep, taps, first, rows, to);
                    to = to.add(rows * sweep.lines());
                    first += rows;
                }
            }
        }
        let target_length =
            size.groups * results * volume(self.pool.map_or(sweep.places, |pool| pool.output));
        for first in self.rows.clone().step_by(width) {
            let samples = (self.rows.end - first).min(width);
            // SAFETY: the samples from `first` on are in both slices.
            unsafe {
                shape.fill(simd, self.source.add(first * shape.length()), samples, width, stage);
                let block = Block {
                    sweep: &sweep,
                    groups: size.groups,
                    outputs: results,
                    group_step: sweep.channel_step() * (shape.channels / size.groups),
                    stage,
                    weights: packed,
                    sums,
                    places: self.places.clone(),
                    finish: self.finish,
                    pool: self.pool,
                    kept,
                    target: self.target.add(first * target_length),
                    samples,
                };
                block.run(simd);
            }
        }
    }
}

impl<T: Float> Block<'_, T> {
    /// All results of the block: a register of places at a time.
    /// # Safety
    /// The pointers are valid for what the sweep and the sizes say.
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, simd: S) {
        let lanes = VectorOf::<S, T>::LANES;
        let Some(pool) = self.pool else {
            for first in self.places.clone().step_by(lanes) {
                let count = (self.places.end - first).min(lanes);
                // SAFETY: the caller's promise.
                unsafe { self.at(simd, first, count, None) }
            }
            return;
        };
        let columns = pool.input[2];
        // SAFETY: the caller's promise; there is room for the rows that are kept of all channels.
        unsafe {
            walk(
                pool,
                self.places.clone(),
                self.kept,
                self.groups * self.outputs,
                lanes,
                #[inline(always)]
                |rows, origin| {
                    let end = rows.end * columns;
                    for first in (rows.start * columns..end).step_by(lanes) {
                        let at = self.kept.wrapping_add((first - origin * columns) * lanes);
                        self.at(simd, first, (end - first).min(lanes), Some((at, kept(pool))));
                    }
                },
                #[inline(always)]
                |rows, origin| {
                    for row in rows {
                        self.put_largest(simd, pool, row, origin);
                    }
                },
            );
        }
    }

    /// The results of all channels at a register of places: put in place, or kept where it is said, so many places for each
    /// channel.
    /// # Safety
    /// As [`Block::run`]; there is room for what is kept.
    #[inline(always)]
    unsafe fn at<S: Simd>(&self, simd: S, first: usize, count: usize, keep: Option<(*mut T, usize)>) {
        let lanes = VectorOf::<S, T>::LANES;
        let lines = self.sweep.lines();
        let (mut taps, mut tiles) = ([Place::default(); LANES], [Neighbours::default(); LANES]);
        for (index, place) in taps.iter_mut().enumerate().take(count) {
            *place = self.sweep.place(first + index);
        }
        // Never three and one, which would be better as two and two.
        let wide = |left: usize| if left == 4 { 2 } else { left.min(3) };
        let tile_count = self.sweep.neighbours(&taps[..count], wide, &mut tiles);
        let mut weights = self.weights;
        for group in 0..self.groups {
            let stage = self.stage.wrapping_add(group * self.group_step);
            let mut row = 0;
            while row < self.outputs {
                let left = self.outputs - row;
                let rows = tile_rows(left, S::REGISTERS);
                let (tiles, channel) = (&tiles[..tile_count], group * self.outputs + row);
                let sums = match keep {
                    Some((numbers, pitch)) => (numbers.wrapping_add(channel * pitch * lanes), pitch),
                    None => (self.sums, lanes),
                };
                // SAFETY: the caller's promise; the rows of a tile are at most 8, the places at most the lanes.
                unsafe {
                    match rows {
                        8 if const { S::REGISTERS >= 32 } => {
                            self.rows::<S, 8>(simd, &taps, tiles, stage, weights, sums)
                        }
                        4 => self.rows::<S, 4>(simd, &taps, tiles, stage, weights, sums),
                        _ => self.rows::<S, 1>(simd, &taps, tiles, stage, weights, sums),
                    }
                    if keep.is_none() {
                        self.put(simd, channel, left.min(rows), first, count);
                    }
                }
                weights = weights.wrapping_add(rows * lines);
                row += rows;
            }
        }
    }

    /// Puts the largest of what is kept, of a row of the pooled image, where it belongs.
    /// # Safety
    /// As [`Block::run`]; what the windows of the row take is kept, from the row `origin` of the image on.
    #[inline(always)]
    unsafe fn put_largest<S: Simd>(&self, simd: S, pool: &Window, row: usize, origin: usize) {
        let lanes = VectorOf::<S, T>::LANES;
        let (channels, columns) = (self.groups * self.outputs, pool.output[2]);
        let sample_step = channels * volume(pool.output);
        for channel in 0..channels {
            let numbers = self.kept.wrapping_add(channel * kept(pool) * lanes).cast_const();
            let kept = Kept { numbers, row: origin, column: 0, pitch: pool.input[2], step: lanes };
            let finish = self.finish.of_channel(simd, channel);
            for first in (0..columns).step_by(lanes) {
                let count = (columns - first).min(lanes);
                let target = self.target.wrapping_add(channel * volume(pool.output) + row * columns + first);
                // SAFETY: the caller's promise; the samples are those of the block.
                unsafe {
                    largest(simd, pool, finish, &kept, row, first..first + count, self.sums);
                    let nothing = Finisher::nothing(simd);
                    put(simd, self.sums, lanes, count, nothing, target, sample_step, self.samples);
                }
            }
        }
    }

    /// The sums of R rows at the places of all tiles.
    /// # Safety
    /// As [`Block::run`]; the weights are those of R rows.
    #[inline(always)]
    unsafe fn rows<S: Simd, const R: usize>(
        &self,
        simd: S,
        places: &[Place; LANES],
        tiles: &[Neighbours],
        stage: *const T,
        weights: *const T,
        sums: (*mut T, usize),
    ) {
        for tile in tiles {
            // SAFETY: the caller's promise.
            unsafe {
                match tile.count {
                    3 => self.tile::<S, R, 3>(simd, places, tile, stage, weights, sums),
                    2 => self.tile::<S, R, 2>(simd, places, tile, stage, weights, sums),
                    _ => self.tile::<S, R, 1>(simd, places, tile, stage, weights, sums),
                }
            }
        }
    }

    /// The sums of R rows at P places.
    /// # Safety
    /// As [`Block::run`]; the weights are those of R rows, the tile has P places.
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize, const P: usize>(
        &self,
        simd: S,
        places: &[Place; LANES],
        tile: &Neighbours,
        stage: *const T,
        weights: *const T,
        (target, pitch): (*mut T, usize),
    ) {
        let lanes = VectorOf::<S, T>::LANES;
        // SAFETY: the caller's promise.
        unsafe {
            let place = &places[tile.first];
            let sums = products::<S, T, R, P>(simd, self.sweep, place, tile.step, stage, weights);
            for (row, sums) in sums.into_iter().enumerate() {
                for (place, sum) in sums.into_iter().enumerate() {
                    let place = tile.first + place * tile.hop;
                    sum.store_pointer(target.add((row * pitch + place) * lanes));
                }
            }
        }
    }

    /// Puts the sums of `rows` channels from `channel` on where they belong.
    /// # Safety
    /// As [`Block::run`]; the sums have been written.
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, simd: S, channel: usize, rows: usize, first: usize, count: usize) {
        let lanes = VectorOf::<S, T>::LANES;
        let places = volume(self.sweep.places);
        let sample_step = self.groups * self.outputs * places;
        for row in 0..rows {
            let finish = self.finish.of_channel(simd, channel + row);
            let target = self.target.wrapping_add((channel + row) * places + first);
            // SAFETY: the caller's promise; the samples are those of the block.
            unsafe {
                let sums = self.sums.add(row * lanes * lanes);
                put(simd, sums, lanes, count, finish, target, sample_step, self.samples);
            }
        }
    }
}

/// sum(r, p) = Σ weight(r) * number(p) over the channels and taps at P places, which are `step` apart.
/// # Safety
/// The stage and the weights are valid for reading what the loops of the sweep visit.
#[inline(always)]
unsafe fn products<S: Simd, T: Float, const R: usize, const P: usize>(
    simd: S,
    sweep: &Sweep,
    place: &Place,
    step: usize,
    stage: *const T,
    weights: *const T,
) -> [[VectorOf<S, T>; P]; R] {
    let mut sums = [[VectorOf::<S, T>::zero(simd); P]; R];
    let [a, b, c, d] = sweep.loops(place);
    let mut at_a = (stage.wrapping_add(place.offset), weights.wrapping_add(place.line * R));
    for _ in 0..a.count {
        let mut at_b = at_a;
        for _ in 0..b.count {
            let mut at_c = at_b;
            for _ in 0..c.count {
                let (mut number, mut weight) = at_c;
                for _ in 0..d.count {
                    // SAFETY: the caller's promise.
                    unsafe {
                        let mut numbers = [VectorOf::<S, T>::zero(simd); P];
                        for (place, numbers) in numbers.iter_mut().enumerate() {
                            let number = number.wrapping_add(place.wrapping_mul(step));
                            *numbers = VectorOf::<S, T>::load_pointer(simd, number);
                        }
                        for (row, sums) in sums.iter_mut().enumerate() {
                            let spread = VectorOf::<S, T>::splat(simd, *weight.add(row));
                            for (sum, numbers) in sums.iter_mut().zip(numbers) {
                                *sum = spread.mul_add(numbers, *sum);
                            }
                        }
                    }
                    number = number.wrapping_offset(d.step);
                    weight = weight.wrapping_add(d.line * R);
                }
                at_c = (at_c.0.wrapping_offset(c.step), at_c.1.wrapping_add(c.line * R));
            }
            at_b = (at_b.0.wrapping_offset(b.step), at_b.1.wrapping_add(b.line * R));
        }
        at_a = (at_a.0.wrapping_offset(a.step), at_a.1.wrapping_add(a.line * R));
    }
    sums
}
