//! Windows over each channel by itself: neighbours of an image side by side, so that nothing has to be turned.
//!
//! ```text
//! y(p) = Σ_t w(t) x(p + t - before)       dx = the same of dy, with the window turned round       dw(t) = Σ_p dy(p) x(p + t - before)
//! ```
//! A plane is copied with what is imagined around it (`block`), and then a *ladder* of registers, one line of the image above
//! another, is summed at a time: a register of the copy that was read is a tap of several of them (`sums`), and for the gradient by
//! the weights it meets several registers of `dy` (`gradient`). The next plane is copied beside each tile of that, so that memory
//! and arithmetic don't wait for each other, nor a copy's reader for its writer.

mod block;
mod gradient;
mod sums;

use core::iter;
use core::marker::PhantomData;

use super::sweep::Direction;
use super::{Convolution, LANES, LEAST, WeightGradient};
use crate::element::Float;
use crate::kernel::finish::Finish;
use crate::kernel::window::volume;
use crate::simd::Simd;
use crate::threads::{Threads, ranges};
use block::Cut;
use gradient::Gradient;
use sums::Planes;

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

/// Numbers of workspace for any of the three.
pub(super) const fn workspace(size: &Convolution) -> usize {
    let (forward, back) =
        (Cut::of(size, Direction::Forward).room(), Cut::of(size, Direction::Backward).room());
    let copy = if forward > back { forward } else { back };
    2 * copy + (size.window.taps() + 4) * LANES
}

/// A batch through the windows, either way: its planes on as many threads as it is worth.
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
    let planes = 0..rows * size.groups;
    let work = Planes { size, direction, planes, finish, source, weight, target, room };
    let parts = threads.parts(rows * size.flops() / 2, LEAST);
    let mut spare = threads.spare();
    if parts == 1 || spare.piece_length::<T>() < workspace(size) {
        return work.call(simd);
    }
    let rooms = iter::once(room).chain(spare.pieces().map(|piece| piece.as_mut_ptr()));
    let works = ranges(rows * size.groups, parts, 1).zip(rooms);
    threads.each(works.map(|(planes, room)| Planes { planes, room, ..work.clone() }), |part| part.call(simd));
}

/// As [`super::weight_gradient`], added to what is there: the channels on as many threads as it is worth.
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
