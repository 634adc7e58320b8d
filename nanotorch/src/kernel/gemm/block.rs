//! Large products: a panel of the right factor is copied, stays in the cache, and all rows of the left one pass by it.
//!
//! ```text
//! for each block of rows
//!     for each block of the depth
//!         copy the left factor's block, where it is scattered in memory
//!         for each panel (columns of the product)
//!             copy the panel
//!             for each tile of rows: sums += left * panel, in registers
//! ```
//! The blocks of the depth depend on the depth alone, so that a product that is split by rows or columns has the same bits.
//!
//! Copying panels once for several blocks of rows was tried: it saves copies and loses more, as a panel that was copied long
//! ago is no longer near.

use core::ops::Range;
use core::ptr;

use super::Epilogue;
use super::operand::{self, ColumnMajor, Matrix, Panels, RowMajor};
use super::tile::{Far, Left, Place, Right, Step, Target, tile_rows, tiles};
use crate::element::Float;
use crate::extent::{Const, Extent};
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// Vectors in the width of a panel, at most.
const PANEL: usize = 3;
/// Numbers in the depth of a panel, at most.
const DEPTH: usize = 512;
/// Rows that pass by each panel, so that they stay in the second level of the cache meanwhile; a multiple of every tile.
const ROWS: usize = 512;
/// Columns from which on it may pay to copy the left factor, which is read once for each panel.
const COPY_LEFT: usize = 97;
/// The most lanes that a vector has, in any instruction set; as many numbers fill a line of the cache.
const LANES: usize = 16;

/// Numbers of workspace that a blocked product of any number of rows needs, whatever the instruction set.
pub(super) const fn workspace(columns: usize, depth: usize) -> usize {
    let depth = if depth > DEPTH { DEPTH } else { depth };
    let left = if columns >= COPY_LEFT { ROWS * (depth + 2 * LANES) } else { 0 };
    let columns = columns.next_multiple_of(LANES);
    let panel = if columns > PANEL * LANES { PANEL * LANES } else { columns };
    panel * depth + left + LANES
}

/// The depth of each block: blocks of equal depth, but for the last.
const fn block_depth(depth: usize) -> usize {
    if depth <= DEPTH { depth } else { depth.div_ceil(depth.div_ceil(DEPTH)).next_multiple_of(8) }
}

/// The left factor of a product: read where it stands, or copied a block at a time.
///
/// Row by row, neighbours in the depth are neighbours in memory. Column by column, a copy has the rows of one tile together.
pub(super) trait LeftBlocks<T: Float>: Copy {
    type RowStep: Step;
    type DepthStep: Extent;
    /// Rows `rows` of the depth `depth`, ready for tiles; `room` is null if nothing is to be copied.
    /// # Safety
    /// The factor has those rows and that depth; `room` is null or has `ROWS * (depth + 2 LANES)` numbers.
    unsafe fn block<S: Simd>(
        self,
        simd: S,
        rows: Range<usize>,
        depth: Range<usize>,
        room: *mut T,
    ) -> Left<T, Self::RowStep, Self::DepthStep>;
    /// Whether a copy is worth its while where `rows` rows meet `columns` columns.
    fn is_worth_copying(self, rows: usize, columns: usize) -> bool;
}

impl<T: Float> LeftBlocks<T> for Matrix<'_, T, RowMajor> {
    type RowStep = Far;
    type DepthStep = Const<1>;

    #[inline(always)]
    unsafe fn block<S: Simd>(
        self,
        simd: S,
        rows: Range<usize>,
        depth: Range<usize>,
        room: *mut T,
    ) -> Left<T, Far, Const<1>> {
        let mut pointer = self.pointer().wrapping_add(rows.start * self.row_step() + depth.start);
        let mut row_step = self.row_step();
        if !room.is_null() {
            // One line of the cache more than the depth: rows a power of two apart would fall on the same few places of it.
            let width = depth.len().next_multiple_of(LANES) + LANES;
            let line = width - LANES;
            // SAFETY: the caller's promise.
            unsafe {
                for row in 0..rows.len() {
                    let from = pointer.add(row * row_step);
                    operand::copy(simd, from, 0, 1, depth.len(), line, room.add(row * width));
                }
            }
            (pointer, row_step) = (room, width);
        }
        Left { pointer, row_step: Far(row_step), depth_step: Const, tile_step: tile_rows::<S>() * row_step }
    }

    #[inline(always)]
    fn is_worth_copying(self, rows: usize, columns: usize) -> bool {
        // Against many columns, where rows lie so far apart that many fall on the same few places of the cache.
        rows >= ROWS && columns >= 4 * COPY_LEFT && self.row_step() >= 1024
    }
}

