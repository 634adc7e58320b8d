//! Pooling: the largest number or the mean under a window, for each plane (channel of a sample) by itself.
//!
//! ```text
//! maximum  y(p) = max over t of x(p * stride + t * dilation - before)     what is imagined doesn't count
//! mean     y(p) = 1/n Σ over t of x(p * stride + t - before)             n: taps, or those that aren't imagined
//! ```
//! Windows of two by two side by side, by far the most frequent, have a way of their own, in registers.

use super::window::{Window, volume};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};

/// The numbers that a window takes at one place: where in a plane they are.
#[derive(Clone, Copy)]
struct Taps {
    start: usize,
    count: [usize; 3],
    step: [usize; 3],
}

impl Taps {
    #[inline(always)]
    fn at(window: &Window, index: usize) -> Taps {
        let [_, rows, columns] = window.output;
        let [_, input_rows, input_columns] = window.input;
        let (a, b, c) = (index / columns / rows, index / columns % rows, index % columns);
        let (_, planes, plane) = window.real(0, a);
        let (_, lines, line) = window.real(1, b);
        let (_, count, column) = window.real(2, c);
        Taps {
            start: (plane * input_rows + line) * input_columns + column,
            count: [planes, lines, count],
            step: [
                window.dilation[0] * input_rows * input_columns,
                window.dilation[1] * input_columns,
                window.dilation[2],
            ],
        }
    }

    /// Places in the plane, in order.
    #[inline(always)]
    fn for_each(self, mut tap: impl FnMut(usize)) {
        for a in 0..self.count[0] {
            for b in 0..self.count[1] {
                for c in 0..self.count[2] {
                    tap(self.start + a * self.step[0] + b * self.step[1] + c * self.step[2]);
                }
            }
        }
    }
}

/// Whether the windows are squares of four numbers, side by side, that cover the input but for an odd end.
fn is_two_by_two(window: &Window) -> bool {
    window.kernel == [1, 2, 2]
        && window.stride == [1, 2, 2]
        && window.dilation == [1; 3]
        && window.input[0] == 1
        && window.is_unpadded()
}

fn check(window: &Window, x: usize, y: usize) -> usize {
    assert!(window.is_sound(), "the window leaves its input: {window:?}");
    let planes = y / volume(window.output);
    assert_eq!(y, planes * volume(window.output), "whole planes of the output");
    assert_eq!(x, planes * volume(window.input), "as many planes of the input");
    planes
}

/// `y = max under the window`; NaN if there is one.
/// # Panics
/// The lengths aren't those of as many planes.
#[inline(never)]
pub fn max_forward<S: Simd, T: Float>(simd: S, window: &Window, x: &[T], y: &mut [T]) {
    check(window, x.len(), y.len());
    let (x, y) = (x.chunks_exact(volume(window.input)), y.chunks_exact_mut(volume(window.output)));
    simd.vectorize(
        #[inline(always)]
        || {
            if is_two_by_two(window) {
                for (x, y) in x.zip(y) {
                    max_of_four(simd, window, x, y);
                }
                return;
            }
            for (x, y) in x.zip(y) {
                for (index, y) in y.iter_mut().enumerate() {
                    let mut most = T::NEG_INFINITY;
                    Taps::at(window, index).for_each(|place| {
                        if x[place] > most || x[place].is_nan() {
                            most = x[place];
                        }
                    });
                    *y = most;
                }
            }
        },
    );
}

/// From the input and output of [`max_forward`]: `dx` is the gradient of the windows whose first largest number it is.
/// # Panics
/// As [`max_forward`].
#[inline(never)]
pub fn max_backward<S: Simd, T: Float>(simd: S, window: &Window, x: &[T], y: &[T], dy: &[T], dx: &mut [T]) {
    check(window, x.len(), y.len());
    assert_eq!((x.len(), y.len()), (dx.len(), dy.len()), "a gradient for each number");
    let (inputs, outputs) = (volume(window.input), volume(window.output));
    let planes = (x.chunks_exact(inputs).zip(dx.chunks_exact_mut(inputs)))
        .zip(y.chunks_exact(outputs).zip(dy.chunks_exact(outputs)));
    simd.vectorize(
        #[inline(always)]
        || {
            if is_two_by_two(window) {
                for ((x, dx), (y, dy)) in planes {
                    max_of_four_backward(simd, window, x, y, dy, dx);
                }
                return;
            }
            for ((x, dx), (y, dy)) in planes {
                dx.fill(T::ZERO);
                for (index, (y, dy)) in y.iter().zip(dy).enumerate() {
                    let mut chosen = None;
                    Taps::at(window, index).for_each(|place| {
                        if chosen.is_none() && (x[place] == *y || x[place].is_nan()) {
                            chosen = Some(place);
                        }
                    });
                    if let Some(place) = chosen {
                        dx[place] += *dy;
                    }
                }
            }
        },
    );
}

