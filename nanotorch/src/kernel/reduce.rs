//! One number from many: sums, extremes, norms.
//!
//! Sums are made in an order that depends on the length alone, neither on the instruction set nor on threads: 64 running sums,
//! joined by halves after each 8192 numbers; these totals are added in pairs, pairs of pairs, and so on. So the rounding error
//! grows with the logarithm of the length.

use core::ops::Range;

use super::span::{Span, fold_spans};
use crate::element::Float;
use crate::simd::{Mask, Simd, Vector, VectorOf};
use crate::threads::{MOST, Threads};

/// Running sums side by side, whatever the number of lanes of a register.
const SUMS: usize = 64;
/// Numbers that are added to running sums before these are joined.
const BLOCK: usize = 8192;
/// Totals of blocks, of pairs, of fours, ..: enough for every length.
const LEVELS: usize = usize::BITS as usize;

/// The sum over `0..length` of what `add` adds to a running sum for a span. Spans lie within `0..length`; lanes behind them
/// must stay as they are.
#[inline(always)]
pub(super) fn sum_spans<V: Vector>(
    simd: V::Isa,
    length: usize,
    mut add: impl FnMut(V, Span) -> V,
) -> V::Scalar {
    if length <= BLOCK {
        return sum_block(simd, 0, length, &mut add);
    }
    let mut totals = Totals::new();
    let mut start = 0;
    while start < length {
        totals.push(sum_block(simd, start, BLOCK.min(length - start), &mut add));
        start += BLOCK;
    }
    totals.sum()
}

/// Totals of equal parts, but for the last, joined in pairs, pairs of pairs, and so on: a binary counter. `totals[k]` is the
/// sum of 2^k parts where bit k of the number of parts so far is set.
struct Totals<T> {
    totals: [T; LEVELS],
    parts: usize,
}

impl<T: Float> Totals<T> {
    #[inline(always)]
    fn new() -> Self {
        Totals { totals: [T::ZERO; LEVELS], parts: 0 }
    }

    #[inline(always)]
    fn push(&mut self, total: T) {
        let (mut total, mut level) = (total, 0);
        while self.parts >> level & 1 == 1 {
            total = self.totals[level] + total;
            level += 1;
        }
        self.totals[level] = total;
        self.parts += 1;
    }

    #[inline(always)]
    fn sum(&self) -> T {
        let mut sum = T::ZERO;
        for (level, &total) in self.totals.iter().enumerate() {
            if self.parts >> level & 1 == 1 {
                sum = total + sum;
            }
        }
        sum
    }
}

/// Numbers whose sum is worth handing to another thread.
const LEAST: usize = 32 * 1024;

/// The sum of the sums that `part` makes of parts of a long slice, from a place on so many numbers, on several threads. The
/// parts are as many blocks as are added in pairs of pairs; so where each of their sums is made by [`sum_spans`] or by
/// [`sum`], [`dot`] and the like, it is that of the whole, bit for bit.
#[inline(always)]
pub(super) fn sum_of_parts<S: Simd, T: Float, P: Send>(
    simd: S,
    threads: Threads<'_>,
    length: usize,
    mut cut: impl FnMut(Range<usize>) -> P,
    part: impl Fn(P) -> T + Sync,
) -> T {
    if threads.parts(length, LEAST) == 1 {
        return part(cut(0..length));
    }
    let each = BLOCK * length.div_ceil(BLOCK).div_ceil(MOST).next_power_of_two();
    let mut sums = [T::ZERO; MOST];
    let count = length.div_ceil(each);
    let parts = sums[..count].iter_mut().enumerate();
    let parts = parts.map(|(index, sum)| (cut(index * each..((index + 1) * each).min(length)), sum));
    threads.each(parts, |(cut, sum)| {
        simd.vectorize(
            #[inline(always)]
            || *sum = part(cut),
        );
    });
    let mut totals = Totals::new();
    for &sum in &sums[..count] {
        totals.push(sum);
    }
    totals.sum()
}

/// As [`sum_spans`], over `start..start + length`.
#[inline(always)]
fn sum_block<V: Vector>(
    simd: V::Isa,
    start: usize,
    length: usize,
    add: &mut impl FnMut(V, Span) -> V,
) -> V::Scalar {
    let registers = SUMS / V::LANES;
    let mut sums = [V::zero(simd); SUMS];
    let mut position = 0;
    while length - position >= SUMS {
        let mut register = 0;
        while register < registers {
            sums[register] = add(sums[register], Span::whole(start + position + register * V::LANES));
            register += 1;
        }
        position += SUMS;
    }
    let mut register = 0;
    while register < registers {
        let begin = position + register * V::LANES;
        if length >= begin + V::LANES {
            sums[register] = add(sums[register], Span::whole(start + begin));
        } else if length > begin {
            sums[register] = add(sums[register], Span::rest(start + begin, length - begin));
        }
        register += 1;
    }
    let mut width = registers;
    while width > 1 {
        width /= 2;
        let mut register = 0;
        while register < width {
            sums[register] += sums[register + width];
            register += 1;
        }
    }
    sums[0].sum()
}

