//! Sums of outer products, a tile of them in registers.

use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf};

/// `sum(r, p) = Σ_k left(k, r) right(k, p)`, where lines of numbers are `step` apart; `p` counts registers. There may be several
/// stretches of such lines.
#[derive(Clone, Copy)]
pub(super) struct Outer<T> {
    /// How many stretches there are, and how far apart they are on either side.
    pub(super) stretches: (usize, usize, usize),
    /// How many products there are of each, in a stretch.
    pub(super) count: usize,
    pub(super) left: *const T,
    pub(super) left_step: usize,
    /// From one row to the next.
    pub(super) left_row: usize,
    pub(super) right: *const T,
    pub(super) right_step: usize,
    pub(super) target: *mut T,
    pub(super) target_step: usize,
    /// Whether the sums are added to what is there.
    pub(super) adds: bool,
}

impl<T: Float> Outer<T> {
    /// The sums for the R rows from `row` on and all of so many registers from the first on.
    /// # Safety
    /// The pointers are valid for those rows and registers.
    #[inline(always)]
    pub(super) unsafe fn rows<S: Simd, const R: usize>(&self, simd: S, row: usize, registers: usize) {
        let lanes = VectorOf::<S, T>::LANES;
        let mut register = 0;
        while register < registers {
            let left = registers - register;
            let part = Outer {
                left: self.left.wrapping_add(row * self.left_row),
                right: self.right.wrapping_add(register * lanes),
                target: self.target.wrapping_add(row * self.target_step + register * lanes),
                ..*self
            };
            // SAFETY: the caller's promise.
            unsafe {
                // Never three and one, which would be better as two and two.
                register += match left {
                    3 | 5.. => part.tile::<S, R, 3>(simd),
                    2 | 4 => part.tile::<S, R, 2>(simd),
                    _ => part.tile::<S, R, 1>(simd),
                };
            }
        }
    }

    /// The sums for R rows and P registers; returns P.
    /// # Safety
    /// The pointers are valid for so many.
    #[inline(always)]
    unsafe fn tile<S: Simd, const R: usize, const P: usize>(self, simd: S) -> usize {
        let lanes = VectorOf::<S, T>::LANES;
        let mut sums = [[VectorOf::<S, T>::zero(simd); P]; R];
        let place =
            |row: usize, register: usize| self.target.wrapping_add(row * self.target_step + register * lanes);
        let (stretches, left_stretch, right_stretch) = self.stretches;
        for stretch in 0..stretches {
            let mut left = self.left.wrapping_add(stretch * left_stretch);
            let mut right = self.right.wrapping_add(stretch * right_stretch);
            for _ in 0..self.count {
                // SAFETY: the caller's promise.
                unsafe {
                    let mut numbers = [VectorOf::<S, T>::zero(simd); P];
                    for (register, numbers) in numbers.iter_mut().enumerate() {
                        *numbers = VectorOf::<S, T>::load_pointer(simd, right.add(register * lanes));
                    }
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let spread = VectorOf::<S, T>::splat(simd, *left.add(row * self.left_row));
                        for (sum, numbers) in sums.iter_mut().zip(numbers) {
                            *sum = spread.mul_add(numbers, *sum);
                        }
                    }
                }
                left = left.wrapping_add(self.left_step);
                right = right.wrapping_add(self.right_step);
            }
        }
        // At the end: sums of sums have smaller errors than one long sum.
        if self.adds {
            for (row, sums) in sums.iter_mut().enumerate() {
                for (register, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: the caller's promise.
                    *sum += unsafe { VectorOf::<S, T>::load_pointer(simd, place(row, register)) };
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (register, sum) in sums.into_iter().enumerate() {
                // SAFETY: the caller's promise.
                unsafe { sum.store_pointer(place(row, register)) }
            }
        }
        P
    }
}
