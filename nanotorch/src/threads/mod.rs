//! Who works on a large kernel: the calling thread alone, or with it those of a [`Pool`].
//!
//! A kernel cuts its outputs into parts, never its sums: so the numbers are the same, bit for bit, whatever the number of
//! threads. What is too small is not cut, as handing a part over costs about as much as a thousand additions.
//!
//! Here belong threads and the cutting of lengths. What is in a part is the business of [`crate::kernel`].

use core::marker::PhantomData;
use core::ops::Range;

use crate::element::Float;

#[cfg(feature = "std")]
mod pool;
#[cfg(feature = "std")]
pub use pool::Pool;

/// The most threads that work together.
pub const MOST: usize = 32;

/// The threads that a kernel may use: a copy of a reference. Without `std` there is one thread only, and this is nothing.
///
/// ```
/// use nanotorch::threads::{Pool, Threads};
///
/// let pool = Pool::new(2);
/// let threads = Threads::of(&pool);
/// let mut numbers = [1, 2, 3, 4];
/// let (left, right) = numbers.split_at_mut(2);
/// threads.each([left, right], |part| part.iter_mut().for_each(|number| *number *= 10));
/// assert_eq!(numbers, [10, 20, 30, 40]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Threads<'a> {
    #[cfg(feature = "std")]
    pool: Option<&'a Pool>,
    pool_lifetime: PhantomData<&'a ()>,
}

impl<'a> Threads<'a> {
    /// The calling thread alone.
    pub const ALONE: Self = Self {
        #[cfg(feature = "std")]
        pool: None,
        pool_lifetime: PhantomData,
    };

    /// The calling thread and those of `pool`.
    #[cfg(feature = "std")]
    pub fn of(pool: &'a Pool) -> Self {
        Self { pool: Some(pool), ..Self::ALONE }
    }

    /// How many threads there are, at least 1.
    #[inline(always)]
    pub fn count(self) -> usize {
        #[cfg(feature = "std")]
        if let Some(pool) = self.pool {
            return pool.count();
        }
        1
    }

    /// Into how many parts to cut `units` of work, of which a part is to have at least `least`: at most one a thread, at
    /// least one.
    #[inline(always)]
    pub fn parts(self, units: usize, least: usize) -> usize {
        let count = self.count();
        if count == 1 { 1 } else { count.min(units / least.max(1)).max(1) }
    }

    /// Calls `work` with each of the parts, at most [`MOST`], on as many threads, and returns when all are done.
    ///
    /// # Panics
    /// A part panicked (the others are finished all the same), or there are too many parts.
    #[inline]
    pub fn each<P: Send>(self, parts: impl IntoIterator<Item = P>, work: impl Fn(P) + Sync) {
        #[cfg(feature = "std")]
        if let Some(pool) = self.pool {
            return pool.each(parts, work);
        }
        for part in parts {
            work(part);
        }
    }
}

impl Threads<'_> {
    /// Cuts `numbers` into `parts` of multiples of `multiple`, and calls `work` with each of them, on as many threads, and where
    /// it begins.
    // One function for all that is done with parts: only they themselves are compiled for each.
    #[inline(never)]
    pub fn each_part<T: Send>(
        self,
        parts: usize,
        multiple: usize,
        numbers: &mut [T],
        work: &(dyn Fn(usize, &mut [T]) + Sync),
    ) {
        let each = chunk(numbers.len(), parts, multiple);
        self.each(numbers.chunks_mut(each).enumerate(), |(index, numbers)| work(index * each, numbers));
    }
}

/// Room to work for the parts of a kernel that other threads work on, as long as it is borrowed.
pub struct Spare<'a> {
    #[cfg(feature = "std")]
    memory: Option<(std::sync::MutexGuard<'a, std::vec::Vec<u64>>, usize)>,
    pool_lifetime: PhantomData<&'a ()>,
}

impl Spare<'_> {
    /// Numbers in each piece.
    pub fn piece_length<T: Float>(&self) -> usize {
        #[cfg(feature = "std")]
        let words = self.memory.as_ref().map_or(0, |(memory, helpers)| memory.len() / (*helpers).max(1));
        #[cfg(not(feature = "std"))]
        let words = 0;
        words * size_of::<u64>() / size_of::<T>()
    }

    /// A piece of it for each thread but the caller: none where it is in use, or there are no other threads.
    pub fn pieces<T: Float>(&mut self) -> impl Iterator<Item = &mut [T]> {
        #[cfg(feature = "std")]
        let (memory, helpers) =
            self.memory.as_mut().map_or((&mut [][..], 1), |(memory, helpers)| (memory, *helpers));
        #[cfg(not(feature = "std"))]
        let (memory, helpers) = (&mut [][..], 1);
        let each = (memory.len() / helpers.max(1)).max(1);
        memory.chunks_exact_mut(each).map(bytemuck::cast_slice_mut::<u64, T>)
    }
}

impl<'a> Threads<'a> {
    /// Room to work for all threads but the caller.
    pub fn spare(self) -> Spare<'a> {
        Spare {
            #[cfg(feature = "std")]
            memory: self.pool.and_then(|pool| Some((pool.memory()?, pool.count() - 1))),
            pool_lifetime: PhantomData,
        }
    }
}

/// The threads that something at work owns: none but the caller, until it is given others.
#[derive(Debug, Default)]
pub struct Team {
    #[cfg(feature = "std")]
    pool: Option<Pool>,
}

impl Team {
    /// The calling thread alone.
    pub const ALONE: Self = Self {
        #[cfg(feature = "std")]
        pool: None,
    };

    /// The caller and `threads - 1` others, each of those with `bytes` of memory. One thread alone needs no pool.
    #[cfg(feature = "std")]
    pub fn of(threads: usize, bytes: usize) -> Self {
        Self { pool: (threads > 1).then(|| Pool::new(threads).with_memory(bytes)) }
    }

    /// The threads, to be lent to a device.
    #[inline(always)]
    pub fn threads(&self) -> Threads<'_> {
        #[cfg(feature = "std")]
        if let Some(pool) = &self.pool {
            return Threads::of(pool);
        }
        Threads::ALONE
    }
}

/// The length of each of `parts` equal parts of `length`, a multiple of `multiple`; the last may be shorter.
#[inline]
pub fn chunk(length: usize, parts: usize, multiple: usize) -> usize {
    length.div_ceil(parts.max(1)).next_multiple_of(multiple.max(1)).max(1)
}

/// `0..length` cut into `parts` ranges as equal as can be, which begin at multiples of `multiple`; those at the end may be
/// empty.
///
/// ```
/// let ranges: Vec<_> = nanotorch::threads::ranges(100, 3, 16).collect();
/// assert_eq!(ranges, [0..48, 48..96, 96..100]);
/// ```
#[inline]
pub fn ranges(length: usize, parts: usize, multiple: usize) -> impl Iterator<Item = Range<usize>> {
    let each = chunk(length, parts, multiple);
    (0..parts).map(move |part| (part * each).min(length)..((part + 1) * each).min(length))
}

#[cfg(all(test, feature = "std"))]
mod tests;
