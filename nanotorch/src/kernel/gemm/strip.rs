//! A strip of the product, as wide as a tile: tile after tile, all with the same panel of the right factor.

use core::hint::black_box;
use core::marker::PhantomData;

use generic_array::GenericArray;
use generic_array::sequence::GenericSequence;

use super::beside::{Beside, CHUNK, Lines, Soon};
use super::target::{Target, store};
use super::tile::{Left, Right, products_beside, tile_rows, tile_vectors};
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::kernel::Accumulate;
use crate::kernel::compiled::compiled;
use crate::simd::{Simd, Vector, VectorOf, WithSimd};

/// The left factor of a strip.
#[derive(Clone, Copy)]
pub(super) struct Rows<T> {
    pub(super) pointer: *const T,
    /// From one row to the next, within a tile.
    pub(super) row_step: usize,
    /// From one step of the depth to the next.
    pub(super) depth_step: usize,
    /// From one full tile to the next.
    pub(super) tile_step: usize,
    /// Whether they are a copy, in which the rows of one tile stand together, in as much room as a full tile needs.
    pub(super) copied: bool,
}

/// A rectangle of the product, in the order of the tiles: rows are those of the left factor.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) column: usize,
    pub(super) columns: usize,
}

/// Sums of `depth` products for each element of a place that is `vectors` wide, into the target.
pub(super) struct Strip<'a, T> {
    pub(super) depth: usize,
    pub(super) left: Rows<T>,
    /// The right factor: so many whole vectors for each step of the depth, which are so far apart.
    pub(super) right: *const T,
    pub(super) right_step: usize,
    pub(super) vectors: usize,
    pub(super) place: Place,
    pub(super) target: Target<T>,
    /// Whether the place's rows are columns of the product.
    pub(super) transposed: bool,
    /// Whether the product's elements are asked for before they are needed.
    pub(super) asks: bool,
    /// What is still to be copied to where the right factor is read.
    pub(super) own: Lines<T>,
    /// What is copied meanwhile for the next strip.
    pub(super) next: Lines<T>,
    /// What is asked for meanwhile.
    pub(super) soon: Soon<T>,
    /// The factors, the target and its bias hold the place and the depth as long as it lives.
    pub(super) borrow: PhantomData<&'a mut T>,
}

compiled!(Strip);

impl<T: Float> WithSimd for Strip<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // SAFETY: who made the strip has seen to it that all holds the place and the depth.
        unsafe {
            match self.vectors {
                1 => self.of_width::<S, 1>(simd),
                3 if const { tile_vectors::<S>() == 3 } => self.of_width::<S, 3>(simd),
                _ => self.of_width::<S, 2>(simd),
            }
        }
    }
}

/// Rows of the largest tile, with any instruction set.
const MOST_ROWS: usize = 8;

/// Whether the step of the depth is that of a copy.
const fn is_copied<D: Extent>() -> bool {
    matches!(D::KNOWN, Some(2..))
}

/// The depth from which on the product's elements are asked for before the sums are taken, so that they are near when needed.
const PREFETCH: usize = 32;