impl<T: Float> LeftBlocks<T> for Matrix<'_, T, ColumnMajor> {
    type RowStep = Const<1>;
    type DepthStep = usize;

    #[inline(always)]
    unsafe fn block<S: Simd>(
        self,
        _: S,
        rows: Range<usize>,
        depth: Range<usize>,
        room: *mut T,
    ) -> Left<T, Const<1>, usize> {
        let tile = tile_rows::<S>();
        let pointer = self.pointer().wrapping_add(rows.start + depth.start * self.column_step());
        if room.is_null() {
            return Left { pointer, row_step: Const, depth_step: self.column_step(), tile_step: tile };
        }
        let deep = depth.len();
        let mut start = 0;
        // SAFETY: the caller's promise; a tile of the copy has `deep * tile` numbers.
        unsafe {
            while start < rows.len() {
                let count = (rows.len() - start).min(tile);
                let target = room.add(start * deep);
                if count == tile {
                    for p in 0..deep {
                        let from = pointer.add(start + p * self.column_step());
                        for r in 0..tile {
                            *target.add(p * tile + r) = *from.add(r);
                        }
                    }
                } else {
                    for p in 0..deep {
                        let from = pointer.add(start + p * self.column_step());
                        for r in 0..count {
                            *target.add(p * tile + r) = *from.add(r);
                        }
                    }
                }
                start += tile;
            }
        }
        Left { pointer: room, row_step: Const, depth_step: tile, tile_step: tile * deep }
    }

    #[inline(always)]
    fn is_worth_copying(self, _rows: usize, columns: usize) -> bool {
        columns >= COPY_LEFT
    }
}

/// product = left * right, or its transpose where `TRANSPOSED`: then `rows` counts its columns.
/// # Safety
/// `left`, `panels`, `target` and its epilogue hold `rows`, `columns`, `depth`; the workspace has
/// `workspace(columns, depth)` numbers.
#[inline(always)]
pub(super) unsafe fn blocked<S, T, A, P, E, const TRANSPOSED: bool>(
    simd: S,
    (rows, columns, depth): (usize, usize, usize),
    left: A,
    panels: P,
    target: Target<T, E>,
    workspace: &mut [T],
) where
    S: Simd,
    T: Float,
    A: LeftBlocks<T>,
    P: Panels<T>,
    E: Epilogue<S, T>,
{
    let lanes = VectorOf::<S, T>::LANES;
    let block = block_depth(depth);
    // Panels start at lines of the cache.
    let room = workspace.as_mut_ptr();
    let room = room.wrapping_add(room.align_offset(LANES * size_of::<T>()).min(LANES));
    let copied = left.is_worth_copying(rows, columns);
    let left_room = room.wrapping_add(PANEL * lanes * block);
    let mut first_row = 0;
    while first_row < rows {
        let row_end = (first_row + ROWS).min(rows);
        let mut first_depth = 0;
        loop {
            let depth_end = (first_depth + block).min(depth);
            let deep = depth_end - first_depth;
            let target = Target {
                accumulate: if first_depth == 0 { target.accumulate } else { Accumulate::Add },
                finished: depth_end == depth,
                ..target
            };
            let left_room = if copied { left_room } else { ptr::null_mut() };
            // SAFETY: the caller's promise; the copy stands behind the panel in the workspace.
            let left = unsafe { left.block(simd, first_row..row_end, first_depth..depth_end, left_room) };
            let mut column = 0;
            while column < columns {
                let width = panel_width(columns - column, lanes);
                let end = (column + width).min(columns);
                // SAFETY: the caller's promise; the workspace has room for the widest panel.
                unsafe { panels.fill(simd, first_depth..depth_end, column..end, width, room) };
                let right = Right { pointer: room.cast_const(), depth_step: width, last: lanes };
                let place =
                    Place { row: first_row, rows: row_end - first_row, column, columns: end - column };
                // The next panel is asked for in as many shares as there are tiles.
                let next = end..(end + panel_width(columns - end, lanes)).min(columns);
                let parts = (row_end - first_row).div_ceil(tile_rows::<S>());
                let ahead = |done: usize| {
                    if !next.is_empty() {
                        let part = done / tile_rows::<S>();
                        panels.prefetch(first_depth..depth_end, next.clone(), part, parts);
                    }
                };
                macro_rules! tiles {
                    ($vectors:literal) => {
                        tiles::<S, T, _, _, _, E, TRANSPOSED, $vectors>(
                            simd, deep, left, right, place, target, &ahead,
                        )
                    };
                }
                // SAFETY: the caller's promise, and the panel filled above.
                unsafe {
                    match width / lanes {
                        1 => tiles!(1),
                        2 => tiles!(2),
                        _ => tiles!(3),
                    }
                }
                column = end;
            }
            first_depth = depth_end;
            if target.finished {
                break;
            }
        }
        first_row = row_end;
    }
}

/// The width of the next panel, where `left` columns are left: 3 vectors, or 2 where 4 or 2 are left, or 1.
#[inline(always)]
fn panel_width(left: usize, lanes: usize) -> usize {
    let vectors = left.div_ceil(lanes);
    lanes * if vectors == 4 { 2 } else { vectors.min(PANEL) }
}
