//! A function of one or two numbers, applied to slices.
//!
//! The function is a value of a type that implements [`UnaryMap`] or [`BinaryMap`]; what it computes is written for a register
//! and used for every instruction set and length. Here belong the loops; the functions are in [`crate::kernel::math`] and in
//! the operations that are built of them.
//!
//! ```
//! use nanotorch::kernel::map::{UnaryMap, map};
//! use nanotorch::simd::{Simd, Vector, WithSimd, dispatch};
//!
//! #[derive(Clone, Copy)]
//! struct Square;
//! impl<T: nanotorch::element::Float> UnaryMap<T> for Square {
//!     #[inline(always)]
//!     fn apply<V: Vector<Scalar = T>>(self, x: V) -> V {
//!         x * x
//!     }
//! }
//!
//! struct SquareAll<'a>(&'a [f32], &'a mut [f32]);
//! impl WithSimd for SquareAll<'_> {
//!     type Output = ();
//!     #[inline(always)]
//!     fn run<S: Simd>(self, simd: S) {
//!         map(simd, Square, self.0, self.1);
//!     }
//! }
//! let mut squares = [0.0; 3];
//! dispatch(SquareAll(&[1.0, 2.0, 3.0], &mut squares));
//! assert_eq!(squares, [1.0, 4.0, 9.0]);
//! ```

use super::span::for_each_span;
use crate::element::Float;
use crate::simd::{Simd, Vector, VectorOf, prefetch};
use crate::threads::Threads;

/// A function of one number, lane by lane.
///
/// Mark the implementation `#[inline(always)]`. Lanes behind the end of a slice are 0; their results are dropped.
pub trait UnaryMap<T: Float>: Copy {
    /// The value in each lane.
    fn apply<V: Vector<Scalar = T>>(self, x: V) -> V;
}

/// A function of two numbers, lane by lane.
///
/// Mark the implementation `#[inline(always)]`. Lanes behind the end of a slice are 0; their results are dropped.
pub trait BinaryMap<T: Float>: Copy {
    /// The value in each lane.
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V) -> V;
}

/// Registers to a turn of the loop, for functions of one number, which may be long.
const UNROLL: usize = 2;

/// Results that are so many that the caches near the core don't hold them.
const FAR: usize = 16 * 1024;

/// How far ahead of the loop to ask for the memory that results are written to.
///
/// The machine foresees what is read, but a line that is written is fetched first, too; so much is computed for each register
/// that the next lines aren't asked for early enough. Over a million numbers it saves 0.02 ns of 0.30 a number.
#[inline(always)]
fn ahead<T>(y: &[T]) -> usize {
    if y.len() >= FAR { 2048 / size_of::<T>() } else { 0 }
}

/// `y = f(x)`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn map<S: Simd, T: Float>(simd: S, f: impl UnaryMap<T>, x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len());
    let ahead = ahead(y);
    for_each_span::<VectorOf<S, T>, UNROLL>(
        y.len(),
        #[inline(always)]
        |span| {
            prefetch(y.as_ptr().wrapping_add(span.start + ahead));
            // SAFETY: spans lie within the common length.
            unsafe { span.store::<VectorOf<S, T>>(f.apply(span.load::<VectorOf<S, T>>(simd, x)), y) }
        },
    );
}

/// `y = f(y)`.
#[inline(always)]
pub fn map_in_place<S: Simd, T: Float>(simd: S, f: impl UnaryMap<T>, y: &mut [T]) {
    for_each_span::<VectorOf<S, T>, UNROLL>(
        y.len(),
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the length.
            unsafe { span.store::<VectorOf<S, T>>(f.apply(span.load::<VectorOf<S, T>>(simd, y)), y) }
        },
    );
}

/// `y += f(x)`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn map_accumulate<S: Simd, T: Float>(simd: S, f: impl UnaryMap<T>, x: &[T], y: &mut [T]) {
    assert_eq!(x.len(), y.len());
    for_each_span::<VectorOf<S, T>, UNROLL>(
        y.len(),
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the common length.
            unsafe {
                let value = f.apply(span.load::<VectorOf<S, T>>(simd, x));
                span.store::<VectorOf<S, T>>(span.load::<VectorOf<S, T>>(simd, y) + value, y);
            }
        },
    );
}

/// `y = f(a, b)`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn zip<S: Simd, T: Float>(simd: S, f: impl BinaryMap<T>, a: &[T], b: &[T], y: &mut [T]) {
    assert_eq!(a.len(), y.len());
    assert_eq!(b.len(), y.len());
    let ahead = ahead(y);
    for_each_span::<VectorOf<S, T>, 1>(
        y.len(),
        #[inline(always)]
        |span| {
            prefetch(y.as_ptr().wrapping_add(span.start + ahead));
            // SAFETY: spans lie within the common length.
            unsafe {
                let value = f.apply(span.load::<VectorOf<S, T>>(simd, a), span.load(simd, b));
                span.store::<VectorOf<S, T>>(value, y);
            }
        },
    );
}