impl<T: Float> Strip<'_, T> {
    /// All tiles, with the step of the depth as a constant where it is one that is often met.
    /// # Safety
    /// As of `run`.
    #[inline(always)]
    unsafe fn of_width<S: Simd, const V: usize>(&self, simd: S) {
        // SAFETY: the caller's promise.
        unsafe {
            match (self.left.copied, self.left.depth_step) {
                (true, _) if const { tile_rows::<S>() == 8 } => self.tiles::<S, _, V>(simd, Const::<8>),
                (true, _) => self.tiles::<S, _, V>(simd, Const::<6>),
                (false, 1) => self.tiles::<S, _, V>(simd, Const::<1>),
                (false, step) => self.tiles::<S, _, V>(simd, step),
            }
        }
    }

    /// All tiles; the last may be of half the rows, and have rows that aren't stored.
    /// # Safety
    /// As of `run`.
    #[inline(always)]
    unsafe fn tiles<S: Simd, D: Extent, const V: usize>(&self, simd: S, depth_step: D) {
        let full = const { tile_rows::<S>() };
        let mut row = 0;
        let mut pointer = self.left.pointer;
        let mut offsets = self.offsets::<D>(full);
        let tiles = self.place.rows.div_ceil(full).saturating_sub(usize::from(self.own.count > 0));
        // So that all is copied with the last tile, if the depth is long enough.
        let at_once = CHUNK.div_ceil(tiles.max(1));
        let next = Beside { lines: self.next, at_once, own: false, soon: self.soon, product: Soon::NOTHING };
        let mut beside = if self.own.count > 0 {
            Beside { lines: self.own, at_once: CHUNK, own: true, soon: Soon::NOTHING, product: Soon::NOTHING }
        } else {
            next
        };
        while row < self.place.rows {
            let rows = (self.place.rows - row).min(full);
            if rows < full {
                offsets = self.offsets::<D>(rows);
            }
            let left = (pointer, &offsets, depth_step);
            beside.product = self.product(row, rows, V * VectorOf::<S, T>::LANES);
            // SAFETY: the caller's promise.
            unsafe {
                if 2 * rows > full {
                    match const { tile_rows::<S>() } {
                        8 => self.tile::<S, D, 8, V>(simd, row, rows, left, &mut beside),
                        _ => self.tile::<S, D, 6, V>(simd, row, rows, left, &mut beside),
                    }
                } else {
                    match const { tile_rows::<S>() } {
                        8 => self.tile::<S, D, 4, V>(simd, row, rows, left, &mut beside),
                        _ => self.tile::<S, D, 3, V>(simd, row, rows, left, &mut beside),
                    }
                }
            }
            if beside.own {
                beside = next;
            }
            row += rows;
            pointer = pointer.wrapping_add(self.left.tile_step);
        }
        // SAFETY: the caller's promise.
        unsafe { beside.lines.copy(simd, usize::MAX) };
    }

    /// Where the rows of a tile begin behind the first.
    ///
    /// From the address of one row the compiler would compute the others', step by step in each turn of the loop, on the very
    /// ports that multiply. By way of memory, once a strip, the addresses have nothing to do with each other. Of a copy, which
    /// has its rows side by side, one address does for all.
    #[inline(always)]
    fn offsets<D: Extent>(&self, rows: usize) -> [usize; MOST_ROWS] {
        if const { is_copied::<D>() } {
            // Rows beyond the last are what is left in the room.
            return core::array::from_fn(|r| r);
        }
        // Rows beyond the last are read as the last, and not stored.
        black_box(core::array::from_fn(|r| r.min(rows - 1) * self.left.row_step))
    }

    /// The product's elements, where they may be far, to be asked for.
    #[inline(always)]
    fn product(&self, row: usize, rows: usize, width: usize) -> Soon<T> {
        if !self.asks || self.depth < PREFETCH {
            return Soon::NOTHING;
        }
        let row = self.place.row + row;
        let (pointer, lines, length) = if self.transposed {
            (self.target.place(self.place.column, row), self.place.columns, rows)
        } else {
            (self.target.place(row, self.place.column), rows, width)
        };
        Soon { pointer, leading: self.target.leading, lines, length, offset: 0 }
    }

    /// The tile of `rows` rows that starts at `row` of the place, the left factor's at `pointer`.
    /// # Safety
    /// As of `run`; `0 < rows <= R`.
    #[inline(always)]
    unsafe fn tile<S: Simd, D: Extent, const R: usize, const V: usize>(
        &self,
        simd: S,
        row: usize,
        rows: usize,
        (pointer, offsets, depth_step): (*const T, &[usize; MOST_ROWS], D),
        beside: &mut Beside<T>,
    ) {
        let lanes = VectorOf::<S, T>::LANES;
        let Place { column, columns, .. } = self.place;
        let mut starts = [pointer; R];
        for (start, offset) in starts.iter_mut().zip(offsets) {
            *start = pointer.wrapping_add(*offset);
        }
        let left = Left { rows: starts, depth_step };
        // SAFETY: the caller's promise.
        unsafe {
            let right = Right { pointer: self.right, depth_step: self.right_step, last: lanes };
            let sums = products_beside::<S, T, D, R, V>(simd, self.depth, left, right, beside);
            if self.transposed || rows < R || columns < V * lanes {
                let part = Part { columns, row: self.place.row + row, rows, first: column };
                // Of a copy, so that the sums themselves may stay in registers.
                let copy = sums;
                self.put_part::<S, R>(simd, copy.as_ptr().cast(), V, part);
                return;
            }
            let target = self.target;
            let first = target.place(self.place.row + row, column);
            let adds = target.accumulate == Accumulate::Add;
            if !adds && target.bias.is_null() {
                for (r, sums) in sums.into_iter().enumerate() {
                    for (v, sum) in sums.into_iter().enumerate() {
                        sum.store_pointer(first.wrapping_add(r * target.leading + v * lanes));
                    }
                }
                return;
            }
            let mut bias = [VectorOf::<S, T>::splat(simd, -T::ZERO); V];
            if !target.bias.is_null() {
                for (v, bias) in bias.iter_mut().enumerate() {
                    *bias = VectorOf::<S, T>::load_pointer(simd, target.bias.add(column + v * lanes));
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (v, mut sum) in sums.into_iter().enumerate() {
                    let place = first.wrapping_add(r * target.leading + v * lanes);
                    if adds {
                        sum = VectorOf::<S, T>::load_pointer(simd, place) + sum;
                    }
                    (sum + bias[v]).store_pointer(place);
                }
            }
        }
    }

    /// Sums of which not all are stored, or not as they lie: by way of memory, so that one function does for all widths.
    /// # Safety
    /// As of `run`; `sums` are R rows of `vectors` vectors.
    #[inline(always)]
    unsafe fn put_part<S: Simd, const R: usize>(
        &self,
        simd: S,
        sums: *const VectorOf<S, T>,
        vectors: usize,
        part: Part,
    ) {
        let (lanes, target) = (VectorOf::<S, T>::LANES, self.target);
        simd.vectorize(
            #[inline(always)]
            || {
                // SAFETY: the caller's promise.
                unsafe {
                    for v in 0..part.columns.div_ceil(lanes) {
                        let count = (part.columns - v * lanes).min(lanes);
                        let column = part.first + v * lanes;
                        if self.transposed {
                            let place = (column, part.row);
                            put_columns::<S, T, R>(
                                simd,
                                (sums.add(v), vectors),
                                part.rows,
                                target,
                                place,
                                count,
                            );
                        } else {
                            for r in 0..part.rows {
                                target.put(simd, part.row + r, column, count, *sums.add(r * vectors + v));
                            }
                        }
                    }
                }
            },
        );
    }
}

