//! Where the factors come from: matrices in memory, and anything that can fill a panel.

use core::marker::PhantomData;
use core::ops::Range;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::beside::{Lines, Soon};
use super::target::{load, store};
use crate::element::Float;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, Vector, VectorOf, WithSimd, prefetch};

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
    /// Where element (0, 0) stands, and the distance from one row to the next, if neighbours in a row are neighbours in
    /// memory: then a part may be read where it is.
    #[inline(always)]
    pub(super) fn in_place(self) -> Option<(*const T, usize)> {
        self.row_major.then_some((self.pointer, self.leading))
    }

    /// Whether the lines of the memory begin at lines of the cache.
    #[inline(always)]
    pub(super) fn at_lines(self) -> bool {
        self.pointer.addr().is_multiple_of(64) && (self.leading * size_of::<T>()).is_multiple_of(64)
    }

    /// The lines of a part, to be copied, if neighbours in a row are neighbours in memory.
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

/// A part of the right factor of a product that lies column by column, copied so that a strip walks through it line by line:
/// number p of column j goes to `panel[p * width + j]`, and 0 to the rest of each line.
pub(super) struct Fill<'a, T> {
    /// The first number of the first column, which are `leading` apart.
    pub(super) source: *const T,
    pub(super) leading: usize,
    pub(super) depth: usize,
    pub(super) columns: usize,
    /// A multiple of the lanes, and at least the number of columns.
    pub(super) width: usize,
    pub(super) panel: *mut T,
    /// The source has the elements, and the panel `depth * width` numbers, as long as it lives.
    pub(super) borrow: PhantomData<&'a mut T>,
}

compiled!(Fill);

impl<T: Float> WithSimd for Fill<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Fill { source, leading, depth, columns, width, panel, .. } = self;
        // SAFETY: who made it has seen to it that the elements and the panel are there.
        unsafe { transpose(simd, source, leading, depth, columns, width, panel) };
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
    pub(super) source: Strided<'a, T>,
    pub(super) rows: usize,
    pub(super) depth: usize,
    /// Rows of a tile.
    pub(super) tile: usize,
    pub(super) room: *mut T,
    /// The source has the rows, and the room as many in full tiles, as long as it lives.
    pub(super) borrow: PhantomData<&'a mut T>,
}

compiled!(Interleave);

/// How many rows ahead of what is copied memory is asked for.
const AHEAD: usize = 16;

impl<T: Float> WithSimd for Interleave<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let lanes = VectorOf::<S, T>::LANES;
        let mut first = 0;
        while first < self.rows {
            let valid = (self.rows - first).min(self.tile);
            let to = self.room.wrapping_add(first * self.depth);
            let mut start = 0;
            while start < valid {
                let count = (valid - start).min(lanes);
                // SAFETY: who made it has seen to it that the rows and the room are there.
                unsafe {
                    if self.source.row_major {
                        self.turn(simd, first + start, count, to.wrapping_add(start));
                    } else {
                        self.pick(simd, first + start, count, to.wrapping_add(start));
                    }
                }
                start += lanes;
            }
            first += self.tile;
        }
    }
}

impl<T: Float> Interleave<'_, T> {
    /// `count` rows from `row` on, no more than lanes, of a factor that lies row by row.
    /// # Safety
    /// The rows and their room are there.
    #[inline(always)]
    unsafe fn turn<S: Simd>(&self, simd: S, row: usize, count: usize, to: *mut T) {
        let lanes = VectorOf::<S, T>::LANES;
        let zero = VectorOf::<S, T>::zero(simd);
        let mut begin = 0;
        while begin < self.depth {
            let deep = (self.depth - begin).min(lanes);
            let corner = self.source.place(row, begin);
            let mut block = GenericArray::generate(
                #[inline(always)]
                |_| zero,
            );
            for (i, lanes_of_row) in block.iter_mut().enumerate() {
                if i < count {
                    prefetch(corner.wrapping_add((i + AHEAD) * self.source.leading));
                    // SAFETY: numbers begin .. begin + deep of a row.
                    *lanes_of_row = unsafe { load(simd, corner.wrapping_add(i * self.source.leading), deep) };
                }
            }
            for (i, &numbers) in VectorOf::<S, T>::transpose(block).iter().enumerate() {
                if i < deep {
                    // SAFETY: a step of the depth of the tile's room.
                    unsafe { store(numbers, to.wrapping_add((begin + i) * self.tile), count) };
                }
            }
            begin += lanes;
        }
    }

    /// The same of a factor that lies column by column.
    /// # Safety
    /// As of `turn`.
    #[inline(always)]
    unsafe fn pick<S: Simd>(&self, simd: S, row: usize, count: usize, to: *mut T) {
        let (mut from, mut to) = (self.source.place(row, 0), to);
        // What is stored behind a step's numbers, the next step's take the place of.
        let lanes = VectorOf::<S, T>::LANES;
        let fits = (self.tile..=2 * self.tile).contains(&lanes);
        let whole = if fits { self.depth.saturating_sub(1) } else { 0 };
        for p in 0..self.depth {
            // SAFETY: the caller's promise; behind a step but the last there is room for a tile.
            unsafe {
                let numbers = load(simd, from, count);
                store(numbers, to, if p < whole { lanes } else { count });
            }
            (from, to) = (from.wrapping_add(self.source.leading), to.wrapping_add(self.tile));
        }
    }
}
