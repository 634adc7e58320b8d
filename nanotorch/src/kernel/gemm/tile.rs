//! The register tile: R x V vectors of sums that stay in registers while the depth is walked.

use core::ops::Range;

use super::beside::{Beside, CHUNK, EVERY, Stream};
use super::target::Ends;
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, prefetch};

/// How many numbers of the left factor ahead memory is asked for: lines of a copy come from the second level of the cache.
const LEFT: usize = 128;

/// How many steps of the depth ahead the panel is asked for while the next one is copied: what is copied drives it out of the first
/// level of the cache, which a deep one is larger than anyway.
const RIGHT: usize = 12;

/// The sums of a tile: R rows of V vectors.
pub(super) type Sums<S, T, const R: usize, const V: usize> = [[VectorOf<S, T>; V]; R];

/// The left factor of a tile: for each step of the depth a number for each row, which is spread over a vector.
#[derive(Clone, Copy)]
pub(super) struct Left<T, const R: usize> {
    /// Where each row begins.
    pub(super) rows: [*const T; R],
    /// From one step of the depth to the next.
    pub(super) depth_step: usize,
}

/// The right factor of a tile: V vectors for each step of the depth, of which the last has `last` lanes.
#[derive(Clone, Copy)]
pub(super) struct Right<T> {
    pub(super) pointer: *const T,
    pub(super) depth_step: usize,
    /// Lanes of the last vector that may be read.
    pub(super) last: usize,
}

/// sum(r, v) += Σ_p left(r, p) * right(p, v), in the order of p.
/// # Safety
/// Both factors are valid for reading what the sums need.
#[inline(always)]
pub(super) unsafe fn products<S: Simd, T: Float, const R: usize, const V: usize>(
    simd: S,
    depth: usize,
    left: Left<T, R>,
    right: Right<T>,
    sums: &mut Sums<S, T, R, V>,
) {
    // SAFETY: the caller's promise.
    unsafe { steps::<S, T, R, V, 1, _>(simd, 0..depth, left, right, Nothing, sums) };
}

/// From one memory to another: to(r, v) = from(r, v) + Σ_p left(r, p) * right(p, v), in the order of p, with something done
/// beside.
/// # Safety
/// The factors and both ends are valid for what the sums need; a stream reads and writes its own.
#[inline(always)]
pub(super) unsafe fn add_products<S: Simd, T: Float, const R: usize, const V: usize>(
    simd: S,
    depth: usize,
    left: Left<T, R>,
    right: Right<T>,
    ends: Ends<T>,
    beside: &mut Beside<T>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let mut sums = [[VectorOf::<S, T>::zero(simd); V]; R];
    // SAFETY: the caller's promise.
    unsafe {
        if !ends.from.is_null() {
            let mut r = 0;
            while r < R {
                let mut v = 0;
                while v < V {
                    let from = ends.from.wrapping_add(r * ends.from_step + v * lanes);
                    sums[r][v] = VectorOf::<S, T>::load_pointer(simd, from);
                    v += 1;
                }
                r += 1;
            }
        }
        let mut p = 0;
        if const { has_beside::<S, T>(R, V) } {
            match beside.stream {
                Stream::Nothing => {}
                Stream::Copies(copying, count) => {
                    p = EVERY * count;
                    steps::<S, T, R, V, EVERY, _>(simd, 0..p, left, right, copying, &mut sums);
                }
                Stream::Keeps(keeping, right) => {
                    p = depth;
                    steps::<S, T, R, V, 1, _>(simd, 0..p, left, right, keeping, &mut sums);
                }
            }
        }
        while p < depth {
            let mut end = depth;
            if const { has_beside::<S, T>(R, V) } && beside.remains() {
                beside.ask();
                end = depth.min(p + CHUNK);
            }
            steps::<S, T, R, V, 1, _>(simd, p..end, left, right, Ahead, &mut sums);
            p = end;
        }
        let mut r = 0;
        while r < R {
            let mut v = 0;
            while v < V {
                sums[r][v].store_pointer(ends.to.wrapping_add(r * ends.to_step + v * lanes));
                v += 1;
            }
            r += 1;
        }
    }
}

