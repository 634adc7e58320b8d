//! What is done beside the sums of a tile, a little at a time: the next panel is copied, and memory that is needed soon is asked
//! for.
//!
//! A panel copied at one go waits for memory, and so do the tile's own reads behind many lines asked for at one go: a core has
//! room for a dozen or so that are on their way. Between multiplications both cost next to nothing.

use super::tile::tile_vectors;
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, prefetch, prefetch_far};

/// Steps of the depth from one time that something is done beside them to the next.
pub(super) const CHUNK: usize = 8;
/// How many lines ahead of what is copied memory is asked for.
const AHEAD: usize = 8;
/// Lines of the cache that are asked for at a time: as many as a line of a panel fills.
const PART: usize = 3;

/// Lines of the right factor that are copied to a panel, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Lines<T> {
    /// The next line.
    pub(super) from: *const T,
    /// From one line to the next.
    pub(super) leading: usize,
    /// Where it goes.
    pub(super) to: *mut T,
    /// How many are left.
    pub(super) count: usize,
    /// Numbers in a line.
    pub(super) columns: usize,
    /// Numbers in a line of the panel: a multiple of the lanes, filled up with 0.
    pub(super) width: usize,
}

impl<T: Float> Lines<T> {
    /// Nothing is copied.
    pub(super) const NOTHING: Self = Lines {
        from: core::ptr::null(),
        leading: 0,
        to: core::ptr::null_mut(),
        count: 0,
        columns: 0,
        width: 0,
    };

    /// Copies the next lines, up to `count`.
    /// # Safety
    /// The lines can be read, and the panel be written.
    #[inline(always)]
    pub(super) unsafe fn copy<S: Simd>(&mut self, simd: S, count: usize) {
        let lanes = VectorOf::<S, T>::LANES;
        let zero = VectorOf::<S, T>::zero(simd);
        let count = count.min(self.count);
        // Of the last vector only what is in the line is read.
        let last = self.width.saturating_sub(lanes);
        let rest = self.columns.saturating_sub(last);
        for _ in 0..count {
            // SAFETY: the caller's promise.
            unsafe {
                let from = self.from.wrapping_add(last);
                let end = VectorOf::<S, T>::load_partial_pointer(simd, from, rest, zero);
                end.store_pointer(self.to.wrapping_add(last));
                prefetch(from.wrapping_add(AHEAD * self.leading));
                // Branches that are always taken in the same way, rather than a loop.
                for v in 0..const { tile_vectors::<S>() - 1 } {
                    if v * lanes < last {
                        let from = self.from.wrapping_add(v * lanes);
                        VectorOf::<S, T>::load_pointer(simd, from)
                            .store_pointer(self.to.wrapping_add(v * lanes));
                        prefetch(from.wrapping_add(AHEAD * self.leading));
                    }
                }
            }
            self.from = self.from.wrapping_add(self.leading);
            self.to = self.to.wrapping_add(self.width);
        }
        self.count -= count;
    }
}

/// Memory that is needed soon: lines of `length` numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Soon<T> {
    /// The first line.
    pub(super) pointer: *const T,
    /// From one line to the next.
    pub(super) leading: usize,
    /// How many lines.
    pub(super) lines: usize,
    /// Numbers in a line.
    pub(super) length: usize,
    /// The next number of the first line.
    pub(super) offset: usize,
}

impl<T> Soon<T> {
    /// Nothing is needed.
    pub(super) const NOTHING: Self =
        Soon { pointer: core::ptr::null(), leading: 0, lines: 0, length: 0, offset: 0 };

    /// Asks for the next part of a line.
    #[inline(always)]
    fn ask_part(&mut self) {
        let line = 64 / size_of::<T>();
        for i in 0..PART {
            prefetch_far(self.pointer.wrapping_add(self.offset + i * line));
        }
        self.offset += PART * line;
        if self.offset >= self.length {
            self.offset = 0;
            self.lines -= 1;
            self.pointer = self.pointer.wrapping_add(self.leading);
        }
    }

    /// Asks for the next two lines, no longer than a panel's.
    #[inline(always)]
    fn ask_two(&mut self) {
        let line = 64 / size_of::<T>();
        for i in 0..2 {
            let start = self.pointer.wrapping_add(i * self.leading);
            for j in 0..PART {
                if j * line < self.length {
                    prefetch(start.wrapping_add(j * line));
                }
            }
        }
        self.pointer = self.pointer.wrapping_add(2 * self.leading);
        self.lines = self.lines.saturating_sub(2);
    }
}

/// What is done beside a tile.
#[derive(Clone, Copy)]
pub(super) struct Beside<T> {
    /// What is copied.
    pub(super) lines: Lines<T>,
    /// Lines that are copied at a time.
    pub(super) at_once: usize,
    /// What is asked for to be copied later.
    pub(super) soon: Soon<T>,
    /// The next tile's part of the product.
    pub(super) product: Soon<T>,
}

impl<T: Float> Beside<T> {
    /// Nothing is done.
    pub(super) const NOTHING: Self =
        Beside { lines: Lines::NOTHING, at_once: 0, soon: Soon::NOTHING, product: Soon::NOTHING };

    /// Whether there is anything left to do.
    #[inline(always)]
    pub(super) fn remains(&self) -> bool {
        (self.lines.count | self.soon.lines | self.product.lines) > 0
    }

    /// Does the next bit.
    /// # Safety
    /// As of [`Lines::copy`].
    #[inline(always)]
    pub(super) unsafe fn step<S: Simd>(&mut self, simd: S) {
        if self.lines.count > 0 {
            // SAFETY: the caller's promise.
            unsafe { self.lines.copy(simd, self.at_once) };
        }
        if self.product.lines > 0 {
            self.product.ask_two();
        }
        if self.soon.lines > 0 {
            self.soon.ask_part();
        }
    }
}
