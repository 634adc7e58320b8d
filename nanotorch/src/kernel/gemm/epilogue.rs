//! What happens to a sum of products before it is stored: nothing, a bias, an activation.

use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};

/// The last step of each element, while it is still in a register.
///
/// ```text
/// C(row, column ..) = finish(row, column, sum)
/// ```
pub trait Epilogue<S: Simd, T: Float>: Copy {
    /// Whether it changes nothing.
    const IDENTITY: bool = false;
    /// From the finished sums at (row, column), (row, column + 1) .. to what is stored there. Only the first `count` lanes
    /// are stored; a matrix or bias that is read here must not be read beyond them.
    /// # Safety
    /// `holds` of a row count above `row` and a column count of at least `column + count`.
    unsafe fn finish(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
    ) -> VectorOf<S, T>;
    /// Whether it can be asked about `rows` rows of `columns` columns.
    #[inline(always)]
    fn holds(self, _rows: usize, _columns: usize) -> bool {
        true
    }
}

/// C = sum.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl<S: Simd, T: Float> Epilogue<S, T> for Plain {
    const IDENTITY: bool = true;
    #[inline(always)]
    unsafe fn finish(self, _: S, _: usize, _: usize, _: usize, sum: VectorOf<S, T>) -> VectorOf<S, T> {
        sum
    }
}

/// C = sum + bias(column).
#[derive(Clone, Copy, Debug)]
pub struct Bias<'a, T>(pub &'a [T]);

impl<S: Simd, T: Float> Epilogue<S, T> for Bias<'_, T> {
    #[inline(always)]
    unsafe fn finish(
        self,
        simd: S,
        _row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
    ) -> VectorOf<S, T> {
        debug_assert!(column + count <= self.0.len());
        // SAFETY: the bias has columns `column` to `column + count`.
        let bias = unsafe {
            let from = self.0.as_ptr().add(column);
            if count >= VectorOf::<S, T>::LANES {
                VectorOf::<S, T>::load_pointer(simd, from)
            } else {
                VectorOf::<S, T>::load_partial_pointer(simd, from, count, VectorOf::<S, T>::zero(simd))
            }
        };
        sum + bias
    }
    #[inline(always)]
    fn holds(self, _rows: usize, columns: usize) -> bool {
        self.0.len() >= columns
    }
}

/// C = map(E), with what another epilogue makes of the sum.
#[derive(Clone, Copy, Debug)]
pub struct Then<E, F>(pub E, pub F);

impl<S: Simd, T: Float, E: Epilogue<S, T>, F: Fn(VectorOf<S, T>) -> VectorOf<S, T> + Copy> Epilogue<S, T>
    for Then<E, F>
{
    #[inline(always)]
    unsafe fn finish(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
    ) -> VectorOf<S, T> {
        // SAFETY: it holds for the inner one if it holds for this.
        self.1(unsafe { self.0.finish(simd, row, column, count, sum) })
    }
    #[inline(always)]
    fn holds(self, rows: usize, columns: usize) -> bool {
        self.0.holds(rows, columns)
    }
}
