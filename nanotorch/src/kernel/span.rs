//! A length cut into registers: whole ones, and what is left at the end.

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

/// Calls `step` with the spans of `0..length` in order, several to a turn of the loop, so that the latency of one is hidden
/// behind the others. Every span lies within `0..length`.
#[inline(always)]
pub(super) fn for_each_span<V: Vector, const UNROLL: usize>(length: usize, mut step: impl FnMut(Span)) {
    let mut start = 0;
    while length - start >= UNROLL * V::LANES {
        let mut register = 0;
        while register < UNROLL {
            step(Span::whole(start + register * V::LANES));
            register += 1;
        }
        start += UNROLL * V::LANES;
    }
    while length - start >= V::LANES {
        step(Span::whole(start));
        start += V::LANES;
    }
    if start < length {
        step(Span::rest(start, length - start));
    }
}
