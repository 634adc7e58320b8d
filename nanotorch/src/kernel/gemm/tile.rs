//! The register tile: R x V vectors of sums that stay in registers while the depth is walked, and what becomes of them.

use core::array::from_fn;
use core::hint::black_box;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::Epilogue;
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf, prefetch};

/// The distance from one row of the left factor to the next.
pub(super) trait Step: Extent {
    /// Whether each row is to have an address register of its own.
    const SEPARATE: bool = false;
}
impl Step for usize {}
impl<const N: usize> Step for Const<N> {}

/// A distance known at run time only. From the address of one row the compiler would compute the others', step by step in each
/// turn of the loop, on the very ports that multiply.
#[derive(Clone, Copy, Debug)]
pub(super) struct Far(pub(super) usize);
impl Extent for Far {
    const KNOWN: Option<usize> = None;
    #[inline(always)]
    fn get(self) -> usize {
        self.0
    }
}
impl Step for Far {
    const SEPARATE: bool = true;
}

/// The sums of a tile: R rows of V vectors.
pub(super) type Sums<S, T, const R: usize, const V: usize> = [[VectorOf<S, T>; V]; R];

/// The left factor of a tile: a number for each row and step of the depth, spread over a vector.
#[derive(Clone, Copy)]
pub(super) struct Left<T, RowStep, DepthStep> {
    pub(super) pointer: *const T,
    pub(super) row_step: RowStep,
    pub(super) depth_step: DepthStep,
    /// From one full tile to the next.
    pub(super) tile_step: usize,
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
pub(super) unsafe fn products<S, T, RS, DS, BS, const R: usize, const V: usize>(
    simd: S,
    depth: usize,
    left: Left<T, RS, DS>,
    right: Right<T, BS>,
) -> Sums<S, T, R, V>
where
    S: Simd,
    T: Float,
    RS: Step,
    DS: Extent,
    BS: Extent,
{
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let mut sums = [[zero; V]; R];
    let row_step = left.row_step.get();
    let mut factors: [*const T; R] = from_fn(|r| left.pointer.wrapping_add(r * row_step));
    if RS::SEPARATE {
        // By way of memory, once a tile, so that the addresses have nothing to do with each other.
        factors = black_box(factors);
    }
    let mut line = right.pointer;
    for p in 0..depth {
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
            let factor = factors[r].wrapping_add(p * left.depth_step.get());
            // SAFETY: the caller's left factor.
            let spread = VectorOf::<S, T>::splat(simd, unsafe { *factor });
            for (sum, vector) in row.iter_mut().zip(vectors) {
                *sum = spread.mul_add(vector, *sum);
            }
        }
        line = line.wrapping_add(right.depth_step.get());
    }
    sums
}

/// Where sums go.
#[derive(Clone, Copy)]
pub(super) struct Target<T, E> {
    /// Element (0, 0) of the product.
    pub(super) pointer: *mut T,
    /// From one row of the product to the next.
    pub(super) leading: usize,
    /// Whether what stands there is kept and added to.
    pub(super) accumulate: Accumulate,
    /// Whether these are the last of the depth, so that the epilogue follows.
    pub(super) finished: bool,
    pub(super) epilogue: E,
}

impl<T: Float, E> Target<T, E> {
    /// Stores the first `count` lanes of `sum` at (row, column).
    /// # Safety
    /// The product has those elements, and the epilogue holds for them.
    #[inline(always)]
    pub(super) unsafe fn put<S: Simd>(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
    ) where
        E: Epilogue<S, T>,
    {
        let full = count >= VectorOf::<S, T>::LANES;
        // SAFETY: the caller's promise.
        unsafe {
            let place = self.pointer.add(row * self.leading + column);
            let mut sum = sum;
            if self.accumulate == Accumulate::Add {
                let before = if full {
                    VectorOf::<S, T>::load_pointer(simd, place)
                } else {
                    VectorOf::<S, T>::load_partial_pointer(simd, place, count, sum)
                };
                sum = before + sum;
            }
            if !E::IDENTITY && self.finished {
                sum = self.epilogue.finish(simd, row, column, count, sum);
            }
            if full {
                sum.store_pointer(place);
            } else {
                sum.store_partial_pointer(place, count);
            }
        }
    }

