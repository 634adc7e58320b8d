//! Where the factors come from: matrices in memory, and anything that can fill a panel.

use core::marker::PhantomData;
use core::ops::Range;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::beside::{Lines, Soon};
use super::target::{load, store};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// The order in which a [`Matrix`] lies in memory.
pub trait Layout: Copy + 'static {
    /// The layout of the transposed matrix.
    type Transposed: Layout<Transposed = Self>;
    /// Whether neighbours in a row are neighbours in memory.
    const ROW_MAJOR: bool;
}

/// Element (i, j) stands at `i * leading + j`.
#[derive(Clone, Copy, Debug)]
pub struct RowMajor;
/// Element (i, j) stands at `j * leading + i`.
#[derive(Clone, Copy, Debug)]
pub struct ColumnMajor;

impl Layout for RowMajor {
    type Transposed = ColumnMajor;
    const ROW_MAJOR: bool = true;
}
impl Layout for ColumnMajor {
    type Transposed = RowMajor;
    const ROW_MAJOR: bool = false;
}

/// A matrix in memory: a slice and the distance from one row (or column) to the next.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T, L> {
    numbers: &'a [T],
    leading: usize,
    layout: PhantomData<L>,
}

/// The matrix whose rows start every `leading` numbers.
#[inline(always)]
pub const fn rows<T>(numbers: &[T], leading: usize) -> Matrix<'_, T, RowMajor> {
    Matrix { numbers, leading, layout: PhantomData }
}

/// The matrix whose columns start every `leading` numbers: what `rows` of the same arguments gives, transposed.
#[inline(always)]
pub const fn columns<T>(numbers: &[T], leading: usize) -> Matrix<'_, T, ColumnMajor> {
    Matrix { numbers, leading, layout: PhantomData }
}

impl<'a, T: Float, L: Layout> Matrix<'a, T, L> {
    /// The same memory, read as the transposed matrix.
    #[inline(always)]
    pub const fn transposed(self) -> Matrix<'a, T, L::Transposed> {
        Matrix { numbers: self.numbers, leading: self.leading, layout: PhantomData }
    }
    /// The same matrix, with its layout as a value.
    #[inline(always)]
    pub(super) const fn strided(self) -> Strided<'a, T> {
        let (pointer, length) = (self.numbers.as_ptr(), self.numbers.len());
        Strided { pointer, length, leading: self.leading, row_major: L::ROW_MAJOR, borrow: PhantomData }
    }
    /// The address of the first number.
    #[inline(always)]
    pub(super) const fn pointer(self) -> *const T {
        self.numbers.as_ptr()
    }
    /// From one row to the next in memory.
    #[inline(always)]
    pub(super) const fn row_step(self) -> usize {
        if L::ROW_MAJOR { self.leading } else { 1 }
    }
    /// From one column to the next in memory.
    #[inline(always)]
    pub(super) const fn column_step(self) -> usize {
        if L::ROW_MAJOR { 1 } else { self.leading }
    }
    /// Whether all of `row_count * column_count` elements lie within the slice.
    #[inline(always)]
    pub(super) fn holds(self, row_count: usize, column_count: usize) -> bool {
        self.strided().holds(row_count, column_count)
    }
}

/// A matrix whose layout is known at run time only, so that one function does for all.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a, T> {
    pub(super) pointer: *const T,
    /// Numbers in the slice.
    pub(super) length: usize,
    pub(super) leading: usize,
    pub(super) row_major: bool,
    borrow: PhantomData<&'a [T]>,
}

impl<T: Copy> Strided<'_, T> {
    #[inline(always)]
    pub(super) fn transposed(self) -> Self {
        Strided { row_major: !self.row_major, ..self }
    }
    /// Whether all of `row_count * column_count` elements lie within the slice.
    #[inline(always)]
    pub(super) fn holds(self, row_count: usize, column_count: usize) -> bool {
        let (lines, length) =
            if self.row_major { (row_count, column_count) } else { (column_count, row_count) };
        lines == 0 || length == 0 || (lines - 1) * self.leading + length <= self.length
    }
    /// The matrix without its first rows and columns.
    pub(super) fn from(self, row: usize, column: usize) -> Self {
        let begin = row * self.row_step() + column * self.column_step();
        let length = self.length.saturating_sub(begin);
        Strided { pointer: self.pointer.wrapping_add(begin), length, ..self }
    }
    /// From one row to the next in memory.
    #[inline(always)]
    pub(super) fn row_step(self) -> usize {
        if self.row_major { self.leading } else { 1 }
    }
    /// From one column to the next in memory.
    #[inline(always)]
    pub(super) fn column_step(self) -> usize {
        if self.row_major { 1 } else { self.leading }
    }
    /// The address of an element.
    #[inline(always)]
    pub(super) fn place(self, row: usize, column: usize) -> *const T {
        self.pointer.wrapping_add(row * self.row_step() + column * self.column_step())
    }
}

