//! Means of as many parts as there are to be, whatever the input's lengths.

use super::LEAST;
use crate::element::Float;
use crate::kernel::reduce;
use crate::kernel::window::volume;
use crate::simd::Simd;
use crate::threads::{Threads, chunk};

/// Where the numbers begin, and end, that the mean at `place` of `places` is taken of, if all `length` are shared out.
#[inline(always)]
const fn share(place: usize, places: usize, length: usize) -> (usize, usize) {
    (place * length / places, ((place + 1) * length).div_ceil(places))
}

/// The means of as many parts along each axis as `output` says: parts overlap where the lengths don't divide.
/// # Panics
/// The lengths aren't those of as many planes.
#[inline(never)]
pub fn adaptive_mean_forward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    input: [usize; 3],
    output: [usize; 3],
    x: &[T],
    y: &mut [T],
) {
    let (inputs, outputs) = (volume(input), volume(output));
    assert!(inputs > 0 && outputs > 0 && x.len() * outputs == y.len() * inputs, "as many planes of both");
    let each = chunk(y.len() / outputs, threads.parts(x.len(), LEAST), 1);
    threads.each(x.chunks(each * inputs).zip(y.chunks_mut(each * outputs)), |(x, y)| {
        simd.vectorize(
            #[inline(always)]
            || {
                for (x, y) in x.chunks_exact(inputs).zip(y.chunks_exact_mut(outputs)) {
                    for_each_share(input, output, |index, start, count| {
                        let mut sum = T::ZERO;
                        for_each_line(input, start, count, |line| sum += reduce::sum(simd, &x[line]));
                        y[index] = sum / T::from_usize(volume(count));
                    });
                }
            },
        );
    });
}

/// The backward of [`adaptive_mean_forward`].
/// # Panics
/// As that.
#[inline(never)]
pub fn adaptive_mean_backward<S: Simd, T: Float>(
    simd: S,
    threads: Threads<'_>,
    input: [usize; 3],
    output: [usize; 3],
    dy: &[T],
    dx: &mut [T],
) {
    let (inputs, outputs) = (volume(input), volume(output));
    assert!(inputs > 0 && outputs > 0 && dx.len() * outputs == dy.len() * inputs, "as many planes of both");
    let each = chunk(dy.len() / outputs, threads.parts(dx.len(), LEAST), 1);
    threads.each(dx.chunks_mut(each * inputs).zip(dy.chunks(each * outputs)), |(dx, dy)| {
        simd.vectorize(
            #[inline(always)]
            || {
                for (dx, dy) in dx.chunks_exact_mut(inputs).zip(dy.chunks_exact(outputs)) {
                    dx.fill(T::ZERO);
                    for_each_share(input, output, |index, start, count| {
                        let share = dy[index] / T::from_usize(volume(count));
                        for_each_line(input, start, count, |line| {
                            dx[line].iter_mut().for_each(|dx| *dx += share)
                        });
                    });
                }
            },
        );
    });
}

/// Calls `part` with the number of each part, where it starts along each axis, and how long it is.
#[inline(always)]
fn for_each_share(
    input: [usize; 3],
    output: [usize; 3],
    mut part: impl FnMut(usize, [usize; 3], [usize; 3]),
) {
    for index in 0..volume(output) {
        let at = [index / output[2] / output[1], index / output[2] % output[1], index % output[2]];
        let along: [(usize, usize); 3] =
            core::array::from_fn(|axis| share(at[axis], output[axis], input[axis]));
        part(index, along.map(|(start, _)| start), along.map(|(start, end)| end - start));
    }
}

/// Calls `line` with each stretch of neighbours in a part.
#[inline(always)]
fn for_each_line(
    [_, rows, columns]: [usize; 3],
    start: [usize; 3],
    count: [usize; 3],
    mut line: impl FnMut(core::ops::Range<usize>),
) {
    for plane in start[0]..start[0] + count[0] {
        for row in start[1]..start[1] + count[1] {
            let first = (plane * rows + row) * columns + start[2];
            line(first..first + count[2]);
        }
    }
}
