//! A part of a tile's sums in the product: not all of them, or not as they stand in registers.
//!
//! They go there, and come from there, by way of memory, so that one function does for the tiles of all sizes.

use core::ptr;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::strip::Place;
use super::target::{Ends, Target, store};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// The lanes of a register, as a type.
type LanesOf<S, T> = <VectorOf<S, T> as Vector>::Lanes;

/// The part of a tile's sums that is in the product.
#[derive(Clone, Copy)]
pub(super) struct Part<T> {
    pub(super) target: Target<T>,
    /// Whether rows of sums are columns of the product.
    pub(super) transposed: bool,
    pub(super) place: Place,
    /// Vectors from one row of sums to the next.
    pub(super) vectors: usize,
}

impl<T: Float> Part<T> {
    /// Where the tile is to begin and to end, with what the sums begin with.
    /// # Safety
    /// The product has the place's elements; the room has as many vectors as the tile.
    #[inline(always)]
    pub(super) unsafe fn begin<S: Simd>(self, simd: S, room: *mut VectorOf<S, T>) -> Ends<T> {
        let step = self.vectors * VectorOf::<S, T>::LANES;
        let ends = Ends { from: ptr::null(), from_step: step, to: room.cast::<T>(), to_step: step };
        if self.target.accumulate == Accumulate::Replace && self.target.bias.is_null() {
            return ends;
        }
        simd.vectorize(
            #[inline(always)]
            || {
                // SAFETY: the caller's promise.
                unsafe {
                    if self.transposed {
                        self.begin_columns(simd, room);
                    } else {
                        self.begin_rows(simd, room);
                    }
                }
            },
        );
        Ends { from: ends.to.cast_const(), ..ends }
    }

    /// The sums in the room, to the product.
    /// # Safety
    /// As of `begin`; the sums are there.
    #[inline(always)]
    pub(super) unsafe fn put<S: Simd>(self, simd: S, room: *const VectorOf<S, T>) {
        simd.vectorize(
            #[inline(always)]
            || {
                // SAFETY: the caller's promise.
                unsafe {
                    if self.transposed {
                        self.put_columns(simd, room);
                    } else {
                        self.put_rows::<S>(room);
                    }
                }
            },
        );
    }

    /// # Safety
    /// As of `begin`.
    #[inline(always)]
    unsafe fn begin_rows<S: Simd>(self, simd: S, room: *mut VectorOf<S, T>) {
        self.for_each_vector::<S>(|row, column, count, place| {
            // SAFETY: the caller's promise.
            unsafe { room.add(place).write(self.target.begin(simd, row, column, count)) };
        });
    }

    /// # Safety
    /// As of `put`.
    #[inline(always)]
    unsafe fn put_rows<S: Simd>(self, room: *const VectorOf<S, T>) {
        self.for_each_vector::<S>(|row, column, count, place| {
            // SAFETY: the caller's promise.
            unsafe { store(*room.add(place), self.target.place(row, column), count) };
        });
    }

    /// # Safety
    /// As of `begin`.
    #[inline(always)]
    unsafe fn begin_columns<S: Simd>(self, simd: S, room: *mut VectorOf<S, T>) {
        if self.target.accumulate == Accumulate::Replace {
            // The bias is the same for a whole row of sums.
            for r in 0..self.place.rows {
                for v in 0..self.vectors {
                    // SAFETY: the caller's promise; a bias is as long as a row of the product.
                    unsafe {
                        let bias = VectorOf::<S, T>::splat(simd, *self.target.bias.add(self.place.row + r));
                        room.add(r * self.vectors + v).write(bias);
                    }
                }
            }
            return;
        }
        self.for_each_block::<S>(|first, width, v, count| {
            let (row, column) = (self.place.column + v * VectorOf::<S, T>::LANES, self.place.row + first);
            let mut block = zeros::<S, T>(simd);
            for (i, lanes) in block.iter_mut().enumerate().take(count) {
                // SAFETY: the caller's promise.
                *lanes = unsafe { self.target.begin(simd, row + i, column, width) };
            }
            for (i, &lanes) in VectorOf::<S, T>::transpose(block).iter().enumerate().take(width) {
                // SAFETY: the caller's promise.
                unsafe { room.add((first + i) * self.vectors + v).write(lanes) };
            }
        });
    }

    /// # Safety
    /// As of `put`.
    #[inline(always)]
    unsafe fn put_columns<S: Simd>(self, simd: S, room: *const VectorOf<S, T>) {
        self.for_each_block::<S>(|first, width, v, count| {
            let mut block = zeros::<S, T>(simd);
            for (i, lanes) in block.iter_mut().enumerate().take(width) {
                // SAFETY: the caller's promise.
                *lanes = unsafe { *room.add((first + i) * self.vectors + v) };
            }
            let (row, column) = (self.place.column + v * VectorOf::<S, T>::LANES, self.place.row + first);
            for (i, &lanes) in VectorOf::<S, T>::transpose(block).iter().enumerate().take(count) {
                // SAFETY: the caller's promise.
                unsafe { store(lanes, self.target.place(row + i, column), width) };
            }
        });
    }

    /// For each vector: its row and column in the product, how many lanes of it are there, its place in the room.
    #[inline(always)]
    fn for_each_vector<S: Simd>(self, mut work: impl FnMut(usize, usize, usize, usize)) {
        let lanes = VectorOf::<S, T>::LANES;
        let Place { row, rows, column, columns } = self.place;
        for v in 0..columns.div_ceil(lanes) {
            for r in 0..rows {
                work(row + r, column + v * lanes, columns - v * lanes, r * self.vectors + v);
            }
        }
    }

    /// For each square block of sums: its first row in the tile and how many rows, its vector and how many lanes.
    #[inline(always)]
    fn for_each_block<S: Simd>(self, mut work: impl FnMut(usize, usize, usize, usize)) {
        let lanes = VectorOf::<S, T>::LANES;
        let Place { rows, columns, .. } = self.place;
        for v in 0..columns.div_ceil(lanes) {
            for first in (0..rows).step_by(lanes) {
                work(first, (rows - first).min(lanes), v, (columns - v * lanes).min(lanes));
            }
        }
    }
}

/// A square block of 0.
#[inline(always)]
fn zeros<S: Simd, T: Float>(simd: S) -> GenericArray<VectorOf<S, T>, LanesOf<S, T>> {
    GenericArray::generate(
        #[inline(always)]
        |_| VectorOf::<S, T>::zero(simd),
    )
}