/// What is done beside the sums of steps.
pub(super) trait Aside<S: Simd, T: Float> {
    /// Whether the left factor is asked for before it is needed.
    const ASKS: bool = false;
    /// Whether the right factor is.
    const ASKS_FOR_RIGHT: bool = false;
    /// With a vector of the right factor, `place` numbers behind its line's first.
    /// # Safety
    /// Who made it says where it writes.
    #[inline(always)]
    unsafe fn vector(&mut self, _place: usize, _from: *const T, _vector: VectorOf<S, T>) {}
    /// With some steps.
    /// # Safety
    /// As of `vector`.
    #[inline(always)]
    unsafe fn step(&mut self, _: S) {}
}

/// Nothing is done.
struct Nothing;

impl<S: Simd, T: Float> Aside<S, T> for Nothing {}

/// Nothing but that the left factor is asked for.
struct Ahead;

impl<S: Simd, T: Float> Aside<S, T> for Ahead {
    const ASKS: bool = asks_ahead::<S>();
}

/// Whether it pays to ask for factors before they are needed: where the registers are wide, and many.
pub(super) const fn asks_ahead<S: Simd>() -> bool {
    S::REGISTERS >= 32
}

/// The steps `range` of the depth, added to the sums: as many at a time, with something done beside.
/// # Safety
/// As of [`products`]; the range is a multiple of the steps at a time.
#[inline(always)]
unsafe fn steps<S: Simd, T: Float, const R: usize, const V: usize, const STEPS: usize, A: Aside<S, T>>(
    simd: S,
    range: Range<usize>,
    left: Left<T, R>,
    right: Right<T>,
    mut aside: A,
    sums: &mut Sums<S, T, R, V>,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let mut line = right.pointer.wrapping_add(range.start * right.depth_step);
    let mut place = range.start * left.depth_step;
    for _ in 0..range.len() / STEPS {
        let mut step = 0;
        while step < STEPS {
            let mut vectors = [zero; V];
            // SAFETY: the caller's factors.
            unsafe {
                let mut v = 0;
                while v < V {
                    vectors[v] = if v + 1 < V || right.last == lanes {
                        VectorOf::<S, T>::load_pointer(simd, line.add(v * lanes))
                    } else {
                        VectorOf::<S, T>::load_partial_pointer(simd, line.add(v * lanes), right.last, zero)
                    };
                    aside.vector(v * lanes, line.wrapping_add(v * lanes), vectors[v]);
                    v += 1;
                }
                if A::ASKS_FOR_RIGHT {
                    let mut v = 0;
                    while v < V {
                        prefetch(line.wrapping_add(RIGHT * right.depth_step + v * lanes));
                        v += 1;
                    }
                }
                if step == 0 {
                    aside.step(simd);
                }
                if A::ASKS && step == 0 {
                    prefetch(left.rows[0].wrapping_add(place).wrapping_add(LEFT));
                }
                let mut r = 0;
                while r < R {
                    let spread = VectorOf::<S, T>::splat(simd, *left.rows[r].wrapping_add(place));
                    let mut v = 0;
                    while v < V {
                        sums[r][v] = spread.mul_add(vectors[v], sums[r][v]);
                        v += 1;
                    }
                    r += 1;
                }
            }
            line = line.wrapping_add(right.depth_step);
            place += left.depth_step;
            step += 1;
        }
    }
}

/// Whether something may be done beside a tile: full ones, but for the narrowest, which is at the product's edge.
pub(super) const fn has_beside<S: Simd, T: Float>(rows: usize, vectors: usize) -> bool {
    rows == tile_rows::<S>() && vectors > 1 && VectorOf::<S, T>::LANES > 1
}

/// Rows of the tile for so many rows and vectors: a full one's, or half of them.
#[inline(always)]
pub(super) fn tile_height<S: Simd, T: Float>(rows: usize, vectors: usize) -> usize {
    let full = tile_rows::<S>();
    if 2 * rows <= full && vectors > 1 && VectorOf::<S, T>::LANES > 1 { full / 2 } else { full }
}

/// Rows of a full tile. With 32 registers the sums and factors of 8 rows of 3 fill 28 of them, with 16 registers 6 rows of 2 fill
/// 15: 24 or 12 sums are on their way, where a machine that multiplies twice in a cycle, and has the result after four, needs 8.
pub(super) const fn tile_rows<S: Simd>() -> usize {
    if S::REGISTERS >= 32 { 8 } else { 6 }
}

/// Vectors of a row of the widest tile.
pub(super) const fn tile_vectors<S: Simd>() -> usize {
    if S::REGISTERS >= 32 { 3 } else { 2 }
}
