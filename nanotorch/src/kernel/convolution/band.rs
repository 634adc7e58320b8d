//! Squares of sixteen channels of an image, channels side by side, and their transforms.

use super::LANES;
use super::transform::{of_input, of_output_gradient};
use crate::element::Float;
use crate::kernel::gemm::transpose;
use crate::simd::{Simd, Vector, VectorOf};

/// Some rows of squares of sixteen channels of a sample.
pub(super) struct Band<T> {
    /// The first number of the first channel.
    pub(super) from: *const T,
    /// How many channels there are.
    pub(super) count: usize,
    /// Lengths of a channel, and what is imagined before it.
    pub(super) lengths: [usize; 2],
    pub(super) before: [usize; 2],
    /// The first row of squares, and how many there are.
    pub(super) row: usize,
    pub(super) rows: usize,
    /// Squares of a row.
    pub(super) across: usize,
    /// Where the image is turned.
    pub(super) room: *mut T,
    /// Where the transformed numbers go: way, square, channel.
    pub(super) to: *mut T,
    pub(super) square_step: usize,
    pub(super) way_step: usize,
}

/// Numbers of room for so many rows of squares.
pub(super) const fn room(rows: usize, across: usize) -> usize {
    (4 * rows + 2) * (4 * across + 2) * LANES
}

impl<T: Float> Band<T> {
    /// `Bᵀ x B` of each square of 6 by 6, which overlap by two.
    /// # Safety
    /// The channels are there, `room` has as many numbers as the function says, and `to` a place for each of the result.
    #[inline(always)]
    pub(super) unsafe fn turn_input<S: Simd>(&self, simd: S) {
        // SAFETY: the caller's promise.
        unsafe {
            self.fill(simd, 2);
            self.each_square::<S>(
                2,
                #[inline(always)]
                |from, pitch, to| {
                    of_input::<S, T>(
                        simd,
                        #[inline(always)]
                        |row, column| {
                            VectorOf::<S, T>::load_pointer(simd, from.add((row * pitch + column) * LANES))
                        },
                        #[inline(always)]
                        |way, number| number.store_pointer(to.add(way * self.way_step)),
                    );
                },
            );
        }
    }

    /// `A y Aᵀ` of each square of 4 by 4.
    /// # Safety
    /// As of [`Band::turn_input`].
    #[inline(always)]
    pub(super) unsafe fn turn_output_gradient<S: Simd>(&self, simd: S) {
        // SAFETY: the caller's promise.
        unsafe {
            self.fill(simd, 0);
            self.each_square::<S>(
                0,
                #[inline(always)]
                |from, pitch, to| {
                    of_output_gradient::<S, T>(
                        simd,
                        #[inline(always)]
                        |row, column| {
                            VectorOf::<S, T>::load_pointer(simd, from.add((row * pitch + column) * LANES))
                        },
                        #[inline(always)]
                        |way, number| number.store_pointer(to.add(way * self.way_step)),
                    );
                },
            );
        }
    }

    /// Turns the rows, with what is imagined around them and `extra` numbers more than the squares are apart.
    /// # Safety
    /// As of [`Band::turn_input`].
    #[inline(always)]
    unsafe fn fill<S: Simd>(&self, simd: S, extra: usize) {
        let Band { from, count, lengths: [height, width], before: [above, left], room, .. } = *self;
        let pitch = 4 * self.across + extra;
        for line in 0..4 * self.rows + extra {
            // SAFETY: the caller's promise.
            unsafe {
                let to = room.add(line * pitch * LANES);
                match (4 * self.row + line).checked_sub(above) {
                    Some(line) if line < height => {
                        to.write_bytes(0, left * LANES);
                        let numbers = width.min(pitch - left);
                        let (from, to_numbers) = (from.add(line * width), to.add(left * LANES));
                        transpose(simd, from, height * width, numbers, count, LANES, to_numbers);
                        let end = left + numbers;
                        to.add(end * LANES).write_bytes(0, (pitch - end) * LANES);
                    }
                    _ => to.write_bytes(0, pitch * LANES),
                }
            }
        }
    }

    /// Calls `turn` for each square and register of channels: where it is, how far its rows are apart in numbers of sixteen
    /// channels, and where it goes.
    #[inline(always)]
    fn each_square<S: Simd>(&self, extra: usize, turn: impl Fn(*const T, usize, *mut T)) {
        let pitch = 4 * self.across + extra;
        for square in 0..self.rows * self.across {
            let (down, across) = (square / self.across, square % self.across);
            for lane in (0..LANES).step_by(VectorOf::<S, T>::LANES) {
                let from = self.room.wrapping_add((4 * down * pitch + 4 * across) * LANES + lane);
                turn(from.cast_const(), pitch, self.to.wrapping_add(square * self.square_step + lane));
            }
        }
    }
}
