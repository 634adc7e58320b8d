//! A strip of the product, as wide as a tile: tile after tile, all with the same panel of the right factor.

use core::hint::black_box;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::beside::{Beside, CHUNK, EVERY, Lines, Soon, Stream};
use super::part::Part;
use super::target::{Ends, Target};
use super::tile::{Left, Right, add_products, has_beside, tile_height, tile_rows};
use crate::element::Float;
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

/// All sums of a strip. By reference: a strip is long, and would be copied by each function that it passes.
pub(super) struct Sums<'a, T>(pub(super) &'a Strip<'a, T>);

compiled!(Sums);

impl<T: Float> WithSimd for Sums<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        // SAFETY: who made the strip has seen to it that all holds the place and the depth.
        unsafe { self.0.tiles(simd) }
    }
}

/// Rows of the largest tile, with any instruction set.
const MOST_ROWS: usize = 8;
/// Lines that are copied beside a tile, at least.
const LEAST: usize = 32;
/// Vectors of sums of the largest tile.
const MOST_SUMS: usize = 24;
/// The depth from which on the product's elements are asked for before the sums are taken, so that they are near when needed.
const PREFETCH: usize = 128;

/// A tile of a strip.
#[derive(Clone, Copy)]
struct Tile<'a, T> {
    /// Where the left factor's rows begin, and each of them behind it.
    left: *const T,
    offsets: &'a [usize; MOST_ROWS],
    ends: Ends<T>,
}

