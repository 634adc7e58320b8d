//! Copies of a sample's channels in which the numbers that a tap of the window meets at neighbouring places are neighbours.
//!
//! ```text
//! copy(c, t)(row, v) = source(c, row, v * step + shift(t)), or 0 where that is only imagined
//! ```
//! There is a copy for each column `t` of the window, with lines as long as those of the result. Rows that a place and the next
//! one below meet are neighbours, too: so what a tap meets at all places of a plane is one stretch, and no register is cut by the
//! end of a line. On the way back, results whose coordinates differ by multiples of the stride meet the same taps: these are a
//! *class*.

use core::ops::Range;

use super::Convolution;
use super::sweep::Direction;
use crate::element::Float;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf};

/// Numbers of the copies that are to be near at once: a part of the second level of the cache.
const NEAR: usize = 128 * 1024;

/// The most taps, and the most classes along a line and in all.
const TAPS: usize = 128;
const CLASSES: usize = 4;
const ALL_CLASSES: usize = 16;

/// Whether there is room for the taps and the classes.
pub(super) const fn is_possible(size: &Convolution) -> bool {
    let stride = size.window.stride;
    size.window.taps() <= TAPS && stride[2] <= CLASSES && volume(stride) <= ALL_CLASSES
}

/// What comes in and what comes out, along an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    direction: Direction,
    source: usize,
    result: usize,
    pub(super) taps: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    /// The least shift of a tap.
    least: isize,
    /// Numbers a step apart are kept as neighbours: so there are so many phases, and so many numbers of each beside those of the
    /// places of a band.
    phases: usize,
    more: usize,
}

impl Axis {
    const fn of(size: &Convolution, direction: Direction, axis: usize) -> Axis {
        let window = &size.window;
        let (sources, results) = size.lengths(direction);
        let (source, result) = (sources[axis], results[axis]);
        let (taps, stride, dilation) = (window.kernel[axis], window.stride[axis], window.dilation[axis]);
        let before = window.before[axis];
        let (least, phases, more) = (0, 0, 0);
        let axis = Axis { direction, source, result, taps, stride, dilation, before, least, phases, more };
        let (least, most) = axis.shifts();
        let (reach, step) = ((most - least) as usize, axis.step());
        Axis { least, phases: if reach < step { reach + 1 } else { step }, more: reach / step, ..axis }
    }

    /// How many classes of results there are, which is also how far results of a class are apart.
    pub(super) const fn classes(&self) -> usize {
        match self.direction {
            Direction::Forward => 1,
            Direction::Backward => self.stride,
        }
    }

    /// From what one result of a class meets to what the next one does.
    const fn step(&self) -> usize {
        match self.direction {
            Direction::Forward => self.stride,
            Direction::Backward => 1,
        }
    }

    /// Results of a class.
    pub(super) const fn length(&self, class: usize) -> usize {
        self.result.saturating_sub(class).div_ceil(self.classes())
    }

    /// The class whose results a tap has a part in.
    pub(super) const fn class(&self, tap: usize) -> usize {
        let classes = self.classes();
        (tap * self.dilation + self.before * (classes - 1)) % classes
    }

    /// A tap brings to the result `u` of its class the number `u * step + shift`.
    const fn shift(&self, tap: usize) -> isize {
        let (before, tap_at) = (self.before as isize, (tap * self.dilation) as isize);
        match self.direction {
            Direction::Forward => tap_at - before,
            // A multiple of the stride.
            Direction::Backward => (self.class(tap) as isize + before - tap_at) / self.stride as isize,
        }
    }

    /// The least and the largest shift.
    const fn shifts(&self) -> (isize, isize) {
        let (mut least, mut most) = (self.shift(0), self.shift(0));
        let mut tap = 1;
        while tap < self.taps {
            let shift = self.shift(tap);
            least = if shift < least { shift } else { least };
            most = if shift > most { shift } else { most };
            tap += 1;
        }
        (least, most)
    }
}

/// The copies of a band of places: of whole planes, or of rows of a plane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Copies {
    pub(super) axes: [Axis; 3],
    /// Channels that come in, in a group.
    pub(super) channels: usize,
    /// Places of a class in a band, along the first two axes.
    pub(super) band: [usize; 2],
    /// Numbers of a line of all copies of a channel together, lines of a plane of a copy, and planes of it.
    line: usize,
    lines: usize,
    planes: usize,
}

