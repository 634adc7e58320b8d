//! Large products: a panel of the right factor is copied, stays in the cache, and all rows of the left one pass by it.
//!
//! ```text
//! for each block of rows
//!     for each block of the depth
//!         copy the left factor's block, where it is scattered in memory
//!         for each panel (columns of the product)
//!             copy the panel, unless it can as well be read where it is
//!             for each tile of rows: sums += left * panel, in registers
//! ```
//! The blocks of the depth depend on the depth alone, so that a product that is split by rows or columns has the same bits.
//!
//! Copying panels once for several blocks of rows was tried: it saves copies and loses more, as a panel that was copied long
//! ago is no longer near.

use core::marker::PhantomData;
use core::ops::Range;
use core::ptr;

use super::operand::{Fill, Soon, Strided};
use super::strip::{Place, Rows, Strip};
use super::target::Target;
use super::tile::{tile_rows, tile_vectors};
use crate::element::Float;
use crate::kernel::Accumulate;
use crate::simd::{Simd, Vector, VectorOf};

/// Vectors in the width of a panel, at most.
const PANEL: usize = 3;
/// Numbers in the depth of a panel, at most: one block does for a picture of 28 by 28. Each further block reads and writes the
/// product once more.
const DEPTH: usize = 800;
/// The same, where the left factor lies column by column: as in a weight gradient, whose depth is the batch, which isn't known
/// when memory is asked for.
const DEPTH_OF_COLUMNS: usize = 128;
/// Rows that pass by each panel, at most: a multiple of every tile.
const ROWS: usize = 512;
/// The same where the depth is more than so much: so that they stay in the second level of the cache meanwhile.
const DEEP: usize = 512;
const ROWS_OF_DEEP: usize = 256;
/// Columns from which on it may pay to copy the left factor, which is read once for each panel.
const COPY_LEFT: usize = 97;
/// Depth from which on rows lie so far apart that many fall on the same few places of the cache.
const FAR: usize = 1024;
/// The most lanes that a vector has, in any instruction set; as many numbers fill a line of the cache.
const LANES: usize = 16;
/// Rows of the product for which it doesn't pay to copy a panel.
const FEW: usize = 16;
/// The same where the right factor is in the first level of the cache as it is, and up to how many bytes it is.
const NEAR: usize = 64;
const NEAR_BYTES: usize = 1 << 15;
/// Rows of A for which Cᵀ = B Aᵀ may be computed instead of C = A Bᵀ: the factor with fewer rows is the cheaper one to copy.
pub(super) const SWAPPED: usize = 96;

