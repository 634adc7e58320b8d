//! Sums over channels and taps for neighbouring places of one sample, a register of them: a tile is some channels of the result
//! at some registers of places.
//!
//! Nothing is turned: what a tap meets is read as it lies in the copies ([`super::shifted`]), and sums are put where they belong as
//! they come out of the registers. On the way back the results of one row are those of several classes, which are put in turns.

use core::iter;
use core::ops::Range;

use super::shifted::{Copies, Tap, Taps, is_possible};
use super::sweep::Direction;
use super::{Convolution, LANES, LEAST, Room, Way};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::Finish;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Rows of a tile, at most.
const ROWS: usize = 8;

/// Samples on their way through the window, or a part of them, of the rows of the result or of its channels.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes is its own.
#[derive(Clone)]
pub(super) struct Places<'a, T> {
    pub(super) size: &'a Convolution,
    pub(super) direction: Direction,
    pub(super) samples: Range<usize>,
    pub(super) finish: Finish<'a, T>,
    /// All samples.
    pub(super) source: *const T,
    pub(super) weight: *const T,
    pub(super) target: *mut T,
    pub(super) workspace: *mut T,
    pub(super) part: Part,
}

/// Which rows of each class are computed, and which tiles of channels of all groups.
#[derive(Clone, Default)]
pub(super) struct Part {
    rows: Range<usize>,
    tiles: Range<usize>,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Places<'_, T> {}

compiled!(Places, "prebuilt");

/// The most samples that are better computed so: those of large images whose input has the channels of a picture, and on the way
/// back those of windows that move by more than one, where such channels or few samples leave the other ways' registers empty.
///
/// Sums have the order of the other ways where a row of the window is a loop.
const fn most_samples(size: &Convolution, direction: Direction, lanes: usize) -> usize {
    let window = &size.window;
    let is_picture = matches!(size.inputs, 3 | 4);
    let (classes, taps) = (volume(window.stride), window.taps());
    match size.way {
        _ if !is_possible(size) => 0,
        Way::Places => usize::MAX,
        Way::BySize if window.kernel[2] > 1 => match direction {
            Direction::Forward if is_picture && volume(window.output) >= 256 => usize::MAX,
            Direction::Backward if classes > 1 && volume(window.input) >= 48 * classes => {
                if is_picture && taps >= 8 * classes { usize::MAX } else { lanes / 2 }
            }
            _ => 0,
        },
        _ => 0,
    }
}

/// Whether so many samples are better computed so.
pub(super) fn is_better(size: &Convolution, direction: Direction, rows: usize, lanes: usize) -> bool {
    (1..=most_samples(size, direction, lanes)).contains(&rows)
}

/// Numbers of a row of sums that wait to be put in place, of a class along a line.
const fn pitch(copies: &Copies) -> usize {
    (copies.band[1] * copies.axes[2].length(0)).next_multiple_of(LANES) + LANES
}

/// Numbers of workspace.
pub(super) const fn workspace(size: &Convolution, direction: Direction) -> usize {
    if most_samples(size, direction, LANES) == 0 {
        return 0;
    }
    let copies = Copies::of(size, direction);
    let waiting = if is_direct(&copies) { 0 } else { copies.axes[2].classes() * ROWS * pitch(&copies) };
    let (_, results) = size.channels(direction);
    let rows = if results < 4 { results } else { results.next_multiple_of(ROWS) };
    copies.length() + size.groups * rows * copies.channels * size.window.taps() + waiting + 5 * LANES
}

/// Whether the places of a class are neighbours in the result.
const fn is_direct(copies: &Copies) -> bool {
    let [a, b, c] = &copies.axes;
    a.classes() * b.classes() * c.classes() == 1
}

/// How many rows a tile has where so many channels are left of all. It may have more: it computes those before again.
fn height(results: usize, left: usize, registers: usize) -> usize {
    match results {
        8.. if registers >= 32 && left > 4 => 8,
        4.. => 4,
        3 => 3,
        _ => 1,
    }
}

/// The group of a tile, its height and its first channel in the group.
fn tile_of<S: Simd>(results: usize, tile: usize) -> (usize, usize, usize) {
    let most = height(results, results, S::REGISTERS);
    let in_group = results.div_ceil(most);
    let row = tile % in_group * most;
    let tile_height = height(results, results - row, S::REGISTERS);
    (tile / in_group, tile_height, row.min(results - tile_height))
}

impl<T: Float> Places<'_, T> {
    /// On as many threads as it is worth, each of which needs `room` numbers of workspace: cut by samples, or, where these can't
    /// be shared out equally, by rows of the result, or by channels.
    #[inline(always)]
    pub(super) fn on<S: Simd>(mut self, simd: S, threads: Threads<'_>, room: usize) {
        let (samples, size) = (self.samples.len(), self.size);
        let (_, results) = size.channels(self.direction);
        let rows = Copies::of(size, self.direction).axes[1].length(0);
        let tiles = size.groups * results.div_ceil(height(results, results, S::REGISTERS));
        self.part = Part { rows: 0..rows, tiles: 0..tiles };
        let parts = threads.parts(samples * size.flops() / 2, LEAST);
        let mut spare = threads.spare();
        if parts == 1 || spare.piece_length::<T>() < room {
            return self.call(simd);
        }
        let by_samples = samples.is_multiple_of(parts) || samples >= 8 * parts;
        let by_rows = !by_samples && rows >= 4 * parts;
        let length = if by_samples {
            samples
        } else if by_rows {
            rows
        } else {
            tiles
        };
        let others = spare.pieces().map(|piece| piece.as_mut_ptr());
        let rooms = iter::once(self.workspace).chain(others);
        let works = ranges(length, parts, 1).zip(rooms).map(|(range, workspace)| {
            let mut part = Places { workspace, ..self.clone() };
            if by_samples {
                part.samples = range;
            } else if by_rows {
                part.part.rows = range;
            } else {
                part.part.tiles = range;
            }
            part
        });
        threads.each(works, |part| part.call(simd));
    }
}