/// The part of a tile's sums that is stored.
#[derive(Clone, Copy)]
struct Part {
    row: usize,
    rows: usize,
    first: usize,
    columns: usize,
}

/// Vectors, `step` apart, that are columns of the product: `rows` of R, `count` lanes of each, from the element (row, column) on.
/// # Safety
/// There are R vectors, and the product has those elements.
#[inline(always)]
unsafe fn put_columns<S: Simd, T: Float, const R: usize>(
    simd: S,
    (sums, step): (*const VectorOf<S, T>, usize),
    rows: usize,
    target: Target<T>,
    (row, column): (usize, usize),
    count: usize,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let zero = VectorOf::<S, T>::zero(simd);
    let mut first = 0;
    while first < rows {
        let block = GenericArray::generate(
            #[inline(always)]
            // SAFETY: R rows lie `step` vectors apart.
            |i| if first + i < R { unsafe { *sums.add((first + i) * step) } } else { zero },
        );
        let block = VectorOf::<S, T>::transpose(block);
        let width = (rows - first).min(lanes);
        for (i, &lanes) in block.iter().take(count).enumerate() {
            // SAFETY: the caller's promise.
            unsafe {
                let lanes = target.finish(simd, row + i, column + first, width, lanes);
                store(lanes, target.place(row + i, column + first), width);
            }
        }
        first += lanes;
    }
}
