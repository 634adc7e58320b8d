//! The gradient by each channel's window: products of its planes' gradients and shifts of its planes.

use core::marker::PhantomData;
use core::ops::Range;

use super::block::{Copying, Cut, Ladder, Steps};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::convolution::sweep::Direction;
use crate::kernel::convolution::{Convolution, LANES, Room};
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// Registers of a gradient that are at work at a time.
const RUNGS: usize = 4;

/// The gradient by some channels' windows.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its channels' gradient, is its own.
#[derive(Clone)]
pub(super) struct Gradient<'a, T> {
    pub(super) size: &'a Convolution,
    pub(super) rows: usize,
    pub(super) channels: Range<usize>,
    pub(super) x: *const T,
    pub(super) dy: *const T,
    pub(super) dweight: *mut T,
    /// The gradient by the bias, or null where there is none.
    pub(super) dbias: *mut T,
    pub(super) room: *mut T,
    pub(super) borrow: PhantomData<&'a mut T>,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Gradient<'_, T> {}

compiled!(Gradient, "prebuilt");

impl<T: Float> WithSimd for Gradient<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Gradient { size, rows, channels, x, dy, dweight, dbias, room, .. } = self;
        let (cut, taps, lanes) =
            (Cut::of(size, Direction::Forward), size.window.taps(), VectorOf::<S, T>::LANES);
        let (from, to) = (cut.from[0] * cut.from[1], cut.to[0] * cut.to[1]);
        let mut room = Room(room);
        // What is at work, and what is copied meanwhile.
        let (mut copy, mut other) = (room.take(cut.room()), room.take(cut.room()));
        let sums = room.take((taps + 1) * LANES);
        // One channel's planes after another's.
        let planes = channels.start * rows..channels.end * rows;
        let plane = |index: usize| index % rows * size.groups + index / rows;
        let (mut index, mut block) = (planes.start, [0, 0]);
        if planes.is_empty() {
            return;
        }
        // SAFETY: the room is for two copies and for a register of sums for each tap and the bias; a number of 0 bits is 0; planes
        // are those of a channel of a sample.
        unsafe {
            sums.write_bytes(0, (taps + 1) * LANES);
            cut.clear(copy);
            cut.clear(other);
            cut.begin(x.add(plane(index) * from), block, copy).advance(simd, usize::MAX);
            loop {
                let (next_block, further) = cut.next(block);
                let next = index + further;
                let copying = if next == planes.end {
                    Copying::NOTHING
                } else {
                    cut.begin(x.add(plane(next) * from), next_block, other)
                };
                let dy = dy.add(plane(index) * to);
                let (steps, beside) = (cut.steps(lanes), cut.beside(lanes, RUNGS));
                let mut shifts = Shifts { cut: &cut, steps, beside, copy, copying, dy, sums };
                shifts.add_all(simd, block);
                shifts.copying.advance(simd, usize::MAX);
                if further == 1 && !dbias.is_null() {
                    add_plane(simd, dy, to, sums.add(taps * LANES));
                }
                if further == 1 && next % rows == 0 {
                    let channel = index / rows;
                    let sum = |tap: usize| VectorOf::<S, T>::load_pointer(simd, sums.add(tap * LANES)).sum();
                    for tap in 0..taps {
                        *dweight.add(channel * taps + tap) += sum(tap);
                    }
                    if !dbias.is_null() {
                        *dbias.add(channel) += sum(taps);
                    }
                    sums.write_bytes(0, (taps + 1) * LANES);
                }
                if next == planes.end {
                    return;
                }
                (index, block) = (next, next_block);
                core::mem::swap(&mut copy, &mut other);
            }
        }
    }
}

/// Adds so many numbers to a register in memory.
/// # Safety
/// The pointers are valid for both.
#[inline(always)]
unsafe fn add_plane<S: Simd, T: Float>(simd: S, numbers: *const T, length: usize, to: *mut T) {
    let (lanes, zero) = (VectorOf::<S, T>::LANES, VectorOf::<S, T>::zero(simd));
    let mut sums = [zero; 4];
    let mut at = 0;
    // SAFETY: the caller's promise.
    unsafe {
        while at + 4 * lanes <= length {
            for (register, sum) in sums.iter_mut().enumerate() {
                *sum += VectorOf::<S, T>::load_pointer(simd, numbers.add(at + register * lanes));
            }
            at += 4 * lanes;
        }
        while at < length {
            let count = (length - at).min(lanes);
            sums[0] += VectorOf::<S, T>::load_partial_pointer(simd, numbers.add(at), count, zero);
            at += count;
        }
        let sum = VectorOf::<S, T>::load_pointer(simd, to);
        (sum + ((sums[0] + sums[1]) + (sums[2] + sums[3]))).store_pointer(to);
    }
}