impl<T: Float> WithSimd for Places<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Places { size, direction, .. } = self;
        let (copies, (_, results)) = (&Copies::of(size, direction), size.channels(direction));
        let (source, target) = size.lengths(direction);
        let taps = size.window.taps();
        let (row_step, channel_step) = size.weight_steps(direction);
        let mut room = Room(self.workspace);
        let stage = room.take(copies.length() + LANES);
        let all = &Taps::of(copies);
        let most = height(results, results, S::REGISTERS);
        let tile_weights = most * copies.channels * taps;
        let packed = room.take(size.groups * results.div_ceil(most) * tile_weights);
        let waiting = room.take(0);
        let in_group = results.div_ceil(most);
        for tile in self.part.tiles.clone() {
            let (group, tile_height, first) = tile_of::<S>(results, tile);
            let from = self.weight.wrapping_add(group * size.inputs * size.outputs * taps + first * row_step);
            let mut to = packed.wrapping_add(tile * tile_weights);
            for class in 0..volume(copies.axes.map(|axis| axis.classes())) {
                for channel in 0..copies.channels {
                    for tap in all.of_class(class) {
                        for row in 0..tile_height {
                            let weight = row * row_step + channel * channel_step + tap.weight;
                            // SAFETY: row, channel and tap are among the weights; each weight of a tile has a place.
                            unsafe { *to.add(row) = *from.wrapping_add(weight) }
                        }
                        to = to.wrapping_add(tile_height);
                    }
                }
            }
        }
        for sample in self.samples {
            for group in self.part.tiles.start / in_group..self.part.tiles.end.div_ceil(in_group) {
                let tiles = &self.part.tiles;
                let (start, end) = (group * in_group, (group + 1) * in_group);
                let tiles = tiles.start.max(start) - start..tiles.end.min(end) - start;
                let number = sample * size.groups + group;
                let group = Group {
                    copies,
                    taps: all,
                    channel_length: copies.channel(),
                    pitch: pitch(copies),
                    results,
                    lengths: target,
                    tiles,
                    source: self.source.wrapping_add(number * copies.channels * volume(source)),
                    weight: packed.wrapping_add(group * in_group * tile_weights),
                    tile_weights,
                    finish: self.finish,
                    channel: group * results,
                    target: self.target.wrapping_add(number * results * volume(target)),
                    stage,
                    waiting,
                };
                for plane in (0..copies.axes[0].length(0)).step_by(copies.band[0]) {
                    for row in self.part.rows.clone().step_by(copies.band[1]) {
                        let planes = plane..(plane + copies.band[0]).min(copies.axes[0].length(0));
                        let rows = row..(row + copies.band[1]).min(self.part.rows.end);
                        // SAFETY: the workspace has room for the copies; the pointers are those of the group.
                        unsafe {
                            copies.fill(simd, group.source, &planes, &rows, stage);
                            group.band(simd, &planes, &rows);
                        }
                    }
                }
            }
        }
    }
}

