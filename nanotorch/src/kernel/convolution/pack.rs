//! Weights in the order in which a tile uses them: line by line, each with a number for every row of the tile.

use super::sweep::Sweep;
use crate::element::Float;

/// Rows that a tile of registers has, if there are as many left.
pub(super) const fn tile_rows(left: usize, registers: usize) -> usize {
    match left {
        1 => 1,
        2..=4 => 4,
        _ if registers >= 32 => 8,
        _ => 4,
    }
}

/// Rows of all tiles together, at most, whatever the instruction set.
pub(super) const fn padded_rows(rows: usize) -> usize {
    if rows == 1 { 1 } else { rows.next_multiple_of(8) }
}

/// Weights as they lie in memory, seen as rows of channels of taps.
#[derive(Clone, Copy)]
pub(super) struct Weights<T> {
    pub(super) pointer: *const T,
    pub(super) rows: usize,
    pub(super) row_step: usize,
    pub(super) channel_step: usize,
}

impl<T: Float> Weights<T> {
    /// Copies the rows from `first` on into lines of `width`; rows that aren't there are 0.
    /// # Safety
    /// The pointer is valid for reading all rows; `target` for writing `width` times as many numbers as there are lines.
    #[inline(always)]
    pub(super) unsafe fn pack(self, sweep: &Sweep, taps: usize, first: usize, width: usize, target: *mut T) {
        let channels = sweep.lines() / taps;
        for row in 0..width {
            let is_there = first + row < self.rows;
            for channel in 0..channels {
                let from =
                    self.pointer.wrapping_add((first + row) * self.row_step + channel * self.channel_step);
                for tap in 0..taps {
                    // SAFETY: row, channel and tap are among the weights; the line is among the target's.
                    unsafe {
                        let weight = if is_there { *from.add(tap) } else { T::ZERO };
                        *target.add(sweep.line(channel, tap) * width + row) = weight;
                    }
                }
            }
        }
    }
}