const fn smaller(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// Numbers of workspace that a product needs whose left factor lies row by row, or column by column; for a size that isn't
/// known, its upper bound is given.
pub(super) const fn workspace((rows, columns, depth): (usize, usize, usize), by_columns: bool) -> usize {
    let deepest = if by_columns { DEPTH_OF_COLUMNS } else { DEPTH };
    let deep = smaller(depth, deepest);
    let copied = columns >= COPY_LEFT && (by_columns || depth >= FAR);
    let left = match (copied, deep > DEEP) {
        (false, _) => 0,
        (true, false) => copied_left(rows, deep),
        // The blocks of such a depth may be of any depth up to that.
        (true, true) => super::larger(copied_left(rows, DEEP), copied_left(rows, deep)),
    };
    if columns <= PANEL * LANES && columns.is_multiple_of(LANES) && by_columns {
        // Its panels are read where they are.
        return left;
    }
    smaller(columns.next_multiple_of(LANES), PANEL * LANES) * deep + left + LANES
}

/// Numbers of a copy of the left factor's block.
const fn copied_left(rows: usize, deep: usize) -> usize {
    smaller(rows.saturating_add(LANES), most_rows(deep)) * (deep + 2 * LANES)
}

/// Rows of a block of that depth, at most.
const fn most_rows(deep: usize) -> usize {
    if deep > DEEP { ROWS_OF_DEEP } else { ROWS }
}

/// The depth of each block: blocks of equal depth, but for the last.
const fn block_depth(depth: usize, most: usize) -> usize {
    if depth <= most { depth } else { depth.div_ceil(depth.div_ceil(most)).next_multiple_of(8) }
}

/// product = left * right, or its transpose where `transposed`: then `rows` counts its columns.
/// # Safety
/// `left`, `right`, `target` and its bias hold `rows`, `columns`, `depth`; the workspace has as many numbers as
/// [`workspace`] says.
#[inline(always)]
pub(super) unsafe fn blocked<S: Simd, T: Float>(
    simd: S,
    (rows, columns, depth): (usize, usize, usize),
    left: Strided<'_, T>,
    right: Strided<'_, T>,
    target: Target<T>,
    transposed: bool,
    workspace: *mut T,
) {
    let lanes = VectorOf::<S, T>::LANES;
    let block = block_depth(depth, if left.row_major { DEPTH } else { DEPTH_OF_COLUMNS });
    // Panels start at lines of the cache.
    let room = workspace.wrapping_add(workspace.align_offset(LANES * size_of::<T>()).min(LANES));
    let near = rows <= NEAR && columns * depth * size_of::<T>() <= NEAR_BYTES;
    let few = rows <= FEW || columns <= PANEL * LANES || near;
    let left_room = if is_worth_copying(left, rows, columns, depth) {
        room.wrapping_add((PANEL * lanes).min(columns.next_multiple_of(lanes)) * block)
    } else {
        ptr::null_mut()
    };
    let mut first_row = 0;
    while first_row < rows {
        let row_end = (first_row + most_rows(block)).min(rows);
        let mut first_depth = 0;
        loop {
            let depth_end = (first_depth + block).min(depth);
            let last = depth_end == depth;
            let target = Target {
                accumulate: if first_depth == 0 { target.accumulate } else { Accumulate::Add },
                bias: if last { target.bias } else { ptr::null() },
                ..target
            };
            let range = first_depth..depth_end;
            // SAFETY: the caller's promise; the copy stands behind the panel in the workspace.
            let left = unsafe { rows_of(simd, left, first_row..row_end, range.clone(), left_room) };
            let mut column = 0;
            while column < columns {
                let width = panel_width::<S>(columns - column, lanes);
                let end = (column + width).min(columns);
                let whole = end - column == width;
                let (panel, panel_step) = match right.in_place() {
                    Some((pointer, leading)) if few && whole => {
                        (pointer.wrapping_add(first_depth * leading + column), leading)
                    }
                    _ => {
                        // SAFETY: the caller's promise; the workspace has room for the widest panel.
                        unsafe { right.fill(simd, range.clone(), column..end, width, room) };
                        (room.cast_const(), width)
                    }
                };
                let next = end..(end + panel_width::<S>(columns - end, lanes)).min(columns);
                Strip {
                    depth: range.len(),
                    left,
                    right: panel,
                    right_step: panel_step,
                    vectors: width / lanes,
                    place: Place { row: first_row, rows: row_end - first_row, column, columns: end - column },
                    target,
                    transposed,
                    asks: rows * columns * size_of::<T>() > NEAR_BYTES,
                    soon: if next.is_empty() { Soon::NOTHING } else { right.soon(range.clone(), next) },
                    borrow: PhantomData,
                }
                .call(simd);
                column = end;
            }
            first_depth = depth_end;
            if last {
                break;
            }
        }
        first_row = row_end;
    }
}

/// Whether the left factor is to be copied.
#[inline(always)]
fn is_worth_copying<T: Float>(left: Strided<'_, T>, rows: usize, columns: usize, depth: usize) -> bool {
    if left.row_major {
        // Against many columns, where rows lie far apart.
        rows >= ROWS && columns >= 4 * COPY_LEFT && depth >= FAR
    } else {
        columns >= COPY_LEFT
    }
}

/// Rows `rows` of the depth `depth`, ready for tiles; copied if `room` isn't null.
///
/// Row by row, neighbours in the depth are neighbours in memory. Column by column, a copy has the rows of one tile together.
/// # Safety
/// The factor has those rows and that depth; `room` is null or has `rows * (depth + 2 LANES)` numbers, rows counted in full
/// tiles.
#[inline(always)]
unsafe fn rows_of<S: Simd, T: Float>(
    simd: S,
    left: Strided<'_, T>,
    rows: Range<usize>,
    depth: Range<usize>,
    room: *mut T,
) -> Rows<T> {
    let (tile, deep) = (tile_rows::<S>(), depth.len());
    let pointer = left.place(rows.start, depth.start);
    if room.is_null() {
        let row_step = left.row_step();
        return Rows { pointer, row_step, depth_step: left.column_step(), tile_step: tile * row_step };
    }
    if left.row_major {
        // One line of the cache more than the depth: rows a power of two apart would fall on the same few places of it.
        let width = deep.next_multiple_of(LANES) + LANES;
        for row in 0..rows.len() {
            let row = row + rows.start;
            Fill {
                source: left,
                depth: row..row + 1,
                columns: depth.clone(),
                width: width - LANES,
                panel: room.wrapping_add((row - rows.start) * width),
                borrow: PhantomData,
            }
            .call(simd);
        }
        return Rows { pointer: room, row_step: width, depth_step: 1, tile_step: tile * width };
    }
    let mut start = 0;
    while start < rows.len() {
        let count = (rows.len() - start).min(tile);
        let target = room.wrapping_add(start * deep);
        for p in 0..deep {
            // SAFETY: the caller's promise; a tile of the copy has `deep * tile` numbers.
            unsafe {
                let from = pointer.add(start + p * left.leading);
                if count == tile {
                    for r in 0..tile {
                        *target.add(p * tile + r) = *from.add(r);
                    }
                } else {
                    for r in 0..count {
                        *target.add(p * tile + r) = *from.add(r);
                    }
                }
            }
        }
        start += tile;
    }
    Rows { pointer: room, row_step: 1, depth_step: tile, tile_step: tile * deep }
}

/// The width of the next panel, where `left` columns are left: as many vectors as a tile has, or two 2s instead of 3 and 1.
#[inline(always)]
fn panel_width<S: Simd>(left: usize, lanes: usize) -> usize {
    let (vectors, most) = (left.div_ceil(lanes), tile_vectors::<S>());
    lanes * if vectors == 4 { 2 } else { vectors.min(most) }
}
