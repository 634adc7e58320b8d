//! Windows that move by one over each channel by itself: neighbours of an image side by side, so that nothing has to be turned.
//!
//! ```text
//! copy a plane, with what is imagined around it: then the taps of all places are that many shifts of the whole plane
//! y = Σ_t w(t) shift(x, t)        dx = the same of dy with the window turned round        dw(t) = Σ y' shift(x, t)
//! ```
//! What is computed where a row of the result has ended is dropped.

use core::iter;
use core::marker::PhantomData;
use core::ops::Range;

use super::sweep::Direction;
use super::{Convolution, LANES, LEAST, Room, WeightGradient};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::finish::Finish;
use crate::kernel::window::volume;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};
use crate::threads::{Threads, ranges};

/// Registers that are summed at a time.
const WIDE: usize = 4;

/// Whether each channel has a window of its own, which moves by one over one or two axes, and isn't all outside of its input.
pub(super) const fn is(size: &Convolution) -> bool {
    let window = &size.window;
    let mut fits = size.inputs == 1 && size.outputs == 1 && volume(window.stride) == 1;
    fits &= window.kernel[0] == 1 && window.input[0] == 1 && window.output[0] == 1 && window.before[0] == 0;
    let mut axis = 1;
    while axis < 3 {
        let reach = window.reach(axis);
        fits &= window.before[axis] < reach && window.after[axis] < reach;
        fits &= window.output[axis] + reach == window.padded()[axis] + 1;
        axis += 1;
    }
    fits
}

/// A plane on its way: its lengths, and those of what comes of it.
#[derive(Clone, Copy)]
struct Plane {
    from: [usize; 3],
    to: [usize; 3],
    before: [usize; 3],
    /// From one row to the next, with what is imagined.
    pitch: usize,
}

impl Plane {
    const fn of(size: &Convolution, direction: Direction) -> Plane {
        let window = &size.window;
        match direction {
            Direction::Forward => {
                let (from, to, before) = (window.input, window.output, window.before);
                Plane { from, to, before, pitch: window.padded()[2] }
            }
            Direction::Backward => {
                let before =
                    [0, window.reach(1) - 1 - window.before[1], window.reach(2) - 1 - window.before[2]];
                let pitch = window.input[2] + window.reach(2) - 1;
                Plane { from: window.output, to: window.input, before, pitch }
            }
        }
    }

    /// Numbers of the result, with what is dropped.
    const fn flat(&self) -> usize {
        self.to[1] * self.pitch
    }

    /// Numbers of a copy that a window of such reach goes over, with what is read behind it and dropped.
    const fn copied(&self, reach: usize) -> usize {
        (self.to[1] + reach) * self.pitch + (WIDE + 1) * LANES
    }
}

/// Numbers of workspace for any of the three.
pub(super) const fn workspace(size: &Convolution) -> usize {
    let (forward, back) = (Plane::of(size, Direction::Forward), Plane::of(size, Direction::Backward));
    let reach = size.window.reach(1);
    let one = forward.copied(reach) + forward.flat();
    let other = back.copied(reach) + back.flat();
    (if one > other { one } else { other }) + (size.window.taps() + WIDE + 4) * LANES
}

/// A batch through the windows, either way: the channels on as many threads as it is worth.
/// # Safety
/// The pointers are valid for what the sizes say; each thread has [`workspace`].
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "sizes, three operands, a target, room to work and who does it"
)]
pub(super) unsafe fn run<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    direction: Direction,
    rows: usize,
    source: *const T,
    weight: *const T,
    finish: Finish<'_, T>,
    target: *mut T,
    room: *mut T,
) {
    let channels = 0..size.groups;
    let planes = Planes { size, direction, rows, channels, finish, source, weight, target, room };
    let parts = threads.parts(rows * size.flops() / 2, LEAST);
    let mut spare = threads.spare();
    if parts == 1 || spare.piece_length::<T>() < workspace(size) {
        return planes.call(simd);
    }
    let rooms = iter::once(room).chain(spare.pieces().map(|piece| piece.as_mut_ptr()));
    let works = ranges(size.groups, parts, 1).zip(rooms);
    threads.each(works.map(|(channels, room)| Planes { channels, room, ..planes.clone() }), |part| {
        part.call(simd)
    });
}

/// Planes under their windows.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its channels, is its own.
#[derive(Clone)]
struct Planes<'a, T> {
    size: &'a Convolution,
    direction: Direction,
    rows: usize,
    channels: Range<usize>,
    finish: Finish<'a, T>,
    source: *const T,
    weight: *const T,
    target: *mut T,
    room: *mut T,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Planes<'_, T> {}

compiled!(Planes, "prebuilt");

