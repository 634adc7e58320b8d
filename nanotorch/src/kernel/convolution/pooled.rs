//! A convolution whose result is pooled at once: rows of it are kept near until the windows of a maximum over them are whole.
//!
//! What is kept are registers, of samples or of channels, so the largest is found without a shuffle, and what is put in place is
//! the pooled image alone.

use core::ops::Range;

use super::stage::put;
use super::{Convolution, LANES};
use crate::element::Float;
use crate::kernel::finish::Finisher;
use crate::kernel::pool::later;
use crate::kernel::window::Window;
use crate::simd::{Simd, Vector, VectorOf};

/// Places of a channel that are kept at a time, if a window's rows aren't more.
const KEPT: usize = 64;

impl Convolution {
    /// Whether the largest numbers under a window over the result can be found on the way out.
    pub const fn pools(&self, pool: &Window) -> bool {
        let (over, input) = (self.window.output, pool.input);
        let same = over[0] == input[0] && over[1] == input[1] && over[2] == input[2];
        let flat = pool.input[0] == 1 && pool.kernel[0] == 1 && pool.before[0] == 0 && pool.output[0] == 1;
        let squares = super::squares::Squares::of(self, super::Direction::Forward).is_some();
        let product = super::pointwise::is_product(self);
        same && flat && !product && pool.is_sound() && (!squares || lies_in_squares(pool))
    }

    /// Numbers of workspace beside those of a forward, to pool on the way out.
    pub const fn pooled_workspace(&self, pool: &Window) -> usize {
        // A tile may have up to eight rows more than there are channels.
        (self.groups * self.outputs + 8).next_multiple_of(2 * LANES) * kept(pool) * LANES + LANES
    }
}

/// Whether each window lies in one of the squares that are computed together.
const fn lies_in_squares(pool: &Window) -> bool {
    let mut lies = true;
    let mut axis = 1;
    while axis < 3 {
        let stride = pool.stride[axis];
        lies &= stride > 0 && 4 % stride == 0 && pool.reach(axis) <= stride;
        lies &= pool.before[axis] == 0 && pool.after[axis] == 0;
        axis += 1;
    }
    lies
}

/// Rows of the pooled image that are finished at a time.
const fn band(pool: &Window) -> usize {
    let rows = KEPT / (pool.stride[1] * pool.input[2]);
    if rows < 1 { 1 } else { rows }
}

/// Places that are kept.
pub(super) const fn kept(pool: &Window) -> usize {
    let rows = (band(pool) - 1) * pool.stride[1] + pool.reach(1);
    (if rows < pool.input[1] { rows } else { pool.input[1] }) * pool.input[2]
}

/// The rows of an image that some rows of the pooled one are made of.
fn rows_under(pool: &Window, rows: &Range<usize>) -> Range<usize> {
    let start = (rows.start * pool.stride[1]).saturating_sub(pool.before[1]);
    let end = ((rows.end - 1) * pool.stride[1] + pool.reach(1)).saturating_sub(pool.before[1]);
    start.min(pool.input[1])..end.min(pool.input[1])
}

/// Goes down the pooled image: `fill` is asked for rows of the image, of which the first that is kept is given as well, and then
/// `take` finds the largest for rows of the pooled one. Rows that more than one band needs are moved.
/// # Safety
/// `numbers` is valid for `planes` times [`kept`] places of `step` numbers.
#[inline(always)]
pub(super) unsafe fn walk<T: Float>(
    pool: &Window,
    rows: Range<usize>,
    numbers: *mut T,
    planes: usize,
    step: usize,
    mut fill: impl FnMut(Range<usize>, usize),
    mut take: impl FnMut(Range<usize>, usize),
) {
    let (columns, pitch) = (pool.input[2], kept(pool));
    let mut there = 0..0;
    for first in rows.clone().step_by(band(pool)) {
        let pooled = first..(first + band(pool)).min(rows.end);
        let needed = rows_under(pool, &pooled);
        let known = there.end.min(needed.end).saturating_sub(needed.start);
        if known > 0 && needed.start > there.start {
            let (from, length) = ((needed.start - there.start) * columns * step, known * columns * step);
            for plane in 0..planes {
                let to = numbers.wrapping_add(plane * pitch * step);
                // SAFETY: the caller's promise: the rows have been kept.
                unsafe { core::ptr::copy(to.add(from), to, length) }
            }
        }
        fill(needed.start + known..needed.end, needed.start);
        take(pooled, needed.start);
        there = needed;
    }
}

/// Registers at neighbouring places of an image.
#[derive(Clone, Copy)]
pub(super) struct Kept<T> {
    /// That of the place at `row` and `column`.
    pub(super) numbers: *const T,
    pub(super) row: usize,
    pub(super) column: usize,
    /// From one row to the next, in places.
    pub(super) pitch: usize,
    /// From one place to the next.
    pub(super) step: usize,
}

/// The largest of the finished registers under the window, at some places of a row: to lines of a register.
/// # Safety
/// What the windows take is there; `target` is valid for writing the lines.
#[inline(always)]
pub(super) unsafe fn largest<S: Simd, T: Float>(
    simd: S,
    pool: &Window,
    finish: Finisher<VectorOf<S, T>>,
    kept: &Kept<T>,
    row: usize,
    columns: Range<usize>,
    target: *mut T,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let (_, rows, top) = pool.real(1, row);
    for (index, column) in columns.enumerate() {
        let (_, across, left) = pool.real(2, column);
        let mut most = VectorOf::<S, T>::splat(simd, T::NEG_INFINITY);
        for down in 0..rows {
            let line = (top + down * pool.dilation[1] - kept.row) * kept.pitch;
            for right in 0..across {
                let place = line + left + right * pool.dilation[2] - kept.column;
                // SAFETY: the caller's promise.
                let sums =
                    unsafe { VectorOf::<S, T>::load_pointer(simd, kept.numbers.add(place * kept.step)) };
                most = later(most, finish.apply(sums));
            }
        }
        // SAFETY: the caller's promise.
        unsafe { most.store_pointer(target.add(index * lanes)) }
    }
}

/// Puts the largest of the finished registers under the windows that begin within what is kept, up to the row and column `end`,
/// where they belong: a plane of the pooled image for each lane, `step` apart, of which there are `count`.
/// # Safety
/// Windows that begin there end there; `lines` are the registers that are kept, to be written over; `target` is valid for the
/// planes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "two places in memory and how each is cut")]
pub(super) unsafe fn put_largest<S: Simd, T: Float>(
    simd: S,
    pool: &Window,
    finish: Finisher<VectorOf<S, T>>,
    kept: &Kept<T>,
    lines: *mut T,
    [bottom, right]: [usize; 2],
    target: *mut T,
    step: usize,
    count: usize,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let ([_, down, across], [_, height, width]) = (pool.stride, pool.output);
    let rows = kept.row / down..bottom.div_ceil(down).min(height);
    let columns = kept.column / across..right.div_ceil(across).min(width);
    for row in rows {
        for first in columns.clone().step_by(lanes) {
            let end = (first + lanes).min(columns.end);
            let target = target.wrapping_add(row * width + first);
            // What has been read makes room: no window's first place is before that of its result.
            let most = (row * down - kept.row) * kept.pitch + first - columns.start;
            let most = lines.wrapping_add(most * lanes);
            // SAFETY: the caller's promise.
            unsafe {
                let nothing = Finisher::nothing(simd);
                largest(simd, pool, finish, kept, row, first..end, most);
                put(simd, most, lanes, end - first, nothing, target, step, count);
            }
        }
    }
}