/// `y = mean under the window`. What is imagined counts as 0 if `include_padding`, else not at all.
/// # Panics
/// As [`max_forward`].
#[inline(never)]
pub fn mean_forward<S: Simd, T: Float>(
    simd: S,
    window: &Window,
    include_padding: bool,
    x: &[T],
    y: &mut [T],
) {
    check(window, x.len(), y.len());
    let (x, y) = (x.chunks_exact(volume(window.input)), y.chunks_exact_mut(volume(window.output)));
    simd.vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.zip(y) {
                for (index, y) in y.iter_mut().enumerate() {
                    let taps = Taps::at(window, index);
                    let mut sum = T::ZERO;
                    taps.for_each(|place| sum += x[place]);
                    *y = sum / divisor(window, include_padding, taps);
                }
            }
        },
    );
}

/// The backward of [`mean_forward`]: each number has its share of the gradients of the windows that it is under.
/// # Panics
/// As [`max_forward`].
#[inline(never)]
pub fn mean_backward<S: Simd, T: Float>(
    simd: S,
    window: &Window,
    include_padding: bool,
    dy: &[T],
    dx: &mut [T],
) {
    check(window, dx.len(), dy.len());
    let planes = dx.chunks_exact_mut(volume(window.input)).zip(dy.chunks_exact(volume(window.output)));
    simd.vectorize(
        #[inline(always)]
        || {
            for (dx, dy) in planes {
                dx.fill(T::ZERO);
                for (index, dy) in dy.iter().enumerate() {
                    let taps = Taps::at(window, index);
                    let share = *dy / divisor(window, include_padding, taps);
                    taps.for_each(|place| dx[place] += share);
                }
            }
        },
    );
}

/// What a sum is divided by to be the mean.
#[inline(always)]
fn divisor<T: Float>(window: &Window, include_padding: bool, taps: Taps) -> T {
    T::from_usize(if include_padding { window.taps() } else { volume(taps.count).max(1) })
}

/// Numbers in the order (even, odd): those of two registers, taken as one row.
#[inline(always)]
fn split<V: Vector>(first: V, second: V) -> (V, V) {
    exchange_down(first, second, V::LANES / 2)
}

/// The row, as two registers, of which `even` and `odd` are the even and odd numbers.
#[inline(always)]
fn merge<V: Vector>(even: V, odd: V) -> (V, V) {
    // The steps of `split` in the opposite order: each is its own inverse.
    let (mut pair, mut width) = ((even, odd), 1);
    while width < V::LANES {
        pair = pair.0.exchange(pair.1, width);
        width *= 2;
    }
    pair
}

#[inline(always)]
fn exchange_down<V: Vector>(first: V, second: V, widest: usize) -> (V, V) {
    // Each exchange swaps the bit that says which register with a bit of the lane: after all of them the bits have moved on by
    // one, so that the lowest says which register.
    let (mut pair, mut width) = ((first, second), widest);
    while width > 0 {
        pair = pair.0.exchange(pair.1, width);
        width /= 2;
    }
    pair
}

/// As many numbers from `place` on as there are before `end`, at most a register; the others are `fill`.
#[inline(always)]
fn load<V: Vector>(numbers: &[V::Scalar], place: usize, end: usize, fill: V) -> V {
    let count = end.saturating_sub(place).min(V::LANES);
    match numbers.get(place..place + count) {
        // SAFETY: there are `count` numbers, at most a register.
        Some(numbers) if count < V::LANES => unsafe {
            V::load_partial_pointer(fill.isa(), numbers.as_ptr(), count, fill)
        },
        Some(numbers) => V::load(fill.isa(), numbers),
        None => fill,
    }
}

/// Puts as many lanes at `place` as there is room before `end`.
#[inline(always)]
fn store<V: Vector>(lanes: V, numbers: &mut [V::Scalar], place: usize, end: usize) {
    let count = end.saturating_sub(place).min(V::LANES);
    if let Some(numbers) = numbers.get_mut(place..place + count) {
        lanes.store_partial(numbers);
    }
}