impl<T: Float> Strip<'_, T> {
    /// All tiles; the last may be of half the rows, and have rows that aren't stored.
    /// # Safety
    /// As of `run`.
    #[inline(always)]
    unsafe fn tiles<S: Simd>(&self, simd: S) {
        let (lanes, full) = (VectorOf::<S, T>::LANES, const { tile_rows::<S>() });
        let Place { rows: all, columns, .. } = self.place;
        let width = self.vectors * lanes;
        let adds = self.target.accumulate == Accumulate::Add;
        // Whether the sums of a tile with all its rows stand in the product as they do in registers.
        let plain = !self.transposed && columns == width && (!adds || self.target.bias.is_null());
        let mut sums = [MaybeUninit::<VectorOf<S, T>>::uninit(); MOST_SUMS];
        let room: *mut VectorOf<S, T> = sums.as_mut_ptr().cast();
        let mut offsets = self.offsets(full);
        // Tiles beside which something can be done, one after the other.
        let tiles = if has_beside::<S, T>(full, self.vectors) { all / full } else { 0 };
        let keeps = tiles > 0 && self.own.count > 0 && self.own.columns == width;
        if !keeps {
            // SAFETY: the caller's promise.
            unsafe { self.own.copy(simd, (0, 0)) };
        }
        // Whole vectors of the next panel are copied beside the tiles, a part of one beside each; what they leave, behind them.
        let copies = self.next.columns / lanes;
        // What is asked for at first.
        let asked = if self.next.count > 0 { self.soon.lines.div_ceil(self.depth / CHUNK + 1) } else { 0 };
        let first_copy = (usize::from(keeps) + asked).min(tiles);
        let spare = tiles - first_copy;
        let parts = spare.checked_div(copies).unwrap_or(0).max(1);
        let part = self.next.count.div_ceil(parts).max(LEAST).min(self.depth / EVERY);
        let mut copied = (0, 0);
        let mut beside = Beside { stream: Stream::Nothing, soon: self.soon, product: Soon::NOTHING };
        let mut number = 0;
        let mut direct = self.direct();
        let busy = keeps || copies > 0 || self.soon.lines > 0 || self.asks;
        let mut left = self.left.pointer;
        let mut row = 0;
        while row < all {
            let rows = (all - row).min(full);
            if rows < full {
                offsets = self.offsets(rows);
            }
            let height = tile_height::<S, T>(rows, self.vectors);
            let whole = plain && rows == height;
            if busy {
                beside.stream = if number == 0 && keeps {
                    self.own.kept(lanes)
                } else if (first_copy..tiles).contains(&number) && copied.0 < copies {
                    let (vector, line) = copied;
                    let count = part.min(self.next.count - line);
                    copied =
                        if line + count < self.next.count { (vector, line + count) } else { (vector + 1, 0) };
                    Stream::Copies(self.next.vector(vector * lanes, line), count)
                } else {
                    Stream::Nothing
                };
                beside.product = self.product(row + full, (full, width));
                number += 1;
            }
            // SAFETY: the caller's promise; there is room for the sums of any tile.
            unsafe {
                let ends = if whole { direct } else { self.part(row, rows).begin(simd, room) };
                self.tile(simd, height, Tile { left, offsets: &offsets, ends }, &mut beside);
                if !whole {
                    self.part(row, rows).put(simd, room);
                }
            }
            direct.from = direct.from.wrapping_add(full * direct.from_step);
            direct.to = direct.to.wrapping_add(full * direct.to_step);
            row += rows;
            left = left.wrapping_add(self.left.tile_step);
        }
        // SAFETY: the caller's promise.
        unsafe { self.next.copy(simd, copied) };
    }

    /// Where the rows of a tile begin behind the first; rows beyond the last are read as the last, and not stored.
    ///
    /// From the address of one row the compiler would compute the others', step by step in each turn of the loop, on the very
    /// ports that multiply. By way of memory, once a strip, the addresses have nothing to do with each other.
    #[inline(always)]
    fn offsets(&self, rows: usize) -> [usize; MOST_ROWS] {
        let mut offsets = [0; MOST_ROWS];
        for (row, offset) in offsets.iter_mut().enumerate() {
            *offset = row.min(rows - 1) * self.left.row_step;
        }
        black_box(offsets)
    }

    /// The product's elements of the tile from `row` of the place on, or of the next strip's first one, where they may be far,
    /// to be asked for.
    #[inline(always)]
    fn product(&self, row: usize, (height, width): (usize, usize)) -> Soon<T> {
        if !self.asks || self.depth < PREFETCH {
            return Soon::NOTHING;
        }
        let Place { row: first, rows, column, columns } = self.place;
        let (row, column) = if row < rows { (first + row, column) } else { (first, column + columns) };
        let (pointer, lines, length) = if self.transposed {
            (self.target.place(column, row), columns, height)
        } else {
            (self.target.place(row, column), height, width)
        };
        Soon { pointer, leading: self.target.leading, lines, length, offset: 0 }
    }

    /// A tile of which not all sums are in the product, or not as they stand in registers.
    #[inline(always)]
    fn part(&self, row: usize, rows: usize) -> Part<T> {
        let place = Place { row: self.place.row + row, rows, ..self.place };
        Part { target: self.target, transposed: self.transposed, place, vectors: self.vectors }
    }

    /// Of the first tile: from the product to the product; or from the bias, of which each row is the same.
    #[inline(always)]
    fn direct(&self) -> Ends<T> {
        let Target { leading, accumulate, bias, .. } = self.target;
        let to = self.target.place(self.place.row, self.place.column);
        let (from, from_step) = if accumulate == Accumulate::Add {
            (to.cast_const(), leading)
        } else if bias.is_null() {
            (bias, 0)
        } else {
            (bias.wrapping_add(self.place.column), 0)
        };
        Ends { from, from_step, to, to_step: leading }
    }

    /// The tile of that height.
    /// # Safety
    /// As of `run`; the tile's ends are those of the sums.
    #[inline(always)]
    unsafe fn tile<S: Simd>(&self, simd: S, height: usize, tile: Tile<'_, T>, beside: &mut Beside<T>) {
        let vectors = self.vectors;
        // SAFETY: the caller's promise.
        unsafe {
            if const { VectorOf::<S, T>::LANES == 1 } {
                self.tile_of::<S, 6, 2>(simd, tile, beside);
            } else if const { tile_rows::<S>() == 8 } {
                match (height, vectors) {
                    (8, 3) => self.tile_of::<S, 8, 3>(simd, tile, beside),
                    (8, 2) => self.tile_of::<S, 8, 2>(simd, tile, beside),
                    (_, 3) => self.tile_of::<S, 4, 3>(simd, tile, beside),
                    (_, 2) => self.tile_of::<S, 4, 2>(simd, tile, beside),
                    _ => self.tile_of::<S, 8, 1>(simd, tile, beside),
                }
            } else {
                match (height, vectors) {
                    (6, 2) => self.tile_of::<S, 6, 2>(simd, tile, beside),
                    (_, 2) => self.tile_of::<S, 3, 2>(simd, tile, beside),
                    _ => self.tile_of::<S, 6, 1>(simd, tile, beside),
                }
            }
        }
    }

    /// The tile of R rows of V vectors.
    /// # Safety
    /// As of `tile`.
    #[inline(always)]
    unsafe fn tile_of<S: Simd, const R: usize, const V: usize>(
        &self,
        simd: S,
        tile: Tile<'_, T>,
        beside: &mut Beside<T>,
    ) {
        let mut rows = [tile.left; R];
        let mut r = 0;
        while r < R {
            rows[r] = tile.left.wrapping_add(tile.offsets[r]);
            r += 1;
        }
        let left = Left { rows, depth_step: self.left.depth_step };
        let right = Right { pointer: self.right, depth_step: self.right_step, last: VectorOf::<S, T>::LANES };
        // SAFETY: the caller's promise.
        unsafe { add_products::<S, T, R, V>(simd, self.depth, left, right, tile.ends, beside) };
    }
}
