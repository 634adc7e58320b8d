//! The one block of memory that a pass runs in.

use alloc::boxed::Box;

use crate::element::Float;

/// A cache line of numbers: the unit that the arena is made of, so that it begins on a line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A block of numbers on the heap that begins on a cache line.
pub(crate) struct Arena<T> {
    lines: Box<[Line]>,
    length: usize,
    element: core::marker::PhantomData<T>,
}

impl<T: Float> Arena<T> {
    /// `length` zeros.
    pub(crate) fn new(length: usize) -> Self {
        let lines = (length * size_of::<T>()).div_ceil(size_of::<Line>());
        Arena {
            lines: alloc::vec![Line([0; 64]); lines].into_boxed_slice(),
            length,
            element: core::marker::PhantomData,
        }
    }

    /// All numbers, to be read.
    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: as in `numbers`; the borrow is shared.
        unsafe { core::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }

    /// All numbers.
    #[inline(always)]
    pub(crate) fn numbers(&mut self) -> &mut [T] {
        // SAFETY: the lines are plain bytes, initialised, at least `length * size_of::<T>()` of them, aligned to 64, which is
        // a multiple of the alignment of every `Float`; any bits are a valid `Float` (it is `Pod`); the borrow is unique.
        unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

/// Takes the first `length` numbers off a block.
#[inline(always)]
pub(crate) fn take<'a, T>(block: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let (first, rest) = core::mem::take(block).split_at_mut(length);
    *block = rest;
    first
}
