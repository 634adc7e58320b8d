//! The gradients by the weights of a normalisation: sums over all groups.

use core::ops::Range;

use super::{Group, Normalization};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::kernel::span::Span;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// The gradients by some of the weights and biases, a range of all, over all groups.
pub(super) struct OfWeights<'a, T> {
    pub(super) size: Normalization,
    /// How many weights there are in all.
    pub(super) weights: usize,
    pub(super) range: Range<usize>,
    pub(super) x: &'a [T],
    pub(super) kept: &'a [T],
    pub(super) dy: &'a [T],
    pub(super) dweight: &'a mut [T],
    pub(super) dbias: &'a mut [T],
}

compiled!(OfWeights, "prebuilt");

impl<T: Float> WithSimd for OfWeights<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        /// What is there of some numbers; nothing where they aren't wanted.
        fn part<T>(numbers: &mut [T], range: Range<usize>) -> &mut [T] {
            numbers.get_mut(range).unwrap_or_default()
        }
        let OfWeights { size, weights, range, x, kept, dy, dweight, dbias } = self;
        let count = size.length / size.shared;
        if size.shared == 1 {
            // Groups take turns at the weights.
            let turns = weights / count;
            for turn in 0..turns {
                let first = turn * count;
                let (begin, end) = (range.start.max(first), range.end.min(first + count));
                if begin < end {
                    let own = begin - range.start..end - range.start;
                    let (dweight, dbias) = (part(dweight, own.clone()), part(dbias, own));
                    Columns { length: count, turn, turns, begin: begin - first, x, kept, dy }.add(
                        simd,
                        end - begin,
                        dweight,
                        dbias,
                    );
                }
            }
            return;
        }
        for (group, (x, dy)) in x.chunks_exact(size.length).zip(dy.chunks_exact(size.length)).enumerate() {
            // The group's weights, and those of them that are in the range.
            let first = group * count % weights;
            let (begin, end) = (range.start.max(first), range.end.min(first + count));
            if begin >= end {
                continue;
            }
            let numbers = (begin - first) * size.shared..(end - first) * size.shared;
            let one = Group::new(simd, &x[numbers.clone()], &dy[numbers], &[], &kept[2 * group..][..2]);
            let own = begin - range.start..end - range.start;
            one.sums_of_channels(size.shared, part(dweight, own.clone()), part(dbias, own));
        }
    }
}

/// Some of the numbers of each group whose turn it is, where each number has a weight of its own.
struct Columns<'a, T> {
    /// Numbers of a group.
    length: usize,
    /// The first group, and the distance to the next.
    turn: usize,
    turns: usize,
    /// The first of the numbers.
    begin: usize,
    x: &'a [T],
    kept: &'a [T],
    dy: &'a [T],
}

impl<T: Float> Columns<'_, T> {
    /// Adds the gradients by `count` weights and biases.
    #[inline(always)]
    fn add<S: Simd>(&self, simd: S, count: usize, dweight: &mut [T], dbias: &mut [T]) {
        let lanes = VectorOf::<S, T>::LANES;
        let mut start = 0;
        while count - start >= 4 * lanes {
            let spans = [0, 1, 2, 3].map(|register| Span::whole(start + register * lanes));
            // SAFETY: the spans lie within `count` numbers.
            unsafe { self.add_spans(simd, spans, dweight, dbias) };
            start += 4 * lanes;
        }
        while start < count {
            let span =
                if count - start >= lanes { Span::whole(start) } else { Span::rest(start, count - start) };
            // SAFETY: as above.
            unsafe { self.add_spans(simd, [span], dweight, dbias) };
            start += lanes;
        }
    }

    /// The same of a few registers.
    /// # Safety
    /// The spans lie within the numbers of these columns, and so within the gradients that aren't empty.
    #[inline(always)]
    unsafe fn add_spans<S: Simd, const REGISTERS: usize>(
        &self,
        simd: S,
        spans: [Span; REGISTERS],
        dweight: &mut [T],
        dbias: &mut [T],
    ) {
        type V<S, T> = VectorOf<S, T>;
        let (mut weights, mut biases) =
            ([V::<S, T>::zero(simd); REGISTERS], [V::<S, T>::zero(simd); REGISTERS]);
        // SAFETY: the caller's; a group has the columns.
        unsafe {
            for (register, span) in spans.iter().enumerate() {
                if !dweight.is_empty() {
                    weights[register] = span.load(simd, dweight);
                }
                if !dbias.is_empty() {
                    biases[register] = span.load(simd, dbias);
                }
            }
            for group in (self.turn..self.x.len() / self.length).step_by(self.turns) {
                let start = group * self.length + self.begin;
                let (x, dy) = (&self.x[start..], &self.dy[start..]);
                let [mean, scale] = [0, 1].map(|which| V::<S, T>::splat(simd, self.kept[2 * group + which]));
                for (register, span) in spans.iter().enumerate() {
                    let dy = span.load::<V<S, T>>(simd, dy);
                    let normal = (span.load::<V<S, T>>(simd, x) - mean) * scale;
                    weights[register] = dy.mul_add(normal, weights[register]);
                    biases[register] += dy;
                }
            }
            for (register, span) in spans.iter().enumerate() {
                if !dweight.is_empty() {
                    span.store(weights[register], dweight);
                }
                if !dbias.is_empty() {
                    span.store(biases[register], dbias);
                }
            }
        }
    }
}
