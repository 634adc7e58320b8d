//! Where sums go: into the product, added or not, with a bias or not.

use core::ptr;

use super::{Epilogue, Plain};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// The product in memory.
#[derive(Clone, Copy)]
pub(super) struct Target<T> {
    /// Element (0, 0).
    pub(super) pointer: *mut T,
    /// From one row to the next.
    pub(super) leading: usize,
    /// Whether what stands there is kept and added to.
    pub(super) accumulate: Accumulate,
    /// Added to each row; null if nothing is.
    pub(super) bias: *const T,
}

/// Memory that the sums of a tile begin with, and memory that they go to, row by row.
#[derive(Clone, Copy)]
pub(super) struct Ends<T> {
    /// Null if they begin with 0.
    pub(super) from: *const T,
    /// From one row to the next.
    pub(super) from_step: usize,
    pub(super) to: *mut T,
    pub(super) to_step: usize,
}

impl<T: Float> Target<T> {
    /// The target of a product whose bias has been checked to be long enough.
    #[inline(always)]
    pub(super) fn new(pointer: *mut T, leading: usize, accumulate: Accumulate, bias: Option<&[T]>) -> Self {
        let bias = bias.map_or(ptr::null(), <[T]>::as_ptr);
        Target { pointer, leading, accumulate, bias }
    }

    /// What sums of `count` lanes at (row, column) begin with: what is there, and the bias.
    /// # Safety
    /// The product has those elements.
    #[inline(always)]
    pub(super) unsafe fn begin<S: Simd>(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
    ) -> VectorOf<S, T> {
        let mut begin = VectorOf::<S, T>::zero(simd);
        // SAFETY: the caller's promise; a bias is as long as a row.
        unsafe {
            if !self.bias.is_null() {
                begin = load(simd, self.bias.wrapping_add(column), count);
            }
            if self.accumulate == Accumulate::Add {
                let there = load(simd, self.place(row, column), count);
                begin = if self.bias.is_null() { there } else { there + begin };
            }
        }
        begin
    }

    /// What `count` lanes of sums that began with 0 become at (row, column), in memory: with what was there and the bias.
    /// # Safety
    /// The product has those elements.
    #[inline(always)]
    pub(super) unsafe fn finish<S: Simd>(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
    ) -> VectorOf<S, T> {
        let mut sum = sum;
        // SAFETY: the caller's promise; a bias is as long as a row.
        unsafe {
            if self.accumulate == Accumulate::Add {
                sum = load(simd, self.place(row, column), count) + sum;
            }
            if !self.bias.is_null() {
                sum += load(simd, self.bias.add(column), count);
            }
        }
        sum
    }

    /// The address of an element.
    #[inline(always)]
    pub(super) fn place(self, row: usize, column: usize) -> *mut T {
        self.pointer.wrapping_add(row * self.leading + column)
    }

    /// Stores the first `count` lanes of `sum` at (row, column).
    /// # Safety
    /// The product has those elements.
    #[inline(always)]
    pub(super) unsafe fn put<S: Simd>(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
    ) {
        // SAFETY: the caller's promise.
        unsafe { self.put_mapped(simd, row, column, count, sum, Plain) }
    }

    /// As [`put`](Target::put), with what the epilogue makes of the sums.
    /// # Safety
    /// As of [`put`](Target::put).
    #[inline(always)]
    pub(super) unsafe fn put_mapped<S: Simd>(
        self,
        simd: S,
        row: usize,
        column: usize,
        count: usize,
        sum: VectorOf<S, T>,
        epilogue: impl Epilogue<S, T>,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let sum = self.finish(simd, row, column, count, sum);
            store(epilogue.map(simd, sum), self.place(row, column), count);
        }
    }
}

/// The first `count` numbers, all lanes if there are as many.
/// # Safety
/// They can be read.
#[inline(always)]
pub(super) unsafe fn load<S: Simd, T: Float>(simd: S, from: *const T, count: usize) -> VectorOf<S, T> {
    // SAFETY: the caller's promise.
    unsafe {
        if count >= VectorOf::<S, T>::LANES {
            VectorOf::<S, T>::load_pointer(simd, from)
        } else {
            VectorOf::<S, T>::load_partial_pointer(simd, from, count, VectorOf::<S, T>::zero(simd))
        }
    }
}

/// Stores the first `count` lanes, all if there are no more.
/// # Safety
/// As many numbers can be written.
#[inline(always)]
pub(super) unsafe fn store<V: Vector>(lanes: V, to: *mut V::Scalar, count: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if count >= V::LANES {
            lanes.store_pointer(to);
        } else {
            lanes.store_partial_pointer(to, count);
        }
    }
}
