//! Sums over the taps of each channel's window, forward and for the gradient by the input.

use core::ops::Range;

use super::block::{Copying, Cut, Ladder, Steps};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::convolution::sweep::Direction;
use crate::kernel::convolution::{Convolution, Room};
use crate::kernel::finish::{Finish, Finisher};
use crate::simd::{Simd, Vector, VectorOf, WithSimd, prefetch};

/// How far ahead of what is written memory is asked for.
const AHEAD: usize = 512;

/// Planes under their windows.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its planes, is its own.
#[derive(Clone)]
pub(super) struct Planes<'a, T> {
    pub(super) size: &'a Convolution,
    pub(super) direction: Direction,
    /// Each is a channel of a sample.
    pub(super) planes: Range<usize>,
    pub(super) finish: Finish<'a, T>,
    pub(super) source: *const T,
    pub(super) weight: *const T,
    pub(super) target: *mut T,
    pub(super) room: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Planes<'_, T> {}

compiled!(Planes, "prebuilt");

impl<T: Float> WithSimd for Planes<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Planes { size, direction, planes, finish, source, weight, target, room } = self;
        let (cut, taps) = (Cut::of(size, direction), size.window.taps());
        let lanes = VectorOf::<S, T>::LANES;
        let (from, to) = (cut.from[0] * cut.from[1], cut.to[0] * cut.to[1]);
        let mut room = Room(room);
        // What is at work, and what is copied meanwhile.
        let (mut copy, mut other) = (room.take(cut.room()), room.take(cut.room()));
        let turned = room.take(taps);
        let (mut plane, mut block) = (planes.start, [0, 0]);
        if planes.is_empty() {
            return;
        }
        // SAFETY: the room is for two copies; planes are those of the batch.
        unsafe {
            cut.clear(copy);
            cut.clear(other);
            cut.begin(source.add(plane * from), block, copy).advance(simd, usize::MAX);
        }
        loop {
            let (next_block, further) = cut.next(block);
            let next = plane + further;
            let copying = if next == planes.end {
                Copying::NOTHING
            } else {
                // SAFETY: the plane is one of the batch.
                unsafe { cut.begin(source.add(next * from), next_block, other) }
            };
            let channel = plane % size.groups;
            // SAFETY: the channel has a window, for which there is room; the plane is one of those that are made.
            let (weight, target) = unsafe {
                let mut weight = weight.add(channel * taps);
                if direction == Direction::Backward {
                    for tap in 0..taps {
                        *turned.add(tap) = *weight.add(taps - 1 - tap);
                    }
                    weight = turned;
                }
                (weight, target.add(plane * to))
            };
            let mut climb = Climb {
                cut: &cut,
                steps: cut.steps(lanes),
                beside: cut.beside(lanes, if S::REGISTERS >= 32 { 8 } else { 4 }),
                weight,
                copy,
                copying,
                target,
                finish: finish.of_channel(simd, channel),
            };
            cut.for_each_ladder(
                block,
                lanes,
                #[inline(always)]
                |ladder| {
                    // SAFETY: the ladder is one of the block's, which was copied.
                    unsafe { climb.run(simd, ladder) }
                },
            );
            // SAFETY: the copies are still there.
            unsafe { climb.copying.advance(simd, usize::MAX) };
            if next == planes.end {
                return;
            }
            (plane, block) = (next, next_block);
            core::mem::swap(&mut copy, &mut other);
        }
    }
}

/// A ladder's sums, and what is copied meanwhile.
struct Climb<'a, V, T> {
    cut: &'a Cut,
    steps: Steps,
    /// Rows that are copied beside each tile.
    beside: usize,
    weight: *const T,
    copy: *const T,
    copying: Copying<T>,
    target: *mut T,
    finish: Finisher<V>,
}

