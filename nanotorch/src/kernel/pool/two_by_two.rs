//! The largest of four numbers that form a square, in registers.

use crate::element::Float;
use crate::kernel::window::Window;
use crate::simd::{Simd, Vector, VectorOf};

/// Whether the windows are squares of four numbers, side by side, that cover the input but for an odd end.
pub(super) fn is(window: &Window) -> bool {
    window.kernel == [1, 2, 2]
        && window.stride == [1, 2, 2]
        && window.dilation == [1; 3]
        && window.input[0] == 1
        && window.is_unpadded()
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

/// The largest numbers of one plane.
#[inline(always)]
pub(super) fn forward<S: Simd, T: Float>(simd: S, window: &Window, x: &[T], y: &mut [T]) {
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
pub(in crate::kernel) fn later<V: Vector>(most: V, next: V) -> V {
    V::select(next.gt(most) | next.is_nan(), next, most)
}

/// The gradient of one plane.
#[inline(always)]
pub(super) fn backward<S: Simd, T: Float>(
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