/// `sum of x[i]`; 0 of nothing.
#[inline(always)]
pub fn sum<S: Simd, T: Float>(simd: S, x: &[T]) -> T {
    sum_spans::<VectorOf<S, T>>(
        simd,
        x.len(),
        #[inline(always)]
        // SAFETY: spans lie within the length; lanes behind them are 0.
        |sum, span| sum + unsafe { span.load::<VectorOf<S, T>>(simd, x) },
    )
}

/// `sum of x[i] / n`; NaN of nothing, as in PyTorch.
#[inline(always)]
pub fn mean<S: Simd, T: Float>(simd: S, x: &[T]) -> T {
    sum(simd, x) / T::from_usize(x.len())
}

/// `sum of a[i] b[i]`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn dot<S: Simd, T: Float>(simd: S, a: &[T], b: &[T]) -> T {
    assert_eq!(a.len(), b.len());
    sum_spans::<VectorOf<S, T>>(
        simd,
        a.len(),
        #[inline(always)]
        // SAFETY: spans lie within the common length; lanes behind them are 0.
        |sum, span| unsafe { span.load::<VectorOf<S, T>>(simd, a).mul_add(span.load(simd, b), sum) },
    )
}

/// As [`sum_of_squares`], on several threads where there are many numbers.
#[inline(always)]
pub fn sum_of_squares_on<S: Simd, T: Float>(threads: Threads<'_>, simd: S, x: &[T]) -> T {
    sum_of_parts(
        simd,
        threads,
        x.len(),
        #[inline(always)]
        |range| &x[range],
        // A function, so that it is compiled once, for one thread and for several.
        #[inline(always)]
        |x| {
            simd.vectorize(
                #[inline(always)]
                || sum_of_squares(simd, x),
            )
        },
    )
}

/// `sum of x[i]²`, the squared Euclidean norm.
#[inline(always)]
pub fn sum_of_squares<S: Simd, T: Float>(simd: S, x: &[T]) -> T {
    dot(simd, x, x)
}

/// Whether no number is infinite or NaN.
#[inline(always)]
pub fn all_finite<S: Simd, T: Float>(simd: S, x: &[T]) -> bool {
    // A finite number times 0 is 0 or -0, every other one NaN; NaN stays in a sum.
    let zero = VectorOf::<S, T>::zero(simd);
    fold_spans(
        x.len(),
        zero,
        #[inline(always)]
        // SAFETY: spans lie within the length.
        |sum, span| unsafe { span.load::<VectorOf<S, T>>(simd, x) }.mul_add(zero, sum),
        #[inline(always)]
        |a, b| a + b,
    )
    .eq(zero)
    .all()
}

/// The largest number; NaN if there is one, minus infinity of nothing.
#[inline(always)]
pub fn maximum<S: Simd, T: Float>(simd: S, x: &[T]) -> T {
    let lowest = VectorOf::<S, T>::splat(simd, T::NEG_INFINITY);
    let mut nan = lowest.is_nan();
    let largest = fold_spans(
        x.len(),
        lowest,
        #[inline(always)]
        |largest, span| {
            // SAFETY: spans lie within the length.
            let x = unsafe { span.load_or(x, lowest) };
            nan = nan | x.is_nan();
            x.max(largest)
        },
        #[inline(always)]
        |a, b| a.max(b),
    );
    if nan.any() { T::NAN } else { largest.maximum() }
}

/// The smallest number; NaN if there is one, infinity of nothing.
#[inline(always)]
pub fn minimum<S: Simd, T: Float>(simd: S, x: &[T]) -> T {
    let highest = VectorOf::<S, T>::splat(simd, T::INFINITY);
    let mut nan = highest.is_nan();
    let smallest = fold_spans(
        x.len(),
        highest,
        #[inline(always)]
        |smallest, span| {
            // SAFETY: spans lie within the length.
            let x = unsafe { span.load_or(x, highest) };
            nan = nan | x.is_nan();
            x.min(smallest)
        },
        #[inline(always)]
        |a, b| a.min(b),
    );
    if nan.any() { T::NAN } else { smallest.minimum() }
}

/// The position of the largest number, the first of equals; of the first NaN, if there is one, as in PyTorch. `None` of nothing.
#[inline(always)]
pub fn argmax<S: Simd, T: Float>(simd: S, x: &[T]) -> Option<usize> {
    let largest = maximum(simd, x);
    x.iter().position(
        #[inline(always)]
        |&x| x == largest || x.is_nan(),
    )
}