/// A block of a plane's gradient and shifts of the plane, and what is copied meanwhile.
struct Shifts<'a, T> {
    cut: &'a Cut,
    steps: Steps,
    /// Rows that are copied beside each tile.
    beside: usize,
    copy: *const T,
    copying: Copying<T>,
    dy: *const T,
    /// A register for each tap.
    sums: *mut T,
}

impl<T: Float> Shifts<'_, T> {
    /// All taps, over the block that begins there.
    /// # Safety
    /// The pointers are valid for the copy of the block, the planes and the taps.
    #[inline(always)]
    unsafe fn add_all<S: Simd>(&mut self, simd: S, block: [usize; 2]) {
        let [height, width] = self.cut.kernel;
        let mut down = 0;
        while down < height {
            let rows = if self.steps.shares { (height - down).min(3) } else { 1 };
            let mut across = 0;
            while across < width {
                let tap = [down, across];
                // SAFETY: the caller's promise.
                across += unsafe {
                    match (rows, width - across) {
                        (3, 3..) => self.add::<S, 3, 3>(simd, block, tap),
                        (3, _) => self.add::<S, 3, 2>(simd, block, tap),
                        (2, 3..) => self.add::<S, 2, 3>(simd, block, tap),
                        (2, _) => self.add::<S, 2, 2>(simd, block, tap),
                        (1, 8..) => self.add::<S, 1, 8>(simd, block, tap),
                        (_, 3..) => self.add::<S, 1, 3>(simd, block, tap),
                        _ => self.add::<S, 1, 2>(simd, block, tap),
                    }
                };
            }
            down += rows;
        }
    }

    /// D rows of A taps from one on, of which those that the window has are kept; returns A.
    /// # Safety
    /// As of [`Shifts::add_all`].
    #[inline(always)]
    unsafe fn add<S: Simd, const D: usize, const A: usize>(
        &mut self,
        simd: S,
        block: [usize; 2],
        [down, across]: [usize; 2],
    ) -> usize {
        let Cut { kernel, dilation, pitch, .. } = *self.cut;
        let (lanes, zero) = (VectorOf::<S, T>::LANES, VectorOf::<S, T>::zero(simd));
        let Steps { from: step_from, to: step, columns: fewer, .. } = self.steps;
        let copy = self.copy.wrapping_add(down * dilation[0] * pitch + across * dilation[1]);
        let (cut, first, steps) = (self.cut, self.dy, self.steps);
        // Where few sums are on their way, two for each tap, so that none waits for the one before.
        let mut sums = [[[zero; 2]; D]; A];
        cut.for_each_ladder(
            block,
            lanes,
            #[inline(always)]
            |mut ladder| {
                loop {
                    let Ladder { from, to, rungs, columns } = ladder;
                    let mut dy = [zero; RUNGS];
                    // SAFETY: the rungs that there are lie within the block, and so do their columns. What is read of the copy
                    // beside them meets 0, or taps that the window doesn't have.
                    unsafe {
                        let place = first.add(to);
                        if rungs >= RUNGS && columns >= (RUNGS - 1) * fewer + lanes {
                            for (rung, dy) in dy.iter_mut().enumerate() {
                                *dy = VectorOf::<S, T>::load_pointer(simd, place.add(rung * step));
                            }
                        } else {
                            for (rung, dy) in dy.iter_mut().enumerate() {
                                if rung < rungs {
                                    let (from, count) =
                                        (place.add(rung * step), (columns - rung * fewer).min(lanes));
                                    *dy = VectorOf::<S, T>::load_partial_pointer(simd, from, count, zero);
                                }
                            }
                        }
                        let mut from = copy.add(from);
                        for line in 0..RUNGS + D - 1 {
                            for (column, sums) in sums.iter_mut().enumerate() {
                                let x = VectorOf::<S, T>::load_pointer(simd, from.add(column * dilation[1]));
                                for (row, sums) in sums.iter_mut().enumerate() {
                                    if line >= row && line - row < RUNGS {
                                        let rung = line - row;
                                        let sum = &mut sums[if D == 1 && A < 8 { rung % 2 } else { 0 }];
                                        *sum = dy[rung].mul_add(x, *sum);
                                    }
                                }
                            }
                            from = from.wrapping_add(step_from);
                        }
                        self.copying.advance(simd, self.beside);
                    }
                    if rungs <= RUNGS {
                        return;
                    }
                    ladder = ladder.above(steps, RUNGS);
                }
            },
        );
        for (column, sums) in sums.into_iter().enumerate().take(kernel[1] - across) {
            for (row, [even, odd]) in sums.into_iter().enumerate() {
                // SAFETY: the window has the tap.
                unsafe {
                    let to = self.sums.add(((down + row) * kernel[1] + across + column) * LANES);
                    (VectorOf::<S, T>::load_pointer(simd, to) + (even + odd)).store_pointer(to);
                }
            }
        }
        A
    }
}