impl Copies {
    /// Those of a convolution, with bands of which the copies are near at once.
    pub(super) const fn of(size: &Convolution, direction: Direction) -> Copies {
        let axes = [Axis::of(size, direction, 0), Axis::of(size, direction, 1), Axis::of(size, direction, 2)];
        let (channels, _) = size.channels(direction);
        let [a, b, c] = &axes;
        let (mut line, mut tap) = (0, 0);
        while tap < c.taps {
            line += c.length(c.class(tap));
            tap += 1;
        }
        let (planes, rows) = (a.length(0), b.length(0));
        // One plane at least, one row at least; bands as equal as can be. Taps may have a part in nothing.
        let near = if line == 0 { NEAR } else { NEAR / (channels * line * a.phases * b.phases) };
        let most = (near / (rows + b.more)).saturating_sub(a.more);
        let band = if most > 0 {
            [planes.div_ceil(planes.div_ceil(most)), rows]
        } else {
            let most = (near / (1 + a.more)).saturating_sub(b.more);
            [1, rows.div_ceil(rows.div_ceil(if most > 0 { most } else { 1 }))]
        };
        let (lines, planes) = (b.phases * (band[1] + b.more), a.phases * (band[0] + a.more));
        Copies { axes, channels, band, line, lines, planes }
    }

    /// Numbers of a channel.
    pub(super) const fn channel(&self) -> usize {
        self.line * self.lines * self.planes
    }

    /// Numbers in all, but for the register that may be read and written behind them.
    pub(super) const fn length(&self) -> usize {
        self.channels * self.channel()
    }

    /// Numbers from one plane of a band to the next, for results of the class `class` along a line.
    pub(super) const fn plane(&self, class: usize) -> usize {
        self.lines * self.axes[2].length(class)
    }

    /// Where in a channel's copies that tap meets its first number.
    pub(super) fn offset(&self, tap: [usize; 3]) -> usize {
        let axis = &self.axes[2];
        let before: usize = (0..tap[2]).map(|tap| axis.length(axis.class(tap))).sum();
        let at = |axis: &Axis, band: usize, tap: usize| {
            let from = (axis.shift(tap) - axis.least) as usize;
            from % axis.step() * (band + axis.more) + from / axis.step()
        };
        let (plane, row) = (at(&self.axes[0], self.band[0], tap[0]), at(&self.axes[1], self.band[1], tap[1]));
        before * self.lines * self.planes + (plane * self.lines + row) * axis.length(axis.class(tap[2]))
    }

    /// Fills the copies with what the places of a band meet, in a group of channels.
    /// # Safety
    /// `source` is valid for reading the channels, `target` for writing their copies and a register behind them.
    #[inline(always)]
    pub(super) unsafe fn fill<S: Simd, T: Float>(
        &self,
        simd: S,
        source: *const T,
        planes: &Range<usize>,
        rows: &Range<usize>,
        target: *mut T,
    ) {
        let [a, b, c] = &self.axes;
        let [a_band, b_band] = [self.band[0] + a.more, self.band[1] + b.more];
        let mut to = target;
        for channel in 0..self.channels {
            let source = source.wrapping_add(channel * a.source * b.source * c.source);
            for tap in 0..c.taps {
                let line = Line::of(c, tap);
                for plane in 0..self.planes {
                    let (phase, index) = (plane / a_band, plane % a_band);
                    let plane = ((planes.start + index) * a.step() + phase) as isize + a.least;
                    let is_plane = 0 <= plane && plane < a.source as isize && index < planes.len() + a.more;
                    for phase in 0..b.phases {
                        let mut row = (rows.start * b.step() + phase) as isize + b.least;
                        for index in 0..b_band {
                            let is_row = is_plane && 0 <= row && row < b.source as isize;
                            // SAFETY: the line is one of the source's, or not read; its copy may be written a register too
                            // far, as the next one is written later.
                            unsafe {
                                if is_row && index < rows.len() + b.more {
                                    let number = (plane * b.source as isize + row) * c.source as isize;
                                    line.copy(simd, source.wrapping_offset(number), to);
                                } else {
                                    clear(simd, to, 0, line.length);
                                }
                            }
                            to = to.wrapping_add(line.length);
                            row += b.step() as isize;
                        }
                    }
                }
            }
        }
    }
}

