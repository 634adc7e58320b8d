//! What is done beside the sums of a tile: the next panel is copied, a vector every other step of the depth, and memory that is
//! needed soon is asked for.
//!
//! A panel copied at one go waits for memory, and so do the tile's own reads behind many lines asked for at one go: a core has
//! room for a dozen or so that are on their way. Between multiplications both cost next to nothing.

use super::target::load;
use super::tile::{Aside, Right, asks_ahead};
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, prefetch, prefetch_far};

/// Steps of the depth from one time that memory is asked for to the next.
pub(super) const CHUNK: usize = 8;
/// Steps of the depth from one vector that is copied to the next. With each step one, as many lines would be on their way from the
/// third level of the cache as a core has room for.
pub(super) const EVERY: usize = 2;
/// How many lines ahead of what is copied memory is asked for.
const AHEAD: usize = 8;
/// Lines of the cache that are asked for at a time: as many as a line of a panel fills.
const PART: usize = 3;

/// Lines of the right factor that are copied to a panel.
#[derive(Clone, Copy)]
pub(super) struct Lines<T> {
    /// The first line.
    pub(super) from: *const T,
    /// From one line to the next.
    pub(super) leading: usize,
    /// Where it goes.
    pub(super) to: *mut T,
    /// How many there are.
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

    /// Copies the rest, where some vectors of all lines have been copied, and the next one of some.
    /// # Safety
    /// The lines can be read, and the panel be written.
    #[inline(always)]
    pub(super) unsafe fn copy<S: Simd>(self, simd: S, (vector, line): (usize, usize)) {
        let lanes = VectorOf::<S, T>::LANES;
        let mut line = line;
        for first in (vector * lanes..self.width).step_by(lanes) {
            let Copying { mut from, mut to, .. } = self.vector(first, line);
            let there = self.columns.saturating_sub(first);
            for _ in line..self.count {
                prefetch(from.wrapping_add(AHEAD * self.leading));
                // SAFETY: the caller's promise; of the last vector only what is in the line is read.
                unsafe { load(simd, from, there).store_pointer(to) };
                (from, to) = (from.wrapping_add(self.leading), to.wrapping_add(self.width));
            }
            line = 0;
        }
    }

    /// Each line, read where it is, and kept.
    #[inline(always)]
    pub(super) fn kept(self, last: usize) -> Stream<T> {
        let right = Right { pointer: self.from, depth_step: self.leading, last };
        Stream::Keeps(Keeping { to: self.to, width: self.width, ahead: AHEAD * self.leading }, right)
    }

    /// A vector of each line, from a line on.
    #[inline(always)]
    pub(super) fn vector(self, first: usize, line: usize) -> Copying<T> {
        Copying {
            from: self.from.wrapping_add(line * self.leading + first),
            leading: self.leading,
            to: self.to.wrapping_add(line * self.width + first),
            width: self.width,
        }
    }
}

/// A whole vector of a line is copied, and then one of the next line.
#[derive(Clone, Copy)]
pub(super) struct Copying<T> {
    from: *const T,
    leading: usize,
    to: *mut T,
    width: usize,
}

impl<S: Simd, T: Float> Aside<S, T> for Copying<T> {
    const ASKS: bool = asks_ahead::<S>();
    const ASKS_FOR_RIGHT: bool = asks_ahead::<S>();
    #[inline(always)]
    unsafe fn step(&mut self, simd: S) {
        prefetch(self.from.wrapping_add(AHEAD * self.leading));
        // SAFETY: the caller's promise.
        unsafe { VectorOf::<S, T>::load_pointer(simd, self.from).store_pointer(self.to) };
        self.from = self.from.wrapping_add(self.leading);
        self.to = self.to.wrapping_add(self.width);
    }
}

/// The tile reads the right factor where it is, and leaves each line in the panel for those behind it.
#[derive(Clone, Copy)]
pub(super) struct Keeping<T> {
    to: *mut T,
    width: usize,
    ahead: usize,
}

impl<S: Simd, T: Float> Aside<S, T> for Keeping<T> {
    #[inline(always)]
    unsafe fn vector(&mut self, place: usize, from: *const T, vector: VectorOf<S, T>) {
        prefetch(from.wrapping_add(self.ahead));
        // SAFETY: the caller's promise.
        unsafe { vector.store_pointer(self.to.wrapping_add(place)) };
    }
    #[inline(always)]
    unsafe fn step(&mut self, _: S) {
        self.to = self.to.wrapping_add(self.width);
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
    pub(super) stream: Stream<T>,
    /// What is asked for to be copied later.
    pub(super) soon: Soon<T>,
    /// The next tile's part of the product.
    pub(super) product: Soon<T>,
}

/// What is done with the steps of the depth.
#[derive(Clone, Copy)]
pub(super) enum Stream<T> {
    Nothing,
    /// So many vectors, one every other step.
    Copies(Copying<T>, usize),
    /// In all of them, from lines that are so far apart.
    Keeps(Keeping<T>, Right<T>),
}

impl<T: Float> Beside<T> {
    /// Whether there is anything left to ask for.
    #[inline(always)]
    pub(super) fn remains(&self) -> bool {
        (self.soon.lines | self.product.lines) > 0
    }

    /// Asks for the next bit.
    #[inline(always)]
    pub(super) fn ask(&mut self) {
        if self.product.lines > 0 {
            self.product.ask_two();
        }
        if self.soon.lines > 0 {
            self.soon.ask_part();
        }
    }
}
