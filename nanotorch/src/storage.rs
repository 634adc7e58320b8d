//! Memory for numbers: one block on the heap that begins on a cache line, or static memory that was handed over for good.
//!
//! What the numbers mean (a tensor, a pass's activations) is the business of those who own them.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
#[cfg(feature = "alloc")]
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

#[cfg(feature = "alloc")]
use crate::element::Element;

/// A value in memory of its own.
pub(crate) enum Held<V: 'static> {
    /// On the heap.
    #[cfg(feature = "alloc")]
    Heap(Box<V>),
    /// In static memory.
    Static(&'static mut V),
}

impl<V> Deref for Held<V> {
    type Target = V;
    #[inline(always)]
    fn deref(&self) -> &V {
        match self {
            #[cfg(feature = "alloc")]
            Held::Heap(value) => value,
            Held::Static(value) => value,
        }
    }
}

impl<V> DerefMut for Held<V> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut V {
        match self {
            #[cfg(feature = "alloc")]
            Held::Heap(value) => value,
            Held::Static(value) => value,
        }
    }
}

/// Numbers in memory of their own.
pub(crate) enum Arena<T: 'static> {
    /// On the heap.
    #[cfg(feature = "alloc")]
    Heap(Block<T>),
    /// In static memory.
    Static(&'static mut [T]),
}

impl<T: crate::element::Element> Arena<T> {
    /// All numbers.
    #[inline(always)]
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            #[cfg(feature = "alloc")]
            Arena::Heap(block) => block.as_slice(),
            Arena::Static(numbers) => numbers,
        }
    }

    /// All numbers, to be changed.
    #[inline(always)]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        match self {
            #[cfg(feature = "alloc")]
            Arena::Heap(block) => block.as_mut_slice(),
            Arena::Static(numbers) => numbers,
        }
    }
}

/// A cache line: the unit that a block is made of, so that it begins on one.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A number of elements on the heap, aligned to 64 bytes.
#[cfg(feature = "alloc")]
pub(crate) struct Block<T> {
    lines: Box<[Line]>,
    length: usize,
    element: PhantomData<T>,
}

#[cfg(feature = "alloc")]
impl<T: Element> Block<T> {
    /// `length` zeros. The memory comes from the system as it is, so a large block costs nothing until it is written.
    ///
    /// # Panics
    /// The block would be larger than memory can be.
    pub(crate) fn zeros(length: usize) -> Self {
        let Some(bytes) = length.checked_mul(size_of::<T>()) else {
            panic!("{length} numbers of {} bytes are more than memory can hold", size_of::<T>())
        };
        let lines = Box::<[Line]>::new_zeroed_slice(bytes.div_ceil(size_of::<Line>()));
        // SAFETY: a line is bytes, which are valid as zeros.
        Block { lines: unsafe { lines.assume_init() }, length, element: PhantomData }
    }

    /// All numbers.
    #[inline(always)]
    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: the lines are initialised bytes without padding, at least `length * size_of::<T>()` of them, aligned to 64,
        // a multiple of the alignment of every `Element`. They began as zeros, which are valid (`Zeroable`), and whatever was
        // written since was an element (`NoUninit`). The borrow is that of the lines.
        unsafe { core::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }

    /// All numbers, to be changed.
    #[inline(always)]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as in `as_slice`; the borrow is unique, and an `Element` has no padding, so the bytes stay initialised.
        unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

#[cfg(feature = "alloc")]
impl<T> Clone for Block<T> {
    fn clone(&self) -> Self {
        Block { lines: self.lines.clone(), length: self.length, element: PhantomData }
    }
}

/// Takes the first `length` numbers off what is left of a block.
#[inline(always)]
pub(crate) fn take<'a, T>(rest: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let (first, others) = core::mem::take(rest).split_at_mut(length);
    *rest = others;
    first
}

#[cfg(feature = "alloc")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_begin_on_a_cache_line_with_zeros() {
        for length in [0, 1, 7, 8, 9, 1000] {
            let mut block = Block::<f64>::zeros(length);
            assert_eq!(block.as_slice(), alloc::vec![0.0; length]);
            assert_eq!(block.as_slice().as_ptr().addr() % 64, 0);
            block.as_mut_slice().fill(3.0);
            assert_eq!(block.clone().as_slice(), alloc::vec![3.0; length]);
        }
    }

    #[test]
    #[should_panic(expected = "more than memory can hold")]
    fn a_block_larger_than_memory_is_refused() {
        Block::<f64>::zeros(usize::MAX / 4);
    }
}