/// A tap: where in a channel's copies the first number is that it meets, and where its weight is.
#[derive(Clone, Copy, Default)]
pub(super) struct Tap {
    pub(super) offset: usize,
    pub(super) weight: usize,
}

/// The taps of all classes: those of each between two entries of `starts`.
pub(super) struct Taps {
    taps: [Tap; TAPS],
    pub(super) starts: [usize; ALL_CLASSES + 1],
}

impl Taps {
    pub(super) fn of(copies: &Copies) -> Taps {
        let [a, b, c] = &copies.axes;
        let (mut taps, mut starts, mut count) = ([Tap::default(); TAPS], [0; ALL_CLASSES + 1], 0);
        for class in 0..a.classes() * b.classes() * c.classes() {
            let classes =
                [class / c.classes() / b.classes(), class / c.classes() % b.classes(), class % c.classes()];
            for index in 0..a.taps * b.taps * c.taps {
                let tap = [index / c.taps / b.taps, index / c.taps % b.taps, index % c.taps];
                if [a.class(tap[0]), b.class(tap[1]), c.class(tap[2])] == classes {
                    taps[count] = Tap { offset: copies.offset(tap), weight: index };
                    count += 1;
                }
            }
            starts[class + 1] = count;
        }
        Taps { taps, starts }
    }

    #[inline(always)]
    pub(super) fn of_class(&self, class: usize) -> &[Tap] {
        &self.taps[self.starts[class]..self.starts[class + 1]]
    }
}

/// 0 in the places from `first` to `end`, and behind.
/// # Safety
/// `to` is valid for writing `end` numbers and a register.
#[inline(always)]
unsafe fn clear<S: Simd, T: Float>(simd: S, to: *mut T, first: usize, end: usize) {
    for start in (first..end).step_by(VectorOf::<S, T>::LANES) {
        // SAFETY: the caller's promise.
        unsafe { VectorOf::<S, T>::zero(simd).store_pointer(to.add(start)) }
    }
}

/// `to(v) = from(v * step + shift)`, and 0 where that isn't there.
struct Line {
    step: usize,
    length: usize,
    /// The first number that is there, and where it is; the end of those that are.
    first: usize,
    start: isize,
    end: usize,
    /// How many numbers there are from the first one on.
    left: usize,
}

impl Line {
    fn of(axis: &Axis, tap: usize) -> Line {
        let (step, shift, length) = (axis.step(), axis.shift(tap), axis.length(axis.class(tap)));
        let first = ((-shift).max(0) as usize).div_ceil(step).min(length);
        let start = (first * step) as isize + shift;
        let left = (axis.source as isize - start).max(0) as usize;
        Line { step, length, first, start, end: length.min(first + left.div_ceil(step)), left }
    }

    /// # Safety
    /// `from` is valid for reading the axis' numbers, `to` for writing the line and a register behind it.
    #[inline(always)]
    unsafe fn copy<S: Simd, T: Float>(&self, simd: S, from: *const T, to: *mut T) {
        let lanes = VectorOf::<S, T>::LANES;
        let zero = VectorOf::<S, T>::zero(simd);
        let (mut from, mut left, mut at) = (from.wrapping_offset(self.start), self.left, self.first);
        // SAFETY: what is read is among the numbers that are left; what is written begins within the line.
        unsafe {
            clear(simd, to, 0, at);
            while at < self.end {
                let count = (self.end - at).min(lanes);
                let numbers = match self.step {
                    1 => VectorOf::<S, T>::load_partial_pointer(simd, from, count, zero),
                    2 => {
                        let left = left.min(2 * count - 1);
                        let low = VectorOf::<S, T>::load_partial_pointer(simd, from, left.min(lanes), zero);
                        let (next, left) = (from.wrapping_add(lanes), left.saturating_sub(lanes));
                        let high = VectorOf::<S, T>::load_partial_pointer(simd, next, left, zero);
                        low.unzip(high).0
                    }
                    step => {
                        let mut numbers = zero.to_array();
                        for (lane, number) in numbers.iter_mut().enumerate().take(count) {
                            *number = *from.add(lane * step);
                        }
                        VectorOf::<S, T>::from_array(simd, &numbers)
                    }
                };
                numbers.store_pointer(to.add(at));
                at += lanes;
                from = from.wrapping_add(lanes * self.step);
                left = left.saturating_sub(lanes * self.step);
            }
            clear(simd, to, at, self.length);
        }
    }
}