/// The right factor of a product, K rows (its depth) and N columns, read panel by panel.
impl<T: Float> Strided<'_, T> {
    /// Element (depth.start + p, columns.start + j) goes to `panel[p * width + j]`, and 0 to the rest of each line.
    /// # Safety
    /// `holds(depth.end, columns.end)`; `width` is a multiple of the lanes and at least the number of columns; `panel` is
    /// valid for writing `depth.len() * width` numbers.
    #[inline(always)]
    pub(super) unsafe fn fill<S: Simd>(
        self,
        simd: S,
        depth: Range<usize>,
        columns: Range<usize>,
        width: usize,
        panel: *mut T,
    ) {
        Fill { source: self, depth, columns, width, panel, borrow: PhantomData }.call(simd);
    }

    /// Where element (0, 0) stands, and the distance from one row to the next, if neighbours in a row are neighbours in
    /// memory: then a part may be read where it is.
    #[inline(always)]
    pub(super) fn in_place(self) -> Option<(*const T, usize)> {
        self.row_major.then_some((self.pointer, self.leading))
    }

    /// The lines of a part, to be copied as by `fill`, if neighbours in a row are neighbours in memory.
    #[inline(always)]
    pub(super) fn lines(
        self,
        depth: Range<usize>,
        columns: Range<usize>,
        width: usize,
        to: *mut T,
    ) -> Lines<T> {
        let from = self.place(depth.start, columns.start);
        Lines { from, leading: self.leading, to, count: depth.len(), columns: columns.len(), width }
    }

    /// The memory of a part that is to be filled soon: the first line, and from one to the next; how many, how long.
    #[inline(always)]
    pub(super) fn soon(self, depth: Range<usize>, columns: Range<usize>) -> Soon<T> {
        let (lines, length) =
            if self.row_major { (depth.len(), columns.len()) } else { (columns.len(), depth.len()) };
        Soon {
            pointer: self.place(depth.start, columns.start),
            leading: self.leading,
            lines,
            length,
            offset: 0,
        }
    }
}

/// A part of the right factor of a product, copied so that a strip walks through it line by line: element
/// (depth.start + p, columns.start + j) goes to `panel[p * width + j]`, and 0 to the rest of each line.
pub(super) struct Fill<'a, T> {
    pub(super) source: Strided<'a, T>,
    pub(super) depth: Range<usize>,
    pub(super) columns: Range<usize>,
    /// A multiple of the lanes, and at least the number of columns.
    pub(super) width: usize,
    pub(super) panel: *mut T,
    /// The source has the elements, and the panel `depth.len() * width` numbers, as long as it lives.
    pub(super) borrow: PhantomData<&'a mut T>,
}

compiled!(Fill);

impl<T: Float> WithSimd for Fill<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let from = self.source.place(self.depth.start, self.columns.start);
        let (lines, count, leading) = (self.depth.len(), self.columns.len(), self.source.leading);
        // SAFETY: who made it has seen to it that the elements and the panel are there.
        unsafe {
            if self.source.row_major {
                copy(simd, from, leading, lines, count, self.width, self.panel);
            } else {
                transpose(simd, from, leading, lines, count, self.width, self.panel);
            }
        }
    }
}

/// Lines of `count` numbers, `leading` apart, become lines of `width`, filled up with 0.
/// # Safety
/// `source` is valid for reading those lines, `panel` for writing them; `count <= width`, a multiple of the lanes.
#[inline(always)]
unsafe fn copy<S: Simd, T: Float>(
    simd: S,
    source: *const T,
    leading: usize,
    lines: usize,
    count: usize,
    width: usize,
    panel: *mut T,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    if count == width {
        // SAFETY: the caller's promise.
        unsafe {
            match width / lanes {
                1 => return copy_whole::<S, T, 1>(simd, source, leading, lines, panel),
                2 => return copy_whole::<S, T, 2>(simd, source, leading, lines, panel),
                3 => return copy_whole::<S, T, 3>(simd, source, leading, lines, panel),
                _ => {}
            }
        }
    }
    for line in 0..lines {
        for start in (0..width).step_by(lanes) {
            let left = count.saturating_sub(start);
            // SAFETY: each vector lies within its line, or only its first `left` lanes are read.
            unsafe {
                let from = source.wrapping_add(line * leading + start);
                let vector = if left >= lanes {
                    VectorOf::<S, T>::load_pointer(simd, from)
                } else {
                    VectorOf::<S, T>::load_partial_pointer(simd, from, left, zero)
                };
                vector.store_pointer(panel.add(line * width + start));
            }
        }
    }
}

