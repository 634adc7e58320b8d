//! The register tile: R x V vectors of sums that stay in registers while the depth is walked.

use core::ops::Range;

use super::beside::{Beside, CHUNK};
use crate::element::Float;
use crate::extent::Extent;
use crate::simd::{Simd, Vector, VectorOf};

/// The sums of a tile: R rows of V vectors.
pub(super) type Sums<S, T, const R: usize, const V: usize> = [[VectorOf<S, T>; V]; R];

/// The left factor of a tile: for each step of the depth a number for each row, which is spread over a vector.
#[derive(Clone, Copy)]
pub(super) struct Left<T, const R: usize, DepthStep> {
    /// Where each row begins.
    pub(super) rows: [*const T; R],
    /// From one step of the depth to the next.
    pub(super) depth_step: DepthStep,
}

/// The right factor of a tile: V vectors for each step of the depth, of which the last has `last` lanes.
#[derive(Clone, Copy)]
pub(super) struct Right<T, DepthStep> {
    pub(super) pointer: *const T,
    pub(super) depth_step: DepthStep,
    /// Lanes of the last vector that may be read.
    pub(super) last: usize,
}

/// sum(r, v) = Σ_p left(r, p) * right(p, v), in the order of p.
/// # Safety
/// Both factors are valid for reading what the sums need.
#[inline(always)]
pub(super) unsafe fn products<S, T, LS, RS, const R: usize, const V: usize>(
    simd: S,
    depth: usize,
    left: Left<T, R, LS>,
    right: Right<T, RS>,
) -> Sums<S, T, R, V>
where
    S: Simd,
    T: Float,
    LS: Extent,
    RS: Extent,
{
    let mut sums = [[VectorOf::<S, T>::zero(simd); V]; R];
    // SAFETY: the caller's promise.
    unsafe { steps(simd, 0..depth, left, right, &mut sums) };
    sums
}

/// As [`products`], with something done beside.
/// # Safety
/// As of [`products`], but that lines of the tile's own panel may be still to be copied; and as of [`Beside::step`].
#[inline(always)]
pub(super) unsafe fn products_beside<S: Simd, T: Float, D: Extent, const R: usize, const V: usize>(
    simd: S,
    depth: usize,
    left: Left<T, R, D>,
    right: Right<T, usize>,
    beside: &mut Beside<T>,
) -> Sums<S, T, R, V> {
    let mut sums = [[VectorOf::<S, T>::zero(simd); V]; R];
    let mut p = 0;
    while p < depth {
        let mut end = depth;
        // SAFETY: the caller's promise.
        unsafe {
            if beside.remains() {
                beside.step(simd);
                end = depth.min(p + CHUNK);
            }
            steps(simd, p..end, left, right, &mut sums);
        }
        p = end;
    }
    sums
}

/// The steps `range` of the depth, added to the sums.
/// # Safety
/// As of [`products`].
#[inline(always)]
unsafe fn steps<S, T, LS, RS, const R: usize, const V: usize>(
    simd: S,
    range: Range<usize>,
    left: Left<T, R, LS>,
    right: Right<T, RS>,
    sums: &mut Sums<S, T, R, V>,
) where
    S: Simd,
    T: Float,
    LS: Extent,
    RS: Extent,
{
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let mut line = right.pointer.wrapping_add(range.start * right.depth_step.get());
    for p in range {
        let mut vectors = [zero; V];
        for (v, vector) in vectors.iter_mut().enumerate() {
            // SAFETY: the caller's right factor.
            *vector = unsafe {
                if v + 1 < V || right.last == lanes {
                    VectorOf::<S, T>::load_pointer(simd, line.add(v * lanes))
                } else {
                    VectorOf::<S, T>::load_partial_pointer(simd, line.add(v * lanes), right.last, zero)
                }
            };
        }
        for (r, row) in sums.iter_mut().enumerate() {
            let factor = left.rows[r].wrapping_add(p * left.depth_step.get());
            // SAFETY: the caller's left factor.
            let spread = VectorOf::<S, T>::splat(simd, unsafe { *factor });
            for (sum, vector) in row.iter_mut().zip(vectors) {
                *sum = spread.mul_add(vector, *sum);
            }
        }
        line = line.wrapping_add(right.depth_step.get());
    }
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