/// A group of channels of a sample, and which tiles of it are computed.
struct Group<'a, T> {
    copies: &'a Copies,
    taps: &'a Taps,
    /// Numbers of a channel's copies, and of a row of sums that wait.
    channel_length: usize,
    pitch: usize,
    results: usize,
    /// Lengths of the result.
    lengths: [usize; 3],
    tiles: Range<usize>,
    source: *const T,
    /// The packed weights: tile, class, channel, tap, row.
    weight: *const T,
    tile_weights: usize,
    finish: Finish<'a, T>,
    /// The group's first channel among those of the result.
    channel: usize,
    target: *mut T,
    stage: *mut T,
    waiting: *mut T,
}

/// A tile's rows in a plane, of one class along each axis but the last.
struct Rows<T> {
    /// The first of the classes along a line, among all.
    class: usize,
    /// The tile's weights.
    weight: *const T,
    /// Which plane of the copies.
    plane: usize,
    count: usize,
    /// The tile's first channel in the group.
    first: usize,
    /// The first number of the result, in a channel, and from one row to the next.
    place: usize,
    line: usize,
}

impl<T: Float> Group<'_, T> {
    /// The results of a band of places, for which the stage is filled.
    /// # Safety
    /// The pointers are valid for what the sizes say.
    #[inline(always)]
    unsafe fn band<S: Simd>(&self, simd: S, planes: &Range<usize>, rows: &Range<usize>) {
        let [a, b, c] = &self.copies.axes;
        let [_, height, width] = self.lengths;
        for class in 0..a.classes() * b.classes() {
            let classes = [class / b.classes(), class % b.classes()];
            let class = class * c.classes();
            let count = rows.end.min(b.length(classes[1])).saturating_sub(rows.start);
            for tile in self.tiles.clone() {
                let (_, tile_height, first) = tile_of::<S>(self.results, tile);
                let weight = self.weight.wrapping_add(tile * self.tile_weights);
                for plane in planes.start..planes.end.min(a.length(classes[0])) {
                    let to = [plane * a.classes() + classes[0], rows.start * b.classes() + classes[1]];
                    let place = (to[0] * height + to[1]) * width;
                    let plane = plane - planes.start;
                    let rows = Rows { class, weight, plane, count, first, place, line: b.classes() * width };
                    // SAFETY: the caller's promise; the tile's channels and rows are those of the group.
                    unsafe {
                        match tile_height {
                            8 if const { S::REGISTERS >= 32 } => self.tile::<S, 8>(simd, &rows),
                            4 => self.tile::<S, 4>(simd, &rows),
                            3 => self.tile::<S, 3>(simd, &rows),
                            _ => self.tile::<S, 1>(simd, &rows),
                        }
                    }
                }
            }
        }
    }

    /// The results of R channels in some rows of a plane.
    /// # Safety
    /// As [`Group::band`].
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize>(&self, simd: S, rows: &Rows<T>) {
        let lanes = VectorOf::<S, T>::LANES;
        let c = &self.copies.axes[2];
        let target = self.target.wrapping_add(rows.first * volume(self.lengths) + rows.place);
        let (is_direct, pitch) = (is_direct(self.copies), self.pitch);
        for class in 0..c.classes() {
            let places = rows.count * c.length(class);
            let plane = rows.plane * self.copies.plane(class);
            let start = self.taps.starts[rows.class + class];
            let taps = self.taps.of_class(rows.class + class);
            let mut first = 0;
            while first < places {
                let left = places - first;
                let registers = left.div_ceil(lanes);
                let (to, step) = if is_direct {
                    (target.wrapping_add(first), volume(self.lengths))
                } else {
                    (self.waiting.wrapping_add(class * R * pitch + first), pitch)
                };
                let sums = Sums {
                    taps,
                    number: self.stage.wrapping_add(plane + first),
                    weight: rows.weight.wrapping_add(start * self.copies.channels * R),
                    finish: &self.finish,
                    channel: self.channel + rows.first,
                    to,
                    step,
                    count: if is_direct { left } else { usize::MAX },
                };
                // SAFETY: the caller's promise; behind the copies there is a register more, and one behind what waits.
                unsafe {
                    // Never three and one, which would be better as two and two.
                    first += lanes
                        * match registers {
                            3 | 5.. => self.put::<S, R, 3>(simd, &sums),
                            2 | 4 => self.put::<S, R, 2>(simd, &sums),
                            _ => self.put::<S, R, 1>(simd, &sums),
                        };
                }
            }
        }
        if !is_direct {
            for channel in 0..R {
                for row in 0..rows.count {
                    let from = self.waiting.wrapping_add(channel * pitch).cast_const();
                    let to = target.wrapping_add(channel * volume(self.lengths) + row * rows.line);
                    // SAFETY: the sums of all classes wait, with a register behind them; the row is one of the result's.
                    unsafe { self.put_line(simd, from, R * pitch, row, to) }
                }
            }
        }
    }

    /// The results of R channels at P registers of places; returns P.
    /// # Safety
    /// As [`Group::band`].
    #[inline(always)]
    unsafe fn put<S: Simd, const R: usize, const P: usize>(&self, simd: S, sums: &Sums<'_, T>) -> usize {
        let lanes = VectorOf::<S, T>::LANES;
        let mut totals = [[VectorOf::<S, T>::zero(simd); P]; R];
        let (mut number, mut weight) = (sums.number, sums.weight);
        let channel = self.channel_length;
        for _ in 0..self.copies.channels {
            for tap in sums.taps {
                let number = number.wrapping_add(tap.offset);
                // SAFETY: the caller's promise.
                unsafe {
                    let mut numbers = [VectorOf::<S, T>::zero(simd); P];
                    for (register, numbers) in numbers.iter_mut().enumerate() {
                        *numbers = VectorOf::<S, T>::load_pointer(simd, number.add(register * lanes));
                    }
                    for (row, totals) in totals.iter_mut().enumerate() {
                        let spread = VectorOf::<S, T>::splat(simd, *weight.add(row));
                        for (total, numbers) in totals.iter_mut().zip(numbers) {
                            *total = spread.mul_add(numbers, *total);
                        }
                    }
                }
                weight = weight.wrapping_add(R);
            }
            number = number.wrapping_add(channel);
        }
        for (row, totals) in totals.into_iter().enumerate() {
            let finish = sums.finish.of_channel(simd, sums.channel + row);
            for (register, total) in totals.into_iter().enumerate() {
                let (to, left) = (row * sums.step + register * lanes, sums.count - register * lanes);
                // SAFETY: the caller's promise.
                unsafe {
                    let to = sums.to.add(to);
                    if left >= lanes {
                        finish.apply(total).store_pointer(to);
                    } else {
                        finish.apply(total).store_partial_pointer(to, left);
                    }
                }
            }
        }
        P
    }

    /// Puts a row of the result in place, from the sums of all classes along it, which are `step` apart.
    /// # Safety
    /// As [`Group::band`]; `to` is valid for writing the row.
    #[inline(always)]
    unsafe fn put_line<S: Simd>(&self, simd: S, from: *const T, step: usize, row: usize, to: *mut T) {
        let (lanes, width, c) = (VectorOf::<S, T>::LANES, self.lengths[2], &self.copies.axes[2]);
        let class = |class: usize| from.wrapping_add(class * step + row * c.length(class));
        let store = |numbers: VectorOf<S, T>, first: usize| {
            let count = width.saturating_sub(first).min(lanes);
            // SAFETY: the caller's promise.
            unsafe { numbers.store_partial_pointer(to.wrapping_add(first), count) }
        };
        // SAFETY: the caller's promise.
        unsafe {
            match c.classes() {
                1 => {
                    for first in (0..width).step_by(lanes) {
                        store(VectorOf::<S, T>::load_pointer(simd, class(0).add(first)), first);
                    }
                }
                2 => {
                    for first in (0..c.length(0)).step_by(lanes) {
                        let even = VectorOf::<S, T>::load_pointer(simd, class(0).add(first));
                        let odd = VectorOf::<S, T>::load_pointer(simd, class(1).add(first));
                        let (low, high) = even.zip(odd);
                        store(low, 2 * first);
                        store(high, 2 * first + lanes);
                    }
                }
                classes => {
                    for column in 0..width {
                        *to.add(column) = *class(column % classes).add(column / classes);
                    }
                }
            }
        }
    }
}

/// Some sums of a tile: what they are made of, and where they go.
struct Sums<'a, T> {
    taps: &'a [Tap],
    number: *const T,
    weight: *const T,
    finish: &'a Finish<'a, T>,
    channel: usize,
    to: *mut T,
    /// From one channel to the next.
    step: usize,
    /// How many numbers may be written.
    count: usize,
}
