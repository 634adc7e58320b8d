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

/// Blocks that a thread has let go of and is likely to want again, as one operation's result is mostly as large as the last one's.
///
/// New memory of this size comes from the system page by page, each of which is cleared when it is first touched: that takes as
/// long as an operation itself. Blocks are kept with the type of their numbers, so that whatever lies in them is valid.
#[cfg(feature = "std")]
mod spare {
    use std::any::TypeId;
    use std::boxed::Box;
    use std::cell::RefCell;

    use super::Line;

    /// What is smaller the allocator has at hand.
    const LEAST: usize = 64;
    /// The most lines that a thread keeps: 32 MiB.
    const MOST: usize = (32 << 20) / 64;
    /// The most blocks that a thread keeps: in a list that isn't on the heap itself.
    const COUNT: usize = 64;

    struct Spare {
        /// The oldest first.
        blocks: [Option<(TypeId, Box<[Line]>)>; COUNT],
        count: usize,
        lines: usize,
    }

    impl Spare {
        fn remove(&mut self, place: usize) -> Option<Box<[Line]>> {
            let (_, block) = self.blocks[place].take()?;
            self.count -= 1;
            for place in place..self.count {
                self.blocks.swap(place, place + 1);
            }
            self.lines -= block.len();
            Some(block)
        }
    }

    std::thread_local! {
        static SPARE: RefCell<Spare> = const {
            RefCell::new(Spare { blocks: [const { None }; COUNT], count: 0, lines: 0 })
        };
    }

    /// A block of as many lines that held numbers of the type `T`.
    #[inline(always)]
    pub(super) fn take<T: 'static>(lines: usize) -> Option<Box<[Line]>> {
        if lines < LEAST { None } else { find(TypeId::of::<T>(), lines) }
    }

    fn find(kind: TypeId, lines: usize) -> Option<Box<[Line]>> {
        SPARE.with_borrow_mut(|spare| {
            for place in (0..spare.count).rev() {
                if let Some((its_kind, block)) = &spare.blocks[place]
                    && block.len() == lines
                    && *its_kind == kind
                {
                    return spare.remove(place);
                }
            }
            None
        })
    }

    /// Keeps a block that held numbers of the type `T`; the oldest make room for it.
    #[inline(always)]
    pub(super) fn give<T: 'static>(block: Box<[Line]>) {
        if (LEAST..=MOST).contains(&block.len()) {
            keep(TypeId::of::<T>(), block);
        }
    }

    fn keep(kind: TypeId, block: Box<[Line]>) {
        // A thread that ends keeps nothing more.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            while spare.count == COUNT || spare.lines + block.len() > MOST {
                drop(spare.remove(0));
            }
            spare.lines += block.len();
            let count = spare.count;
            spare.blocks[count] = Some((kind, block));
            spare.count += 1;
        });
    }
}

/// A number of elements on the heap, aligned to 64 bytes.
#[cfg(feature = "alloc")]
pub(crate) struct Block<T: 'static> {
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

    /// `length` numbers, whatever they are: those of a block that is no longer used, if there is one.
    pub(crate) fn any(length: usize) -> Self {
        #[cfg(feature = "std")]
        if let Some(bytes) = length.checked_mul(size_of::<T>())
            && let Some(lines) = spare::take::<T>(bytes.div_ceil(size_of::<Line>()))
        {
            return Block { lines, length, element: PhantomData };
        }
        Self::zeros(length)
    }

    /// All numbers.
    #[inline(always)]
    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: the lines are initialised bytes without padding, at least `length * size_of::<T>()` of them, aligned to 64,
        // a multiple of the alignment of every `Element`. They began as zeros, which are valid (`Zeroable`), and whatever was
        // written since, in this block or in an earlier one of the same type, was an element (`NoUninit`). The borrow is that of the lines.
        unsafe { core::slice::from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }

    /// All numbers, to be changed.
    #[inline(always)]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as in `as_slice`; the borrow is unique, and an `Element` has no padding, so the bytes stay initialised.
        unsafe { core::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

#[cfg(feature = "std")]
impl<T: 'static> Drop for Block<T> {
    fn drop(&mut self) {
        spare::give::<T>(core::mem::take(&mut self.lines));
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
    fn a_block_is_used_again_by_numbers_of_its_type() {
        let mut first = Block::<u32>::zeros(5000);
        first.as_mut_slice().fill(7);
        let address = first.as_slice().as_ptr();
        drop(first);
        assert_ne!(Block::<f32>::any(5000).as_slice().as_ptr(), address.cast());
        assert_eq!(Block::<u32>::zeros(5000).as_slice(), [0; 5000]);
        assert_eq!(Block::<u32>::any(5000).as_slice().len(), 5000);
        let mut taken = Block::<bool>::any(5000);
        assert!(taken.as_mut_slice().iter().all(|&truth| !truth));
        // More than is kept.
        let many: Vec<_> = (0..40).map(|_| Block::<u8>::any(1 << 20)).collect();
        drop(many);
        assert_eq!(Block::<u8>::any(1 << 20).as_slice().len(), 1 << 20);
    }

    #[test]
    #[should_panic(expected = "more than memory can hold")]
    fn a_block_larger_than_memory_is_refused() {
        Block::<f64>::zeros(usize::MAX / 4);
    }
}