impl<T: Float> WithSimd for Planes<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Planes { size, direction, rows, channels, finish, source, weight, target, room } = self;
        let (window, lanes) = (&size.window, VectorOf::<S, T>::LANES);
        let (plane, taps) = (Plane::of(size, direction), window.taps());
        let mut room = Room(room);
        let copied = plane.copied(window.reach(1));
        let copy = room.take(copied);
        let sums = room.take(plane.flat() + WIDE * LANES);
        // SAFETY: the room is for a copy and for the sums of a plane; a number of 0 bits is 0.
        unsafe { copy.write_bytes(0, copied) };
        for row in 0..rows {
            for channel in channels.clone() {
                let index = row * size.groups + channel;
                // SAFETY: the planes are those of a channel of a sample; shifts of the copy are within it.
                unsafe {
                    copy_rows(simd, source.add(index * volume(plane.from)), &plane, plane.before, copy);
                    let weights = weight.add(channel * taps);
                    for first in (0..plane.flat()).step_by(WIDE * lanes) {
                        let mut wide = [VectorOf::<S, T>::zero(simd); WIDE];
                        let mut tap = 0;
                        for down in 0..window.kernel[1] {
                            let line = first + down * window.dilation[1] * plane.pitch;
                            for across in 0..window.kernel[2] {
                                let at = if direction == Direction::Forward { tap } else { taps - 1 - tap };
                                let spread = VectorOf::<S, T>::splat(simd, *weights.add(at));
                                let from = copy.add(line + across * window.dilation[2]);
                                for (register, sum) in wide.iter_mut().enumerate() {
                                    let numbers =
                                        VectorOf::<S, T>::load_pointer(simd, from.add(register * lanes));
                                    *sum = spread.mul_add(numbers, *sum);
                                }
                                tap += 1;
                            }
                        }
                        for (register, sum) in wide.into_iter().enumerate() {
                            sum.store_pointer(sums.add(first + register * lanes));
                        }
                    }
                    let finish = finish.of_channel(simd, channel);
                    let (target, [_, height, width]) = (target.add(index * volume(plane.to)), plane.to);
                    for line in 0..height {
                        for column in (0..width).step_by(lanes) {
                            let numbers =
                                VectorOf::<S, T>::load_pointer(simd, sums.add(line * plane.pitch + column));
                            let to = target.add(line * width + column);
                            finish.apply(numbers).store_partial_pointer(to, (width - column).min(lanes));
                        }
                    }
                }
            }
        }
    }
}

/// Copies a plane into one of the plane's pitch, from the row and column `before` on.
/// # Safety
/// The pointers are valid for both.
#[inline(always)]
unsafe fn copy_rows<S: Simd, T: Float>(
    simd: S,
    from: *const T,
    plane: &Plane,
    before: [usize; 3],
    to: *mut T,
) {
    let (lanes, zero) = (VectorOf::<S, T>::LANES, VectorOf::<S, T>::zero(simd));
    let [_, height, width] = plane.from;
    for line in 0..height {
        for column in (0..width).step_by(lanes) {
            let count = (width - column).min(lanes);
            // SAFETY: the caller's promise.
            unsafe {
                let from = from.add(line * width + column);
                let to = to.add((line + before[1]) * plane.pitch + before[2] + column);
                VectorOf::<S, T>::load_partial_pointer(simd, from, count, zero)
                    .store_partial_pointer(to, count);
            }
        }
    }
}

/// As [`super::weight_gradient`], added to what is there.
/// # Safety
/// The slices have the lengths that the sizes say; the workspace has room.
#[inline(always)]
pub(super) unsafe fn add<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    work: WeightGradient<'_, T>,
) {
    let WeightGradient { rows, x, dy, dweight, dbias, workspace: room } = work;
    let gradient = Gradient {
        size,
        rows,
        channels: 0..size.groups,
        x: x.as_ptr(),
        dy: dy.as_ptr(),
        dweight: dweight.as_mut_ptr(),
        dbias: if dbias.is_empty() { core::ptr::null_mut() } else { dbias.as_mut_ptr() },
        room: room.as_mut_ptr(),
        borrow: PhantomData,
    };
    let parts = threads.parts(rows * size.flops() / 2, LEAST);
    let mut spare = threads.spare();
    if parts == 1 || spare.piece_length::<T>() < workspace(size) {
        return gradient.call(simd);
    }
    let rooms = iter::once(gradient.room).chain(spare.pieces().map(|piece| piece.as_mut_ptr()));
    let works = ranges(size.groups, parts, 1).zip(rooms);
    let works = works.map(|(channels, room)| Gradient { channels, room, ..gradient.clone() });
    threads.each(works, |part| part.call(simd));
}

