//! Windows of one number that move by one: a convolution is a product of matrices then, for each sample.
//!
//! ```text
//! y(n) = w x(n)        dx(n) = wᵀ dy(n)        dw = Σ_n dy(n) x(n)ᵀ        x (C, P), w (O, C), y (O, P)
//! ```

use core::iter;

use super::sweep::Direction;
use super::{Convolution, LEAST, WeightGradient};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::kernel::finish::{Finish, finish_lines};
use crate::kernel::gemm::{Plain, columns, gemm_on, rows, workspace};
use crate::kernel::reduce;
use crate::kernel::window::volume;
use crate::simd::Simd;
use crate::threads::{Threads, chunk};

/// Places from which on a product of its own is worth it for each sample.
const LEAST_PLACES: usize = 16;

/// Whether a convolution is a product of matrices.
pub(super) const fn is_product(size: &Convolution) -> bool {
    let window = &size.window;
    let places = volume(window.input);
    window.taps() == 1
        && volume(window.stride) == 1
        && volume(window.padded()) == places
        && volume(window.output) == places
        && places >= LEAST_PLACES
        && size.inputs >= 4
        && size.outputs >= 4
}

/// Numbers of workspace, for any of the three products.
pub(super) const fn room(size: &Convolution) -> usize {
    let places = volume(size.window.input);
    let (forward, back) = (workspace(places, size.inputs), workspace(places, size.outputs));
    let weights = workspace(size.inputs, places);
    let larger = if forward > back { forward } else { back };
    if larger > weights { larger } else { weights }
}

/// A batch through the window, either way, finished: on several threads where it is large, by samples or within them.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "sizes, three operands, a target, room to work and who does it"
)]
pub(super) fn run<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    direction: Direction,
    samples: usize,
    source: &[T],
    weight: &[T],
    finish: Finish<'_, T>,
    target: &mut [T],
    room: &mut [T],
) {
    let places = volume(size.window.input);
    let (from, to) = size.channels(direction);
    let each = size.inputs * size.outputs;
    let product = |threads: Threads<'_>, group: usize, source: &[T], target: &mut [T], room: &mut [T]| {
        let (sizes, mode) = ((to, places, from), Accumulate::Replace);
        let (weight, source) = (&weight[group * each..][..each], rows(source, places));
        match direction {
            Direction::Forward => {
                let weight = rows(weight, size.inputs);
                gemm_on(threads, simd, sizes, weight, source, target, places, mode, Plain, room);
            }
            Direction::Backward => {
                let weight = columns(weight, size.inputs);
                gemm_on(threads, simd, sizes, weight, source, target, places, mode, Plain, room);
            }
        }
        finish_lines(simd, finish, group * to, places, target);
    };
    let pieces = samples * size.groups;
    let parts = threads.parts(samples * size.flops() / 2, LEAST);
    let mut spare = threads.spare();
    if parts == 1 || !pieces.is_multiple_of(parts) || spare.piece_length::<T>() < room.len() {
        // Given back, so that the products may use it.
        {
            let _given_back = spare;
        }
        let sources = source.chunks_exact(from * places).zip(target.chunks_exact_mut(to * places));
        for (piece, (source, target)) in sources.enumerate() {
            product(threads, piece % size.groups, source, target, room);
        }
        return;
    }
    let each = chunk(pieces, parts, 1);
    let shares = source.chunks(each * from * places).zip(target.chunks_mut(each * to * places));
    let shares = shares.enumerate().zip(iter::once(room).chain(spare.pieces()));
    threads.each(shares, |((share, (source, target)), room)| {
        let sources = source.chunks_exact(from * places).zip(target.chunks_exact_mut(to * places));
        for (piece, (source, target)) in sources.enumerate() {
            product(Threads::ALONE, (share * each + piece) % size.groups, source, target, room);
        }
    });
}

/// As [`super::weight_gradient`], added to what is there.
#[inline(always)]
pub(super) fn add<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    size: &Convolution,
    work: WeightGradient<'_, T>,
) {
    let WeightGradient { x, dy, dweight, dbias, workspace: room, .. } = work;
    let (places, each) = (volume(size.window.input), size.inputs * size.outputs);
    let pieces = x.chunks_exact(size.inputs * places).zip(dy.chunks_exact(size.outputs * places));
    for (piece, (x, dy)) in pieces.enumerate() {
        let group = piece % size.groups;
        let (sizes, mode) = ((size.outputs, size.inputs, places), Accumulate::Add);
        let (target, x) = (&mut dweight[group * each..][..each], columns(x, places));
        gemm_on(threads, simd, sizes, rows(dy, places), x, target, size.inputs, mode, Plain, room);
        let sums = dbias.iter_mut().skip(group * size.outputs);
        for (sum, dy) in sums.zip(dy.chunks_exact(places)) {
            *sum += reduce::sum(simd, dy);
        }
    }
}
