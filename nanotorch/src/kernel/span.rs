//! A length cut into registers: whole ones, and what is left at the end.

use generic_array::GenericArray;

use crate::element::Float;
use crate::simd::Vector;

/// The part of a slice that one register holds.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// The position of its first number.
    pub(super) start: usize,
    /// How many numbers, where it isn't a whole register.
    rest: Option<usize>,
}

impl Span {
    /// A whole register from `start` on.
    #[inline(always)]
    pub(super) fn whole(start: usize) -> Self {
        Self { start, rest: None }
    }

    /// The `count` numbers from `start` on: at most a register.
    #[inline(always)]
    pub(super) fn rest(start: usize, count: usize) -> Self {
        Self { start, rest: Some(count) }
    }

    /// Its numbers, and `fill` in the lanes behind them.
    /// # Safety
    /// The span lies within `source`.
    #[inline(always)]
    pub(super) unsafe fn load_or<V: Vector>(self, source: &[V::Scalar], fill: V) -> V {
        // SAFETY: the caller says that the span lies within the slice.
        unsafe {
            let first = source.as_ptr().add(self.start);
            match self.rest {
                None => V::load_pointer(fill.isa(), first),
                Some(count) => V::load_partial_pointer(fill.isa(), first, count, fill),
            }
        }
    }

    /// Its numbers, and 0 in the lanes behind them.
    /// # Safety
    /// The span lies within `source`.
    #[inline(always)]
    pub(super) unsafe fn load<V: Vector>(self, simd: V::Isa, source: &[V::Scalar]) -> V {
        // SAFETY: the caller's.
        unsafe { self.load_or(source, V::zero(simd)) }
    }

    /// The lanes that hold its numbers, and 0 in those behind them.
    #[inline(always)]
    pub(super) fn only<V: Vector>(self, lanes: V) -> V {
        match self.rest {
            None => lanes,
            Some(count) => {
                let inside =
                    lane_numbers::<V>(lanes.isa()).lt(V::splat(lanes.isa(), V::Scalar::from_usize(count)));
                V::select(inside, lanes, V::zero(lanes.isa()))
            }
        }
    }

    /// Puts the lanes where its numbers are.
    /// # Safety
    /// The span lies within `target`.
    #[inline(always)]
    pub(super) unsafe fn store<V: Vector>(self, lanes: V, target: &mut [V::Scalar]) {
        // SAFETY: the caller says that the span lies within the slice.
        unsafe {
            let first = target.as_mut_ptr().add(self.start);
            match self.rest {
                None => lanes.store_pointer(first),
                Some(count) => lanes.store_partial_pointer(first, count),
            }
        }
    }
}

/// 0, 1, 2, ..: each lane's own number.
#[inline(always)]
fn lane_numbers<V: Vector>(simd: V::Isa) -> V {
    let mut numbers = GenericArray::<V::Scalar, V::Lanes>::default();
    let mut lane = 0;
    while lane < V::LANES {
        numbers[lane] = V::Scalar::from_usize(lane);
        lane += 1;
    }
    V::from_array(simd, &numbers)
}

/// Calls `step` with the spans of `0..length` in order, several to a turn of the loop where that pays: where a turn is long, as
/// in a step of an optimizer, a processor begins the next one by itself. Every span lies within `0..length`.
#[inline(always)]
pub(super) fn for_each_span<V: Vector, const UNROLL: usize>(length: usize, mut step: impl FnMut(Span)) {
    let mut start = 0;
    if UNROLL > 1 && V::LANES > 1 {
        while length - start >= UNROLL * V::LANES {
            let mut register = 0;
            while register < UNROLL {
                step(Span::whole(start + register * V::LANES));
                register += 1;
            }
            start += UNROLL * V::LANES;
        }
    }
    while length - start >= V::LANES {
        step(Span::whole(start));
        start += V::LANES;
    }
    if V::LANES > 1 && start < length {
        step(Span::rest(start, length - start));
    }
}

/// Folds the spans of `0..length`: several partial results side by side, each from `initial` by `step`, then `join`ed.
#[inline(always)]
pub(super) fn fold_spans<V: Vector>(
    length: usize,
    initial: V,
    mut step: impl FnMut(V, Span) -> V,
    join: impl Fn(V, V) -> V,
) -> V {
    let [mut a, mut b, mut c, mut d] = [initial; 4];
    let mut start = 0;
    while length - start >= 4 * V::LANES {
        a = step(a, Span::whole(start));
        b = step(b, Span::whole(start + V::LANES));
        c = step(c, Span::whole(start + 2 * V::LANES));
        d = step(d, Span::whole(start + 3 * V::LANES));
        start += 4 * V::LANES;
    }
    while length - start >= V::LANES {
        a = step(a, Span::whole(start));
        start += V::LANES;
    }
    if start < length {
        b = step(b, Span::rest(start, length - start));
    }
    join(join(a, b), join(c, d))
}