#[inline(always)]
fn max_of_four<S: Simd, T: Float>(simd: S, window: &Window, x: &[T], y: &mut [T]) {
    let lanes = VectorOf::<S, T>::LANES;
    let ([_, _, width], [_, rows, columns]) = (window.input, window.output);
    let lowest = VectorOf::<S, T>::splat(simd, T::NEG_INFINITY);
    for row in 0..rows {
        let (above, y) = (2 * row * width, &mut y[row * columns..][..columns]);
        let below = above + width;
        for column in (0..columns).step_by(lanes) {
            let register = |line: usize, half: usize| {
                load(x, line + 2 * column + half * lanes, line + 2 * columns, lowest)
            };
            let (a, b) = split(register(above, 0), register(above, 1));
            let (c, d) = split(register(below, 0), register(below, 1));
            let most = later(later(later(a, b), c), d);
            store(most, y, column, columns);
        }
    }
}

/// The larger of two numbers, NaN if there is one.
#[inline(always)]
fn later<V: Vector>(most: V, next: V) -> V {
    V::select(next.gt(most) | next.is_nan(), next, most)
}

#[inline(always)]
fn max_of_four_backward<S: Simd, T: Float>(
    simd: S,
    window: &Window,
    x: &[T],
    y: &[T],
    dy: &[T],
    dx: &mut [T],
) {
    let lanes = VectorOf::<S, T>::LANES;
    let ([_, height, width], [_, rows, columns]) = (window.input, window.output);
    let zero = VectorOf::<S, T>::zero(simd);
    if (height, width) != (2 * rows, 2 * columns) {
        dx.fill(T::ZERO);
    }
    for row in 0..rows {
        let line = row * columns;
        let (above, below) = (2 * row * width, (2 * row + 1) * width);
        for column in (0..columns).step_by(lanes) {
            let register = |line: usize, half: usize| {
                load(x, line + 2 * column + half * lanes, line + 2 * columns, zero)
            };
            let y = load(y, line + column, line + columns, zero);
            let mut left = load(dy, line + column, line + columns, zero);
            let mut share = |x: VectorOf<S, T>| {
                let chosen = x.eq(y) | x.is_nan();
                let share = VectorOf::<S, T>::select(chosen, left, zero);
                left = VectorOf::<S, T>::select(chosen, zero, left);
                share
            };
            for line in [above, below] {
                let (even, odd) = split(register(line, 0), register(line, 1));
                let (first, second) = merge(share(even), share(odd));
                let end = line + 2 * columns;
                store(first, dx, line + 2 * column, end);
                store(second, dx, line + 2 * column + lanes, end);
            }
        }
    }
}

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
    input: [usize; 3],
    output: [usize; 3],
    x: &[T],
    y: &mut [T],
) {
    let (inputs, outputs) = (volume(input), volume(output));
    assert!(inputs > 0 && outputs > 0 && x.len() * outputs == y.len() * inputs, "as many planes of both");
    simd.vectorize(
        #[inline(always)]
        || {
            for (x, y) in x.chunks_exact(inputs).zip(y.chunks_exact_mut(outputs)) {
                for_each_share(input, output, |index, start, count| {
                    let mut sum = T::ZERO;
                    for_each_line(input, start, count, |line| sum += super::reduce::sum(simd, &x[line]));
                    y[index] = sum / T::from_usize(volume(count));
                });
            }
        },
    );
}

/// The backward of [`adaptive_mean_forward`].
/// # Panics
/// As that.
#[inline(never)]
pub fn adaptive_mean_backward<S: Simd, T: Float>(
    simd: S,
    input: [usize; 3],
    output: [usize; 3],
    dy: &[T],
    dx: &mut [T],
) {
    let (inputs, outputs) = (volume(input), volume(output));
    assert!(inputs > 0 && outputs > 0 && dx.len() * outputs == dy.len() * inputs, "as many planes of both");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{WithSimd, for_each_isa};

    #[derive(Clone)]
    struct SplitAndMerge;
    impl WithSimd for SplitAndMerge {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let numbers: Vec<f32> = (0..32_u8).map(f32::from).collect();
            let lanes = S::F32::LANES;
            let row = (S::F32::load(simd, &numbers), S::F32::load(simd, &numbers[lanes..]));
            let (even, odd) = split(row.0, row.1);
            for lane in 0..lanes {
                assert_eq!(
                    (even.to_array()[lane], odd.to_array()[lane]),
                    (numbers[2 * lane], numbers[2 * lane + 1])
                );
            }
            let (first, second) = merge(even, odd);
            assert_eq!((first.to_array(), second.to_array()), (row.0.to_array(), row.1.to_array()));
        }
    }

    #[test]
    fn even_and_odd_come_apart_and_together() {
        for_each_isa(SplitAndMerge, |_, ()| ());
    }
}