impl<T: Float, V: Vector<Scalar = T>> Climb<'_, V, T> {
    /// # Safety
    /// The ladder is one of the cut's; the pointers are valid for the copy and the planes.
    #[inline(always)]
    unsafe fn run<S: Simd>(&mut self, simd: S, mut ladder: Ladder)
    where
        V: Vector<Isa = S>,
    {
        loop {
            // SAFETY: the caller's promise; what is summed beside the ladder is within the copy, and dropped.
            let done = unsafe {
                // A window of 3 by 3 is in registers, too.
                if S::REGISTERS >= 32 && ladder.rungs > 4 {
                    self.tile::<8>(simd, ladder)
                } else {
                    self.tile::<4>(simd, ladder)
                }
            };
            // SAFETY: the copies are still there.
            unsafe { self.copying.advance(simd, self.beside) };
            if ladder.rungs <= done {
                return;
            }
            ladder = ladder.above(self.steps, done);
        }
    }

    /// The ladder's first R rungs; returns R.
    /// # Safety
    /// As of [`Climb::run`].
    #[inline(always)]
    unsafe fn tile<const R: usize>(&self, simd: V::Isa, ladder: Ladder) -> usize {
        let [kernel, across] = self.cut.kernel;
        let mut sums = [V::zero(simd); R];
        let mut down = 0;
        while down < kernel {
            let tall = self.steps.shares && down + 3 <= kernel;
            let mut column = 0;
            while column < across {
                let tap = [down, column];
                // SAFETY: the caller's promise, and the window has the taps.
                column += unsafe {
                    match (tall, column + 3 <= across) {
                        (true, true) => self.taps::<R, 3, 3>(simd, &mut sums, ladder.from, tap),
                        (true, false) => self.taps::<R, 3, 1>(simd, &mut sums, ladder.from, tap),
                        (false, true) => self.taps::<R, 1, 3>(simd, &mut sums, ladder.from, tap),
                        (false, false) => self.taps::<R, 1, 1>(simd, &mut sums, ladder.from, tap),
                    }
                };
            }
            down += if tall { 3 } else { 1 };
        }
        for sum in &mut sums {
            *sum = self.finish.apply(*sum);
        }
        let Steps { to: step, columns: fewer, .. } = self.steps;
        // SAFETY: the caller's promise.
        unsafe {
            let to = self.target.add(ladder.to);
            if ladder.rungs >= R && ladder.columns >= (R - 1) * fewer + V::LANES {
                for (rung, sum) in sums.into_iter().enumerate() {
                    let to = to.add(rung * step);
                    prefetch(to.wrapping_add(AHEAD));
                    sum.store_pointer(to);
                }
            } else {
                for (rung, sum) in sums.into_iter().enumerate() {
                    if rung < ladder.rungs {
                        let columns = (ladder.columns - rung * fewer).min(V::LANES);
                        sum.store_partial_pointer(to.add(rung * step), columns);
                    }
                }
            }
        }
        R
    }

    /// Adds D rows of A taps of the window to R rungs; returns A.
    /// # Safety
    /// As of [`Climb::run`]; the window has the taps.
    #[inline(always)]
    unsafe fn taps<const R: usize, const D: usize, const A: usize>(
        &self,
        simd: V::Isa,
        sums: &mut [V; R],
        from: usize,
        [down, across]: [usize; 2],
    ) -> usize {
        let Cut { kernel, dilation, pitch, .. } = *self.cut;
        // SAFETY: the caller's promise.
        unsafe {
            let weight = self.weight.add(down * kernel[1] + across);
            let mut factors = [[V::zero(simd); D]; A];
            for (column, factors) in factors.iter_mut().enumerate() {
                for (row, factor) in factors.iter_mut().enumerate() {
                    *factor = V::splat(simd, *weight.add(row * kernel[1] + column));
                }
            }
            let mut from = self.copy.add(from + down * dilation[0] * pitch + across * dilation[1]);
            for line in 0..R + D - 1 {
                for (column, factors) in factors.iter().enumerate() {
                    let numbers = V::load_pointer(simd, from.add(column * dilation[1]));
                    for (row, factor) in factors.iter().enumerate() {
                        if line >= row && line - row < R {
                            sums[line - row] = factor.mul_add(numbers, sums[line - row]);
                        }
                    }
                }
                from = from.wrapping_add(self.steps.from);
            }
        }
        A
    }
}