    /// Sums whose rows are rows of the product: `columns` of them from (row, column) on.
    /// # Safety
    /// The product has those elements, and the epilogue holds for them.
    #[inline(always)]
    pub(super) unsafe fn put_rows<S: Simd, const R: usize, const V: usize>(
        self,
        simd: S,
        row: usize,
        column: usize,
        columns: usize,
        sums: Sums<S, T, R, V>,
    ) where
        E: Epilogue<S, T>,
    {
        let lanes = VectorOf::<S, T>::LANES;
        for (r, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                let count = if v + 1 < V { lanes } else { columns - v * lanes };
                // SAFETY: the caller's promise.
                unsafe { self.put(simd, row + r, column + v * lanes, count, sum) }
            }
        }
    }

    /// Sums whose rows are columns of the product: `rows` lanes of them from (row, column) on.
    /// # Safety
    /// The product has those elements, and the epilogue holds for them.
    #[inline(always)]
    pub(super) unsafe fn put_columns<S: Simd, const R: usize, const V: usize>(
        self,
        simd: S,
        row: usize,
        column: usize,
        rows: usize,
        sums: Sums<S, T, R, V>,
    ) where
        E: Epilogue<S, T>,
    {
        let lanes = VectorOf::<S, T>::LANES;
        let zero = VectorOf::<S, T>::zero(simd);
        for first in (0..R).step_by(lanes) {
            for v in 0..V {
                let block = GenericArray::generate(
                    #[inline(always)]
                    |i| sums.get(first + i).map_or(zero, |row| row[v]),
                );
                let block = VectorOf::<S, T>::transpose(block);
                for (i, &sum) in block.iter().enumerate() {
                    if v * lanes + i < rows {
                        let count = (R - first).min(lanes);
                        // SAFETY: the caller's promise.
                        unsafe { self.put(simd, row + v * lanes + i, column + first, count, sum) }
                    }
                }
            }
        }
    }
}

/// A rectangle of the product, in the order of the tiles: rows are those of the left factor.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) column: usize,
    pub(super) columns: usize,
}

/// Rows of a full tile: with 3 vectors in each, the sums and the factors fill the registers.
pub(super) const fn tile_rows<S: Simd>() -> usize {
    if S::REGISTERS >= 32 { 8 } else { 4 }
}

/// The depth from which on the product's elements are asked for before the sums are taken, so that they are near when needed.
const PREFETCH: usize = 32;

/// All tiles of a place that is V vectors wide, each after `before` of the number of rows that are done. Where `TRANSPOSED`, its rows are columns of the product.
/// # Safety
/// The factors hold the place and the depth; so do the target and its epilogue.
#[inline(always)]
pub(super) unsafe fn tiles<S, T, RS, DS, BS, E, const TRANSPOSED: bool, const V: usize>(
    simd: S,
    depth: usize,
    left: Left<T, RS, DS>,
    right: Right<T, BS>,
    place: Place,
    target: Target<T, E>,
    before: impl Fn(usize),
) where
    S: Simd,
    T: Float,
    RS: Step,
    DS: Extent,
    BS: Extent,
    E: Epilogue<S, T>,
{
    let first = place.row;
    let mut place = place;
    let mut left = left;
    macro_rules! rows {
        ($rows:literal) => {
            while place.rows >= $rows {
                before(place.row - first);
                if depth >= PREFETCH {
                    let (row, column) =
                        if TRANSPOSED { (place.column, place.row) } else { (place.row, place.column) };
                    let lines = if TRANSPOSED { V * VectorOf::<S, T>::LANES } else { $rows };
                    let width = if TRANSPOSED { $rows } else { V * VectorOf::<S, T>::LANES };
                    for line in 0..lines {
                        let start = target.pointer.wrapping_add((row + line) * target.leading + column);
                        for offset in (0..width).step_by(64 / size_of::<T>()) {
                            prefetch(start.wrapping_add(offset));
                        }
                    }
                }
                // SAFETY: the caller's promise.
                unsafe {
                    let sums = products::<S, T, RS, DS, BS, $rows, V>(simd, depth, left, right);
                    if TRANSPOSED {
                        target.put_columns::<S, $rows, V>(simd, place.column, place.row, place.columns, sums);
                    } else {
                        target.put_rows::<S, $rows, V>(simd, place.row, place.column, place.columns, sums);
                    }
                }
                place.rows -= $rows;
                place.row += $rows;
                let full = $rows == const { tile_rows::<S>() };
                let step = if full { left.tile_step } else { $rows * left.row_step.get() };
                left.pointer = left.pointer.wrapping_add(step);
            }
        };
    }
    if const { tile_rows::<S>() == 8 } {
        rows!(8);
    }
    rows!(4);
    rows!(2);
    rows!(1);
}