/// Lines of V vectors, `leading` apart, become lines without a gap.
/// # Safety
/// `source` is valid for reading those lines, `panel` for writing them.
#[inline(always)]
unsafe fn copy_whole<S: Simd, T: Float, const V: usize>(
    simd: S,
    source: *const T,
    leading: usize,
    lines: usize,
    panel: *mut T,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let (mut from, mut to) = (source, panel);
    for _ in 0..lines {
        for v in 0..V {
            // SAFETY: the caller's promise.
            unsafe {
                VectorOf::<S, T>::load_pointer(simd, from.add(v * lanes)).store_pointer(to.add(v * lanes))
            };
        }
        from = from.wrapping_add(leading);
        to = to.wrapping_add(V * lanes);
    }
}

/// `count` lines of `lines` numbers, `leading` apart, become columns: number p of line j goes to `panel[p * width + j]`, and 0
/// to the columns from `count` to `width`.
/// # Safety
/// `source` is valid for reading those lines, `panel` for writing `lines * width` numbers; `count <= width`, a multiple of
/// the lanes.
#[inline(always)]
pub(in crate::kernel) unsafe fn transpose<S: Simd, T: Float>(
    simd: S,
    source: *const T,
    leading: usize,
    lines: usize,
    count: usize,
    width: usize,
    panel: *mut T,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    for start in (0..width).step_by(lanes) {
        let valid = count.saturating_sub(start).min(lanes);
        let mut first = 0;
        while first < lines {
            let deep = (lines - first).min(lanes);
            // SAFETY: row i < valid is line start + i of the source, of which numbers first .. first + deep are read; the
            // transposed block is written to lines first .. first + deep of the panel.
            unsafe {
                let corner = source.wrapping_add(start * leading + first);
                let block = if valid == lanes && deep == lanes {
                    GenericArray::generate(
                        #[inline(always)]
                        |i| VectorOf::<S, T>::load_pointer(simd, corner.add(i * leading)),
                    )
                } else {
                    GenericArray::generate(
                        #[inline(always)]
                        |i| {
                            let count = if i < valid { deep } else { 0 };
                            let from = corner.wrapping_add(i * leading);
                            VectorOf::<S, T>::load_partial_pointer(simd, from, count, zero)
                        },
                    )
                };
                let block = VectorOf::<S, T>::transpose(block);
                if deep == lanes {
                    for i in 0..lanes {
                        block[i].store_pointer(panel.add((first + i) * width + start));
                    }
                } else {
                    for i in 0..lanes {
                        if i < deep {
                            block[i].store_pointer(panel.add((first + i) * width + start));
                        }
                    }
                }
            }
            first += lanes;
        }
    }
}

/// Rows of the left factor, copied so that for each step of the depth the numbers of a tile's rows stand together: number p of
/// row r of a tile goes to `p * tile + r` of its `depth * tile` numbers. What would be rows beyond the last is left as it is.
pub(super) struct Interleave<'a, T> {
    /// The first number of the first row, which are `leading` apart.
    pub(super) source: *const T,
    pub(super) leading: usize,
    pub(super) rows: usize,
    pub(super) depth: usize,
    /// Rows of a tile.
    pub(super) tile: usize,
    pub(super) room: *mut T,
    /// The source has the rows, and the room as many in full tiles, as long as it lives.
    pub(super) borrow: PhantomData<&'a mut T>,
}

compiled!(Interleave);

impl<T: Float> WithSimd for Interleave<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Interleave { source, leading, rows, depth, tile, room, .. } = self;
        let lanes = VectorOf::<S, T>::LANES;
        for first in (0..rows).step_by(tile) {
            let valid = (rows - first).min(tile);
            for start in (0..valid).step_by(lanes) {
                let count = (valid - start).min(lanes);
                for begin in (0..depth).step_by(lanes) {
                    let deep = (depth - begin).min(lanes);
                    // SAFETY: row i < count of the block is row first + start + i, of which numbers begin .. begin + deep are
                    // read; they go to the room of their tile.
                    unsafe {
                        let corner = source.wrapping_add((first + start) * leading + begin);
                        let block = GenericArray::generate(
                            #[inline(always)]
                            |i| {
                                if i < count {
                                    load(simd, corner.wrapping_add(i * leading), deep)
                                } else {
                                    VectorOf::<S, T>::zero(simd)
                                }
                            },
                        );
                        let block = VectorOf::<S, T>::transpose(block);
                        let to = room.wrapping_add(first * depth + begin * tile + start);
                        for i in 0..lanes {
                            if i < deep {
                                store(block[i], to.wrapping_add(i * tile), count);
                            }
                        }
                    }
                }
            }
        }
    }
}