/// The gradient by some channels' windows.
///
/// The pointers are valid for what the sizes say as long as it lives; what it writes, its channels' gradient, is its own.
#[derive(Clone)]
struct Gradient<'a, T> {
    size: &'a Convolution,
    rows: usize,
    channels: Range<usize>,
    x: *const T,
    dy: *const T,
    dweight: *mut T,
    /// The gradient by the bias, or null where there is none.
    dbias: *mut T,
    room: *mut T,
    borrow: PhantomData<&'a mut T>,
}

// SAFETY: what it reads is borrowed as shared as long as it lives, what it writes is its own; numbers may be sent.
unsafe impl<T: Float> Send for Gradient<'_, T> {}

compiled!(Gradient, "prebuilt");

impl<T: Float> WithSimd for Gradient<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Gradient { size, rows, channels, x, dy, dweight, dbias, room, .. } = self;
        let (window, lanes) = (&size.window, VectorOf::<S, T>::LANES);
        let (plane, taps) = (Plane::of(size, Direction::Forward), window.taps());
        let copied = plane.copied(window.reach(1));
        let mut room = Room(room);
        let copy = room.take(copied);
        let behind = room.take(plane.flat() + WIDE * LANES);
        let sums = room.take((taps + 1) * LANES);
        let back = Plane { from: window.output, ..plane };
        // SAFETY: the room is for both copies and for a register of sums for each tap; a number of 0 bits is 0; planes are
        // those of a channel of a sample.
        unsafe {
            copy.write_bytes(0, copied);
            behind.write_bytes(0, plane.flat() + WIDE * LANES);
            for channel in channels {
                sums.write_bytes(0, (taps + 1) * LANES);
                for row in 0..rows {
                    let index = row * size.groups + channel;
                    copy_rows(simd, x.add(index * volume(plane.from)), &plane, plane.before, copy);
                    copy_rows(simd, dy.add(index * volume(plane.to)), &back, [0; 3], behind);
                    let mut tap = 0;
                    while tap < taps {
                        let shifts =
                            Shifts { size, pitch: plane.pitch, flat: plane.flat(), copy, behind, sums };
                        tap += match taps - tap {
                            9.. => shifts.add::<S, 9>(simd, tap),
                            5.. => shifts.add::<S, 5>(simd, tap),
                            3.. => shifts.add::<S, 3>(simd, tap),
                            _ => shifts.add::<S, 1>(simd, tap),
                        };
                    }
                    let to = sums.add(taps * LANES);
                    let mut sum = VectorOf::<S, T>::load_pointer(simd, to);
                    for first in (0..plane.flat()).step_by(lanes) {
                        sum += VectorOf::<S, T>::load_pointer(simd, behind.add(first));
                    }
                    sum.store_pointer(to);
                }
                for tap in 0..taps {
                    let sum = VectorOf::<S, T>::load_pointer(simd, sums.add(tap * LANES)).sum();
                    *dweight.add(channel * taps + tap) += sum;
                }
                if !dbias.is_null() {
                    *dbias.add(channel) += VectorOf::<S, T>::load_pointer(simd, sums.add(taps * LANES)).sum();
                }
            }
        }
    }
}

/// Products of a plane's gradient and shifts of the plane.
struct Shifts<'a, T> {
    size: &'a Convolution,
    pitch: usize,
    flat: usize,
    copy: *const T,
    behind: *const T,
    sums: *mut T,
}

impl<T: Float> Shifts<'_, T> {
    /// Adds to the sums of V taps from `tap` on; returns V.
    /// # Safety
    /// The pointers are valid for the plane and the taps.
    #[inline(always)]
    unsafe fn add<S: Simd, const V: usize>(&self, simd: S, tap: usize) -> usize {
        let (window, lanes) = (&self.size.window, VectorOf::<S, T>::LANES);
        let (mut sums, mut from) = ([VectorOf::<S, T>::zero(simd); V], [self.copy; V]);
        for v in 0..V {
            let (down, across) = ((tap + v) / window.kernel[2], (tap + v) % window.kernel[2]);
            let shift = down * window.dilation[1] * self.pitch + across * window.dilation[2];
            from[v] = self.copy.wrapping_add(shift);
            // SAFETY: the caller's promise.
            sums[v] = unsafe { VectorOf::<S, T>::load_pointer(simd, self.sums.add((tap + v) * LANES)) };
        }
        for first in (0..self.flat).step_by(lanes) {
            // SAFETY: the caller's promise.
            unsafe {
                let dy = VectorOf::<S, T>::load_pointer(simd, self.behind.add(first));
                for (sum, from) in sums.iter_mut().zip(from) {
                    *sum = dy.mul_add(VectorOf::<S, T>::load_pointer(simd, from.add(first)), *sum);
                }
            }
        }
        for (v, sum) in sums.into_iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { sum.store_pointer(self.sums.add((tap + v) * LANES)) }
        }
        V
    }
}