/// `y = f(a, y)`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn zip_in_place<S: Simd, T: Float>(simd: S, f: impl BinaryMap<T>, a: &[T], y: &mut [T]) {
    assert_eq!(a.len(), y.len());
    for_each_span::<VectorOf<S, T>, 1>(
        y.len(),
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the common length.
            unsafe {
                let value = f.apply(span.load::<VectorOf<S, T>>(simd, a), span.load(simd, y));
                span.store::<VectorOf<S, T>>(value, y);
            }
        },
    );
}

/// `y += f(a, b)`.
/// # Panics
/// The lengths differ.
#[inline(always)]
pub fn zip_accumulate<S: Simd, T: Float>(simd: S, f: impl BinaryMap<T>, a: &[T], b: &[T], y: &mut [T]) {
    assert_eq!(a.len(), y.len());
    assert_eq!(b.len(), y.len());
    for_each_span::<VectorOf<S, T>, 1>(
        y.len(),
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the common length.
            unsafe {
                let value = f.apply(span.load::<VectorOf<S, T>>(simd, a), span.load(simd, b));
                span.store::<VectorOf<S, T>>(span.load::<VectorOf<S, T>>(simd, y) + value, y);
            }
        },
    );
}

/// A function of three numbers, lane by lane.
///
/// Mark the implementation `#[inline(always)]`. Lanes behind the end of a slice are 0; their results are dropped.
pub trait TernaryMap<T: Float>: Copy {
    /// The value in each lane.
    fn apply<V: Vector<Scalar = T>>(self, a: V, b: V, c: V) -> V;
}

/// `y = f(a, b, c)`.
/// # Panics
/// The slices have unequal lengths.
#[inline(always)]
pub fn zip3<S: Simd, T: Float>(simd: S, f: impl TernaryMap<T>, a: &[T], b: &[T], c: &[T], y: &mut [T]) {
    assert_eq!(a.len(), y.len());
    assert_eq!(b.len(), y.len());
    assert_eq!(c.len(), y.len());
    for_each_span::<VectorOf<S, T>, 1>(
        y.len(),
        #[inline(always)]
        |span| {
            // SAFETY: spans lie within the common length.
            unsafe {
                let value =
                    f.apply(span.load::<VectorOf<S, T>>(simd, a), span.load(simd, b), span.load(simd, c));
                span.store(value, y);
            }
        },
    );
}

/// Numbers that are worth handing to another thread.
const LEAST: usize = 32 * 1024;
/// Numbers in a line of the cache, and more: parts begin at multiples of them.
const LINE: usize = 64;

/// Calls `work` with parts of `y`, and where they begin, on several threads where it is long.
#[inline(always)]
fn each_part<S: Simd, T: Float>(
    threads: Threads<'_>,
    simd: S,
    y: &mut [T],
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    // A function, so that it is compiled once, for one thread and for several.
    let part = |start, y: &mut [T]| {
        simd.vectorize(
            #[inline(always)]
            || work(start, y),
        );
    };
    let parts = threads.parts(y.len(), LEAST);
    if parts == 1 { part(0, y) } else { threads.each_part(parts, LINE, y, &part) }
}

/// As [`map`], on several threads where it is long.
#[inline(always)]
pub fn map_on<S: Simd, T: Float>(
    threads: Threads<'_>,
    simd: S,
    f: impl UnaryMap<T> + Sync,
    x: &[T],
    y: &mut [T],
) {
    assert_eq!(x.len(), y.len());
    each_part(
        threads,
        simd,
        y,
        #[inline(always)]
        |start, y| map(simd, f, &x[start..][..y.len()], y),
    );
}

/// As [`map_in_place`], on several threads where it is long.
#[inline(always)]
pub fn map_in_place_on<S: Simd, T: Float>(
    threads: Threads<'_>,
    simd: S,
    f: impl UnaryMap<T> + Sync,
    y: &mut [T],
) {
    each_part(
        threads,
        simd,
        y,
        #[inline(always)]
        |_, y| map_in_place(simd, f, y),
    );
}

/// As [`zip`], on several threads where it is long.
#[inline(always)]
pub fn zip_on<S: Simd, T: Float>(
    threads: Threads<'_>,
    simd: S,
    f: impl BinaryMap<T> + Sync,
    a: &[T],
    b: &[T],
    y: &mut [T],
) {
    assert_eq!(a.len(), y.len());
    assert_eq!(b.len(), y.len());
    each_part(
        threads,
        simd,
        y,
        #[inline(always)]
        |start, y| zip(simd, f, &a[start..][..y.len()], &b[start..][..y.len()], y),
    );
}

/// As [`zip_in_place`], on several threads where it is long.
#[inline(always)]
pub fn zip_in_place_on<S: Simd, T: Float>(
    threads: Threads<'_>,
    simd: S,
    f: impl BinaryMap<T> + Sync,
    a: &[T],
    y: &mut [T],
) {
    assert_eq!(a.len(), y.len());
    each_part(
        threads,
        simd,
        y,
        #[inline(always)]
        |start, y| zip_in_place(simd, f, &a[start..][..y.len()], y),
    );
}
